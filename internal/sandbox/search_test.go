package sandbox

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// find runs a search and lists what it found as Object:Name.
func (c *client) find(sosl string) []string {
	c.t.Helper()
	return c.foundBy("GET", "/search/?q="+url.QueryEscape(sosl), nil)
}

func (c *client) foundBy(method, path string, body any) []string {
	c.t.Helper()
	var answer struct{ SearchRecords []m }
	c.want(200, &answer, method, v67+path, body)
	found := []string{}
	for _, r := range answer.SearchRecords {
		attributes := r["attributes"].(m)
		if !strings.HasPrefix(attributes["url"].(string), v67+"/sobjects/") {
			c.t.Errorf("attributes %v", attributes)
		}
		found = append(found, fmt.Sprint(attributes["type"], ":", r["Name"]))
	}
	return found
}

func searched(t *testing.T) *client {
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "Acme Rockets", "Phone": "(415) 555-1234", "Website": "acme.example"})
	c.insert("Contact", m{"FirstName": "Joan", "LastName": "Acme", "AccountId": account, "Email": "joan@rockets.example"})
	c.insert("Contact", m{"FirstName": "Jim", "LastName": "Doe", "AccountId": account, "Description": "met at Acme"})
	c.insert("Lead", m{"LastName": "Roe", "Company": "Acme", "Email": "roe@acme.example"})
	return c
}

func TestASearchFindsWordsInTheFieldsOfAGroup(t *testing.T) {
	t.Parallel()
	c := searched(t)
	for search, want := range map[string][]string{
		"FIND {acme} RETURNING Account(Name), Contact(Name), Lead(Name)":                                 {"Account:Acme Rockets", "Contact:Joan Acme", "Contact:Jim Doe", "Lead:Roe"},
		"FIND {acme} IN NAME FIELDS RETURNING Contact(Name), Lead(Name)":                                 {"Contact:Joan Acme", "Lead:Roe"},
		"FIND {acme} IN EMAIL FIELDS RETURNING Contact(Name), Lead(Name)":                                {"Lead:Roe"},
		"FIND {joan@rockets.example} IN EMAIL FIELDS RETURNING Contact(Name)":                            {"Contact:Joan Acme"},
		"FIND {4155551234} IN PHONE FIELDS RETURNING Account(Name)":                                      {"Account:Acme Rockets"},
		"FIND {555*} IN PHONE FIELDS RETURNING Account(Name)":                                            {"Account:Acme Rockets"},
		"FIND {Ji* AND NOT joan} RETURNING Contact(Name)":                                                {"Contact:Jim Doe"},
		"FIND {acme} RETURNING Contact(Name WHERE Account.Name LIKE 'Acme%' ORDER BY FirstName LIMIT 1)": {"Contact:Jim Doe"},
		"FIND {acme} RETURNING Contact(Name ORDER BY FirstName LIMIT 5 OFFSET 1)":                        {"Contact:Joan Acme"},
		"FIND {acme} RETURNING Account(Name), Contact(Name), Lead(Name) LIMIT 2":                         {"Contact:Joan Acme", "Lead:Roe"},
		"FIND {acme} RETURNING Account(Name), Contact(Name), Lead(Name) WITH SPELL_CORRECTION = false":   {"Account:Acme Rockets", "Contact:Joan Acme", "Contact:Jim Doe", "Lead:Roe"},
		"FIND {nobody} RETURNING Contact":                                                                nil,
		"FIND {acme} RETURNING Lead":                                                                     {"Lead:<nil>"},
		"FIND {acme}":                                                                                    {"Account:<nil>", "Contact:<nil>", "Contact:<nil>", "Lead:<nil>"},
	} {
		if got := c.find(search); !slices.Equal(got, append([]string{}, want...)) {
			t.Errorf("%s: %v, want %v", search, got, want)
		}
	}
}

func TestASearchByParametersIsTheSameSearch(t *testing.T) {
	t.Parallel()
	c := searched(t)
	want := []string{"Contact:Joan Acme", "Lead:Roe"}
	for name, tc := range map[string]struct {
		method, path string
		body         any
	}{
		"in the address": {"GET", "/parameterizedSearch/?q=acme&in=NAME&sobject=Contact&sobject=Lead&Contact.fields=Id,Name&Lead.fields=Name&Contact.where=" + url.QueryEscape("FirstName = 'Joan'") + "&defaultLimit=5", nil},
		"in the body":    {"POST", "/parameterizedSearch", m{"q": "acme", "in": "NAME", "fields": []string{"id", "Name"}, "sobjects": []m{{"name": "Contact", "where": "FirstName = 'Joan'"}, {"name": "Lead", "limit": 1}}, "overallLimit": "10"}},
	} {
		if got := c.foundBy(tc.method, tc.path, tc.body); !slices.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, path := range []string{"?q=acme&sobject=Lead&color=red", "?q=acme&sobject=Lead&Contact.fields=Id", "?q=acme&defaultLimit=x"} {
		c.refused(400, "ILLEGAL_QUERY_PARAMETER_VALUE", "GET", v67+"/parameterizedSearch"+path, nil)
	}
	c.refused(400, "MALFORMED_SEARCH", "GET", v67+"/parameterizedSearch?q=acme&fields=Id", nil)
	c.refused(400, "MALFORMED_SEARCH", "POST", v67+"/parameterizedSearch", m{"q": "a"})
}

func TestASearchThatCannotRunIsRefused(t *testing.T) {
	t.Parallel()
	c := searched(t)
	for search, code := range map[string]string{
		"":                                "MALFORMED_SEARCH",
		"acme":                            "MALFORMED_SEARCH",
		"FIND {a}":                        "MALFORMED_SEARCH",
		"FIND acme":                       "MALFORMED_SEARCH",
		"FIND {acme} RETURNING Foo(Id)":   "INVALID_TYPE",
		"FIND {acme} RETURNING Lead(Foo)": "INVALID_FIELD",
		"FIND {acme} RETURNING Lead(Id WHERE Foo = 1)":                 "INVALID_FIELD",
		"FIND {acme} RETURNING Lead(Id WHERE)":                         "MALFORMED_SEARCH",
		"FIND {acme} RETURNING Lead(COUNT(Id))":                        "MALFORMED_SEARCH",
		"FIND {acme} RETURNING Account(Id, (SELECT Id FROM Contacts))": "MALFORMED_SEARCH",
		"FIND {acme} RETURNING Organization(Id)":                       "INVALID_TYPE_FOR_OPERATION",
	} {
		c.refused(400, code, "GET", v67+"/search?q="+url.QueryEscape(search), nil)
	}
	var refused []m
	c.want(400, &refused, "GET", v67+"/search?q=acme", nil)
	if want, absent := recorded(t, "responses/restforce/search_error_response.json"); !absent {
		sameKeys(t, "a refusal", refused[0], want.([]any)[0])
	}
}

func TestASearchAnswerHasTheShapeOfARecordedOne(t *testing.T) {
	t.Parallel()
	c := searched(t)
	want, absent := recorded(t, "responses/search-results.json")
	if absent {
		return
	}
	var got m
	c.want(200, &got, "GET", v67+"/search?q="+url.QueryEscape("FIND {acme} RETURNING Contact(FirstName, LastName, Department)"), nil)
	sameKeys(t, "the answer", got, want)
	sameKeys(t, "a record", got["searchRecords"].([]any)[0], want.(m)["searchRecords"].([]any)[0])
	if log := c.org.Requests(); log[0].Operation != "search" || log[0].Object != "Contact" || !strings.HasPrefix(log[0].Query, "FIND") {
		t.Errorf("logged as %+v", log[0])
	}
}
