package sandbox

import (
	"regexp"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// orgCurrency is the one currency of the org.
const orgCurrency = "USD"

// tester makes the test of a comparison on a stored value.
func (n *names) tester(c *soql.Compare, f *field) (func(any) bool, *Error) {
	tests := make([]func(any) bool, len(c.Values))
	for i, v := range c.Values {
		var err *Error
		if tests[i], err = n.test(c, v, f); err != nil {
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

// membership tests IN and NOT IN; lists of text or numbers by a set.
func membership(c *soql.Compare, f *field, tests []func(any) bool) func(any) bool {
	wanted := c.Op == soql.In
	texts := indexTexts(&soql.Compare{Op: soql.In, Values: c.Values}, f)
	if texts == nil {
		return func(v any) bool { return anyOf(tests, v) == wanted }
	}
	return inSet(texts, f, wanted)
}

// inSet tests whether a text, or the key of a number, is one of many, or is not.
func inSet(texts []string, f *field, wanted bool) func(any) bool {
	set := make(map[string]bool, len(texts))
	for _, s := range texts {
		set[f.folded(s)] = true
	}
	return func(v any) bool {
		s, ok := v.(string)
		if x, isNumber := v.(float64); isNumber {
			s, ok = table.KeyOf(x+0), true
		}
		return (ok && set[f.folded(s)]) == wanted
	}
}

// key is a value by which equal ones are told.
func (f *field) key(v any) any {
	if s, ok := v.(string); ok {
		return f.folded(s)
	}
	return v
}

func (f *field) folded(s string) string {
	if f.foldsCase() {
		return strings.ToLower(s)
	}
	return s
}

// test makes the test for one value; the value's kind must fit the field's type.
func (n *names) test(c *soql.Compare, v soql.Value, f *field) (func(any) bool, *Error) {
	op := c.Op
	switch {
	case v.Kind == soql.Null:
		return n.testNull(c, v)
	case f.Type == schema.Boolean && v.Kind == soql.Bool:
		return func(got any) bool { return (got == v.Bool) == (op != soql.NotEqual) }, nil
	case f.isNumber() && v.Kind == soql.Number:
		return testNumber(op, v.Number), nil
	case f.Type == schema.Currency && v.Kind == soql.Money:
		if v.Text != orgCurrency {
			return nil, n.malformed(v.Pos, "Invalid currency code: %s", v.Text)
		}
		return testNumber(op, v.Number), nil
	case (f.Type == schema.ID || f.Type == schema.Reference) && v.Kind == soql.Text:
		return n.testID(c, v)
	case (f.isText() || f.Type == schema.Time) && v.Kind == soql.Text:
		return testText(op, v, f), nil
	}
	if test := n.testTime(op, v, f); test != nil {
		return test, nil
	}
	return nil, n.misfit(c, f)
}

// misfit refuses a value of the wrong kind; the place is the field's, not the
// value's.
func (n *names) misfit(c *soql.Compare, f *field) *Error {
	quotes := "should not be enclosed in quotes"
	if f.isText() || f.Type == schema.ID || f.Type == schema.Reference {
		quotes = "should be enclosed in quotes"
	}
	return n.invalid(c.Pos, "value of filter criterion for field '%s' must be of type %s and %s", f.Name, filterType(f), quotes)
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

func testNumber(op soql.Op, with float64) func(any) bool {
	return ordered(op, func(got any) (int, bool) { x, ok := got.(float64); return sign(x - with), ok })
}

// testTime makes the test of a date or datetime field, nil for a value that does
// not fit.
func (n *names) testTime(op soql.Op, v soql.Value, f *field) func(any) bool {
	switch {
	case f.Type == schema.Date && (v.Kind == soql.Date || v.Kind == soql.RelativeDate):
		from, to := n.days(v)
		return ordered(op, func(got any) (int, bool) { s, ok := got.(string); return spanned(s, from, to), ok })
	case f.Type == schema.DateTime && v.Kind == soql.DateTime:
		return ordered(op, func(got any) (int, bool) { x, ok := got.(int64); return compareSeconds(x, v.Time), ok })
	case f.Type == schema.DateTime && v.Kind == soql.RelativeDate:
		from, to := n.seconds(v)
		return ordered(op, func(got any) (int, bool) { x, ok := got.(int64); return spanned(x, from, to), ok })
	}
	return nil
}

func (n *names) testNull(c *soql.Compare, v soql.Value) (func(any) bool, *Error) {
	switch c.Op {
	case soql.Equal, soql.In, soql.NotIn: // NOT IN negates as a whole
		return func(got any) bool { return got == nil }, nil
	case soql.NotEqual:
		return func(got any) bool { return got != nil }, nil
	case soql.Includes, soql.Excludes: // EXCLUDES negates as a whole
		return func(got any) bool { return got == nil }, nil
	}
	return nil, n.malformed(v.Pos, "'null' can not be used with the operator '%s'", c.Op)
}

func (n *names) testID(c *soql.Compare, v soql.Value) (func(any) bool, *Error) {
	if v.Text == "" {
		return func(got any) bool { return (got == nil) == (c.Op != soql.NotEqual) }, nil
	}
	id, ok := normaliseID(strings.TrimSpace(v.Text))
	if !ok {
		return nil, asSOQL(soql.Errorf("INVALID_QUERY_FILTER_OPERATOR", n.query.Text, c.Pos, "invalid ID field: %s", v.Text))
	}
	return ordered(c.Op, func(got any) (int, bool) { s, isText := got.(string); return strings.Compare(s, id), isText }), nil
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
			found = found || strings.EqualFold(c, strings.TrimSpace(w))
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
