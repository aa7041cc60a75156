package reconcile_test

import (
	"slices"
	"strings"
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

// tied is a contact born by the origin with a live link to each record: L… leads, C…
// contacts.
func tied(ids ...string) conversion.Group {
	g := conversion.Group{Entity: &conversion.Entity{ID: "e", Kind: conversion.KindContact, Key: "a@b.test", Origin: conversion.OriginUser, Version: 7}}
	for _, id := range ids {
		g.Links = append(g.Links, reconcile.NewLink(g, refOf(id), "a@b.test", second(0)))
	}
	return g
}

func refOf(id string) conversion.Ref {
	objects := map[string]conversion.Object{"L": conversion.Lead, "C": conversion.Contact, "A": conversion.Account}
	return conversion.Ref{Object: objects[id[:1]], ID: id}
}

// holds makes the record hold the value: seen, and claimed in the second.
func holds(g conversion.Group, id string, v conversion.VarID, value conversion.Value, at int) *conversion.FieldState {
	state := g.Link(refOf(id)).Ensure(v)
	state.Seen, state.Reading = value, conversion.Reading{Modstamp: second(at), Modified: second(at), Asked: second(at)}
	state.Claim = conversion.Claim{Value: value, At: second(at), By: "005other"}
	return state
}

const everywhere = conversion.Reach(1<<9 - 1)

// owns makes Conversion claim the value in the second, to go wherever a rule lets it.
func owns(g conversion.Group, v conversion.VarID, value conversion.Value, at int) {
	g.Entity.Claim(conversion.OwnClaim{Var: v, Value: value, At: second(at), Reach: everywhere})
}

// withMode is the schema with one variable in another mode.
func withMode(v conversion.VarID, m conversion.Mode) *conversion.Schema {
	s := schema()
	s.ByID(v).Mode = m
	return s
}

func terms(rules conversion.Rules, now int) reconcile.Terms {
	return (&world{now: now}).terms(rules)
}

// TestModes reads section 6 of the contract as a truth table. Both sides hold something
// else: a value or nothing; S is the record's claim, C is Conversion's, made last or not.
func TestModes(t *testing.T) {
	t.Parallel()
	const S, C, tie = "S", "C", "tie"
	for _, row := range []struct {
		mode conversion.Mode
		last string
		// what the contact holds, and whether Conversion's is sent, when the record and
		// Conversion claim: both a value; a blank and a value; a value and a blank
		both, recordBlank, ownBlank string
	}{
		{conversion.ModeTwoWay, S, "S", "S", "S"},
		{conversion.ModeTwoWay, C, "C sent", "C sent", "C sent"},
		{conversion.ModeTwoWay, tie, "S", "S", "S"},
		{conversion.ModePreferSalesforce, S, "S", "S", "S"},
		{conversion.ModePreferSalesforce, C, "S", "C sent", "S"},
		{conversion.ModePreferSalesforce, tie, "S", "S", "S"},
		{conversion.ModeAlwaysSalesforce, S, "S", "S", "S"},
		{conversion.ModeAlwaysSalesforce, C, "S", "S", "S"},
		{conversion.ModeAlwaysConversion, S, "C sent", "C sent", "C sent"},
		{conversion.ModeAlwaysConversion, C, "C sent", "C sent", "C sent"},
		{conversion.ModeNone, S, "C", "C", "C"},
		{conversion.ModeNone, C, "C", "C", "C"},
	} {
		theirs, ours := conversion.Text("theirs"), conversion.Text("ours")
		for _, cell := range []struct {
			record, own conversion.Value
			want        string
		}{{theirs, ours, row.both}, {conversion.Null, ours, row.recordBlank}, {theirs, conversion.Null, row.ownBlank}} {
			g, s := tied("L1"), withMode(title, row.mode)
			at := map[string]int{S: 6, tie: 5, C: 4}[row.last]
			holds(g, "L1", title, cell.record, at)
			owns(g, title, cell.own, 5)
			reconcile.Resolve(g, s)
			got := "S"
			if r := g.Entity.Resolved(title); r.From.Zero() {
				got = "C"
			}
			if plan := reconcile.Send(g, s, terms(sendAll, 9)); len(plan.Writes) > 0 {
				got += " sent"
			}
			if got != cell.want {
				t.Errorf("%s, %s last, %#v against %#v: %s, want %s", row.mode, row.last, cell.record, cell.own, got, cell.want)
			}
		}
	}
}

func TestWhoseClaimCountsWhenOneSideMakesNone(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		mode        conversion.Mode
		record, own bool
		want        conversion.Value
	}{
		{conversion.ModeTwoWay, true, false, conversion.Text("theirs")},
		{conversion.ModeAlwaysConversion, true, false, conversion.Text("theirs")},
		{conversion.ModeNone, true, false, conversion.Value{}},
		{conversion.ModeAlwaysSalesforce, false, true, conversion.Text("ours")},
		{conversion.ModeNone, false, true, conversion.Text("ours")},
		{conversion.ModeTwoWay, false, false, conversion.Value{}},
	} {
		g, s := tied("L1"), withMode(title, row.mode)
		if row.record {
			holds(g, "L1", title, conversion.Text("theirs"), 5)
		}
		if row.own {
			owns(g, title, conversion.Text("ours"), 5)
		}
		reconcile.Resolve(g, s)
		if got := g.Entity.Value(title); got != row.want {
			t.Errorf("%s, record %v, own %v: %#v, want %#v", row.mode, row.record, row.own, got, row.want)
		}
	}
}

