package sandbox

import (
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"time"

	"conversion/internal/sandbox/table"
)

// revision is the state of a resource as far as conditional requests ask for it.
type revision struct {
	changed int64  // Unix seconds
	tag     string // the entity tag in quotes, "" for a resource without
}

func (r revision) stamp(c *call) {
	c.header.Set("Last-Modified", httpDate(r.changed))
	if r.tag != "" {
		c.header.Set("ETag", r.tag)
	}
}

// recordRevision is a record's. Only accounts have entity tags.
func (o *object) recordRevision(row *table.Row) revision {
	r := revision{changed: row.Stamp}
	if column, ok := o.column("LastModifiedDate"); ok {
		r.changed, _ = row.Get(column).(int64)
	}
	if o.Name == "Account" {
		r.tag = entityTag(row.ID, row.Stamp, row.Data)
	}
	return r
}

func entityTag(state ...any) string {
	return fmt.Sprintf(`"%08x"`, crc32.ChecksumIEEE(fmt.Append(nil, state...)))
}

var conditionalHeaders = []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}

// unconditional refuses conditional headers, for resources that have no state to
// compare.
func (c *call) unconditional() *Error {
	for _, name := range conditionalHeaders {
		if c.request.Header.Get(name) != "" {
			return refusal("FUNCTIONALITY_NOT_ENABLED", "the request header is not supported by this resource: "+name)
		}
	}
	return nil
}

// conditional obeys the conditional headers of a request for a resource. handled
// means that the request ends here, with 304 or an error.
func (c *call) conditional(r revision) (handled bool, refused *Error) {
	h := c.request.Header
	match, noneMatch := h.Get("If-Match"), h.Get("If-None-Match")
	if r.tag == "" && (match != "" || noneMatch != "") {
		return true, refusal("FUNCTIONALITY_NOT_ENABLED", "entity tags are not supported by this resource")
	}
	since, err := c.dateHeader("If-Modified-Since")
	if err != nil {
		return true, err
	}
	until, err := c.dateHeader("If-Unmodified-Since")
	if err != nil {
		return true, err
	}
	reading := c.isRead()
	switch {
	case !since.IsZero() && !reading:
		return true, refusal("FUNCTIONALITY_NOT_ENABLED", "If-Modified-Since is not supported by writes")
	case match != "" && !matches(match, r.tag), !until.IsZero() && r.changed > until.Unix(), noneMatch != "" && matches(noneMatch, r.tag) && !reading:
		return true, preconditionFailed()
	case noneMatch != "" && matches(noneMatch, r.tag), noneMatch == "" && !since.IsZero() && r.changed <= since.Unix():
		r.stamp(c)
		return true, c.noContent(http.StatusNotModified)
	}
	return false, nil
}

// conditionalOnNothing obeys the conditional headers of a write for a record that
// is not there yet: only a demand for a certain state fails.
func (c *call) conditionalOnNothing() *Error {
	if c.request.Header.Get("If-Match") != "" {
		return preconditionFailed()
	}
	return nil
}

func preconditionFailed() *Error {
	return &Error{Status: http.StatusPreconditionFailed, Code: "PRECONDITION_FAILED",
		Message: "The request wasn't executed because one or more of the preconditions in its headers weren't satisfied."}
}

func (c *call) isRead() bool {
	m := c.method()
	return m == http.MethodGet || m == http.MethodHead
}

// matches says whether a list of entity tags holds one.
func matches(list, tag string) bool {
	for _, given := range strings.Split(list, ",") {
		given = strings.TrimPrefix(strings.TrimSpace(given), "W/")
		if given == "*" || strings.Trim(given, `"`) == strings.Trim(tag, `"`) {
			return true
		}
	}
	return false
}

// headerDates are the forms of a date in a header, beside those of HTTP.
var headerDates = []string{time.RFC1123Z, "Mon, _2 Jan 2006 15:04:05 MST", "Mon, _2 Jan 2006 15:04:05 -0700"}

// dateHeader reads a date from a header, in whole seconds; zero without one.
func (c *call) dateHeader(name string) (time.Time, *Error) {
	text := strings.TrimSpace(c.request.Header.Get(name))
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := http.ParseTime(text); err == nil {
		return t, nil
	}
	for _, layout := range headerDates {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, refusal("INVALID_ARGUMENT_TYPE", fmt.Sprintf("The header %s is no date such as Mon, 30 Nov 2020 08:34:54 GMT: %s", name, text))
}

func httpDate(at int64) string { return time.Unix(at, 0).UTC().Format(http.TimeFormat) }
