package salesforce

import (
	"fmt"
	"strconv"
	"time"
)

// Kind is the JSON type of a cell.
type Kind uint8

// The kinds of cells. Absent is the zero value: the answer did not hold the
// column at all, which is not the same as Null.
const (
	Absent Kind = iota
	Null
	String
	Number
	Bool
	Object // an object or array, as a compound address
)

// Cell is one value of a record as Salesforce spells it: the characters of a
// string, a number with its digits as sent, "true" or "false", or the JSON of an
// object. Text is empty for Null and Absent.
type Cell struct {
	Kind Kind
	Text string
}

// NullCell clears a field.
func NullCell() Cell { return Cell{Kind: Null} }

// StringCell is a text, an id, a date or a datetime.
func StringCell(text string) Cell { return Cell{Kind: String, Text: text} }

// NumberCell is a number by its digits; they must be valid JSON.
func NumberCell(digits string) Cell { return Cell{Kind: Number, Text: digits} }

// BoolCell is a checkbox.
func BoolCell(value bool) Cell { return Cell{Kind: Bool, Text: strconv.FormatBool(value)} }

// TimeCell is a datetime, to the millisecond, in UTC.
func TimeCell(t time.Time) Cell { return StringCell(t.UTC().Format(timeLayout)) }

const timeLayout = "2006-01-02T15:04:05.000Z0700"

// ParseTime reads a datetime as Salesforce writes it, such as
// 2026-01-31T09:08:07.000+0000; RFC 3339 is read as well.
func ParseTime(text string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04:05Z0700", time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a datetime of Salesforce", text)
}

// Row holds one record's cells, in the order of its page's columns. In an answer
// by id a nil Row means that there is no such record, or none that the user sees.
type Row []Cell

// Page is a part of a query's rows, or the records asked for by id.
type Page struct {
	Columns   []string
	Rows      []Row
	TotalSize int       // rows of the whole query; for a count, the count
	Next      string    // locator of the next page; empty on the last
	Asked     time.Time // when the request began, by our clock
}

// Record is a record to be written.
type Record struct {
	ID     string // for updates only
	Fields []Field
}

// Field is one field of a record to be written.
type Field struct {
	Name  string
	Value Cell
}

// Result is what became of one record of a write, in the order of the request.
type Result struct {
	ID      string // empty if nothing was created
	Success bool
	Created bool    // an upsert made the record
	Errors  []Error // why not, if not
}

// Err returns the first error of a record that failed, nil if it succeeded.
func (r Result) Err() error {
	if r.Success || len(r.Errors) == 0 {
		return nil
	}
	return &r.Errors[0]
}
