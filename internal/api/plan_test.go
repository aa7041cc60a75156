package api_test

import (
	"testing"
	"time"

	"conversion"
)

// said makes a contact and a company while all rules are off, in an org with a few fields.
func (c *client) said() (contact, company string) {
	c.t.Helper()
	c.describe(conversion.KindContact, "last_name", conversion.Field{Object: conversion.Lead, Name: "LastName"})
	c.describe(conversion.KindCompany, "name", conversion.Field{Object: conversion.Account, Name: "Name"})
	contact = c.call("POST", "/contacts", `{"email":"ada@example.org","variables":{"last_name":"Lovelace"}}`).is(201).textAt("id")
	company = c.call("POST", "/companies", `{"domain":"example.org","name":"Engines"}`).is(201).textAt("id")
	return contact, company
}

// describe ties a variable to a field that can be written.
func (c *client) describe(kind conversion.Kind, key string, f conversion.Field) {
	c.t.Helper()
	c.call("GET", "/variables?object="+string(kind), "").is(200) // makes the standard ones
	books := c.store.Workspace(c.workspace)
	schema, err := books.Schema(c.t.Context(), kind)
	must(c.t, err)
	v := *schema.ByKey(key)
	f.Createable, f.Updateable = true, true
	v.Fields = []conversion.Field{f}
	must(c.t, books.SaveVariables(c.t.Context(), kind, []conversion.Variable{v}))
}

const everythingToExisting = `{"scope":"existing","rules":{"contacts_created":"leads","companies_created":"companies"}}`

func TestAPlanShowsCountsAndRecordsAndChangesNothing(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	contact, company := c.said()
	plan := c.call("POST", "/integrations/salesforce/plan", everythingToExisting).is(200).says(map[string]any{
		"scope": "existing", "summary.create": 2, "summary.update": 0, "summary.delete": 0, "summary.hold": 0, "listed": 2,
		"rules.contacts_created": "leads", "rules.contacts_updated": "none",
		"created_at": "2026-03-01T12:00:00Z", "expires_at": "2026-03-02T12:00:00Z", "applied_at": nil, "next_cursor": nil,
		"data.0.action": "create", "data.0.object": "Account", "data.0.id": company, "data.0.domain": "example.org", "data.0.name": "Engines",
		"data.0.record_id": nil, "data.0.email": nil, "data.0.after.Name": "Engines", "data.0.reason": "companies_created", "data.0.skipped": false,
		"data.1.object": "Lead", "data.1.id": contact, "data.1.email": "ada@example.org", "data.1.kind": "contact",
		"data.1.after.LastName": "Lovelace", "data.1.reason": "contacts_created",
	})
	c.call("GET", "/integrations/salesforce/rules", "").is(200).says(map[string]any{"contacts_created": "none"})
	id := plan.textAt("plan_id")
	first := c.call("GET", "/integrations/salesforce/plan/"+id+"?limit=1", "").is(200).says(map[string]any{"data.0.object": "Account", "plan_id": id})
	c.call("GET", "/integrations/salesforce/plan/"+id+"?limit=1&cursor="+first.textAt("next_cursor"), "").is(200).says(map[string]any{
		"data.0.object": "Lead", "next_cursor": nil,
	})
	if n := c.call("GET", "/integrations/salesforce/plan/"+id+"?skipped=true", "").is(200).length("data"); n != 0 {
		t.Errorf("%d are skipped before anything was applied", n)
	}
}

func TestApplyingAPlanSavesItsRulesOnceAndListsWhatChangedSince(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	contact, _ := c.said()
	id := c.call("POST", "/integrations/salesforce/plan", everythingToExisting).is(200).textAt("plan_id")
	c.call("PATCH", "/contacts/"+contact, `{"variables":{"last_name":"King"}}`).is(200)
	done := c.call("POST", "/integrations/salesforce/apply", `{"plan_id":"`+id+`"}`).is(202).says(map[string]any{
		"skipped.0.id": contact, "skipped.0.action": "create", "skipped.0.skipped": true,
	})
	if n := done.length("skipped"); n != 1 || done.length("run_ids") == 0 {
		t.Errorf("applying answered %s", done.text)
	}
	c.call("GET", "/integrations/salesforce/rules", "").is(200).says(map[string]any{"contacts_created": "leads"})
	c.call("GET", "/integrations/salesforce/plan/"+id, "").is(200).says(map[string]any{"skipped": 1, "applied_at": "2026-03-01T12:00:00Z"})
	c.call("POST", "/integrations/salesforce/apply", `{"plan_id":"`+id+`"}`).is(409).says(map[string]any{"code": "conflict"})
}

func TestAPlanIsVoidOnceTheSettingsChangedOrADayPassed(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	c.said()
	id := c.call("POST", "/integrations/salesforce/plan", everythingToExisting).is(200).textAt("plan_id")
	c.call("PUT", "/integrations/salesforce/options", `{"align_duplicates":true}`).is(200)
	c.call("POST", "/integrations/salesforce/apply", `{"plan_id":"`+id+`"}`).is(409)
	c.call("PUT", "/integrations/salesforce/options", `{"align_duplicates":false}`).is(200)
	c.clock.Advance(24 * time.Hour)
	c.call("POST", "/integrations/salesforce/apply", `{"plan_id":"`+id+`"}`).is(404)
	c.call("GET", "/integrations/salesforce/plan/"+id, "").is(404)
	c.call("GET", "/integrations/salesforce/rules", "").is(200).says(map[string]any{"contacts_created": "none"})
}

func TestWhatIsWrongWithAPlanIsNamed(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	c.said()
	for _, test := range []struct{ body, field string }{
		{`{"scope":"all"}`, "scope"},
		{`{"rules":{"contacts_created":"all"}}`, "rules.contacts_created"},
		{`{"rules":{"defaults":{"Case.Subject":"x"}}}`, "defaults.Case.Subject"},
		{`{"modes":{"contact":{"nothing":"two_way"}}}`, "modes.contact.nothing"},
		{`{"modes":{"contact":{"job_title":"sometimes"}}}`, "modes.contact.job_title"},
		{`{"modes":{"deal":{"job_title":"two_way"}}}`, "modes.deal.job_title"},
		{`{"scope":"pending","more":1}`, "more"},
	} {
		if r := c.call("POST", "/integrations/salesforce/plan", test.body).is(422); !names(r, test.field) {
			t.Errorf("%s: %s does not name %s", test.body, r.text, test.field)
		}
	}
	c.call("POST", "/integrations/salesforce/plan", `{"scope":`).is(400)
	for _, body := range []string{`{}`, `{"plan_id":""}`, `{"plan_id":7}`} {
		if r := c.call("POST", "/integrations/salesforce/apply", body).is(422); !names(r, "plan_id") {
			t.Errorf("%s: %s does not name plan_id", body, r.text)
		}
	}
	c.call("POST", "/integrations/salesforce/apply", `{"plan_id":"none"}`).is(404)
	c.call("GET", "/integrations/salesforce/plan/none", "").is(404)
	id := c.call("POST", "/integrations/salesforce/plan", `{}`).is(200).textAt("plan_id")
	c.call("GET", "/integrations/salesforce/plan/"+id+"?cursor=x", "").is(422)
}
