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
// the groups' links and entities; it takes no values over. The order of the records does
// not matter: those that are linked are met first, then the entities follow their keys,
// and only then new records find theirs.
func Resolve(p Page) Outcome {
	r := resolver{
		page: p, index: newIndex(p.Groups), newest: newestOf(p.Records),
		met: make(map[string]*conversion.Group), changed: make(map[*conversion.Link]conversion.Moment),
		seen: make(map[string]bool),
	}
	r.each(func(rec *conversion.Record, g *conversion.Group, l *conversion.Link) {
		if l != nil {
			r.meet(g, l, rec)
		}
	})
	r.index.readKeys(p.Groups)
	r.each(func(rec *conversion.Record, _ *conversion.Group, l *conversion.Link) {
		if g, ok := r.index.byKey(rec.Key); ok && l == nil {
			r.met[g.Entity.ID] = g
		}
	})
	r.followKeys()
	for i := range p.Records {
		r.place(&p.Records[i])
	}
	return r.out
}

type resolver struct {
	page    Page
	index   *index
	newest  map[conversion.Ref]*conversion.Record  // of several observations of a record the newest decides
	met     map[string]*conversion.Group           // entities that this page has news for, by id
	changed map[*conversion.Link]conversion.Moment // when a key was changed, of those this page shows changed
	out     Outcome
	seen    map[string]bool
}

// each visits the newest observation of every record, with its group and link if it has one.
func (r *resolver) each(visit func(*conversion.Record, *conversion.Group, *conversion.Link)) {
	for i := range r.page.Records {
		if rec := &r.page.Records[i]; r.newest[rec.Ref] == rec {
			g, l := r.index.byRef(rec.Ref)
			visit(rec, g, l)
		}
	}
}

func newestOf(records []conversion.Record) map[conversion.Ref]*conversion.Record {
	newest := make(map[conversion.Ref]*conversion.Record, len(records))
	for i := range records {
		rec := &records[i]
		if other, ok := newest[rec.Ref]; !ok || other.Reading.Compare(rec.Reading) < 0 {
			newest[rec.Ref] = rec
		}
	}
	return newest
}

// meet handles a record that has a link: its state and its key follow the record's unless
// the observation is stale.
func (r *resolver) meet(g *conversion.Group, l *conversion.Link, rec *conversion.Record) {
	last := keyReading(l)
	if rec.KeyRead && last.Compare(rec.Reading) <= 0 {
		if l.Key != rec.Key {
			r.changed[l] = rec.Reading.Stamp(last)
		}
		l.Key = rec.Key
		r.met[g.Entity.ID] = g
	}
	if l.Reading.Compare(rec.Reading) <= 0 {
		l.State = stateOf(g.Entity, l, rec)
		r.met[g.Entity.ID] = g
	}
}

// keyReading is when the record's key was last read: a partial observation that came later
// hides none (spec 3.7).
func keyReading(l *conversion.Link) conversion.Reading {
	if f := l.Field(conversion.EmailVar); f != nil && !f.Seen.Absent() { // WebsiteVar has the same number
		return f.Reading
	}
	return l.Reading
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
	case l.State != conversion.LinkLive:
		return conversion.LinkHeld // whether it still belongs here is decided with its key
	}
	return conversion.LinkLive
}

// place finds the group of one observation, or makes it.
func (r *resolver) place(rec *conversion.Record) {
	g, l := r.index.byRef(rec.Ref)
	first := l == nil
	if first {
		newest := r.newest[rec.Ref]
		if code, why := unplaceable(newest); code != "" {
			if rec == newest {
				r.skip(rec, code, why)
			}
			return
		}
		g, l = r.tie(newest)
	}
	r.match(Match{Record: rec, Group: g, Link: l, First: first})
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

// tie links a record to the group of its key, or to a new one.
func (r *resolver) tie(rec *conversion.Record) (*conversion.Group, *conversion.Link) {
	g, ok := r.index.byKey(rec.Key)
	if !ok {
		g = r.found(rec)
	}
	return g, r.link(g, rec)
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
	r.index.refs[l.Ref] = tie{g, l}
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
