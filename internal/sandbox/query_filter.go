package sandbox

import (
	"regexp"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// filter is a condition whose names were found and whose values fit.
type filter interface {
	matches(q *plan, row *table.Row) bool
	// reach is a part of the table outside of which no row matches.
	reach() reach
	// rows lists candidates by index; ok is false without an index to use.
	rows(q *plan) (found []*table.Row, ok bool)
}

type (
	andFilter []filter
	orFilter  []filter
	notFilter struct{ filter }
	// compareFilter compares one field. equals holds the texts of an = or IN on
	// a field without relationships, for the index.
	compareFilter struct {
		ref    *ref
		test   func(any) bool
		equals []string
		within reach
	}
)

func (fs andFilter) matches(q *plan, row *table.Row) bool {
	for _, f := range fs {
		if !f.matches(q, row) {
			return false
		}
	}
	return true
}

func (fs orFilter) matches(q *plan, row *table.Row) bool {
	for _, f := range fs {
		if f.matches(q, row) {
			return true
		}
	}
	return false
}

func (f notFilter) matches(q *plan, row *table.Row) bool { return !f.filter.matches(q, row) }

func (f *compareFilter) matches(q *plan, row *table.Row) bool {
	return f.test(f.ref.read(q.rights, row, q.all))
}

// filter resolves a condition.
func (n *names) filter(c soql.Cond) (filter, *Error) {
	switch c := c.(type) {
	case soql.And:
		fs, err := n.filters(c)
		return andFilter(fs), err
	case soql.Or:
		fs, err := n.filters(c)
		return orFilter(fs), err
	case soql.Not:
		f, err := n.filter(c.Cond)
		return notFilter{f}, err
	}
	return n.compare(c.(*soql.Compare))
}

func (n *names) filters(conds []soql.Cond) ([]filter, *Error) {
	fs := make([]filter, len(conds))
	for i, c := range conds {
		var err *Error
		if fs[i], err = n.filter(c); err != nil {
			return nil, err
		}
	}
	return fs, nil
}

func (n *names) compare(c *soql.Compare) (filter, *Error) {
	if c.Func != "" {
		return nil, n.malformed(c.Pos, "the function %s() in a filter is not supported by this org", c.Func)
	}
	r, err := n.find(c.Path)
	if err != nil {
		return nil, err
	}
	if !r.field.Filterable || r.field.column == columnCompound {
		return nil, n.invalid(c.Pos, "field '%s' can not be filtered in a query call", r.field.Name)
	}
	if err := n.checkOperator(c, r.field); err != nil {
		return nil, err
	}
	f := &compareFilter{ref: r, within: everywhere}
	if f.test, err = n.tester(c, r.field); err != nil {
		return nil, err
	}
	if len(r.hops) == 0 {
		f.equals = indexTexts(c, r.field)
		f.within = reachOf(c, r.field)
	}
	return f, nil
}

// checkOperator refuses operators that a field's type does not have.
func (n *names) checkOperator(c *soql.Compare, f *field) *Error {
	multi := f.Type == schema.MultiPicklist
	id := f.Type == schema.ID || f.Type == schema.Reference
	bad := false
	switch c.Op {
	case soql.Includes, soql.Excludes:
		bad = !multi
	case soql.Like:
		bad = !f.isText() || multi
	case soql.Less, soql.LessEqual, soql.Greater, soql.GreaterEqual:
		bad = f.Type == schema.Boolean || multi || f.Type == schema.Reference
	}
	switch {
	case bad && id:
		return asSOQL(soql.Errorf("INVALID_QUERY_FILTER_OPERATOR", n.query.Text, c.Pos, "invalid operator on id field"))
	case bad:
		return asSOQL(soql.Errorf("INVALID_QUERY_FILTER_OPERATOR", n.query.Text, c.Pos, "'%s' operator is not valid on field '%s' of type %s", c.Op, f.Name, f.Type))
	}
	return nil
}

// isText says whether values are compared as text in a query.
func (f *field) isText() bool {
	switch f.Type {
	case schema.String, schema.Email, schema.Phone, schema.URL, schema.TextArea, schema.Picklist,
		schema.MultiPicklist, schema.Combobox, schema.EncryptedString:
		return true
	}
	return false
}

// tester makes the test of a comparison on a stored value.
func (n *names) tester(c *soql.Compare, f *field) (func(any) bool, *Error) {
	tests := make([]func(any) bool, len(c.Values))
	for i, v := range c.Values {
		var err *Error
		if tests[i], err = n.test(c.Op, v, f); err != nil {
			return nil, err
		}
	}
	switch c.Op {
	case soql.In, soql.NotIn:
		return membership(c, f, tests), nil
	case soql.Includes, soql.Excludes:
		return func(v any) bool { return anyOf(tests, v) == (c.Op == soql.Includes) }, nil
	}
	return tests[0], nil
}

func anyOf(tests []func(any) bool, v any) bool {
	for _, test := range tests {
		if test(v) {
			return true
		}
	}
	return false
}

// membership tests IN and NOT IN; long lists of text by a set.
func membership(c *soql.Compare, f *field, tests []func(any) bool) func(any) bool {
	wanted := c.Op == soql.In
	texts := indexTexts(&soql.Compare{Op: soql.In, Values: c.Values}, f)
	if texts == nil {
		return func(v any) bool { return anyOf(tests, v) == wanted }
	}
	set := make(map[string]bool, len(texts))
	for _, s := range texts {
		set[f.folded(s)] = true
	}
	return func(v any) bool {
		s, ok := v.(string)
		return (ok && set[f.folded(s)]) == wanted
	}
}

func (f *field) folded(s string) string {
	if f.foldsCase() {
		return strings.ToLower(s)
	}
	return s
}

// test makes the test for one value; the value's kind must fit the field's type.
func (n *names) test(op soql.Op, v soql.Value, f *field) (func(any) bool, *Error) {
	if v.Kind == soql.Null {
		return n.testNull(op, v)
	}
	switch {
	case f.Type == schema.Boolean && v.Kind == soql.Bool:
		return func(got any) bool { return (got == v.Bool) == (op != soql.NotEqual) }, nil
	case f.isNumber() && v.Kind == soql.Number:
		return ordered(op, func(got any) (int, bool) { x, ok := got.(float64); return sign(x - v.Number), ok }), nil
	case f.Type == schema.Date && (v.Kind == soql.Date || v.Kind == soql.RelativeDate):
		from, to := n.days(v)
		return ordered(op, func(got any) (int, bool) { s, ok := got.(string); return spanned(s, from, to), ok }), nil
	case f.Type == schema.DateTime && v.Kind == soql.DateTime:
		return ordered(op, func(got any) (int, bool) { x, ok := got.(int64); return compareSeconds(x, v.Time), ok }), nil
	case f.Type == schema.DateTime && v.Kind == soql.RelativeDate:
		from, to := n.seconds(v)
		return ordered(op, func(got any) (int, bool) { x, ok := got.(int64); return spanned(x, from, to), ok }), nil
	case (f.Type == schema.ID || f.Type == schema.Reference) && v.Kind == soql.Text:
		return n.testID(op, v)
	case (f.isText() || f.Type == schema.Time) && v.Kind == soql.Text:
		return testText(op, v, f), nil
	}
	quotes := "should not be enclosed in quotes"
	if f.isText() || f.Type == schema.ID || f.Type == schema.Reference {
		quotes = "should be enclosed in quotes"
	}
	return nil, n.invalid(v.Pos, "value of filter criterion for field '%s' must be of type %s and %s", f.Name, filterType(f), quotes)
}

// filterType names a field's type as the error about a wrong literal does.
func filterType(f *field) string {
	switch {
	case f.Type == schema.DateTime:
		return "dateTime"
	case f.isText():
		return "string"
	}
	return string(f.Type)
}

func (n *names) testNull(op soql.Op, v soql.Value) (func(any) bool, *Error) {
	switch op {
	case soql.Equal, soql.In, soql.NotIn: // NOT IN negates as a whole
		return func(got any) bool { return got == nil }, nil
	case soql.NotEqual:
		return func(got any) bool { return got != nil }, nil
	}
	return nil, n.malformed(v.Pos, "unexpected token: 'null'")
}

func (n *names) testID(op soql.Op, v soql.Value) (func(any) bool, *Error) {
	id, ok := normaliseID(strings.TrimSpace(v.Text))
	if !ok && v.Text != "" {
		return nil, asSOQL(soql.Errorf("INVALID_QUERY_FILTER_OPERATOR", n.query.Text, v.Pos, "invalid ID field: %s", v.Text))
	}
	return ordered(op, func(got any) (int, bool) { s, isText := got.(string); return strings.Compare(s, id), isText }), nil
}

func testText(op soql.Op, v soql.Value, f *field) func(any) bool {
	if v.Text == "" && (op == soql.Equal || op == soql.NotEqual || op == soql.In || op == soql.NotIn) {
		return func(got any) bool { return (got == nil) == (op != soql.NotEqual) } // '' is null
	}
	switch op {
	case soql.Like:
		pattern := likePattern(v.Text)
		return func(got any) bool { s, ok := got.(string); return ok && pattern.MatchString(s) }
	case soql.Includes, soql.Excludes:
		return func(got any) bool { s, _ := got.(string); return holdsAll(s, v.Text) }
	}
	compare := strings.Compare
	if f.foldsCase() {
		compare = table.CompareFold
	}
	return ordered(op, func(got any) (int, bool) { s, ok := got.(string); return compare(s, v.Text), ok })
}

// holdsAll says whether a multi-select holds all values of one INCLUDES element.
func holdsAll(chosen, wanted string) bool {
	for _, w := range strings.Split(wanted, ";") {
		found := false
		for _, c := range strings.Split(chosen, ";") {
			found = found || strings.EqualFold(c, w)
		}
		if !found {
			return false
		}
	}
	return true
}

// likePattern turns a LIKE text into an expression: % any text, _ one character,
// a backslash takes the next character as it is.
func likePattern(like string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("(?is)^")
	escaped := false
	for _, r := range like {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteByte('.')
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	b.WriteByte('$')
	return regexp.MustCompile(b.String())
}
