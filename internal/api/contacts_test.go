package api_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/sandbox"
)

// numbered gives contacts a number variable.
func (c *client) numbered() *client {
	c.t.Helper()
	c.call("POST", "/variables", `{"object":"contact","key":"score","type":"number"}`).is(201)
	return c
}

func TestUpsertMakesAContactAndUpdatesItLater(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home.numbered()
	made := c.call("POST", "/contacts", `{"email":" Ada@Example.org ","variables":{"first_name":"Ada","score":12345678901234567890.125}}`).is(201)
	made.says(map[string]any{
		"email": "ada@example.org", "company_id": nil, "origin": "api",
		"created_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z",
		"variables.first_name": "Ada", "variables.score": json.Number("12345678901234567890.125"),
	})
	if made.length("links") != 0 || made.length("ignored") != 0 {
		t.Errorf("a new contact has links or ignored variables\n%s", made.text)
	}
	c.clock.Advance(time.Minute)
	c.call("POST", "/contacts", `{"email":"ada@example.org","variables":{"last_name":"Byron"}}`).is(200).says(map[string]any{
		"id": made.at("id"), "variables.first_name": "Ada", "variables.last_name": "Byron", "updated_at": "2026-03-01T12:01:00Z",
	})
}

func TestAContactHasExactlyTheDocumentedProperties(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	id := c.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id")
	got := c.call("GET", "/contacts/"+id, "").is(200)
	want := []string{"id", "email", "variables", "company_id", "origin", "created_at", "updated_at", "links"}
	for _, name := range want {
		got.at(name)
	}
	if len(got.body) != len(want) {
		t.Errorf("a contact has %d properties, want %v\n%s", len(got.body), want, got.text)
	}
}

func TestPatchLeavesWhatItDoesNotNameAndNullClears(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	company := c.call("POST", "/companies", `{"name":"Acme"}`).is(201).textAt("id")
	id := c.call("POST", "/contacts", `{"email":"ada@example.org","company_id":"`+company+`","variables":{"first_name":"Ada","city":"London"}}`).is(201).textAt("id")
	patch := func(body string) reply { return c.call("PATCH", "/contacts/"+id, body).is(200) }
	patch(`{"variables":{"city":null}}`).says(map[string]any{"variables.first_name": "Ada", "variables.city": nil, "company_id": company})
	patch(`{"email":"Lovelace@example.org"}`).says(map[string]any{"email": "lovelace@example.org", "variables.first_name": "Ada"})
	patch(`{"company_id":null}`).says(map[string]any{"company_id": nil})
	patch(`{}`).says(map[string]any{"email": "lovelace@example.org", "variables.first_name": "Ada"})
}

func TestADeletedContactIsGoneUntilRestored(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	id := c.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id")
	c.call("DELETE", "/contacts/"+id+"?sync_to_crm=false", "").is(204)
	c.call("GET", "/contacts/"+id, "").is(404)
	c.call("DELETE", "/contacts/"+id, "").is(404)
	c.call("POST", "/contacts/"+id+"/restore", "").is(200).says(map[string]any{"id": id, "email": "ada@example.org"})
	c.call("GET", "/contacts/"+id, "").is(200)
}

func TestOptingOutOfTheCRMLeavesNothingToSend(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.home.call("PUT", "/integrations/salesforce/rules", `{"contacts_created":"leads"}`).is(200)
	h.home.call("POST", "/contacts", `{"email":"kept@example.org","sync_to_crm":false}`).is(201)
	h.home.call("POST", "/contacts/batch", `{"contacts":[{"email":"kept2@example.org"}],"sync_to_crm":false}`).is(200)
	h.home.call("POST", "/contacts", `{"email":"sent@example.org"}`).is(201)
	dirty, err := h.store.Workspace(h.home.workspace).Dirty(t.Context(), conversion.DirtyQuery{Kind: conversion.KindContact, Now: conversion.MomentOf(start.Add(time.Hour)), Limit: 10})
	must(t, err)
	if len(dirty) != 1 || dirty[0].Entity.Key != "sent@example.org" {
		t.Errorf("%d contacts wait to be sent, want only the one that did not opt out", len(dirty))
	}
}

