package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"conversion/internal/sandbox/soap"
)

// soapCall is what a request to the SOAP API carries.
type soapCall struct {
	dialect soap.Dialect
	version string // 67.0
	*soap.Request
	broken *soap.Fault // the envelope cannot be read
}

// soapOperations are the calls that are served, by their names, with the elements
// that each may have. Those without a session are marked.
var soapOperations = map[string]struct {
	serve   func(*call) *Error
	members string
	without bool // a session
}{
	"login":              {(*call).soapLogin, "username password", true},
	"logout":             {(*call).soapLogout, "", false},
	"getUserInfo":        {(*call).soapUserInfo, "", false},
	"getServerTimestamp": {(*call).soapTimestamp, "", false},
	"create":             {(*call).soapCreate, "sObjects", false},
	"update":             {(*call).soapUpdate, "sObjects", false},
	"upsert":             {(*call).soapUpsert, "externalIDFieldName sObjects", false},
	"delete":             {(*call).soapDelete, "ids", false},
	"undelete":           {(*call).soapUndelete, "ids", false},
	"emptyRecycleBin":    {(*call).soapEmptyRecycleBin, "ids", false},
	"merge":              {(*call).soapMerge, "request mergeRequests", false},
	"convertLead":        {(*call).soapConvertLead, "leadConverts", false},
}

// onlyMembers refuses elements that the WSDL does not have.
func (s *soapCall) onlyMembers(e *soap.Element, names string) *Error {
	for _, child := range e.Children {
		if !slices.Contains(strings.Fields(names), child.Name) {
			return refusal("soapenv:Client", "Element {"+s.dialect.Namespace()+"}"+child.Name+" invalid at this location")
		}
	}
	return nil
}

// otherOperations are the calls of the API that are refused.
var otherOperations = map[string]bool{
	"describeSObject": true, "describeSObjects": true, "describeGlobal": true, "describeTabs": true, "describeAllTabs": true,
	"describeLayout": true, "describeSearchLayouts": true, "describeCompactLayouts": true, "retrieve": true, "process": true,
	"invalidateSessions": true, "getDeleted": true, "getUpdated": true, "query": true, "queryAll": true, "queryMore": true,
	"search": true, "setPassword": true, "changeOwnPassword": true, "resetPassword": true, "deleteByExample": true,
	"sendEmail": true, "sendEmailMessage": true, "renderEmailTemplate": true, "performQuickActions": true,
	"describeQuickActions": true, "findDuplicates": true, "findDuplicatesByIds": true,
}

