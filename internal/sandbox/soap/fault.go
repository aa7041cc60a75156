package soap

import "strings"

// Fault is a refusal of a whole call.
type Fault struct {
	// Code is a Salesforce exception code, or one of SOAP's own with its prefix:
	// soapenv:Client.
	Code    string
	Message string
}

func (f *Fault) Error() string { return f.Code + ": " + f.Message }

// Client is the fault of an envelope that is no call of the API.
func Client(message string) *Fault { return &Fault{"soapenv:Client", message} }

// kinds are the fault elements of exception codes; all others are unexpected.
var kinds = map[string]string{
	"INVALID_LOGIN":         "LoginFault",
	"LOGIN_RATE_EXCEEDED":   "LoginFault",
	"INVALID_FIELD":         "InvalidFieldFault",
	"INVALID_ID_FIELD":      "InvalidIdFault",
	"MALFORMED_ID":          "InvalidIdFault",
	"INVALID_TYPE":          "InvalidSObjectFault",
	"MALFORMED_QUERY":       "MalformedQueryFault",
	"MALFORMED_SEARCH":      "MalformedSearchFault",
	"INVALID_QUERY_LOCATOR": "InvalidQueryLocatorFault",
	"INVALID_NEW_PASSWORD":  "InvalidNewPasswordFault",
}

// kind is the name of the element with the details of the fault.
func (f *Fault) kind() string {
	if kind, ok := kinds[f.Code]; ok {
		return kind
	}
	return "UnexpectedErrorFault"
}

// Fault is the envelope of a fault. Clients cut the code out of faultcode, where
// it has a prefix, or read it in the details, where it has none.
func (d Dialect) Fault(f *Fault) []byte {
	code, message := Text("faultcode", f.Code), Text("faultstring", f.Message)
	parts := []Node{code, message}
	if !strings.Contains(f.Code, ":") {
		parts = []Node{
			Text("faultcode", "sf:"+f.Code), Text("faultstring", f.Code+": "+f.Message),
			Group("detail", Node{Name: "sf:" + f.kind(), Type: "sf:" + f.kind(), Children: []Node{
				Text("sf:exceptionCode", f.Code), Text("sf:exceptionMessage", f.Message),
			}}),
		}
	}
	b := d.openFault()
	b = appendNode(b, Group("soapenv:Body", Group("soapenv:Fault", parts...)))
	return append(b, "</soapenv:Envelope>"...)
}

func (d Dialect) openFault() []byte {
	const head = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="` + envelopeSpace + `" xmlns:sf="`
	return []byte(head + d.faultNamespace() + `" xmlns:xsi="` + schemaSpace + `">`)
}
