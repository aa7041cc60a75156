package table

// Mark is a state of a table to which it can be taken back. Setting one costs
// nothing; from then on the first change of each row is remembered, and going
// back costs as much as was changed.
type Mark struct {
	before map[string]Row // by id; without an ID if the row was not there
}

// Mark remembers the present state until it is forgotten.
func (t *Table) Mark() *Mark {
	m := &Mark{before: map[string]Row{}}
	t.marks = append(t.marks, m)
	return m
}

// Restore takes the table back to a mark of its own, which stays set, as do the
// others: those set later too.
func (t *Table) Restore(m *Mark) {
	before := m.before
	m.before = nil // nothing to remember on the way
	for id, row := range before {
		if row.ID == "" {
			t.Drop(id)
		} else {
			t.Put(row)
		}
	}
	m.before = map[string]Row{}
}

// Forget removes a mark.
func (t *Table) Forget(m *Mark) {
	for i := range t.marks {
		if t.marks[i] == m {
			t.marks = append(t.marks[:i:i], t.marks[i+1:]...)
			return
		}
	}
}

// note remembers for each mark what a row was before its first change.
func (t *Table) note(id string, before Row) {
	for _, m := range t.marks {
		if _, known := m.before[id]; !known && m.before != nil {
			m.before[id] = before
		}
	}
}

// Hidden is what a view hides, to be shown and hidden so again.
type Hidden struct {
	past   []Row
	hidden map[string]int
}

// Hidden returns what the view hides now.
func (v *View) Hidden() Hidden {
	h := Hidden{hidden: map[string]int{}}
	for id, n := range v.hidden {
		h.hidden[id] = n
		if row, ok := v.past.Find(id); ok {
			h.past = append(h.past, *row)
		}
	}
	return h
}

// Restore makes the view hide what it hid when h was taken. The table has to be
// in the state that it had then.
func (v *View) Restore(h Hidden) {
	v.hidden, v.past = nil, nil
	if len(h.hidden) == 0 {
		return
	}
	v.hidden, v.past = map[string]int{}, v.rows.empty()
	for id, n := range h.hidden {
		v.hidden[id] = n
	}
	for _, row := range h.past {
		v.past.Put(row)
	}
}
