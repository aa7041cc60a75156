package table

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPackedValuesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	values := []any{"Jo", nil, true, false, 12.5, 300000.0, int64(-7), "", "ä✓", -0.25}
	r := Row{Data: Pack(values)}
	if diff := cmp.Diff(values, r.Values(len(values))); diff != "" {
		t.Error(diff)
	}
	for col, want := range values {
		if got := r.Get(col); got != want {
			t.Errorf("column %d is %v, want %v", col, got, want)
		}
	}
	if got := r.Get(99); got != nil {
		t.Errorf("a column never written holds %v", got)
	}
}

func TestIndexesFollowRandomWrites(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	tab := New()
	tab.IndexColumn(0, true)
	model := map[string]Row{}
	for range 20000 {
		id := fmt.Sprintf("%06d", rnd.IntN(3000))
		if rnd.IntN(10) == 0 {
			tab.Drop(id)
			delete(model, id)
			continue
		}
		row := Row{ID: id, Stamp: int64(rnd.IntN(50)), Data: Pack([]any{fmt.Sprintf("User%d@x.test", rnd.IntN(400))})}
		tab.Put(row)
		model[id] = row
	}
	checkOrder(t, tab, model)
	if err := tab.Check(); err != nil {
		t.Error(err)
	}
	for k := range 400 {
		mail := fmt.Sprintf("uSER%d@X.test", k)
		got := 0
		for range tab.Equal(0, mail) {
			got++
		}
		want := 0
		for _, r := range model {
			if CompareFold(r.Text(0), mail) == 0 {
				want++
			}
		}
		if got != want {
			t.Fatalf("%s: %d rows by index, %d in truth", mail, got, want)
		}
	}
}

func checkOrder(t *testing.T, tab *Table, model map[string]Row) {
	t.Helper()
	if tab.Len() != len(model) {
		t.Fatalf("%d rows, want %d", tab.Len(), len(model))
	}
	var want []Row
	for _, r := range model {
		want = append(want, r)
	}
	slices.SortFunc(want, func(a, b Row) int { return ByStamp(&a, &b) })
	var got []Row
	for r := range tab.ByStamp().All() {
		got = append(got, *r)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal("order by stamp:", diff)
	}
}

func TestPutReturnsTheStateBefore(t *testing.T) {
	t.Parallel()
	tab := New()
	first := Row{ID: "1", Stamp: 5, Data: Pack([]any{"a"})}
	if before := tab.Put(first); before.ID != "" {
		t.Errorf("a new row had a state before: %+v", before)
	}
	if before := tab.Put(Row{ID: "1", Stamp: 6}); before != first {
		t.Errorf("state before is %+v, want %+v", before, first)
	}
}

func TestFoldedTextsCompareLikeTheirLowerCaseForms(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"Ada", "aDA"}, {"Ärger", "äRGER"}, {"abÄ", "ABä"}} {
		if CompareFold(pair[0], pair[1]) != 0 {
			t.Errorf("%q and %q should be equal", pair[0], pair[1])
		}
	}
	if CompareFold("ab", "B") >= 0 || CompareFold("a", "ab") >= 0 {
		t.Error("ab < B and a < ab in any case")
	}
}

func TestCheckFindsWhatAnIndexLacksOrHasTooMuch(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(*Table){
		"lacks a row":            func(tab *Table) { tab.columns[0].index.Delete(tab.rows["1"]) },
		"has a row of no table":  func(tab *Table) { tab.columns[0].index.Insert(&Row{ID: "9", Data: Pack([]any{"x"})}) },
		"is in the wrong order":  func(tab *Table) { tab.rows["1"].Stamp = 9 },
		"has a row without text": func(tab *Table) { tab.rows["1"].Data = "" },
	} {
		tab := New()
		tab.IndexColumn(0, true)
		for _, id := range []string{"1", "2"} {
			tab.Put(Row{ID: id, Stamp: 5, Data: Pack([]any{"text " + id})})
		}
		if err := tab.Check(); err != nil {
			t.Error("a good table: ", err)
		}
		if spoil(tab); tab.Check() == nil {
			t.Error("nothing is said of an index that " + what)
		}
	}
}
