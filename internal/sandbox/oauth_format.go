package sandbox

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// The formats of an OAuth answer, by content type.
const (
	formJSON    = "application/json"
	formXML     = "application/xml"
	formEncoded = "application/x-www-form-urlencoded"
)

// format is the form of the answer that a client asks for: by the parameter
// format, else by the Accept header, else the usual one.
func (c *call) format(usual string) string {
	switch c.form().Get("format") {
	case "json":
		return formJSON
	case "xml":
		return formXML
	case "urlencoded":
		return formEncoded
	}
	for _, accepted := range strings.Split(c.request.Header.Get("Accept"), ",") {
		kind, _, _ := strings.Cut(accepted, ";")
		switch kind = strings.ToLower(strings.TrimSpace(kind)); kind {
		case formJSON, formXML, formEncoded:
			return kind
		case "text/html": // a browser, which takes XML too
			return usual
		}
	}
	return usual
}

// asOAuth answers with a refusal as OAuth endpoints do, if there is one.
func (c *call) asOAuth(err *Error) *Error {
	if err == nil {
		return nil
	}
	return c.oauthError(err.Status, err.Code, err.Message)
}

// oauthError answers as OAuth endpoints do: one object.
func (c *call) oauthError(status int, code, description string) *Error {
	return c.answerOAuth(status, map[string]any{"error": code, "error_description": description})
}

// answerOAuth answers in the form that the client asks for, JSON if it does not.
func (c *call) answerOAuth(status int, answer map[string]any) *Error {
	return c.answerOAuthAs(c.format(formJSON), status, answer)
}

func (c *call) answerOAuthAs(format string, status int, answer map[string]any) *Error {
	c.header.Set("Cache-Control", "no-store")
	c.header.Set("Pragma", "no-cache")
	switch format {
	case formXML:
		c.status, c.answer = status, appendXML([]byte(xml.Header), "OAuth", answer)
	case formEncoded:
		values := url.Values{}
		flatten(values, "", answer)
		c.status, c.answer = status, []byte(values.Encode())
	default:
		return c.json(status, answer)
	}
	c.header.Set("Content-Type", format+";charset=UTF-8")
	return nil
}

// appendXML writes a value as an element.
func appendXML(b []byte, name string, value any) []byte {
	b = fmt.Appendf(b, "<%s>", name)
	switch v := value.(type) {
	case map[string]any:
		for _, member := range slices.Sorted(maps.Keys(v)) {
			b = appendXML(b, member, v[member])
		}
	case map[string]string:
		for _, member := range slices.Sorted(maps.Keys(v)) {
			b = appendXML(b, member, v[member])
		}
	case nil:
	default:
		var text bytes.Buffer
		_ = xml.EscapeText(&text, fmt.Append(nil, v)) // a buffer never fails
		b = append(b, text.Bytes()...)
	}
	return fmt.Appendf(b, "</%s>", name)
}

// flatten writes a value as form fields, those of an inner object with the names
// of both: photos.picture.
func flatten(values url.Values, name string, value any) {
	inner := func(member string) string { return strings.TrimPrefix(name+"."+member, ".") }
	switch v := value.(type) {
	case map[string]any:
		for member, of := range v {
			flatten(values, inner(member), of)
		}
	case map[string]string:
		for member, of := range v {
			flatten(values, inner(member), of)
		}
	case nil:
		values.Set(name, "")
	default:
		values.Set(name, fmt.Sprint(v))
	}
}
