package engine

import (
	"conversion"
	"conversion/internal/identity"
)

// goneWithLast deletes an entity whose last record is deleted in Salesforce now, if the
// admin wants that (spec 3.10). It goes by itself: its key or an undelete brings it back.
// Nothing is written anywhere, for there is no record left.
func (s *session) goneWithLast(g conversion.Group, before *summary) []conversion.Change {
	if before == nil || !before.endsIn(g) || !identity.GoneWithLast(g, s.options.DeleteInConversion) {
		return nil
	}
	return s.goes(g.Entity)
}

// endsIn reports whether a record of the group is deleted that was not before.
func (sum *summary) endsIn(g conversion.Group) bool {
	for _, l := range g.Links {
		if was, known := sum.links[l.Ref]; known && l.State == conversion.LinkDeleted && was.state != conversion.LinkDeleted {
			return true
		}
	}
	return false
}

func (s *session) goes(e *conversion.Entity) []conversion.Change {
	e.Deleted, e.Updated, e.Gone, e.Death = s.now(), s.now(), true, 0
	e.Dirty, e.Retry, e.Tries = 0, 0, 0
	return []conversion.Change{{
		EntityID: e.ID, Note: "deleted: its last record was deleted in Salesforce", FieldChange: conversion.FieldChange{At: s.now()},
	}}
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
