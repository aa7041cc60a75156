package sandbox

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// grouping is an aggregate query that is ready to run.
type grouping struct {
	names     *names
	plan      *plan
	by        []*term
	subtotals string // ROLLUP, CUBE or ""
	columns   []column
	having    func(*group) bool // nil without
	order     []groupOrder
}

// column is one value of an aggregate result.
type column struct {
	*aggregate
	name string
	pos  int
}

type groupOrder struct {
	*aggregate
	ordering
}

// group is the rows of one combination of grouped values. In a subtotal some of
// the keys stand for all values and are nil.
type group struct {
	keys     []any
	subtotal []bool
	rows     []*table.Row
}

// maxSubtotals is how many fields ROLLUP and CUBE take.
const maxSubtotals = 3

// grouping resolves an aggregate query.
func (n *names) grouping(all bool) (*grouping, *Error) {
	p, err := n.plan(all)
	if err != nil {
		return nil, err
	}
	g := &grouping{names: n, plan: p, subtotals: n.query.Subtotals}
	if err := g.group(); err != nil {
		return nil, err
	}
	if err := g.selectColumns(); err != nil {
		return nil, err
	}
	if n.query.Having != nil {
		if g.having, err = g.condition(n.query.Having); err != nil {
			return nil, err
		}
	}
	return g, g.orderBy()
}

// group resolves GROUP BY.
func (g *grouping) group() *Error {
	n := g.names
	if g.subtotals != "" && len(n.query.GroupBy) > maxSubtotals {
		return n.malformed(n.query.GroupBy[maxSubtotals].Pos, "GROUP BY %s can have at most %d fields", g.subtotals, maxSubtotals)
	}
	for _, e := range n.query.GroupBy {
		t, err := n.term(e)
		if err != nil {
			return err
		}
		if !t.field.Groupable {
			return n.malformed(e.Pos, "field '%s' can not be grouped in a query call", t.text)
		}
		g.by = append(g.by, t)
	}
	return nil
}

// selectColumns resolves the SELECT list. Columns without a name get expr0,
// expr1 and so on.
func (g *grouping) selectColumns() *Error {
	unnamed, taken := 0, map[string]bool{}
	for _, item := range g.names.query.Select {
		c, err := g.column(item)
		if err != nil {
			return err
		}
		if c.name == "" {
			c.name = fmt.Sprintf("expr%d", unnamed)
			unnamed++
		}
		if taken[strings.ToLower(c.name)] {
			return g.names.malformed(item.Pos, "duplicate alias: %s", c.name)
		}
		taken[strings.ToLower(c.name)] = true
		g.columns = append(g.columns, c)
	}
	return nil
}

func (g *grouping) column(item soql.Item) (column, *Error) {
	switch {
	case item.Child != nil:
		return column{}, g.names.malformed(item.Pos, "Grouped queries cannot have child relationship sub-queries")
	case item.TypeOf != nil:
		return column{}, g.names.malformed(item.Pos, "TYPEOF is not allowed in grouped queries")
	case item.Func == "FIELDS":
		return column{}, g.names.malformed(item.Pos, "Field must be grouped or aggregated: FIELDS(%s)", item.Fields)
	case isCountAll(item) && len(g.by) == 0:
		return column{}, g.names.malformed(item.Pos, "COUNT() must be the only element in the SELECT list")
	}
	a, err := g.aggregate(item.Expr)
	if err != nil {
		return column{}, err
	}
	c := column{aggregate: a, name: item.Alias, pos: item.Pos}
	if c.name == "" && item.Func == "" {
		c.name = a.field.Name
	}
	return c, nil
}

func isCountAll(item soql.Item) bool { return item.Func == "COUNT" && len(item.Args) == 0 }

// condition resolves HAVING.
func (g *grouping) condition(c soql.Cond) (func(*group) bool, *Error) {
	switch c := c.(type) {
	case soql.And:
		parts, err := g.conditions(c)
		return func(gr *group) bool {
			return !slices.ContainsFunc(parts, func(part func(*group) bool) bool { return !part(gr) })
		}, err
	case soql.Or:
		parts, err := g.conditions(c)
		return func(gr *group) bool {
			return slices.ContainsFunc(parts, func(part func(*group) bool) bool { return part(gr) })
		}, err
	case soql.Not:
		part, err := g.condition(c.Cond)
		return func(gr *group) bool { return !part(gr) }, err
	}
	return g.compare(c.(*soql.Compare))
}

