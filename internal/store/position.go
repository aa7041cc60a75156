package store

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"conversion"
)

// position is where a page of a list ended: what an opaque cursor holds.
type position struct {
	List   string `json:"l"`           // the list it belongs to, with its filters where they decide the order
	Phase  int    `json:"p,omitempty"` // which of a list's parts
	Text   string `json:"t,omitempty"` // sort key, when it is a text
	Number int64  `json:"n,omitempty"` // sort key, when it is a number
	ID     string `json:"i"`
}

// cursor gives the opaque form.
func (p position) cursor() string {
	data, _ := json.Marshal(p) // nothing in it can fail
	return base64.RawURLEncoding.EncodeToString(data)
}

// parsePosition reads a cursor of the list; "" gives the zero position. Anything else is
// a CodeInvalid error naming "cursor".
func parsePosition(cursor, list string) (position, error) {
	var p position
	if cursor == "" {
		return p, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil || p.List != list || p.ID == "" || text(p.ID) != p.ID || text(p.Text) != p.Text {
		return position{}, badCursor()
	}
	return p, nil
}

func badCursor() error {
	return conversion.Invalid("cursor", "is not one of this list; begin without it")
}

// cut leaves limit rows of a page that was read with one more, and returns the cursor of
// the next page, "" when there is none.
func cut[T any](rows []T, limit int, at func(T) position) (page []T, next string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], at(rows[limit-1]).cursor()
}

// query is a SELECT put together from parts, with ? for the next argument. Parts are
// constants of this package.
type query struct {
	parts strings.Builder
	args  []any
}

func newQuery(part string, args ...any) *query {
	q := new(query)
	q.add(part, args...)
	return q
}

// add appends a part with its arguments.
func (q *query) add(part string, args ...any) {
	for _, a := range args {
		before, rest, _ := strings.Cut(part, "?")
		q.args = append(q.args, a)
		q.parts.WriteString(before + "$" + strconv.Itoa(len(q.args)))
		part = rest
	}
	q.parts.WriteString(part)
}

func (q *query) text() string { return q.parts.String() }
