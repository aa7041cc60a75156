package sandbox

import (
	"net/http"
	"strconv"
	"time"
)

// Pending is a transaction that has ended and is not committed yet.
type Pending struct {
	ID int `json:"id"`
	// CommitsAt is when it will be committed, in virtual time.
	CommitsAt time.Time `json:"commitsAt"`
	// Records are the ids of what it created or changed.
	Records []string `json:"records"`
	By      string   `json:"by"` // user id
}

// PendingCommits lists the transactions that are not committed yet, in the order
// of their ends.
func (o *Org) PendingCommits() []Pending {
	defer o.view()()
	list := make([]Pending, 0, len(o.late.uncommitted))
	for _, c := range o.late.uncommitted {
		p := Pending{ID: c.id, CommitsAt: c.at, By: c.tx.user}
		for _, r := range c.rows {
			p.Records = append(p.Records, r.id)
		}
		list = append(list, p)
	}
	return list
}

// CommitNow commits a pending transaction before its time; false means that
// there is none of that id.
func (o *Org) CommitNow(id int) bool { return o.finishLate(id, (*Org).commitLate) }

// RollBack takes a pending transaction back, as if it had failed in the end; false
// means that there is none of that id.
func (o *Org) RollBack(id int) bool { return o.finishLate(id, (*Org).rollBackLate) }

func (o *Org) finishLate(id int, finish func(*Org, *lateCommit)) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleLocked()
	for _, c := range o.late.uncommitted {
		if c.id == id {
			finish(o, c)
			o.late.schedule()
			return true
		}
	}
	return false
}

func (c *call) adminCommits() *Error {
	return c.json(http.StatusOK, map[string]any{"commits": c.org.PendingCommits()})
}

func (c *call) adminCommit() *Error   { return c.finishCommit(c.org.CommitNow) }
func (c *call) adminRollBack() *Error { return c.finishCommit(c.org.RollBack) }

func (c *call) finishCommit(finish func(int) bool) *Error {
	id, err := strconv.Atoi(c.params["id"])
	if err != nil || !finish(id) {
		return notFound()
	}
	return c.done(nil)
}

func (c *call) adminVisibility() *Error {
	defer c.org.view()()
	return c.json(http.StatusOK, map[string]any{"delay": c.org.late.delay.String(), "unseen": len(c.org.late.unseen)})
}

func (c *call) adminSetVisibility() *Error {
	var sent struct {
		Delay string `json:"delay"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	delay, err := duration("delay", sent.Delay)
	if err != nil {
		return err
	}
	c.org.SetVisibilityDelay(delay)
	return c.adminVisibility()
}

func (c *call) adminLocks() *Error {
	return c.json(http.StatusOK, map[string]any{"locks": c.org.Locks()})
}

func (c *call) adminLock() *Error {
	var sent struct {
		ID  string `json:"id"`
		For string `json:"for"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	period, err := duration("for", sent.For)
	if err != nil {
		return err
	}
	return c.done(c.org.LockRecord(sent.ID, period))
}

func (c *call) adminUnlock() *Error { return c.done(c.org.UnlockRecord(c.params["id"])) }
