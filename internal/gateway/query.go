package gateway

import (
	"context"
	"fmt"
	"net/url"

	"conversion"
	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
)

// slice is the answer to a query that may have been too wide for one request.
type slice struct {
	rows  []salesforce.Row // by the query's columns
	asked asking
	full  bool   // there are rows beyond
	moved bool   // rows changed between the requests and were left out
	last  string // the id of the last row, left out or not
}

// read is a way to ask: Query or QueryAll of the client.
type read func(context.Context, soql.Query) (salesforce.Page, error)

// first reads the first page of a query that is ordered by its key columns. A query too
// long for a URI is asked in parts over the same rows, joined by Id; a row that changed
// between the parts is left out: its new stamp brings it again.
func (o *Org) first(ctx context.Context, ask read, q soql.Query, limit int) (slice, error) {
	s, err := o.joined(q, func(part soql.Query) (salesforce.Page, error) { return ask(ctx, part) })
	if err != nil {
		return slice{}, orgError(conversion.Object(q.Object()), err)
	}
	s.full = s.full || len(s.rows) >= limit
	return s, nil
}

// readTries is how often rows that change under the reading are read anew.
const readTries = 4

// all reads every row of a query.
func (o *Org) all(ctx context.Context, ask read, q soql.Query) (slice, error) {
	object := conversion.Object(q.Object())
	for range readTries {
		s, err := o.joined(q, func(part soql.Query) (salesforce.Page, error) { return o.pages(ctx, ask, part) })
		if err != nil {
			return slice{}, orgError(object, err)
		}
		if !s.moved {
			return s, nil
		}
	}
	return slice{}, conversion.Errorf(conversion.CodeUnavailable, "Records of %s change faster than they can be read.", object)
}

// pages reads a query to its end, as one page.
func (o *Org) pages(ctx context.Context, ask read, q soql.Query) (salesforce.Page, error) {
	whole, err := ask(ctx, q)
	for page := whole; err == nil && page.Next != ""; {
		if page, err = o.client.QueryMore(ctx, page); err == nil {
			whole.Rows = append(whole.Rows, page.Rows...)
		}
	}
	whole.Next = ""
	return whole, err
}

// joined asks a query in as many parts as its length needs. The key columns have to be
// its first.
func (o *Org) joined(q soql.Query, ask func(soql.Query) (salesforce.Page, error)) (slice, error) {
	parts, err := q.Split(salesforce.MaxEncodedQuery, keyColumns...)
	if err != nil {
		return slice{}, fmt.Errorf("divide the columns: %w", err)
	}
	page, err := ask(parts[0])
	if err != nil {
		return slice{}, err
	}
	s := slice{rows: page.Rows, asked: o.asked(page.Asked), full: page.Next != ""}
	if n := len(page.Rows); n > 0 {
		s.last = recordID(page.Rows[n-1][0].Text)
	}
	for _, part := range parts[1:] {
		page, err := ask(part)
		if err != nil {
			return slice{}, err
		}
		s.join(page)
	}
	return s, nil
}

// join appends the columns of another part to the rows that are the same in both.
func (s *slice) join(page salesforce.Page) {
	more := make(map[string]salesforce.Row, len(page.Rows))
	for _, row := range page.Rows {
		more[row[0].Text] = row
	}
	kept := make([]salesforce.Row, 0, len(s.rows))
	for _, row := range s.rows {
		if other := more[row[0].Text]; other != nil && other[1] == row[1] {
			kept = append(kept, append(row, other[len(keyColumns):]...))
		}
	}
	s.moved = s.moved || len(kept) < len(s.rows)
	s.rows, s.full = kept, s.full || page.Next != ""
}

// maxEncodedList bounds the list of values of one query, in bytes of a URL; the rest is
// for its columns.
const maxEncodedList = salesforce.MaxEncodedQuery / 2

// lists divides values into as few lists as a query each can hold. extra is what each
// value takes beside itself, in bytes of a URL.
func lists(values []string, extra int) [][]string {
	var divided [][]string
	begin, length := 0, 0
	for i, v := range values {
		size := len(url.QueryEscape(v)) + extra
		if length+size > maxEncodedList && i > begin {
			divided = append(divided, values[begin:i])
			begin, length = i, 0
		}
		length += size
	}
	if begin < len(values) {
		divided = append(divided, values[begin:])
	}
	return divided
}

// listExtra is what a value of an IN list takes beside itself: quotes, comma and blank,
// with room for a few escapes.
const listExtra = 16

// after holds for what comes after the cursor in the order of (SystemModstamp, Id).
func after(q soql.Query, cursor conversion.Cursor) soql.Query {
	if cursor.Modstamp == 0 {
		return q
	}
	stamp := soql.Time(cursor.Modstamp.Time())
	if cursor.ID == "" {
		return q.Where(soql.AtLeast("SystemModstamp", stamp))
	}
	return q.Where(soql.Or(
		soql.Greater("SystemModstamp", stamp),
		soql.And(soql.Equal("SystemModstamp", stamp), soql.Greater("Id", soql.Text(cursor.ID))),
	))
}

// inOrder orders by the key columns.
func inOrder(q soql.Query) soql.Query {
	return q.OrderBy(soql.Ascending("SystemModstamp"), soql.Ascending("Id"))
}

// cursorAt returns the cursor at the row.
func cursorAt(row salesforce.Row) conversion.Cursor {
	return conversion.Cursor{Modstamp: moment(row[1]), ID: recordID(row[0].Text)}
}
