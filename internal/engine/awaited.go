package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"conversion"
	"conversion/internal/reconcile"
)

// A create whose answer was lost leaves its intent with the entity. The record it made, if
// it made one, comes by itself with a pull, or is found by the look-up before another try;
// either way it is tied to its entity here, before anybody else can take it for somebody new
// (spec 4.3).

// withAwaited ties records that nobody is linked to to the entities they were made for. The
// groups of these are added, and to before what they were like.
func (s *session) withAwaited(ctx context.Context, kind conversion.Kind, records []conversion.Record, groups []conversion.Group, before map[string]*summary) ([]conversion.Group, error) {
	ours := s.madeByUs(records, groups)
	if len(ours) == 0 {
		return groups, nil
	}
	waiting, err := s.books.Groups(ctx, conversion.GroupQuery{Kind: kind, Creating: true})
	if err != nil {
		return nil, fmt.Errorf("load what waits to be created: %w", err)
	}
	waiting = knownOf(groups, waiting)
	for id, sum := range summaries(waiting) {
		before[id] = sum
	}
	for i, rec := range matched(s.pairs(waiting, ours)) {
		waiting[i] = s.adopt(waiting[i], rec)
	}
	return mergedWith(groups, waiting), nil
}

// pair is a create without an answer and a record that may be its work: one that we may have
// made, and that nobody is linked to.
type pair struct {
	waiting  int // which of those that wait
	record   *conversion.Record
	by       evidence
	likeness int // how many of the values in the request the record holds, less those it does not
}

// evidence is what tells for whom a record was made, the better the lower.
type evidence int

const (
	byExternalID evidence = iota // it says so
	byKey                        // e-mail or domain, creator and time
	byNameAlone                  // name, creator and time; there is no e-mail or domain, and none was in the request
	byName                       // the same, but the e-mail or domain was changed since
	byNothing
)

