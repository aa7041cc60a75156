package prove_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"conversion"
)

// order is in what pages, and how mixed, the same readings reach the engine.
type order struct {
	page  int  // records a page; 0: all in one
	mixed bool // the newest first, each twice and with older readings between
}

var orders = []order{{0, true}, {1, false}, {1, true}, {2, true}, {3, false}, {3, true}}

// TestOneResult holds that the same history in Salesforce gives the same contacts, links and
// values whatever way its readings come (spec 3.7): records in any order, repeats and stale
// ones anywhere.
func TestOneResult(t *testing.T) {
	t.Parallel()
	there := everything.without(createContact, createCompany, edit, editKey, editQuietly, drop, restore, setRule, push, crashCycle, crashPush, loseAnswer, mixPages, meanwhile)
	place, histories := newPlace(), there.draw(t.Name())
	rapid.Check(t, func(t *rapid.T) {
		h, o := histories.Draw(t, "history"), rapid.SampledFrom(orders).Draw(t, "order")
		if differ(place, h, o) != "" {
			if *shorten {
				h = h.shortened(func(h history) bool { return differ(place, h, o) != "" })
			}
			t.Fatalf("history{%s}\n%s", h, differ(place, h, o))
		}
	})
}

// differ lives the history in two orders and says what came out differently; "" is good.
func differ(p *place, h history, o order) string {
	want, err := resultOf(p, h, order{})
	if err != nil {
		return err.Error()
	}
	got, err := resultOf(p, h, o)
	if err != nil {
		return fmt.Sprintf("%+v: %v", o, err)
	}
	if got != want {
		return fmt.Sprintf("%+v:\n%s\nin order:\n%s", o, got, want)
	}
	return ""
}

func resultOf(p *place, h history, o order) (string, error) {
	w := newWorld(p)
	w.wire.page, w.wire.mixed = o.page, o.mixed
	if err := w.live(h); err != nil {
		return "", err
	}
	return w.result(), nil
}

// result is who is who and what everybody shows, without the ids that Conversion gave.
func (w *world) result() string {
	var lines []string
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		for _, e := range w.entities(kind, true) {
			line := fmt.Sprintf("%s %q:", kind, e.Key)
			for _, l := range w.model.group(e).Links {
				line += fmt.Sprintf(" %s %s,", l.State, l.Ref)
			}
			for _, r := range e.Values {
				line += fmt.Sprintf(" %s=%#v by %s,", w.model.byID(kind, r.Var).Key, r.Value, r.From)
			}
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestHistoriesThatOnceCameOutDifferently(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]history{
		"a contact goes with its last record once everybody is in, not with the page": {
			{newContact, 0, 0, 0}, {newLead, 1, 0, 0}, {cycle, 0, 0, 0}, {setOption, 0, 2, 0}, {wait, 1, 0, 0}, {remove, 1, 0, 0}, {newContact, 0, 0, 0}, {editEmail, 0, 0, 0},
		},
	} {
		for _, o := range orders {
			if said := differ(newPlace(), h, o); said != "" {
				t.Errorf("%s: %s", name, said)
			}
		}
	}
}
