package engine

import (
	"context"
	"fmt"
	"time"

	"conversion"
	"conversion/internal/reconcile"
)

// withAwaited ties records to entities that were being created as them when the answer was
// lost, and that no key can tell: a company without a domain is known by who made the
// record, when, and its name (spec 4.3).
func (s *session) withAwaited(ctx context.Context, kind conversion.Kind, records []conversion.Record, groups []conversion.Group) ([]conversion.Group, error) {
	ours := s.madeByUs(records, groups)
	if len(ours) == 0 {
		return groups, nil
	}
	waiting, err := s.books.Groups(ctx, conversion.GroupQuery{Kind: kind, Creating: true})
	if err != nil {
		return nil, fmt.Errorf("load what waits to be created: %w", err)
	}
	for _, g := range waiting {
		if rec := s.awaited(g.Entity, ours); rec != nil {
			groups = append(groups, adopt(g, rec))
			delete(ours, rec.Ref)
		}
	}
	return groups, nil
}

// clockSlack is how far our estimate of Salesforce's time may be off.
const clockSlack = time.Minute

// madeByUs returns the unlinked records without a key that the connected user changed
// last.
func (s *session) madeByUs(records []conversion.Record, groups []conversion.Group) map[conversion.Ref]*conversion.Record {
	linked := make(map[conversion.Ref]bool)
	for _, g := range groups {
		for _, l := range g.Links {
			linked[l.Ref] = true
		}
	}
	ours := make(map[conversion.Ref]*conversion.Record)
	for i := range records {
		rec := &records[i]
		if rec.Key == "" && rec.Live() && rec.ModifiedBy == s.conn.UserID && !linked[rec.Ref] {
			ours[rec.Ref] = rec
		}
	}
	return ours
}

// awaited returns the record that the entity's unanswered create made, nil when none can
// be.
func (s *session) awaited(e *conversion.Entity, ours map[conversion.Ref]*conversion.Record) *conversion.Record {
	if e.Creating == nil || e.Key != "" {
		return nil
	}
	asked := e.Creating.At.Add(s.conn.ClockOffset)
	for _, rec := range ours {
		late := rec.Created.Sub(asked)
		if rec.Ref.Object == e.Creating.Object && rec.Name == e.Name && late > -clockSlack && late < s.options.UnknownOutcome()+clockSlack {
			return rec
		}
	}
	return nil
}

// adopt links the record to the entity it was made for; nothing is left to be created.
func adopt(g conversion.Group, rec *conversion.Record) conversion.Group {
	l := reconcile.NewLink(g, rec.Ref, rec.Key, g.Entity.Creating.At)
	reconcile.SettleUpTo(g.Entity, l, g.Entity.Creating.Number)
	g.Links = append(g.Links, l)
	g.Entity.Creating, g.Entity.Retry = nil, 0
	return g
}
