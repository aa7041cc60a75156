package storetest

import (
	"testing"

	"conversion"
	"conversion/internal/store"
)

// testRounds is about passes over all records of an object, and the users met on the way.
func testRounds(t *testing.T, open func(t *testing.T) *store.Store) {
	for name, test := range map[string]func(t *testing.T, f fixture){
		"a round goes on where it was stored":                           aRoundGoesOn,
		"what is known comes by id and in pages":                        knownByID,
		"a link of another org is not known":                            knownLeavesOutMoved,
		"activities are known, deleted ones as deleted":                 knownActivities,
		"users that were met wait for their names until they are asked": usersWaitForNames,
		"a note of a run is kept":                                       runsKeepNotes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newFixture(t, open(t)))
		})
	}
}

func aRoundGoesOn(t *testing.T, f fixture) {
	none := must(f.books.Rounds(t.Context()))(t)
	if len(none) != 0 {
		t.Fatalf("rounds of a new workspace: %+v", none)
	}
	sweep := conversion.Round{
		Work: conversion.WorkSweep, Object: conversion.Lead, Why: "nightly", Scope: "u|rw", After: lead(7).ID, Began: begun,
		Found: conversion.Found{Compared: 9, Unknown: 1, Gone: 2, Stale: 3},
	}
	fill := conversion.Round{Work: conversion.WorkFill, Object: conversion.Lead, Began: begun}
	f.commit(conversion.Batch{At: begun, Round: &sweep})
	f.commit(conversion.Batch{At: begun, Round: &fill})
	same(t, must(f.books.Rounds(t.Context()))(t), []conversion.Round{fill, sweep})
	sweep.After, sweep.Ended, sweep.Found.Gone = "", begun+5, 4
	f.commit(conversion.Batch{At: begun, Round: &sweep})
	same(t, must(f.books.Rounds(t.Context()))(t), []conversion.Round{fill, sweep})
}

func knownByID(t *testing.T, f fixture) {
	g := linked(contact("a@acme.example", "A"), lead(3), lead(1), lead(2))
	g.Links[2].State = conversion.LinkDeleted
	f.have(g, linked(contact("b@acme.example", "B"), conversion.Ref{Object: conversion.Contact, ID: "003000000000000001"}))
	known := func(n int, state conversion.LinkState) conversion.Known {
		return conversion.Known{ID: lead(n).ID, Modstamp: begun, State: state}
	}
	same(t, must(f.books.Known(t.Context(), conversion.Lead, "", 2))(t),
		[]conversion.Known{known(1, conversion.LinkLive), known(2, conversion.LinkDeleted)})
	same(t, must(f.books.Known(t.Context(), conversion.Lead, lead(2).ID, 2))(t), []conversion.Known{known(3, conversion.LinkLive)})
	same(t, len(must(f.books.Known(t.Context(), conversion.Lead, lead(3).ID, 2))(t)), 0)
}

func knownLeavesOutMoved(t *testing.T, f fixture) {
	ctx := t.Context()
	first := conversion.Connection{WorkspaceID: "w", Connected: begun, OrgID: "00D000000000000AAA"}
	ok(t, f.books.SaveConnection(ctx, first, 0, false))
	f.have(linked(contact("a@acme.example", "A"), lead(1)))
	f.commit(conversion.Batch{At: begun, Round: &conversion.Round{Work: conversion.WorkSweep, Object: conversion.Lead, Began: begun}})
	first.OrgID = "00D000000000001AAA"
	ok(t, f.books.SaveConnection(ctx, first, 1, true))
	same(t, len(must(f.books.Known(ctx, conversion.Lead, "", 10))(t)), 0)
	same(t, len(must(f.books.Rounds(ctx))(t)), 0)
}

func knownActivities(t *testing.T, f fixture) {
	g := f.have(linked(contact("a@acme.example", "A"), lead(1)))[0]
	task := func(id string, deleted bool) conversion.Engagement {
		return conversion.Engagement{
			ID: "e" + id, EntityID: g.Entity.ID, Type: "Task", Ref: conversion.Ref{Object: conversion.Task, ID: id},
			Occurred: begun, Data: []byte("{}"), Modstamp: begun, Deleted: deleted, Created: begun,
		}
	}
	f.commit(conversion.Batch{At: begun, Engagements: []conversion.Engagement{task("00T2", true), task("00T1", false)}})
	same(t, must(f.books.Known(t.Context(), conversion.Task, "", 10))(t), []conversion.Known{
		{ID: "00T1", Modstamp: begun, State: conversion.LinkLive}, {ID: "00T2", Modstamp: begun, State: conversion.LinkDeleted},
	})
	same(t, len(must(f.books.Known(t.Context(), conversion.Event, "", 10))(t)), 0)
}

func usersWaitForNames(t *testing.T, f fixture) {
	ctx := t.Context()
	f.commit(conversion.Batch{At: begun, Users: []string{"2", "1", "2"}})
	same(t, must(f.books.UsersToName(ctx, begun, 10))(t), []string{"1", "2"})
	same(t, len(must(f.books.UserNames(ctx, []string{"1", "2"}))(t)), 0)
	ok(t, f.books.SaveUsers(ctx, map[string]string{"1": "One", "2": ""}, begun))
	same(t, len(must(f.books.UsersToName(ctx, begun, 10))(t)), 0)
	same(t, must(f.books.UserNames(ctx, []string{"1", "2"}))(t), map[string]string{"1": "One"})
	f.commit(conversion.Batch{At: begun, Users: []string{"1"}}) // met again: known already
	ok(t, f.books.SaveUsers(ctx, map[string]string{"1": ""}, begun+9))
	same(t, must(f.books.UserNames(ctx, []string{"1"}))(t), map[string]string{"1": "One"})
	same(t, must(f.books.UsersToName(ctx, begun+5, 1))(t), []string{"2"})
}

func runsKeepNotes(t *testing.T, f fixture) {
	run := conversion.Run{ID: "r", Direction: conversion.Inbound, Object: conversion.Lead, Trigger: "sweep", Status: conversion.RunRunning, Created: begun}
	ok(t, f.books.AddRuns(t.Context(), []conversion.Run{run}))
	run.Status, run.Note = conversion.RunDone, "3 were unknown"
	ok(t, f.books.UpdateRun(t.Context(), run))
	same(t, must(f.books.Run(t.Context(), "r"))(t), run)
}
