package reconcile_test

import (
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

func TestOptOutsStick(t *testing.T) {
	t.Parallel()
	yes, no := conversion.Bool(true), conversion.Bool(false)
	for _, row := range []struct {
		because string
		mode    conversion.Mode
		happens func(g conversion.Group, s *conversion.Schema)
		want    conversion.Value
		sent    bool
	}{
		{"a first true is a claim", conversion.ModeTwoWay, func(g conversion.Group, s *conversion.Schema) {
			observed(g, s, "L1", optOut, yes, 3)
			observed(g, s, "L2", optOut, no, 5)
		}, yes, false},
		{"a false as a change from true is", conversion.ModeTwoWay, func(g conversion.Group, s *conversion.Schema) {
			observed(g, s, "L1", optOut, yes, 3)
			observed(g, s, "L1", optOut, no, 5)
		}, no, false},
		{"a false that was blank is not", conversion.ModeTwoWay, func(g conversion.Group, s *conversion.Schema) {
			observed(g, s, "L1", optOut, yes, 3)
			observed(g, s, "L2", optOut, conversion.Null, 4)
			observed(g, s, "L2", optOut, no, 5)
		}, yes, false},
		{"a tie is true", conversion.ModeTwoWay, func(g conversion.Group, s *conversion.Schema) {
			observed(g, s, "L1", optOut, yes, 3)
			observed(g, s, "L1", optOut, no, 5)
			observed(g, s, "L2", optOut, yes, 5)
		}, yes, false},
		{"also between the systems", conversion.ModeTwoWay, func(g conversion.Group, s *conversion.Schema) {
			observed(g, s, "L1", optOut, yes, 3)
			observed(g, s, "L1", optOut, no, 5)
			g.Entity.Claim(conversion.OwnClaim{Var: optOut, Value: yes, At: second(5), Reach: everywhere})
		}, yes, true},
		{"an opt-out made in Conversion is sent", conversion.ModeTwoWay, func(g conversion.Group, s *conversion.Schema) {
			observed(g, s, "L1", optOut, no, 3)
			claims(g, s, optOut, yes, 4)
		}, yes, true},
		{"so is one taken back", conversion.ModeTwoWay, func(g conversion.Group, s *conversion.Schema) {
			observed(g, s, "L1", optOut, yes, 3)
			claims(g, s, optOut, no, 4)
		}, no, true},
		{"a false made in Conversion that changes no true is not", conversion.ModeTwoWay, func(g conversion.Group, s *conversion.Schema) {
			claims(g, s, optOut, no, 4)
			observed(g, s, "L1", optOut, yes, 3)
		}, yes, false},
		{"not even where Conversion always wins", conversion.ModeAlwaysConversion, func(g conversion.Group, s *conversion.Schema) {
			claims(g, s, optOut, no, 4)
			observed(g, s, "L1", optOut, yes, 3)
		}, yes, false},
		{"where a false of the record's is no better", conversion.ModeAlwaysConversion, func(g conversion.Group, s *conversion.Schema) {
			claims(g, s, optOut, no, 4)
			observed(g, s, "L1", optOut, no, 5)
		}, no, false},
		{"a true on a sibling is enough for a false to change it", conversion.ModeAlwaysConversion, func(g conversion.Group, s *conversion.Schema) {
			claims(g, s, optOut, yes, 2)
			observed(g, s, "L1", optOut, yes, 3)
			claims(g, s, optOut, no, 4)
		}, no, true},
		{"a true stays when its link ends", conversion.ModeTwoWay, func(g conversion.Group, s *conversion.Schema) {
			observed(g, s, "L1", optOut, yes, 3)
			g.Links[0].State = conversion.LinkDeleted
			observed(g, s, "L2", optOut, no, 5)
		}, yes, false},
	} {
		g, s := tied("L1", "L2"), withMode(optOut, row.mode)
		row.happens(g, s)
		reconcile.Resolve(g, s)
		if got := g.Entity.Value(optOut); got != row.want {
			t.Errorf("%s: %#v", row.because, got)
		}
		if plan := reconcile.Send(g, s, terms(sendAll, 9)); plan.Empty() == row.sent {
			t.Errorf("%s: wrote %+v", row.because, plan.Writes)
		}
	}
}

// observed is the record read with the value, modified in the second.
func observed(g conversion.Group, s *conversion.Schema, id string, v conversion.VarID, value conversion.Value, at int) reconcile.News {
	rec := storedAs(id, at, "005other", conversion.FieldValue{Var: v, Value: value})
	return reconcile.Observe(g.Link(refOf(id)), &rec, s)
}

func claims(g conversion.Group, s *conversion.Schema, v conversion.VarID, value conversion.Value, at int) {
	reconcile.Claim(g, s.ByID(v), value, second(at), everywhere, conversion.Actor{})
}

func TestAFalseCountsWhileALiveRecordIsStillTrue(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		state   conversion.LinkState
		seen    conversion.Value
		weak    bool
	}{
		{"a live record is true", conversion.LinkLive, conversion.Bool(true), false},
		{"one that is over was", conversion.LinkDeleted, conversion.Bool(true), true},
		{"a live record is false", conversion.LinkLive, conversion.Bool(false), true},
		{"a record was never read", conversion.LinkLive, conversion.Value{}, true},
	} {
		g, s := tied("L1"), withMode(optOut, conversion.ModeNone)
		g.Links[0].State = row.state
		if !row.seen.Absent() {
			g.Links[0].Ensure(optOut).Seen = row.seen
		}
		claims(g, s, optOut, conversion.Bool(false), 5)
		if got := g.Entity.OwnClaim(optOut).Weak; got != row.weak {
			t.Errorf("%s: the claim is weak %v", row.because, got)
		}
	}
}

