package engine

import (
	"context"
	"fmt"
	"slices"

	"conversion"
	"conversion/internal/reconcile"
)

// A change of modes, of what is left out or of what is an opt-out applies to what is stored
// (spec 6): every live entity is brought up to the revision of its variables, a page at a
// time. Which ones are not there yet is told by their rows: whoever comes after a stop goes on
// with those, and what a piece of work stores that began under an earlier revision is found
// as well. While all are, it costs a look into an index. Contacts of a company whose Account
// went to another are found in the same way.

// revisePage is how many entities are brought up to date in one transaction, at most.
const revisePage = 500

// Who changed a value that was recomputed, as timelines say it.
var (
	byMode  = conversion.Actor{Kind: conversion.ActorSystem, ID: "mode"}
	byClock = conversion.Actor{Kind: conversion.ActorSystem, ID: "clock"}
)

// bringUpToDate finishes the applying of a preview that stopped halfway, and then applies
// what changed of the variables to what is stored. It needs no org.
func (s *session) bringUpToDate(ctx context.Context) (revised bool, err error) {
	if err := s.finishApplying(ctx); err != nil {
		return false, err
	}
	for _, kind := range kinds {
		for more := true; more; revised = revised || more {
			err := settled(func() (err error) {
				more, err = s.revisePage(ctx, kind)
				return err
			})
			if err != nil {
				return revised, fmt.Errorf("bring values up to date: %w", err)
			}
		}
	}
	return revised, nil
}

// revisePage brings some entities of the kind up to date; more is false when there are none.
func (s *session) revisePage(ctx context.Context, kind conversion.Kind) (more bool, err error) {
	groups, err := s.books.Outdated(ctx, kind, s.schemas[kind].Revision, min(revisePage, s.cfg.Page))
	if err != nil || len(groups) == 0 {
		return false, err
	}
	companies, err := s.companiesOf(ctx, kind, groups)
	if err != nil {
		return false, err
	}
	b := conversion.Batch{Replaces: conversion.HeldNone, Revised: &conversion.Revised{
		To: s.schemas[kind].Revision, Versions: make(map[string]int64),
	}}
	differ := make(map[string]bool)
	for _, g := range groups {
		differ[g.Entity.ID] = s.revise(&b, g)
	}
	elsewhere, err := s.reviseCompanies(ctx, kind, groups)
	if err != nil {
		return false, err
	}
	for _, g := range groups {
		differs := differ[g.Entity.ID] || elsewhere[g.Entity.ID]
		if s.letGo(g, companies[companyKey(g.Entity)]) || differs {
			b.Plans = append(b.Plans, conversion.Plan{Group: g, Expect: g.Entity.Version})
		} else {
			b.Revised.Versions[g.Entity.ID] = g.Entity.Version
		}
	}
	return true, s.commit(ctx, b)
}

// revise recomputes the values of a group, and adds what changed to the timeline. It reports
// whether the group has to be stored.
func (s *session) revise(b *conversion.Batch, g conversion.Group) (differs bool) {
	e := g.Entity
	r := reconcile.Revise(g, s.schemas[e.Kind], s.clock())
	for _, c := range r.Changes {
		note := "The mode of the variable was changed, or what else decides whose value counts."
		if c.By, c.At = byMode, s.now(); slices.Contains(r.Timed, c.Var) {
			c.By, note = byClock, "Salesforce's clock became known: edits made before were put into its time."
		}
		b.Changes = append(b.Changes, conversion.Change{EntityID: e.ID, FieldChange: c, Note: note})
		e.Updated = s.now()
		if e.Kind == conversion.KindContact && c.Var == conversion.AccountVar && c.After.Absent() {
			e.Company = ""
		}
	}
	return r.Differs
}

func (s *session) clock() reconcile.Clock {
	return reconcile.Clock{Offset: s.conn.ClockOffset, Known: s.conn.ClockKnown}
}

// reviseCompanies sets the company of contacts whose own it is, or whose Account names it now,
// and returns the ids of those that have another one now.
func (s *session) reviseCompanies(ctx context.Context, kind conversion.Kind, groups []conversion.Group) (elsewhere map[string]bool, err error) {
	if kind != conversion.KindContact {
		return nil, nil
	}
	was := make(map[*conversion.Entity]string, len(groups))
	for _, g := range groups {
		was[g.Entity] = g.Entity.Company
	}
	named := namedAccounts(groups)
	if len(named) > 0 {
		companies, err := s.books.EntitiesOf(ctx, accountsOf(named))
		if err != nil {
			return nil, fmt.Errorf("find the companies of contacts: %w", err)
		}
		for ref, entities := range named {
			for _, e := range entities {
				e.Company = companies[ref]
			}
		}
	}
	elsewhere = make(map[string]bool)
	for e, company := range was {
		elsewhere[e.ID] = e.Company != company
	}
	return elsewhere, nil
}

// letGo lets the entity be planned if something of it may go now that could not, and
// reports whether it does: the planner says so, or it waits already, held perhaps for the
// very field.
func (s *session) letGo(g conversion.Group, c company) bool {
	e := g.Entity
	if e.Dirty > 0 {
		waits := e.Retry > s.now()
		if waits {
			e.Retry = 0
		}
		return waits
	}
	plan := s.planGroup(g.Clone(), c, notFound(g))
	if !concerns(plan) && !plan.Left.Parked && plan.Left.Held == 0 {
		return false
	}
	e.Mark(conversion.LaneBackfill, s.now())
	return true
}
