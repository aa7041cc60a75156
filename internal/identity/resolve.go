package identity

import (
	"conversion"
)

// Page is a set of observations of records of one kind, with every group that any of them
// can belong to: those linked to the records, and those that have or carry their keys.
type Page struct {
	Records []conversion.Record
	Groups  []conversion.Group
	Now     conversion.Moment // by our own clock: when new entities and links are made
	NewID   func() string     // ids for new entities
	Cycle   conversion.Moment // names the cycle that reads the page, see Component; 0: none, what is linked stays where it is
	Heirs   bool              // the records were asked for as what others became: these need no key
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
	Moves    []conversion.Move // of records that come back to where they had moved from
}

// Resolve decides to whom the records of a page belong, as far as that can be told from a
// page (spec 3.2, 3.5, 3.6, 3.10, 3.11). Linked records stay where they are: what an e-mail
// that changed, a conversion or a merge means is decided once the people of a cycle are in,
// see Settle; until then their links are pending. New records find the entity of their key,
// of what became them, or get one. It takes no values over.
//
// Neither the order of the records nor that of the pages matters for what Settle makes of
// them.
func Resolve(p Page) Outcome {
	r := resolver{page: p, index: newIndex(p.Groups), newest: newestOf(p.Records), seen: make(map[string]bool)}
	for i := range p.Records {
		if rec := &p.Records[i]; r.newest[rec.Ref] == rec {
			if g, l := r.index.byRef(rec.Ref); l != nil {
				meet(g.Entity, l, rec)
			}
		}
	}
	r.index.read(p.Groups)
	for i := range p.Records {
		r.place(&p.Records[i])
	}
	return r.out
}

type resolver struct {
	page   Page
	index  *index
	newest map[conversion.Ref]*conversion.Record // of several observations of a record the newest decides
	out    Outcome
	seen   map[string]bool
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
func meet(e *conversion.Entity, l *conversion.Link, rec *conversion.Record) {
	keyRead := rec.KeyRead && keyReading(l).Compare(rec.Reading) <= 0
	if l.Reading.Compare(rec.Reading) <= 0 && !(rec.Deleted && rec.Into().Zero() && became(l)) {
		was, into := l.State, l.Into
		l.State, l.Into = stateOf(e, l, rec), rec.Into()
		if (l.State != was || l.Into != into) && whoseAgain(e, l) {
			l.Pending = true
		}
	}
	if keyRead {
		l.Carry(rec.Key)
	}
}

// became reports whether the link's record was converted or merged away: that stays so when it
// is deleted afterwards.
func became(l *conversion.Link) bool {
	return l.State == conversion.LinkConverted || l.State == conversion.LinkMerged
}

// whoseAgain reports whether the change of a link's state may change who belongs to whom: the
// record came back, another took its place, it was deleted and may have been the last, or it
// leaves nobody with the key that brought it where it was.
func whoseAgain(e *conversion.Entity, l *conversion.Link) bool {
	return l.Live() || !l.Into.Zero() || l.State == conversion.LinkDeleted || l.State != conversion.LinkIgnored && l.Placed != e.Key
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
	case e.Tombstone():
		return conversion.LinkIgnored
	case l.State == conversion.LinkHeld:
		return conversion.LinkHeld // until it is decided with its key
	}
	return conversion.LinkLive
}

// place finds the group of one observation, or makes it.
func (r *resolver) place(rec *conversion.Record) {
	g, l := r.index.byRef(rec.Ref)
	first := l == nil
	if first {
		newest := r.newest[rec.Ref]
		if r.awaits(newest) {
			return
		}
		if code, why := r.unplaceable(newest); code != "" {
			if rec == newest {
				r.skip(rec, code, why)
			}
			return
		}
		g, l = r.tie(newest)
	}
	r.match(Match{Record: rec, Group: g, Link: l, First: first})
}

// unplaceable says why a record that has no link gets none. A person who is known by the
// lead that became it needs no e-mail address.
func (r *resolver) unplaceable(rec *conversion.Record) (code, why string) {
	switch {
	case rec.Deleted:
		return "deleted", "It was deleted in Salesforce before it was ever synced."
	case rec.Converted:
		return "converted", "It is a converted lead: the Contact it became carries its data."
	case rec.Ref.Object == conversion.Account && rec.Person:
		return "person_account", "It is a person account; its person is synced as a Contact."
	case rec.Ref.Object != conversion.Account && rec.Key == "" && !(r.page.Heirs && len(r.index.heirs[rec.Ref]) > 0):
		return "no_email", "It has no e-mail address. It is taken up once it gets one."
	}
	if g, ok := r.index.byKey(rec.Key); ok && g.Entity.Erased() {
		return "erased", "It belongs to somebody whose data was erased."
	}
	return "", ""
}

// awaits marks what became a record without a key, and reports whether anything did: whether
// the record is a person of ours is known once everybody is in, and it is read again then.
func (r *resolver) awaits(rec *conversion.Record) bool {
	if r.page.Heirs || rec.Key != "" || !rec.Live() {
		return false
	}
	return r.wake(rec)
}

// wake lets it be decided what it means for those that became the record, and reports
// whether there are any.
func (r *resolver) wake(rec *conversion.Record) bool {
	for _, was := range r.index.heirs[rec.Ref] {
		was.link.Pending = true
		r.touch(was.group)
	}
	return len(r.index.heirs[rec.Ref]) > 0
}

// tie links a record to the group of its key, to that of a lead which became it, or to a new
// one. Settle looks at it again where anything is pending: others may still come or go.
func (r *resolver) tie(rec *conversion.Record) (*conversion.Group, *conversion.Link) {
	g, ok := r.index.byKey(rec.Key)
	heir := r.wake(rec)
	if heir {
		was := r.index.heirs[rec.Ref][0]
		if !ok && (rec.Key == "" || was.link.State == conversion.LinkConverted && was.group.Entity.Live()) {
			g, ok = was.group, true
		}
	}
	if !ok {
		g = r.found(rec)
	}
	l := r.link(g, rec)
	l.Pending = l.Pending || heir // until then it is not known what of its values is a copy
	return g, l
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
		Key: rec.Key, Placed: rec.Key, Name: rec.Name, Met: r.page.Cycle, Linked: r.page.Now,
	}
	switch {
	case g.Entity.Tombstone():
		l.State = conversion.LinkIgnored // spec 3.11
	case !g.Entity.Live():
		l.Pending = true // it brings the entity back
	}
	links := len(g.Links)
	if g.Put(l); len(g.Links) == links {
		r.out.Moves = append(r.out.Moves, conversion.Move{Ref: l.Ref, To: l.EntityID})
	}
	r.index.refs[l.Ref] = tie{g, l}
	r.index.carry(g, l)
	return l
}

func (r *resolver) match(m Match) {
	r.out.Matches = append(r.out.Matches, m)
	r.touch(m.Group)
}

func (r *resolver) touch(g *conversion.Group) {
	if !r.seen[g.Entity.ID] {
		r.seen[g.Entity.ID] = true
		r.out.Groups = append(r.out.Groups, g)
	}
}

func (r *resolver) skip(rec *conversion.Record, code, why string) {
	r.out.Problems = append(r.out.Problems, conversion.Problem{Ref: rec.Ref, Code: code, Message: why})
}
