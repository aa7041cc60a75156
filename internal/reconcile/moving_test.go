package reconcile_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/reconcile"
)

const unmapped conversion.VarID = 99 // of a variable that the schema does not have any more

// TestCombiningNumbersClaimsAfterOneAnother holds that settled goes by number (spec 1): what
// nobody settled stays so.
func TestCombiningNumbersClaimsAfterOneAnother(t *testing.T) {
	t.Parallel()
	into, from := tied("L1"), named(tied("L2"), "f", "f@b.test")
	owns(into, title, conversion.Text("ours"), 1)
	owns(from, status, conversion.Text("theirs"), 2)
	from.Links[0].Ensure(status)
	reconcile.Combine(&into, &from, schema(), second(9))
	own, theirs, mine := into.Entity.OwnClaim(status), into.Link(refOf("L2")).Field(status), into.Link(refOf("L1")).Field(status)
	if into.Entity.OwnClaim(title).Number != 1 || own.Number != 2 || into.Entity.Numbers != 2 {
		t.Errorf("numbers %d and %d of %d", into.Entity.OwnClaim(title).Number, own.Number, into.Entity.Numbers)
	}
	if theirs.Settled != 0 || theirs.Intent.Number != 0 || theirs.Claim.Answers != 0 || mine.Settled != 2 {
		t.Errorf("the record of the claim has %+v, the other %+v", theirs, mine)
	}
}

// TestOfTwoOwnClaimsTheNewerStays when contacts are combined (spec 3.8).
func TestOfTwoOwnClaimsTheNewerStays(t *testing.T) {
	t.Parallel()
	for _, v := range []conversion.VarID{title, unmapped} {
		for want, at := range map[string][2]int{"into's": {5, 4}, "from's": {4, 5}} {
			into, from := tied("L1"), named(tied("L2"), "f", "f@b.test")
			owns(into, v, conversion.Text("into's"), at[0])
			owns(from, v, conversion.Text("from's"), at[1])
			reconcile.Combine(&into, &from, schema(), second(9))
			if got := into.Entity.OwnClaim(v).Value; got != conversion.Text(want) {
				t.Errorf("of variable %d stays %#v, want %s", v, got, want)
			}
		}
	}
}

// TestWhoCombinesStaysWhoTheyAre holds that a contact keeps its e-mail, and the claim for it.
func TestWhoCombinesStaysWhoTheyAre(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because, key, want string
		claimed            bool
	}{
		{"one with an e-mail keeps it", "a@b.test", "a@b.test", false},
		{"one without takes the other's, and what was said of it", "", "f@b.test", true},
	} {
		into, from := tied("L1"), named(tied("L2"), "f", "f@b.test")
		into.Entity.Key = row.key
		owns(from, conversion.EmailVar, conversion.Text("f@b.test"), 2)
		reconcile.Combine(&into, &from, personSchema(), second(9))
		if claimed := into.Entity.OwnClaim(conversion.EmailVar) != nil; into.Entity.Key != row.want || claimed != row.claimed {
			t.Errorf("%s: it is %s, claimed %v", row.because, into.Entity.Key, claimed)
		}
	}
}

