package storetest

import (
	"errors"
	"testing"

	"conversion"
	"conversion/internal/store"
)

func testBreaker(t *testing.T, open func(t *testing.T) *store.Store) {
	s := open(t)
	for name, test := range map[string]func(fixture){
		"an approval waits until it is decided once":             approvals,
		"a question grows while it waits, and not afterwards":    questionGrows,
		"a grant wakes what it is about, and nothing else":       grantWakes,
		"a grant of what comes in makes a cycle due":             grantInbound,
		"a refusal leaves deletions parked":                      refusalParks,
		"what went is taken off its approval, once":              wentOnce,
		"what is withheld is found by its record":                withheldByRecord,
		"deletions are counted by direction, kind and moment":    deletionsAreCounted,
		"edits are counted by variable, maker and slot":          editsAreCounted,
		"a refused change of ours is looked at again":            refusalWakesChanges,
		"what is linked counts what ended with its entity":       linkedSince,
		"nothing is asked or counted by a batch that is refused": refusedBatchAsksNothing,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newFixture(t, s))
		})
	}
}

func question(id string, d conversion.Direction, about ...*conversion.Entity) conversion.Ask {
	a := conversion.Ask{Approval: conversion.Approval{
		ID: id, Direction: d, Kind: conversion.KindContact, Reason: "many deletions", Count: len(about), Created: begun,
	}}
	for _, e := range about {
		a.Withheld = append(a.Withheld, conversion.Withheld{Approval: id, EntityID: e.ID, Mark: conversion.DeletionMark(e)})
	}
	return a
}

func approvals(f fixture) {
	ctx, t := f.Context(), f.T
	waits := conversion.Approval{
		ID: "1", Direction: conversion.Inbound, Kind: conversion.KindContact, Var: 7, Reason: "120 deletions", Count: 120, Created: begun,
	}
	other := waits
	other.ID, other.Created = "0", begun+1
	f.commit(conversion.Batch{Asks: []conversion.Ask{{Approval: other}, {Approval: waits}}})
	same(t, must(f.books.Approvals(ctx, begun+100))(t), []conversion.Approval{waits, other})

	ok(t, f.books.DecideApproval(ctx, "1", true, admin, begun+50))
	refuses(t, f.books.DecideApproval(ctx, "1", false, admin, begun+51), conversion.CodeConflict)
	refuses(t, f.books.DecideApproval(ctx, "2", true, admin, begun+51), conversion.CodeNotFound)
	waits.Decided, waits.Granted, waits.By = begun+50, true, admin
	same(t, must(f.books.Approvals(ctx, begun+50))(t), []conversion.Approval{waits, other})
	same(t, must(f.books.Approvals(ctx, begun+51))(t), []conversion.Approval{other})
}

func questionGrows(f fixture) {
	ctx, t := f.Context(), f.T
	a, b := contact("a@example.com", "A"), contact("b@example.com", "B")
	f.commit(conversion.Batch{Asks: []conversion.Ask{question("1", conversion.Outbound, a)}})
	f.commit(conversion.Batch{Asks: []conversion.Ask{question("1", conversion.Outbound, b)}})
	same(t, must(f.books.Approvals(ctx, begun))(t)[0].Count, 2)
	same(t, len(must(f.books.Withheld(ctx, []string{a.ID, b.ID, "another"}))(t)), 2)

	ok(t, f.books.DecideApproval(ctx, "1", true, admin, begun))
	c := contact("c@example.com", "C")
	err := f.books.Commit(ctx, conversion.Batch{Asks: []conversion.Ask{question("1", conversion.Outbound, c)}})
	if _, stale := errors.AsType[*conversion.StaleError](err); !stale {
		t.Errorf("adding to a decided question: %v", err)
	}
	same(t, len(must(f.books.Withheld(ctx, []string{c.ID}))(t)), 0)
}

// parked stores an entity that waits for a person, deleted or not.
func (f fixture) parked(e *conversion.Entity, deleted conversion.Moment) *conversion.Entity {
	f.Helper()
	e.Dirty, e.Retry, e.Deleted = begun, conversion.ParkedRetry, deleted
	f.have(linked(e))
	return e
}

