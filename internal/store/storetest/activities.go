package storetest

import (
	"testing"

	"conversion"
	"conversion/internal/store"
)

func testActivities(t *testing.T, open func(t *testing.T) *store.Store) {
	s := open(t)
	for name, test := range map[string]func(f fixture){
		"a shared activity is each of its contacts', once":           sharedActivity,
		"an activity follows its record to another contact":          activityFollows,
		"an activity keeps its people unless it names others":        activityKeepsPeople,
		"a late reading of an activity changes nobody":               staleActivity,
		"activities stay with the links of an org that was left":     activityOfLeftOrg,
		"people are caught up with once, unless they are asked anew": catchUps,
		"what is erased leaves nothing but its hash":                 erases,
		"an activity that is others' too survives the erased one":    erasesShared,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newFixture(t, s))
		})
	}
}

// task is an activity about the records.
func task(n int, people ...conversion.Ref) conversion.Engagement {
	return conversion.Engagement{
		Type: "Task", Ref: conversion.Ref{Object: conversion.Task, ID: string(rune('A' + n))}, Modstamp: 10, Occurred: begun, People: people,
	}
}

// contactsOf returns whose the only activity is, and checks that each of them lists it once.
func (f fixture) contactsOf(all ...string) []string {
	f.Helper()
	list := f.engagements()
	if len(list) != 1 {
		f.Fatalf("%d engagements, want 1", len(list))
	}
	var listing []string
	for _, id := range all {
		found, _, err := f.books.Engagements(f.Context(), id, "Task", "", 10)
		ok(f.T, err)
		for _, g := range found {
			same(f.T, g.EntityID, id)
			listing = append(listing, id)
		}
	}
	same(f.T, len(listing), len(list[0].Contacts))
	return list[0].Contacts
}

func sharedActivity(f fixture) {
	a, b, c := contact("a@example.com", "A"), contact("b@example.com", "B"), contact("c@example.com", "C")
	f.have(linked(a, lead(1), lead(2)), linked(b, lead(3)), linked(c, lead(4)))
	f.commit(conversion.Batch{At: begun, Engagements: []conversion.Engagement{task(1, lead(3), lead(1), lead(2), lead(9))}})
	same(f.T, f.contactsOf(a.ID, b.ID, c.ID), []string{b.ID, a.ID})
	same(f.T, f.engagements()[0].EntityID, b.ID)
	known := must(f.books.KnownActivities(f.Context(), []conversion.Ref{task(1).Ref}))(f.T)
	same(f.T, known[task(1).Ref], conversion.KnownActivity{Modstamp: 10, People: []conversion.Ref{lead(3), lead(1), lead(2), lead(9)}})
}

func activityFollows(f fixture) {
	a, b := contact("a@example.com", "A"), contact("b@example.com", "B")
	groups := f.have(linked(a, lead(1)), linked(b, lead(2)))
	f.commit(conversion.Batch{At: begun, Engagements: []conversion.Engagement{task(1, lead(1))}})
	same(f.T, f.contactsOf(a.ID, b.ID), []string{a.ID})

	moved := groups[0].Links[0]
	moved.EntityID = b.ID
	groups[0].Links, groups[1].Links = nil, append(groups[1].Links, moved)
	f.commit(conversion.Batch{At: begun, Plans: plans(groups...)})
	same(f.T, f.contactsOf(a.ID, b.ID), []string{b.ID})
}

func activityKeepsPeople(f fixture) {
	a, b := contact("a@example.com", "A"), contact("b@example.com", "B")
	f.have(linked(a, lead(1)), linked(b, lead(2)))
	for _, step := range []struct {
		people []conversion.Ref
		want   []string
	}{
		{[]conversion.Ref{lead(1)}, []string{a.ID}},
		{nil, []string{a.ID}},
		{[]conversion.Ref{lead(2), lead(1)}, []string{b.ID, a.ID}},
		{[]conversion.Ref{}, nil},
	} {
		g := task(1)
		g.People = step.people
		f.commit(conversion.Batch{At: begun, Engagements: []conversion.Engagement{g}})
		same(f.T, f.contactsOf(a.ID, b.ID), step.want)
	}
}

func staleActivity(f fixture) {
	a, b := contact("a@example.com", "A"), contact("b@example.com", "B")
	f.have(linked(a, lead(1)), linked(b, lead(2)))
	late := task(1, lead(2))
	late.Modstamp--
	f.commit(conversion.Batch{At: begun, Engagements: []conversion.Engagement{task(1, lead(1))}})
	f.commit(conversion.Batch{At: begun, Engagements: []conversion.Engagement{late}})
	same(f.T, f.contactsOf(a.ID, b.ID), []string{a.ID})
}

