package table

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
)

func contents(t *Table) map[string]Row {
	rows := map[string]Row{}
	for r := range t.All() {
		rows[r.ID] = *r
	}
	return rows
}

func TestATableGoesBackToAnyOfItsMarks(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(3, 4))
	tab := New()
	tab.IndexColumn(0, true)
	change := func() {
		id := fmt.Sprint(dice.IntN(60))
		switch dice.IntN(10) {
		case 0, 1:
			tab.Drop(id)
		case 2:
			tab.Begin()
			tab.Put(Row{ID: id + "x", Stamp: dice.Int64N(9)})
			tab.End()
		default:
			tab.Put(Row{ID: id, Stamp: dice.Int64N(9), Data: Pack([]any{fmt.Sprint(dice.IntN(5))})})
		}
	}
	type state struct {
		mark *Mark
		rows map[string]Row
	}
	var states []state
	for step := range 3000 {
		change()
		switch {
		case step%100 == 0 && len(states) < 5:
			states = append(states, state{tab.Mark(), contents(tab)})
		case step%70 == 0 && len(states) > 0:
			to := states[dice.IntN(len(states))]
			tab.Restore(to.mark)
			if got := contents(tab); !maps.Equal(got, to.rows) {
				t.Fatalf("step %d: the table is not as it was", step)
			}
			stamped, texts := 0, 0
			for range tab.ByStamp().All() {
				stamped++
			}
			for i := range 5 {
				for range tab.Equal(0, fmt.Sprint(i)) {
					texts++
				}
			}
			if stamped != len(to.rows) || texts > stamped {
				t.Fatalf("step %d: the indexes hold %d and %d rows of %d", step, stamped, texts, len(to.rows))
			}
		case step%900 == 0 && len(states) > 1:
			tab.Forget(states[0].mark)
			states = states[1:]
		}
	}
}
