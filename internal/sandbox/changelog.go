package sandbox

import (
	"slices"
	"time"

	"conversion/internal/sandbox/table"
)

// Kind is what happened to a record.
type Kind string

// The kinds of changes. A record that is merged away is deleted too, and a lead
// that is converted updated; KindRemove is a deletion for good.
const (
	KindCreate   Kind = "create"
	KindUpdate   Kind = "update"
	KindDelete   Kind = "delete"
	KindUndelete Kind = "undelete"
	KindMerge    Kind = "merge"
	KindConvert  Kind = "convert"
	KindRemove   Kind = "remove"
)

// Entry is what one transaction did to one record.
type Entry struct {
	// Sequence counts entries in commit order, from 1, without gaps.
	Sequence int64 `json:"sequence"`
	// Transaction is the same for all entries of one transaction, which follow
	// each other, and rises.
	Transaction int64  `json:"transaction"`
	Kind        Kind   `json:"kind"`
	Object      string `json:"object"`
	Record      string `json:"record"`
	// Saved is when the record was stamped, Committed when the change became part
	// of the org: later for a transaction that a fault held back. Virtual time.
	Saved     time.Time `json:"saved"`
	Committed time.Time `json:"committed"`
	By        string    `json:"by"` // user id
	// Request is the number of the client's request in the request log, 0 for what
	// was done in Salesforce itself; Client is what the client calls itself.
	Request int64  `json:"request,omitempty"`
	Client  string `json:"client,omitempty"`
	// Fields are the fields that changed, in describe order; of a new record all
	// that hold something.
	Fields []FieldChange `json:"fields"`
}

// FieldChange is one field of an Entry, in the form of the REST API.
type FieldChange struct {
	Field  string `json:"field"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// changeLog is the org's commit log: one record per record and transaction, in
// commit order. It holds the states before and after, which share their texts with
// the rows themselves; fields are compared when somebody asks. Org.mu guards it.
type changeLog struct {
	entries      []*change // in sequence, the oldest forgotten
	last         int64     // sequence of the newest
	transactions int64
	byRecord     map[string][]*change
}

type change struct {
	sequence, transaction int64
	object                *object
	id                    string
	before, after         table.Row
	kind                  Kind
	saved                 int64
	committed             time.Time
	by, client            string
	request               int64
}

// changeLogLength bounds the log: the oldest tenth is forgotten when it is full.
const changeLogLength = 200_000

func newChangeLog() *changeLog { return &changeLog{byRecord: map[string][]*change{}} }

// collect lists what the transaction did, one change a record, in the order in
// which the records were first stored.
func (t *tx) collect() []*change {
	var changes []*change
	seen := map[string]bool{}
	for _, u := range t.undo {
		if seen[u.id] {
			continue
		}
		seen[u.id] = true
		c := &change{object: u.object, id: u.id, before: u.before, saved: t.now, by: t.user, request: t.request, client: t.client}
		if after, ok := u.object.rows.Find(u.id); ok {
			c.after = *after
		}
		if c.kind = kindOf(c); c.kind != "" {
			changes = append(changes, c)
		}
	}
	return changes
}

// kindOf says what happened to a record; "" if nothing did that is told of: the
// last activity of a parent is not.
func kindOf(c *change) Kind {
	switch {
	case c.before.ID == "" && c.after.ID == "" || c.before == c.after:
		return ""
	case c.before.ID == "":
		return KindCreate
	case c.after.ID == "":
		return KindRemove
	case c.after.Deleted && !c.before.Deleted && c.gained("MasterRecordId"):
		return KindMerge
	case c.after.Deleted && !c.before.Deleted:
		return KindDelete
	case c.before.Deleted && !c.after.Deleted:
		return KindUndelete
	case c.gained("ConvertedContactId"):
		return KindConvert
	case !c.tellsMore():
		return ""
	}
	return KindUpdate
}

// tellsMore says whether anything but the last activity changed.
func (c *change) tellsMore() bool {
	return slices.ContainsFunc(c.object.fields, func(f *field) bool {
		return f.Name != "LastActivityDate" && f.value(&c.before) != f.value(&c.after)
	})
}

// gained says whether a field was empty before and is not now.
func (c *change) gained(name string) bool {
	column, ok := c.object.column(name)
	return ok && c.before.Get(column) == nil && c.after.Get(column) != nil
}

// fields compares the two states.
func (c *change) fields() []FieldChange {
	changed := []FieldChange{}
	for _, f := range c.object.fields {
		if bookkeeping[f.Name] {
			continue
		}
		var was, is any
		if c.before.ID != "" {
			was = f.value(&c.before)
		}
		if c.after.ID != "" {
			is = f.value(&c.after)
		}
		if was != is && (c.kind != KindCreate || is != false) {
			changed = append(changed, FieldChange{f.Name, f.shown(was), f.shown(is)})
		}
	}
	return changed
}

// append makes the changes of one transaction part of the log.
func (l *changeLog) append(changes []*change, now time.Time) {
	if len(changes) == 0 {
		return
	}
	l.transactions++
	for _, c := range changes {
		l.last++
		c.sequence, c.transaction, c.committed = l.last, l.transactions, now
		l.entries = append(l.entries, c)
		l.byRecord[c.id] = append(l.byRecord[c.id], c)
	}
	if len(l.entries) > changeLogLength {
		l.forget(changeLogLength / 10)
	}
}

func (l *changeLog) forget(n int) {
	for _, c := range l.entries[:n] {
		if rest := l.byRecord[c.id][1:]; len(rest) > 0 {
			l.byRecord[c.id] = rest
		} else {
			delete(l.byRecord, c.id)
		}
	}
	l.entries = slices.Clone(l.entries[n:])
}

// after returns the changes with a sequence above since.
func (l *changeLog) after(since int64) []*change {
	first := l.last - int64(len(l.entries)) // sequence before the oldest
	return l.entries[min(max(since-first, 0), int64(len(l.entries))):]
}

func (c *change) entry() Entry {
	return Entry{
		Sequence: c.sequence, Transaction: c.transaction, Kind: c.kind, Object: c.object.Name, Record: c.id,
		Saved: time.Unix(c.saved, 0).UTC(), Committed: c.committed, By: c.by, Request: c.request, Client: c.client,
		Fields: c.fields(),
	}
}

// LogFilter selects entries of the org's commit log; the zero value selects all.
type LogFilter struct {
	// Since leaves out entries up to this sequence, From those that were committed
	// earlier.
	Since int64
	From  time.Time
	// Object and Record are exact but for case and length of the id.
	Object, Record string
	// Limit is the largest number of entries, 0 for no limit.
	Limit int
}

// Log lists what really happened to the org's records, in commit order: the last
// 200,000 changes, without what was loaded or generated. next is the Since that
// goes on after the last entry looked at.
func (o *Org) Log(f LogFilter) (entries []Entry, next int64) {
	defer o.view()()
	if id, ok := normaliseID(f.Record); ok {
		f.Record = id
	}
	next = f.Since
	for _, c := range o.log.after(f.Since) {
		if f.Limit > 0 && len(entries) == f.Limit {
			return entries, next
		}
		next = c.sequence
		if f.selects(c) {
			entries = append(entries, c.entry())
		}
	}
	return entries, next
}
