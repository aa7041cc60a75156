package reconcile_test

import (
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

// TestTakingApartSendsNothingByItself holds that an own claim which yielded to a record that
// goes is no news to those that stay, and any other still goes (spec 3.12, 4.1).
func TestTakingApartSendsNothingByItself(t *testing.T) {
	t.Parallel()
	from, to := tied("L1", "L2", "L3"), named(tied(), "t", "t@b.test")
	ghost := &conversion.Link{Ref: refOf("C9"), EntityID: "e", State: conversion.LinkMoved}
	ghost.Ensure(title)
	from.Put(ghost)
	holds(from, "L1", title, conversion.Text("an old one"), 1)
	holds(from, "L1", status, conversion.Text("Open"), 1)
	holds(from, "L2", title, conversion.Text("the newest"), 5)
	holds(from, "L2", optOut, conversion.Bool(true), 5)
	owns(from, title, conversion.Text("yields"), 3)
	owns(from, status, conversion.Text("Won"), 6)
	reconcile.Resolve(from, schema())

	reconcile.Separate(&from, &to, []*conversion.Link{from.Link(refOf("L2"))}, schema(), second(9))
	plan := reconcile.Send(from, schema(), terms(sendAll, 10))
	if len(plan.Writes) != 1 || len(plan.Writes[0].Fields) != 1 || plan.Writes[0].Fields[0].Var != status {
		t.Errorf("it sends %+v, want the status alone", plan.Writes)
	}
	for _, l := range from.Links {
		if f := l.Field(title); l.State == conversion.LinkMoved && f != nil && f.Settled != 0 {
			t.Errorf("what %s left behind is settled", l.Ref)
		}
	}
	if l := to.Link(refOf("L2")); l == nil || l.EntityID != "t" {
		t.Errorf("the record is with %+v", l)
	}
}

// TestWithWhichKeyARecordIsTakenOut holds that it stays where it is put from then on.
func TestWithWhichKeyARecordIsTakenOut(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		state   conversion.LinkState
		key     string
		want    string
		now     conversion.LinkState
	}{
		{"the one it carries", conversion.LinkLive, "new@b.test", "new@b.test", conversion.LinkLive},
		{"the old one while it carries none, and it is held on", conversion.LinkHeld, "", "a@b.test", conversion.LinkHeld},
		{"the old one when it is gone", conversion.LinkDeleted, "new@b.test", "a@b.test", conversion.LinkDeleted},
	} {
		from, to := tied("L1", "L2"), named(tied(), "t", "t@b.test")
		l := from.Link(refOf("L2"))
		l.State, l.Key = row.state, row.key
		reconcile.Separate(&from, &to, []*conversion.Link{l}, schema(), second(9))
		if l.Placed != row.want || l.State != row.now {
			t.Errorf("%s: placed with %s, %s", row.because, l.Placed, l.State)
		}
	}
}

// TestWhichRecordsAreHeldForTheirEmail names those alone that could not be followed.
func TestWhichRecordsAreHeldForTheirEmail(t *testing.T) {
	t.Parallel()
	g := tied("L1", "L2")
	g.Links[1].State, g.Links[1].Hold = conversion.LinkHeld, "Its e-mail was emptied."
	rows := reconcile.HeldKeyRows(g)
	if len(rows) != 1 || rows[0].Ref != refOf("L2") || rows[0].Message != "Its e-mail was emptied." {
		t.Errorf("held are %+v", rows)
	}
}