// pairs returns which records may be whose, the likeliest first. Creates of one name may
// have been lost together: then what was in them tells them apart.
func (s *session) pairs(waiting []conversion.Group, ours []*conversion.Record) []pair {
	var all []pair
	for i, g := range waiting {
		for _, rec := range ours {
			if by := s.evidence(g.Entity, rec); by < byNothing {
				all = append(all, pair{i, rec, by, reconcile.Likeness(g.Entity.Creating, rec)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(b.likeness, a.likeness))
	})
	return all
}

// matched returns which create made which record. The likeliest pairs hold, but for one that
// leaves another create without any record, and a record without its create, where the two
// can be exchanged: every record of ours was made for somebody.
func matched(pairs []pair) map[int]*conversion.Record {
	may := make(map[int][]*conversion.Record)
	records, makers := make(map[int]*conversion.Record), make(map[*conversion.Record]int)
	hold := func(waiting int, rec *conversion.Record) {
		records[waiting], makers[rec] = rec, waiting
	}
	for _, p := range pairs {
		may[p.waiting] = append(may[p.waiting], p.record)
		if _, taken := makers[p.record]; !taken && records[p.waiting] == nil {
			hold(p.waiting, p.record)
		}
	}
	var asked map[*conversion.Record]bool
	var find func(waiting int) bool
	find = func(waiting int) bool {
		return slices.ContainsFunc(may[waiting], func(rec *conversion.Record) bool {
			if asked[rec] {
				return false
			}
			asked[rec] = true
			maker, taken := makers[rec]
			if taken && !find(maker) {
				return false
			}
			hold(waiting, rec)
			return true
		})
	}
	for _, waiting := range slices.Sorted(maps.Keys(may)) {
		if records[waiting] == nil {
			asked = make(map[*conversion.Record]bool)
			find(waiting)
		}
	}
	return records
}

// evidence tells why the record may have been made for the entity. That somebody else has the
// e-mail or domain which the record carries by now is none: it may have been changed there,
// and what that means is decided once it is known whose the record was (spec 3.12).
func (s *session) evidence(e *conversion.Entity, rec *conversion.Record) evidence {
	c := e.Creating
	switch {
	case rec.ExternalID == e.ID && rec.Ref.Object == c.Object:
		return byExternalID
	case !s.inTime(c, rec):
		return byNothing
	case rec.Key != "" && rec.Key == c.Key:
		return byKey
	case rec.Name == "" || rec.Name != c.Name:
		return byNothing
	case rec.Key == c.Key:
		return byNameAlone
	}
	return byName
}

// madeByUs returns the unlinked records that the connected user created, or that say whom
// they were created for, by their refs.
func (s *session) madeByUs(records []conversion.Record, groups []conversion.Group) []*conversion.Record {
	linked := make(map[conversion.Ref]bool)
	for _, g := range groups {
		for _, l := range g.Links {
			linked[l.Ref] = true
		}
	}
	var ours []*conversion.Record
	for i := range records {
		rec := &records[i]
		if !linked[rec.Ref] && (rec.CreatedBy == s.conn.UserID || rec.ExternalID != "") {
			ours = append(ours, rec)
			linked[rec.Ref] = true
		}
	}
	slices.SortFunc(ours, func(a, b *conversion.Record) int { return compareRefs(a.Ref, b.Ref) })
	return ours
}

// clockSlack is how far our estimate of Salesforce's time may be off.
const clockSlack = time.Minute

// inTime reports whether the record may be the work of the request, by who made it and when.
func (s *session) inTime(c *conversion.Creation, rec *conversion.Record) bool {
	since, until := s.madeWithin(c)
	return rec.Ref.Object == c.Object && rec.CreatedBy == s.conn.UserID && rec.ExternalID == "" && rec.Created >= since && rec.Created <= until
}

// madeWithin returns when the record of a create can have been made, in Salesforce's time.
func (s *session) madeWithin(c *conversion.Creation) (since, until conversion.Moment) {
	offset := s.conn.ClockOffset
	return c.At.Add(offset - clockSlack), max(c.At, c.Lost).Add(offset + s.options.UnknownOutcome() + clockSlack)
}

// adopt links the record to the entity it was made for; nothing is left to be created. What
// was deleted here since then is to be deleted there.
func (s *session) adopt(g conversion.Group, rec *conversion.Record) conversion.Group {
	e := g.Entity
	l := reconcile.Adopt(g, rec.Ref)
	if l.Name = rec.Name; !e.Live() {
		l.State = conversion.LinkIgnored
	}
	e.Retry = 0
	e.Dirty = cmp.Or(e.Dirty, s.now())
	return withLink(g, l)
}

// reclaim combines into g what a pull made of its record meanwhile: one that ran beside the
// request, met the record first and could not tell whose it is.
func (c *confirmation) reclaim(g conversion.Group, ref conversion.Ref) conversion.Group {
	for id, other := range c.groups {
		l := other.Link(ref)
		if id == g.Entity.ID || l == nil || movedOn(g, ref) || l.State == conversion.LinkMoved || other.Entity.Origin != conversion.OriginSalesforce || len(other.Links) > 1 {
			continue
		}
		reconcile.Combine(&g, &other, c.schemas[c.d.kind], c.now())
		c.groups[id], c.touched[id] = other, true
	}
	return g
}

// movedOn reports whether the record was the group's and went elsewhere.
func movedOn(g conversion.Group, ref conversion.Ref) bool {
	return g.Link(ref) == nil && slices.ContainsFunc(g.Links, func(l *conversion.Link) bool { return l.Ref == ref })
}

// withLink returns the group with one more link, in its place or in that of what the record
// left when it moved on.
func withLink(g conversion.Group, l *conversion.Link) conversion.Group {
	g.Links = slices.Clone(g.Links)
	g.Put(l)
	return g
}

// withLink is that, for a record that may come back to the entity.
func (c *confirmation) withLink(g conversion.Group, l *conversion.Link) conversion.Group {
	if movedOn(g, l.Ref) {
		c.batch.Moves = append(c.batch.Moves, conversion.Move{Ref: l.Ref, To: g.Entity.ID})
	}
	return withLink(g, l)
}

// knownOf returns the waiting groups, those that are among the groups as they are there.
func knownOf(groups, waiting []conversion.Group) []conversion.Group {
	for i, g := range waiting {
		if j := indexOf(groups, g.Entity.ID); j >= 0 {
			waiting[i] = groups[j]
		}
	}
	return waiting
}

// mergedWith returns the groups with those in place or beside them that found their record.
func mergedWith(groups, waiting []conversion.Group) []conversion.Group {
	for _, g := range waiting {
		j := indexOf(groups, g.Entity.ID)
		switch {
		case j >= 0:
			groups[j] = g
		case g.Entity.Creating == nil:
			groups = append(groups, g)
		}
	}
	return groups
}

func indexOf(groups []conversion.Group, id string) int {
	return slices.IndexFunc(groups, func(g conversion.Group) bool { return g.Entity.ID == id })
}
