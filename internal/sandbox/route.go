package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// endpoint is one row of a route table. A pattern segment in braces matches any
// segment. query lists the parameters that may be given; others are refused.
type endpoint struct {
	method, pattern, operation string
	query                      string
	handle                     func(*call) *Error
}

// dataEndpoints are the resources below /services/data/vNN.0.
var dataEndpoints = []endpoint{
	{"GET", "", "resources", "", (*call).resources},
	{"GET", "limits", "limits", "", (*call).limits},
	{"GET", "limits/recordCount", "recordCount", "sObjects", (*call).recordCount},
	{"GET", "query", "query", "q columns explain", (*call).query},
	{"GET", "queryAll", "query", "q columns explain", (*call).queryAll},
	{"GET", "query/{locator}", "queryMore", "", (*call).queryMore},
	{"GET", "queryAll/{locator}", "queryMore", "", (*call).queryMore},
	{"POST", "jobs/query", "bulkCreate", "", (*call).createQueryJob},
	{"GET", "jobs/query", "bulkList", "isPkChunkingEnabled jobType concurrencyMode queryLocator", (*call).listQueryJobs},
	{"GET", "jobs/query/{id}", "bulkPoll", "", (*call).pollQueryJob},
	{"PATCH", "jobs/query/{id}", "bulkAbort", "", (*call).changeQueryJob},
	{"DELETE", "jobs/query/{id}", "bulkDelete", "", (*call).deleteQueryJob},
	{"GET", "jobs/query/{id}/results", "bulkResults", "locator maxRecords", (*call).queryResults},
	{"GET", "jobs/query/{id}/resultPages", "bulkResults", "locator", (*call).queryResultPages},
	{"POST", "jobs/ingest", "bulkCreate", "", (*call).createIngestJob},
	{"GET", "jobs/ingest", "bulkList", "isPkChunkingEnabled jobType concurrencyMode queryLocator", (*call).listIngestJobs},
	{"GET", "jobs/ingest/{id}", "bulkPoll", "", (*call).pollIngestJob},
	{"PATCH", "jobs/ingest/{id}", "bulkClose", "", (*call).changeIngestJob},
	{"DELETE", "jobs/ingest/{id}", "bulkDelete", "", (*call).deleteIngestJob},
	{"PUT", "jobs/ingest/{id}/batches", bulkUpload, "", (*call).uploadJobData},
	{"GET", "jobs/ingest/{id}/successfulResults", "bulkResults", "", (*call).successfulResults},
	{"GET", "jobs/ingest/{id}/failedResults", "bulkResults", "", (*call).failedResults},
	{"GET", "jobs/ingest/{id}/unprocessedrecords", "bulkResults", "", (*call).unprocessedRecords},
	{"GET", "jobs/ingest/{id}/unprocessedRecords", "bulkResults", "", (*call).unprocessedRecords},
	{"GET", "recent", "recent", "limit", (*call).recent},
	{"GET", "search", "search", "q", (*call).search},
	{"GET", "parameterizedSearch", "search", "*", (*call).searchByURL},
	{"POST", "parameterizedSearch", "search", "", (*call).searchByBody},
	{"GET", "sobjects", "describeGlobal", "", (*call).describeGlobal},
	{"GET", "sobjects/{object}", "objectInfo", "", (*call).objectInfo},
	{"POST", "sobjects/{object}", "create", "", (*call).createRecord},
	{"POST", "sobjects/{object}/Id", "create", "", (*call).createRecord},
	{"GET", "sobjects/{object}/describe", "describe", "", (*call).describe},
	{"GET", "sobjects/{object}/updated", "updated", "start end", (*call).updated},
	{"GET", "sobjects/{object}/deleted", "deleted", "start end", (*call).deleted},
	{"GET", "sobjects/{object}/{id}", "get", "fields", (*call).getRecord},
	{"PATCH", "sobjects/{object}/{id}", "update", "", (*call).updateRecord},
	{"DELETE", "sobjects/{object}/{id}", "delete", "", (*call).deleteRecord},
	{"GET", "sobjects/{object}/{field}/{value}", "get", "fields", (*call).getByKey},
	{"PATCH", "sobjects/{object}/{field}/{value}", "upsert", "updateOnly", (*call).upsertRecord},
	{"DELETE", "sobjects/{object}/{field}/{value}", "delete", "", (*call).deleteByKey},
	{"POST", "composite/sobjects", "create", "", (*call).createCollection},
	{"PATCH", "composite/sobjects", "update", "", (*call).updateCollection},
	{"DELETE", "composite/sobjects", "delete", "ids allOrNone", (*call).deleteCollection},
	{"GET", "composite/sobjects/{object}", "retrieve", "ids fields", (*call).retrieveByURL},
	{"POST", "composite/sobjects/{object}", "retrieve", "", (*call).retrieveByBody},
	{"PATCH", "composite/sobjects/{object}/{field}", "upsert", "", (*call).upsertCollection},
}

// compositeEndpoints are those below /services/data/vNN.0 that serve other
// requests inside their own; none of them may be inside another.
var compositeEndpoints = []endpoint{
	{"GET", "composite", "compositeResources", "", (*call).compositeResources},
	{"POST", "composite", "composite", "", (*call).composite},
	{"POST", "composite/graph", "graph", "", (*call).compositeGraph},
	{"POST", "composite/batch", "batch", "", (*call).compositeBatch},
	{"POST", "composite/tree/{object}", "tree", "", (*call).createTree},
}

// allDataEndpoints are the resources that a request may ask for.
var allDataEndpoints = slices.Concat(dataEndpoints, compositeEndpoints, toolingEndpoints)

