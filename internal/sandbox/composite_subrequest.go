package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// subrequest is one request inside the body of a composite, a graph or a batch,
// ready to be served: references in it are resolved.
type subrequest struct {
	method  string
	url     string
	headers map[string]string
	body    []byte
	// atomic says that one failed record of a collection fails all of them.
	atomic bool
	// newest is the highest API version that it may use, 0 for any.
	newest int
}

// response is a subrequest's answer; body is null when it had none.
type response struct {
	Body           json.RawMessage   `json:"body"`
	HTTPHeaders    map[string]string `json:"httpHeaders"`
	HTTPStatusCode int               `json:"httpStatusCode"`
	ReferenceID    string            `json:"referenceId"`
}

// failed says whether the answer of a subrequest fails what it is part of.
func (r response) failed() bool {
	return r.HTTPStatusCode >= 400 || r.HTTPStatusCode == http.StatusMultipleChoices
}

// perform serves a subrequest as a call of its own, inside the transaction t if
// there is one. allowed says which resources the surrounding one may reach.
func (c *call) perform(t *tx, sent subrequest, allowed func(resource []string) bool) *call {
	sub := &call{
		org: c.org, tx: t, number: c.number, user: c.user, atomic: sent.atomic, header: http.Header{}, status: http.StatusOK,
		fault: c.fault.beyond(c.records), body: sent.body,
	}
	if err := sub.address(c, sent, allowed); err != nil {
		sub.refuse(err)
		return sub
	}
	handle, err := sub.match(dataEndpoints, sub.segments)
	if err == nil {
		err = sub.checkHeaders()
	}
	switch {
	case err != nil:
		sub.refuse(err)
	case !sub.strikeWithin():
		sub.guard(handle)
	}
	c.records += sub.records
	return sub
}

// address makes the request that a subrequest stands for. Its headers are its
// own, but for what it shares with the request around it.
func (c *call) address(outer *call, sent subrequest, allowed func([]string) bool) *Error {
	address, err := url.Parse(sent.url)
	if err != nil || address.Host != "" || len(sent.url) > maxURI {
		return refusal("INVALID_INPUT", "The subrequest's url is not valid: "+sent.url)
	}
	c.request = &http.Request{Method: sent.method, URL: address, Host: outer.request.Host, TLS: outer.request.TLS, Header: shared(outer.request.Header)}
	c.request = c.request.WithContext(outer.request.Context())
	for name, value := range sent.headers {
		c.request.Header.Set(name, value)
	}
	segments := segmentsOf(address)
	if len(segments) > 1 && segments[0] == "services" && segments[1] == "data" {
		segments = segments[2:]
	}
	c.path = "/services/data/" + strings.Join(segments, "/")
	if len(segments) == 0 {
		return notFound()
	}
	if err := checkVersion(segments[0]); err != nil {
		c.version = outer.version
		return err
	}
	c.version, c.segments = segments[0], segments[1:]
	if sent.newest > 0 && c.versionNumber() > sent.newest {
		return refusal("INVALID_INPUT", "The version of the subrequest is above that of the request: "+c.version)
	}
	if !allowed(c.segments) {
		return refusal("INVALID_INPUT", fmt.Sprintf("The resource of the subrequest is not supported here: %s", c.path))
	}
	return nil
}

// shared are the headers that a subrequest inherits.
func shared(outer http.Header) http.Header {
	inherited := http.Header{}
	for name, values := range outer {
		lower := strings.ToLower(name)
		if slices.Contains(inheritedHeaders, lower) || strings.HasPrefix(lower, "sforce-") || strings.HasPrefix(lower, "x-sfdc-") {
			inherited[name] = values
		}
	}
	return inherited
}

// inheritedHeaders may not be given in a subrequest.
var inheritedHeaders = []string{"accept", "authorization", "content-type"}

// checkSubHeaders refuses a request whose subrequests give inherited headers.
func checkSubHeaders(headers map[string]string) *Error {
	for name := range headers {
		if slices.Contains(inheritedHeaders, strings.ToLower(name)) {
			return refusal("INVALID_INPUT", "The header "+name+" is not allowed in a subrequest; it is inherited from the request")
		}
	}
	return nil
}

// answered is the response that a subrequest's call came to.
func (c *call) answered(referenceID string) response {
	r := response{Body: c.answer, HTTPHeaders: map[string]string{}, HTTPStatusCode: c.status, ReferenceID: referenceID}
	if len(r.Body) == 0 {
		r.Body = json.RawMessage("null")
	}
	for _, name := range []string{"Location", "ETag", "Last-Modified"} {
		if v := c.header.Get(name); v != "" {
			r.HTTPHeaders[name] = v
		}
	}
	return r
}

// halted is the response of a subrequest that was not served, or was taken back.
func halted(referenceID, message string) response {
	body, _ := json.Marshal([]errorBody{{ErrorCode: "PROCESSING_HALTED", Message: message}}) // a text is always JSON
	return response{Body: body, HTTPHeaders: map[string]string{}, HTTPStatusCode: http.StatusBadRequest, ReferenceID: referenceID}
}

const rolledBack = "The transaction was rolled back since another operation in the same transaction failed."

// rollBack rewrites the responses of a transaction that is taken back: only what
// failed keeps its answer.
func rollBack(responses []response) {
	for i, r := range responses {
		if !r.failed() {
			responses[i] = halted(r.ReferenceID, rolledBack)
		}
	}
}

// beyond is the fault as it concerns the records after the first n.
func (f *Fault) beyond(n int) *Fault {
	if f == nil || f.RecordError <= 0 {
		return f
	}
	rest := *f
	rest.RecordError = max(f.RecordError-n, 0)
	return &rest
}