func grantWakes(f fixture) {
	ctx, t := f.Context(), f.T
	gone := f.parked(contact("gone@example.com", "Gone"), begun)
	f.parked(contact("later@example.com", "Later"), begun)
	f.parked(contact("here@example.com", "Here"), 0)
	f.commit(conversion.Batch{Asks: []conversion.Ask{question("1", conversion.Outbound, gone)}})

	ok(t, f.books.DecideApproval(ctx, "1", true, admin, begun))

	same(t, ids(f.due(conversion.DirtyQuery{Kind: conversion.KindContact, Deleted: true})), []string{gone.ID})
	same(t, len(f.due(conversion.DirtyQuery{Kind: conversion.KindContact})), 0)
	f.commit(conversion.Batch{Plans: plans(f.group(gone))}) // its version has not moved
	found := must(f.books.Withheld(ctx, []string{gone.ID}))(t)
	same(t, found, []conversion.WithheldState{{
		Withheld:  conversion.Withheld{Approval: "1", EntityID: gone.ID, Mark: conversion.DeletionMark(gone)},
		Direction: conversion.Outbound, Decided: true, Granted: true,
	}})
}

func grantInbound(f fixture) {
	ctx, t := f.Context(), f.T
	c := f.tied()
	c.NextSync = begun + 1000
	ok(t, f.books.SaveSyncState(ctx, c))
	e := f.parked(contact("a@example.com", "A"), begun)
	f.commit(conversion.Batch{Asks: []conversion.Ask{question("1", conversion.Inbound, e)}})
	same(t, len(must(f.books.Released(ctx, conversion.Inbound, 10))(t)), 0)
	ok(t, f.books.DecideApproval(ctx, "1", true, admin, begun+5))
	same(t, must(f.books.Connection(ctx))(t).NextSync, begun+5)
	same(t, len(f.due(conversion.DirtyQuery{Kind: conversion.KindContact, Deleted: true})), 0)
	same(t, len(must(f.books.Released(ctx, conversion.Inbound, 10))(t)), 1)
	same(t, len(must(f.books.Released(ctx, conversion.Outbound, 10))(t)), 0)
}

func refusalParks(f fixture) {
	ctx, t := f.Context(), f.T
	gone := f.parked(contact("gone@example.com", "Gone"), begun)
	f.commit(conversion.Batch{Asks: []conversion.Ask{question("1", conversion.Outbound, gone)}})
	ok(t, f.books.DecideApproval(ctx, "1", false, admin, begun))
	same(t, len(f.due(conversion.DirtyQuery{Kind: conversion.KindContact, Deleted: true})), 0)
	same(t, must(f.books.Withheld(ctx, []string{gone.ID}))(t)[0].Granted, false)
}

func wentOnce(f fixture) {
	ctx, t := f.Context(), f.T
	a, b := contact("a@example.com", "A"), contact("b@example.com", "B")
	ask := question("1", conversion.Outbound, a, b)
	f.commit(conversion.Batch{Asks: []conversion.Ask{ask}})
	ok(t, f.books.DecideApproval(ctx, "1", true, admin, begun))
	for range 2 {
		f.commit(conversion.Batch{Went: ask.Withheld[:1]})
		same(t, must(f.books.Approvals(ctx, begun))(t)[0].Used, 1)
		same(t, len(must(f.books.Withheld(ctx, []string{a.ID, b.ID}))(t)), 1)
	}
}

func withheldByRecord(f fixture) {
	ctx, t := f.Context(), f.T
	ask := question("1", conversion.Inbound)
	one := conversion.Withheld{Approval: "1", EntityID: "e", Ref: lead(1), Var: 9, Mark: conversion.ChangeMark(conversion.Text("x"))}
	two := one
	two.Ref, two.Var = lead(2), 8
	ask.Withheld = []conversion.Withheld{one, two}
	f.commit(conversion.Batch{Asks: []conversion.Ask{ask}})
	found := must(f.books.WithheldFrom(ctx, []conversion.Ref{lead(1), lead(3)}))(t)
	same(t, found, []conversion.WithheldState{{Withheld: one, Direction: conversion.Inbound}})
}

func deletionsAreCounted(f fixture) {
	ctx, t := f.Context(), f.T
	count := func(d conversion.Direction, k conversion.Kind, at conversion.Moment, n int) {
		f.commit(conversion.Batch{At: at, Deletions: []conversion.DeletionCount{{Direction: d, Kind: k, N: n}}})
	}
	count(conversion.Outbound, conversion.KindContact, 10, 5)
	count(conversion.Outbound, conversion.KindContact, 20, 3)
	count(conversion.Outbound, conversion.KindContact, 20, 4)
	count(conversion.Outbound, conversion.KindCompany, 20, 100)
	count(conversion.Inbound, conversion.KindContact, 20, 1000)
	same(t, must(f.books.Deletions(ctx, conversion.Outbound, conversion.KindContact, 20))(t), 7)
	same(t, must(f.books.Deletions(ctx, conversion.Outbound, conversion.KindContact, 0))(t), 12)
	same(t, must(f.books.Deletions(ctx, conversion.Inbound, conversion.KindCompany, 0))(t), 0)
}

