package reconcile_test

import (
	"strings"
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

// sent is a contact whose lead was just sent "ours": what it held, the intent, the write.
func sent(t *testing.T, s *conversion.Schema) (conversion.Group, *conversion.Link, conversion.Write) {
	t.Helper()
	g := tied("L1")
	holds(g, "L1", title, conversion.Null, 1)
	owns(g, title, conversion.Text("ours"), 5)
	plan := reconcile.Send(g, s, terms(sendAll, 6))
	if len(plan.Writes) != 1 {
		t.Fatalf("nothing was sent: %+v", plan)
	}
	w := plan.Writes[0]
	if f := w.Fields[0]; f.Before != conversion.Null || f.Value != conversion.Text("ours") || f.Number != 1 || f.Field != "Title" {
		t.Fatalf("sent %+v", f)
	}
	return g, g.Links[0], w
}

func titled(value string) conversion.FieldValue {
	return conversion.FieldValue{Var: title, Value: conversion.Text(value)}
}

func TestWhatAnAnswerToAWriteMeans(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		mode    conversion.Mode
		by      string
		stored  string
		want    string // the contact's value
		answer  bool
	}{
		{"what we sent is seen and settled", conversion.ModeTwoWay, self, "ours", "ours", false},
		{"also when another saved the record since", conversion.ModeTwoWay, "005other", "ours", "ours", false},
		{"a trigger's answer is taken over", conversion.ModeTwoWay, self, "OURS", "OURS", true},
		{"also where Salesforce is preferred", conversion.ModePreferSalesforce, self, "OURS", "OURS", true},
		{"but left alone where Conversion wins", conversion.ModeAlwaysConversion, self, "OURS", "ours", false},
		{"somebody else's edit is a change like any other", conversion.ModeTwoWay, "005other", "theirs", "theirs", false},
	} {
		s := withMode(title, row.mode)
		g, l, w := sent(t, s)
		stored := storedAs("L1", 7, row.by, titled(row.stored))
		reconcile.Confirm(g, l, w, &stored, s, terms(sendAll, 8))
		reconcile.Resolve(g, s)
		f := l.Field(title)
		if got := g.Entity.Value(title); got != conversion.Text(row.want) || f.Settled != 1 || f.Intent != (conversion.Intent{}) || f.Seen != conversion.Text(row.stored) {
			t.Errorf("%s: the contact holds %#v, the link %+v", row.because, got, f)
		}
		if (f.Claim.Answers == 1) != row.answer || (row.answer && f.Claim.At != second(5)) {
			t.Errorf("%s: the claim is %+v", row.because, f.Claim)
		}
		if plan := reconcile.Send(g, s, terms(sendAll, 9)); !plan.Empty() {
			t.Errorf("%s: it is answered: %+v", row.because, plan.Writes)
		}
	}
}

func TestAnAnswerIsBelowALaterOwnClaim(t *testing.T) {
	t.Parallel()
	s := schema()
	g, l, w := sent(t, s)
	owns(g, title, conversion.Text("ours, later"), 6) // while the request is under way
	stored := storedAs("L1", 8, self, titled("OURS"))
	reconcile.Confirm(g, l, w, &stored, s, terms(sendAll, 9))
	reconcile.Resolve(g, s)
	plan := reconcile.Send(g, s, terms(sendAll, 10))
	if got := g.Entity.Value(title); got != conversion.Text("ours, later") || len(plan.Writes) != 1 {
		t.Errorf("the contact holds %#v, sent %+v", got, plan.Writes)
	}
}

func TestAnAnswerThatTellsNothing(t *testing.T) {
	t.Parallel()
	for because, stored := range map[string]*conversion.Record{
		"one that could not be read":     nil,
		"one without the field":          new(storedAs("L1", 7, self)),
		"one older than what we know by": new(storedAs("L1", 0, self, titled("ours"))),
		"one from before our write":      new(storedAs("L1", 3, self, titled("theirs"))),
	} {
		g, l, w := sent(t, schema())
		l.Reading.Modstamp = second(3)
		reconcile.Confirm(g, l, w, stored, schema(), terms(sendAll, 8))
		if f := l.Field(title); f.Settled != 0 || f.Intent.Number != 1 {
			t.Errorf("%s settles it: %+v", because, f)
		}
		again := storedAs("L1", 8, self, titled("ours"))
		if news := reconcile.Observe(l, &again, schema()); news != reconcile.Refreshed {
			t.Errorf("%s: the next reading gives news %d", because, news)
		}
		if f := l.Field(title); f.Settled != 1 || f.Claim.Value != conversion.Null || f.Intent.Number != 0 {
			t.Errorf("%s: the echo is a claim: %+v", because, f)
		}
	}
}

