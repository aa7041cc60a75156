package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// rowLock keeps others from changing a record: until a time, until a late
// transaction is committed, or until it is released.
type rowLock struct {
	until  time.Time   // zero for no end of its own
	holder *lateCommit // nil for a lock that was asked for
}

// LockRecord locks a record for a time, in virtual time, as a transaction does
// that somebody else has running; 0 means until UnlockRecord. Every write of it,
// and of contacts, opportunities and activities that belong to it, is refused with
// UNABLE_TO_LOCK_ROW.
func (o *Org) LockRecord(id string, period time.Duration) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, row, err := o.locate(id)
	if err != nil {
		return err
	}
	lock := rowLock{}
	if period > 0 {
		lock.until = o.clock.Now().Add(period)
	}
	o.late.locks[row.ID] = lock
	o.late.schedule()
	return nil
}

// UnlockRecord releases a record that LockRecord locked; one that is not locked is
// no error. What a late transaction holds stays locked.
func (o *Org) UnlockRecord(id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, row, err := o.locate(id)
	if err != nil {
		return err
	}
	if o.late.locks[row.ID].holder == nil {
		delete(o.late.locks, row.ID)
	}
	o.late.schedule()
	return nil
}

func (o *Org) releaseExpired(now time.Time) {
	for id, lock := range o.late.locks {
		if !lock.until.IsZero() && !now.Before(lock.until) {
			delete(o.late.locks, id)
		}
	}
}

// lockedByOthers refuses the change of a record that somebody else holds. The id
// may be of either length, or none at all.
func (t *tx) lockedByOthers(id string) *Error {
	if len(t.org.late.locks) == 0 {
		return nil
	}
	full, ok := normaliseID(id)
	if !ok {
		return nil
	}
	if _, locked := t.org.late.locks[full]; !locked {
		return nil
	}
	return &Error{Status: http.StatusBadRequest, Code: "UNABLE_TO_LOCK_ROW",
		Message: "unable to obtain exclusive access to this record or 1 records: " + full}
}

// collide remembers that the present attempt cannot succeed.
func (t *tx) collide(err *Error) {
	if t.conflict == nil {
		t.conflict = err
	}
}

// lockParents takes the records that a save holds beside its own: the account of
// a contact or an opportunity; whom an activity is about, what it is related to,
// and its account. A new task that is closed or without a due date takes none.
func (t *tx) lockParents(d *draft) {
	if len(t.org.late.locks) == 0 && t.late == 0 {
		return
	}
	var lookups []string
	switch d.object.Name {
	case "Contact", "Opportunity":
		lookups = []string{"AccountId"}
	case "Task", "Event":
		if d.object.Name == "Task" && d.isNew() && (d.flag("IsClosed") || d.get("ActivityDate") == nil) {
			return
		}
		lookups = []string{"WhoId", "WhatId", "AccountId"}
	}
	for _, name := range lookups {
		id := d.text(name)
		if err := t.lockedByOthers(id); err != nil {
			t.collide(err)
		}
		if t.late > 0 && id != "" {
			t.locks = append(t.locks, id)
		}
	}
}

// Lock is a record that writers cannot change now.
type Lock struct {
	Record string `json:"record"`
	// Until is when it ends by itself; zero for a lock without end and for that of
	// a pending transaction, which Commit names.
	Until  time.Time `json:"until,omitzero"`
	Commit int       `json:"commit,omitempty"`
}

// Locks lists the locked records by id.
func (o *Org) Locks() []Lock {
	defer o.view()()
	list := make([]Lock, 0, len(o.late.locks))
	for id, lock := range o.late.locks {
		l := Lock{Record: id, Until: lock.until}
		if lock.holder != nil {
			l.Commit = lock.holder.id
		}
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b Lock) int { return strings.Compare(a.Record, b.Record) })
	return list
}
