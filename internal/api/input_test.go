package api_test

import (
	"net/http"
	"strings"
	"testing"

	"conversion"
	"conversion/internal/testkit"
)

// TestBadInputIsRefusedNamingTheFieldAndNothingChanges is spec 9.
func TestBadInputIsRefusedNamingTheFieldAndNothingChanges(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) { refusesBadInput(t, newHouseOn(t, database).home.numbered()) })
}

func refusesBadInput(t *testing.T, c *client) {
	ada := c.call("POST", "/contacts", `{"email":"ada@example.org","variables":{"city":"London"}}`).is(201).textAt("id")
	bob := c.call("POST", "/contacts", `{"email":"bob@example.org"}`).is(201).textAt("id")
	acme := c.call("POST", "/companies", `{"domain":"acme.com","name":"Acme"}`).is(201).textAt("id")
	c.call("POST", "/companies", `{"domain":"other.com"}`).is(201)
	before := c.call("GET", "/contacts", "").text + c.call("GET", "/companies", "").text + c.call("GET", "/variables", "").text
	huge := `"` + strings.Repeat("x", 1<<20) + `"`
	for _, row := range []struct {
		name, call, body string
		status           int
		field            string // "" when no field is to blame
	}{
		{"a body that is no JSON", "POST /contacts", `{"email":`, 400, "body"},
		{"something after the JSON", "POST /contacts", `{"email":"new@example.org"} {}`, 400, "body"},
		{"no body", "POST /contacts", ``, 400, ""},
		{"a body that is no object", "POST /contacts", `["new@example.org"]`, 422, "body"},
		{"a huge body", "POST /contacts", `{"email":` + huge + `}`, 413, ""},
		{"a contact without e-mail", "POST /contacts", `{"variables":{}}`, 422, "email"},
		{"a contact with a blank e-mail", "POST /contacts", `{"email":""}`, 422, "email"},
		{"a contact whose e-mail is null", "POST /contacts", `{"email":null}`, 422, "email"},
		{"a bad e-mail", "POST /contacts", `{"email":"Ada <a@example.org>"}`, 422, "email"},
		{"an e-mail of a wrong type", "POST /contacts", `{"email":7}`, 422, "email"},
		{"an unknown property", "POST /contacts", `{"email":"new@example.org","name":"x"}`, 422, "name"},
		{"a property in the wrong case", "POST /contacts", `{"Email":"new@example.org"}`, 422, "email"},
		{"an unknown variable", "POST /contacts", `{"email":"new@example.org","variables":{"nope":1}}`, 422, "variables.nope"},
		{"a text for a number", "POST /contacts", `{"email":"new@example.org","variables":{"score":"1"}}`, 422, "variables.score"},
		{"a number for a text", "POST /contacts", `{"email":"new@example.org","variables":{"city":1}}`, 422, "variables.city"},
		{"an object as a value", "POST /contacts", `{"email":"new@example.org","variables":{"city":{}}}`, 422, "variables.city"},
		{"an over-long value", "POST /contacts", `{"email":"new@example.org","variables":{"city":"` + strings.Repeat("x", 131073) + `"}}`, 422, "variables.city"},
		{"a NUL in a value", "POST /contacts", `{"email":"new@example.org","variables":{"city":"a\u0000b"}}`, 422, "variables.city"},
		{"variables that are no object", "POST /contacts", `{"email":"new@example.org","variables":[]}`, 422, "variables"},
		{"a company that is not there", "POST /contacts", `{"email":"new@example.org","company_id":"nope"}`, 422, "company_id"},
		{"a NUL in the id of a company", "POST /contacts", `{"email":"new@example.org","company_id":"a\u0000b"}`, 422, "company_id"},
		{"a flag of a wrong type", "POST /contacts", `{"email":"new@example.org","sync_to_crm":"no"}`, 422, "sync_to_crm"},

		{"clearing an e-mail", "PATCH /contacts/" + ada, `{"email":null}`, 422, "email"},
		{"an e-mail that another contact has", "PATCH /contacts/" + ada, `{"email":"BOB@example.org"}`, 409, "email"},
		{"one wrong value among right ones", "PATCH /contacts/" + ada, `{"variables":{"city":"Paris","score":true}}`, 422, "variables.score"},
		{"a patch of nobody", "PATCH /contacts/nobody", `{}`, 404, ""},
		{"a delete with a bad flag", "DELETE /contacts/" + ada + "?sync_to_crm=perhaps", ``, 422, "sync_to_crm"},

		{"a bad cursor", "GET /contacts?cursor=nope", ``, 422, "cursor"},
		{"a cursor of another list", "GET /contacts?cursor=eyJsIjoiaGVsZCIsImkiOiIxIn0", ``, 422, "cursor"},
		{"a limit of none", "GET /contacts?limit=0", ``, 422, "limit"},
		{"a limit above 1,000", "GET /contacts?limit=1001", ``, 422, "limit"},
		{"a limit that is no number", "GET /contacts?limit=many", ``, 422, "limit"},
		{"a time that is none", "GET /contacts?updated_since=yesterday", ``, 422, "updated_since"},
		{"a filter that is no e-mail", "GET /contacts?email=nobody", ``, 422, "email"},
		{"an unknown filter", "GET /contacts?emial=ada@example.org", ``, 422, "emial"},
		{"a NUL in the address", "GET /contacts?q=a%00b", ``, 400, ""},
		{"bytes that are no text in the address", "GET /contacts/%ff", ``, 400, ""},

		{"a company without name and domain", "POST /companies", `{}`, 422, "name"},
		{"a domain that is none", "POST /companies", `{"domain":"n/a"}`, 422, "domain"},
		{"a company's company", "POST /companies", `{"name":"x","company_id":"` + acme + `"}`, 422, "company_id"},
		{"clearing a company's name", "PATCH /companies/" + acme, `{"name":null}`, 422, "name"},
		{"a domain that another company has", "PATCH /companies/" + acme, `{"domain":"www.other.com"}`, 409, "domain"},

		{"a variable of an unknown object", "POST /variables", `{"object":"lead","key":"x","type":"text"}`, 422, "object"},
		{"a variable of an unknown type", "POST /variables", `{"object":"contact","key":"x","type":"blob"}`, 422, "type"},
		{"a variable with a bad key", "POST /variables", `{"object":"contact","key":"1 x","type":"text"}`, 422, "key"},
		{"a variable whose key is taken", "POST /variables", `{"object":"contact","key":"city","type":"text"}`, 409, "key"},
		{"an unknown mode", "PATCH /variables/contact/city", `{"mode":"sometimes"}`, 422, "mode"},
		{"leaving the e-mail out", "PATCH /variables/contact/email", `{"left_out":true}`, 422, "left_out"},
		{"a patch of no variable", "PATCH /variables/contact/nope", `{"label":"x"}`, 404, ""},
		{"variables of an unknown object", "GET /variables?object=lead", ``, 422, "object"},
		{"a bad cursor of variables", "GET /variables?cursor=x", ``, 422, "cursor"},

		{"an engagement of nobody", "POST /engagements", `{"contact_id":"nobody","type":"Call"}`, 422, "contact_id"},
		{"an engagement without a type", "POST /engagements", `{"contact_id":"` + ada + `","type":" "}`, 422, "type"},
		{"an engagement at no time", "POST /engagements", `{"contact_id":"` + ada + `","type":"Call","occurred_at":"noon"}`, 422, "occurred_at"},
		{"an engagement after the last year", "POST /engagements", `{"contact_id":"` + ada + `","type":"Call","occurred_at":"9999-12-31T23:59:59-05:00"}`, 422, "occurred_at"},
		{"a NUL in the id of a contact", "POST /engagements", `{"contact_id":"a\u0000b","type":"Call"}`, 422, "contact_id"},
		{"engagements of nobody", "GET /contacts/nobody/engagements", ``, 404, ""},

		{"a rule with an option it does not have", "PUT /integrations/salesforce/rules", `{"contacts_deleted":"leads"}`, 422, "contacts_deleted"},
		{"an unknown rule", "PUT /integrations/salesforce/rules", `{"contacts_merged":"all"}`, 422, "contacts_merged"},
		{"a default of no field", "PUT /integrations/salesforce/rules", `{"defaults":{"Case.Status":"x"}}`, 422, "defaults.Case.Status"},
		{"an interval out of range", "PUT /integrations/salesforce/options", `{"interval_minutes":1441}`, 422, "interval_minutes"},
		{"an interval that is no whole number", "PUT /integrations/salesforce/options", `{"interval_minutes":1.5}`, 422, "interval_minutes"},
		{"an unknown option", "PUT /integrations/salesforce/options", `{"turbo":true}`, 422, "turbo"},
		{"a breaker out of range", "PUT /integrations/salesforce/options", `{"breaker":{"max_deletions":0}}`, 422, "breaker.max_deletions"},
		{"an unknown flow", "POST /integrations/salesforce/connect", `{"flow":"password"}`, 422, "flow"},
		{"a login host nobody trusts", "POST /integrations/salesforce/connect", `{"flow":"web","login_url":"https://evil.example","client_id":"x"}`, 422, "login_url"},
		{"no connected app", "POST /integrations/salesforce/connect", `{"flow":"web"}`, 422, "client_id"},
		{"pausing what is not connected", "POST /integrations/salesforce/pause", ``, 409, ""},
		{"a sync of what is not connected", "POST /integrations/salesforce/sync", ``, 409, ""},

		{"no such run", "GET /runs/nope", ``, 404, ""},
		{"the records of no run", "GET /runs/nope/records", ``, 404, ""},
		{"runs of an unknown direction", "GET /runs?direction=sideways", ``, 422, "direction"},
		{"no such approval", "POST /approvals/nope", `{"approve":true}`, 404, ""},
		{"a decision that is none", "POST /approvals/nope", `{}`, 422, "approve"},
		{"an address where nothing is", "GET /nope", ``, 404, ""},
		{"a method that is none", "DELETE /contacts", ``, 405, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			method, path, _ := strings.Cut(row.call, " ")
			r := c.in(t).call(method, path, row.body).is(row.status)
			if got := r.header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("answered %s", got)
			}
			r.says(map[string]any{"status": row.status, "title": http.StatusText(row.status)})
			if row.field != "" && !names(r, row.field) {
				t.Errorf("does not name %s\n%s", row.field, r.text)
			}
		})
	}
	if r := c.call("GET", "/contacts?updated_since=yesterday", ""); !strings.Contains(r.text, "is not a time like 2026-01-31T09:00:00Z") {
		t.Errorf("does not say how a time is written\n%s", r.text)
	}
	c.call("PATCH", "/contacts/"+ada, `{"email":"bob@example.org"}`).is(409).says(map[string]any{"conflicting_id": bob})
	if after := c.call("GET", "/contacts", "").text + c.call("GET", "/companies", "").text + c.call("GET", "/variables", "").text; after != before {
		t.Errorf("refused calls changed something:\n%s\nwas\n%s", after, before)
	}
	if runs := c.call("GET", "/runs", "").length("data"); runs != 0 {
		t.Errorf("refused calls queued %d runs", runs)
	}
}

