package sandbox

import (
	"math"
	"slices"
	"sync/atomic"
	"time"

	"conversion/internal/sandbox/table"
)

// A transaction becomes visible in three steps, between which virtual time may
// pass:
//
//  1. it ends: everything was checked; ids and stamps were given out;
//  2. it is committed: its changes are part of the org's history;
//  3. it is seen: queries, gets and whatever else reads show its rows.
//
// Normally all three are one. A late transaction (a scripted fault) is committed
// some time after its end; until then nobody sees its rows, and what it changed is
// locked. The org's visibility delay lies between commit and being seen: writers
// work on the committed state at once, readers see it later.
//
// So each object has two faces. object.rows is the latest state, on which writers
// work: the rows of late transactions are in it too, but locked, so that no other
// writer can build on them, and they can be taken back. object.seen is the
// table.View that readers look through: it shows the earlier states of the rows
// that are hidden. While nothing is late it is the same table at no cost.

// late is what is on its way to being committed or seen. Org.mu guards it.
type late struct {
	due    atomic.Int64 // when the next step is to be taken, Unix nanoseconds
	delay  time.Duration
	issued int
	// uncommitted are the transactions between steps 1 and 2, in the order of
	// their ends.
	uncommitted []*lateCommit
	// unseen are the changes between steps 2 and 3, in commit order.
	unseen []unseen
	locks  map[string]rowLock // by record
}

// lateCommit is a transaction that has ended and is not committed yet.
type lateCommit struct {
	id    int
	at    time.Time
	ended int64 // when it ended, in seconds: the stamp of its rows
	tx    *tx
	rows  []hiddenRow
	locks []string
}

// unseen is what one transaction changed and readers do not see yet.
type unseen struct {
	at    time.Time
	ended int64 // as of a lateCommit
	rows  []hiddenRow
}

// hiddenRow is the state that a transaction left a record in.
type hiddenRow struct {
	object *object
	id     string
	after  table.Row // without an ID if it removed the record
}

const never = math.MaxInt64

func newLate(delay time.Duration) *late {
	l := &late{delay: delay, locks: map[string]rowLock{}}
	l.due.Store(never)
	return l
}

// view lets the caller read the org until the function it returns is called.
func (o *Org) view() (done func()) {
	o.settle()
	o.mu.RLock()
	return o.mu.RUnlock
}

