package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"conversion"
)

// Push sends what changed in Conversion, if the rules allow any of it. Changes of modes are
// brought to what is stored first, over no connection either. ErrBusy: another worker is
// pushing already. A *ShortError: some of it waits for API requests.
func (e *Engine) Push(ctx context.Context, workspaceID string) error {
	return e.with(ctx, workspaceID, "push", func(ctx context.Context, s *session) error {
		if err := s.readSettings(ctx); err != nil {
			return err
		}
		revised, err := s.bringUpToDate(ctx)
		if err != nil || revised && !s.conn.Live() {
			return err
		}
		return s.push(ctx, "change", func() error {
			if err := s.openOrg(ctx); err != nil || s.mapped() {
				return err
			}
			return s.refreshSchema(ctx, true)
		})
	})
}

// pushUnder pushes as a part of a cycle, under the push's own lease. When a push is
// running already, that one does the work. Lanes that wait for API requests do not stop
// the cycle, unless Salesforce takes none at all.
func (s *session) pushUnder(ctx context.Context, first bool) error {
	trigger := "schedule"
	if first {
		trigger = "first"
	}
	err := s.with(ctx, s.workspace, "push", func(ctx context.Context, p *session) error {
		p.conn, p.rules, p.options, p.schemas = s.conn, s.rules, s.options, s.schemas
		if _, err := p.bringUpToDate(ctx); err != nil {
			return err
		}
		return p.push(ctx, trigger, func() error {
			p.use(s.org)
			return nil
		})
	})
	if short := shortIn(err); errors.Is(err, ErrBusy) || short != nil && short.Reason != conversion.WaitsForLimit {
		return nil
	}
	return err
}

// push takes over the queued outbound runs and drains the lanes. Runs are done when nothing
// is left, and queued again while some of the work waits.
func (s *session) push(ctx context.Context, trigger string, open func() error) error {
	rs, err := s.takeRuns(ctx, conversion.Outbound, trigger)
	if err != nil {
		return err
	}
	after := context.WithoutCancel(ctx)
	if err := open(); err != nil {
		return joinFirst(err, rs.leave(after, err))
	}
	waits, err := s.waitsForPreview(ctx)
	if err != nil {
		return joinFirst(err, rs.leave(after, err))
	}
	if waits {
		rs.fail(after, errPiled(s.conn.Piled))
		return nil
	}
	if err := s.drain(ctx, rs); err != nil {
		return joinFirst(err, rs.leave(after, err))
	}
	return rs.settleOutbound(ctx)
}

// failQueuedPush closes the outbound runs that were queued for a cycle that failed before
// its push could take them.
func (s *session) failQueuedPush(ctx context.Context, reason error) {
	err := s.with(ctx, s.workspace, "push", func(ctx context.Context, p *session) error {
		rs, err := p.takeRuns(ctx, conversion.Outbound, "schedule")
		if err == nil {
			rs.fail(ctx, reason)
		}
		return err
	})
	if err != nil && !errors.Is(err, ErrBusy) {
		s.log.Warn("closing queued runs failed", "error", err)
	}
}

// stages is the order of a push, by lanes (spec 4.10): new contacts first, with the companies
// they need; then companies before contacts, who get their Accounts (spec 4.5). Deletions
// come after all else, Accounts last: Salesforce deletes their Contacts along.
var stages = []conversion.DirtyQuery{
	{Kind: conversion.KindContact, OneLane: true, Lane: conversion.LaneNews},
	{Kind: conversion.KindCompany, OneLane: true, Lane: conversion.LaneNews},
	{Kind: conversion.KindCompany, OneLane: true, Lane: conversion.LaneEdits},
	{Kind: conversion.KindContact, OneLane: true, Lane: conversion.LaneEdits},
	{Kind: conversion.KindCompany, OneLane: true, Lane: conversion.LaneBackfill},
	{Kind: conversion.KindContact, OneLane: true, Lane: conversion.LaneBackfill},
	{Kind: conversion.KindContact, Deleted: true},
	{Kind: conversion.KindCompany, Deleted: true},
}

// drain sends what is dirty, stage by stage. A lane that waits for API requests does not
// stop the others, unless Salesforce takes none at all.
func (s *session) drain(ctx context.Context, rs *runs) error {
	waits := make(map[conversion.Lane]*ShortError)
	var first *ShortError
	for _, stage := range stages {
		if waits[stage.Lane] != nil {
			continue
		}
		err := s.inLane(stage.Lane, func() error { return s.pushStage(ctx, rs, stage) })
		short := shortIn(err)
		if err != nil && (short == nil || short.Reason == conversion.WaitsForLimit) {
			return fmt.Errorf("push: %w", err)
		}
		if short != nil {
			waits[stage.Lane] = short
			first = cmp.Or(first, short)
		}
	}
	for _, l := range conversion.PushLanes {
		if waits[l] == nil {
			if err := s.awake(ctx, l); err != nil {
				return err
			}
		}
	}
	if err := s.gather(ctx); err != nil || first == nil {
		return err
	}
	return first
}

// pushStage sends what a stage finds, in batches that are each planned, stored, sent and
// confirmed before the next.
func (s *session) pushStage(ctx context.Context, rs *runs, due conversion.DirtyQuery) error {
	due.Limit = pushBatch
	for {
		due.Now = s.now()
		groups, err := s.books.Dirty(ctx, due)
		if err != nil {
			return fmt.Errorf("load what waits to be sent: %w", err)
		}
		if len(groups) == 0 {
			return nil
		}
		if due.Kind == conversion.KindContact && due.Lane == conversion.LaneNews {
			if err := s.pushCompaniesFor(ctx, rs, groups); err != nil {
				return err
			}
		}
		err = s.onFieldsChanged(ctx, func() error { return s.pushGroups(ctx, rs, due.Kind, groups) })
		if err != nil {
			return err
		}
	}
}

// pushCompaniesFor sends the companies of new contacts that have no Account yet, so that
// the contacts are made with one.
func (s *session) pushCompaniesFor(ctx context.Context, rs *runs, contacts []conversion.Group) error {
	companies, err := s.companyGroups(ctx, contacts)
	if err != nil {
		return err
	}
	needed := slices.DeleteFunc(companies, func(g conversion.Group) bool {
		e := g.Entity
		return !e.Live() || e.Dirty == 0 || e.Retry > s.now() || newestAccount(g) != ""
	})
	if len(needed) == 0 {
		return nil
	}
	return s.onFieldsChanged(ctx, func() error { return s.pushGroups(ctx, rs, conversion.KindCompany, needed) })
}
