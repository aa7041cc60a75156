package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"conversion"
	"conversion/internal/reconcile"
)

// topic is what one question of the breaker is about.
type topic struct {
	direction conversion.Direction
	kind      conversion.Kind
	variable  conversion.VarID // 0: deletions
}

// grows reports whether a question takes in what comes while it waits.
func (t topic) grows() bool { return t.direction == conversion.Outbound && t.variable != 0 }

// ask puts the things under a question: the one that this piece of work asked already, as
// long as it waits, else a new one. Whatever comes later asks anew, so that an admin never
// grants what was not there to be seen. Only what is changed here in bulk joins the question
// that waits, for it comes in many pieces of work.
func (s *session) ask(ctx context.Context, about topic, reason string, entities int, things []conversion.Withheld) (conversion.Ask, error) {
	waiting, err := s.books.Approvals(ctx, s.now())
	if err != nil {
		return conversion.Ask{}, fmt.Errorf("read the approvals: %w", err)
	}
	id := s.asked[about]
	i := slices.IndexFunc(waiting, func(a conversion.Approval) bool {
		return a.Decided == 0 && (a.ID == id || about.grows() && about == topic{a.Direction, a.Kind, a.Var})
	})
	if i >= 0 {
		id = waiting[i].ID
	} else {
		id = s.cfg.NewID()
	}
	if s.asked == nil {
		s.asked = make(map[topic]string)
	}
	s.asked[about] = id
	for i := range things {
		things[i].Approval = id
	}
	return conversion.Ask{Withheld: things, Approval: conversion.Approval{
		ID: id, Direction: about.direction, Kind: about.kind, Var: about.variable, Reason: reason, Count: entities, Created: s.now(),
	}}, nil
}

