package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
)

// tooLong refuses a request whose address, or address and headers, are longer than
// Salesforce takes.
func (c *call) tooLong() *Error {
	size := len(c.request.RequestURI)
	if size > maxURI {
		return &Error{Status: http.StatusRequestURITooLong, Code: "URI_TOO_LONG", Message: "URI is too long"}
	}
	for name, values := range c.request.Header {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	if size > maxURI {
		return &Error{Status: http.StatusRequestHeaderFieldsTooLarge, Code: "REQUEST_HEADER_FIELDS_TOO_LARGE", Message: "URI and headers are too long"}
	}
	return nil
}

// negotiate refuses a request for an answer that is no JSON. What carries files
// does so itself.
func (c *call) negotiate() *Error {
	if strings.HasPrefix(c.operation, "bulk") {
		return nil
	}
	accept := strings.ToLower(strings.Join(c.request.Header.Values("Accept"), ","))
	wantsXML := strings.Contains(accept, "application/xml") || strings.Contains(accept, "text/xml")
	if wantsXML && !strings.Contains(accept, "json") && !strings.Contains(accept, "*/*") || c.suffix == ".xml" {
		return &Error{Status: http.StatusNotAcceptable, Code: "NOT_ACCEPTABLE", Message: "answers in XML are not supported by this org"}
	}
	return nil
}

// trimSuffix takes the format off the end of a resource's path, as in
// sobjects/Lead.json. What may be a value of a field is left alone.
func (c *call) trimSuffix(segments []string) []string {
	last := len(segments) - 1
	if last < 0 || last > 2 {
		return segments
	}
	for _, suffix := range []string{".json", ".xml"} {
		if name, ok := strings.CutSuffix(segments[last], suffix); ok && name != "" {
			c.suffix = suffix
			return append(append([]string{}, segments[:last]...), name)
		}
	}
	return segments
}

// pretty lays an answer out for people, if the client asked for that.
func (c *call) pretty(body []byte) []byte {
	if c.request.Header.Get("X-PrettyPrint") != "1" || !isJSON(c.header.Get("Content-Type")) {
		return body
	}
	var laidOut bytes.Buffer
	if json.Indent(&laidOut, body, "", "  ") != nil {
		return body
	}
	return laidOut.Bytes()
}
