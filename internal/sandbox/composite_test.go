package sandbox

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// part is a subrequest of a composite.
func part(id, method, path string, body any) m {
	return m{"referenceId": id, "method": method, "url": path, "body": body}
}

type composed struct {
	CompositeResponse []struct {
		Body           any
		HTTPHeaders    m `json:"httpHeaders"`
		HTTPStatusCode int
		ReferenceID    string
	}
}

func (c composed) statuses() string {
	var all []int
	for _, r := range c.CompositeResponse {
		all = append(all, r.HTTPStatusCode)
	}
	return fmt.Sprint(all)
}

// firstError is the code and message of the first error in a subrequest's body.
func (c composed) firstError(i int) (code, message string) {
	errors, _ := c.CompositeResponse[i].Body.([]any)
	if len(errors) == 0 {
		return "", ""
	}
	first, _ := errors[0].(m)
	code, _ = first["errorCode"].(string)
	message, _ = first["message"].(string)
	return code, message
}

func (c *client) compose(body m) composed {
	c.t.Helper()
	var answer composed
	c.want(200, &answer, "POST", v67+"/composite", body)
	return answer
}

func TestACompositePassesAnswersOn(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	answer := c.compose(m{"compositeRequest": []m{
		part("acc", "POST", v67+"/sobjects/Account", m{"Name": "Acme & Sons", "NumberOfEmployees": 12}),
		part("con", "POST", "/services/data/v60.0/sobjects/Contact/", m{"LastName": "Doe", "AccountId": "@{acc.id}", "Description": "of @{acc.id}!"}),
		part("q", "GET", v67+"/query?q="+url.QueryEscape("SELECT Id, Name, NumberOfEmployees FROM Account WHERE Id = '@{acc.id}'"), nil),
		part("again", "GET", "v67.0/sobjects/Account/@{q.records[0].Id}?fields=Name", nil),
		part("named", "GET", v67+"/query?q=SELECT Id FROM Account WHERE Name = '@{q.records[0].Name}'", nil),
		part("patch", "PATCH", v67+"/sobjects/Account/@{acc.id}", m{"NumberOfEmployees": "@{q.records[0].NumberOfEmployees}", "BillingCity": "Ulm"}),
		part("gone", "DELETE", v67+"/sobjects/Contact/@{con.id}", m{"allOrNone": false, "records": nil}),
	}})
	if got := answer.statuses(); got != "[201 201 200 200 200 204 204]" {
		t.Fatalf("statuses %s: %v", got, answer)
	}
	account := answer.CompositeResponse[0].Body.(m)["id"].(string)
	contact := answer.CompositeResponse[1].Body.(m)["id"].(string)
	if got := answer.CompositeResponse[1].HTTPHeaders["Location"]; got != "/services/data/v60.0/sobjects/Contact/"+contact {
		t.Errorf("Location %v", got)
	}
	if got := c.record(contact); got["AccountId"] != account || got["Description"] != "of "+account+"!" || got["IsDeleted"] != true {
		t.Errorf("contact %v", got)
	}
	if got := answer.CompositeResponse[3].Body.(m)["Name"]; got != "Acme & Sons" {
		t.Errorf("name by reference: %v", got)
	}
	if got := answer.CompositeResponse[4].Body.(m)["totalSize"]; got != 1.0 {
		t.Errorf("a name with & in a query finds %v", got)
	}
	if answer.CompositeResponse[5].Body != nil || c.record(account)["BillingCity"] != "Ulm" {
		t.Errorf("update: %+v", answer.CompositeResponse[5])
	}
	if n := c.org.Writes(); n != 4 {
		t.Errorf("%d writes counted, want 4", n)
	}
	if used := c.org.traffic.usage(c.org.clock.Now()); used != 1 {
		t.Errorf("a composite cost %d requests, want 1", used)
	}
}

func TestWhatDependsOnAFailureIsNotServed(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	answer := c.compose(m{"allOrNone": false, "compositeRequest": []m{
		part("bad", "POST", v67+"/sobjects/Account", m{"Phone": "1"}),
		part("dependent", "POST", v67+"/sobjects/Contact", m{"LastName": "Doe", "AccountId": "@{bad.id}"}),
		part("other", "POST", v67+"/sobjects/Contact", m{"LastName": "Doe"}),
		part("cased", "GET", v67+"/sobjects/Contact/@{other.Id}", nil),
		part("later", "GET", v67+"/sobjects/Contact/@{nobody.id}", nil),
	}})
	if got := answer.statuses(); got != "[400 400 201 400 400]" {
		t.Fatalf("statuses %s", got)
	}
	for i, reference := range map[int]string{1: "bad.id", 3: "other.Id", 4: "nobody.id"} {
		code, message := answer.firstError(i)
		name, _, _ := strings.Cut(reference, ".")
		if code != "PROCESSING_HALTED" || !strings.HasPrefix(message, "Invalid reference specified. No value for "+reference+" found in "+name+".") {
			t.Errorf("%s: %s %s", reference, code, message)
		}
	}
	if n := c.query("SELECT COUNT() FROM Contact").TotalSize; n != 1 {
		t.Errorf("%d contacts", n)
	}
}