func TestOurOwnEmailPlacesTheRecordAnew(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because, by, stored string
		at                  int
		read                bool
		key, placed         string
		state               conversion.LinkState
	}{
		{"with what we wrote", self, "z@b.test", 7, true, "z@b.test", "z@b.test", conversion.LinkLive},
		{"also when another saved the record since", "005other", "z@b.test", 7, true, "z@b.test", "z@b.test", conversion.LinkLive},
		{"with what a trigger made of it", self, "q@b.test", 7, true, "q@b.test", "q@b.test", conversion.LinkHeld},
		{"but not with what somebody else did", "005other", "q@b.test", 7, true, "q@b.test", "a@b.test", conversion.LinkHeld},
		{"nor when it was not read", self, "", 7, false, "a@b.test", "a@b.test", conversion.LinkHeld},
		{"nor by an older reading", self, "z@b.test", 1, true, "a@b.test", "a@b.test", conversion.LinkHeld},
	} {
		g, s := tied("L1"), personSchema()
		g.Entity.Key = "z@b.test"
		l := g.Links[0]
		l.State, l.Hold, l.Reading = conversion.LinkHeld, "why", conversion.Reading{Modstamp: second(2)}
		stored := storedAs("L1", row.at, row.by)
		stored.Key, stored.KeyRead = row.stored, row.read
		w := conversion.Write{Fields: []conversion.FieldWrite{{Field: "Email", Var: conversion.EmailVar, Value: conversion.Text("z@b.test"), Number: 1}}}
		reconcile.Confirm(g, l, w, &stored, s, terms(sendAll, 8))
		if l.Key != row.key || l.Placed != row.placed || l.State != row.state || (l.Hold == "") != (row.state == conversion.LinkLive) {
			t.Errorf("%s: carries %s, placed by %s, %s", row.because, l.Key, l.Placed, l.State)
		}
	}
	g, l, w := sent(t, schema())
	stored := storedAs("L1", 7, self, titled("ours"))
	stored.Key = "q@b.test"
	if reconcile.Confirm(g, l, w, &stored, schema(), terms(sendAll, 8)); l.Placed != "a@b.test" {
		t.Error("a write of something else placed the record anew")
	}
}

func TestARefusalTakesTheIntentBack(t *testing.T) {
	t.Parallel()
	g, l, w := sent(t, schema())
	l.Ensure(status).Intent = conversion.Intent{Number: 9, At: second(6)}
	w.Fields = append(w.Fields, conversion.FieldWrite{Var: status, Number: 3}, conversion.FieldWrite{Var: optOut, Number: 4})
	reconcile.Refuse(l, w)
	if f := l.Field(title); f.Intent != (conversion.Intent{}) || f.Settled != 0 || l.Field(status).Intent.Number != 9 {
		t.Errorf("the link remembers %+v", l.Fields)
	}
	if plan := reconcile.Send(g, schema(), terms(sendAll, 7)); len(plan.Writes) != 1 {
		t.Error("what was refused is not planned again")
	}
}

func TestARequestOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	s := schema()
	g, l, _ := sent(t, s)
	again := g.Clone()
	if plan := reconcile.Send(again, s, terms(sendAll, 7)); len(plan.Writes) != 1 || plan.Left.Waiting {
		t.Error("the same value is not sent again")
	}
	owns(g, title, conversion.Text("newer"), 8)
	if plan := reconcile.Send(g, s, terms(sendAll, 9)); !plan.Empty() || !plan.Left.Waiting || plan.Left.Parked {
		t.Errorf("a newer one does not wait: %+v", plan.Writes)
	}
	late := storedAs("L1", 9, self, titled("ours"))
	reconcile.Observe(l, &late, s)
	if plan := reconcile.Send(g, s, terms(sendAll, 10)); len(plan.Writes) != 1 || plan.Left.Waiting {
		t.Error("a newer one is not sent once the outcome is known")
	}

	owns(again, title, conversion.Text("newer"), 8)
	reconcile.Observe(again.Links[0], &late, s)
	if plan := reconcile.Send(again, s, terms(sendAll, 10)); !plan.Empty() || !plan.Left.Waiting {
		t.Error("a newer one does not wait though of two requests only one took effect")
	}
	landed := storedAs("L1", 7+600, self, titled("ours"))
	reconcile.Observe(again.Links[0], &landed, s)
	if plan := reconcile.Send(again, s, terms(sendAll, 7+601)); len(plan.Writes) != 1 || plan.Left.Waiting {
		t.Error("a newer one is not sent once the time of both is over")
	}

	g, l, _ = sent(t, s)
	owns(g, title, conversion.Text("newer"), 8)
	if plan := reconcile.Send(g, s, terms(sendAll, 7+600)); !plan.Empty() || !plan.Left.Waiting {
		t.Errorf("a newer one does not wait for what the record holds after the time: %+v", plan.Writes)
	}
	unchanged := storedAs("L1", 7+600, "other", titled("theirs"))
	unchanged.Fields = []conversion.FieldValue{{Var: title, Value: l.Field(title).Seen}}
	reconcile.Observe(l, &unchanged, s)
	plan := reconcile.Send(g, s, terms(sendAll, 7+601))
	waiting := plan.Left.Waiting
	if len(plan.Writes) != 1 || waiting || l.Field(title).Intent.Value != conversion.Text("newer") {
		t.Error("a newer one is not sent once its time is over")
	}

	g, l, _ = sent(t, s)
	owns(g, title, conversion.Null, 8) // back to what the record held before
	if plan := reconcile.Send(g, s, terms(sendAll, 9)); !plan.Empty() || !plan.Left.Waiting {
		t.Errorf("what was seen before is taken for what is there: %+v", plan.Writes)
	}
	reconcile.Observe(l, &late, s)
	if plan := reconcile.Send(g, s, terms(sendAll, 10)); len(plan.Writes) != 1 || plan.Writes[0].Fields[0].Value != conversion.Null {
		t.Errorf("the older request took effect late, and the newer claim is not sent again: %+v", plan.Writes)
	}
}

func TestWhatKeepsAClaimFromARecord(t *testing.T) {
	t.Parallel()
	none := conversion.DefaultRules()
	for _, row := range []struct {
		because string
		change  func(conversion.Group, *conversion.Schema)
		rules   conversion.Rules
		parked  bool
		settled int64
	}{
		{"a rule that is off: it waits", func(conversion.Group, *conversion.Schema) {}, none, true, 0},
		{"the rules of its time", func(g conversion.Group, _ *conversion.Schema) { g.Entity.Own[0].Reach = conversion.UpdateContact }, sendAll, false, 0},
		{"a field that is gone", func(_ conversion.Group, s *conversion.Schema) { s.ByID(title).Fields[0].Gone = 1 }, sendAll, false, 0},
		{"a field that cannot be updated", func(_ conversion.Group, s *conversion.Schema) { s.ByID(title).Fields[0].Updateable = false }, sendAll, false, 0},
		{"a variable that is left out", func(_ conversion.Group, s *conversion.Schema) { s.ByID(title).LeftOut = true }, sendAll, false, 0},
		{"a variable that the object has not", func(_ conversion.Group, s *conversion.Schema) { s.ByID(title).Fields = s.ByID(title).Fields[1:] }, sendAll, false, 0},
		{"a field that was never read", func(g conversion.Group, _ *conversion.Schema) { g.Links[0].Field(title).Seen = conversion.Value{} }, sendAll, false, 0},
		{"a field nobody knows", func(g conversion.Group, _ *conversion.Schema) { g.Links[0].Fields = nil }, sendAll, false, 0},
		{"a variable nobody knows", func(g conversion.Group, _ *conversion.Schema) { g.Entity.Own[0].Var, g.Links[0].Fields[0].Var = 99, 99 }, sendAll, false, 0},
		{"that it is dealt with", func(g conversion.Group, _ *conversion.Schema) { g.Links[0].Field(title).Settled = 1 }, sendAll, false, 1},
		{"that the record holds it", func(g conversion.Group, _ *conversion.Schema) { g.Links[0].Field(title).Seen = conversion.Text("ours") }, sendAll, false, 1},
	} {
		g, s := tied("L1"), schema()
		holds(g, "L1", title, conversion.Text("theirs"), 1)
		g.Links[0].Reading = g.Links[0].Field(title).Reading
		owns(g, title, conversion.Text("ours"), 5)
		row.change(g, s)
		plan := reconcile.Send(g, s, terms(row.rules, 9))
		waiting, parked := plan.Left.Waiting, plan.Left.Parked
		var settled int64
		if f := g.Links[0].Field(title); f != nil {
			settled = f.Settled
		}
		if !plan.Empty() || waiting || parked != row.parked || settled != row.settled {
			t.Errorf("%s: wrote %+v, waiting %v, parked %v, settled %d", row.because, plan.Writes, waiting, parked, settled)
		}
	}
}

