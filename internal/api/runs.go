package api

import (
	"context"
	"time"

	"conversion"
)

// run is one execution of a pull or a push for one object (spec 7.1).
type run struct {
	ID         string               `json:"id"`
	Direction  conversion.Direction `json:"direction" enum:"inbound,outbound"`
	Object     conversion.Object    `json:"object"`
	Trigger    string               `json:"trigger"`
	Status     conversion.RunStatus `json:"status" enum:"queued,running,done,failed"`
	CreatedAt  time.Time            `json:"created_at"`
	StartedAt  *time.Time           `json:"started_at"`
	FinishedAt *time.Time           `json:"finished_at"`
	Counts     conversion.Counts    `json:"counts"`
	Error      *string              `json:"error" doc:"Why it failed."`
	Note       *string              `json:"note" doc:"What it found, of a sweep for example."`
}

func showRun(r conversion.Run) run {
	return run{
		ID: r.ID, Direction: r.Direction, Object: r.Object, Trigger: r.Trigger, Status: r.Status,
		CreatedAt: r.Created.Time(), StartedAt: timeOrNull(r.Started), FinishedAt: timeOrNull(r.Finished),
		Counts: r.Counts, Error: orNull(r.Error), Note: orNull(r.Note),
	}
}

type runsInput struct {
	Direction conversion.Direction `query:"direction" enum:"inbound,outbound"`
	Object    conversion.Object    `query:"object" enum:"Lead,Contact,Account,Task,Event"`
	Since     time.Time            `query:"since" doc:"Asked for then or later."`
	Until     time.Time            `query:"until" doc:"Asked for before then."`
	Page
}

func (a *api) books(ctx context.Context) Books { return a.Books(callerOf(ctx).workspaceID) }

func (a *api) listRuns(ctx context.Context, in *runsInput) (*answer[list[run]], error) {
	found, next, err := a.books(ctx).Runs(ctx, conversion.RunFilter{
		Direction: in.Direction, Object: in.Object,
		Since: conversion.MomentOf(in.Since), Until: conversion.MomentOf(in.Until), After: in.Cursor, Limit: in.Limit,
	})
	return listOf(found, next, showRun), err
}

func (a *api) run(ctx context.Context, in *ByID) (*answer[run], error) {
	r, err := a.books(ctx).Run(ctx, in.ID)
	return answerWith(showRun(r)), err
}

// runRecord is one record of a run: what was done with it.
type runRecord struct {
	Object   conversion.Object `json:"object"`
	RecordID *string           `json:"record_id"`
	EntityID *string           `json:"entity_id" doc:"The contact or company."`
	Outcome  string            `json:"outcome" enum:"created,updated,deleted,skipped,held"`
	Message  *string           `json:"message" doc:"For skipped and held ones."`
	At       time.Time         `json:"at"`
}

func (a *api) runRecords(ctx context.Context, in *ofOne) (*answer[list[runRecord]], error) {
	books := a.books(ctx)
	if _, err := books.Run(ctx, in.ID); err != nil {
		return nil, err
	}
	lines, next, err := books.RunLines(ctx, in.ID, in.Cursor, in.Limit)
	return listOf(lines, next, func(l conversion.RunLine) runRecord {
		return runRecord{l.Ref.Object, orNull(l.Ref.ID), orNull(l.EntityID), l.Outcome, orNull(l.Message), l.At.Time()}
	}), err
}
