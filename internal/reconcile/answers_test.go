package reconcile_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/reconcile"
)

// TestARequestWithoutAnAnswerCountsFromItsEnd is about intents of unknown outcome (spec 4.3).
func TestARequestWithoutAnAnswerCountsFromItsEnd(t *testing.T) {
	t.Parallel()
	_, l, w := sent(t, schema())
	l.Ensure(status).Intent = conversion.Intent{Number: 9, At: second(6)}
	l.Ensure(optOut)
	w.Fields = append(w.Fields,
		conversion.FieldWrite{Var: status, Number: 3}, // replaced meanwhile
		conversion.FieldWrite{Var: optOut},            // no own claim
		conversion.FieldWrite{Var: unmapped, Number: 4},
	)
	reconcile.Unanswered(l, w, second(40))
	if f := l.Field(title); f.Intent.At != second(40) || f.Intent.Number != 1 {
		t.Errorf("the intent is %+v", f.Intent)
	}
	if l.Field(status).Intent.At != second(6) || l.Field(optOut).Intent != (conversion.Intent{}) {
		t.Errorf("others' intents are %+v and %+v", l.Field(status).Intent, l.Field(optOut).Intent)
	}
}

// TestAChangeBackIsCountedOnce whoever notes it: the answer to our write, or a reading.
func TestAChangeBackIsCountedOnce(t *testing.T) {
	t.Parallel()
	for because, wrote := range map[string]bool{"of a value of its own": false, "of a value that we had written before": true} {
		s := schema()
		g, l, w := sent(t, s)
		if wrote {
			stored := storedAs("L1", 7, self, titled("ours"))
			reconcile.Confirm(g, l, w, &stored, s, terms(sendAll, 8))
			owns(g, title, conversion.Text("ours again"), 9)
			w = reconcile.Send(g, s, terms(sendAll, 10)).Writes[0]
		}
		stored := storedAs("L1", 11, "005other", titled("theirs"))
		reconcile.Confirm(g, l, w, &stored, s, terms(sendAll, 12))
		counted := 0
		for _, r := range l.Rewrites {
			for _, at := range r.At {
				if at > 0 {
					counted++
				}
			}
		}
		if counted != 1 {
			t.Errorf("%s: counted %d times: %+v", because, counted, l.Rewrites)
		}
	}
}

// TestChangesBackAreForgottenAfterADay holds that a link does not gather them for ever.
func TestChangesBackAreForgottenAfterADay(t *testing.T) {
	t.Parallel()
	const old, recent = conversion.VarID(20), conversion.VarID(22)
	p := newPlace()
	note := func(v conversion.VarID, at time.Duration) conversion.Rewrites {
		r := conversion.Rewrites{Var: v, By: "005other"}
		r.At[conversion.RewriteLimit] = p.now.Add(at)
		return r
	}
	p.link().Rewrites = []conversion.Rewrites{note(title, -48*time.Hour), note(old, -48*time.Hour), note(recent, -time.Hour)}
	p.rewritten(t, 0)
	var kept []conversion.VarID
	for _, r := range p.link().Rewrites {
		kept = append(kept, r.Var)
	}
	if len(kept) != 2 || kept[0] != title || kept[1] != recent {
		t.Errorf("remembered are those of %v", kept)
	}
	if at := p.link().Rewrites[0].At; at[conversion.RewriteLimit-1] == 0 {
		t.Errorf("the field's own earlier ones are forgotten: %v", at)
	}
}

// TestAReadingOfTheSameValueIsNewsOnlyWhileARequestIsOpen holds that nothing is stored for a
// repeat, but the time of a reading that tells whether a lost request may still land.
func TestAReadingOfTheSameValueIsNewsOnlyWhileARequestIsOpen(t *testing.T) {
	t.Parallel()
	for because, row := range map[string]struct {
		intent int64
		want   reconcile.News
	}{
		"nothing is on its way":   {0, reconcile.Nothing},
		"something is on its way": {1, reconcile.Refreshed},
	} {
		g := tied("L1")
		l := g.Links[0]
		holds(g, "L1", title, conversion.Text("theirs"), 3).Intent = conversion.Intent{Number: row.intent, Value: conversion.Text("ours")}
		l.Reading = l.Field(title).Reading
		again := storedAs("L1", 3, self, titled("theirs"))
		again.Reading.Asked = second(50)
		if news := reconcile.Observe(l, &again, schema()); news != row.want {
			t.Errorf("%s: news %d, want %d", because, news, row.want)
		}
	}
}