// TestWhatEachOptionWrites holds the six rules to every way a contact can be linked.
func TestWhatEachOptionWrites(t *testing.T) {
	t.Parallel()
	ended := func(state conversion.LinkState) func() conversion.Group {
		return func() conversion.Group {
			g := tied("L1")
			g.Links[0].State = state
			return g
		}
	}
	linked := []struct {
		to   string
		make func() conversion.Group
	}{
		{"nothing", func() conversion.Group { return tied() }},
		{"a lead", func() conversion.Group { return tied("L1") }},
		{"a contact", func() conversion.Group { return tied("C1") }},
		{"both", func() conversion.Group { return tied("C1", "L1") }},
		{"a converted lead", ended(conversion.LinkConverted)},
		{"a deleted lead", ended(conversion.LinkDeleted)},
		{"a held lead", ended(conversion.LinkHeld)},
	}
	for _, row := range []struct {
		rule   string
		option conversion.Target
		want   [7]string // by what the contact is linked to, as above
	}{
		{"contacts_created", conversion.TargetNone, [7]string{}},
		{"contacts_created", conversion.TargetLeads, [7]string{"create Lead"}},
		{"contacts_created", conversion.TargetContacts, [7]string{"create Contact"}},
		{"contacts_updated", conversion.TargetNone, [7]string{}},
		{"contacts_updated", conversion.TargetLeads, [7]string{"", "update L1", "", "update L1", "", "", "update L1"}},
		{"contacts_updated", conversion.TargetContacts, [7]string{"", "", "update C1", "update C1"}},
		{"contacts_updated", conversion.TargetAll, [7]string{"", "update L1", "update C1", "update C1, update L1", "", "", "update L1"}},
		{"contacts_deleted", conversion.TargetNone, [7]string{}},
		{"contacts_deleted", conversion.TargetAll, [7]string{"", "delete L1", "delete C1", "delete C1, delete L1", "", "", "delete L1"}},
	} {
		rules := conversion.DefaultRules()
		*rules.Get(row.rule) = row.option
		for i, l := range linked {
			g := l.make()
			for _, link := range g.Links {
				holds(g, link.Ref.ID, title, conversion.Text("theirs"), 1)
			}
			owns(g, title, conversion.Text("ours"), 5)
			g.Entity.Birth = everywhere
			if row.rule == "contacts_deleted" {
				g.Entity.Deleted, g.Entity.Death = second(6), everywhere
			}
			if got := written(g, schema(), rules); got != row.want[i] {
				t.Errorf("%s: %s, linked to %s: %q, want %q", row.rule, row.option, l.to, got, row.want[i])
			}
		}
	}
}

func TestWhatEachOptionWritesOfCompanies(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{"companies_created", "companies_updated", "companies_deleted"} {
		for _, row := range []struct {
			option  conversion.Target
			linked  []string
			created string
			updated string
			deleted string
		}{
			{conversion.TargetNone, nil, "", "", ""},
			{conversion.TargetNone, []string{"A1"}, "", "", ""},
			{conversion.TargetCompanies, nil, "create Account", "", ""},
			{conversion.TargetCompanies, []string{"A1"}, "", "update A1", "delete A1"},
			{conversion.TargetCompanies, []string{"A1", "A2"}, "", "update A1, update A2", "delete A1, delete A2"},
		} {
			g := company(row.linked...)
			owns(g, conversion.NameVar, conversion.Text("Acme"), 5)
			g.Entity.Birth = everywhere
			if rule == "companies_deleted" {
				g.Entity.Deleted, g.Entity.Death = second(6), everywhere
			}
			rules := conversion.DefaultRules()
			*rules.Get(rule) = row.option
			want := map[string]string{"companies_created": row.created, "companies_updated": row.updated, "companies_deleted": row.deleted}[rule]
			if got := written(g, companySchema(), rules); got != want {
				t.Errorf("%s: %s, linked to %v: %q, want %q", rule, row.option, row.linked, got, want)
			}
		}
	}
}

// written plans the group as a push does, and says what is written.
func written(g conversion.Group, s *conversion.Schema, rules conversion.Rules) string {
	var plan conversion.Plan
	if o, _ := reconcile.CreateAs(g, rules); o != "" {
		plan = reconcile.Create(g, s, o, terms(rules, 9))
	} else {
		plan = reconcile.Send(g, s, terms(rules, 9))
	}
	var said []string
	for _, w := range plan.Writes {
		what := w.Ref.ID
		if what == "" {
			what = string(w.Ref.Object)
		}
		said = append(said, string(w.Action)+" "+what)
	}
	return strings.Join(said, ", ")
}