// TestWhatDescribeForbidsIsRefusedNamingTheVariable is spec 9's second sentence.
func TestWhatDescribeForbidsIsRefusedNamingTheVariable(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	id := c.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id")
	for key, kind := range map[string]string{"size": "number", "born": "date", "tier": "text"} {
		c.call("POST", "/variables", `{"object":"contact","key":"`+key+`","type":"`+kind+`"}`).is(201)
	}
	c.described("first_name", conversion.Field{Type: "string", Length: 40})
	c.described("size", conversion.Field{Type: "double", Precision: 5, Scale: 2})
	c.described("tier", conversion.Field{Type: "picklist", Restricted: true, Picklist: []string{"Gold", "Silver"}})
	for _, row := range []struct{ name, key, wrong, right string }{
		{"a text longer than its field", "first_name", `"` + strings.Repeat("x", 41) + `"`, `"` + strings.Repeat("x", 40) + `"`},
		{"a number with more digits than its field", "size", `1234.5`, `123.45`},
		{"a value that the picklist does not have", "tier", `"Bronze"`, `"Gold"`},
		{"a day that there is not", "born", `"2026-02-30"`, `"2026-02-28"`},
		{"a date in another form", "born", `"28.2.2026"`, `null`},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := c.in(t)
			for _, call := range []string{"PATCH /contacts/" + id, "POST /contacts"} {
				method, path, _ := strings.Cut(call, " ")
				email := ""
				if method == "POST" {
					email = `"email":"ada@example.org",`
				}
				c.call(method, path, `{`+email+`"variables":{"`+row.key+`":`+row.wrong+`}}`).is(422).
					says(map[string]any{"errors.0.field": "variables." + row.key})
				c.call(method, path, `{`+email+`"variables":{"`+row.key+`":`+row.right+`}}`).is(200)
			}
		})
	}
}