func TestWhatAtFirstSightIsNobodysChoiceYields(t *testing.T) {
	t.Parallel()
	s := schema()
	for _, row := range []struct {
		because string
		v       conversion.VarID
		value   conversion.Value
		weak    bool
	}{
		{"a blank", title, conversion.Null, true},
		{"a false", title, conversion.Bool(false), true},
		{"describe's default", status, conversion.Text("Open"), true},
		{"anything else is a choice", status, conversion.Text("Closed"), false},
		{"what is another field's default too", title, conversion.Text("Open"), false},
	} {
		g := tied("L1", "C1")
		observed(g, s, "L1", row.v, row.value, 9)
		if got := g.Links[0].Field(row.v).Claim.Weak; got != row.weak {
			t.Errorf("%s: weak %v", row.because, got)
		}
		observed(g, s, "C1", row.v, conversion.Text("older"), 1)
		reconcile.Resolve(g, s)
		if yielded := g.Entity.Value(row.v) == conversion.Text("older"); yielded != row.weak {
			t.Errorf("%s: yielded %v", row.because, yielded)
		}
		observed(g, s, "L1", row.v, conversion.Text("other"), 10)
		observed(g, s, "L1", row.v, row.value, 11)
		if g.Links[0].Field(row.v).Claim.Weak {
			t.Errorf("%s: a change to it is weak", row.because)
		}
	}
}

func TestWhatAnObservationTells(t *testing.T) {
	t.Parallel()
	s := schema()
	g := tied("L1")
	a, b := conversion.Text("a"), conversion.Text("b")
	for _, row := range []struct {
		because string
		value   conversion.Value
		at      int
		want    reconcile.News
		claim   conversion.Value
	}{
		{"a first reading refreshes", a, 3, reconcile.Refreshed, a},
		{"a repeat tells nothing", a, 3, reconcile.Nothing, a},
		{"a newer one of the same refreshes", a, 5, reconcile.Refreshed, a},
		{"another value is a change", b, 7, reconcile.Changed, b},
		{"a stale one tells nothing", a, 6, reconcile.Nothing, b},
		{"nor does one of the same moment", a, 7, reconcile.Nothing, b},
	} {
		if news := observed(g, s, "L1", title, row.value, row.at); news != row.want || g.Links[0].Field(title).Claim.Value != row.claim {
			t.Errorf("%s: news %d, claim %+v", row.because, news, g.Links[0].Field(title).Claim)
		}
	}
	again := storedAs("L1", 7, "005other")
	again.Reading.Asked, again.Name = second(20), "Ann Lee"
	if news := reconcile.Observe(g.Links[0], &again, s); news != reconcile.Nothing || g.Links[0].Reading.Asked != second(20) || g.Links[0].Name != "Ann Lee" {
		t.Errorf("the record read again as it was: news %d, %+v", news, g.Links[0])
	}
	again.Reading.Asked, again.Name = second(21), ""
	again.Fields = []conversion.FieldValue{{Var: 99, Value: a}}
	if news := reconcile.Observe(g.Links[0], &again, s); news != reconcile.Nothing || g.Links[0].Name != "Ann Lee" || g.Links[0].Field(99) != nil {
		t.Errorf("an unnamed record with a field nobody knows: news %d, %+v", news, g.Links[0])
	}
}