func company(ids ...string) conversion.Group {
	g := conversion.Group{Entity: &conversion.Entity{ID: "c", Kind: conversion.KindCompany, Key: "acme.com", Origin: conversion.OriginUser}}
	for _, id := range ids {
		g.Links = append(g.Links, reconcile.NewLink(g, refOf(id), "acme.com", second(0)))
		holds(g, id, conversion.NameVar, conversion.Text("Acme Inc."), 1)
		holds(g, id, conversion.WebsiteVar, conversion.Text("http://www.acme.com"), 1)
	}
	return g
}

func companySchema() *conversion.Schema {
	field := func(name string, required bool) []conversion.Field {
		return []conversion.Field{{Object: conversion.Account, Name: name, Type: "string", Createable: true, Updateable: true, Required: required}}
	}
	return conversion.NewSchema(conversion.KindCompany, []conversion.Variable{
		{ID: conversion.WebsiteVar, Kind: conversion.KindCompany, Key: "website", Mode: conversion.ModeTwoWay, Type: conversion.TypeText, Fields: field("Website", false)},
		{ID: conversion.NameVar, Kind: conversion.KindCompany, Key: "name", Mode: conversion.ModeTwoWay, Type: conversion.TypeText, Fields: field("Name", true)},
	})
}

// It was made again here after its Account, which had the website, was deleted.
func TestANewAccountAlwaysGetsTheDomainThatItIsMadeFor(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]string{"https://acme.test/about": "https://acme.test/about", "": "acme.test"} {
		g := company()
		g.Entity.Key = "acme.test"
		g.Entity.Values = []conversion.Resolved{{Var: conversion.WebsiteVar, Value: conversion.Text(shown)}}
		owns(g, conversion.NameVar, conversion.Text("Acme"), 2)
		plan := reconcile.Create(g, companySchema(), conversion.Account, terms(sendAll, 3))
		if len(plan.Writes) != 1 || plan.Writes[0].Fields[1].Value != conversion.Text(want) {
			t.Errorf("shown as %q it is made with %+v", shown, plan.Writes)
		}
	}
}

func TestAWebsiteIsWrittenOnlyIfItsDomainDiffers(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because, own string
		sent         bool
	}{
		{"the same domain in other words is not", "https://acme.com/about", false},
		{"another domain is", "acme.de", true},
		{"a website without a domain is", "n/a", true},
		{"an emptied one is", "", true},
	} {
		g := company("A1")
		owns(g, conversion.WebsiteVar, conversion.Text(row.own), 5)
		rules := conversion.DefaultRules()
		rules.CompaniesUpdated = conversion.TargetCompanies
		if got := written(g, companySchema(), rules) != ""; got != row.sent {
			t.Errorf("%s: %q sent %v", row.because, row.own, got)
		}
		if settled := g.Links[0].Field(conversion.WebsiteVar).Settled == 1; settled == row.sent {
			t.Errorf("%s: %q settled %v", row.because, row.own, settled)
		}
	}
}

func TestDeletionsReachWhatWasLinked(t *testing.T) {
	t.Parallel()
	on := conversion.DefaultRules()
	on.ContactsDeleted = conversion.TargetAll
	for _, row := range []struct {
		because string
		change  func(conversion.Group)
		rules   conversion.Rules
		want    string
		parked  bool
	}{
		{"all that is linked, contacts before leads, lower ids first", func(g conversion.Group) { slices.Reverse(g.Links) }, on, "delete C1, delete L1, delete L2", false},
		{"what was ignored since is there still", func(g conversion.Group) { g.Links[0].State = conversion.LinkIgnored }, on, "delete C1, delete L1, delete L2", false},
		{"what was linked after the deletion is not its", func(g conversion.Group) { g.Links[0].Linked = second(7) }, on, "delete L1, delete L2", false},
		{"a converted lead never", func(g conversion.Group) { g.Links[1].State = conversion.LinkConverted }, on, "delete C1, delete L2", false},
		{"nor what is gone", func(g conversion.Group) { g.Links[1].State = conversion.LinkDeleted }, on, "delete C1, delete L2", false},
		{"nothing that the rules of that time forbade", func(g conversion.Group) { g.Entity.Death = conversion.DeleteLead }, on, "delete L1, delete L2", false},
		{"nothing while the rule is off: it waits", func(conversion.Group) {}, conversion.DefaultRules(), "", true},
		{"and does not wait for what may never go", func(g conversion.Group) { g.Entity.Death = 0 }, conversion.DefaultRules(), "", false},
	} {
		g := tied("C1", "L1", "L2")
		g.Entity.Deleted, g.Entity.Death = second(6), everywhere
		row.change(g)
		parked := reconcile.Send(g, schema(), terms(row.rules, 9)).Left.Parked
		if got := written(g, schema(), row.rules); got != row.want || parked != row.parked {
			t.Errorf("%s: %q, parked %v; want %q, %v", row.because, got, parked, row.want, row.parked)
		}
	}
}
