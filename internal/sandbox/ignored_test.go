package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAttributesThatMeanNothingAreRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead := m{"attributes": m{"type": "Lead", "sort": 1}, "LastName": "Doe", "Company": "Acme"}
	c.refused(400, "JSON_PARSER_ERROR", "POST", v67+"/sobjects/Lead", lead)
	var results []outcome
	c.want(200, &results, "POST", v67+"/composite/sobjects", m{"records": []m{lead}})
	if len(results) != 1 || results[0].Success {
		t.Errorf("in a collection: %+v", results)
	}
	c.want(400, nil, "POST", v67+"/composite/tree/Lead", m{"records": []m{
		{"attributes": m{"type": "Lead", "referenceId": "a", "sort": 1}, "LastName": "Doe", "Company": "Acme"}}})
	c.want(201, nil, "POST", v67+"/sobjects/Lead", m{"attributes": m{"type": "Lead", "url": "/services/data/v67.0/sobjects/Lead/x"}, "LastName": "Doe", "Company": "Acme"})
	if n := c.query("SELECT COUNT() FROM Lead").TotalSize; n != 1 {
		t.Errorf("%d leads", n)
	}
}

func TestTheListOfVersionsTakesNoParameterAndNoOtherMethod(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.refused(400, "ILLEGAL_QUERY_PARAMETER_VALUE", "GET", "/services/data?sort=1", nil)
	c.refused(405, "METHOD_NOT_ALLOWED", "POST", "/services/data", m{})
	c.want(200, nil, "GET", "//services/data/", nil)
}

func TestAValueOfTheWrongTypeIsShownAsItWasSent(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for value, want := range map[any]string{1.5: "1.5", true: "true"} {
		if got := c.refused(400, "INVALID_TYPE_ON_FIELD_IN_RECORD", "POST", v67+"/sobjects/Lead", m{"LastName": value}); !strings.HasSuffix(got, ": "+want) {
			t.Errorf("%v: %s", value, got)
		}
	}
}

func TestANewOrgIsDescribedSinceItsBeginning(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{Features: []string{"PersonAccounts", "SharedActivities"}})
	for _, object := range []string{"Lead", "Account", "User"} {
		response := c.send("GET", v67+"/sobjects/"+object+"/describe", nil)
		_ = response.Body.Close()
		if at, err := http.ParseTime(response.Header.Get("Last-Modified")); err != nil || !at.Equal(start) {
			t.Errorf("%s: %v, %v", object, at, err)
		}
	}
	c.want(304, nil, "GET", v67+"/sobjects/Lead/describe", nil, "If-Modified-Since", start.Add(time.Minute).Format(http.TimeFormat))
}

func TestAFaultThatCouldNeverStrikeOrDoesNothingIsRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead := c.lead("jo@x.test")
	for _, fault := range []m{
		{},
		{"operation": "update", "nth": 2},
		{"operation": "updaet", "status": 503},
		{"object": "Leed", "status": 503},
		{"user": "nobody@x.test", "status": 503},
		{"commitAfter": "-5m"},
		{"delay": "-1s"},
		{"nth": -1, "status": 503},
		{"status": 503, "answer": true},
		{"status": 503, "contentType": "text/plain"},
		{"record": 1},
		{"edit": m{"fields": m{"Title": "CEO"}}},
		{"edit": m{"id": lead}},
		{"edit": m{"id": lead, "fields": m{"Title": "CEO"}, "as": "nobody@x.test"}},
	} {
		c.refused(400, "JSON_PARSER_ERROR", "POST", "/__sandbox/faults", fault)
	}
	for _, name := range PresetNames() {
		c.want(201, nil, "POST", "/__sandbox/faults", m{"preset": name, "operation": "convertLead"})
	}
}

func TestAFieldBecomesUniqueOnlyWhileNoTwoRecordsShareAValue(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.want(204, nil, "POST", "/__sandbox/fields/Lead", m{"name": "Code__c", "type": "string", "length": 20})
	field := c.definition("SELECT Id FROM CustomField WHERE DeveloperName = 'Code'")
	first := c.insert("Lead", m{"LastName": "A", "Company": "A", "Code__c": "x"})
	second := c.insert("Lead", m{"LastName": "B", "Company": "B", "Code__c": "X"})
	c.insert("Lead", m{"LastName": "C", "Company": "C"})
	c.insert("Lead", m{"LastName": "D", "Company": "D"})
	unique := m{"Metadata": m{"unique": true}}
	path := v67 + "/tooling/sobjects/CustomField/" + field
	c.refused(400, "DUPLICATE_VALUE", "PATCH", path, unique)
	c.refused(400, "FIELD_INTEGRITY_EXCEPTION", "PATCH", path, m{"Metadata": m{"type": "Checkbox", "label": "Other", "length": 5, "externalId": true}})
	var kept struct{ Metadata m }
	c.want(200, &kept, "GET", path, nil)
	if got := kept.Metadata; got["unique"] != false || got["label"] != "Code" || got["length"] != 20.0 || got["externalId"] != false {
		t.Errorf("a refused change is kept: %v", got)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+second, m{"Code__c": "y"})
	c.want(204, nil, "PATCH", path, unique)
	c.refused(400, "DUPLICATE_VALUE", "PATCH", v67+"/sobjects/Lead/"+first, m{"Code__c": "Y"})
}

