package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"conversion"
	"conversion/internal/engine"
)

type planCmd struct {
	at
	Set      []string `name:"set" help:"A rule as it would be: KEY=VALUE; default.Lead.Company=VALUE for a default. Repeatable." placeholder:"KEY=VALUE"`
	Mode     []string `name:"mode" help:"A mode as it would be: contact.job_title=always_conversion. Repeatable." placeholder:"OBJECT.KEY=MODE"`
	Existing bool     `help:"Apply to existing: what was said before the rules were turned on counts too."`
	Apply    bool     `help:"Save the rules and modes, and do what the preview shows."`
	Limit    int      `help:"How many records to print." default:"20"`
	JSON     bool     `help:"Print JSON."`
}

// planFact is a preview as --json prints it.
type planFact struct {
	PlanID  string                   `json:"plan_id"`
	Scope   conversion.PreviewScope  `json:"scope"`
	Summary conversion.PreviewCounts `json:"summary"`
	Data    []planRecord             `json:"data"`
	More    int                      `json:"more"` // records that are listed, but not here
	Applied *planApplied             `json:"applied,omitempty"`
}

type planApplied struct {
	RunIDs  []string     `json:"run_ids"`
	Skipped []planRecord `json:"skipped"`
}

type planRecord struct {
	Action   conversion.Action `json:"action"`
	Object   conversion.Object `json:"object"`
	RecordID string            `json:"record_id,omitempty"`
	ID       string            `json:"id"`
	Key      string            `json:"key"` // e-mail or domain
	Before   map[string]any    `json:"before"`
	After    map[string]any    `json:"after"`
	Reason   string            `json:"reason"`
}

// Run previews what the rules would do to what waits, and does it when that is wanted.
func (c *planCmd) Run(ctx context.Context, t terminal) error {
	if c.Limit < 1 || c.Limit > 1000 {
		return fmt.Errorf("%w: --limit must be from 1 to 1000", errUsage)
	}
	return c.within(ctx, t, func(a *app, w conversion.Workspace) error {
		r, err := c.request(ctx, a, w.ID)
		if err != nil {
			return err
		}
		p, err := a.engine.Preview(ctx, w.ID, r)
		if err != nil {
			return err
		}
		f := planFact{PlanID: p.ID, Scope: p.Scope, Summary: p.Counts}
		if f.Data, err = a.planRecords(ctx, w.ID, p.ID, false, c.Limit); err != nil {
			return err
		}
		f.More = p.Listed - len(f.Data)
		if c.Apply {
			if f.Applied, err = a.applyPlan(ctx, w.ID, p.ID); err != nil {
				return err
			}
		}
		return t.facts(c.JSON, f, f.lines()...)
	})
}

// request reads the arguments over the rules as they are.
func (c *planCmd) request(ctx context.Context, a *app, workspaceID string) (engine.PreviewRequest, error) {
	r := engine.PreviewRequest{Scope: conversion.ScopePending, Modes: conversion.Modes{}}
	if c.Existing {
		r.Scope = conversion.ScopeExisting
	}
	rules, err := a.connections.Rules(ctx, workspaceID)
	if err != nil {
		return r, err
	}
	for _, assignment := range c.Set {
		if err := assign(&rules, assignment); err != nil {
			return r, err
		}
	}
	for _, assignment := range c.Mode {
		variable, mode, ok := strings.Cut(assignment, "=")
		kind, key, dotted := strings.Cut(variable, ".")
		if !ok || !dotted {
			return r, fmt.Errorf("%w: %q is not OBJECT.KEY=MODE", errUsage, assignment)
		}
		k := conversion.Kind(kind)
		if r.Modes[k] == nil {
			r.Modes[k] = map[string]conversion.Mode{}
		}
		r.Modes[k][key] = conversion.Mode(mode)
	}
	r.Rules = &rules
	return r, a.connections.CheckRules(ctx, workspaceID, rules)
}

func (a *app) planRecords(ctx context.Context, workspaceID, id string, skipped bool, limit int) ([]planRecord, error) {
	items, _, err := a.store.Workspace(workspaceID).PreviewItems(ctx, id, skipped, "", limit)
	records := make([]planRecord, len(items))
	for i, it := range items {
		r := planRecord{
			Action: it.Action, Object: it.Ref.Object, RecordID: it.Ref.ID, ID: it.EntityID, Key: it.Key,
			Before: map[string]any{}, After: map[string]any{}, Reason: it.Reason,
		}
		for _, f := range it.Fields {
			r.After[f.Field] = f.Value.JSON()
			if !f.Before.Absent() {
				r.Before[f.Field] = f.Before.JSON()
			}
		}
		records[i] = r
	}
	return records, err
}

// applyPlan saves the plan's rules and lets go what it showed. The next sync sends it.
func (a *app) applyPlan(ctx context.Context, workspaceID, id string) (*planApplied, error) {
	done, err := a.engine.Apply(ctx, workspaceID, id, byCommand)
	if err != nil {
		return nil, err
	}
	applied := planApplied{RunIDs: done.RunIDs}
	applied.Skipped, err = a.planRecords(ctx, workspaceID, id, true, 1000)
	return &applied, err
}

// lines are the facts for a person.
func (f planFact) lines() []string {
	s := f.Summary
	lines := []string{fmt.Sprintf("would create %d, update %d, delete %d, hold %d", s.Create, s.Update, s.Delete, s.Hold)}
	for _, r := range f.Data {
		lines = append(lines, r.line())
	}
	if f.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", f.More))
	}
	if f.Applied == nil {
		return append(lines, "Nothing was changed. --apply saves the rules and does it.")
	}
	for _, r := range f.Applied.Skipped {
		lines = append(lines, "skipped, it has changed since: "+r.line())
	}
	return append(lines, "The rules are saved. The next sync sends it.")
}

func (r planRecord) line() string {
	parts := []string{string(r.Action), string(r.Object)}
	for _, part := range []string{r.RecordID, r.Key} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(r.After)) {
		if before, known := r.Before[field]; known {
			parts = append(parts, fmt.Sprintf("%s: %v -> %v", field, shownValue(before), shownValue(r.After[field])))
		} else {
			parts = append(parts, fmt.Sprintf("%s: %v", field, shownValue(r.After[field])))
		}
	}
	if r.Action == conversion.ActionHold {
		parts = append(parts, r.Reason)
	}
	return strings.Join(parts, "  ")
}

// shownValue is a value as a person reads it.
func shownValue(v any) any {
	if v == nil || v == "" {
		return "(blank)"
	}
	return v
}
