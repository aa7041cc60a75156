package table

import "iter"

// View is a table as its readers see it while changes of it are not to be seen
// yet: a hidden row shows as it was before, or not at all if it was not there.
// Writers use the table itself, which always has the latest state.
//
// While nothing is hidden a view is the table: no lookup and no iteration costs
// more than the table's own. Otherwise the earlier states are a table of their
// own, with the same indexes, and both are read as one in the order of an index.
type View struct {
	rows   *Table
	past   *Table         // earlier states of the hidden rows that had one
	hidden map[string]int // by id, how many changes are still to be shown
}

// NewView returns the view of a table in which nothing is hidden.
func NewView(rows *Table) *View { return &View{rows: rows} }

// Hide keeps a row from being seen in the state it was just put in: readers see
// before, or nothing if before has no ID. It may be called again for a later
// change of the same row, and needs one Reveal for each call.
func (v *View) Hide(id string, before Row) {
	if v.hidden == nil {
		v.hidden, v.past = map[string]int{}, v.rows.empty()
	}
	v.hidden[id]++
	if v.hidden[id] == 1 && before.ID != "" {
		v.past.Put(before)
	}
}

// Reveal shows the oldest hidden change of a row, which led to the state after;
// an empty ID says that the change removed the row.
func (v *View) Reveal(id string, after Row) {
	if v.hidden[id]--; v.hidden[id] > 0 {
		v.past.Drop(id)
		if after.ID != "" {
			v.past.Put(after)
		}
		return
	}
	v.show(id)
}

// Withdraw ends the hiding of the newest change of a row, which was taken back in
// the table: readers go on seeing what they saw.
func (v *View) Withdraw(id string) {
	if v.hidden[id]--; v.hidden[id] == 0 {
		v.show(id)
	}
}

// Bare lets readers see a row as the table has it until hide is called; nothing of
// the row may be hidden, revealed or withdrawn meanwhile.
func (v *View) Bare(id string) (hide func()) {
	changes := v.hidden[id]
	if changes == 0 {
		return func() {}
	}
	var before Row
	if earlier, ok := v.past.Find(id); ok {
		before = *earlier
	}
	v.show(id)
	return func() {
		v.Hide(id, before)
		v.hidden[id] = changes
	}
}

// show lets readers see a row as the table has it.
func (v *View) show(id string) {
	v.past.Drop(id)
	delete(v.hidden, id)
	if len(v.hidden) == 0 {
		v.hidden, v.past = nil, nil
	}
}

// Hides says whether a row has a state that readers do not see.
func (v *View) Hides(id string) bool { return v.hidden[id] > 0 }

// Find returns the row of an 18-character id, deleted or not.
func (v *View) Find(id string) (*Row, bool) {
	if v.Hides(id) {
		return v.past.Find(id)
	}
	return v.rows.Find(id)
}

// ByID is the rows in the order of record ids.
func (v *View) ByID() Sequence { return Sequence{v, (*Table).ByID} }

// ByStamp is the rows in the order of (SystemModstamp, id).
func (v *View) ByStamp() Sequence { return Sequence{v, (*Table).ByStamp} }

// Indexed says whether a column is indexed.
func (v *View) Indexed(col int) bool { return v.rows.Indexed(col) }

// Equal yields the rows whose indexed column holds the text, by id.
func (v *View) Equal(col int, text string) iter.Seq[*Row] {
	if v.hidden == nil {
		return v.rows.Equal(col, text)
	}
	past := v.past.Equal(col, text)
	if past == nil { // indexed only since the first row was hidden
		past = v.past.scan(col, text, v.rows.columns[col].fold)
	}
	return v.merge(v.rows.Equal(col, text), past, ByID)
}

// merge yields the rows that are not hidden and the earlier states of those that
// are, both in the order of compare.
func (v *View) merge(present, past iter.Seq[*Row], compare func(a, b *Row) int) iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		next, stop := iter.Pull(past)
		defer stop()
		old, more := next()
		for r := range present {
			if v.Hides(r.ID) {
				continue
			}
			for ; more && compare(old, r) < 0; old, more = next() {
				if !yield(old) {
					return
				}
			}
			if !yield(r) {
				return
			}
		}
		for ; more; old, more = next() {
			if !yield(old) {
				return
			}
		}
	}
}

// Sequence is the rows of a view in the order of one of its table's indexes.
type Sequence struct {
	view  *View
	index func(*Table) *Index
}

// From yields rows in order, starting with the first for which reached is true:
// false for a prefix of the order and true for the rest.
func (s Sequence) From(reached func(*Row) bool) iter.Seq[*Row] {
	index := s.index(s.view.rows)
	if s.view.hidden == nil {
		return index.From(reached)
	}
	return s.view.merge(index.From(reached), s.index(s.view.past).From(reached), index.compare)
}

// All yields every row in order.
func (s Sequence) All() iter.Seq[*Row] { return s.From(func(*Row) bool { return true }) }

// All yields every row by id.
func (v *View) All() iter.Seq[*Row] { return v.ByID().All() }
