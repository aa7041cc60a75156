package directory

import (
	"context"

	"conversion"
	"conversion/internal/reconcile"
)

// Combine makes one contact or company of two, by hand: links, claims, engagements and
// history of the first go to the other, which keeps its e-mail or domain, and the id of the
// first leads there from then on. Nothing is written to Salesforce by it. It shows the other
// as it is then. A CodeNotFound error when there is no such live entity; a CodeInvalid one
// naming "into" when the other is not there, or the same; a CodeConflict one while it is open
// what became of requests to create both: of two, one record would be lost sight of.
func (s *Service) Combine(ctx context.Context, workspaceID string, kind conversion.Kind, id, into string, actor conversion.Actor) (View, error) {
	return s.changed(ctx, workspaceID, kind, func(set settings, books Books) (conversion.Group, bool, error) {
		return set.combine(ctx, books, id, into, actor)
	})
}

func (s settings) combine(ctx context.Context, books Books, id, into string, actor conversion.Actor) (g conversion.Group, sends bool, err error) {
	kind := s.schema.Kind
	desk, err := readDesk(ctx, books, kind, []string{id, into}, nil)
	if err != nil {
		return g, false, err
	}
	from, to := desk.file(id), desk.file(into)
	switch {
	case from == nil || !from.group.Entity.Live():
		return g, false, notFound(kind)
	case to == nil || !to.group.Entity.Live():
		return g, false, conversion.Invalid("into", "there is no such %s", kind)
	case from == to:
		return g, false, conversion.Invalid("into", "is the same %s", kind)
	case from.group.Entity.Creating != nil && to.group.Entity.Creating != nil:
		return g, false, &conversion.Error{
			Code: conversion.CodeConflict, Message: "Both are being created in Salesforce.",
			Hint: "Combine them once their records are linked; that takes a few minutes at most.",
		}
	}
	loser := from.group.Clone()
	g = to.group.Clone()
	was := g.Entity.Clone()
	reconcile.Combine(&g, &loser, s.schema, s.now)
	history := append(
		[]conversion.Change{note(g.Entity, actor, s.now, "combined with "+nameOf(from.group.Entity)+", by hand")},
		lines(g.Entity, known(reconcile.Resolve(g, s.schema)))...)
	if was.Company == "" {
		was.Company = g.Entity.Company
	}
	g.Entity.Company = was.Company
	desk.put(from, loser, false)
	desk.put(to, g, g.Entity.Dirty != 0, history...)
	sends, err = desk.commit(ctx, books, s.now)
	return g, sends, err
}

// known leaves out values that the entity did not have before: they are in the history of
// the one that had them.
func known(changes []conversion.FieldChange) (list []conversion.FieldChange) {
	for _, c := range changes {
		if !c.Before.Absent() {
			list = append(list, c)
		}
	}
	return list
}

// nameOf is what the timeline calls an entity that is no more.
func nameOf(e *conversion.Entity) string {
	for _, name := range []string{e.Key, e.Name} {
		if name != "" {
			return name
		}
	}
	return string(e.Kind) + " " + e.ID
}