// TestWhenAFormulaClaims holds that what others work out claims when it is first seen, for
// nobody modified the record (spec 6).
func TestWhenAFormulaClaims(t *testing.T) {
	t.Parallel()
	formula := schema()
	for i := range formula.ByID(title).Fields {
		formula.ByID(title).Fields[i].Calculated = true
	}
	for _, row := range []struct {
		because string
		schema  *conversion.Schema
		first   bool
		want    int
	}{
		{"a formula that changed by itself, when it was read", formula, false, 80},
		{"one that is met, when its record was saved", formula, true, 5},
		{"any other field that changed with the record unmoved, when that was saved", schema(), false, 5},
	} {
		g := tied("L1")
		if !row.first {
			holds(g, "L1", title, conversion.Text("before"), 5)
		}
		read := storedAs("L1", 5, "005other", titled("after"))
		read.Read, read.Reading.Asked = second(80), second(80)
		reconcile.Observe(g.Links[0], &read, row.schema)
		if got := g.Links[0].Field(title).Claim.At; got != second(row.want) {
			t.Errorf("%s: claims at %v, want %v", row.because, got, second(row.want))
		}
	}
}

// TestAWriteNamesTheAccountThatItsRecordIsOf so that records of one Account are sent
// together, for Salesforce locks it.
func TestAWriteNamesTheAccountThatItsRecordIsOf(t *testing.T) {
	t.Parallel()
	const account = "001A"
	for id, want := range map[string]string{"C1": account, "L1": ""} {
		g := tied(id)
		holds(g, id, title, conversion.Null, 1)
		holds(g, id, conversion.AccountVar, conversion.Text(account), 1)
		owns(g, title, conversion.Text("ours"), 5)
		if plan := reconcile.Send(g, schema(), terms(sendAll, 6)); len(plan.Writes) != 1 || plan.Writes[0].Parent != want {
			t.Errorf("the writes to %s are %+v", id, plan.Writes)
		}
	}
	for o, want := range map[conversion.Object]string{conversion.Contact: account, conversion.Lead: ""} {
		g, under := tied(), terms(sendAll, 6)
		under.AccountID = account
		owns(g, lastName, conversion.Text("Lee"), 1)
		owns(g, employer, conversion.Text("Acme"), 1)
		if plan := reconcile.Create(g, personSchema(), o, under); len(plan.Writes) != 1 || plan.Writes[0].Parent != want {
			t.Errorf("a %s is made by %+v, %+v", o, plan.Writes, plan.Problems)
		}
	}
}

// TestWhenAnEntityIsErased is once its records are gone from Salesforce, and none is just
// being made (spec 3.11).
func TestWhenAnEntityIsErased(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		change  func(conversion.Group)
		want    bool
	}{
		{"its record is gone", func(conversion.Group) {}, true},
		{"its record is there still", func(g conversion.Group) { g.Links[0].State = conversion.LinkLive }, false},
		{"its record is there, ignored", func(g conversion.Group) { g.Links[0].State = conversion.LinkIgnored }, false},
		{"a record is just being made", func(g conversion.Group) { g.Entity.Creating = &conversion.Creation{} }, false},
		{"it is deleted and not to be erased", func(g conversion.Group) { g.Entity.Erasing = false }, false},
	} {
		g := tied("L1")
		g.Links[0].State = conversion.LinkDeleted
		g.Entity.Deleted, g.Entity.Death, g.Entity.Erasing = second(6), everywhere, true
		row.change(g)
		if got := reconcile.Erasable(g); got != row.want {
			t.Errorf("%s: %v", row.because, got)
		}
	}
}

// TestAnEditAwaitsTheNextReading holds that a reading of the same value is worth storing
// while an edit waits for one, and only then.
func TestAnEditAwaitsTheNextReading(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		asked, said int
		settled     int64
		state       conversion.LinkState
		want        bool
	}{
		"read before it was said":                {asked: 3, said: 4, want: true},
		"read after it was said":                 {asked: 5, said: 4},
		"dealt with":                             {asked: 3, said: 4, settled: 1},
		"of a record that is not written by now": {asked: 3, said: 4, state: conversion.LinkDeleted},
	} {
		g := tied("L1")
		l := g.Links[0]
		state := holds(g, "L1", title, conversion.Text("theirs"), 3)
		owns(g, title, conversion.Text("theirs"), 4)
		own := g.Entity.OwnClaim(title)
		own.Said, own.Number = second(row.said), 1
		state.Settled, state.Reading.Asked = row.settled, second(row.asked)
		if row.state != "" {
			l.State = row.state
		}
		if got := reconcile.Awaits(g.Entity, l); got != row.want {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}
