package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"conversion"
	"conversion/internal/reconcile"
)

// Applied is what applying a preview came to.
type Applied struct {
	RunIDs  []string // of the cycle that sends what was released
	Skipped int      // contacts and companies that were passed over, for they had changed since
}

// Apply saves the rules and modes of a preview and releases what it showed: exactly that,
// and in a cycle that is queued at once. A contact or company whose plan has become another
// since is passed over and listed (spec 5.5).
//
// Errors: CodeNotFound without such a preview, or when it has expired; CodeConflict when it
// was applied before, or when what it was made under has changed. Nothing is changed then.
// One that stopped halfway goes on when it is asked for again, and by itself before the
// next push.
func (e *Engine) Apply(ctx context.Context, workspaceID, previewID string, by conversion.Actor) (Applied, error) {
	var applied Applied
	err := e.patiently(ctx, func() error {
		return e.with(ctx, workspaceID, "push", func(ctx context.Context, s *session) error {
			p, err := s.begin(ctx, previewID, by)
			if err != nil {
				return err
			}
			if p, err = s.carryOn(ctx, p); err != nil {
				return err
			}
			applied.Skipped = p.Skipped
			return s.pile(ctx, 0, 0) // an admin has seen it
		})
	})
	if errors.Is(err, ErrBusy) {
		return applied, &conversion.Error{
			Code: conversion.CodeConflict, Message: "A push is running right now.", Hint: "Apply again in a moment; the preview stays as it is.", Err: err,
		}
	}
	if err != nil {
		return applied, err
	}
	applied.RunIDs, err = e.Request(ctx, workspaceID, "manual")
	return applied, err
}

// A push is mostly short: applying waits for its end for a while.
const (
	applyTries = 40
	applyPause = 250 * time.Millisecond
)

// patiently does work again while another worker is on it.
func (e *Engine) patiently(ctx context.Context, work func() error) error {
	ticker := time.NewTicker(applyPause)
	defer ticker.Stop()
	for try := 1; ; try++ {
		err := work()
		if !errors.Is(err, ErrBusy) || try == applyTries {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// begin checks that the preview still says what would happen, and saves its rules and
// modes. Applying that stopped halfway is not begun again.
func (s *session) begin(ctx context.Context, id string, by conversion.Actor) (conversion.Preview, error) {
	p, err := s.books.Preview(ctx, id, s.now())
	switch {
	case err != nil:
		return p, err
	case p.Applied > 0:
		return p, conversion.Errorf(conversion.CodeConflict, "This preview was applied before.")
	case p.Begun > 0:
		return p, nil
	}
	basis, err := s.basisOf(ctx, s.workspace)
	if err != nil {
		return p, err
	}
	if basis != p.Basis {
		return p, &conversion.Error{
			Code: conversion.CodeConflict, Message: "The settings have changed since the preview was made.", Hint: "Make a new preview.",
		}
	}
	if err := s.cfg.Step("begin applying"); err != nil {
		return p, err
	}
	return p, s.books.BeginApplying(ctx, p, by, s.now())
}

// finishApplying goes on with what a process that died left half applied.
func (s *session) finishApplying(ctx context.Context) error {
	p, err := s.books.HalfApplied(ctx)
	if err != nil {
		return fmt.Errorf("look for a half applied preview: %w", err)
	}
	if p.ID == "" {
		return nil
	}
	_, err = s.carryOn(ctx, p)
	return err
}

// carryOn releases the entities of a preview page by page, from where it stands. Rules and
// modes are saved already: the trial is of what is.
func (s *session) carryOn(ctx context.Context, p conversion.Preview) (conversion.Preview, error) {
	t, err := s.newTrial(ctx, s.workspace, PreviewRequest{Rules: &p.Rules, Modes: p.Modes, Scope: p.Scope})
	if err != nil {
		return p, err
	}
	for p.Done < p.Entities {
		err := settled(func() error {
			entities, err := s.books.PreviewEntities(ctx, p.ID, p.Done, previewPage)
			if err != nil {
				return err
			}
			return s.release(ctx, t, &p, entities)
		})
		if err != nil {
			return p, fmt.Errorf("apply a preview: %w", err)
		}
	}
	if p.Entities > 0 {
		return p, nil
	}
	return p, s.commit(ctx, conversion.Batch{Preview: &conversion.PreviewStep{PreviewID: p.ID, Finished: true}})
}

// release lets go what the entities' plans still are, and passes over the others, in one
// transaction with how far that is.
func (s *session) release(ctx context.Context, t *trial, p *conversion.Preview, entities []conversion.PreviewEntity) error {
	step := &conversion.PreviewStep{PreviewID: p.ID, Done: p.Done + len(entities)}
	step.Finished = step.Done >= p.Entities
	b := conversion.Batch{Preview: step, Replaces: conversion.HeldNone}
	for _, kind := range kinds {
		var changed []conversion.Group
		now, err := t.again(ctx, kind, entities)
		if err != nil {
			return err
		}
		for _, e := range entities {
			if e.Kind != kind {
				continue
			}
			f, ok := now[e.EntityID]
			switch {
			case ok && f.plan.Hash() == e.Hash:
				b.Plans = append(b.Plans, s.released(f.group, t))
				continue
			case ok: // its modes apply all the same; what they let out waits
				t.revise(&b, f.group)
				b.Plans = append(b.Plans, conversion.Plan{Group: f.group, Expect: f.group.Entity.Version})
				changed = append(changed, f.group)
			}
			step.Skipped = append(step.Skipped, e.Number)
		}
		if _, err := t.reviseCompanies(ctx, kind, changed); err != nil {
			return err
		}
	}
	if err := s.commit(ctx, b); err != nil {
		return err
	}
	p.Done, p.Skipped = step.Done, p.Skipped+len(step.Skipped)
	return nil
}

// again plans the entities of the kind anew.
func (t *trial) again(ctx context.Context, kind conversion.Kind, entities []conversion.PreviewEntity) (map[string]foreseen, error) {
	q := conversion.GroupQuery{Kind: kind}
	for _, e := range entities {
		if e.Kind == kind {
			q.IDs = append(q.IDs, e.EntityID)
		}
	}
	if len(q.IDs) == 0 {
		return nil, nil
	}
	groups, err := t.books.Groups(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("load what a preview is about: %w", err)
	}
	found, err := t.foresee(ctx, kind, groups)
	byID := make(map[string]foreseen, len(found))
	for _, f := range found {
		byID[f.group.Entity.ID] = f
	}
	return byID, err
}

// released is the plan that lets an entity's changes go: it is widened as the scope says,
// and looked at by the next push.
func (s *session) released(g conversion.Group, t *trial) conversion.Plan {
	e := g.Entity.Clone()
	if t.scope == conversion.ScopeExisting {
		reconcile.Widen(e, t.rules.Reach())
	}
	e.Mark(conversion.LaneBackfill, cmp.Or(e.Dirty, s.now()))
	return conversion.Plan{Group: conversion.Group{Entity: e, Links: g.Links}, Expect: e.Version}
}
