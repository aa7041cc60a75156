package table

import "iter"

// Table holds the rows of one object: by id, in the order of (SystemModstamp,
// id), and by the text of the columns that were asked to be indexed.
type Table struct {
	rows    map[string]*Row
	byID    *Index
	byStamp *Index
	columns map[int]*textIndex
}

type textIndex struct {
	index *Index
	fold  bool
}

// New returns an empty table.
func New() *Table {
	return &Table{
		rows:    map[string]*Row{},
		byID:    NewIndex(ByID),
		byStamp: NewIndex(ByStamp),
		columns: map[int]*textIndex{},
	}
}

// Len counts the rows, deleted ones included.
func (t *Table) Len() int { return len(t.rows) }

// Find returns the row of an 18-character id, deleted or not.
func (t *Table) Find(id string) (*Row, bool) {
	r, ok := t.rows[id]
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
	x := &textIndex{index: NewIndex(ByText(col, fold)), fold: fold}
	for r := range t.byID.All() {
		if r.Get(col) != nil {
			x.index.Insert(r)
		}
	}
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
	compare := compareExact
	if fold {
		compare = CompareFold
	}
	return func(yield func(*Row) bool) {
		for r := range t.byID.All() {
			if r.Get(col) != nil && compare(r.key(col), text) == 0 && !yield(r) {
				return
			}
		}
	}
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
	r, known := t.rows[state.ID]
	if known {
		before = *r
		t.unlink(r)
		*r = state
	} else {
		r = &state
		t.rows[state.ID] = r
		t.byID.Insert(r)
	}
	t.link(r)
	return before
}

// Drop removes a row for good.
func (t *Table) Drop(id string) {
	r, ok := t.rows[id]
	if !ok {
		return
	}
	t.unlink(r)
	t.byID.Delete(r)
	delete(t.rows, id)
}

func (t *Table) link(r *Row) {
	t.byStamp.Insert(r)
	for col, x := range t.columns {
		if r.Get(col) != nil {
			x.index.Insert(r)
		}
	}
}

func (t *Table) unlink(r *Row) {
	t.byStamp.Delete(r)
	for col, x := range t.columns {
		if r.Get(col) != nil {
			x.index.Delete(r)
		}
	}
}

// All yields every row by id.
func (t *Table) All() iter.Seq[*Row] { return t.byID.All() }