// A record that a create made and nobody could read back yet: what was edited since waits
// for the reading and is not forgotten.
func TestAnEditWaitsForTheFirstReadingOfARecord(t *testing.T) {
	t.Parallel()
	g, s := tied("L1"), schema()
	owns(g, title, conversion.Text("first"), 5)
	g.Entity.Creating = &conversion.Creation{Object: conversion.Lead, At: second(5), Number: 1}
	w := conversion.Write{Action: conversion.ActionCreate, Ref: conversion.Ref{Object: conversion.Lead}, Fields: []conversion.FieldWrite{
		{Field: "Title", Var: title, Value: conversion.Text("first"), Number: 1},
	}}
	l := reconcile.Created(g, "L1", w, nil, s, terms(sendAll, 6))
	g.Links = []*conversion.Link{l}
	owns(g, title, conversion.Text("second"), 7)
	if plan := reconcile.Send(g, s, terms(sendAll, 8)); !plan.Empty() || !plan.Left.Waiting {
		t.Fatalf("before the record was read it wrote %+v, waiting %v", plan.Writes, plan.Left.Waiting)
	}
	seen := storedAs("L1", 9, self, titled("first"))
	reconcile.Observe(l, &seen, s)
	if plan := reconcile.Send(g, s, terms(sendAll, 10)); len(plan.Writes) != 1 || plan.Writes[0].Fields[0].Value != conversion.Text("second") {
		t.Fatalf("once it was read it wrote %+v", plan.Writes)
	}
}

func TestAContactsCompanyIsSentAsItsAccount(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because, own, account, want string
	}{
		{"by the account's id", "company", "001new", "AccountId=001new#1"},
		{"not while the company has none", "company", "", ""},
		{"not when the record names it already", "company", "001old", ""},
		{"an emptied one empties it", "", "", "AccountId=#1"},
	} {
		g := tied("C1")
		holds(g, "C1", conversion.AccountVar, conversion.Text("001old"), 1)
		owns(g, conversion.AccountVar, conversion.Text(row.own), 5)
		under := terms(sendAll, 9)
		under.AccountID = row.account
		plan := reconcile.Send(g, personSchema(), under)
		var got string
		for _, w := range plan.Writes {
			got += said(w)
		}
		if got != row.want {
			t.Errorf("%s: %q, want %q", row.because, got, row.want)
		}
	}
}

func TestARuleThatReachesNothingSaysSo(t *testing.T) {
	t.Parallel()
	only := func(target conversion.Target) conversion.Rules {
		r := conversion.DefaultRules()
		r.ContactsUpdated = target
		return r
	}
	leads := only(conversion.TargetLeads)
	for _, row := range []struct {
		because string
		links   []string
		reach   conversion.Reach
		settled bool
		rules   conversion.Rules
		want    string
	}{
		{"leads only, and only a contact is linked", []string{"C1"}, conversion.UpdateLead, false, leads, "updates linked Leads only"},
		{"contacts only, and only a lead is linked", []string{"L1"}, conversion.UpdateContact, false, only(conversion.TargetContacts), "updates linked Contacts only"},
		{"a lead is linked too", []string{"C1", "L1"}, conversion.UpdateLead, false, leads, ""},
		{"nothing is linked", nil, conversion.UpdateLead, false, leads, ""},
		{"nothing may be sent", []string{"C1"}, 0, false, leads, ""},
		{"nothing is left to send", []string{"C1"}, conversion.UpdateLead, true, leads, ""},
		{"the rule is off", []string{"C1"}, conversion.UpdateLead, false, conversion.DefaultRules(), ""},
		{"something waits for its rule", []string{"C1"}, conversion.UpdateLead | conversion.UpdateContact, false, leads, ""},
	} {
		g := tied(row.links...)
		for _, id := range row.links {
			holds(g, id, title, conversion.Null, 1)
			if row.settled {
				g.Link(refOf(id)).Field(title).Settled = 1
			}
		}
		g.Entity.Claim(conversion.OwnClaim{Var: title, Value: conversion.Text("ours"), At: second(5), Reach: row.reach})
		plan := reconcile.Send(g, schema(), terms(row.rules, 9))
		var got string
		for _, p := range plan.Problems {
			got += p.Message
			if p.Held || p.Code != "not_linked" || p.EntityID != "e" {
				t.Errorf("%s: %+v", row.because, p)
			}
		}
		if !strings.Contains(got, row.want) || (got == "") != (row.want == "") {
			t.Errorf("%s: %q", row.because, got)
		}
	}
}