// TestWhatRecordsLeftBehindWhenContactsCombine is about the opt-outs that stayed when a
// record moved (spec 3.7).
func TestWhatRecordsLeftBehindWhenContactsCombine(t *testing.T) {
	t.Parallel()
	ghost := func(at int, by string) *conversion.Link {
		l := &conversion.Link{Ref: refOf("L3"), State: conversion.LinkMoved}
		if at > 0 {
			l.Ensure(optOut).Claim = conversion.Claim{Value: conversion.Bool(true), At: second(at), By: by}
		}
		return l
	}
	live := func() *conversion.Link { return reconcile.NewLink(tied(), refOf("L3"), "c@b.test", second(0)) }
	for _, row := range []struct {
		because    string
		into, from *conversion.Link
		state      conversion.LinkState
		by         string // whose opt-out is remembered, "" for none
	}{
		{"what one left stays", nil, ghost(1, "from"), conversion.LinkMoved, "from"},
		{"of what it left on both the newer stays: that of the one", ghost(1, "into"), ghost(2, "from"), conversion.LinkMoved, "from"},
		{"of what it left on both the newer stays: that of the other", ghost(2, "into"), ghost(1, "from"), conversion.LinkMoved, "into"},
		{"what it left on one only stays", ghost(2, "into"), ghost(0, ""), conversion.LinkMoved, "into"},
		{"what another left is not its", &conversion.Link{Ref: refOf("L4"), State: conversion.LinkMoved, Fields: ghost(9, "another").Fields}, ghost(0, ""), conversion.LinkMoved, ""},
		{"where the record is, it took its claims along", live(), ghost(2, "from"), conversion.LinkLive, ""},
		{"where the record comes to be, too", ghost(2, "into"), live(), conversion.LinkLive, ""},
	} {
		into, from := tied("L1"), named(tied("L2"), "f", "f@b.test")
		if row.into != nil {
			into.Put(row.into)
		}
		from.Put(row.from)
		reconcile.Combine(&into, &from, schema(), second(9))
		var found []*conversion.Link
		for _, l := range into.Links {
			if l.Ref == refOf("L3") {
				found = append(found, l)
			}
		}
		if len(found) != 1 || found[0].State != row.state {
			t.Errorf("%s: %d links to it", row.because, len(found))
			continue
		}
		by := ""
		if f := found[0].Field(optOut); f != nil {
			by = f.Claim.By
		}
		if by != row.by {
			t.Errorf("%s: the opt-out is %q's, want %q's", row.because, by, row.by)
		}
	}
}

// TestWhatIsOnItsWayIsNumberedWhereTheRecordComes holds that an intent which moves with its
// record stays one, and that none appears.
func TestWhatIsOnItsWayIsNumberedWhereTheRecordComes(t *testing.T) {
	t.Parallel()
	for because, row := range map[string]struct{ claims, want int64 }{
		"nothing is claimed there": {0, 1},
		"something is":             {3, 3},
	} {
		from, to := tied("L1"), named(tied("C1"), "t", "t@b.test")
		l := from.Link(refOf("L1"))
		holds(from, "L1", status, conversion.Text("Open"), 1)
		holds(from, "L1", title, conversion.Text("the lead's"), 1).Intent = conversion.Intent{Value: conversion.Text("on its way"), Number: 7, At: second(2)}
		for range row.claims {
			owns(to, title, conversion.Text("ours"), 5)
		}
		reconcile.Move(&from, &to, l, schema(), second(9))
		if f := l.Field(title); f.Intent.Number != row.want || f.Intent.Value != conversion.Text("on its way") {
			t.Errorf("%s: the intent is %+v", because, f.Intent)
		}
		if f := l.Field(status); f.Intent != (conversion.Intent{}) {
			t.Errorf("%s: an intent appears: %+v", because, f.Intent)
		}
	}
}

// TestAContactGoesOnWhereItsLeadWas is about what was still to be sent when a lead was
// converted (spec 3.8).
func TestAContactGoesOnWhereItsLeadWas(t *testing.T) {
	t.Parallel()
	for because, row := range map[string]struct {
		linked int // second; Salesforce is ten seconds ahead
		want   int64
	}{
		"the Contact came with the conversion": {20, 1},
		"in its very second":                   {10, 1},
		"it was here before":                   {9, 4},
	} {
		g := tied("L1", "C1")
		lead, contact := g.Link(refOf("L1")), g.Link(refOf("C1"))
		holds(g, "L1", title, conversion.Text("the lead's"), 1).Settled = 1
		holds(g, "C1", title, conversion.Text("its own"), 3).Settled = 4
		lead.State, lead.Reading.Modified, contact.Linked = conversion.LinkConverted, second(20), second(row.linked)
		reconcile.Inherit(contact, lead, 10*time.Second)
		if got := contact.Field(title).Settled; got != row.want {
			t.Errorf("%s: settled up to %d, want %d", because, got, row.want)
		}
	}
}
