package sandbox

import (
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// soapCall posts a call to the partner API and returns status and body.
func (c *client) soap(headers, body string) (int, string) {
	c.t.Helper()
	return c.soapAt("/services/Soap/u/60.0", headers, body)
}

func (c *client) soapAt(path, headers, body string) (int, string) {
	c.t.Helper()
	if headers == "" {
		headers = "<SessionHeader><sessionId>" + c.token + "</sessionId></SessionHeader>"
	}
	text := `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<soapenv:Header xmlns="urn:partner.soap.sforce.com">` + headers + `</soapenv:Header><soapenv:Body xmlns="urn:partner.soap.sforce.com">` + body + `</soapenv:Body></soapenv:Envelope>`
	request, err := http.NewRequest("POST", c.url+path, strings.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "text/xml")
	request.Header.Set("SOAPAction", `""`)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	read, _ := io.ReadAll(response.Body)
	if err := xml.Unmarshal(read, new(struct{})); err != nil || response.Header.Get("Content-Type") != "text/xml;charset=UTF-8" {
		c.t.Fatalf("answered %d with no XML: %v: %s", response.StatusCode, err, read)
	}
	return response.StatusCode, string(read)
}

// element cuts the first element of a name out of an answer, as clients do.
func element(page, name string) string {
	found := regexp.MustCompile(`<` + name + `>([^<]*)</` + name + `>`).FindStringSubmatch(page)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}

func loginCall(username, password string) string {
	return "<login><username>" + username + "</username><password>" + password + "</password></login>"
}

const noHeaders = "<CallOptions><client>test</client><defaultNamespace>sf</defaultNamespace></CallOptions>"

func TestASOAPLoginOpensASessionForEveryAPI(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for api, path := range map[string]string{"u": "/services/Soap/u/50.0", "c": "/services/Soap/c/50.0/" + shortID(c.org.ID())} {
		status, page := c.soapAt(path, noHeaders, loginCall(SalesUser, AdminPassword+"aSecurityToken"))
		if status != 200 || element(page, "serverUrl") != c.url+"/services/Soap/"+api+"/50.0/"+shortID(c.org.ID()) ||
			element(page, "userId") != c.org.User(SalesUser).ID() || element(page, "organizationId") != c.org.ID() ||
			element(page, "passwordExpired") != "false" || element(page, "userName") != SalesUser || !strings.Contains(page, "<loginResponse><result>") {
			t.Fatalf("%s: %d %s", path, status, page)
		}
		c.token = element(page, "sessionId")
		c.want(200, nil, "GET", v67+"/limits", nil)
		if status, page := c.soap("", "<getUserInfo/>"); status != 200 || element(page, "userEmail") != SalesUser {
			t.Errorf("getUserInfo: %d %s", status, page)
		}
		if status, page := c.soap("", "<getServerTimestamp/>"); status != 200 || element(page, "timestamp") != "2026-01-31T09:00:00.000Z" {
			t.Errorf("getServerTimestamp: %d %s", status, page)
		}
		if status, page := c.soap("", "<logout/>"); status != 200 || !strings.Contains(page, "<logoutResponse/>") {
			t.Errorf("logout: %d %s", status, page)
		}
		c.refused(401, "INVALID_SESSION_ID", "GET", v67+"/limits", nil)
	}
}

func TestSOAPCallsAreRefusedByFault(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	session := "<SessionHeader><sessionId>" + c.token + "</sessionId></SessionHeader>"
	for name, tc := range map[string]struct {
		path, headers, body, code, text string
	}{
		"a wrong password":         {"", noHeaders, loginCall(AdminUser, "wrong"), "sf:INVALID_LOGIN", "INVALID_LOGIN: Invalid username, password, security token; or user locked out."},
		"another org's login":      {"", "<LoginScopeHeader><organizationId>00D000000000009</organizationId></LoginScopeHeader>", loginCall(AdminUser, AdminPassword), "sf:INVALID_LOGIN", ""},
		"a dead session":           {"", "<SessionHeader><sessionId>x</sessionId></SessionHeader>", "<getUserInfo/>", "sf:INVALID_SESSION_ID", "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session"},
		"no session":               {"", noHeaders, "<getUserInfo/>", "sf:INVALID_SESSION_ID", ""},
		"a call that nobody knows": {"", "", "<fly/>", "soapenv:Client", "No operation available for request {urn:partner.soap.sforce.com}fly, please check the WSDL for the service."},
		"a call that is not there": {"", "", "<sendEmail/>", "sf:FUNCTIONALITY_NOT_ENABLED", ""},
		"a version of long ago":    {"/services/Soap/u/20.0", "", "<getUserInfo/>", "sf:UNSUPPORTED_API_VERSION", "UNSUPPORTED_API_VERSION: Invalid Api version specified on URL"},
		"an unknown header":        {"", session + "<Strange/>", "<getUserInfo/>", "sf:FUNCTIONALITY_NOT_ENABLED", ""},
		"a header to be obeyed":    {"", session + `<Strange soapenv:mustUnderstand="1"/>`, "<getUserInfo/>", "soapenv:MustUnderstand", ""},
		"a header's other value":   {"", session + "<AllowFieldTruncationHeader><allowFieldTruncation>true</allowFieldTruncation></AllowFieldTruncationHeader>", "<getUserInfo/>", "sf:FUNCTIONALITY_NOT_ENABLED", ""},
		"too many ids":             {"", "", "<undelete>" + strings.Repeat("<ids>x</ids>", 201) + "</undelete>", "sf:EXCEEDED_ID_LIMIT", ""},
		"too many conversions":     {"", "", "<convertLead>" + strings.Repeat("<leadConverts/>", 101) + "</convertLead>", "sf:EXCEEDED_LEAD_CONVERT_LIMIT", ""},
		"an element out of place":  {"", "", "<undelete><id>x</id></undelete>", "soapenv:Client", "Element {urn:partner.soap.sforce.com}id invalid at this location"},
		"two calls at once":        {"", "", "<logout/><logout/>", "soapenv:Client", ""},
	} {
		path := tc.path
		if path == "" {
			path = "/services/Soap/u/60.0"
		}
		status, page := c.soapAt(path, tc.headers, tc.body)
		if status != 500 || element(page, "faultcode") != tc.code || tc.text != "" && element(page, "faultstring") != tc.text {
			t.Errorf("%s: %d %s", name, status, page)
		}
	}
	c.refused(404, "NOT_FOUND", "POST", "/services/Soap/m/60.0", nil)
}

func TestARecordGoesItsWayThroughSOAP(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	_, page := c.soap("", `<create xmlns:ns1="sobject.partner.soap.sforce.com"><ns1:sObjects><type>Contact</type><LastName>O&apos;Neil &amp; Co</LastName><HasOptedOutOfEmail>true</HasOptedOutOfEmail></ns1:sObjects><ns1:sObjects><type>Contact</type><FirstName>Jo</FirstName></ns1:sObjects></create>`)
	id := element(page, "id")
	if got := c.record(id); got["LastName"] != "O'Neil & Co" || got["HasOptedOutOfEmail"] != true {
		t.Errorf("created %v", got)
	}
	if element(page, "statusCode") != "REQUIRED_FIELD_MISSING" || element(page, "fields") != "LastName" || !strings.Contains(page, `<id xsi:nil="true"/><success>false</success>`) {
		t.Errorf("the second one is answered with %s", page)
	}
	if _, page = c.soap("", `<update><sObjects><type>Contact</type><fieldsToNull>HasOptedOutOfFax</fieldsToNull><Id>`+id+`</Id><Title>CEO</Title></sObjects></update>`); element(page, "statusCode") == "" && element(page, "success") != "true" {
		t.Errorf("update: %s", page)
	}
	if _, page = c.soap("", `<upsert><externalIDFieldName>Id</externalIDFieldName><sObjects><type>Contact</type><LastName>New</LastName></sObjects></upsert>`); element(page, "created") != "true" || element(page, "success") != "true" {
		t.Errorf("upsert: %s", page)
	}
	for _, call := range []string{"delete", "undelete", "delete", "emptyRecycleBin"} {
		if _, page = c.soap("", "<"+call+"><ids>"+shortID(id)+"</ids></"+call+">"); element(page, "success") != "true" || element(page, "id") != id {
			t.Errorf("%s: %s", call, page)
		}
	}
	if found := c.queryAll("SELECT Id FROM Contact WHERE Id = '" + id + "'"); found.TotalSize != 0 {
		t.Errorf("the recycle bin is empty, but there is %v", found.Records)
	}
	if _, page = c.soap("", "<undelete><ids>"+id+"</ids></undelete>"); element(page, "statusCode") == "" {
		t.Errorf("undelete of what is gone for good: %s", page)
	}
	c.org.Clock().Advance(time.Minute)
	var gone struct{ DeletedRecords []m }
	c.want(200, &gone, "GET", v67+"/sobjects/Contact/deleted?start=2026-01-31T08:00:00Z&end=2026-01-31T10:00:00Z", nil)
	if len(gone.DeletedRecords) != 1 || gone.DeletedRecords[0]["id"] != id {
		t.Errorf("deleted: %v", gone)
	}
}

func TestAMergeThroughSOAPKeepsWhatTheMasterSays(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	winner, loser := c.lead("a@x.test"), c.lead("b@x.test")
	task := c.insert("Task", m{"WhoId": loser, "Subject": "Call"})
	_, page := c.soap("", `<merge><mergeRequests><masterRecord><type>Lead</type><Id>`+winner+`</Id><Email>b@x.test</Email></masterRecord><recordToMergeIds>`+loser+`</recordToMergeIds></mergeRequests></merge>`)
	if element(page, "success") != "true" || element(page, "id") != winner || element(page, "mergedRecordIds") != loser || element(page, "updatedRelatedIds") != task {
		t.Fatalf("answered %s", page)
	}
	if got := c.record(winner); got["Email"] != "b@x.test" {
		t.Errorf("the master is %v", got)
	}
	if got := c.record(loser); got["MasterRecordId"] != winner || got["IsDeleted"] != true {
		t.Errorf("the loser is %v", got)
	}
	if got := c.record(task); got["WhoId"] != winner {
		t.Errorf("the task is %v", got)
	}
	if _, page := c.soap("", `<merge><mergeRequests><masterRecord><type>Lead</type><Id>`+winner+`</Id></masterRecord></mergeRequests></merge>`); element(page, "statusCode") != "MISSING_ARGUMENT" {
		t.Errorf("without a loser: %s", page)
	}
}

func convertCall(lead, more string) string {
	return "<leadConverts><leadId>" + lead + "</leadId><convertedStatus>" + "Closed - Converted</convertedStatus>" + more + "</leadConverts>"
}

func TestAConversionThroughSOAPNamesWhatCameOfTheLead(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead := c.lead("a@x.test")
	_, page := c.soap("", "<convertLead>"+convertCall(lead, "<doNotCreateOpportunity>true</doNotCreateOpportunity><accountId xsi:nil=\"true\"/>")+"</convertLead>")
	got := c.record(lead)
	if element(page, "success") != "true" || element(page, "leadId") != lead || element(page, "contactId") != got["ConvertedContactId"] ||
		element(page, "accountId") != got["ConvertedAccountId"] || got["IsConverted"] != true || !strings.Contains(page, `<opportunityId xsi:nil="true"/>`) {
		t.Errorf("answered %s for %v", page, got)
	}
	if _, page = c.soap("", "<convertLead><leadConverts><leadId>"+lead+"</leadId><convertedStatus>Nonsense</convertedStatus></leadConverts></convertLead>"); element(page, "statusCode") != "INVALID_STATUS" {
		t.Errorf("an unknown status: %s", page)
	}
}

func TestAllOrNoneTakesBackWhatASOAPCallDid(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	const all = "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>"
	session := "<SessionHeader><sessionId>" + c.token + "</sessionId></SessionHeader>"
	lead := c.lead("a@x.test")
	_, page := c.soap(session+all, "<delete><ids>"+lead+"</ids><ids>"+lead+"</ids></delete>")
	if got := c.record(lead); got["IsDeleted"] != false || strings.Count(page, "<success>false</success>") != 2 || !strings.Contains(page, "ALL_OR_NONE_OPERATION_ROLLED_BACK") {
		t.Errorf("answered %s, the lead is %v", page, got)
	}
	c.want(204, nil, "POST", "/__sandbox/duplicateRules", []m{{"object": "Lead", "field": "Email", "against": []string{"Lead"}, "allowSave": true}})
	create := `<create><sObjects><type>Lead</type><LastName>Doe</LastName><Company>Acme</Company><Email>a@x.test</Email></sObjects></create>`
	if _, page = c.soap("", create); element(page, "statusCode") != "DUPLICATES_DETECTED" {
		t.Errorf("a duplicate: %s", page)
	}
	if _, page = c.soap(session+"<DuplicateRuleHeader><allowSave>true</allowSave></DuplicateRuleHeader>", create); element(page, "success") != "true" {
		t.Errorf("a duplicate that may be saved: %s", page)
	}
}

func TestSOAPCallsAreCountedLoggedAndStruck(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{DailyAPILimit: 5})
	lead := c.lead("a@x.test")
	c.want(201, nil, "POST", "/__sandbox/faults", m{"operation": "undelete", "object": "Lead", "status": 503})
	c.want(201, nil, "POST", "/__sandbox/faults", m{"operation": "delete", "record": 1, "errorCode": "UNABLE_TO_LOCK_ROW"})
	c.want(201, nil, "POST", "/__sandbox/faults", m{"operation": "getUserInfo", "expireSession": true})
	if status, page := c.soap("", "<undelete><ids>"+lead+"</ids></undelete>"); status != 503 || element(page, "faultcode") != "sf:SERVER_UNAVAILABLE" {
		t.Errorf("a scripted 503: %d %s", status, page)
	}
	if _, page := c.soap("", "<delete><ids>"+lead+"</ids></delete>"); element(page, "statusCode") != "UNABLE_TO_LOCK_ROW" {
		t.Errorf("a scripted record error: %s", page)
	}
	if status, page := c.soap("", "<getUserInfo/>"); status != 500 || element(page, "faultcode") != "sf:INVALID_SESSION_ID" {
		t.Errorf("an expired session: %d %s", status, page)
	}
	c.token = c.org.IssueToken()
	for range 4 {
		c.soap("", "<getServerTimestamp/>")
	}
	if status, page := c.soap("", "<getServerTimestamp/>"); status != 500 || element(page, "faultcode") != "sf:REQUEST_LIMIT_EXCEEDED" {
		t.Errorf("beyond the limit: %d %s", status, page)
	}
	log := c.org.Requests()
	if got := fmt.Sprint(log[1].Operation, " ", log[1].Object, " ", log[1].Records, " ", log[1].Status); got != "delete Lead 1 200" {
		t.Errorf("logged as %s", got)
	}
}
