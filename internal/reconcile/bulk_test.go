package reconcile_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"conversion"
	"conversion/internal/reconcile"
)

func TestWhichEditsCountAsAChangeInBulk(t *testing.T) {
	t.Parallel()
	key := conversion.Actor{Kind: conversion.ActorAPIKey, ID: "k"}
	clerk, head := conversion.Text("Clerk"), conversion.Text("Head")
	now, day := second(100_000), 24*time.Hour
	counted := func(by conversion.Actor, at conversion.Moment) conversion.OwnClaim {
		return conversion.OwnClaim{Var: title, Value: clerk, By: by, Counted: at}
	}
	for _, row := range []struct {
		says    string
		kind    conversion.Kind
		by      conversion.Actor
		reach   conversion.Reach
		before  conversion.Value
		earlier conversion.OwnClaim
		value   conversion.Value
		counts  bool
		marked  conversion.Moment
	}{
		{says: "a program's change counts", by: key, before: clerk, value: head, counts: true, marked: now},
		{says: "an import's change counts", by: conversion.Actor{Kind: conversion.ActorImport, ID: "i"}, before: clerk, value: head, counts: true, marked: now},
		{says: "a blanked value counts", by: key, before: clerk, value: conversion.Null, counts: true, marked: now},
		{says: "filling in a blank does not", by: key, before: conversion.Null, value: head},
		{says: "a first value does not", by: key, value: head},
		{says: "the same value again does not", by: key, before: head, value: head},
		{says: "a person's change does not", by: conversion.Actor{Kind: conversion.ActorUser, ID: "u"}, before: clerk, value: head},
		{says: "what is never sent does not", by: key, reach: conversion.LocalOnly, before: clerk, value: head},
		{says: "a company's does not", kind: conversion.KindCompany, by: key, before: clerk, value: head},
		{says: "the second by one maker does not, and is of the first", by: key, before: clerk, earlier: counted(key, now.Add(-day+1e6)), value: head, marked: now.Add(-day + 1e6)},
		{says: "after 24 hours it counts again", by: key, before: clerk, earlier: counted(key, now.Add(-day)), value: head, counts: true, marked: now},
		{says: "after another maker's it counts", by: key, before: clerk, earlier: counted(conversion.Actor{Kind: conversion.ActorAPIKey, ID: "o"}, now-1), value: head, counts: true, marked: now},
		{says: "after one that did not count it counts", by: key, before: clerk, earlier: counted(key, 0), value: head, counts: true, marked: now},
	} {
		if row.kind == "" {
			row.kind = conversion.KindContact
		}
		if row.reach == 0 {
			row.reach = sendAll.Reach()
		}
		e := &conversion.Entity{ID: "e", Kind: row.kind}
		e.Claim(conversion.OwnClaim{Var: title, Value: row.value, By: row.by, Reach: row.reach})
		if got := reconcile.CountEdit(e, title, row.before, row.earlier, now); got != row.counts {
			t.Errorf("%s: counts %v", row.says, got)
		}
		if got := e.OwnClaim(title).Counted; got != row.marked {
			t.Errorf("%s: counted at %v, want %v", row.says, got, row.marked)
		}
	}
}

func TestTheBusiestDayAroundAnEdit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		slots := rapid.SliceOfNDistinct(rapid.IntRange(0, 500), 1, 12, rapid.ID[int]).Draw(t, "slots")
		slices.Sort(slots)
		var counts []conversion.EditCount
		for _, s := range slots {
			counts = append(counts, conversion.EditCount{At: conversion.Moment(s * 600_000_000), N: rapid.IntRange(1, 50).Draw(t, "edits")})
		}
		edit := rapid.SampledFrom(counts).Draw(t, "edit").At
		want := 0
		for start := edit.Add(-24 * time.Hour); start <= edit; start = start.Add(10 * time.Minute) {
			n := 0
			for _, c := range counts {
				if c.At >= start && c.At <= start.Add(24*time.Hour) {
					n += c.N
				}
			}
			want = max(want, n)
		}
		within := conversion.Moment(rapid.IntRange(0, 599).Draw(t, "later")) * 1_000_000
		if got := reconcile.BusiestDay(counts, edit+within); got != want {
			t.Fatalf("%d, want %d", got, want)
		}
	})
}

// bulkEdit is a Lead of which an import changed everything: some fields held a value.
func bulkEdit(held ...conversion.VarID) *place {
	p := newPlace()
	for _, id := range held {
		p.link().Field(id).Seen = conversion.Text("before")
	}
	p.edit(title, state, country, street)
	return p
}