// routeSOAP finds the dialect and the version in a path below /services/Soap: the
// letter of the API, the version, and perhaps the id of the org.
func (c *call) routeSOAP(rest []string) func(*call) *Error {
	dialect, known := map[string]soap.Dialect{"u": soap.Partner, "c": soap.Enterprise}[first(rest)]
	if !known || len(rest) < 2 || len(rest) > 3 {
		return orRefuse(nil, notFound())
	}
	c.operation = "soap"
	c.soap = &soapCall{dialect: dialect, version: rest[1]}
	if c.request.Method != http.MethodPost {
		c.header.Set("Allow", http.MethodPost)
		return orRefuse(nil, &Error{Status: http.StatusMethodNotAllowed, Code: "METHOD_NOT_ALLOWED", Message: "HTTP Method '" + c.request.Method + "' not allowed. Allowed are POST"})
	}
	return (*call).serveSOAP
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// openSOAP reads the envelope, in which the call is the operation and its first
// record is of the object that log and faults speak of.
func (c *call) openSOAP() {
	s := c.soap
	if s.Request, s.broken = soap.Decode(c.body); s.broken != nil {
		return
	}
	if _, served := soapOperations[s.Call.Name]; served || otherOperations[s.Call.Name] {
		c.operation = s.Call.Name
	}
	c.object = c.canonical(s.objectName(c.org))
}

func (s *soapCall) objectName(o *Org) string {
	if s.Call.Name == "convertLead" {
		return "Lead"
	}
	record := s.Call.Child("sObjects")
	for _, name := range []string{"mergeRequests", "request"} {
		if record == nil {
			record = s.Call.Child(name).Child("masterRecord")
		}
	}
	if record != nil {
		return record.Value("type")
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	obj, ok := o.objectOf(s.Call.Value("ids"))
	if !ok {
		return ""
	}
	return obj.Name
}

// header is a SOAP header, nil without one; also where the envelope is broken.
func (s *soapCall) header(name string) *soap.Element {
	if s.Request == nil {
		return nil
	}
	return s.Header(name)
}

func (c *call) serveSOAP() *Error {
	s := c.soap
	if s.broken != nil {
		return refusal(s.broken.Code, s.broken.Message)
	}
	operation, served := soapOperations[s.Call.Name]
	version, err := strconv.Atoi(strings.TrimSuffix(s.version, ".0"))
	switch {
	case err != nil || version < oldestVersion || version > lastVersion:
		return refusal("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
	case otherOperations[s.Call.Name]:
		return refusal("FUNCTIONALITY_NOT_ENABLED", "the call is not supported by this org: "+s.Call.Name)
	case !served:
		return refusal("soapenv:Client", "No operation available for request {"+s.dialect.Namespace()+"}"+s.Call.Name+", please check the WSDL for the service.")
	}
	if !operation.without {
		if refused := c.admit(); refused != nil {
			return refused
		}
	}
	if refused := s.checkHeaders(); refused != nil {
		return refused
	}
	if refused := s.onlyMembers(s.Call, operation.members); refused != nil {
		return refused
	}
	return operation.serve(c)
}

// soapHeaders are the headers that are obeyed, or that have nothing to do in this
// org, with what they may say.
var soapHeaders = map[string]func(*soap.Element) bool{
	"SessionHeader":             always,
	"CallOptions":               always,
	"LoginScopeHeader":          always,
	"AllOrNoneHeader":           always,
	"DuplicateRuleHeader":       always,
	"PackageVersionHeader":      always, // there are no packages
	"DisableFeedTrackingHeader": always, // nor feeds
	"StreamingEnabledHeader":    always,
	"EmailHeader":               always, // nor e-mails
	"QueryOptions":              always, // the calls served do not query
	"MruHeader":                 func(h *soap.Element) bool { return !h.Flag("updateMru") },
	"AllowFieldTruncationHeader": func(h *soap.Element) bool {
		return !h.Flag("allowFieldTruncation")
	},
	"AssignmentRuleHeader": always,
}

func always(*soap.Element) bool { return true }

// checkHeaders refuses what would otherwise be ignored.
func (s *soapCall) checkHeaders() *Error {
	name, must, found := s.Unknown(func(name string) bool { return soapHeaders[name] != nil })
	if found && must {
		return refusal("soapenv:MustUnderstand", "Did not understand \"MustUnderstand\" header(s): "+name)
	}
	for _, h := range s.Headers {
		if allowed := soapHeaders[h.Name]; allowed == nil || !allowed(h) {
			return refusal("FUNCTIONALITY_NOT_ENABLED", "the SOAP header is not supported by this org: "+h.Name)
		}
	}
	return nil
}

// answerSOAP answers a call with its results.
func (c *call) answerSOAP(results ...soap.Node) *Error {
	now := c.org.clock.Now()
	limits := soap.Group("LimitInfoHeader", soap.Group("limitInfo",
		soap.Number("current", c.org.traffic.usage(now)), soap.Number("limit", c.org.limit), soap.Text("type", "API REQUESTS")))
	c.status, c.answer = http.StatusOK, c.soap.dialect.Response(c.soap.Call.Name, []soap.Node{limits}, results)
	c.header.Set("Content-Type", "text/xml;charset=UTF-8")
	return nil
}

// refuseSOAP answers a call with a fault, whose status is always 500; troubles of
// the host keep theirs.
func (c *call) refuseSOAP(e *Error) {
	status := http.StatusInternalServerError
	if e.Status > http.StatusInternalServerError || e.Status == http.StatusMethodNotAllowed {
		status = e.Status
	}
	message := e.Message
	if e.Code == "INVALID_SESSION_ID" {
		message = "Invalid Session ID found in SessionHeader: Illegal Session"
	}
	c.status, c.answer = status, c.soap.dialect.Fault(&soap.Fault{Code: e.Code, Message: message})
	c.header.Set("Content-Type", "text/xml;charset=UTF-8")
}
