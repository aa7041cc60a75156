package conversion

import (
	"slices"
	"time"
)

// Entity is one of Conversion's contacts or companies. Its values are a pure function of
// its links' claims and its own.
type Entity struct {
	ID       string // UUID version 7
	Kind     Kind
	Key      string // contact: e-mail; company: domain, "" when it has none. Canonical, unique among live entities of a kind unless ""
	Name     string // company: its name; contact: first and last name, for lists and search
	LastName string // contact: its last name alone, for search; "" when unknown
	Origin   Origin
	Own      []OwnClaim // by Var ascending, the newest of each variable only
	Values   []Resolved // by Var ascending: for reading; recomputed from claims
	Revision int64      // the Schema.Revision that Values were recomputed under
	Numbers  int64      // the last own claim's number
	Company  string     // contact: id of its company by claim; "" when there is none (then derived when read, spec 3.15)
	Birth    Reach      // the kinds of record it may be created as (spec 5.2)
	Creating *Creation  // an unfinished create; nil otherwise
	Version  int64      // counts every committed change of the entity or its links
	Created  Moment
	Updated  Moment
	Deleted  Moment      // 0 while live; a deleted entity is the tombstone (spec 3.11), unless Into or Gone say otherwise
	Into     string      // the entity it was combined into: its id leads there, and its key is nobody's any more; "" otherwise
	Gone     bool        // deleted only because its last record was (spec 3.10): its key or an undelete brings it back
	Death    Reach       // the kinds of record its deletion may go to
	Erasing  bool        // deleted: its records are to be deleted whatever the rules, then it is erased (spec 3.11)
	Dirty    Moment      // since when something of it may have to go to Salesforce; 0: nothing
	Retry    Moment      // not before; ParkedRetry: only once a person acts
	Tries    int         // failed attempts since it became dirty, for the back-off; of one that the outbound filter leaves out 1: its timeline says so
	Holds    []FieldHold // by Var ascending: what Salesforce refused of the record to be created (spec 4.9)
	Lane     Lane        // how soon it gets its share of the API budget while it is dirty (spec 4.10)
}

// ParkedRetry is the Retry of a dirty entity that waits for a person: for a rule to be
// turned on again, or for an approval.
const ParkedRetry Moment = 1 << 62

// Resolved is a variable's value as readers see it, and whose claim it is.
type Resolved struct {
	Var   VarID
	Value Value
	At    Moment
	From  Ref // the claiming record; zero when the claim is Conversion's own
	By    Actor
}

// Creation is the intent to create a record for an entity: stored before the request is
// sent, and gone once its outcome is known. While it is there a record may have been made,
// so it is looked for before another is (spec 4.3).
type Creation struct {
	Object Object
	At     Moment // when it was stored
	Lost   Moment // when the request ended without an answer; 0: nobody was there to see
	Number int64  // own claims up to it are in the request
	Keyed  bool   // an upsert by ExternalIDField: sent twice, it makes one record
	Again  bool   // an earlier request with the same may still take effect, too
	Key    string // the e-mail or domain in the request
	Name   string // the record's name by the request, as Salesforce puts it together
	Sent   []Sent // by Var ascending: the own claims in the request, so that their echoes are known
}

// Sent is an own claim that was put into a request.
type Sent struct {
	Var    VarID
	Value  Value
	Number int64 // of the claim
}

// Pending reports whether the request may still take effect at now; Salesforce's longest
// transaction is wait.
func (c *Creation) Pending(now Moment, wait time.Duration) bool {
	return c != nil && now.Sub(max(c.At, c.Lost)) < wait
}

// Live reports whether the entity is not deleted.
func (e *Entity) Live() bool { return e.Deleted == 0 }

// Tombstone reports whether the entity was deleted in Conversion and keeps its records and
// its key from coming back (spec 3.11).
func (e *Entity) Tombstone() bool { return e.Deleted != 0 && e.Into == "" && !e.Gone }

// OwnClaim returns Conversion's own claim for the variable, nil when it made none.
func (e *Entity) OwnClaim(id VarID) *OwnClaim {
	i, ok := slices.BinarySearchFunc(e.Own, id, func(c OwnClaim, id VarID) int { return int(c.Var - id) })
	if !ok {
		return nil
	}
	return &e.Own[i]
}

// Claim records an own claim, in place of the earlier one for its variable, and gives it
// the next number.
func (e *Entity) Claim(c OwnClaim) {
	e.Numbers++
	c.Number = e.Numbers
	i, ok := slices.BinarySearchFunc(e.Own, c.Var, func(c OwnClaim, id VarID) int { return int(c.Var - id) })
	if ok {
		e.Own[i] = c
		return
	}
	e.Own = slices.Insert(e.Own, i, c)
}

// Resolved returns the entity's value of the variable, nil when it has none.
func (e *Entity) Resolved(id VarID) *Resolved {
	i, ok := slices.BinarySearchFunc(e.Values, id, func(r Resolved, id VarID) int { return int(r.Var - id) })
	if !ok {
		return nil
	}
	return &e.Values[i]
}

// CompanyClaim returns what the newest claim says of a contact's company (spec 3.15): its id
// where it was chosen in Conversion, or the Account that a record names; both zero when there
// is none.
func (e *Entity) CompanyClaim() (id string, account Ref) {
	r := e.Resolved(AccountVar)
	switch {
	case r == nil || r.Value.Blank():
		return "", Ref{}
	case r.From.Zero():
		return r.Value.String(), Ref{}
	}
	return "", Ref{Object: Account, ID: r.Value.String()}
}

// Value returns the entity's value of the variable, absent when it has none.
func (e *Entity) Value(id VarID) Value {
	if r := e.Resolved(id); r != nil {
		return r.Value
	}
	return Value{}
}

// Clone returns a copy that shares nothing that is written.
func (e *Entity) Clone() *Entity {
	c := *e
	c.Own = slices.Clone(e.Own)
	c.Values = slices.Clone(e.Values)
	c.Holds = slices.Clone(e.Holds)
	if e.Creating != nil {
		creating := *e.Creating
		creating.Sent = slices.Clone(e.Creating.Sent)
		c.Creating = &creating
	}
	return &c
}

// Group is an entity with all its links, the unit every decision is made on.
type Group struct {
	Entity *Entity
	Links  []*Link // of every state, by Ref
}

// Drop removes a link from the group.
func (g *Group) Drop(l *Link) {
	g.Links = slices.DeleteFunc(slices.Clone(g.Links), func(other *Link) bool { return other == l })
}

// Put adds a link to the group, in the place of one to the same record.
func (g *Group) Put(l *Link) {
	l.EntityID = g.Entity.ID
	at, found := slices.BinarySearchFunc(g.Links, l.Ref, func(l *Link, r Ref) int { return l.Ref.Compare(r) })
	if found {
		g.Links[at] = l
		return
	}
	g.Links = slices.Insert(g.Links, at, l)
}

// Clone returns a copy that shares nothing that is written.
func (g Group) Clone() Group {
	c := Group{Entity: g.Entity.Clone(), Links: make([]*Link, len(g.Links))}
	for i, l := range g.Links {
		c.Links[i] = l.Clone()
	}
	return c
}

// Link returns the group's link to the record, nil when there is none or the record has
// moved to another entity.
func (g Group) Link(r Ref) *Link {
	for _, l := range g.Links {
		if l.Ref == r && l.State != LinkMoved {
			return l
		}
	}
	return nil
}
