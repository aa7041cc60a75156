package sandbox

import (
	"slices"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/soql"
)

// maxSemiJoins is how many IN and NOT IN with a subquery a WHERE may have.
const maxSemiJoins = 2

// semiJoin resolves IN or NOT IN with a subquery: the ids that this selects are
// looked up now, and the comparison becomes one with a list.
func (n *names) semiJoin(c *soql.Compare, t *term) (filter, *Error) {
	if t.fn != "" || t.field.Type != schema.ID && t.field.Type != schema.Reference {
		return nil, n.malformed(c.Pos, "The left operand field in the where expression for outer query should be a foreign key (id) field, cannot use : '%s'", t.text)
	}
	if n.used.semiJoins++; n.used.semiJoins > maxSemiJoins {
		return nil, n.malformed(c.Sub.Pos, "Maximum %d semi join sub-selects are allowed", maxSemiJoins)
	}
	inner, err := n.inner(c.Sub)
	if err != nil {
		return nil, err
	}
	selected, err := inner.joined(t, c.Pos, n)
	if err != nil {
		return nil, err
	}
	p, err := inner.plan(false)
	if err != nil {
		return nil, err
	}
	ids := p.idsOf(selected)
	f := &compareFilter{term: t, within: everywhere, test: inSet(ids, t.field, c.Op == soql.In)}
	if c.Op == soql.In && t.plain() {
		f.equals = ids
	}
	return f, nil
}

// inner makes the names of a subquery in a filter.
func (n *names) inner(q *soql.Query) (*names, *Error) {
	if q.Limit >= 0 || q.Offset > 0 || len(q.OrderBy) > 0 || len(q.GroupBy) > 0 || len(q.For) > 0 || q.AllRows != nil {
		return nil, n.malformed(q.Pos, "Semi join sub-selects cannot have ORDER BY, LIMIT, OFFSET, GROUP BY or FOR")
	}
	obj, err := n.queried(q)
	if err != nil {
		return nil, err
	}
	below := *n
	below.query, below.object, below.above = q, obj, nil
	if where := q.Where; where != nil && hasSemiJoin(where) {
		return nil, n.malformed(q.Pos, "Nesting of semi join sub-selects is not supported")
	}
	return &below, nil
}

// joined resolves the one field that a subquery in a filter selects, which must
// lead to what the other side of the comparison leads to.
func (n *names) joined(left *term, pos int, outer *names) (*term, *Error) {
	if len(n.query.Select) != 1 || n.query.Select[0].Func != "" || len(n.query.Select[0].Path) == 0 {
		return nil, n.malformed(n.query.Select[0].Pos, "Semi join sub-selects can only query one id field")
	}
	item := n.query.Select[0]
	t, err := n.term(item.Expr)
	if err != nil {
		return nil, err
	}
	if t.field.Type != schema.ID && t.field.Type != schema.Reference {
		return nil, n.malformed(item.Pos, "Semi join sub-selects can only query id fields, cannot use: '%s'", t.text)
	}
	if !slices.ContainsFunc(t.leadsTo(), func(name string) bool { return slices.Contains(left.leadsTo(), name) }) {
		return nil, outer.malformed(pos, "The selected field '%s' in the subquery and the left operand field in the where expression in the outer query '%s' should point to the same object type", t.text, left.text)
	}
	return t, nil
}

// leadsTo lists the objects whose ids a term has.
func (t *term) leadsTo() []string {
	if t.field.Type == schema.Reference {
		return t.field.ReferenceTo
	}
	at := t.ref.from
	if hops := len(t.ref.hops); hops > 0 {
		at = t.ref.hops[hops-1].target
	}
	if at == nil {
		return t.ref.hops[len(t.ref.hops)-1].lookup.ReferenceTo
	}
	return []string{at.Name}
}

// idsOf lists what a term of the matching rows holds, each once.
func (q *plan) idsOf(t *term) []string {
	ids := []string{}
	for row := range q.matching() {
		if id, ok := t.read(q.rights, row, q.all).(string); ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// noSemiJoin refuses a subquery in conditions joined by OR.
func (n *names) noSemiJoin(conds soql.Or) *Error {
	for _, c := range conds {
		_, direct := c.(*soql.Compare)
		switch {
		case !hasSemiJoin(c):
		case direct:
			return n.malformed(n.query.From.Pos, "Semi join sub-selects are not allowed with the 'OR' operator")
		default:
			return n.malformed(n.query.From.Pos, "Semi join sub-selects are only allowed at the top level WHERE expressions")
		}
	}
	return nil
}

func hasSemiJoin(c soql.Cond) bool {
	switch c := c.(type) {
	case soql.And:
		return slices.ContainsFunc(c, hasSemiJoin)
	case soql.Or:
		return slices.ContainsFunc(c, hasSemiJoin)
	case soql.Not:
		return hasSemiJoin(c.Cond)
	}
	return c.(*soql.Compare).Sub != nil
}