func TestContactsAreListedByFilterAndPage(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	company := c.call("POST", "/companies", `{"domain":"acme.com"}`).is(201).textAt("id")
	for _, body := range []string{
		`{"email":"ada@example.org","variables":{"first_name":"Ada","last_name":"Byron"}}`,
		`{"email":"bob@acme.com","variables":{"first_name":"Bob"}}`,
		`{"email":"cyd@example.org","company_id":"` + company + `"}`,
	} {
		c.clock.Advance(time.Hour)
		c.call("POST", "/contacts", body).is(201)
	}
	for _, row := range []struct {
		name, query, want string
	}{
		{"all of them, newest first", "", "cyd bob ada"},
		{"by e-mail as a person types it", "?email=" + url.QueryEscape(" ADA@example.org"), "ada"},
		{"by an e-mail nobody has", "?email=nobody@example.org", ""},
		{"by the beginning of the e-mail", "?q=cy", "cyd"},
		{"by the beginning of the last name", "?q=byr", "ada"},
		{"by company, chosen or derived", "?company_id=" + company, "cyd bob"},
		{"by the time of the last change", "?updated_since=2026-03-01T14:00:00Z", "cyd bob"},
		{"empty filters filter nothing", "?email=&q=&company_id=&updated_since=", "cyd bob ada"},
		{"the limit", "?limit=1", "cyd"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := c.call("GET", "/contacts"+row.query, "").is(200)
			if got := emails(r); got != row.want {
				t.Errorf("GET /contacts%s lists %q, want %q", row.query, got, row.want)
			}
		})
	}
	first := c.call("GET", "/contacts?limit=2", "").is(200)
	rest := c.call("GET", "/contacts?limit=2&cursor="+first.textAt("next_cursor"), "").is(200)
	if got := emails(first) + " " + emails(rest); got != "cyd bob ada" {
		t.Errorf("the pages list %q", got)
	}
	rest.says(map[string]any{"next_cursor": nil})
}

