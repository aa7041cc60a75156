package reconcile_test

import (
	"slices"
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

// named gives the group's entity another id and e-mail.
func named(g conversion.Group, id, key string) conversion.Group {
	g.Entity.ID, g.Entity.Key = id, key
	for _, l := range g.Links {
		l.EntityID = id
	}
	return g
}

func TestCombiningSettlesEachRecordForWhatWasNotItsContacts(t *testing.T) {
	t.Parallel()
	into, from := tied("L1"), named(tied("L2"), "f", "f@b.test")
	holds(into, "L1", title, conversion.Text("lead one's"), 1)
	holds(from, "L2", title, conversion.Text("lead two's"), 1)
	holds(into, "L1", status, conversion.Text("one"), 1)
	holds(from, "L2", status, conversion.Text("two"), 1)
	owns(into, title, conversion.Text("ours"), 5)
	owns(from, title, conversion.Text("older"), 4)
	owns(from, status, conversion.Text("theirs"), 6)
	from.Entity.Dirty = second(6)

	reconcile.Combine(&into, &from, schema(), second(9))
	if from.Entity.Live() || from.Entity.Into != into.Entity.ID || from.Entity.Key != "" || len(from.Links) != 0 || into.Entity.Key != "a@b.test" {
		t.Errorf("from is %+v", from.Entity)
	}
	if into.Entity.Dirty != second(6) || into.Entity.Numbers != 3 {
		t.Errorf("dirty since %v, %d numbers", into.Entity.Dirty, into.Entity.Numbers)
	}
	plan := reconcile.Send(into, schema(), terms(sendAll, 10))
	want := map[string]string{"L1": "Title", "L2": "Status"} // each what its own contact had still to send
	for _, w := range plan.Writes {
		if len(w.Fields) != 1 || w.Fields[0].Field != want[w.Ref.ID] {
			t.Errorf("to %s goes %+v", w.Ref, w.Fields)
		}
		delete(want, w.Ref.ID)
	}
	if len(want) > 0 {
		t.Errorf("not sent: %v", want)
	}
	reconcile.Resolve(into, schema())
	if into.Entity.Value(title) != conversion.Text("ours") || into.Entity.Value(status) != conversion.Text("theirs") {
		t.Errorf("values %+v", into.Entity.Values)
	}
}

func TestWhatWasSettledStaysSettledWhenContactsCombine(t *testing.T) {
	t.Parallel()
	into, from := tied("L1"), named(tied("L2"), "f", "f@b.test")
	owns(into, status, conversion.Text("ours"), 2)
	owns(from, title, conversion.Text("theirs"), 5)
	holds(from, "L2", title, conversion.Text("a trigger's"), 5).Settled = 1
	from.Links[0].Field(title).Claim.Answers = 1
	reconcile.Combine(&into, &from, schema(), second(9))
	f := into.Link(refOf("L2")).Field(title)
	if number := into.Entity.OwnClaim(title).Number; f.Settled != number || f.Claim.Answers != number {
		t.Errorf("settled %d and answering %d, want %d", f.Settled, f.Claim.Answers, number)
	}
	if plan := reconcile.Send(into, schema(), terms(sendAll, 10)); len(plan.Writes) > 0 {
		t.Errorf("combining sends %+v", plan.Writes)
	}
}

func TestARecordThatMovesIsSettledWhereItComes(t *testing.T) {
	t.Parallel()
	from, to := tied("L1", "L2"), named(tied("C1"), "t", "t@b.test")
	l := from.Link(refOf("L1"))
	holds(from, "L1", title, conversion.Text("the lead's"), 1).Intent = conversion.Intent{Value: conversion.Text("on its way"), Number: 4, At: second(2)}
	holds(from, "L1", optOut, conversion.Bool(true), 1)
	owns(to, title, conversion.Text("ours"), 5)
	reconcile.Move(&from, &to, l, schema(), second(9))

	if plan := reconcile.Send(to, schema(), terms(sendAll, 10)); len(plan.Writes) > 0 {
		t.Errorf("moving sends %+v", plan.Writes)
	}
	reconcile.Resolve(from, schema())
	reconcile.Resolve(to, schema())
	if from.Entity.Value(title) != (conversion.Value{}) || to.Entity.Value(title) != conversion.Text("ours") {
		t.Errorf("titles %v and %v", from.Entity.Value(title), to.Entity.Value(title))
	}
	if !from.Entity.Value(optOut).True() || !to.Entity.Value(optOut).True() {
		t.Error("the opt-out is not with both")
	}
	seen := storedAs("L1", 12, self, titled("on its way"))
	reconcile.Observe(l, &seen, schema())
	if f := l.Field(title); f.Claim.Value != conversion.Text("the lead's") || f.Intent.Number != 0 {
		t.Errorf("the echo is taken for a change: %+v", f)
	}
}

func TestWhatAContactInheritsOfItsLead(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because    string
		lead       string
		contact    string
		claimed    int
		wantSecond int
	}{
		{"what the conversion copied is as old as with the lead", "Clerk", "Clerk", 10, 1},
		{"also when the Contact was saved again since", "Clerk", "Clerk", 12, 1},
		{"another value is the Contact's own", "Clerk", "Head", 10, 10},
		{"and so is an equal one claimed before the conversion", "Clerk", "Clerk", 5, 5},
	} {
		g := tied("L1", "C1")
		lead, contact := g.Link(refOf("L1")), g.Link(refOf("C1"))
		holds(g, "L1", title, conversion.Text(row.lead), 1)
		holds(g, "C1", title, conversion.Text(row.contact), row.claimed)
		lead.State, lead.Reading.Modified, contact.Linked = conversion.LinkConverted, second(10), second(20)
		reconcile.Inherit(contact, lead, 0)
		if got := contact.Field(title).Claim.At; got != second(row.wantSecond) {
			t.Errorf("%s: claimed at %v", row.because, got)
		}
	}
}

// The lead holds what we wrote to it for a contact that was deleted since.
func TestAContactClaimsWhatWasWrittenToItsLeadForAnother(t *testing.T) {
	t.Parallel()
	for home, claims := range map[string]bool{"e": false, "another": true} {
		g := tied("L1", "C1")
		lead, contact := g.Link(refOf("L1")), g.Link(refOf("C1"))
		holds(g, "L1", title, conversion.Text("ours"), 1).Claim = conversion.Claim{}
		holds(g, "C1", title, conversion.Text("ours"), 10)
		lead.State, lead.Reading.Modified, contact.EntityID = conversion.LinkConverted, second(10), home
		reconcile.Inherit(contact, lead, 0)
		if got := contact.Field(title).Claim.Made(); got != claims {
			t.Errorf("the Contact of %s claims it: %t", home, got)
		}
	}
}

func TestACreateThatIsUnderWayIsKnownAgainAfterCombining(t *testing.T) {
	t.Parallel()
	into, from := tied("L1"), named(tied(), "f", "f@b.test")
	owns(into, title, conversion.Text("ours"), 1)
	owns(from, status, conversion.Text("Won"), 2)
	reconcile.Create(from, schema(), conversion.Lead, terms(sendAll, 3))

	reconcile.Combine(&into, &from, schema(), second(4))
	c, own := into.Entity.Creating, into.Entity.OwnClaim(status)
	if i := slices.IndexFunc(c.Sent, func(f conversion.Sent) bool { return f.Var == status }); i < 0 || c.Sent[i].Number != own.Number {
		t.Errorf("%+v went out, and is number %d now", c.Sent, own.Number)
	}
}
