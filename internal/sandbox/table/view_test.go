package table_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"conversion/internal/sandbox/table"
)

// world is a table, its view, and what the view must show.
type world struct {
	rows  *table.Table
	view  *table.View
	shown map[string]table.Row
	late  []change // hidden, oldest first
}

type change struct {
	id    string
	after table.Row
}

func newWorld() *world {
	w := &world{rows: table.New(), shown: map[string]table.Row{}}
	w.rows.IndexColumn(0, true)
	w.view = table.NewView(w.rows)
	return w
}

// change stores a random state of a random row, or removes it, seen at once or
// later.
func (w *world) change(dice *rand.Rand) {
	id := fmt.Sprintf("%03d", dice.IntN(40))
	var after table.Row
	before, had := w.rows.Find(id)
	var was table.Row
	if had {
		was = *before
	}
	if dice.IntN(5) == 0 {
		w.rows.Drop(id)
	} else {
		after = table.Row{ID: id, Stamp: dice.Int64N(9), Data: table.Pack([]any{string(rune('a' + dice.IntN(4)))})}
		w.rows.Put(after)
	}
	if w.view.Hides(id) || dice.IntN(2) == 0 {
		w.view.Hide(id, was)
		w.late = append(w.late, change{id, after})
		return
	}
	w.show(id, after)
}

func (w *world) show(id string, after table.Row) {
	delete(w.shown, id)
	if after.ID != "" {
		w.shown[id] = after
	}
}

func (w *world) reveal() {
	if len(w.late) == 0 {
		return
	}
	w.view.Reveal(w.late[0].id, w.late[0].after)
	w.show(w.late[0].id, w.late[0].after)
	w.late = w.late[1:]
}

func (w *world) expect(match func(table.Row) bool, compare func(a, b *table.Row) int) []table.Row {
	var rows []table.Row
	for _, r := range w.shown {
		if match(r) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b table.Row) int { return compare(&a, &b) })
	return rows
}

func states(seq iter.Seq[*table.Row]) []table.Row {
	var rows []table.Row
	for r := range seq {
		rows = append(rows, *r)
	}
	return rows
}

func TestAViewShowsHiddenRowsAsTheyWereInTheOrderOfEachIndex(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		w := newWorld()
		for step := range 200 {
			if w.change(dice); dice.IntN(3) == 0 {
				w.reveal()
			}
			if step == 100 { // an index that the earlier states do not have
				w.rows.IndexColumn(1, false)
				if got := states(w.view.Equal(1, "x")); len(got) != 0 {
					t.Fatalf("rows without a value were found: %v", got)
				}
			}
			w.check(t)
		}
		for len(w.late) > 0 {
			w.reveal()
		}
		w.check(t)
	}
}

func (w *world) check(t *testing.T) {
	t.Helper()
	all := func(table.Row) bool { return true }
	same := func(what string, got iter.Seq[*table.Row], want []table.Row) {
		t.Helper()
		if rows := states(got); !slices.Equal(rows, want) {
			t.Fatalf("%s: %v, want %v", what, rows, want)
		}
	}
	same("by id", w.view.All(), w.expect(all, table.ByID))
	same("by stamp from 4", w.view.ByStamp().From(func(r *table.Row) bool { return r.Stamp >= 4 }),
		w.expect(func(r table.Row) bool { return r.Stamp >= 4 }, table.ByStamp))
	same("with a text", w.view.Equal(0, "B"), w.expect(func(r table.Row) bool { return r.Text(0) == "b" }, table.ByID))
	for id, want := range w.shown {
		if got, ok := w.view.Find(id); !ok || *got != want {
			t.Fatalf("%s: found %v, want %v", id, got, want)
		}
	}
}

func TestAWithdrawnChangeLeavesTheEarlierOnesToBeShown(t *testing.T) {
	t.Parallel()
	rows := table.New()
	view := table.NewView(rows)
	state := func(stamp int64) table.Row { return table.Row{ID: "1", Stamp: stamp} }
	rows.Put(state(1))
	for stamp := int64(2); stamp <= 3; stamp++ {
		view.Hide("1", rows.Put(state(stamp)))
	}
	rows.Put(state(2))
	view.Withdraw("1")
	if got, _ := view.Find("1"); got.Stamp != 1 {
		t.Errorf("after the second change was taken back, state %d is seen", got.Stamp)
	}
	view.Reveal("1", state(2))
	if got, _ := view.Find("1"); got.Stamp != 2 || view.Hides("1") {
		t.Errorf("after the first was revealed, state %d is seen", got.Stamp)
	}
}
