package storetest

import (
	"sync"
	"sync/atomic"
	"testing"

	"conversion"
	"conversion/internal/store"
)

func testBudget(t *testing.T, open func(t *testing.T) *store.Store) {
	s := open(t)
	for name, test := range map[string]func(fixture){
		"requests count for 24 hours, whatever their lane":        requestsCount,
		"no more are reserved than there may be":                  reserveUpTo,
		"of many that reserve at once none gets another's":        reserveAtOnce,
		"what Salesforce told last of the org's use is kept":      orgsUse,
		"a lane waits until it resumes, since it began to":        lanesWait,
		"dirty groups of a lane are found, and counted":           dirtyByLane,
		"what a lane holds that waits is not due before its time": dueLanes,
		"another org begins with a fresh count":                   freshCount,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newFixture(t, s))
		})
	}
}

const (
	slot = conversion.Moment(10 * 60 * 1_000_000)
	day  = conversion.Moment(24 * 60 * 60 * 1_000_000)
)

func (f fixture) tied() conversion.Connection {
	f.Helper()
	c := tie(workspaceOf(f))
	ok(f.T, f.books.SaveConnection(f.Context(), c, 0, true))
	return c
}

func requestsCount(f fixture) {
	ctx, t := f.Context(), f.T
	at := begun - begun%slot + slot/2 // in the middle of a slot
	ok(t, f.books.Spend(ctx, conversion.LaneNews, at, 7))
	ok(t, f.books.Spend(ctx, conversion.LanePull, at+1, 4))
	ok(t, f.books.Spend(ctx, conversion.LanePull, at+2, -1))
	ok(t, f.books.Spend(ctx, conversion.LanePull, at+slot, 100))
	same(t, must(f.books.Spent(ctx, at))(t), 110)
	same(t, must(f.books.Spent(ctx, at+day))(t), 110) // the slot is not wholly out
	same(t, must(f.books.Spent(ctx, at+day+slot/2))(t), 100)
	same(t, must(f.books.Spent(ctx, at+day+3*slot))(t), 0)
}

func reserveUpTo(f fixture) {
	ctx, t := f.Context(), f.T
	f.tied()
	ask := func(n, most int) bool {
		t.Helper()
		return must(f.books.Reserve(ctx, conversion.Reservation{Lane: conversion.LaneEdits, At: begun, N: n, Most: most}))(t)
	}
	same(t, ask(6, 10), true)
	same(t, ask(5, 10), false)
	same(t, must(f.books.Spent(ctx, begun))(t), 6)
	same(t, ask(4, 10), true)
	same(t, ask(1, 10), false)
}

func reserveAtOnce(f fixture) {
	f.tied()
	var granted atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			got, err := f.books.Reserve(f.Context(), conversion.Reservation{Lane: conversion.LaneEdits, At: begun, N: 3, Most: 30})
			if err != nil {
				f.Error(err)
			}
			if got {
				granted.Add(1)
			}
		})
	}
	all.Wait()
	same(f.T, granted.Load(), int32(10))
	same(f.T, must(f.books.Spent(f.Context(), begun))(f.T), 30)
}

func orgsUse(f fixture) {
	ctx, t := f.Context(), f.T
	f.tied()
	ok(t, f.books.Measured(ctx, 70, 100, begun+10))
	ok(t, f.books.Measured(ctx, 60, 100, begun+5)) // an older answer that came late
	c := must(f.books.Connection(ctx))(t)
	if c.Used != 70 || c.Max != 100 || c.Measured != begun+10 {
		t.Errorf("%d of %d used, measured at %d", c.Used, c.Max, c.Measured)
	}
}

