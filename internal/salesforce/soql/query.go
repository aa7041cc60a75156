// Package soql is the only place where SOQL text is made.
//
// A query is put together from typed parts: object and field names are checked
// against the grammar of API names, values are escaped, so nothing that came
// from a person or an org can change what a query means. The package builds
// text; it must never send a request, and callers must never join SOQL
// themselves.
package soql

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxLength is the number of characters Salesforce accepts in one query.
const MaxLength = 100_000

// Query is a SELECT under construction. It is a value: every method returns a
// changed copy, so a common beginning can be shared. Mistakes (a bad name, a
// literal that is too long) are reported by Text.
type Query struct {
	object  string
	columns []string
	count   bool
	where   []Condition
	order   []Order
	limit   int
}

// Select starts a query of the columns: field names, or paths over parents such
// as Owner.Name.
func Select(columns ...string) Query {
	return Query{columns: slices.Clone(columns)}
}

// Count starts a SELECT COUNT(): the answer has no rows, only a total.
func Count() Query {
	return Query{count: true}
}

// From names the object that is read.
func (q Query) From(object string) Query {
	q.object = object
	return q
}

// Where adds conditions; all of them must hold.
func (q Query) Where(conditions ...Condition) Query {
	q.where = append(slices.Clip(q.where), conditions...)
	return q
}

// OrderBy adds what the rows are sorted by.
func (q Query) OrderBy(order ...Order) Query {
	q.order = append(slices.Clip(q.order), order...)
	return q
}

// Limit bounds the number of rows; 0 means no bound.
func (q Query) Limit(rows int) Query {
	q.limit = rows
	return q
}

// Object returns the API name of the object that is read.
func (q Query) Object() string { return q.object }

// Columns returns the selected columns, in their order. It is empty for a count.
func (q Query) Columns() []string { return slices.Clone(q.columns) }

// Order says how rows are sorted by one field.
type Order struct {
	field      string
	descending bool
}

// Ascending sorts from low to high, blanks first.
func Ascending(field string) Order { return Order{field: field} }

// Descending sorts from high to low, blanks last.
func Descending(field string) Order { return Order{field: field, descending: true} }

// Text returns the query as SOQL, or says which part of it cannot be said.
func (q Query) Text() (string, error) {
	w := &writer{}
	q.write(w)
	if w.err == nil && utf8.RuneCountInString(w.text.String()) > MaxLength {
		w.fail(fmt.Errorf("the query is longer than %d characters", MaxLength))
	}
	if w.err != nil {
		return "", fmt.Errorf("query of %s: %w", strconv.Quote(q.object), w.err)
	}
	return w.text.String(), nil
}

// EncodedLen returns the number of bytes the query takes as a parameter of a
// URL; what does not fit has to be split.
func (q Query) EncodedLen() (int, error) {
	text, err := q.Text()
	return len(url.QueryEscape(text)), err
}

func (q Query) write(w *writer) {
	w.raw("SELECT ")
	q.writeColumns(w)
	w.raw(" FROM ")
	w.name(q.object)
	q.writeWhere(w)
	q.writeOrder(w)
	if q.limit < 0 {
		w.fail(fmt.Errorf("negative limit %d", q.limit))
	}
	if q.limit > 0 {
		w.raw(" LIMIT " + strconv.Itoa(q.limit))
	}
}

func (q Query) writeColumns(w *writer) {
	if q.count {
		w.raw("COUNT()")
		return
	}
	if len(q.columns) == 0 {
		w.fail(errNoColumns)
	}
	selected := make(map[string]bool, len(q.columns))
	for i, column := range q.columns {
		if i > 0 {
			w.raw(", ")
		}
		// Names do not tell upper from lower case.
		folded := strings.ToLower(column)
		if selected[folded] {
			w.fail(fmt.Errorf("column %q is selected twice", column))
		}
		selected[folded] = true
		w.path(column)
	}
}

func (q Query) writeWhere(w *writer) {
	if len(q.where) == 0 {
		return
	}
	w.raw(" WHERE ")
	And(q.where...).writeTop(w)
}

func (q Query) writeOrder(w *writer) {
	for i, order := range q.order {
		if i == 0 {
			w.raw(" ORDER BY ")
		} else {
			w.raw(", ")
		}
		w.path(order.field)
		if order.descending {
			w.raw(" DESC NULLS LAST")
		} else {
			w.raw(" ASC")
		}
	}
}