func activityOfLeftOrg(f fixture) {
	c := tie(workspaceOf(f))
	c.OrgID = "00D1"
	ok(f.T, f.books.SaveConnection(f.Context(), c, 0, true))
	a, b := contact("a@example.com", "A"), contact("b@example.com", "B")
	f.have(linked(a, lead(1)))
	f.commit(conversion.Batch{At: begun, Engagements: []conversion.Engagement{task(1, lead(1))}})
	c.OrgID = "00D2"
	ok(f.T, f.books.SaveConnection(f.Context(), c, 1, true))
	f.have(linked(b, lead(1))) // the new org's record of the same id
	same(f.T, f.contactsOf(a.ID, b.ID), []string{a.ID})
}

func catchUps(f fixture) {
	of := func(o conversion.Object, n int, asked conversion.Moment) conversion.CatchUp {
		return conversion.CatchUp{Activity: o, Who: lead(n), Asked: asked}
	}
	waiting := func(limit int) []conversion.CatchUp {
		return must(f.books.CatchUps(f.Context(), conversion.Task, limit))(f.T)
	}
	f.commit(conversion.Batch{CatchUps: []conversion.CatchUp{of(conversion.Task, 1, 5), of(conversion.Task, 2, 5), of(conversion.Event, 1, 5)}})
	same(f.T, waiting(10), []conversion.CatchUp{of(conversion.Task, 1, 5), of(conversion.Task, 2, 5)})
	same(f.T, len(waiting(1)), 1)
	f.commit(conversion.Batch{CatchUps: []conversion.CatchUp{of(conversion.Task, 1, 7)}})
	f.commit(conversion.Batch{CaughtUp: []conversion.CatchUp{of(conversion.Task, 1, 6), of(conversion.Task, 2, 6)}})
	same(f.T, waiting(10), []conversion.CatchUp{of(conversion.Task, 1, 7)})
}

// erased is the group of what stays of the entity.
func (f fixture) erased(e *conversion.Entity) conversion.Group {
	f.Helper()
	now := f.group(e).Entity
	return conversion.Group{Entity: &conversion.Entity{
		ID: e.ID, Kind: e.Kind, Key: conversion.KeyHash(e.Key), Deleted: begun, Created: e.Created, Version: now.Version,
	}}
}

func erases(f fixture) {
	ctx, t := f.Context(), f.T
	run := conversion.Run{ID: "run " + workspaceOf(f), Direction: conversion.Inbound, Object: conversion.Lead, Status: conversion.RunRunning, Created: begun}
	ok(t, f.books.AddRuns(ctx, []conversion.Run{run}))
	e, other := contact("a@example.com", "A"), contact("b@example.com", "B")
	f.have(linked(e, lead(1)), linked(other, lead(2)))
	both := func(id string, n int) conversion.Batch {
		return conversion.Batch{
			At: begun, RunID: run.ID, Plans: plans(f.group(e), f.group(other)), Changes: []conversion.Change{{EntityID: id, Note: "A"}},
			Held:        []conversion.Held{{EntityID: id, Code: "X", Message: "A"}},
			Engagements: []conversion.Engagement{task(n, lead(n)), {EntityID: id, Type: "Webinar"}},
			Lines:       []conversion.RunLine{{EntityID: id, Ref: lead(n), Outcome: "skipped", Message: "A"}},
			CatchUps:    []conversion.CatchUp{{Activity: conversion.Task, Who: lead(n)}},
		}
	}
	b := both(other.ID, 2)
	f.commit(both(e.ID, 1))
	b.Plans, b.Replaces = nil, conversion.HeldAll
	f.commit(b)
	f.commit(conversion.Batch{At: begun, Plans: plans(f.erased(e)), Erased: []string{e.ID}})

	same(t, len(f.group(e).Links), 0)
	same(t, f.group(e).Entity, f.groups(conversion.GroupQuery{Kind: e.Kind, Keys: []string{"a@example.com"}})[0].Entity)
	same(t, f.group(e).Entity.Erased(), true)
	for id, want := range map[string]int{e.ID: 0, other.ID: 1} {
		changes, _, err := f.books.Timeline(ctx, id, "", 10)
		same(t, len(must(changes, err)(t)), want)
	}
	held, _, err := f.books.Held(ctx, conversion.HeldFilter{Limit: 10})
	same(t, len(must(held, err)(t)), 1)
	same(t, len(f.engagements()), 2)
	same(t, len(must(f.books.CatchUps(ctx, conversion.Task, 10))(t)), 1)
	lines, _, err := f.books.RunLines(ctx, run.ID, "", 10)
	ok(t, err)
	same(t, []string{lines[0].Message, lines[1].Message}, []string{"", "A"})
}

func erasesShared(f fixture) {
	e, other := contact("a@example.com", "A"), contact("b@example.com", "B")
	f.have(linked(e, lead(1)), linked(other, lead(2)))
	f.commit(conversion.Batch{At: begun, Engagements: []conversion.Engagement{task(1, lead(1), lead(2))}})
	f.commit(conversion.Batch{At: begun, Plans: plans(f.erased(e)), Erased: []string{e.ID}})
	same(f.T, f.contactsOf(e.ID, other.ID), []string{other.ID})
	f.have(linked(contact("c@example.com", "C"), lead(1))) // the record is somebody else's now
	same(f.T, f.contactsOf(e.ID, other.ID), []string{other.ID})
}