// definition is the id that a query of the Tooling API finds.
func (c *client) definition(soql string) string {
	c.t.Helper()
	var found result
	c.want(200, &found, "GET", v67+"/tooling/query?q="+url.QueryEscape(soql), nil)
	return found.Records[0]["Id"].(string)
}

func TestAQueryFindsANumberByItsIndex(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.want(204, nil, "POST", "/__sandbox/fields/Lead", m{"name": "Number__c", "type": "double", "precision": 18, "scale": 2, "externalId": true})
	for _, n := range []any{5, 0, 5, 7.25, nil, 1e15} {
		c.insert("Lead", m{"LastName": "A", "Company": "A", "Number__c": n})
	}
	for condition, want := range map[string]int{
		"Number__c = 5": 2, "Number__c = 5.0": 2, "Number__c = 7.25": 1, "Number__c = -0": 1, "Number__c = 1e15": 1,
		"Number__c IN (5, 7.25, 8)": 3, "Number__c = null": 1, "Number__c != 5": 4, "Number__c IN (5, null)": 3,
	} {
		if got := c.query("SELECT Id FROM Lead WHERE " + condition).TotalSize; got != want {
			t.Errorf("%s: %d records, want %d", condition, got, want)
		}
	}
	var explained struct {
		Plans []struct{ LeadingOperationType string }
	}
	c.want(200, &explained, "GET", v67+"/query?explain="+url.QueryEscape("SELECT Id FROM Lead WHERE Number__c = 5"), nil)
	if len(explained.Plans) == 0 || explained.Plans[0].LeadingOperationType != "Index" {
		t.Errorf("explained as %+v", explained)
	}
}

func TestAQueueOwnsOnlyWhatItSupports(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead := c.lead("jo@x.test")
	var queue struct{ ID string }
	c.want(201, &queue, "POST", v67+"/sobjects/Group", m{"Name": "Q", "DeveloperName": "Q", "Type": "Queue"})
	c.refused(400, "INVALID_OPERATION", "PATCH", v67+"/sobjects/Lead/"+lead, m{"OwnerId": queue.ID})
	c.want(201, nil, "POST", v67+"/sobjects/QueueSobject", m{"QueueId": queue.ID, "SobjectType": "Lead"})
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+lead, m{"OwnerId": queue.ID})
	c.refused(400, "INVALID_OPERATION", "POST", v67+"/sobjects/Task", m{"OwnerId": queue.ID})
}

func TestAPersonAccountIsNamedByTheNamesOfThePerson(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{Features: []string{"PersonAccounts"}})
	types := c.query("SELECT Id FROM RecordType WHERE IsPersonType = true").Records[0]["Id"]
	person := m{"FirstName": "Jo", "LastName": "Doe", "RecordTypeId": types}
	var made struct{ ID string }
	c.want(201, &made, "POST", v67+"/sobjects/Account", person)
	c.refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "PATCH", v67+"/sobjects/Account/"+made.ID, m{"Name": "Acme"})
	person["Name"] = "Acme"
	c.refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "POST", v67+"/sobjects/Account", person)
	c.want(204, nil, "PATCH", v67+"/sobjects/Account/"+made.ID, m{"LastName": "Roe"})
	if got := c.record(made.ID)["Name"]; got != "Jo Roe" {
		t.Errorf("named %v", got)
	}
}

func TestAParentIsGivenOnceAndIsOfItsType(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.want(204, nil, "POST", "/__sandbox/fields/Account", m{"name": "Key__c", "type": "string", "length": 20, "externalId": true})
	acme, other := c.insert("Account", m{"Name": "Acme", "Key__c": "a"}), c.insert("Account", m{"Name": "Other"})
	const path = v67 + "/sobjects/Contact"
	parent := func(attributes m) m {
		return m{"LastName": "Doe", "Account": m{"attributes": attributes, "Key__c": "a"}}
	}
	c.refused(400, "INVALID_FIELD", "POST", path, m{"LastName": "Doe", "AccountId": other, "Account": m{"Key__c": "a"}})
	c.refused(400, "INVALID_FIELD", "POST", path, m{"LastName": "Doe", "accountid": nil, "Account": m{"Key__c": "a"}})
	c.refused(400, "INVALID_FIELD", "POST", path, parent(m{"type": "Lead"}))
	c.refused(400, "JSON_PARSER_ERROR", "POST", path, parent(m{"type": "Account", "sort": 1}))
	var made struct{ ID string }
	c.want(201, &made, "POST", path, parent(m{"type": "account"}))
	if got := c.record(made.ID)["AccountId"]; got != acme {
		t.Errorf("belongs to %v", got)
	}
	owner := func(of m) m { return m{"LastName": "Doe", "Company": "Acme", "Owner": of} }
	c.refused(400, "INVALID_FIELD", "POST", v67+"/sobjects/Lead", owner(m{"Username": SalesUser}))
	c.want(201, &made, "POST", v67+"/sobjects/Lead", owner(m{"attributes": m{"type": "User"}, "Username": SalesUser}))
	if got := c.record(made.ID)["OwnerId"]; got != c.org.User(SalesUser).ID() {
		t.Errorf("owned by %v", got)
	}
}
