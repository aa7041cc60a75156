package api_test

import (
	"testing"

	"conversion"
)

func TestContactsAreCombinedByHand(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	from := c.call("POST", "/contacts", `{"email":"a@example.org","variables":{"city":"Oslo"}}`).is(201).textAt("id")
	into := c.call("POST", "/contacts", `{"email":"b@example.org"}`).is(201).textAt("id")
	c.call("POST", "/contacts/"+from+"/combine", `{"into":"`+from+`"}`).is(422)
	c.call("POST", "/contacts/"+from+"/combine", `{"into":"nobody"}`).is(422)
	c.call("POST", "/contacts/"+from+"/combine", `{}`).is(422)
	c.call("POST", "/contacts/nobody/combine", `{"into":"`+into+`"}`).is(404)
	c.call("POST", "/contacts/"+from+"/combine", `{"into":"`+into+`"}`).is(200).says(map[string]any{"id": into, "email": "b@example.org"})
	c.call("GET", "/contacts/"+from, "").is(200).says(map[string]any{"id": into})
}

func TestCompaniesAreCombinedAndErasedLikewise(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	from := c.call("POST", "/companies", `{"name":"A"}`).is(201).textAt("id")
	into := c.call("POST", "/companies", `{"name":"B","domain":"b.example.org"}`).is(201).textAt("id")
	c.call("POST", "/companies/"+from+"/combine", `{"into":"`+into+`"}`).is(200).says(map[string]any{"id": into, "domain": "b.example.org"})
	c.call("POST", "/companies/"+from+"/erase", "").is(200).says(map[string]any{"status": "erased"})
	c.call("GET", "/companies/"+into, "").is(404)
}

func TestAContactIsErased(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	id := c.call("POST", "/contacts", `{"email":"a@example.org"}`).is(201).textAt("id")
	c.call("POST", "/contacts/"+id+"/erase", `{"salesforce":"yes"}`).is(422)
	c.call("GET", "/contacts/"+id, "").is(200)
	c.call("POST", "/contacts/"+id+"/erase", `{"salesforce":true}`).is(200).says(map[string]any{"id": id, "status": "erased"})
	for _, call := range []string{"/erase", "/restore"} {
		c.call("POST", "/contacts/"+id+call, "").is(404)
	}
	c.call("GET", "/ignored", "").is(200)
	c.call("GET", "/ignored?cursor=nonsense", "").is(422)
}

func TestRecordsAreSeparatedByHand(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	for kind, body := range map[conversion.Kind]string{conversion.KindContact: `{"email":"a@example.org"}`, conversion.KindCompany: `{"name":"A"}`} {
		path := map[conversion.Kind]string{conversion.KindContact: "/contacts", conversion.KindCompany: "/companies"}[kind]
		object := kind.Objects()[0]
		id := c.call("POST", path, body).is(201).textAt("id")
		books := c.store.Workspace(c.workspace)
		groups, err := books.Groups(t.Context(), conversion.GroupQuery{Kind: kind, IDs: []string{id}})
		must(t, err)
		for _, key := range []string{"one.example.org", "two.example.org"} {
			if kind == conversion.KindContact {
				key = "a@" + key
			}
			groups[0].Put(&conversion.Link{Ref: conversion.Ref{Object: object, ID: "r" + key}, State: conversion.LinkLive, Key: key, Placed: key})
		}
		must(t, books.Commit(t.Context(), conversion.Batch{At: 1, Plans: []conversion.Plan{{Group: groups[0], Expect: groups[0].Entity.Version}}}))
		record := groups[0].Links[1].Ref.ID
		for _, bad := range []string{`{}`, `{"record_ids":[]}`, `{"record_ids":["nobody"]}`, `{"record_ids":"x"}`} {
			c.call("POST", path+"/"+id+"/separate", bad).is(422)
		}
		c.call("POST", path+"/nobody/separate", `{"record_ids":["x"]}`).is(404)
		c.call("GET", path+"/"+id, "").is(200)
		own := c.call("POST", path+"/"+id+"/separate", `{"record_ids":["`+record+`"]}`).is(200)
		if own.textAt("id") == id || own.textAt("links.0.record_id") != record {
			t.Errorf("separated: %s", own.text)
		}
	}
}
