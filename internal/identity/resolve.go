package identity

import (
	"cmp"
	"slices"

	"conversion"
)

// Page is a set of observations of records of one kind, with every group that any of them
// can belong to: those linked to the records, and those that have or carry their keys.
type Page struct {
	Records []conversion.Record
	Groups  []conversion.Group
	Now     conversion.Moment // by our own clock: when new entities and links are made
	NewID   func() string     // ids for new entities
}

// Match ties an observation to its group.
type Match struct {
	Record *conversion.Record
	Group  *conversion.Group
	Link   *conversion.Link
	First  bool // the link was made now
}

// Outcome is who is who.
type Outcome struct {
	Matches  []Match             // in the order of the page
	Groups   []*conversion.Group // every group with a match, each once, in order of first match
	Problems []conversion.Problem
}

// Resolve decides who is who among a page's records (spec 3.5, 3.6, 3.10–3.12). It changes
// the groups' links and entities; it takes no values over.
func Resolve(p Page) Outcome {
	r := resolver{page: p, index: newIndex(p.Groups), seen: make(map[string]bool)}
	for i := range p.Records {
		r.place(&p.Records[i])
	}
	for _, g := range r.out.Groups {
		followKeys(g, r.index)
	}
	return r.out
}

type resolver struct {
	page  Page
	index *index
	out   Outcome
	seen  map[string]bool
}

// place finds the group of one record, or makes it.
func (r *resolver) place(rec *conversion.Record) {
	if g, l := r.index.byRef(rec.Ref); l != nil {
		r.meet(g, l, rec)
		return
	}
	if code, why := unplaceable(rec); code != "" {
		r.skip(rec, code, why)
		return
	}
	g, ok := r.index.byKey(rec.Key)
	if !ok {
		g = r.found(rec)
	}
	l := r.link(g, rec)
	r.match(Match{Record: rec, Group: g, Link: l, First: true})
}

// meet handles a record that has a link: its state follows the record's unless the
// observation is stale.
func (r *resolver) meet(g *conversion.Group, l *conversion.Link, rec *conversion.Record) {
	if l.Reading.Compare(rec.Reading) <= 0 {
		l.State = stateOf(g.Entity, l, rec)
		if rec.KeyRead {
			l.Key = rec.Key
		}
	}
	r.match(Match{Record: rec, Group: g, Link: l})
}

// stateOf is what an observation makes of a link (spec 3.8–3.11).
func stateOf(e *conversion.Entity, l *conversion.Link, rec *conversion.Record) conversion.LinkState {
	switch {
	case rec.Deleted && rec.MasterID != "":
		return conversion.LinkMerged
	case rec.Deleted:
		return conversion.LinkDeleted
	case rec.Converted:
		return conversion.LinkConverted
	case !e.Live():
		return conversion.LinkIgnored
	case l.Hold != "":
		return conversion.LinkHeld
	}
	return conversion.LinkLive
}

// unplaceable says why a record that has no link gets none.
func unplaceable(rec *conversion.Record) (code, why string) {
	switch {
	case rec.Deleted:
		return "deleted", "It was deleted in Salesforce before it was ever synced."
	case rec.Converted:
		return "converted", "It is a converted lead: the Contact it became carries its data."
	case rec.Ref.Object == conversion.Account && rec.Person:
		return "person_account", "It is a person account; its person is synced as a Contact."
	case rec.Ref.Object != conversion.Account && rec.Key == "":
		return "no_email", "It has no e-mail address. It is taken up once it gets one."
	}
	return "", ""
}

// found makes a new entity for a record that nobody matches.
func (r *resolver) found(rec *conversion.Record) *conversion.Group {
	g := &conversion.Group{Entity: &conversion.Entity{
		ID:      r.page.NewID(),
		Kind:    rec.Ref.Object.Kind(),
		Key:     rec.Key,
		Origin:  conversion.OriginSalesforce,
		Created: r.page.Now,
	}}
	r.index.add(g)
	return g
}

// link ties a record to a group for the first time.
func (r *resolver) link(g *conversion.Group, rec *conversion.Record) *conversion.Link {
	l := &conversion.Link{
		Ref: rec.Ref, EntityID: g.Entity.ID, State: conversion.LinkLive,
		Key: rec.Key, Placed: rec.Key, Name: rec.Name, Linked: r.page.Now,
	}
	if !g.Entity.Live() {
		l.State = conversion.LinkIgnored // spec 3.11
	}
	at, _ := slices.BinarySearchFunc(g.Links, l.Ref, compareLinkRef)
	g.Links = slices.Insert(g.Links, at, l)
	r.index.addLink(g, l)
	return l
}

func compareLinkRef(l *conversion.Link, ref conversion.Ref) int {
	return cmp.Or(cmp.Compare(l.Ref.Object, ref.Object), cmp.Compare(l.Ref.ID, ref.ID))
}

func (r *resolver) match(m Match) {
	r.out.Matches = append(r.out.Matches, m)
	if !r.seen[m.Group.Entity.ID] {
		r.seen[m.Group.Entity.ID] = true
		r.out.Groups = append(r.out.Groups, m.Group)
	}
}

func (r *resolver) skip(rec *conversion.Record, code, why string) {
	r.out.Problems = append(r.out.Problems, conversion.Problem{Ref: rec.Ref, Code: code, Message: why})
}