func TestACompositeOfAllOrNoneLeavesNothing(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead := c.lead("a@x.test")
	answer := c.compose(m{"allOrNone": true, "collateSubrequests": false, "compositeRequest": []m{
		part("one", "POST", v67+"/sobjects/Account", m{"Name": "Acme"}),
		part("seen", "GET", v67+"/query?q="+url.QueryEscape("SELECT Id FROM Account"), nil),
		part("bad", "POST", v67+"/sobjects/Contact", m{"Email": "x", "LastName": "D"}),
		part("changed", "PATCH", v67+"/sobjects/Lead/"+lead, m{"Title": "CEO"}),
	}})
	if got := answer.statuses(); got != "[400 400 400 400]" {
		t.Fatalf("statuses %s", got)
	}
	for i, want := range []string{"PROCESSING_HALTED", "PROCESSING_HALTED", "INVALID_EMAIL_ADDRESS", "PROCESSING_HALTED"} {
		code, message := answer.firstError(i)
		if code != want || want == "PROCESSING_HALTED" && message != "The transaction was rolled back since another operation in the same transaction failed." {
			t.Errorf("subrequest %d: %s %s", i, code, message)
		}
	}
	if c.query("SELECT COUNT() FROM Account").TotalSize != 0 || c.record(lead)["Title"] != nil {
		t.Error("something was kept")
	}
}

func TestASubrequestSeesWhatItsTransactionStored(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	answer := c.compose(m{"allOrNone": true, "compositeRequest": []m{
		part("many", "POST", v67+"/composite/sobjects", m{"records": []m{typed("Account", m{"Name": "A"}), typed("Account", m{"Name": "B"})}}),
		part("count", "GET", v67+"/query?q="+url.QueryEscape("SELECT Id, Name FROM Account ORDER BY Name"), nil),
		part("first", "PATCH", v67+"/sobjects/Account/@{many[0].id}", m{"Phone": "1"}),
		part("describe", "GET", v67+"/sobjects/account/describe", nil),
	}})
	if got := answer.statuses(); got != "[200 200 204 200]" || answer.CompositeResponse[1].Body.(m)["totalSize"] != 2.0 {
		t.Errorf("answer %+v", answer.CompositeResponse[:3])
	}
	if answer.CompositeResponse[3].HTTPHeaders["ETag"] == nil {
		t.Error("the describe has no entity tag")
	}
}

func TestTheCompositeDecidesForItsCollections(t *testing.T) {
	t.Parallel()
	for _, outer := range []bool{false, true} {
		c := newClient(t, Options{})
		answer := c.compose(m{"allOrNone": outer, "compositeRequest": []m{
			part("mixed", "POST", v67+"/composite/sobjects", m{"allOrNone": false, "records": []m{typed("Account", m{"Name": "A"}), typed("Account", m{})}}),
			part("contact", "POST", v67+"/sobjects/Contact", m{"LastName": "D"}),
		}})
		if outer {
			if code, _ := answer.firstError(1); code != "PROCESSING_HALTED" || c.query("SELECT COUNT() FROM Account").TotalSize != 0 {
				t.Errorf("all or none: %+v", answer)
			}
			first := answer.CompositeResponse[0].Body.([]any)[0].(m)["errors"].([]any)[0].(m)
			if first["statusCode"] != "ALL_OR_NONE_OPERATION_ROLLED_BACK" {
				t.Errorf("the collection says %v", first)
			}
		} else if got := answer.statuses(); got != "[200 201]" || c.query("SELECT COUNT() FROM Account").TotalSize != 1 {
			t.Errorf("each on its own: %s", got)
		}
	}
}

func TestReferencesToNullDependOnTheVersion(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.insert("Contact", m{"LastName": "Wong"})
	for version, want := range map[string]string{"v51.0": "[200 400]", "v52.0": "[200 201]"} {
		var answer composed
		c.want(200, &answer, "POST", "/services/data/"+version+"/composite", m{"compositeRequest": []m{
			part("ref", "GET", v67+"/sobjects/Contact/"+id+"?fields=FirstName,LastName", nil),
			part("new", "POST", v67+"/sobjects/Contact", m{"FirstName": "@{ref.FirstName}", "LastName": "@{ref.LastName}"}),
		}})
		if got := answer.statuses(); got != want {
			t.Errorf("%s: statuses %s, want %s", version, got, want)
		}
	}
}

