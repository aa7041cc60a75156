package reconcile_test

import (
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

// TestWhichClaimsMayBeOfAChangeInBulk holds that only what would take a value from a record
// is weighed (spec 4.11).
func TestWhichClaimsMayBeOfAChangeInBulk(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		change  func(conversion.Group)
		want    bool
	}{
		{"one that was counted and is to replace a value", func(conversion.Group) {}, true},
		{"one that was not counted", func(g conversion.Group) { g.Entity.Own[0].Counted = 0 }, false},
		{"one of a contact that is deleted", func(g conversion.Group) { g.Entity.Deleted = second(9) }, false},
		{"one that is dealt with", func(g conversion.Group) { g.Links[0].Field(title).Settled = 1 }, false},
		{"one that fills in a blank", func(g conversion.Group) { g.Links[0].Field(title).Seen = conversion.Null }, false},
		{"one whose record is gone", func(g conversion.Group) { g.Links[0].State = conversion.LinkDeleted }, false},
		{"one that the record has no field for", func(g conversion.Group) { g.Links[0].Fields = nil }, false},
	} {
		g := tied("L1")
		holds(g, "L1", title, conversion.Text("theirs"), 1)
		owns(g, title, conversion.Text("ours"), 5)
		g.Entity.Own[0].Counted = second(5)
		row.change(g)
		if got := len(reconcile.Weighable(g)) == 1; got != row.want {
			t.Errorf("%s: weighed %v", row.because, got)
		}
	}
}

// TestWhatIsOutstanding is what still has to go to a record, be it later.
func TestWhatIsOutstanding(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		change  func(conversion.Group)
		want    bool
	}{
		{"what is to be sent now", func(conversion.Group) {}, true},
		{"not what is settled, whatever else is sent", func(g conversion.Group) { g.Links[0].Field(title).Settled = 1 }, false},
		{"what is held", func(g conversion.Group) {
			g.Links[0].Holds = []conversion.FieldHold{{Var: title, Number: 1, Code: "X", Retry: second(99), Shape: schema().ByID(title).Fields[0].Shape()}}
		}, true},
		{"what waits for a request of unknown outcome", func(g conversion.Group) {
			g.Links[0].Field(title).Intent = conversion.Intent{Value: conversion.Text("earlier"), Number: 9, At: second(8)}
		}, true},
		{"not what another field is held for", func(g conversion.Group) {
			g.Links[0].Field(title).Settled = 1
			g.Links[0].Holds = []conversion.FieldHold{{Var: status, Number: 2, Code: "X", Retry: second(99), Shape: schema().ByID(status).Fields[0].Shape()}}
		}, false},
	} {
		g := tied("L1")
		holds(g, "L1", title, conversion.Text("theirs"), 1)
		holds(g, "L1", status, conversion.Text("Open"), 1)
		owns(g, title, conversion.Text("ours"), 5)
		owns(g, status, conversion.Text("Won"), 5)
		row.change(g)
		if got := reconcile.Outstanding(g, schema(), terms(sendAll, 9), title); got != row.want {
			t.Errorf("%s: %v", row.because, got)
		}
	}
}

// TestWhatARecordStandsForOnceOurClaimIsReplaced is about values that we wrote (spec 4.7).
func TestWhatARecordStandsForOnceOurClaimIsReplaced(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		claimed conversion.Value // by the record, before we wrote
		at      int
		want    conversion.Value
	}{
		{"for ours, where it held nothing", conversion.Null, 1, conversion.Text("ours")},
		{"for ours, where it held something older", conversion.Text("theirs"), 1, conversion.Text("ours")},
		{"for its own, where that is newer", conversion.Text("theirs"), 9, conversion.Text("theirs")},
	} {
		g := tied("L1")
		owns(g, title, conversion.Text("ours"), 5)
		f := holds(g, "L1", title, row.claimed, row.at)
		f.Seen, f.Settled = conversion.Text("ours"), 1
		claims(g, schema(), title, conversion.Text("ours, later"), 20)
		if got := g.Links[0].Field(title).Claim.Value; got != row.want {
			t.Errorf("%s: it claims %#v", row.because, got)
		}
	}
}

// TestAChangeOfWhatNobodyThereMadeIsAChangeBack holds that a value we wrote stays ours though
// the record stands for it (spec 4.7).
func TestAChangeOfWhatNobodyThereMadeIsAChangeBack(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]int{"": 1, "005other": 0} {
		g := tied("L1")
		f := holds(g, "L1", title, conversion.Text("ours"), 3)
		f.Settled, f.Claim.By = 1, by
		theirs := storedAs("L1", 8, "005other", titled("theirs"))
		reconcile.Observe(g.Links[0], &theirs, schema())
		if got := len(g.Links[0].Rewrites); got != want {
			t.Errorf("claimed by %q: %d changes back, want %d", by, got, want)
		}
	}
}

// TestNoConversionUnsetsAnOptOutThatWasChosen holds that a Contact's own false, changed from
// true, is not the lead's that nobody chose (spec 3.7, 3.8).
func TestNoConversionUnsetsAnOptOutThatWasChosen(t *testing.T) {
	t.Parallel()
	for because, row := range map[string]struct {
		weak bool // the Contact's claim
		want int
	}{
		"it was chosen on the Contact": {false, 12},
		"nobody chose it anywhere":     {true, 1},
	} {
		g := tied("L1", "C1")
		lead, contact := g.Link(refOf("L1")), g.Link(refOf("C1"))
		holds(g, "L1", optOut, conversion.Bool(false), 1).Claim.Weak = true
		holds(g, "C1", optOut, conversion.Bool(false), 12).Claim.Weak = row.weak
		lead.State, lead.Reading.Modified, contact.Linked = conversion.LinkConverted, second(10), second(20)
		reconcile.Inherit(contact, lead, 0)
		if got := contact.Field(optOut).Claim.At; got != second(row.want) {
			t.Errorf("%s: claimed at %v, want %v", because, got, second(row.want))
		}
	}
}
