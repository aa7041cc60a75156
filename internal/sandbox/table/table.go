package table

import (
	"iter"
	"slices"
)

// Table holds the rows of one object: by id, in the order of (SystemModstamp,
// id), and by the text of the columns that were asked to be indexed.
type Table struct {
	rows    map[string]*Row
	byID    *Index
	byStamp *Index
	columns map[int]*textIndex
	batch   *batch // nil when none is under way
	marks   []*Mark
}

type textIndex struct {
	index *Index
	fold  bool
}

// New returns an empty table.
func New() *Table {
	return &Table{
		rows:    map[string]*Row{},
		byID:    newIndex(ByID),
		byStamp: newIndex(ByStamp),
		columns: map[int]*textIndex{},
	}
}

// Len counts the rows, deleted ones included.
func (t *Table) Len() int {
	if t.batch != nil {
		return len(t.rows) + len(t.batch.rows)
	}
	return len(t.rows)
}

// Find returns the row of an 18-character id, deleted or not.
func (t *Table) Find(id string) (*Row, bool) {
	r, ok := t.rows[id]
	if !ok && t.batch != nil {
		r, ok = t.batch.rows[id]
	}
	return r, ok
}

// ByID is the index in the order of record ids.
func (t *Table) ByID() *Index { return t.byID }

// ByStamp is the index in the order of (SystemModstamp, id).
func (t *Table) ByStamp() *Index { return t.byStamp }

// IndexColumn starts indexing a text column; rows without a value in it are
// left out. With fold, texts that differ in case only are equal.
func (t *Table) IndexColumn(col int, fold bool) {
	if _, ok := t.columns[col]; ok {
		return
	}
	x := &textIndex{index: newIndex(byText(col, fold)), fold: fold}
	x.index.add(sortedByText(slices.Collect(t.byID.All()), col, fold))
	t.columns[col] = x
}

// Indexed says whether a column is indexed.
func (t *Table) Indexed(col int) bool {
	_, ok := t.columns[col]
	return ok
}

// empty returns a table without rows that has the same indexes.
func (t *Table) empty() *Table {
	same := New()
	for col, x := range t.columns {
		same.IndexColumn(col, x.fold)
	}
	return same
}

// Equal yields the rows whose column holds the text, by id; nil if the column is
// not indexed.
func (t *Table) Equal(col int, text string) iter.Seq[*Row] {
	x, ok := t.columns[col]
	if !ok {
		return nil
	}
	found := x.equal(col, text)
	if t.batch == nil {
		return found
	}
	return func(yield func(*Row) bool) {
		for _, some := range []iter.Seq[*Row]{found, t.batch.equal(col, text, x.fold)} {
			for r := range some {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// equal yields the rows of the index whose column holds the text, by id.
func (x *textIndex) equal(col int, text string) iter.Seq[*Row] {
	compare := CompareFold
	if !x.fold {
		compare = compareExact
	}
	return func(yield func(*Row) bool) {
		reached := func(r *Row) bool { return compare(r.key(col), text) >= 0 }
		for r := range x.index.From(reached) {
			if compare(r.key(col), text) != 0 || !yield(r) {
				return
			}
		}
	}
}

// scan is Equal without an index.
func (t *Table) scan(col int, text string, fold bool) iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		for r := range t.byID.All() {
			if r.holds(col, text, fold) && !yield(r) {
				return
			}
		}
	}
}

// holds says whether a column holds the text.
func (r *Row) holds(col int, text string, fold bool) bool {
	if !r.Has(col) {
		return false
	}
	if fold {
		return CompareFold(r.key(col), text) == 0
	}
	return r.key(col) == text
}

func compareExact(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Put stores a state of a row, new or known. It returns the row's previous
// state, with an empty ID when there was none.
func (t *Table) Put(state Row) (before Row) {
	if t.batch != nil && t.rows[state.ID] == nil {
		return t.batch.put(state)
	}
	r, known := t.rows[state.ID]
	if known {
		before = *r
		t.note(state.ID, before)
		t.change(r, state)
		return before
	}
	t.note(state.ID, Row{})
	r = &state
	t.rows[state.ID] = r
	t.byID.Insert(r)
	t.link(r)
	return before
}

// change puts a row into another state. It touches only the indexes of what
// changes.
func (t *Table) change(r *Row, state Row) {
	moved := r.Stamp != state.Stamp
	if moved {
		t.byStamp.Delete(r)
	}
	var changed []*textIndex
	for col, x := range t.columns {
		was, is := r.Has(col), state.Has(col)
		if was == is && r.key(col) == state.key(col) {
			continue
		}
		if was {
			x.index.Delete(r)
		}
		if is {
			changed = append(changed, x)
		}
	}
	*r = state
	if moved {
		t.byStamp.Insert(r)
	}
	for _, x := range changed {
		x.index.Insert(r)
	}
}

// Drop removes a row for good.
func (t *Table) Drop(id string) {
	r, ok := t.rows[id]
	if !ok {
		if t.batch != nil && t.batch.rows[id] != nil {
			t.batch.drop(t.batch.rows[id])
		}
		return
	}
	t.note(id, *r)
	t.unlink(r)
	t.byID.Delete(r)
	delete(t.rows, id)
}

func (t *Table) link(r *Row) {
	t.byStamp.Insert(r)
	for col, x := range t.columns {
		if r.Has(col) {
			x.index.Insert(r)
		}
	}
}

func (t *Table) unlink(r *Row) {
	t.byStamp.Delete(r)
	for col, x := range t.columns {
		if r.Has(col) {
			x.index.Delete(r)
		}
	}
}

// All yields every row by id.
func (t *Table) All() iter.Seq[*Row] { return t.byID.All() }
