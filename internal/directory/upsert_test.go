package directory_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"conversion"
	"conversion/internal/directory"
)

func TestUpsertMatchesByEmail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.one(t, conversion.KindContact, directory.Draft{Key: "Ada@Example.com", Values: map[string]any{"first_name": "Ada"}})
	again := h.one(t, conversion.KindContact, directory.Draft{Key: " ada@example.com", Values: map[string]any{"last_name": "Lovelace"}})
	if !first.Created || again.Created || again.View.ID != first.View.ID {
		t.Fatalf("created %v then %v, ids %s and %s", first.Created, again.Created, first.View.ID, again.View.ID)
	}
	if again.View.Key != "ada@example.com" || again.View.Name != "Ada Lovelace" || again.View.Origin != conversion.OriginAPI {
		t.Errorf("got %+v", again.View)
	}
}

func TestUpsertMeetsTheContactOfALinkedRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.contact(t, "new@example.com").ID
	h.link(t, id, "00Q000000000001AAA", "old@example.com")
	got := h.one(t, conversion.KindContact, directory.Draft{Key: "old@example.com", Values: map[string]any{"city": "Paris"}})
	if got.Created || got.View.ID != id || got.View.Key != "new@example.com" {
		t.Errorf("got %+v", got)
	}
}

func TestUpsertHandlesOneKeyTwiceInOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	results, err := h.Upsert(ctx, workspace, conversion.KindContact, key, []directory.Draft{
		{Key: "a@example.com", Values: map[string]any{"city": "Paris", "job_title": "CTO"}},
		{Key: "A@example.com", Values: map[string]any{"city": "Rome"}},
	})
	must(t, err)
	if !results[0].Created || results[1].Created || results[0].View.ID != results[1].View.ID {
		t.Fatalf("got %+v", results)
	}
	shown, err := h.Get(ctx, workspace, conversion.KindContact, results[0].View.ID)
	must(t, err)
	if value(shown, "city") != conversion.Text("Rome") || value(shown, "job_title") != conversion.Text("CTO") {
		t.Errorf("got %+v", shown.Values)
	}
}

func TestOneBadDraftNeverFailsTheRest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.define(t,
		conversion.Variable{Key: "Tier__c", Type: conversion.TypeText, Fields: []conversion.Field{{Restricted: true, Picklist: []string{"Gold"}}}},
		conversion.Variable{Key: "Code__c", Type: conversion.TypeText, Fields: []conversion.Field{{Length: 3}}},
		conversion.Variable{Key: "Score__c", Type: conversion.TypeNumber, Fields: []conversion.Field{{Type: "double", Precision: 4, Scale: 1}}},
		conversion.Variable{Key: "Since__c", Type: conversion.TypeDate},
	)
	bad := []struct {
		draft directory.Draft
		field string
	}{
		{directory.Draft{}, "email"},
		{directory.Draft{Key: "nobody"}, "email"},
		{directory.Draft{Key: "Ada <ada@example.com>"}, "email"},
		{directory.Draft{Key: "x@example.com", Name: "X"}, "name"},
		{directory.Draft{Key: "x@example.com", CompanyID: pointer("nowhere")}, "company_id"},
		{directory.Draft{Key: "x@example.com", Values: map[string]any{"shoe_size": json.Number("42")}}, "variables.shoe_size"},
		{directory.Draft{Key: "x@example.com", Values: map[string]any{"email": "y@example.com"}}, "variables.email"},
		{directory.Draft{Key: "x@example.com", Values: map[string]any{"city": true}}, "variables.city"},
		{directory.Draft{Key: "x@example.com", Values: map[string]any{"city": strings.Repeat("x", 200_000)}}, "variables.city"},
		{directory.Draft{Key: "x@example.com", Values: map[string]any{"city": "a\x00b"}}, "variables.city"},
		{directory.Draft{Key: "x@example.com", Values: map[string]any{"do_not_call": "yes"}}, "variables.do_not_call"},
		{directory.Draft{Key: "x@example.com", Values: map[string]any{"Tier__c": "Tin"}}, "variables.Tier__c"},
		{directory.Draft{Key: "x@example.com", Values: map[string]any{"Code__c": "long"}}, "variables.Code__c"},
		{directory.Draft{Key: "x@example.com", Values: map[string]any{"Score__c": json.Number("12345")}}, "variables.Score__c"},
		{directory.Draft{Key: "x@example.com", Values: map[string]any{"Since__c": "31.12.2026"}}, "variables.Since__c"},
	}
	drafts := []directory.Draft{{Key: "good@example.com"}}
	for _, b := range bad {
		drafts = append(drafts, b.draft)
	}
	results, err := h.Upsert(ctx, workspace, conversion.KindContact, key, drafts)
	must(t, err)
	must(t, results[0].Err)
	for i, b := range bad {
		wantFault(t, results[i+1].Err, conversion.CodeInvalid, b.field)
	}
	if n, err := h.Count(ctx, workspace, conversion.KindContact); err != nil || n != 1 {
		t.Errorf("%d contacts, error %v, want 1", n, err)
	}
}

func TestAValueThatIsThereAlreadyIsNoChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.allow(t)
	draft := directory.Draft{Key: "a@example.com", Values: map[string]any{"city": "Paris", "country": nil}}
	id := h.one(t, conversion.KindContact, draft).View.ID
	before := h.group(t, conversion.KindContact, id).Entity
	wakes := h.wakes.Load()
	h.one(t, conversion.KindContact, draft)
	after := h.group(t, conversion.KindContact, id).Entity
	if after.Version != before.Version || after.Numbers != before.Numbers || h.wakes.Load() != wakes {
		t.Errorf("version %d to %d, own claims %d to %d, %d wakes", before.Version, after.Version, before.Numbers, after.Numbers, h.wakes.Load()-wakes)
	}
}

