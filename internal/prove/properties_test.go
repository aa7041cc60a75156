package prove_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// shorten says whether a history that fails is shortened before it is printed: not when only
// that it fails matters.
var shorten = flag.Bool("shorten", true, "shorten a history that fails")

// TestMain chooses how many histories each property is held to: a few hundred, always the
// same, or as many and from the seed that -rapid.checks and -rapid.seed say. A seed of 0 is
// a new one, which is printed: by it the histories come again.
func TestMain(m *testing.M) {
	flag.Parse()
	given := make(map[string]bool)
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if !given["rapid.checks"] {
		_ = flag.Set("rapid.checks", "300")
	}
	if !given["rapid.seed"] {
		_ = flag.Set("rapid.seed", "1")
	}
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		_ = flag.Set("rapid.seed", fmt.Sprint(rand.Uint64N(1<<53)+1))
	}
	if !given["rapid.shrinktime"] {
		_ = flag.Set("rapid.shrinktime", "0s") // histories are shortened here
	}
	if !given["rapid.nofailfile"] {
		_ = flag.Set("rapid.nofailfile", "true") // the history is printed whole
	}
	debug.SetGCPercent(400) // what a history leaves is small
	fmt.Println("histories: -rapid.checks", flag.Lookup("rapid.checks").Value, "-rapid.seed", flag.Lookup("rapid.seed").Value)
	os.Exit(m.Run())
}

// judge says what is wrong with a world at rest.
type judge func(m *model, t testing.TB)

// hold draws histories of the mixture and judges each, after the first steps
// that all have, once it is at rest.
func hold(t *testing.T, m mixture, first history, judges ...judge) {
	t.Helper()
	t.Parallel()
	place, histories := newPlace(), m.draw(t.Name())
	rapid.Check(t, func(t *rapid.T) {
		h := histories.Draw(t, "history")
		try := func(h history) string { return place.try(append(first[:len(first):len(first)], h...), judges) }
		if try(h) != "" {
			if *shorten {
				h = h.shortened(func(h history) bool { return try(h) != "" })
			}
			t.Fatalf("history{%s}\n%s", h, try(h))
		}
	})
}

// try carries a history out in a new world and returns what the judge says; "" is good.
func (p *place) try(h history, judges []judge) string {
	w := newWorld(p)
	if err := w.live(h); err != nil {
		return err.Error()
	}
	failed := &failures{}
	for _, judges := range judges {
		judges(w.model, failed)
	}
	return strings.Join(failed.said, "\n")
}

// shortened leaves out of a failing history what it fails without, and makes small what it
// fails with.
func (h history) shortened(fails func(history) bool) history {
	for smaller := true; smaller; {
		smaller = false
		for i := 0; i < len(h); i++ {
			if less := slices.Delete(slices.Clone(h), i, i+1); fails(less) {
				h, smaller = less, true
				i--
			}
		}
		for i := range h {
			for _, n := range []*int{&h[i].a, &h[i].b, &h[i].c} {
				for was := *n; *n > 0; was = *n {
					if *n /= 2; !fails(h) {
						if *n = was - 1; !fails(h) {
							*n = was
							break
						}
					}
					smaller = true
				}
			}
		}
	}
	return h
}

// live carries a history out and lets the world come to rest.
func (w *world) live(h history) error {
	for i, s := range h {
		if err := w.do(s); err != nil {
			return fmt.Errorf("step %d, %s: %w", i, s, err)
		}
	}
	if err := w.rest(); err != nil {
		return err
	}
	w.model.decideAll()
	return nil
}

// failures collect what a judge says.
type failures struct {
	testing.TB
	said []string
}

func (f *failures) Helper() {}

func (f *failures) Errorf(format string, args ...any) {
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

// rulesOn lets everything through: a history that begins with it writes a lot.
var rulesOn = history{{setRule, 0, 1, 0}, {setRule, 1, 3, 0}, {setRule, 2, 1, 0}, {setRule, 3, 1, 0}, {setRule, 4, 1, 0}, {setRule, 5, 1, 0}}

func TestEveryValueIsTheNewestClaimThatCounts(t *testing.T) {
	hold(t, everything, nil, (*model).honest)
}

func TestAtRestTheTwoSidesAgree(t *testing.T) {
	hold(t, everything, rulesOn, (*model).honest, (*model).agreement)
}

func TestOneSidedEditsStand(t *testing.T) {
	t.Run("in Salesforce", func(t *testing.T) {
		hold(t, everything.without(createContact, createCompany, edit, editKey, editQuietly, drop, restore, meanwhile), rulesOn, (*model).honest, (*model).nobodyWrote)
	})
	edits := mixture{edit: 8, wait: 3, cycle: 4, push: 4, crashCycle: 2, crashPush: 3, loseAnswer: 3}
	t.Run("in Conversion, of what came from Salesforce", func(t *testing.T) {
		hold(t, edits.with(mixture{newLead: 2, newContact: 2, newAccount: 1}), rulesOn, (*model).honest, (*model).ownEditsStand)
	})
	t.Run("in Conversion, of what was born there", func(t *testing.T) {
		hold(t, edits.with(mixture{createContact: 3, createCompany: 2}), rulesOn, (*model).honest, (*model).ownEditsStand)
	})
}

func TestNothingIsLostUnrecorded(t *testing.T) {
	hold(t, everything, rulesOn, (*model).losses)
}

func TestAtRestNothingIsDone(t *testing.T) {
	hold(t, everything, rulesOn, (*model).nothingAtRest)
}

func TestWhatIsBornHereIsCreatedOnce(t *testing.T) {
	t.Run("whatever happens", func(t *testing.T) {
		hold(t, everything, rulesOn, (*model).createdOnce)
	})
	t.Run("one record each, by rules that stay on", func(t *testing.T) {
		born := everything.without(setRule, newAccount).with(mixture{createContact: 4, createCompany: 2, crashPush: 4, loseAnswer: 4})
		hold(t, born, rulesOn, (*model).createdOnce, (*model).bornIsThere)
	})
}

func TestOneEmailIsOneContact(t *testing.T) {
	hold(t, everything, rulesOn, (*model).oneContactAnEmail, (*model).everybodyIsLinked)
}

func TestRulesThatAreOffWriteNothing(t *testing.T) {
	hold(t, everything.without(setRule), nil, (*model).nobodyWrote)
}

func TestOptOutsNeverVanish(t *testing.T) {
	hold(t, everything, append(history{{stubborn, 0, 0, 0}}, rulesOn...), (*model).optOutsStay)
}
