package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// match finds the endpoint of a path and fills in what its pattern names.
func (c *call) match(table []endpoint, segments []string) (func(*call) *Error, *Error) {
	var allowed []string
	for _, e := range table {
		params, ok := e.matches(segments)
		if !ok {
			continue
		}
		if e.serves(c.method()) {
			c.operation, c.params, c.object = e.operation, params, c.canonical(params["object"])
			return e.checked(), nil
		}
		allowed = append(allowed, e.method)
	}
	if len(allowed) == 0 {
		return nil, notFound()
	}
	methods := inOrder(allowed)
	c.header.Set("Allow", methods)
	return nil, &Error{Status: http.StatusMethodNotAllowed, Code: "METHOD_NOT_ALLOWED",
		Message: fmt.Sprintf("HTTP Method '%s' not allowed. Allowed are %s", c.method(), methods)}
}

// serves says whether the endpoint takes a method; what can be got can be asked
// for its headers.
func (e endpoint) serves(method string) bool {
	return e.method == method || e.method == http.MethodGet && method == http.MethodHead
}

// inOrder lists methods as Salesforce does.
func inOrder(allowed []string) string {
	if slices.Contains(allowed, http.MethodGet) {
		allowed = append(allowed, http.MethodHead)
	}
	var listed []string
	for _, m := range []string{"HEAD", "GET", "POST", "PUT", "PATCH", "DELETE"} {
		if slices.Contains(allowed, m) {
			listed = append(listed, m)
		}
	}
	return strings.Join(listed, ",")
}

func (e endpoint) matches(segments []string) (map[string]string, bool) {
	var pattern []string
	if e.pattern != "" {
		pattern = strings.Split(e.pattern, "/")
	}
	if len(pattern) != len(segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, p := range pattern {
		if strings.HasPrefix(p, "{") {
			params[p[1:len(p)-1]] = segments[i]
		} else if p != segments[i] {
			return nil, false
		}
	}
	return params, true
}

// checked refuses query parameters and conditions that the endpoint does not know.
func (e endpoint) checked() func(*call) *Error {
	if e.query == "*" {
		return e.handle
	}
	known := strings.Fields(e.query)
	return func(c *call) *Error {
		given, err := url.ParseQuery(c.request.URL.RawQuery)
		if err != nil {
			return refusal("ILLEGAL_QUERY_PARAMETER_VALUE", "the query string is not well formed: "+err.Error())
		}
		for name, values := range given {
			switch {
			case name != "_HttpMethod" && !slices.Contains(known, name):
				return refusal("ILLEGAL_QUERY_PARAMETER_VALUE", "the query parameter is not supported by this org: "+name)
			case len(values) > 1:
				return refusal("ILLEGAL_QUERY_PARAMETER_VALUE", "the query parameter is given more than once: "+name)
			}
		}
		if !e.hasState() {
			if err := c.unconditional(); err != nil {
				return err
			}
		}
		return e.handle(c)
	}
}

// hasState says whether the endpoint's resource obeys conditional headers: objects
// and records do.
func (e endpoint) hasState() bool {
	return strings.HasPrefix(e.pattern, "sobjects") && e.method != http.MethodPost && e.operation != "updated" && e.operation != "deleted"
}

// method is the request's method, which clients without PATCH may override.
func (c *call) method() string {
	if c.request.Method == http.MethodPost {
		if m := c.request.URL.Query().Get("_HttpMethod"); m != "" {
			return strings.ToUpper(m)
		}
	}
	return c.request.Method
}

// canonical gives an object's name its own case.
func (c *call) canonical(name string) string {
	defer c.view()()
	if obj, ok := c.org.object(name); ok {
		return obj.Name
	}
	return name
}