func TestWhatOnlySalesforceChanges(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.define(t, conversion.Variable{Key: "Rank__c", Type: conversion.TypeText, ReadOnly: true, Mode: conversion.ModeAlwaysSalesforce, Fields: []conversion.Field{{}}})
	draft := directory.Draft{Key: "a@example.com", Values: map[string]any{"Rank__c": "1", "city": "Oslo"}}

	unlinked := h.one(t, conversion.KindContact, draft)
	if len(unlinked.Ignored) != 0 || value(unlinked.View, "Rank__c") != conversion.Text("1") {
		t.Fatalf("without a record ours counts: got %+v", unlinked)
	}
	h.link(t, unlinked.View.ID, "00Q000000000001AAA", "a@example.com")

	draft.Values = map[string]any{"Rank__c": "2", "city": "Rome"}
	linked := h.one(t, conversion.KindContact, draft)
	if len(linked.Ignored) != 1 || linked.Ignored[0] != "Rank__c" || value(linked.View, "city") != conversion.Text("Rome") {
		t.Errorf("an upsert takes the rest: got %+v", linked)
	}
	_, err := h.Update(ctx, workspace, conversion.KindContact, linked.View.ID, user, directory.Patch{Values: draft.Values})
	wantFault(t, err, conversion.CodeInvalid, "variables.Rank__c")
	_, err = h.Update(ctx, workspace, conversion.KindContact, linked.View.ID, user, directory.Patch{Values: map[string]any{"Rank__c": "1", "city": "Bonn"}})
	must(t, err) // the value it has: not an edit of it
}

func TestClaimsRememberWhatTheRulesAllowed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	off := h.one(t, conversion.KindContact, directory.Draft{Key: "off@example.com", Values: map[string]any{"city": "Oslo"}}).View.ID
	h.allow(t)
	on := h.one(t, conversion.KindContact, directory.Draft{Key: "on@example.com", Values: map[string]any{"city": "Oslo"}}).View.ID
	local := h.one(t, conversion.KindContact, directory.Draft{Key: "local@example.com", Values: map[string]any{"city": "Oslo"}, LocalOnly: true}).View.ID
	for _, want := range []struct {
		name  string
		id    string
		reach bool
	}{{"made while the rules were off", off, false}, {"made under the rules", on, true}, {"opted out", local, false}} {
		e := h.group(t, conversion.KindContact, want.id).Entity
		for _, c := range e.Own {
			if c.Reach.Goes() != want.reach {
				t.Errorf("%s: claim of variable %d reaches %b", want.name, c.Var, c.Reach)
			}
		}
		if e.Birth.Has(conversion.CreateLead) != want.reach || (e.Dirty != 0) != want.reach {
			t.Errorf("%s: birth %b, dirty %v", want.name, e.Birth, e.Dirty)
		}
	}
	if h.wakes.Load() != 1 {
		t.Errorf("woke the engine %d times, want once", h.wakes.Load())
	}
}

func TestManyCallersMakeOneContact(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			results, err := h.Upsert(ctx, workspace, conversion.KindContact, key, []directory.Draft{{Key: "a@example.com"}})
			if err != nil || results[0].Err != nil {
				t.Errorf("upsert: %v, %v", err, results)
			}
		})
	}
	group.Wait()
	if n, err := h.Count(ctx, workspace, conversion.KindContact); err != nil || n != 1 {
		t.Errorf("%d contacts, error %v, want 1", n, err)
	}
}

func TestCompaniesMatchByDomain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.one(t, conversion.KindCompany, directory.Draft{Key: "https://www.Acme.com/about", Name: "Acme"})
	again := h.one(t, conversion.KindCompany, directory.Draft{Key: "acme.com", Values: map[string]any{"website": "http://acme.com/de"}})
	if again.Created || again.View.ID != first.View.ID || again.View.Key != "acme.com" || again.View.Name != "Acme" {
		t.Errorf("got %+v", again)
	}
	if value(again.View, "website") != conversion.Text("http://acme.com/de") {
		t.Errorf("website is %v", value(again.View, "website"))
	}
	for range 2 {
		if nameless := h.one(t, conversion.KindCompany, directory.Draft{Name: "Acme"}); !nameless.Created {
			t.Error("a company without a domain must always be made")
		}
	}
	results, err := h.Upsert(ctx, workspace, conversion.KindCompany, key, []directory.Draft{
		{}, {Key: "not a domain"}, {Key: "acme.com", Values: map[string]any{"website": "other.com"}}, {Key: "facebook.com"},
	})
	must(t, err)
	wantFault(t, results[0].Err, conversion.CodeInvalid, "name")
	wantFault(t, results[1].Err, conversion.CodeInvalid, "domain")
	wantFault(t, results[2].Err, conversion.CodeInvalid, "variables.website")
	wantFault(t, results[3].Err, conversion.CodeInvalid, "domain")
	if told := new(conversion.Error); !errors.As(results[3].Err, &told) || !strings.Contains(told.Fields[0].Message, "many organisations share") {
		t.Errorf("a shared host: %v", results[3].Err)
	}
}

func TestOneOptOutInABatchKeepsNobodyElseBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.allow(t)
	_, err := h.Upsert(ctx, workspace, conversion.KindContact, key, []directory.Draft{
		{Key: "a@example.com", Values: map[string]any{"city": "Oslo"}},
		{Key: "a@example.com", Values: map[string]any{"country": "Norway"}, LocalOnly: true},
	})
	must(t, err)
	if h.wakes.Load() != 1 {
		t.Errorf("woke the engine %d times, want once", h.wakes.Load())
	}
}