func emails(r reply) string {
	var names []string
	for _, item := range r.at("data").([]any) {
		name, _, _ := strings.Cut(item.(map[string]any)["email"].(string), "@")
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func TestABadItemOfABatchFailsAlone(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home.numbered()
	c.call("POST", "/contacts", `{"email":"old@example.org"}`).is(201)
	r := c.call("POST", "/contacts/batch", `{"contacts":[
		{"email":"new@example.org","variables":{"score":0.10}},
		{"email":"nobody"},
		{"email":5},
		{"email":"x@example.org","nick":"x"},
		"text",
		{"email":"old@example.org"},
		{"variables":{}}
	]}`).is(200)
	r.says(map[string]any{
		"data.0.status": 201, "data.0.index": 0, "data.0.contact.email": "new@example.org", "data.0.contact.variables.score": json.Number("0.1"),
		"data.1.status": 422, "data.1.error.errors.0.field": "email",
		"data.2.status": 422, "data.2.error.errors.0.field": "email",
		"data.3.status": 422, "data.3.error.errors.0.field": "nick",
		"data.4.status": 422,
		"data.5.status": 200, "data.5.contact.email": "old@example.org",
		"data.6.status": 422, "data.6.error.errors.0.field": "email",
		"next_cursor": nil,
	})
	if got := emails(c.call("GET", "/contacts", "")); got != "new old" {
		t.Errorf("there are %q, want only what was right", got)
	}
	tooMany := `{"contacts":[` + strings.Repeat(`{"email":"a@example.org"},`, 1000) + `{"email":"a@example.org"}]}`
	c.call("POST", "/contacts/batch", tooMany).is(422).says(map[string]any{"errors.0.field": "contacts"})
}

func TestTheTimelineTellsWhoChangedWhat(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	id := c.call("POST", "/contacts", `{"email":"ada@example.org","variables":{"city":"London"}}`).is(201).textAt("id")
	c.clock.Advance(time.Minute)
	c.call("PATCH", "/contacts/"+id, `{"variables":{"city":"Paris"}}`).is(200)
	r := c.call("GET", "/contacts/"+id+"/timeline?limit=1", "").is(200).says(map[string]any{
		"data.0.variable": "city", "data.0.before": "London", "data.0.after": "Paris", "data.0.at": "2026-03-01T12:01:00Z",
		"data.0.by.kind": "api_key", "data.0.by.id": c.keyID, "data.0.run_id": nil, "data.0.record": nil,
	})
	c.call("GET", "/contacts/"+id+"/timeline?cursor="+r.textAt("next_cursor"), "").is(200)
	c.call("GET", "/contacts/nobody/timeline", "").is(404)
}

// linked gives the contact a Lead, as a pull does.
func (c *client) linked(id string, recordID string, fields ...conversion.FieldState) {
	c.t.Helper()
	books := c.store.Workspace(c.workspace)
	groups, err := books.Groups(c.t.Context(), conversion.GroupQuery{Kind: conversion.KindContact, IDs: []string{id}})
	must(c.t, err)
	g := groups[0]
	g.Links = append(g.Links, &conversion.Link{
		Ref: conversion.Ref{Object: conversion.Lead, ID: recordID}, EntityID: id, State: conversion.LinkLive, Key: g.Entity.Key, Placed: g.Entity.Key,
		Fields: fields,
	})
	must(c.t, books.Commit(c.t.Context(), conversion.Batch{
		At: conversion.MomentOf(start), Plans: []conversion.Plan{{Group: g, Expect: g.Entity.Version}},
	}))
}

func TestAFormulasClaimSaysWhenItWasRead(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	books := c.store.Workspace(c.workspace)
	formula := conversion.Field{Object: conversion.Lead, Name: "Score__c", Type: "double", Calculated: true}
	title := conversion.Field{Object: conversion.Lead, Name: "Title", Type: "string"}
	must(t, books.SaveVariables(t.Context(), conversion.KindContact, []conversion.Variable{
		{ID: 80, Kind: conversion.KindContact, Key: "Score__c", Type: conversion.TypeNumber, Mode: conversion.ModeAlwaysSalesforce, ReadOnly: true, Fields: []conversion.Field{formula}},
		{ID: 81, Kind: conversion.KindContact, Key: "Role__c", Type: conversion.TypeText, Mode: conversion.ModeTwoWay, Fields: []conversion.Field{title}},
	}))
	id := c.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id")
	seven, err := conversion.Number("7")
	must(t, err)
	at := conversion.MomentOf(start)
	c.linked(id, "00Q000000000001AAA",
		conversion.FieldState{Var: 80, Seen: seven, Reading: conversion.Reading{Asked: at.Add(time.Hour)}, Claim: conversion.Claim{Value: seven, At: at}},
		conversion.FieldState{Var: 81, Seen: conversion.Text("Head"), Reading: conversion.Reading{Asked: at.Add(time.Hour)}, Claim: conversion.Claim{Value: conversion.Text("Head"), At: at}})
	why := func(key string) reply { return c.call("GET", "/contacts/"+id+"/timeline?variable="+key, "").is(200) }
	why("Score__c").says(map[string]any{"why.0.value": json.Number("7"), "why.0.read_at": "2026-03-01T13:00:00Z"})
	why("Role__c").says(map[string]any{"why.0.value": "Head", "why.0.read_at": nil})
}

func TestALinkLeadsToTheRecordInTheOrg(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.home
	id := c.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id")
	c.linked(id, "00Q000000000001AAA")
	c.call("GET", "/contacts/"+id, "").is(200).says(map[string]any{
		"links.0.object": "Lead", "links.0.record_id": "00Q000000000001AAA", "links.0.status": "linked", "links.0.url": nil,
	})
	c.connect().is(200)
	instance := c.call("GET", "/integrations/salesforce", "").is(200).textAt("org.instance_url")
	want := instance + "/lightning/r/Lead/00Q000000000001AAA/view"
	c.call("GET", "/contacts?email=ada@example.org", "").is(200).says(map[string]any{"data.0.links.0.url": want})
}

func TestVariablesThatOnlySalesforceChangesAreIgnoredOrRefused(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	id := c.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id")
	c.linked(id, "00Q000000000001AAA")
	c.call("PATCH", "/variables/contact/city", `{"mode":"always_salesforce"}`).is(200)
	c.call("POST", "/contacts", `{"email":"ada@example.org","variables":{"city":"Rome","first_name":"Ada"}}`).is(200).
		says(map[string]any{"ignored.0": "city", "variables.first_name": "Ada"})
	c.call("PATCH", "/contacts/"+id, `{"variables":{"city":"Rome"}}`).is(422).says(map[string]any{"errors.0.field": "variables.city"})
}

func (c *client) connect() reply {
	c.t.Helper()
	return c.call("POST", "/integrations/salesforce/connect", `{"flow":"client_credentials","login_url":"`+c.org+
		`","client_id":"`+sandbox.ClientID+`","client_secret":"`+sandbox.ClientSecret+`"}`)
}

func TestAContactIsFoundByItsLastNameHoweverManyWordsItHas(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	c.call("POST", "/contacts", `{"email":"mj@example.org","variables":{"first_name":"María José","last_name":"de la Cruz y Pérez"}}`).is(201)
	for _, q := range []string{"de la", "de la Cruz y Pérez", "DE LA CRUZ Y PÉREZ", "maría josé", "María José de", "Pérez", "MJ@"} {
		if n := c.call("GET", "/contacts?q="+url.QueryEscape(q), "").is(200).length("data"); n != 1 {
			t.Errorf("%q finds %d", q, n)
		}
	}
}

func TestTheTimelineShowsWhatWasSentFieldByField(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.home
	id := c.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id")
	must(t, h.store.Workspace(c.workspace).Commit(t.Context(), conversion.Batch{Changes: []conversion.Change{{
		EntityID: id, Rule: "contacts_updated", Note: "sent to Lead",
		FieldChange: conversion.FieldChange{From: conversion.Ref{Object: conversion.Lead, ID: "00Q000000000001AAA"}, At: conversion.MomentOf(start.Add(time.Hour))},
		Sent: []conversion.FieldWrite{
			{Field: "IsPrivate", Before: conversion.Bool(false), Value: conversion.Bool(true), Number: 1},
			{Field: "Title", Value: conversion.Text("Countess"), Number: 2},
		},
	}}}))
	r := c.call("GET", "/contacts/"+id+"/timeline", "").is(200).says(map[string]any{
		"data.0.note": "sent to Lead", "data.0.variable": nil,
		"data.0.sent.0.field": "IsPrivate", "data.0.sent.0.before": false, "data.0.sent.0.after": true,
		"data.0.sent.1.field": "Title", "data.0.sent.1.before": nil, "data.0.sent.1.after": "Countess",
	})
	if r.length("data.0.sent") != 2 {
		t.Errorf("it shows %s", r.text)
	}
}