func (g *grouping) conditions(conds []soql.Cond) ([]func(*group) bool, *Error) {
	parts := make([]func(*group) bool, len(conds))
	for i, c := range conds {
		var err *Error
		if parts[i], err = g.condition(c); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func (g *grouping) compare(c *soql.Compare) (func(*group) bool, *Error) {
	if c.Sub != nil {
		return nil, g.names.malformed(c.Pos, "Semi join sub-selects are not allowed in HAVING")
	}
	a, err := g.aggregate(c.Expr)
	if err != nil {
		return nil, err
	}
	if err := g.names.checkOperator(c, a.field); err != nil {
		return nil, err
	}
	test, err := g.names.tester(c, a.field)
	return func(gr *group) bool { return test(a.of(g, gr)) }, err
}

// orderBy resolves ORDER BY: what is grouped or aggregated, selected or not, and
// what the SELECT list calls it.
func (g *grouping) orderBy() *Error {
	n := g.names
	for _, o := range n.query.OrderBy {
		a := g.aliased(o.Expr)
		if a == nil {
			var err *Error
			if a, err = g.aggregate(o.Expr); err != nil {
				if strings.Contains(err.Message, "must be grouped") {
					return n.malformed(o.Pos, "Ordered field must be grouped or aggregated: %s", o.Path)
				}
				return err
			}
		}
		g.order = append(g.order, groupOrder{a, ordering{field: a.field, desc: o.Desc, nullsLast: o.NullsLast}})
	}
	return nil
}

func (g *grouping) aliased(e soql.Expr) *aggregate {
	for i, item := range g.names.query.Select {
		if len(e.Path) == 1 && item.Alias != "" && strings.EqualFold(e.Path[0].Text, item.Alias) {
			return g.columns[i].aggregate
		}
	}
	return nil
}

// run computes the groups of the result.
func (g *grouping) run() []*group {
	groups := g.groups(g.plan.matching())
	if g.having != nil {
		groups = slices.DeleteFunc(groups, func(gr *group) bool { return !g.having(gr) })
	}
	type sortable struct {
		*group
		keys []any
	}
	all := make([]sortable, len(groups))
	for i, gr := range groups {
		all[i] = sortable{gr, make([]any, len(g.order))}
		for k, o := range g.order {
			all[i].keys[k] = o.of(g, gr)
		}
	}
	slices.SortStableFunc(all, func(a, b sortable) int {
		for k, o := range g.order {
			if c := o.compare(a.keys[k], b.keys[k]); c != 0 {
				return c
			}
		}
		return 0
	})
	for i := range all {
		groups[i] = all[i].group
	}
	return limited(groups, g.names.query)
}

// groups sorts rows into groups, which come in the order of their values, with
// subtotals after what they sum up; without GROUP BY there is one group, be it
// empty.
func (g *grouping) groups(rows iter.Seq[*table.Row]) []*group {
	sets := g.sets()
	byKey := map[string]*group{}
	var all []*group
	if len(g.by) == 0 {
		return []*group{{rows: slices.Collect(rows)}}
	}
	for row := range rows {
		keys := make([]any, len(g.by))
		for i, t := range g.by {
			keys[i] = t.read(g.plan.rights, row, g.plan.all)
		}
		for _, subtotal := range sets {
			name := g.nameOf(keys, subtotal)
			gr, ok := byKey[name]
			if !ok {
				gr = newGroup(keys, subtotal)
				byKey[name] = gr
				all = append(all, gr)
			}
			gr.rows = append(gr.rows, row)
		}
	}
	slices.SortFunc(all, g.compareGroups)
	return all
}

func newGroup(keys []any, subtotal []bool) *group {
	gr := &group{keys: slices.Clone(keys), subtotal: subtotal}
	for i, all := range subtotal {
		if all {
			gr.keys[i] = nil
		}
	}
	return gr
}

func (g *grouping) nameOf(keys []any, subtotal []bool) string {
	var b strings.Builder
	for i, key := range keys {
		if subtotal[i] {
			b.WriteString("*;")
			continue
		}
		fmt.Fprintf(&b, "%T%q", key, fmt.Sprint(g.by[i].field.key(key)))
	}
	return b.String()
}

func (g *grouping) compareGroups(a, b *group) int {
	for i := range a.keys {
		if a.subtotal[i] != b.subtotal[i] {
			if a.subtotal[i] {
				return 1
			}
			return -1
		}
		if c := (ordering{field: g.by[i].field}).compare(a.keys[i], b.keys[i]); c != 0 {
			return c
		}
	}
	return 0
}

// sets lists which keys are summed over: none; with ROLLUP also the last, the
// last two and so on; with CUBE every combination.
func (g *grouping) sets() [][]bool {
	sets := [][]bool{make([]bool, len(g.by))}
	switch g.subtotals {
	case "ROLLUP":
		for from := len(g.by) - 1; from >= 0; from-- {
			set := make([]bool, len(g.by))
			for i := from; i < len(set); i++ {
				set[i] = true
			}
			sets = append(sets, set)
		}
	case "CUBE":
		for bits := 1; bits < 1<<len(g.by); bits++ {
			set := make([]bool, len(g.by))
			for i := range set {
				set[i] = bits&(1<<i) != 0
			}
			sets = append(sets, set)
		}
	}
	return sets
}