// oauthEndpoints are the paths of the login host, and the one data resource that
// needs no session.
var oauthEndpoints = []endpoint{
	{"GET", "services/data", "versions", "", (*call).versions},
	{"GET", "services/oauth2/authorize", "authorize", "*", (*call).authorize},
	{"POST", "services/oauth2/authorize", "authorize", "*", (*call).decide},
	{"POST", "login", "login", "*", (*call).logInPage},
	{"GET", "secur/frontdoor.jsp", "frontdoor", "*", (*call).frontdoor},
	{"POST", "secur/frontdoor.jsp", "frontdoor", "*", (*call).frontdoor},
	{"GET", "secur/logout.jsp", "logout", "*", (*call).logOutPage},
	{"GET", ".well-known/openid-configuration", "discovery", "*", (*call).openIDConfiguration},
	{"GET", ".well-known/auth-configuration", "discovery", "*", (*call).authConfiguration},
	{"GET", "id/keys", "keys", "*", (*call).keySet},
	{"POST", "services/oauth2/token", "token", "*", (*call).issueToken},
	{"POST", "services/oauth2/revoke", "revoke", "*", (*call).revoke},
	{"GET", "services/oauth2/revoke", "revoke", "*", (*call).revoke},
	{"POST", "services/oauth2/introspect", "introspect", "*", (*call).introspect},
	{"GET", "services/oauth2/userinfo", "userinfo", "*", (*call).userinfo},
	{"POST", "services/oauth2/userinfo", "userinfo", "*", (*call).userinfo},
	{"GET", "services/oauth2/singleaccess", "singleaccess", "*", (*call).singleAccess},
	{"POST", "services/oauth2/singleaccess", "singleaccess", "*", (*call).singleAccess},
	{"GET", "id/{org}/{user}", "identity", "*", (*call).identity},
	{"POST", "id/{org}/{user}", "identity", "*", (*call).identity},
}

// route finds the handler of a request and names its operation; nil means that
// the path is none of Salesforce's.
func (c *call) route() func(*call) *Error {
	s := c.segments
	switch {
	case len(s) == 0 || s[0] == "__sandbox" || s[0] == "lightning":
		return nil
	case len(s) > 2 && s[0] == "services" && s[1] == "data":
		return c.routeData(s[2], s[3:])
	case len(s) > 2 && s[0] == "services" && s[1] == "Soap":
		return c.routeSOAP(s[2:])
	}
	handle, err := c.match(oauthEndpoints, s)
	if err != nil && strings.HasPrefix(c.path, "/services/oauth2/token") {
		return func(c *call) *Error {
			return c.oauthError(http.StatusBadRequest, "invalid_request", "must use HTTP POST")
		}
	}
	return orRefuse(handle, err)
}

func orRefuse(handle func(*call) *Error, err *Error) func(*call) *Error {
	if err != nil {
		return func(*call) *Error { return err }
	}
	return handle
}

var versionPattern = regexp.MustCompile(`^v(\d{1,3})\.0$`)

// Versions from oldestVersion on are answered, those from firstVersion on are
// listed: nforce asks for 38.0 unless told otherwise.
const oldestVersion, firstVersion, lastVersion = 31, 50, 67

// routeData routes below /services/data. Every data call needs a session and is
// counted; only then does it matter whether the resource exists.
func (c *call) routeData(version string, rest []string) func(*call) *Error {
	if err := checkVersion(version); err != nil {
		return orRefuse(nil, err)
	}
	c.version = version
	handle, err := c.match(allDataEndpoints, c.trimSuffix(rest))
	return func(c *call) *Error {
		if refused := c.admit(); refused != nil {
			return refused
		}
		return orRefuse(handle, err)(c)
	}
}

// checkVersion refuses a version that is not served.
func checkVersion(version string) *Error {
	found := versionPattern.FindStringSubmatch(version)
	if found == nil {
		return notFound()
	}
	number, _ := strconv.Atoi(found[1])
	switch {
	case number >= 7 && number <= 30:
		return &Error{Status: http.StatusGone, Code: "UNSUPPORTED_API_VERSION", Message: "The requested API version is no longer supported: " + version}
	case number < oldestVersion || number > lastVersion:
		return notFound()
	}
	return nil
}

// admit checks the session, the day's budget and the headers of a data call.
func (c *call) admit() *Error {
	session, ok := c.org.sessions.find(c.token(), true)
	if !ok {
		return noSession()
	}
	if !scoped(session.scope, "api") && !scoped(session.scope, "full") {
		return &Error{Status: http.StatusUnauthorized, Code: "INVALID_SESSION_ID", Message: "This session is not valid for use with the REST API"}
	}
	c.user = session.user
	if refused := c.charge(); refused != nil {
		return refused
	}
	if !c.mayUseAPI() {
		return &Error{Status: http.StatusForbidden, Code: "API_CURRENTLY_DISABLED", Message: "API is disabled for this User"}
	}
	if refused := c.checkHeaders(); refused != nil {
		return refused
	}
	return c.negotiate()
}

// charge counts an API request if the day's budget has one left.
func (c *call) charge() *Error {
	now := c.org.clock.Now()
	used, ok := c.org.traffic.charge(now, c.org.limit)
	c.header.Set("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/%d", used, c.org.limit))
	if !ok {
		return &Error{Status: http.StatusForbidden, Code: "REQUEST_LIMIT_EXCEEDED", Message: "TotalRequests Limit exceeded."}
	}
	return nil
}

func (c *call) mayUseAPI() bool {
	defer c.view()()
	return c.rights().has(apiEnabled)
}

// actor is the user of the session.
func (c *call) actor() Actor { return Actor{id: c.user, bound: true} }
