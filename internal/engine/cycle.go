package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"conversion"
)

// inbound lists the objects of a pull in their order (spec 3.2).
var inbound = []conversion.Object{
	conversion.Account, conversion.Contact, conversion.Lead, conversion.Task, conversion.Event,
}

// outbound lists the objects of a push: companies before contacts (spec 4.5).
var outbound = []conversion.Object{conversion.Account, conversion.Contact, conversion.Lead}

// retryAfter is when a failed cycle is tried again.
const retryAfter = time.Minute

// Request asks for a full cycle, a push and then a pull, and returns the ids of its runs.
// Asked for during a cycle, it starts after it; asked for twice before it starts, it is one.
func (e *Engine) Request(ctx context.Context, workspaceID, trigger string) ([]string, error) {
	books := e.cfg.Books(workspaceID)
	waiting, err := books.QueuedRuns(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the queued runs: %w", err)
	}
	queued := make(map[runKey]string)
	for _, r := range waiting {
		queued[runKey{r.Direction, r.Object}] = r.ID
	}
	var ids []string
	var added []conversion.Run
	for _, r := range e.plannedRuns(trigger) {
		if id := queued[runKey{r.Direction, r.Object}]; id != "" {
			ids = append(ids, id)
			continue
		}
		ids, added = append(ids, r.ID), append(added, r)
	}
	if err := books.AddRuns(ctx, added); err != nil {
		return nil, fmt.Errorf("queue a cycle: %w", err)
	}
	return ids, nil
}

func (e *Engine) plannedRuns(trigger string) []conversion.Run {
	var runs []conversion.Run
	for _, o := range outbound {
		runs = append(runs, e.newRun(conversion.Outbound, o, trigger))
	}
	for _, o := range inbound {
		runs = append(runs, e.newRun(conversion.Inbound, o, trigger))
	}
	return runs
}

func (e *Engine) newRun(d conversion.Direction, o conversion.Object, trigger string) conversion.Run {
	return conversion.Run{
		ID: e.cfg.NewID(), Direction: d, Object: o, Trigger: trigger,
		Status: conversion.RunQueued, Created: e.now(),
	}
}

// Cycle pushes what waits and then pulls what changed, if the workspace's connection is
// live. ErrBusy: a cycle is running already; cycles of one workspace never overlap (spec
// 3.1). A *ShortError: it waits for API requests, with its runs; a *LaterError: for
// Salesforce to gather the records of a first load, or for others who read them. A failure is stored with
// the runs and the cycle comes round again.
func (e *Engine) Cycle(ctx context.Context, workspaceID string) error {
	return e.with(ctx, workspaceID, "cycle", func(ctx context.Context, s *session) error {
		began := s.now()
		runs, err := s.takeRuns(ctx, conversion.Inbound, "schedule")
		if err != nil {
			return err
		}
		err = s.cycle(ctx, runs)
		after := context.WithoutCancel(ctx)
		if err != nil && !Waits(err) {
			s.log.Warn("cycle failed", "error", err)
			s.failQueuedPush(after, err)
		}
		return joinFirst(err, joinFirst(runs.leave(after, err), s.endCycle(after, began, err)))
	})
}

// cycle goes on where a lane waits for API requests: another may have some.
func (s *session) cycle(ctx context.Context, runs *runs) error {
	if err := s.connect(ctx); err != nil {
		return err
	}
	runs.first = !s.conn.Loaded
	if err := s.refreshSchema(ctx, false); err != nil && shortIn(err) == nil {
		return err
	}
	if err := s.pushUnder(ctx, runs.first); err != nil {
		return err
	}
	return s.pull(ctx, runs)
}

// endCycle stores when the workspace was last in step and when the next cycle is due.
func (s *session) endCycle(ctx context.Context, began conversion.Moment, failure error) error {
	c, err := s.books.Connection(ctx)
	if err != nil {
		return fmt.Errorf("read the connection: %w", err)
	}
	if s.remote.Describer != nil {
		if used, limit, at := s.remote.Describer.Usage(); limit > 0 { // else nothing was answered: what is known stays
			c.ClockOffset, c.ClockKnown = s.remote.Describer.ClockOffset(), true
			if at > c.Measured {
				c.Used, c.Max, c.Measured = used, limit, at
			}
		}
	}
	c.NextSync = began.Add(interval(c, s.options))
	switch {
	case failure == nil:
		c.LastSynced, c.Loaded = max(s.now(), c.LastSynced+1), true // later than the last: it names the next cycle
	case errors.Is(failure, context.Canceled):
		c.NextSync = s.now() // it was only stopped: whoever comes next goes on
	case shortIn(failure) != nil:
		c.NextSync = shortIn(failure).Until
	case laterIn(failure) != nil:
		c.NextSync = laterIn(failure).Until
	default:
		c.NextSync = s.now().Add(retryAfter)
	}
	if err := s.books.SaveSyncState(ctx, c); err != nil {
		return fmt.Errorf("store the end of the cycle: %w", err)
	}
	return nil
}

// interval is the time between the starts of two cycles.
func interval(c conversion.Connection, o conversion.Options) time.Duration {
	switch {
	case c.Interval > 0:
		return c.Interval
	case o.IntervalMinutes > 0:
		return time.Duration(o.IntervalMinutes) * time.Minute
	}
	return 15 * time.Minute
}

func joinFirst(first, second error) error {
	if first != nil {
		return first
	}
	return second
}
