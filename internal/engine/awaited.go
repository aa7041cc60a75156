package engine

import (
	"cmp"
	"context"
	"fmt"
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
	held := keysOf(groups)
	for _, by := range []func(*conversion.Entity, *conversion.Record) bool{
		s.byExternalID, s.byKey,
		func(e *conversion.Entity, rec *conversion.Record) bool {
			return rec.Key == e.Creating.Key && s.byName(e, rec)
		},
		func(e *conversion.Entity, rec *conversion.Record) bool { return s.byName(e, rec) && !held[rec.Key] },
	} {
		for i, g := range waiting {
			j := slices.IndexFunc(ours, func(rec *conversion.Record) bool { return g.Entity.Creating != nil && by(g.Entity, rec) })
			if j >= 0 {
				waiting[i] = s.adopt(g, ours[j])
				ours = slices.Delete(ours, j, j+1)
			}
		}
	}
	return mergedWith(groups, waiting), nil
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

// byExternalID reports whether the record was made for the entity: it says so.
func (s *session) byExternalID(e *conversion.Entity, rec *conversion.Record) bool {
	return rec.ExternalID == e.ID && rec.Ref.Object == e.Creating.Object
}

// byKey reports whether the record was made for the entity as far as e-mail or domain,
// creator and time tell.
func (s *session) byKey(e *conversion.Entity, rec *conversion.Record) bool {
	return rec.Key != "" && rec.Key == e.Creating.Key && s.inTime(e.Creating, rec)
}

// byName is byKey for a record without, or whose key was changed since.
func (s *session) byName(e *conversion.Entity, rec *conversion.Record) bool {
	return rec.Name != "" && rec.Name == e.Creating.Name && s.inTime(e.Creating, rec)
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

// keysOf returns the keys of the live entities.
func keysOf(groups []conversion.Group) map[string]bool {
	keys := make(map[string]bool, len(groups))
	for _, g := range groups {
		if g.Entity.Live() && g.Entity.Key != "" {
			keys[g.Entity.Key] = true
		}
	}
	return keys
}