// described gives a contact's variable a field of Leads, as reading an org's describe does.
func (c *client) described(key string, f conversion.Field) {
	c.t.Helper()
	f.Object, f.Name = conversion.Lead, key
	books := c.store.Workspace(c.workspace)
	schema, err := books.Schema(c.t.Context(), conversion.KindContact)
	must(c.t, err)
	v := *schema.ByKey(key)
	v.Fields = append(v.Fields, f)
	must(c.t, books.SaveVariables(c.t.Context(), conversion.KindContact, []conversion.Variable{v}))
}

func TestAnEmailOfAnotherContactsRecordIsTaken(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	ada := c.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id")
	bob := c.call("POST", "/contacts", `{"email":"bob@example.org"}`).is(201).textAt("id")
	c.linked(bob, "00Q000000000001AAA")
	c.call("PATCH", "/contacts/"+bob, `{"email":"robert@example.org"}`).is(200) // the record still has the old one
	c.call("PATCH", "/contacts/"+ada, `{"email":"bob@example.org"}`).is(409).says(map[string]any{
		"conflicting_id": bob, "errors.0.field": "email",
	})
	c.call("GET", "/contacts/"+ada, "").says(map[string]any{"email": "ada@example.org"})
}

func names(r reply, field string) bool {
	errors, _ := r.body["errors"].([]any)
	for _, e := range errors {
		if e.(map[string]any)["field"] == field {
			return true
		}
	}
	return false
}

func TestOnlyJSONIsRead(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	header := http.Header{"X-Api-Key": {c.key}, "Content-Type": {"text/csv"}}
	c.send("POST", "/contacts", `{"email":"a@example.org"}`, header).is(415)
	header.Set("Content-Type", "application/json; charset=utf-8")
	c.send("POST", "/contacts", `{"email":"a@example.org"}`, header).is(201)
}

func TestAWrongMethodIsToldTheRightOnes(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	if got := c.call("PUT", "/contacts", "").is(405).header.Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("allowed are %q", got)
	}
}
