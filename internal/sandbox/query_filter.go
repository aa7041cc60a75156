package sandbox

import (
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
	// compareFilter compares a term. equals holds the texts of an = or IN on a
	// field of the object itself, for the index.
	compareFilter struct {
		term   *term
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
	return f.test(f.term.read(q.rights, row, q.all))
}

// filter resolves a condition.
func (n *names) filter(c soql.Cond) (filter, *Error) {
	switch c := c.(type) {
	case soql.And:
		fs, err := n.filters(c)
		return andFilter(fs), err
	case soql.Or:
		if err := n.noSemiJoin(c); err != nil {
			return nil, err
		}
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
	t, err := n.term(c.Expr)
	if err != nil {
		return nil, err
	}
	switch {
	case t.field.column == columnCompound:
		return nil, n.invalid(c.Pos, "Address fields can only be filtered using Distance functions")
	case !t.ref.field.Filterable && t.measure == nil:
		return nil, n.invalid(c.Pos, "field '%s' can not be filtered in a query call", t.ref.field.Name)
	}
	if c.Sub != nil {
		return n.semiJoin(c, t)
	}
	if err := n.checkOperator(c, t.field); err != nil {
		return nil, err
	}
	f := &compareFilter{term: t, within: everywhere}
	if f.test, err = n.tester(c, t.field); err != nil {
		return nil, err
	}
	if t.plain() {
		f.equals = indexTexts(c, t.field)
		f.within = reachOf(c, t.field)
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
	case bad && (c.Op == soql.Includes || c.Op == soql.Excludes):
		return asSOQL(soql.Errorf("INVALID_QUERY_FILTER_OPERATOR", n.query.Text, c.Pos, "'includes' or 'excludes' operator only valid on multipicklist field"))
	case bad && c.Op == soql.Like:
		return asSOQL(soql.Errorf("INVALID_QUERY_FILTER_OPERATOR", n.query.Text, c.Pos, "'like' operator is not valid on field '%s' of type %s", f.Name, f.Type))
	case bad:
		return asSOQL(soql.Errorf("INVALID_QUERY_FILTER_OPERATOR", n.query.Text, c.Pos, "invalid operator on %s field", f.Type))
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