func TestAnOwnClaimIsLaterThanWhatItReplaces(t *testing.T) {
	t.Parallel()
	for now, want := range map[int]int{4: 6, 5: 6, 6: 6, 7: 7} {
		g, s := tied("L1"), schema()
		observed(g, s, "L1", title, conversion.Text("theirs"), 5)
		claims(g, s, title, conversion.Text("ours"), now)
		if got := g.Entity.OwnClaim(title).At; got != second(want) {
			t.Errorf("a claim made at %d over one of 5 is stamped %v, want %v", now, got, second(want))
		}
	}
}

func TestNamesAndChanges(t *testing.T) {
	t.Parallel()
	g, s := tied("L1"), personSchema()
	observed(g, s, "L1", lastName, conversion.Text("Lee"), 1)
	observed(g, s, "L1", 16, conversion.Null, 1)
	changes := reconcile.Resolve(g, s)
	if len(changes) != 1 || changes[0].Var != lastName || !changes[0].Before.Absent() || changes[0].From != refOf("L1") || g.Entity.Name != "Lee" {
		t.Errorf("changes %+v, name %q", changes, g.Entity.Name)
	}
	observed(g, s, "L1", 16, conversion.Text("Ann"), 2)
	observed(g, s, "L1", conversion.EmailVar, conversion.Text("a@b.test"), 2)
	if changes = reconcile.Resolve(g, s); len(changes) != 1 || g.Entity.Name != "Ann Lee" || g.Entity.Resolved(conversion.EmailVar) != nil {
		t.Errorf("changes %+v, name %q", changes, g.Entity.Name)
	}
	observed(g, s, "L1", 16, conversion.Null, 3)
	if changes = reconcile.Resolve(g, s); len(changes) != 1 || changes[0].Before != conversion.Text("Ann") || changes[0].After != conversion.Null || g.Entity.Name != "Lee" {
		t.Errorf("changes %+v, name %q", changes, g.Entity.Name)
	}
	if reconcile.Resolve(g, schema()); g.Entity.Name != "" {
		t.Errorf("without variables for it the name is %q", g.Entity.Name)
	}
	c := company("A1")
	if reconcile.Resolve(c, companySchema()); c.Entity.Name != "Acme Inc." || c.Entity.Value(conversion.WebsiteVar).Blank() {
		t.Errorf("the company is %+v", c.Entity)
	}
	c.Links = nil
	if reconcile.Resolve(c, companySchema()); c.Entity.Name != "acme.com" {
		t.Errorf("a company without a name is called %q", c.Entity.Name)
	}
}

func TestATrueThatStaysAfterItsRecordIsGoneCanBeTakenBack(t *testing.T) {
	t.Parallel()
	s := schema()
	v := s.ByID(optOut)
	gone := &conversion.Link{
		Ref: conversion.Ref{Object: conversion.Lead, ID: "1"}, State: conversion.LinkDeleted,
		Fields: []conversion.FieldState{{Var: optOut, Claim: conversion.Claim{Value: conversion.Bool(true), At: second(1)}}},
	}
	g := conversion.Group{Entity: &conversion.Entity{ID: "e", Kind: conversion.KindContact}, Links: []*conversion.Link{gone}}
	reconcile.Resolve(g, s)
	reconcile.Claim(g, v, conversion.Bool(false), second(5), 0, conversion.Actor{Kind: conversion.ActorUser})
	reconcile.Resolve(g, s)
	if g.Entity.OwnClaim(optOut).Weak || g.Entity.Value(optOut) != conversion.Bool(false) {
		t.Errorf("the contact holds %#v after its own false, weak %v", g.Entity.Value(optOut), g.Entity.OwnClaim(optOut).Weak)
	}
}
