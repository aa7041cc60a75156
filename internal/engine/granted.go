package engine

import (
	"context"
	"fmt"
	"slices"

	"conversion"
	"conversion/internal/identity"
)

// grantedBatch is how many granted things are done in one transaction.
const grantedBatch = 500

// doGranted does what an admin granted of what came in (spec 4.11): entities whose last
// records are still gone are deleted, and records whose values were left out are read again.
// Without any it costs one query.
func (s *session) doGranted(ctx context.Context) error {
	for {
		things, err := s.books.Released(ctx, conversion.Inbound, grantedBatch)
		if err != nil || len(things) == 0 {
			return err
		}
		for _, kind := range kinds {
			if err := settled(func() error { return s.deleteGranted(ctx, kind, things) }); err != nil {
				return fmt.Errorf("delete what was granted: %w", err)
			}
			if err := s.takeGranted(ctx, kind, things); err != nil {
				return fmt.Errorf("take over what was granted: %w", err)
			}
		}
	}
}

// deleteGranted deletes the entities, but for those that came back meanwhile. All of them
// are off their approvals then.
func (s *session) deleteGranted(ctx context.Context, kind conversion.Kind, things []conversion.WithheldState) error {
	byID := make(map[string]conversion.Withheld)
	var ids []string
	for _, h := range things {
		if h.Var == 0 {
			byID[h.EntityID], ids = h.Withheld, append(ids, h.EntityID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	groups, err := s.books.Groups(ctx, conversion.GroupQuery{Kind: kind, IDs: ids})
	if err != nil {
		return fmt.Errorf("load what was granted: %w", err)
	}
	var b conversion.Batch
	for _, g := range groups {
		h, asked := byID[g.Entity.ID]
		if !asked {
			continue
		}
		b.Went = append(b.Went, h)
		if identity.GoneWithLast(g, s.options.DeleteInConversion) {
			b.Changes = append(b.Changes, s.goes(g.Entity))
			b.Plans = append(b.Plans, conversion.Plan{Group: g, Expect: g.Entity.Version})
		}
	}
	if len(b.Went) == 0 {
		return nil
	}
	b.Deletions = []conversion.DeletionCount{{Direction: conversion.Inbound, Kind: kind, N: len(b.Plans)}}
	return s.commit(ctx, b)
}

// takeGranted reads the records again, and takes their values over.
func (s *session) takeGranted(ctx context.Context, kind conversion.Kind, things []conversion.WithheldState) error {
	var refs []conversion.Ref
	var b conversion.Batch
	for _, h := range things {
		if h.Var != 0 && h.Ref.Object.Kind() == kind {
			refs, b.Went = append(refs, h.Ref), append(b.Went, h.Withheld)
		}
	}
	if len(refs) == 0 {
		return nil
	}
	slices.SortFunc(refs, compareRefs)
	if err := s.cfg.Step("read what was granted"); err != nil {
		return err
	}
	records, err := s.remote.Target.Read(ctx, s.schemas[kind], slices.Compact(refs))
	if err != nil && conversion.ErrorCode(err) != conversion.CodeForbidden {
		return fmt.Errorf("read the records: %w", err)
	}
	if err := s.takeIn(ctx, kind, records, intake{knownOnly: true, granted: true}); err != nil {
		return err
	}
	return s.commit(ctx, b)
}
