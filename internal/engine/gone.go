package engine

import (
	"context"
	"slices"

	"conversion"
	"conversion/internal/identity"
	"conversion/internal/reconcile"
)

// goneWithLast reports whether an entity is to be deleted because its last record is deleted
// in Salesforce, if the admin wants that (spec 3.10). It is decided where records are settled,
// once everybody is in: the next page may bring another record of the same entity.
func (s *session) goneWithLast(g conversion.Group, before *summary) bool {
	return before != nil && before.endsIn(g) && identity.GoneWithLast(g, s.options.DeleteInConversion)
}

// leave deletes the entities whose last records are gone, unless they are so many that an
// admin has to approve it first (spec 4.11): then they stay, with links that ended.
func (s *session) leave(ctx context.Context, kind conversion.Kind, going []*conversion.Entity, b *breaking) error {
	if len(going) == 0 {
		return nil
	}
	reason, err := s.verdict(ctx, kind, reconcile.Deletions{Direction: conversion.Inbound, Records: len(going)})
	if err != nil {
		return err
	}
	if reason == "" {
		for _, e := range going {
			b.changes = append(b.changes, s.goes(e))
		}
		b.deletions = append(b.deletions, conversion.DeletionCount{Direction: conversion.Inbound, Kind: kind, N: len(going)})
		return nil
	}
	things := make([]conversion.Withheld, len(going))
	for i, e := range going {
		things[i].EntityID = e.ID
		b.changes = append(b.changes, conversion.Change{
			EntityID: e.ID, Note: "its deletion waits for an approval", FieldChange: conversion.FieldChange{At: s.now()},
		})
	}
	ask, err := s.ask(ctx, topic{conversion.Inbound, kind, 0}, reason, len(things), things)
	b.asks = append(b.asks, ask)
	return err
}

// breaking is what the breaker has to say to a batch.
type breaking struct {
	asks      []conversion.Ask
	deletions []conversion.DeletionCount
	changes   []conversion.Change
	went      []conversion.Withheld
}

func (b breaking) into(batch *conversion.Batch) {
	batch.Asks, batch.Deletions = append(batch.Asks, b.asks...), append(batch.Deletions, b.deletions...)
	batch.Changes, batch.Went = append(batch.Changes, b.changes...), append(batch.Went, b.went...)
}

// endsIn reports whether it is decided now what the end of a record of the group means.
func (sum *summary) endsIn(g conversion.Group) bool {
	return slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
		return l.State == conversion.LinkDeleted && sum.links[l.Ref].pending && !l.Pending
	})
}

// goes deletes an entity whose last record is gone. It goes by itself: its key or an undelete
// brings it back. Nothing is written anywhere, for there is no record left.
func (s *session) goes(e *conversion.Entity) conversion.Change {
	e.Deleted, e.Updated, e.Gone, e.Death = s.now(), s.now(), true, 0
	e.Dirty, e.Retry, e.Tries = 0, 0, 0
	return conversion.Change{
		EntityID: e.ID, Note: "deleted: its last record was deleted in Salesforce", FieldChange: conversion.FieldChange{At: s.now()},
	}
}

// returned asks for the activities that came while a contact was gone, or deleted.
func (t *taken) returned(before map[string]*summary, now conversion.Moment) (list []conversion.CatchUp) {
	for _, g := range t.groups {
		if sum := before[g.Entity.ID]; sum == nil || !sum.gone || !g.Entity.Live() || g.Entity.Kind != conversion.KindContact {
			continue
		}
		for _, l := range g.Links {
			for _, o := range activityObjects {
				if l.Live() {
					list = append(list, conversion.CatchUp{Activity: o, Who: l.Ref, Asked: now})
				}
			}
		}
	}
	return list
}
