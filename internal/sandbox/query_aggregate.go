package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// column is one value of an aggregate result.
type column struct {
	name string
	fn   string // "" for a grouped field
	ref  *ref   // nil for COUNT()
}

// grouping is an aggregate query that is ready to run.
type grouping struct {
	plan    *plan
	by      []*ref
	columns []column
	order   []groupOrder
}

type groupOrder struct {
	column int // position in the row of a group: grouped fields first, then columns
	ordering
}

// group is the rows of one combination of grouped values.
type group struct {
	keys []any
	rows []*table.Row
}

// grouping resolves an aggregate query.
func (n *names) grouping(all bool) (*grouping, *Error) {
	p, err := n.plan(all)
	if err != nil {
		return nil, err
	}
	g := &grouping{plan: p}
	for _, path := range n.query.GroupBy {
		r, err := n.find(path)
		if err != nil {
			return nil, err
		}
		if !r.field.Groupable {
			return nil, n.malformed(path.Pos(), "field '%s' can not be grouped in a query call", r.field.Name)
		}
		g.by = append(g.by, r)
	}
	for _, item := range n.query.Select {
		c, err := n.column(g, item)
		if err != nil {
			return nil, err
		}
		g.columns = append(g.columns, c)
	}
	return g, n.orderGroups(g)
}

func (n *names) column(g *grouping, item soql.Item) (column, *Error) {
	if item.Func != "" && !aggregates[item.Func] {
		return column{}, n.malformed(item.Pos, "the function %s() is not supported by this org", item.Func)
	}
	c := column{fn: item.Func, name: item.Alias}
	if len(item.Path) > 0 {
		var err *Error
		if c.ref, err = n.find(item.Path); err != nil {
			return c, err
		}
	}
	if item.Func == "" {
		if !slices.ContainsFunc(g.by, func(r *ref) bool { return r.path == c.ref.path }) {
			return c, n.malformed(item.Pos, "Field must be grouped or aggregated: %s", c.ref.path)
		}
		c.name = c.ref.field.Name
		return c, nil
	}
	if (c.fn == "SUM" || c.fn == "AVG") && !c.ref.field.isNumber() {
		return c, n.malformed(item.Pos, "field %s does not support aggregate operator %s", c.ref.path, c.fn)
	}
	if c.name == "" {
		c.name = fmt.Sprintf("expr%d", g.unnamed())
	}
	return c, nil
}

// unnamed counts the columns that got a name of the form expr0.
func (g *grouping) unnamed() int {
	n := 0
	for _, c := range g.columns {
		if c.fn != "" && c.name == fmt.Sprintf("expr%d", n) {
			n++
		}
	}
	return n
}

func (n *names) orderGroups(g *grouping) *Error {
	for _, o := range n.query.OrderBy {
		var path string
		if len(o.Path) > 0 {
			r, err := n.find(o.Path)
			if err != nil {
				return err
			}
			path = r.path
		}
		at := slices.IndexFunc(g.columns, func(c column) bool {
			return c.fn == o.Func && (c.ref == nil && path == "" || c.ref != nil && c.ref.path == path)
		})
		if at < 0 {
			return n.malformed(o.Pos, "ORDER BY of a grouped query must name a selected column")
		}
		g.order = append(g.order, groupOrder{at, ordering{desc: o.Desc, nullsLast: o.NullsLast}})
	}
	return nil
}

// run computes the rows of the result.
func (g *grouping) run() [][]any {
	unlimited := *g.plan
	query := *g.plan.query
	query.Limit, query.Offset = -1, 0
	unlimited.query = &query
	var results [][]any
	for _, gr := range g.groups(unlimited.run()) {
		values := make([]any, len(g.columns))
		for i, c := range g.columns {
			values[i] = g.compute(c, gr)
		}
		results = append(results, values)
	}
	slices.SortStableFunc(results, func(a, b []any) int {
		for _, o := range g.order {
			if c := o.compare(a[o.column], b[o.column]); c != 0 {
				return c
			}
		}
		return 0
	})
	results = results[min(g.plan.query.Offset, len(results)):]
	if limit := g.plan.query.Limit; limit >= 0 {
		results = results[:min(limit, len(results))]
	}
	return results
}

// groups sorts rows into groups, which come in the order of their values; without
// GROUP BY there is one group, be it empty.
func (g *grouping) groups(rows []*table.Row) []*group {
	if len(g.by) == 0 {
		return []*group{{rows: rows}}
	}
	byKey := map[string]*group{}
	var all []*group
	for _, row := range rows {
		keys := make([]any, len(g.by))
		var b strings.Builder
		for i, r := range g.by {
			keys[i] = r.read(g.plan.rights, row, g.plan.all)
			fmt.Fprintf(&b, "%T%q", keys[i], fmt.Sprint(lowerKey(keys[i])))
		}
		gr, ok := byKey[b.String()]
		if !ok {
			gr = &group{keys: keys}
			byKey[b.String()] = gr
			all = append(all, gr)
		}
		gr.rows = append(gr.rows, row)
	}
	slices.SortFunc(all, func(a, b *group) int {
		for i := range g.by {
			if c := (ordering{}).compare(a.keys[i], b.keys[i]); c != 0 {
				return c
			}
		}
		return 0
	})
	return all
}

// compute works out one column of a group. Aggregates skip nulls.
func (g *grouping) compute(c column, gr *group) any {
	if c.fn == "" {
		return gr.keys[slices.IndexFunc(g.by, func(r *ref) bool { return r.path == c.ref.path })]
	}
	if c.ref == nil {
		return float64(len(gr.rows))
	}
	var values []any
	for _, row := range gr.rows {
		if v := c.ref.read(g.plan.rights, row, g.plan.all); v != nil {
			values = append(values, v)
		}
	}
	return aggregate(c.fn, values)
}

func aggregate(fn string, values []any) any {
	switch fn {
	case "COUNT":
		return float64(len(values))
	case "COUNT_DISTINCT":
		seen := map[any]bool{}
		for _, v := range values {
			seen[lowerKey(v)] = true
		}
		return float64(len(seen))
	}
	if len(values) == 0 {
		return nil
	}
	switch fn {
	case "MIN":
		return slices.MinFunc(values, compareStored)
	case "MAX":
		return slices.MaxFunc(values, compareStored)
	}
	sum := 0.0
	for _, v := range values {
		sum += v.(float64)
	}
	if fn == "AVG" {
		return sum / float64(len(values))
	}
	return sum
}

// answerGroups answers an aggregate query; it is never paged.
func (c *call) answerGroups(g *grouping) *Error {
	results := g.run()
	if len(results) > pageSize {
		return refusal("EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch")
	}
	b := fmt.Appendf(nil, `{"totalSize":%d,"done":true,"records":[`, len(results))
	for i, values := range results {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"attributes":{"type":"AggregateResult"}`...)
		for k, col := range g.columns {
			b = append(appendString(append(b, ','), col.name), ':')
			b = col.appendValue(b, values[k])
		}
		b = append(b, '}')
	}
	return c.raw(http.StatusOK, append(b, "]}"...))
}

// appendValue writes counts as whole numbers and everything else as its field.
func (c column) appendValue(b []byte, v any) []byte {
	if strings.HasPrefix(c.fn, "COUNT") {
		return fmt.Append(b, int64(v.(float64)))
	}
	return c.ref.field.appendJSON(b, v)
}
