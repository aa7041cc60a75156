package api_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"conversion"
)

func TestACompanyIsMadeFoundChangedAndDeleted(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	made := c.call("POST", "/companies", `{"name":"Acme","domain":"https://www.Acme.com/about","variables":{"industry":"Metal"}}`).is(201)
	made.says(map[string]any{"name": "Acme", "domain": "acme.com", "variables.industry": "Metal", "origin": "api"})
	if made.length("links") != 0 || made.length("ignored") != 0 {
		t.Errorf("a new company has links or ignored variables\n%s", made.text)
	}
	id := made.textAt("id")
	c.call("POST", "/companies", `{"domain":"acme.com","variables":{"industry":"Wood"}}`).is(200).says(map[string]any{"id": id, "name": "Acme", "variables.industry": "Wood"})
	c.call("PATCH", "/companies/"+id, `{"name":"Acme Ltd","variables":{"industry":null}}`).is(200).says(map[string]any{"name": "Acme Ltd", "variables.industry": nil})
	c.call("PATCH", "/companies/"+id, `{"domain":null}`).is(200).says(map[string]any{"domain": nil, "name": "Acme Ltd"})
	c.call("GET", "/companies/"+id+"/timeline", "").is(200).says(map[string]any{"data.0.by.kind": "api_key"})
	c.call("DELETE", "/companies/"+id, "").is(204)
	c.call("GET", "/companies/"+id, "").is(404)
	c.call("POST", "/companies/"+id+"/restore", "").is(200).says(map[string]any{"id": id})
	c.call("GET", "/companies/"+id, "").is(200).says(map[string]any{"name": "Acme Ltd"})
}

func TestCompaniesWithoutDomainAreAlwaysNew(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	first := c.call("POST", "/companies", `{"name":"Acme"}`).is(201).says(map[string]any{"domain": nil}).textAt("id")
	second := c.call("POST", "/companies", `{"name":"Acme"}`).is(201).textAt("id")
	if first == second {
		t.Error("two companies of one name are one")
	}
}

func TestCompaniesAreListedByFilterAndPage(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	for _, body := range []string{`{"name":"Acme","domain":"acme.com"}`, `{"name":"Bolt","domain":"bolt.com"}`, `{"name":"Cask"}`} {
		c.clock.Advance(time.Hour)
		c.call("POST", "/companies", body).is(201)
	}
	for _, row := range []struct{ name, query, want string }{
		{"all of them, newest first", "", "Cask Bolt Acme"},
		{"by domain", "?domain=acme.com", "Acme"},
		{"by the website of the domain", "?domain=www.bolt.com", "Bolt"},
		{"by the beginning of the name", "?q=cas", "Cask"},
		{"by the time of the last change", "?updated_since=2026-03-01T14:30:00Z", "Cask"},
		{"the limit", "?limit=2", "Cask Bolt"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var names []string
			for _, item := range c.in(t).call("GET", "/companies"+row.query, "").is(200).at("data").([]any) {
				names = append(names, item.(map[string]any)["name"].(string))
			}
			if got := strings.Join(names, " "); got != row.want {
				t.Errorf("lists %q, want %q", got, row.want)
			}
		})
	}
}

func TestABatchOfCompaniesHasAResultEach(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	c.call("POST", "/companies/batch", `{"companies":[{"domain":"acme.com"},{"domain":"n/a"},{"name":"Bolt"},{"domain":"acme.com","name":"Acme"}]}`).is(200).says(map[string]any{
		"data.0.status": 201, "data.0.company.domain": "acme.com",
		"data.1.status": 422, "data.1.error.errors.0.field": "domain",
		"data.2.status": 201, "data.2.company.name": "Bolt",
		"data.3.status": 200, "data.3.company.name": "Acme",
	})
	if n := c.call("GET", "/companies", "").length("data"); n != 2 {
		t.Errorf("there are %d companies, want 2", n)
	}
}