func lanesWait(f fixture) {
	ctx, t := f.Context(), f.T
	window := conversion.Wait{Lane: conversion.LaneEdits, Reason: conversion.WaitsForOthers, Since: begun, Until: begun + 5}
	ok(t, f.books.Rest(ctx, window))
	short := conversion.Wait{Lane: conversion.LaneEdits, Reason: conversion.WaitsForShare, Since: begun + 5, Until: begun + 10}
	ok(t, f.books.Rest(ctx, short))
	again := short
	again.Since, again.Until = begun+10, begun+20
	ok(t, f.books.Rest(ctx, again))
	other := conversion.Wait{Lane: conversion.LaneBackfill, Reason: conversion.WaitsForOrg, Since: begun, Until: begun + 9}
	ok(t, f.books.Rest(ctx, other))
	short.Until = begun + 20
	same(t, must(f.books.Waits(ctx))(t), []conversion.Wait{other, short})
	ok(t, f.books.Resume(ctx, conversion.LaneEdits))
	ok(t, f.books.Resume(ctx, conversion.LaneNews)) // of no effect
	same(t, must(f.books.Waits(ctx))(t), []conversion.Wait{other})
}

func dirtyByLane(f fixture) {
	ctx, t := f.Context(), f.T
	in := func(name string, l conversion.Lane, retry conversion.Moment) *conversion.Entity {
		e := contact(name+"@example.com", name)
		e.Dirty, e.Lane, e.Retry = begun, l, retry
		return e
	}
	news, edit, later := in("news", conversion.LaneNews, 0), in("edit", conversion.LaneEdits, 0), in("later", conversion.LaneEdits, begun+9)
	f.have(linked(news), linked(edit), linked(later), linked(in("parked", conversion.LaneEdits, conversion.ParkedRetry)), linked(in("back", conversion.LaneBackfill, 0)))
	find := func(l conversion.Lane, now conversion.Moment) []string {
		return ids(f.due(conversion.DirtyQuery{Kind: conversion.KindContact, OneLane: true, Lane: l, Now: now}))
	}
	same(t, find(conversion.LaneNews, begun), []string{news.ID})
	same(t, find(conversion.LaneEdits, begun), []string{edit.ID})
	same(t, find(conversion.LaneEdits, begun+9), []string{edit.ID, later.ID})
	same(t, must(f.books.DirtyCounts(ctx))(t), map[conversion.Lane]int{conversion.LaneNews: 1, conversion.LaneEdits: 2, conversion.LaneBackfill: 1})
}

func dueLanes(f fixture) {
	ctx, t := f.Context(), f.T
	c := f.tied()
	c.NextSync = begun
	ok(t, f.books.SaveSyncState(ctx, c))
	is := func(now conversion.Moment) (due conversion.Due) {
		for _, d := range must(f.store.Due(ctx, now))(t) {
			if d.WorkspaceID == workspaceOf(f) {
				due = d
			}
		}
		return due
	}
	rest := func(l conversion.Lane, until conversion.Moment) {
		ok(t, f.books.Rest(ctx, conversion.Wait{Lane: l, Reason: conversion.WaitsForShare, Since: begun, Until: until}))
	}
	e := contact("a@example.com", "A")
	e.Dirty, e.Lane = begun, conversion.LaneBackfill
	f.have(linked(e))
	same(t, is(begun).Cycle && is(begun).Push, true)

	rest(conversion.LanePull, begun+10)
	same(t, is(begun+9).Cycle, false)
	same(t, is(begun+10).Cycle, true)

	rest(conversion.LaneNews, begun+10)
	same(t, is(begun).Push, true) // another lane than the one that waits
	rest(conversion.LaneBackfill, begun+10)
	ok(t, f.books.AddRuns(ctx, []conversion.Run{{ID: "out", Direction: conversion.Outbound, Status: conversion.RunQueued, Created: begun}}))
	same(t, is(begun+9).Push, false) // its run waits with it
	same(t, is(begun+10).Push, true)
	same(t, is(begun+9).Cycle, false) // and asks for no pull
}

func freshCount(f fixture) {
	ctx, t := f.Context(), f.T
	c := f.tied()
	ok(t, f.books.Spend(ctx, conversion.LaneNews, begun, 7))
	ok(t, f.books.Rest(ctx, conversion.Wait{Lane: conversion.LaneNews, Reason: conversion.WaitsForShare, Since: begun, Until: begun + 1}))
	c.OrgID = "00D-another"
	ok(t, f.books.SaveConnection(ctx, c, 1, true))
	same(t, must(f.books.Spent(ctx, begun))(t), 0)
	same(t, len(must(f.books.Waits(ctx))(t)), 0)
}
