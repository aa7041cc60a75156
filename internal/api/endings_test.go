package api_test

import "testing"

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