func TestVariablesAreListedMadeAndChanged(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	c.call("POST", "/variables", `{"object":"contact","key":"Tier__c","label":"Tier","type":"number"}`).is(201).says(map[string]any{
		"object": "contact", "key": "Tier__c", "label": "Tier", "type": "number", "mode": "two_way", "read_only": false, "left_out": false, "opt_out": false,
	})
	c.call("PATCH", "/variables/contact/Tier__c", `{"label":"Level","mode":"always_conversion","left_out":true}`).is(200).says(map[string]any{
		"label": "Level", "mode": "always_conversion", "left_out": true,
	})
	find := func(r reply, key string) map[string]any {
		for _, item := range r.at("data").([]any) {
			if v := item.(map[string]any); v["key"] == key {
				return v
			}
		}
		return nil
	}
	c.described("job_title", conversion.Field{Type: "string"})
	contacts := c.call("GET", "/variables?object=contact", "").is(200)
	if v := find(contacts, "Tier__c"); v == nil || v["label"] != "Level" {
		t.Errorf("the list has %v", v)
	}
	fields, _ := json.Marshal(find(contacts, "job_title")["salesforce_fields"])
	if string(fields) != `["Lead.job_title"]` {
		t.Errorf("job_title is the same as %s", fields)
	}
	if find(c.call("GET", "/variables?object=company", ""), "Tier__c") != nil {
		t.Error("a contact's variable is a company's")
	}
	both, part, parts := c.call("GET", "/variables", "").length("data"), c.call("GET", "/variables?limit=7", ""), 7
	for part.at("next_cursor") != nil {
		part = c.call("GET", "/variables?limit=7&cursor="+part.textAt("next_cursor"), "").is(200)
		parts += part.length("data")
	}
	if both != parts {
		t.Errorf("the pages hold %d variables, want %d", parts, both)
	}
}

func TestEngagementsAreRecordedAndListed(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	ada := c.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id")
	bob := c.call("POST", "/contacts", `{"email":"bob@example.org"}`).is(201).textAt("id")
	c.call("POST", "/engagements", `{"contact_id":"`+ada+`","type":"Call","subject":"Hello","occurred_at":"2026-02-01T10:00:00+02:00","data":{"minutes":12345678901234567890}}`).is(201).says(map[string]any{
		"contact_id": ada, "type": "Call", "subject": "Hello", "occurred_at": "2026-02-01T08:00:00Z", "record": nil, "deleted": false,
		"data.minutes": json.Number("12345678901234567890"),
	})
	c.call("POST", "/engagements", `{"contact_id":"`+ada+`","type":"Visit"}`).is(201).says(map[string]any{"occurred_at": "2026-03-01T12:00:00Z"})
	c.call("POST", "/engagements", `{"contact_id":"`+bob+`","type":"Call"}`).is(201)
	for path, want := range map[string]int{
		"/engagements":                               3,
		"/engagements?type=Call":                     2,
		"/engagements?contact_id=" + ada:             2,
		"/engagements?type=Call&contact_id=" + ada:   1,
		"/engagements?limit=1":                       1,
		"/contacts/" + ada + "/engagements":          2,
		"/contacts/" + bob + "/engagements?limit=10": 1,
	} {
		if got := c.call("GET", path, "").is(200).length("data"); got != want {
			t.Errorf("GET %s lists %d, want %d", path, got, want)
		}
	}
	c.call("GET", "/contacts/"+ada+"/engagements?limit=1", "").is(200).says(map[string]any{"data.0.type": "Visit"})
}

func TestAVariableTellsWhatIsWrongWithItsFields(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	must(t, c.store.Workspace(c.workspace).SaveVariables(t.Context(), conversion.KindContact, []conversion.Variable{
		{
			ID: 70, Kind: conversion.KindContact, Key: "Tier__c", Label: "Tier", Type: conversion.TypeText, Mode: conversion.ModeTwoWay,
			Fields: []conversion.Field{{Object: conversion.Lead, Name: "Tier__c", Gone: conversion.MomentOf(start)}},
			Problems: []conversion.FieldProblem{{
				Object: conversion.Lead, Field: "Tier__c", Code: conversion.FieldGone, RenamedTo: "Level__c",
				Since: conversion.MomentOf(start), Message: "It is gone.", Hint: "Look for it.",
			}},
		},
		{ID: 71, Kind: conversion.KindContact, Key: "Zone__c", Label: "Zone", Type: conversion.TypeText, Mode: conversion.ModeTwoWay},
	}))
	told := func() map[string]string {
		got := make(map[string]string)
		for _, item := range c.call("GET", "/variables?object=contact", "").is(200).at("data").([]any) {
			v := item.(map[string]any)
			problems, err := json.Marshal(v["problems"])
			must(t, err)
			got[v["key"].(string)] = string(problems)
		}
		return got
	}
	want := `[{"code":"field_gone","field":"Lead.Tier__c","hint":"Look for it.","message":"It is gone.","renamed_to":"Lead.Level__c","since":"2026-03-01T12:00:00Z"}]`
	if got := told(); got["Tier__c"] != want || got["Zone__c"] != "[]" {
		t.Errorf("Tier__c tells %s, Zone__c %s", got["Tier__c"], got["Zone__c"])
	}
	c.call("PATCH", "/variables/contact/Tier__c", `{"left_out":true}`).is(200)
	if got := told()["Tier__c"]; got != "[]" {
		t.Errorf("left out it still tells %s", got)
	}
}
