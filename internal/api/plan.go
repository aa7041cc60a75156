package api

import (
	"context"
	"time"

	"conversion"
	"conversion/internal/engine"
)

const (
	firstPage   = 100  // records of a new plan that its answer holds
	mostSkipped = 1000 // records that applying says it passed over
)

// planInput is a change of rules or modes to be previewed (spec 5.5).
type planInput struct {
	Rules *rules                  `json:"rules,omitempty" doc:"All six, and the defaults; what is left out is none. Without it: as they are."`
	Modes modes                   `json:"modes,omitempty" doc:"Modes that change: {\"contact\": {\"job_title\": \"always_conversion\"}}."`
	Scope conversion.PreviewScope `json:"scope" required:"false" enum:"pending,existing" default:"pending" doc:"pending: what waits to be sent. existing: everything ever said in Conversion; applying it then widens what the rules allow to the past."`
}

// modes are modes of variables by object (contact, company) and key.
type modes map[conversion.Kind]map[string]conversion.Mode

// plan is what a change of rules or modes would do.
type plan struct {
	PlanID    string                   `json:"plan_id"`
	Scope     conversion.PreviewScope  `json:"scope" enum:"pending,existing"`
	Rules     rules                    `json:"rules"`
	Modes     modes                    `json:"modes"`
	Summary   conversion.PreviewCounts `json:"summary" doc:"Records of all, however many are listed."`
	Listed    int                      `json:"listed" doc:"How many records are listed: 10,000 at most."`
	CreatedAt time.Time                `json:"created_at"`
	ExpiresAt time.Time                `json:"expires_at"`
	AppliedAt *time.Time               `json:"applied_at"`
	Skipped   int                      `json:"skipped" doc:"Contacts and companies that applying passed over, for they had changed since."`
	Data      []planItem               `json:"data"`
	Next      *string                  `json:"next_cursor"`
}

// planItem is one record of a plan.
type planItem struct {
	Action   conversion.Action `json:"action" enum:"create,update,delete,hold"`
	Object   conversion.Object `json:"object" enum:"Lead,Contact,Account"`
	RecordID *string           `json:"record_id" doc:"null for one that would be created."`
	Kind     conversion.Kind   `json:"kind" enum:"contact,company"`
	ID       string            `json:"id" doc:"Of the contact or company."`
	Email    *string           `json:"email" doc:"Of the contact."`
	Domain   *string           `json:"domain" doc:"Of the company."`
	Name     *string           `json:"name" doc:"Of the company."`
	Before   map[string]any    `json:"before" doc:"By field: what the record was last seen to hold. Empty for one that would be created."`
	After    map[string]any    `json:"after" doc:"By field: what would be written."`
	Reason   string            `json:"reason" doc:"The rule, or why it would be held."`
	Skipped  bool              `json:"skipped" doc:"Applying passed it over, for it had changed since."`
}

func showPlanItem(it conversion.PreviewItem) planItem {
	shown := planItem{
		Action: it.Action, Object: it.Ref.Object, RecordID: orNull(it.Ref.ID), Kind: it.Kind, ID: it.EntityID,
		Before: map[string]any{}, After: map[string]any{}, Reason: it.Reason, Skipped: it.Skipped,
	}
	if it.Kind == conversion.KindCompany {
		shown.Domain, shown.Name = orNull(it.Key), orNull(it.Name)
	} else {
		shown.Email = orNull(it.Key)
	}
	for _, f := range it.Fields {
		shown.After[f.Field] = f.Value.JSON()
		if !f.Before.Absent() {
			shown.Before[f.Field] = f.Before.JSON()
		}
	}
	return shown
}

func (a *api) previewPlan(ctx context.Context, in *struct{ Body planInput }) (*answer[plan], error) {
	c := callerOf(ctx)
	r := engine.PreviewRequest{Scope: in.Body.Scope, Modes: conversion.Modes(in.Body.Modes)}
	if in.Body.Rules != nil {
		wanted := in.Body.Rules.wanted()
		r.Rules = &wanted
		if err := a.Settings.CheckRules(ctx, c.workspaceID, wanted); err != nil {
			return nil, err
		}
	}
	p, err := a.Planner.Preview(ctx, c.workspaceID, r)
	if err != nil {
		return nil, err
	}
	return a.planPage(ctx, p, "", firstPage, false)
}

// planQuery asks for a page of a plan's records.
type planQuery struct {
	ByID
	Page
	Skipped bool `query:"skipped" doc:"Only what applying passed over."`
}

func (a *api) showPlan(ctx context.Context, in *planQuery) (*answer[plan], error) {
	p, err := a.books(ctx).Preview(ctx, in.ID, conversion.MomentOf(a.Now()))
	if err != nil {
		return nil, err
	}
	return a.planPage(ctx, p, in.Cursor, in.Limit, in.Skipped)
}

func (a *api) planPage(ctx context.Context, p conversion.Preview, after string, limit int, skipped bool) (*answer[plan], error) {
	items, next, err := a.books(ctx).PreviewItems(ctx, p.ID, skipped, after, limit)
	if err != nil {
		return nil, err
	}
	shown := plan{
		PlanID: p.ID, Scope: p.Scope, Rules: showRules(p.Rules), Modes: modes(p.Modes), Summary: p.Counts, Listed: p.Listed,
		CreatedAt: p.Created.Time(), ExpiresAt: p.Expires.Time(), AppliedAt: timeOrNull(p.Applied), Skipped: p.Skipped,
		Data: make([]planItem, len(items)), Next: orNull(next),
	}
	if shown.Modes == nil {
		shown.Modes = modes{}
	}
	for i, it := range items {
		shown.Data[i] = showPlanItem(it)
	}
	return answerWith(shown), nil
}

type applyInput struct {
	PlanID string `json:"plan_id" minLength:"1" maxLength:"80"`
}

// applied says what applying a plan queued, and whom it passed over.
type applied struct {
	RunIDs  []string   `json:"run_ids"`
	Skipped []planItem `json:"skipped" doc:"Records that had changed since the plan was made: the first 1,000 of them. GET …/plan/{id}?skipped=true lists them all."`
}

func (a *api) applyPlan(ctx context.Context, in *struct{ Body applyInput }) (*answer[applied], error) {
	c := callerOf(ctx)
	done, err := a.Planner.Apply(ctx, c.workspaceID, in.Body.PlanID, c.actor)
	if err != nil {
		return nil, err
	}
	out := applied{RunIDs: notNil(done.RunIDs), Skipped: []planItem{}}
	if done.Skipped == 0 {
		return answerWith(out), nil
	}
	items, _, err := a.books(ctx).PreviewItems(ctx, in.Body.PlanID, true, "", mostSkipped)
	for _, it := range items {
		out.Skipped = append(out.Skipped, showPlanItem(it))
	}
	return answerWith(out), err
}
