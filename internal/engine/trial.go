package engine

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"conversion"
	"conversion/internal/reconcile"
)

// trial is the planner under rules and modes that nobody has saved: it decides about clones,
// and nothing of it is stored. Previews are made of it, and applying one asks it again.
//
// It knows Salesforce as it was last read: what a push would find out just before writing
// (an edit made there a moment ago, a record that is there already), a trial does not.
type trial struct {
	*session
	scope conversion.PreviewScope
	modes conversion.Modes
}

// foreseen is what would become of one entity.
type foreseen struct {
	group conversion.Group // as it is
	plan  conversion.Plan  // made on a clone of it, widened
}

// newTrial reads the settings and puts the rules and modes in the place of theirs.
func (e *Engine) newTrial(ctx context.Context, workspaceID string, r PreviewRequest) (*trial, error) {
	s := &session{
		Engine: e, workspace: workspaceID, books: e.cfg.Books(workspaceID),
		log: e.cfg.Logger.With("workspace", workspaceID, "work", "preview"),
	}
	if err := s.readSettings(ctx); err != nil {
		return nil, err
	}
	return s.try(r)
}

// try returns the session's trial of other rules and modes. The session itself keeps its
// own.
func (s *session) try(r PreviewRequest) (*trial, error) {
	tried := *s
	if r.Rules != nil {
		tried.rules = *r.Rules
	}
	schemas, err := withModes(s.schemas, r.Modes)
	if err != nil {
		return nil, err
	}
	tried.schemas = schemas
	t := &trial{session: &tried, scope: r.Scope, modes: r.Modes}
	tried.trial = t
	return t, nil
}

// withModes returns the schemas with some modes changed. A CodeInvalid error names every
// variable that is not there or cannot have its mode.
func withModes(schemas map[conversion.Kind]*conversion.Schema, modes conversion.Modes) (map[conversion.Kind]*conversion.Schema, error) {
	invalid := &conversion.Error{Code: conversion.CodeInvalid, Message: "The modes are not valid."}
	changed := make(map[conversion.Kind]*conversion.Schema, len(schemas))
	for kind, schema := range schemas {
		variables := slices.Clone(schema.Variables)
		for i := range variables {
			if mode, ok := modes[kind][variables[i].Key]; ok {
				variables[i].Mode = mode
			}
		}
		changed[kind] = conversion.NewSchema(kind, variables)
		changed[kind].Revision = schema.Revision
	}
	for kind, byKey := range modes {
		for key, mode := range byKey {
			if err := checkMode(schemas[kind], key, mode); err != nil {
				invalid.Fields = append(invalid.Fields, conversion.FieldError{Field: fmt.Sprintf("modes.%s.%s", kind, key), Message: err.Error()})
			}
		}
	}
	if len(invalid.Fields) == 0 {
		return changed, nil
	}
	slices.SortFunc(invalid.Fields, func(a, b conversion.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return nil, invalid
}

func checkMode(schema *conversion.Schema, key string, mode conversion.Mode) error {
	if schema == nil {
		return fmt.Errorf("variables are of a contact or of a company")
	}
	v := schema.ByKey(key)
	if v == nil {
		return fmt.Errorf("there is no such variable")
	}
	return v.CheckMode(mode)
}

// basis identifies what the session decides under, the rules' and modes' changes aside: the
// org, the settings as they are and every variable. A preview is void once it is another.
func (s *session) basis() (string, error) {
	h := sha256.New()
	encode := json.NewEncoder(h)
	options := s.options
	options.IntervalMinutes, options.APISharePercent, options.RetentionDays = 0, 0, 0 // they decide when, not what
	for _, part := range []any{s.conn.OrgID, s.conn.UserID, s.rules, options} {
		if err := encode.Encode(part); err != nil {
			return "", fmt.Errorf("identify the settings: %w", err)
		}
	}
	for _, kind := range kinds {
		for _, v := range s.schemas[kind].Variables {
			v.Label, v.Fields = "", slices.Clone(v.Fields)
			for i := range v.Fields {
				v.Fields[i].Label, v.Fields[i].Fill = "", false
			}
			if err := encode.Encode(v); err != nil {
				return "", fmt.Errorf("identify the variables: %w", err)
			}
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// foresee plans a page of groups of a kind; those that nothing would be done to are left
// out.
func (t *trial) foresee(ctx context.Context, kind conversion.Kind, groups []conversion.Group) ([]foreseen, error) {
	companies, err := t.companiesOf(ctx, kind, groups)
	if err != nil {
		return nil, err
	}
	if t.edits, err = t.editsInBulk(ctx, groups); err != nil {
		return nil, err
	}
	var found []foreseen
	for _, g := range groups {
		plan := t.planGroup(t.after(g), companies[companyKey(g.Entity)], notFound(g))
		if concerns(plan) {
			found = append(found, foreseen{g, plan})
		}
	}
	return found, nil
}

// after returns a clone of the group as it would be once the rules and modes are saved.
func (t *trial) after(g conversion.Group) conversion.Group {
	g = g.Clone()
	if schema := t.schemas[g.Entity.Kind]; len(t.modes[g.Entity.Kind]) > 0 || g.Entity.Revision < schema.Revision {
		reconcile.Revise(g, schema, t.clock())
	}
	if t.scope == conversion.ScopeExisting {
		reconcile.Widen(g.Entity, t.rules.Reach())
	}
	return g
}

// concerns reports whether a plan does anything, now or once what it waits for is there.
func concerns(p conversion.Plan) bool {
	return !p.Empty() || p.Left.Lacking || p.Left.Waiting || len(p.Left.Withheld) > 0 || slices.ContainsFunc(p.Problems, func(p conversion.Problem) bool { return p.Held })
}

// accountToBe stands in a trial for the id of an Account that would be made before its
// contacts' records are written (spec 4.5).
const accountToBe = "(the Account that is made for the company)"

// company returns what the contacts of a company would get of it, once the company itself
// was dealt with: it goes first.
func (t *trial) company(g conversion.Group) company {
	after := t.after(g)
	plan := t.planGroup(after.Clone(), company{}, notFound(g))
	if !concerns(plan) { // then it is not touched, and nothing of it widened
		return company{sendableName(g.Entity), newestAccount(g)}
	}
	c := company{sendableName(after.Entity), newestAccount(after)}
	if c.accountID == "" && slices.ContainsFunc(plan.Writes, func(w conversion.Write) bool { return w.Action == conversion.ActionCreate }) {
		c.accountID = accountToBe
	}
	return c
}