func editsAreCounted(f fixture) {
	t, slot := f.T, conversion.Moment(conversion.EditSlot.Microseconds())
	key := conversion.Actor{Kind: conversion.ActorAPIKey, ID: "k"}
	count := func(at conversion.Moment, id conversion.VarID, by conversion.Actor, n int) {
		f.commit(conversion.Batch{At: at, Edits: []conversion.EditCount{{Var: id, By: by, N: n}}})
	}
	first := conversion.SlotOf(begun)
	count(first, 7, key, 200)
	count(first+slot-1, 7, key, 100)
	count(first+slot, 7, key, 5)
	count(first+slot, 8, key, 6)
	count(first+slot, 7, admin, 1)
	later := []conversion.EditCount{{Var: 7, By: key, At: first + slot, N: 5}, {Var: 7, By: admin, At: first + slot, N: 1}, {Var: 8, By: key, At: first + slot, N: 6}}
	same(t, must(f.books.Edits(f.Context(), first+slot+3))(t), later)
	same(t, must(f.books.Edits(f.Context(), first+slot-1))(t), append([]conversion.EditCount{{Var: 7, By: key, At: first, N: 300}}, later...))
}

func refusalWakesChanges(f fixture) {
	ctx, t := f.Context(), f.T
	e := f.parked(contact("a@example.com", "A"), 0)
	ask := question("1", conversion.Outbound)
	ask.Approval.Var, ask.Withheld = 7, []conversion.Withheld{{Approval: "1", EntityID: e.ID, Var: 7, Mark: conversion.ClaimMark(3)}}
	f.commit(conversion.Batch{Asks: []conversion.Ask{ask}})
	same(t, len(f.due(conversion.DirtyQuery{Kind: conversion.KindContact})), 0)
	ok(t, f.books.DecideApproval(ctx, "1", false, admin, begun))
	same(t, ids(f.due(conversion.DirtyQuery{Kind: conversion.KindContact})), []string{e.ID})
}

func linkedSince(f fixture) {
	here, gone, before := contact("here@example.com", "Here"), contact("gone@example.com", "Gone"), contact("before@example.com", "Before")
	gone.Deleted, before.Deleted = begun+10, begun
	ended := func(e *conversion.Entity, n int, s conversion.LinkState, at conversion.Moment) conversion.Group {
		l := &conversion.Link{Ref: lead(n), EntityID: e.ID, State: s, Linked: at}
		return conversion.Group{Entity: e, Links: []*conversion.Link{l}}
	}
	live := ended(here, 1, conversion.LinkLive, begun)
	met := ended(gone, 2, conversion.LinkIgnored, begun)
	met.Links = append(met.Links, ended(gone, 3, conversion.LinkDeleted, begun).Links[0], ended(gone, 4, conversion.LinkIgnored, begun+11).Links[0])
	f.have(live, met, ended(before, 5, conversion.LinkDeleted, begun))
	same(f.T, must(f.books.Linked(f.Context(), conversion.KindContact, begun+10))(f.T), 3) // met later, it was never linked
	same(f.T, must(f.books.Linked(f.Context(), conversion.KindContact, begun+11))(f.T), 1)
	same(f.T, must(f.books.Linked(f.Context(), conversion.KindCompany, begun))(f.T), 0)
}

func refusedBatchAsksNothing(f fixture) {
	ctx, t := f.Context(), f.T
	e := contact("a@example.com", "A")
	f.have(linked(e))
	stale := conversion.Batch{
		Plans: []conversion.Plan{{Group: linked(e), Expect: 99}}, Asks: []conversion.Ask{question("1", conversion.Outbound, e)},
		Deletions: []conversion.DeletionCount{{Direction: conversion.Outbound, Kind: conversion.KindContact, N: 1}},
	}
	if err := f.books.Commit(ctx, stale); err == nil {
		t.Fatal("a stale batch was committed")
	}
	same(t, len(must(f.books.Approvals(ctx, 0))(t)), 0)
	same(t, must(f.books.Deletions(ctx, conversion.Outbound, conversion.KindContact, 0))(t), 0)
}
