package storetest

import (
	"errors"
	"testing"
	"time"

	"conversion"
	"conversion/internal/store"
)

// testIsolation fills one workspace, and then looks at it and works on it from another.
func testIsolation(t *testing.T, open func(t *testing.T) *store.Store) {
	s := open(t)
	theirs, ours := fixtureOf(t, s, "theirs"), fixtureOf(t, s, "ours")
	e := contact("a@example.com", "Ann")
	e.Dirty, e.Company = begun, "c"
	firm := company("example.com", "Firm")
	group := linked(e, lead(1))
	fill(theirs, group, linked(firm))
	before := snapshot(theirs, e)

	t.Run("nothing of another workspace is read", func(t *testing.T) { seesNothing(ours.in(t), e) })
	t.Run("nothing of another workspace is changed", func(t *testing.T) {
		changesNothing(ours.in(t), group)
		same(t, snapshot(theirs.in(t), e), before)
	})
	t.Run("the same ids and keys may be in both", func(t *testing.T) {
		fill(ours.in(t), linked(e.Clone(), lead(1)), linked(firm.Clone()))
		same(t, snapshot(ours.in(t), e), before)
		same(t, snapshot(theirs.in(t), e), before)
	})
}

// in returns the fixture for a part of its test.
func (f fixture) in(t *testing.T) fixture {
	f.T = t
	return f
}

// fill gives the workspace a row of everything.
func fill(f fixture, groups ...conversion.Group) {
	ctx, t := f.Context(), f.T
	run := conversion.Run{ID: "run", Direction: conversion.Outbound, Object: conversion.Lead, Status: conversion.RunRunning, Created: begun}
	queued := run
	queued.ID, queued.Status = "queued", conversion.RunQueued
	ok(t, f.books.AddRuns(ctx, []conversion.Run{run, queued}))
	for _, g := range groups {
		g.Entity.Version = 0
	}
	id := groups[0].Entity.ID
	f.commit(conversion.Batch{
		RunID: "run", At: begun, Plans: plans(groups...), Counts: conversion.Counts{Deleted: 1},
		Cursor:      &conversion.CursorMove{Object: conversion.Lead, To: conversion.Cursor{Modstamp: 1, ID: "x"}},
		Progress:    &conversion.Progress{Object: conversion.Lead, Total: 1},
		Load:        &conversion.LoadStep{Load: &conversion.Load{Object: conversion.Lead, JobID: jobOne}, Next: &conversion.LoadPage{Object: conversion.Lead, JobID: jobOne}},
		Lines:       []conversion.RunLine{{Ref: lead(1), Outcome: "deleted"}},
		Changes:     []conversion.Change{{EntityID: id, Note: "linked"}},
		Held:        []conversion.Held{{ID: "held", EntityID: id, Code: "X"}},
		Engagements: []conversion.Engagement{{ID: "engagement", EntityID: id, Type: "Task", Ref: conversion.Ref{Object: conversion.Task, ID: "00T"}}},
	})
	rules := conversion.DefaultRules()
	rules.ContactsUpdated = conversion.TargetAll
	ok(t, f.books.SaveRules(ctx, rules, admin, begun))
	options := conversion.DefaultOptions()
	options.IntervalMinutes = 7
	ok(t, f.books.SaveOptions(ctx, options, admin, begun))
	ok(t, f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{{ID: 10, Kind: conversion.KindContact, Key: "x"}}))
	ok(t, f.books.SaveConnection(ctx, tie(""), 0, true))
	ok(t, f.books.SaveUsers(ctx, map[string]string{"005": "User"}, begun))
	ok(t, f.books.Commit(ctx, conversion.Batch{Asks: []conversion.Ask{{Approval: conversion.Approval{ID: "approval"}}}}))
	_, got, err := f.books.Acquire(ctx, "pull", "me", 1, 100)
	same(t, must(got, err)(t), true)
}

// snapshot reads everything that fill stored, but for what names the workspace.
func snapshot(f fixture, e *conversion.Entity) []any {
	ctx, t := f.Context(), f.T
	c := must(f.books.Connection(ctx))(t)
	c.WorkspaceID = ""
	held, _, err := f.books.Held(ctx, conversion.HeldFilter{Limit: 10})
	ok(t, err)
	engagements, _, err := f.books.Engagements(ctx, "", "", "", 10)
	ok(t, err)
	changes, _, err := f.books.Timeline(ctx, e.ID, "", 10)
	ok(t, err)
	runs, _, err := f.books.Runs(ctx, conversion.RunFilter{Limit: 10})
	ok(t, err)
	lines, _, err := f.books.RunLines(ctx, "run", "", 10)
	ok(t, err)
	return []any{
		c, held, engagements, changes, runs, lines, f.group(e),
		must(f.books.Cursor(ctx, conversion.Lead))(t), must(f.books.Progress(ctx))(t), must(f.books.Loads(ctx))(t), must(f.books.Rules(ctx))(t),
		must(f.books.Options(ctx))(t), must(f.books.Schema(ctx, conversion.KindContact))(t).Variables,
		must(f.books.UserNames(ctx, []string{"005"}))(t), must(f.books.Approvals(ctx, 0))(t),
		must(f.books.Count(ctx, conversion.KindCompany))(t),
	}
}