func TestASubrequestHasHeadersOfItsOwn(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	c.org.SetDuplicateRules(DuplicateRule{Object: "Lead", Field: "Email", Against: []string{"Lead"}, AllowSave: true})
	again := m{"LastName": "B", "Company": "X", "Email": "a@x.test"}
	allowed := part("allowed", "POST", v67+"/sobjects/Lead", again)
	allowed["httpHeaders"] = m{"Sforce-Duplicate-Rule-Header": "allowSave=true"}
	unknown := part("unknown", "GET", v67+"/sobjects/Lead/"+id, nil)
	unknown["httpHeaders"] = m{"Sforce-Frobnicate": "1"}
	unmodified := part("unmodified", "GET", v67+"/sobjects/Lead/"+id, nil)
	unmodified["httpHeaders"] = m{"If-Modified-Since": "Sat, 31 Jan 2026 09:00:00 GMT"}
	answer := c.compose(m{"compositeRequest": []m{part("refused", "POST", v67+"/sobjects/Lead", again), allowed, unknown, unmodified}})
	if got := answer.statuses(); got != "[400 201 400 304]" {
		t.Errorf("statuses %s: %+v", got, answer)
	}
}

func TestCompositesAreRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	ok := part("a", "GET", v67+"/sobjects", nil)
	accept := part("a", "GET", v67+"/sobjects", nil)
	accept["httpHeaders"] = m{"Accept": "application/json"}
	var many, reads []m
	for i := range 26 {
		many = append(many, part(fmt.Sprint("r", i), "GET", v67+"/sobjects", nil))
	}
	for i := range 6 {
		reads = append(reads, part(fmt.Sprint("r", i), "GET", v67+"/query/?q=SELECT+Id+FROM+Lead", nil))
	}
	for name, tc := range map[string]struct {
		code  string
		parts []m
	}{
		"none":                       {"REQUIRED_FIELD_MISSING", []m{}},
		"26 subrequests":             {"LIMIT_EXCEEDED", many},
		"6 queries":                  {"LIMIT_EXCEEDED", reads},
		"the same id twice":          {"JSON_PARSER_ERROR", []m{ok, ok}},
		"an id with a bracket":       {"JSON_PARSER_ERROR", []m{part("a[1]", "GET", v67+"/sobjects", nil)}},
		"no id":                      {"JSON_PARSER_ERROR", []m{part("", "GET", v67+"/sobjects", nil)}},
		"no url":                     {"JSON_PARSER_ERROR", []m{part("a", "GET", "", nil)}},
		"a method in lower case":     {"JSON_PARSER_ERROR", []m{part("a", "get", v67+"/sobjects", nil)}},
		"a header that is inherited": {"INVALID_INPUT", []m{accept}},
		"an unknown member":          {"JSON_PARSER_ERROR", []m{{"referenceId": "a", "method": "GET", "url": v67, "priority": 1}}},
	} {
		if got := c.refused(400, tc.code, "POST", v67+"/composite", m{"compositeRequest": tc.parts}); got == "" {
			t.Errorf("%s: no message", name)
		}
	}
	var before52 composed
	c.want(200, &before52, "POST", "/services/data/v51.0/composite", m{"compositeRequest": []m{part("a[1]", "GET", v67+"/sobjects", nil)}})
	if before52.CompositeResponse[0].ReferenceID != "a[1]" {
		t.Errorf("v51.0: %+v", before52)
	}
}

func TestACompositeReachesRecordsQueriesAndCollectionsOnly(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	answer := c.compose(m{"compositeRequest": []m{
		part("a", "GET", v67+"/limits", nil), part("b", "POST", v67+"/composite", m{}), part("c", "GET", "/services/data/v20.0/sobjects", nil),
		part("d", "GET", "https://elsewhere.test/services/data/v67.0/sobjects", nil), part("e", "GET", v67+"/sobjects/Nothing", nil),
		part("f", "PUT", v67+"/sobjects/Lead", m{}), part("g", "GET", v67+"/queryAll?q=SELECT+Id+FROM+Lead#Query", nil),
	}})
	if got := answer.statuses(); got != "[400 400 410 400 404 405 200]" {
		t.Errorf("statuses %s", got)
	}
	var listed map[string]string
	c.want(200, &listed, "GET", v67+"/composite", nil)
	if len(listed) != 4 || listed["tree"] != v67+"/composite/tree" {
		t.Errorf("resources %v", listed)
	}
}