// settle takes the steps whose time has come.
func (o *Org) settle() {
	o.settleJobs()
	if due := o.late.due.Load(); due == never || o.clock.Now().UnixNano() < due {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleLocked()
}

func (o *Org) settleLocked() {
	if o.late.due.Load() == never {
		return
	}
	now := o.clock.Now()
	for _, c := range slices.Clone(o.late.uncommitted) {
		if !now.Before(c.at) {
			o.commitLate(c)
		}
	}
	for len(o.late.unseen) > 0 && !now.Before(o.late.unseen[0].at) {
		reveal(o.late.unseen[0].rows)
		o.late.unseen = o.late.unseen[1:]
	}
	o.releaseExpired(now)
	o.late.schedule()
}

// schedule works out when the next step is due.
func (l *late) schedule() {
	due := int64(never)
	for _, c := range l.uncommitted {
		due = min(due, c.at.UnixNano())
	}
	if len(l.unseen) > 0 {
		due = min(due, l.unseen[0].at.UnixNano())
	}
	for _, lock := range l.locks {
		if !lock.until.IsZero() {
			due = min(due, lock.until.UnixNano())
		}
	}
	l.due.Store(due)
}

// firstStamp is when the first of the transactions ended that changed the object
// and that nobody sees yet.
func (l *late) firstStamp(obj *object) int64 {
	first := int64(never)
	note := func(ended int64, rows []hiddenRow) {
		if slices.ContainsFunc(rows, func(r hiddenRow) bool { return r.object == obj }) {
			first = min(first, ended)
		}
	}
	for _, c := range l.uncommitted {
		note(c.ended, c.rows)
	}
	for _, u := range l.unseen {
		note(u.ended, u.rows)
	}
	return first
}

// end finishes a transaction that did what it was to do: it is committed and
// seen, now or later.
func (t *tx) end() {
	switch {
	case t.late > 0:
		t.org.holdBack(t)
	case t.org.late.delay > 0:
		t.commit()
		t.org.hide(t.now, t.hideRows())
	default:
		t.commit()
	}
}

// hideRows hides from readers what the transaction stored.
func (t *tx) hideRows() []hiddenRow {
	var rows []hiddenRow
	seen := map[string]bool{}
	for _, u := range t.undo {
		if seen[u.id] {
			continue
		}
		seen[u.id] = true
		row := hiddenRow{object: u.object, id: u.id}
		if after, ok := u.object.rows.Find(u.id); ok {
			row.after = *after
		}
		u.object.seen.Hide(u.id, u.before)
		rows = append(rows, row)
		for _, view := range u.object.views {
			rows = append(rows, hideInView(view, u))
		}
	}
	return rows
}

// hideInView hides a record from the readers of an object that shows some of the
// records of another.
func hideInView(view *object, u undo) hiddenRow {
	row := hiddenRow{object: view, id: u.id}
	if after, ok := view.rows.Find(u.id); ok {
		row.after = *after
	}
	var before table.Row
	if u.before.ID != "" && u.object.shownBy(view, &u.before) {
		before = u.before
	}
	view.seen.Hide(u.id, before)
	return row
}

func reveal(rows []hiddenRow) {
	for _, r := range rows {
		r.object.seen.Reveal(r.id, r.after)
	}
}

// hide keeps committed changes from being seen for as long as the org's delay.
// Nothing is seen before what was committed earlier.
func (o *Org) hide(ended int64, rows []hiddenRow) {
	if len(rows) == 0 {
		return
	}
	at := o.clock.Now().Add(o.late.delay)
	if n := len(o.late.unseen); n > 0 && at.Before(o.late.unseen[n-1].at) {
		at = o.late.unseen[n-1].at
	}
	o.late.unseen = append(o.late.unseen, unseen{at, ended, rows})
	o.late.schedule()
}

// holdBack keeps a transaction that has ended from being committed.
func (o *Org) holdBack(t *tx) {
	o.late.issued++
	c := &lateCommit{id: o.late.issued, at: o.clock.Now().Add(t.late), ended: t.now, tx: t, rows: t.hideRows()}
	for _, r := range c.rows {
		r.object.pending[r.id] = true
		c.locks = append(c.locks, r.id)
	}
	c.locks = append(c.locks, t.locks...)
	for _, id := range c.locks {
		o.late.locks[id] = rowLock{holder: c}
	}
	o.late.uncommitted = append(o.late.uncommitted, c)
	o.late.schedule()
}

// letGo releases what a late transaction holds.
func (o *Org) letGo(c *lateCommit) {
	for _, id := range c.locks {
		if o.late.locks[id].holder == c {
			delete(o.late.locks, id)
		}
	}
	for _, r := range c.rows {
		delete(r.object.pending, r.id)
	}
	o.late.uncommitted = slices.DeleteFunc(o.late.uncommitted, func(other *lateCommit) bool { return other == c })
}

// commitLate commits a late transaction, whose rows keep the stamps of its end.
func (o *Org) commitLate(c *lateCommit) {
	o.letGo(c)
	c.tx.commit()
	if o.late.delay > 0 {
		o.hide(c.ended, c.rows)
		return
	}
	reveal(c.rows)
}

// rollBackLate takes a late transaction back, as if it had failed in the end.
func (o *Org) rollBackLate(c *lateCommit) {
	o.letGo(c)
	taken := *c.tx // a snapshot may hold the transaction, too
	taken.rollback(0)
	for _, r := range c.rows {
		r.object.seen.Withdraw(r.id)
	}
}

// SetVisibilityDelay changes how long after its commit a change is seen by
// readers. Without a delay everything committed is seen at once.
func (o *Org) SetVisibilityDelay(delay time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleLocked()
	o.late.delay = delay
	if delay > 0 {
		return
	}
	for _, u := range o.late.unseen {
		reveal(u.rows)
	}
	o.late.unseen = nil
	o.late.schedule()
}