func (p *place) withheld(refused bool, vars ...conversion.VarID) (sent []conversion.VarID, plan conversion.Plan) {
	terms := p.terms()
	for _, id := range vars {
		terms.Withheld = append(terms.Withheld, reconcile.WithheldClaim{Var: id, Number: p.group.Entity.OwnClaim(id).Number, Refused: refused})
	}
	plan = reconcile.Send(p.group, p.schema, terms)
	for _, w := range plan.Writes {
		for _, f := range w.Fields {
			sent = append(sent, f.Var)
		}
	}
	slices.Sort(sent)
	return sent, plan
}

func TestWhatWaitsForAnApprovalOfAChangeInBulk(t *testing.T) {
	t.Parallel()
	type vars = []conversion.VarID
	all := vars{title, state, country, street}
	for _, row := range []struct {
		says              string
		held, kept        vars // held a value; withheld
		refused           bool
		sent, waits, done vars
	}{
		{says: "nothing is withheld: all goes", held: all, sent: all},
		{says: "what is withheld waits, the rest goes", held: vars{title}, kept: vars{title}, sent: vars{state, country, street}, waits: vars{title}},
		{says: "what depends on it waits along", held: vars{country}, kept: vars{country}, sent: vars{title, street}, waits: vars{country}},
		{says: "filling in a blank does not wait", kept: all, sent: all},
		{says: "what is refused is settled unsent", held: vars{title}, kept: vars{title}, refused: true, sent: vars{state, country, street}, done: vars{title}},
		{says: "a refused one fills in a blank still", kept: vars{title}, refused: true, sent: all},
	} {
		p := bulkEdit(row.held...)
		sent, plan := p.withheld(row.refused, row.kept...)
		if !slices.Equal(sent, row.sent) || !slices.Equal(plan.Left.Withheld, row.waits) || plan.Left.Parked != (len(row.waits) > 0) {
			t.Errorf("%s: sent %v, left %+v", row.says, sent, plan.Left)
		}
		if told := len(plan.Problems) > 0; told != (len(row.done) > 0) {
			t.Errorf("%s: told %+v", row.says, plan.Problems)
		}
		if held := p.held(); len(held) > 0 {
			t.Errorf("%s: %v are held: what an admin decides is not stored with the record", row.says, held)
		}
		for _, id := range row.done {
			if p.link().Field(id).Settled != p.group.Entity.OwnClaim(id).Number {
				t.Errorf("%s: %v is not settled", row.says, id)
			}
		}
	}
}

func TestARefusalIsForTheVeryChangeThatWasAskedAbout(t *testing.T) {
	t.Parallel()
	p := bulkEdit(title)
	p.withheld(true, title, state, country, street)
	was := reconcile.WithheldClaim{Var: title, Number: p.group.Entity.OwnClaim(title).Number, Refused: true}
	p.edit(title)
	terms := p.terms()
	terms.Withheld = []reconcile.WithheldClaim{was}
	plan := reconcile.Send(p.group, p.schema, terms)
	isTitle := func(f conversion.FieldWrite) bool { return f.Var == title }
	if len(plan.Writes) != 1 || !slices.ContainsFunc(plan.Writes[0].Fields, isTitle) {
		t.Errorf("a later edit does not go: %+v", plan.Writes)
	}
}

// A refusal of Salesforce is not forgotten while an approval is waited for.
func TestWhatSalesforceRefusedIsRememberedWhileItWaits(t *testing.T) {
	t.Parallel()
	p := bulkEdit(title)
	p.refuse("STRING_TOO_LONG", "Title")
	p.now = p.now.Add(48 * time.Hour)
	if sent, _ := p.withheld(false, title); slices.Contains(sent, title) {
		t.Fatal("it is sent")
	}
	if got := p.held(); !slices.Contains(got, title) {
		t.Errorf("held %v, want the title still", got)
	}
}

// Whatever is withheld, nothing else differs from what is sent without, but what depends on it.
func TestWithholdingKeepsNothingElseBack(t *testing.T) {
	t.Parallel()
	all := []conversion.VarID{title, state, country, street}
	rapid.Check(t, func(t *rapid.T) {
		some := func(label string) []conversion.VarID {
			return rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 4, rapid.ID[conversion.VarID]).Draw(t, label)
		}
		held, kept := some("held a value"), some("withheld")
		sent, plan := bulkEdit(held...).withheld(rapid.Bool().Draw(t, "refused"), kept...)
		for _, id := range all {
			waits := slices.Contains(held, id) && slices.Contains(kept, id)
			along := false
			for _, pair := range [][2]conversion.VarID{{state, country}, {country, state}} {
				along = along || id == pair[0] && slices.Contains(plan.Left.Withheld, pair[1])
			}
			if slices.Contains(sent, id) != (!waits && !along) {
				t.Fatalf("%v sent: %v", id, slices.Contains(sent, id))
			}
		}
	})
}
