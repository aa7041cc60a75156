package reconcile_test

import (
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

// heldOurs is a contact whose lead said "old" and holds our newer "ours" by now.
func heldOurs(t *testing.T) (conversion.Group, *conversion.Link, *conversion.Schema) {
	t.Helper()
	s := schema()
	g, l, w := sent(t, s)
	l.Ensure(title).Claim = conversion.Claim{Value: conversion.Text("old"), At: second(2), By: "theirs"}
	stored := storedAs("L1", 7, self, titled("ours"))
	if !reconcile.Confirm(g, l, w, &stored, s, terms(sendAll, 8)) {
		t.Fatal("the write is not confirmed")
	}
	reconcile.Resolve(g, s)
	return g, l, s
}

func TestWhatWasWrittenStandsAsSalesforces(t *testing.T) {
	t.Parallel()
	for _, mode := range []conversion.Mode{conversion.ModeTwoWay, conversion.ModePreferSalesforce, conversion.ModeAlwaysSalesforce} {
		g, _, s := heldOurs(t)
		s.ByID(title).Mode = mode
		reconcile.Resolve(g, s)
		if got := g.Entity.Value(title); got != conversion.Text("ours") {
			t.Errorf("under %s the contact shows %#v, both sides hold ours", mode, got)
		}
	}
}

func TestWhatWasWrittenStandsAgainstOlderClaimsOfOtherRecords(t *testing.T) {
	t.Parallel()
	for at, want := range map[int]conversion.Value{4: conversion.Text("ours"), 9: conversion.Text("sibling")} {
		g, _, s := heldOurs(t)
		sibling := &conversion.Link{Ref: refOf("L2"), EntityID: g.Entity.ID, State: conversion.LinkLive}
		sibling.Ensure(title).Claim = conversion.Claim{Value: conversion.Text("sibling"), At: second(at), By: "theirs"}
		g.Put(sibling)
		s.ByID(title).Mode = conversion.ModeAlwaysSalesforce
		reconcile.Resolve(g, s)
		if got := g.Entity.Value(title); got != want {
			t.Errorf("the contact shows %#v: its other record claimed in second %d, ours was written", got, at)
		}
	}
}

func TestWhatWasWrittenGoesAlongWithItsRecord(t *testing.T) {
	t.Parallel()
	g, l, s := heldOurs(t)
	to := conversion.Group{Entity: &conversion.Entity{ID: "other", Kind: conversion.KindContact}}
	reconcile.Move(&g, &to, l, s, second(9))
	reconcile.Resolve(to, s)
	if got := to.Entity.Value(title); got != conversion.Text("ours") {
		t.Errorf("the contact it went to shows %#v, the record holds ours", got)
	}
}

func TestWhatWasWrittenStandsWhenItsClaimIsReplaced(t *testing.T) {
	t.Parallel()
	g, _, s := heldOurs(t)
	reconcile.Claim(g, s.ByID(title), conversion.Text("newer"), second(9), 0, conversion.Actor{})
	s.ByID(title).Mode = conversion.ModePreferSalesforce
	reconcile.Resolve(g, s)
	if got := g.Entity.Value(title); got != conversion.Text("ours") {
		t.Errorf("the contact shows %#v, Salesforce holds ours", got)
	}
}

// What a record held when it was last read settles only what was said before that.
func TestAnEditIsSettledByWhatWasReadAfterItOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		asked, said int
		waits       bool
	}{
		"read before it was said, the record may hold something else": {asked: 3, said: 4, waits: true},
		"read after it was said, the record holds it already":         {asked: 5, said: 4},
	} {
		g, s := tied("L1"), schema()
		state := holds(g, "L1", title, conversion.Text("ours"), 1)
		state.Reading.Asked = second(c.asked)
		owns(g, title, conversion.Text("ours"), 4)
		g.Entity.OwnClaim(title).Said = second(c.said)
		plan := reconcile.Send(g, s, terms(sendAll, 6))
		if len(plan.Writes) > 0 || plan.Left.Waiting != c.waits || (state.Settled == 0) != c.waits {
			t.Errorf("%s: writes %+v, left %+v, settled %d", name, plan.Writes, plan.Left, state.Settled)
		}
	}
}

// Two records are linked, and of one it is still to be decided whose it is: what the other says
// may be a copy of what ours is newer than (spec 3.8).
func TestAnEditYieldsOnlyOnceItIsDecidedWhoseTheRecordsAre(t *testing.T) {
	t.Parallel()
	for name, pending := range map[string]bool{
		"a conversion that is not followed yet": true,
		"every record's place is known":         false,
	} {
		g, s := tied("L1", "C1"), schema()
		g.Links[0].Pending = pending
		holds(g, "C1", title, conversion.Text("theirs"), 4)
		state := holds(g, "L1", title, conversion.Text("old"), 1)
		owns(g, title, conversion.Text("ours"), 4)
		plan := reconcile.Send(g, s, terms(sendAll, 6))
		if len(plan.Writes) > 0 || plan.Left.Lacking != pending || (state.Settled == 0) != pending {
			t.Errorf("%s: writes %+v, left %+v, settled %d", name, plan.Writes, plan.Left, state.Settled)
		}
	}
}
