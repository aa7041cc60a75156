package sandbox

import (
	"slices"
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
		return ok || isFlag(v)
	},
	"sforce-call-options": func(v string) bool { return onlyOptions(v, ",", "client", "defaultNamespace") }, // nothing here is in a namespace
	"sforce-duplicate-rule-header": func(v string) bool {
		return onlyOptions(v, ";", "allowSave", "includeRecordDetails", "runAsCurrentUser")
	},
	"sforce-mru":           func(v string) bool { return onlyOptions(v, ";", "updateMru") && isFlag(option(v, ";", "updateMru")) },
	"sforce-query-options": func(v string) bool { _, ok := batchSize(v); return ok },
}

func isFlag(v string) bool { return isTrue(v) || strings.EqualFold(v, "false") }

func isTrue(v string) bool { return strings.EqualFold(v, "true") }

// onlyOptions says whether a header value of name=value parts has known names only.
func onlyOptions(header, separator string, names ...string) bool {
	for _, part := range strings.Split(header, separator) {
		name, _, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || !slices.ContainsFunc(names, func(known string) bool { return strings.EqualFold(known, name) }) {
			return false
		}
	}
	return true
}

// option is the value of one name=value part of a header, "" without it.
func option(header, separator, name string) string {
	for _, part := range strings.Split(header, separator) {
		if n, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok && strings.EqualFold(n, name) {
			return v
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
