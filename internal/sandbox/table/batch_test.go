package table

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A table filled in batches is the one that is filled row by row.
func TestBatchesLeadToTheSameTable(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	batched, single := New(), New()
	for _, tab := range []*Table{batched, single} {
		tab.IndexColumn(0, true)
		tab.IndexColumn(1, false)
	}
	put := func(state Row) {
		if diff := cmp.Diff(single.Put(state), batched.Put(state)); diff != "" {
			t.Fatalf("state before %s: %s", state.ID, diff)
		}
	}
	for range 4 {
		batched.Begin(1)
		for range 800 {
			id := fmt.Sprintf("%06d", rnd.IntN(1500))
			if rnd.IntN(20) == 0 {
				batched.Drop(id)
				single.Drop(id)
				continue
			}
			state := Row{ID: id, Stamp: int64(rnd.IntN(50)) - 25, Data: Pack([]any{fmt.Sprintf("ÄUser%d@x.test", rnd.IntN(400)), nil})}
			if rnd.IntN(2) == 0 {
				state.Data = state.With(1, fmt.Sprintf("%04d", rnd.IntN(900)))
			}
			put(state)
		}
		checkEqual(t, batched, single)
		batched.End()
		checkEqual(t, batched, single)
		for range 200 {
			put(Row{ID: fmt.Sprintf("%06d", rnd.IntN(1500)), Stamp: int64(rnd.IntN(50)), Data: Pack([]any{"Someone@x.test", "0001"})})
		}
	}
	for _, order := range []func(*Table) *Index{(*Table).ByID, (*Table).ByStamp} {
		if diff := cmp.Diff(states(order(single)), states(order(batched))); diff != "" {
			t.Fatal(diff)
		}
	}
}

func states(x *Index) (rows []Row) {
	for r := range x.All() {
		rows = append(rows, *r)
	}
	return rows
}

func checkEqual(t *testing.T, a, b *Table) {
	t.Helper()
	if a.Len() != b.Len() {
		t.Fatalf("%d rows, want %d", a.Len(), b.Len())
	}
	for col, format := range map[int]string{0: "äuser%d@x.test", 1: "%04d"} {
		for n := range 25 {
			text := fmt.Sprintf(format, n)
			if diff := cmp.Diff(idsOf(b, col, text), idsOf(a, col, text)); diff != "" {
				t.Fatalf("%s: %s", text, diff)
			}
		}
	}
}

func idsOf(t *Table, col int, text string) (ids []string) {
	for r := range t.Equal(col, text) {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return ids
}

func TestAnAbandonedBatchLeavesNothing(t *testing.T) {
	t.Parallel()
	tab := New()
	tab.Put(Row{ID: "1"})
	tab.Begin()
	tab.Put(Row{ID: "2"})
	tab.Put(Row{ID: "1", Stamp: 7})
	if r, ok := tab.Find("2"); !ok || r.ID != "2" || !tab.InBatch("2") || tab.InBatch("1") {
		t.Error("a row of the batch is not found")
	}
	tab.Abandon()
	if _, ok := tab.Find("2"); ok || tab.Len() != 1 {
		t.Error("a row of the abandoned batch is still there")
	}
	if diff := cmp.Diff([]Row{{ID: "1", Stamp: 7}}, states(tab.ByStamp())); diff != "" {
		t.Error(diff)
	}
}

func TestOneValueIsReplacedInPlace(t *testing.T) {
	t.Parallel()
	values := []any{"a", nil, 3.0, nil, true, nil}
	for col := range values {
		for _, v := range []any{"other", nil, false, int64(-5), 0.5} {
			was := Row{Data: Pack(values)}
			want := slices.Clone(values)
			want[col] = v
			is := Row{Data: was.With(col, v)}
			if is.Data != Pack(want) {
				t.Errorf("column %d set to %v: %v", col, v, is.Values(len(values)))
			}
		}
	}
}

func TestAWalkMeetsEveryValueOnce(t *testing.T) {
	t.Parallel()
	r := Row{Data: Pack([]any{"Jo", nil, true, false, 12.5, 3e5, int64(-7)})}
	var got []Value
	var v Value
	for w := r.Walk(); w.Next(&v); v = (Value{}) {
		got = append(got, v)
	}
	want := []Value{
		{Column: 0, Kind: Text, Text: "Jo"}, {Column: 2, Kind: True}, {Column: 4, Kind: Float, Float: 12.5},
		{Column: 5, Kind: Float, Float: 3e5}, {Column: 6, Kind: Integer, Integer: -7},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