// guard takes the deletions out of a delivery that an admin has to approve first (spec
// 4.11). Everything else of the delivery goes on.
func (s *session) guard(ctx context.Context, d *delivery, b *conversion.Batch) error {
	doomed := make(map[string]*conversion.Entity)
	var ids []string
	for _, p := range b.Plans {
		if slices.ContainsFunc(p.Writes, isDeletion) {
			doomed[p.Group.Entity.ID], ids = p.Group.Entity, append(ids, p.Group.Entity.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	held, fresh, err := s.sortDeletions(ctx, ids, doomed)
	if err != nil {
		return err
	}
	later, err := s.afterContacts(ctx, d)
	if err != nil {
		return err
	}
	fresh = slices.DeleteFunc(fresh, func(id string) bool { return slices.Contains(later, id) })
	reason, err := s.weigh(ctx, d, fresh)
	if err != nil {
		return err
	}
	if reason != "" {
		things := make([]conversion.Withheld, len(fresh))
		for i, id := range fresh {
			things[i] = conversion.Withheld{EntityID: id, Mark: conversion.DeletionMark(doomed[id])}
		}
		ask, err := s.ask(ctx, topic{conversion.Outbound, d.kind, 0}, reason, len(things), things)
		if err != nil {
			return err
		}
		b.Asks, held = append(b.Asks, ask), append(held, fresh...)
	}
	for _, id := range held {
		doomed[id].Retry = conversion.ParkedRetry
	}
	for _, id := range later {
		doomed[id].Retry = s.now().Add(lackingAfter)
	}
	held = append(held, later...)
	d.writes = slices.DeleteFunc(d.writes, func(w conversion.Write) bool { return slices.Contains(held, w.EntityID) })
	return nil
}

func isDeletion(w conversion.Write) bool { return w.Action == conversion.ActionDelete }

// sortDeletions tells deletions that were asked about and not granted from those nobody was
// asked about. Granted ones are neither.
func (s *session) sortDeletions(ctx context.Context, ids []string, doomed map[string]*conversion.Entity) (held, fresh []string, err error) {
	things, err := s.books.Withheld(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	asked, granted := make(map[string]bool), make(map[string]bool)
	for _, h := range things {
		if h.Direction == conversion.Outbound && h.Var == 0 && h.Mark == conversion.DeletionMark(doomed[h.EntityID]) {
			asked[h.EntityID] = true
			granted[h.EntityID] = granted[h.EntityID] || h.Granted
		}
	}
	for _, id := range ids {
		switch {
		case granted[id]:
		case asked[id]:
			held = append(held, id)
		default:
			fresh = append(fresh, id)
		}
	}
	return held, fresh, nil
}

// weigh says why the deletions of the entities have to wait; "" when they need not. What
// goes along is noted, to be counted once they are gone.
func (s *session) weigh(ctx context.Context, d *delivery, ids []string) (string, error) {
	var records []string
	for _, w := range d.writes {
		if isDeletion(w) && slices.Contains(ids, w.EntityID) {
			records = append(records, w.Ref.ID)
		}
	}
	if len(records) == 0 {
		return "", nil
	}
	what := reconcile.Deletions{Direction: conversion.Outbound, Records: len(records)}
	if d.kind == conversion.KindCompany {
		what.WithRefused = len(slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !d.refused[id] }))
		along, err := s.remote.Describer.Doomed(ctx, records)
		if err != nil {
			return "", fmt.Errorf("count what deletions take along: %w", err)
		}
		what.Along, what.WithOpportunities = along.Contacts, len(along.WithOpportunities)
		d.along = along.Contacts
	}
	due, err := s.dueDeletions(ctx, d.kind)
	if err != nil {
		return "", err
	}
	s.due[d.kind] = due - what.Records
	what.Records = max(what.Records, due)
	return s.verdict(ctx, d.kind, what)
}

// mostWaiting bounds how many entities are counted for one question.
const mostWaiting = 5000

// dueDeletions counts the records whose deletion was due when the work began and was not
// weighed yet, whatever the batch: many do not go in small parts.
func (s *session) dueDeletions(ctx context.Context, k conversion.Kind) (int, error) {
	if n, counted := s.due[k]; counted {
		return n, nil
	}
	groups, err := s.books.Dirty(ctx, conversion.DirtyQuery{Kind: k, Deleted: true, Now: s.now(), Limit: mostWaiting})
	if err != nil {
		return 0, fmt.Errorf("count the deletions that wait: %w", err)
	}
	count := 0
	for _, g := range groups {
		count += len(reconcile.Send(g, s.schemas[k], s.terms()).Writes)
	}
	if s.due == nil {
		s.due = make(map[conversion.Kind]int)
	}
	s.due[k] = count
	return count, nil
}

// verdict says why so many deletions have to wait, after those of the window; "" when they
// need not.
func (s *session) verdict(ctx context.Context, k conversion.Kind, d reconcile.Deletions) (string, error) {
	since := s.now().Add(-conversion.BreakerWindow)
	earlier, err := s.books.Deletions(ctx, d.Direction, k, since)
	if err != nil {
		return "", err
	}
	if d.Linked, err = s.books.Linked(ctx, k, since); err != nil {
		return "", fmt.Errorf("count the linked records: %w", err)
	}
	approvals, err := s.books.Approvals(ctx, s.now())
	if err != nil {
		return "", fmt.Errorf("read the approvals: %w", err)
	}
	d.Earlier += earlier
	for _, a := range approvals {
		if a.Decided == 0 && a.Direction == d.Direction && a.Kind == k && a.Var == 0 {
			d.Asked += a.Count
		}
	}
	if d.Direction == conversion.Inbound {
		d.Linked += d.Asked // these are here still, their records are not
	}
	return reconcile.DeletionsWait(d, s.options), nil
}

// breaker counts the deletions that took effect and takes those that were granted off their
// approvals.
func (c *confirmation) breaker(ctx context.Context) error {
	if c.deleted == 0 {
		return nil
	}
	c.batch.Deletions = append(c.batch.Deletions, conversion.DeletionCount{
		Direction: conversion.Outbound, Kind: c.d.kind, N: c.deleted + c.d.along,
	})
	over := make(map[string]*conversion.Entity)
	for _, p := range c.batch.Plans {
		if g := p.Group; !g.Entity.Live() && !slices.ContainsFunc(g.Links, deletable) {
			over[g.Entity.ID] = g.Entity
		}
	}
	things, err := c.books.Withheld(ctx, slices.Collect(maps.Keys(over)))
	if err != nil {
		return err
	}
	for _, h := range things {
		if h.Direction == conversion.Outbound && h.Var == 0 && h.Granted && h.Mark == conversion.DeletionMark(over[h.EntityID]) {
			c.batch.Went = append(c.batch.Went, h.Withheld)
		}
	}
	return nil
}

// deletable reports whether the record of a deleted entity is still there to be deleted.
func deletable(l *conversion.Link) bool { return l.Live() || l.State == conversion.LinkIgnored }
