package sandbox

import (
	"errors"
	"time"

	"conversion/internal/sandbox/table"
)

// tx is one transaction: everything it stored is taken back unless it ends
// well. It runs under the org's lock, so it sees and is seen whole.
type tx struct {
	org     *Org
	user    string
	rights  *rights
	now     int64
	options saveOptions
	depth   int // of triggers that set each other off
	// noCreates refuses new records.
	noCreates *Error

	undo []undo
	// filled are the objects that get many new records at once: their new rows
	// are in batches, which are abandoned instead of being taken back one by one.
	filled []*object
	// templates are the defaults of new records, by column.
	templates map[*object][]any
	after     []func()
	// request and client tell whose request the transaction serves; unlogged
	// keeps it out of the commit log.
	request  int64
	client   string
	unlogged bool

	// late is how long after its end the transaction is committed, in virtual
	// time; locks are the records it holds until then beside those it stored.
	late  time.Duration
	locks []string
	// bared are the rows whose earlier states the transaction must not see, because
	// it changed them itself; each entry hides one again.
	bared []func()
	// conflict is the first change of a record that somebody else holds. It makes
	// the present attempt fail, or the transaction.
	conflict *Error
}

// undo is what a record was before it was stored; an empty row ID means that it
// was not there.
type undo struct {
	object *object
	id     string
	before table.Row
}

// write runs fn as one transaction: an error or a panic in it leaves nothing.
func (o *Org) write(as Actor, fn func(*tx) *Error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleLocked()
	o.settleJobsLocked()
	t := &tx{org: o, user: as.id, rights: o.rightsFor(as), now: o.clock.second(), late: as.late}
	if as.id == "" {
		return noSession()
	}
	done := false
	defer func() {
		if !done {
			t.cover()
			t.rollback(0)
		}
	}()
	if err := fn(t); err != nil {
		return err
	}
	if t.conflict != nil {
		return t.conflict
	}
	done = true
	t.cover()
	t.end()
	return nil
}

// attempt runs fn so that its error, or a panic in it, takes back what fn stored,
// and only that.
func (t *tx) attempt(fn func() *Error) *Error {
	mark, after, conflict := len(t.undo), len(t.after), t.conflict
	t.conflict = nil
	done := false
	defer func() {
		t.conflict = conflict
		if !done {
			t.rollback(mark)
			t.after = t.after[:after]
		}
	}()
	err := fn()
	if err == nil {
		err = t.conflict
	}
	done = err == nil
	return err
}

func (t *tx) rollback(mark int) {
	for i := len(t.undo) - 1; i >= mark; i-- {
		u := t.undo[i]
		if u.before.ID == "" {
			u.object.forget(u.id)
		} else {
			u.object.keep(u.before)
		}
		if permissionObjects[u.object.Name] {
			t.org.permissionsChanged()
		}
	}
	t.undo = t.undo[:mark]
}

// fill runs fn so that the new records it stores come into the indexes together.
// They may not be taken back one by one: an error of fn is the transaction's.
// Readers see them at once, whatever the org's visibility delay.
func (t *tx) fill(fn func() *Error) *Error {
	for _, obj := range t.org.objects {
		obj.rows.Begin(obj.uniqueColumns()...)
		t.filled = append(t.filled, obj)
	}
	done := false
	defer func() {
		for _, obj := range t.filled {
			if done {
				obj.rows.End()
			} else {
				obj.rows.Abandon()
			}
		}
		t.filled = nil
	}()
	if err := fn(); err != nil {
		return err
	}
	done = true
	return nil
}

// uniqueColumns are the columns that saving a record looks others up by.
func (o *object) uniqueColumns() []int {
	var columns []int
	for _, f := range o.fields {
		if f.Unique && f.column >= 0 {
			columns = append(columns, f.column)
		}
	}
	return columns
}

// onCommit runs fn if and when the transaction ends well.
func (t *tx) onCommit(fn func()) { t.after = append(t.after, fn) }

// commit makes the transaction's changes the org's.
func (t *tx) commit() {
	for _, fn := range t.after {
		fn()
	}
	if !t.unlogged {
		t.org.log.append(t.collect(), t.org.clock.Now())
	}
}

// put stores a row and remembers how to take it back. A record
// that somebody else holds is not stored and spoils the attempt.
func (t *tx) put(obj *object, row table.Row) {
	if err := t.lockedByOthers(row.ID); err != nil {
		t.collide(err)
		return
	}
	before := obj.keep(row)
	if t.filled != nil && (before.ID == "" || obj.rows.InBatch(row.ID)) {
		return
	}
	t.changed(obj, row.ID, before)
}

// drop removes a row for good: records of this kind have no recycle bin.
func (t *tx) drop(obj *object, row table.Row) {
	if err := t.lockedByOthers(row.ID); err != nil {
		t.collide(err)
		return
	}
	obj.forget(row.ID)
	t.changed(obj, row.ID, row)
}

// changed remembers what a record was before the transaction stored or removed it.
func (t *tx) changed(obj *object, id string, before table.Row) {
	t.undo = append(t.undo, undo{obj, id, before})
	t.bare(obj, id)
	if permissionObjects[obj.Name] {
		t.org.permissionsChanged()
	}
}

// bare lets the transaction see a row as it is now, though others still see an
// earlier state of it.
func (t *tx) bare(obj *object, id string) {
	if !obj.seen.Hides(id) {
		return
	}
	t.bared = append(t.bared, obj.seen.Bare(id))
	for _, view := range obj.views {
		t.bared = append(t.bared, view.seen.Bare(id))
	}
}

// cover ends what bare did, before others may see the org.
func (t *tx) cover() {
	for _, hide := range t.bared {
		hide()
	}
	t.bared = nil
}

// find locates a live record by a 15- or 18-character id.
func (t *tx) find(id string) (*object, table.Row, *Error) {
	if err := t.lockedByOthers(id); err != nil {
		return nil, table.Row{}, err
	}
	obj, row, err := t.org.locate(id)
	if err == nil && row.Deleted {
		err = entityDeleted()
	}
	return obj, row, err
}

// locate finds a record in its latest state, deleted or not. The caller holds the
// lock.
func (o *Org) locate(id string) (*object, table.Row, *Error) {
	return o.locateIn(id, func(obj *object) records { return obj.rows })
}

// locateSeen finds a record as readers see it, deleted or not.
func (o *Org) locateSeen(id string) (*object, table.Row, *Error) {
	return o.locateIn(id, func(obj *object) records { return obj.seen })
}

func (o *Org) locateIn(id string, in func(*object) records) (*object, table.Row, *Error) {
	full, ok := normaliseID(id)
	if !ok {
		return nil, table.Row{}, notFound()
	}
	obj, ok := o.objectOf(full)
	if !ok {
		return nil, table.Row{}, notFound()
	}
	row, ok := in(obj).Find(full)
	if !ok {
		return obj, table.Row{}, notFound()
	}
	return obj, *row, nil
}

// asError gives a refusal its own type back.
func asError(err error) *Error {
	var refused *Error
	if errors.As(err, &refused) {
		return refused
	}
	return nil
}