func seesNothing(f fixture, e *conversion.Entity) {
	ctx, t := f.Context(), f.T
	none := func(what string, n int, err error) {
		t.Helper()
		if err != nil || n != 0 {
			t.Errorf("%s: %d of another workspace, %v", what, n, err)
		}
	}
	contacts := conversion.KindContact
	groups, err := f.books.Groups(ctx, conversion.GroupQuery{Kind: contacts, IDs: []string{e.ID}, Refs: []conversion.Ref{lead(1)}, Keys: []string{e.Key}, Creating: true})
	none("Groups", len(groups), err)
	groups, err = f.books.Dirty(ctx, conversion.DirtyQuery{Kind: contacts, Now: begun, Limit: 10})
	none("Dirty", len(groups), err)
	for _, filter := range []conversion.EntityFilter{{}, {Key: e.Key}, {Prefix: "a"}, {CompanyID: e.Company}, {UpdatedSince: 1}} {
		filter.Kind, filter.Limit = contacts, 10
		page, _, err := f.books.List(ctx, filter)
		none("List", len(page), err)
	}
	n, err := f.books.Count(ctx, contacts)
	none("Count", n, err)
	n, err = f.books.LiveLinks(ctx, contacts)
	none("LiveLinks", n, err)
	n, err = f.books.Deletions(ctx, conversion.Outbound, contacts, 0)
	none("Deletions", n, err)
	edits, err := f.books.Edits(ctx, 0)
	none("Edits", len(edits), err)
	n, err = f.books.Linked(ctx, contacts, 0)
	none("Linked", n, err)
	n, err = f.books.HeldCount(ctx)
	none("HeldCount", n, err)
	links, err := f.books.LinksOf(ctx, []string{e.ID})
	none("LinksOf", len(links), err)
	entities, err := f.books.EntitiesOf(ctx, []conversion.Ref{lead(1)})
	none("EntitiesOf", len(entities), err)
	known, err := f.books.KnownActivities(ctx, []conversion.Ref{{Object: conversion.Task, ID: "00T"}})
	none("KnownActivities", len(known), err)
	counts, err := f.books.ObjectCounts(ctx)
	none("ObjectCounts", len(counts), err)
	companies, err := f.books.CompaniesByKey(ctx, []string{"example.com"})
	none("CompaniesByKey", len(companies), err)
	names, err := f.books.UserNames(ctx, []string{"005"})
	none("UserNames", len(names), err)
	queued, err := f.books.QueuedRuns(ctx)
	none("QueuedRuns", len(queued), err)
	approvals, err := f.books.Approvals(ctx, 0)
	none("Approvals", len(approvals), err)
	progress, err := f.books.Progress(ctx)
	none("Progress", len(progress), err)
	none("OpenPages", len(must(f.books.OpenPages(ctx))(t)), nil)
	lines, _, err := f.books.RunLines(ctx, "run", "", 10)
	none("RunLines", len(lines), err)
	runs, _, err := f.books.Runs(ctx, conversion.RunFilter{Limit: 10})
	none("Runs", len(runs), err)
	changes, _, err := f.books.Timeline(ctx, e.ID, "", 10)
	none("Timeline", len(changes), err)
	held, _, err := f.books.Held(ctx, conversion.HeldFilter{Limit: 10})
	none("Held", len(held), err)
	engagements, _, err := f.books.Engagements(ctx, "", "", "", 10)
	none("Engagements", len(engagements), err)
	_, err = f.books.Run(ctx, "run")
	refuses(t, err, conversion.CodeNotFound)
	same(t, must(f.books.Cursor(ctx, conversion.Lead))(t), conversion.Cursor{})
	same(t, must(f.books.Rules(ctx))(t), conversion.DefaultRules())
	same(t, must(f.books.Options(ctx))(t), conversion.DefaultOptions())
	same(t, len(must(f.books.Schema(ctx, contacts))(t).Variables), 0)
	same(t, must(f.books.Connection(ctx))(t), conversion.Connection{WorkspaceID: "ours"})
	offset, learnt, err := f.books.ClockOffset(ctx)
	ok(t, err)
	same(t, offset, time.Duration(0))
	same(t, learnt, false)
}

func changesNothing(f fixture, g conversion.Group) {
	ctx, t := f.Context(), f.T
	planned := g.Clone()
	planned.Entity.Version = 1
	f.stale(conversion.Batch{Plans: plans(planned)}, g.Entity.ID)
	refuses(t, f.books.UpdateRun(ctx, conversion.Run{ID: "run"}), conversion.CodeNotFound)
	refuses(t, f.books.Commit(ctx, conversion.Batch{RunID: "run"}), conversion.CodeNotFound)
	refuses(t, f.books.DecideApproval(ctx, "approval", true, admin, 1), conversion.CodeNotFound)
	refuses(t, f.books.SaveConnection(ctx, tie(""), 1, true), conversion.CodeConflict)
	ok(t, f.books.FailRunning(ctx, conversion.Outbound, 1, "died"))
	ok(t, f.books.SaveSyncState(ctx, conversion.Connection{NextSync: 9}))
	ok(t, f.books.Commit(ctx, conversion.Batch{Load: &conversion.LoadStep{Over: conversion.Lead}}))
	lease := conversion.Lease{Name: "pull", Owner: "me", Generation: 1}
	for _, err := range []error{f.books.Renew(ctx, lease, 500), f.books.Commit(ctx, conversion.Batch{Lease: &lease})} {
		if !errors.Is(err, conversion.ErrLeaseLost) {
			t.Errorf("under another workspace's lease: %v", err)
		}
	}
	ok(t, f.books.Release(ctx, lease))
}
