package sandbox

import (
	"strconv"
	"strings"
)

// checkHeaders refuses what the org would otherwise ignore: Salesforce's own
// request headers that it does not know, and values that it does not support.
func (c *call) checkHeaders() *Error {
	for name := range c.request.Header {
		lower := strings.ToLower(name)
		if !strings.HasPrefix(lower, "sforce-") && !strings.HasPrefix(lower, "x-sfdc-") {
			continue
		}
		check, known := requestHeaders[lower]
		if !known || !check(c.request.Header.Get(name)) {
			return refusal("FUNCTIONALITY_NOT_ENABLED", "the request header is not supported by this org: "+name+": "+c.request.Header.Get(name))
		}
	}
	return nil
}

// requestHeaders are the headers that are obeyed, with what their values may be.
var requestHeaders = map[string]func(string) bool{
	"sforce-auto-assign": func(v string) bool {
		_, ok := normaliseID(v)
		return ok || strings.EqualFold(v, "true") || strings.EqualFold(v, "false")
	},
	"sforce-call-options": func(v string) bool { return onlyOptions(v, ",", "client") },
	"sforce-duplicate-rule-header": func(v string) bool {
		return onlyOptions(v, ";", "allowSave", "includeRecordDetails", "runAsCurrentUser")
	},
	"sforce-mru":           func(v string) bool { return onlyOptions(v, ";", "updateMru") && isFlag(option(v, ";", "updateMru")) },
	"sforce-query-options": func(v string) bool { _, ok := batchSize(v); return ok },
}

func isFlag(v string) bool { return v == "true" || v == "false" }

// onlyOptions says whether a header value of name=value parts has known names only.
func onlyOptions(header, separator string, names ...string) bool {
	for _, part := range strings.Split(header, separator) {
		name, _, ok := strings.Cut(strings.TrimSpace(part), "=")
		known := false
		for _, n := range names {
			known = known || strings.EqualFold(n, name)
		}
		if !ok || !known {
			return false
		}
	}
	return true
}

func option(header, separator, name string) string {
	for _, part := range strings.Split(header, separator) {
		if n, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok && strings.EqualFold(n, name) {
			return strings.ToLower(v)
		}
	}
	return ""
}

const pageSize, smallestPage = 2000, 200

// batchSize reads Sforce-Query-Options; the size is forced into its range.
func batchSize(header string) (int, bool) {
	if header == "" {
		return pageSize, true
	}
	n, err := strconv.Atoi(option(header, ",", "batchSize"))
	return min(max(n, smallestPage), pageSize), err == nil && onlyOptions(header, ",", "batchSize")
}
