package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// aggregate is an expression of groups: a grouped term, an aggregate of a term,
// or GROUPING of a grouped one.
type aggregate struct {
	text  string
	fn    string // "" for a grouped term
	key   int    // of a grouped term and of GROUPING: which one
	term  *term  // nil for COUNT()
	field *field // what the values are like
	// format makes the text that FORMAT around it asks for, nil without.
	format func(any) any
}

// wholeNumber is what counts are like.
var wholeNumber = &field{column: columnMade, Field: schema.Field{Name: "count", Type: schema.Int, Filterable: true, Sortable: true}}

// aggregate resolves an expression of groups.
func (g *grouping) aggregate(e soql.Expr) (*aggregate, *Error) {
	n := g.names
	switch {
	case e.Func == "COUNT" && len(e.Args) == 0:
		return &aggregate{text: "count()", fn: "COUNT", field: wholeNumber}, nil
	case e.Func == "GROUPING":
		return g.groupingOf(e)
	case aggregates[e.Func]:
		return n.aggregateOf(e)
	case e.Func == "FORMAT" && isGroupFunction(e.Args[0]):
		inner, err := g.aggregate(e.Args[0])
		if err != nil {
			return nil, err
		}
		formatted := *inner
		formatted.text, formatted.field = "FORMAT("+inner.text+")", madeField(inner.field, schema.String)
		formatted.format = func(v any) any { return inner.field.formatted(v, n.zone) }
		return &formatted, nil
	}
	t, err := n.term(e)
	if err != nil {
		return nil, err
	}
	key := slices.IndexFunc(g.by, func(by *term) bool { return by.text == t.text })
	if key < 0 {
		return nil, n.malformed(e.Pos, "Field must be grouped or aggregated: %s", t.text)
	}
	return &aggregate{text: t.text, key: key, term: t, field: t.field}, nil
}

// groupingOf resolves GROUPING(field), which says what is a subtotal.
func (g *grouping) groupingOf(e soql.Expr) (*aggregate, *Error) {
	t, err := g.names.term(e.Args[0])
	if err != nil {
		return nil, err
	}
	key := slices.IndexFunc(g.by, func(by *term) bool { return by.text == t.text })
	if key < 0 || len(e.Args) != 1 || g.subtotals == "" {
		return nil, g.names.malformed(e.Pos, "GROUPING can only be used on a field in a GROUP BY ROLLUP or CUBE: %s", t.text)
	}
	return &aggregate{text: "GROUPING(" + t.text + ")", fn: "GROUPING", key: key, term: t, field: wholeNumber}, nil
}

// aggregateOf resolves an aggregate of one field.
func (n *names) aggregateOf(e soql.Expr) (*aggregate, *Error) {
	if len(e.Args) != 1 {
		return nil, n.invalid(e.Pos, "%s takes one field", e.Func)
	}
	t, err := n.term(e.Args[0])
	if err != nil {
		return nil, err
	}
	if !t.field.aggregates(e.Func) {
		return nil, n.invalid(e.Pos, "field %s does not support aggregate operator %s", t.text, e.Func)
	}
	a := &aggregate{text: strings.ToLower(e.Func) + "(" + t.text + ")", fn: e.Func, term: t, field: t.field}
	if strings.HasPrefix(e.Func, "COUNT") {
		a.field = wholeNumber
	}
	if e.Func == "AVG" && (t.field.Type == schema.Int || t.field.Type == schema.Long) {
		a.field = madeField(t.field, schema.Double)
	}
	return a, nil
}

// aggregates says whether a function can be made of the field's values.
func (f *field) aggregates(fn string) bool {
	if f.column == columnCompound || f.Type == schema.Base64 {
		return false
	}
	switch fn {
	case "SUM", "AVG":
		return f.isNumber()
	case "MIN", "MAX":
		return f.Type != schema.Boolean && f.Type != schema.MultiPicklist && f.Sortable
	case "COUNT_DISTINCT":
		return f.Filterable
	}
	return true
}

// of computes the value in a group. Aggregates skip nulls.
func (a *aggregate) of(g *grouping, gr *group) any {
	v := a.raw(g, gr)
	if v != nil && a.format != nil {
		return a.format(v)
	}
	return v
}

func (a *aggregate) raw(g *grouping, gr *group) any {
	switch {
	case a.fn == "":
		return gr.keys[a.key]
	case a.fn == "GROUPING":
		if gr.subtotal[a.key] {
			return 1.0
		}
		return 0.0
	case a.term == nil:
		return float64(len(gr.rows))
	}
	return a.fold(g, gr.rows)
}

// fold runs over the values of rows.
func (a *aggregate) fold(g *grouping, rows []*table.Row) any {
	var best any
	sum, found, distinct := 0.0, 0, map[any]bool{}
	for _, row := range rows {
		v := a.term.read(g.plan.rights, row, g.plan.all)
		if v == nil {
			continue
		}
		found++
		switch a.fn {
		case "SUM", "AVG":
			sum += v.(float64)
		case "COUNT_DISTINCT":
			distinct[a.term.field.key(v)] = true
		case "MIN":
			if best == nil || a.term.field.compareStored(v, best) < 0 {
				best = v
			}
		case "MAX":
			if best == nil || a.term.field.compareStored(v, best) > 0 {
				best = v
			}
		}
	}
	switch {
	case a.fn == "COUNT":
		return float64(found)
	case a.fn == "COUNT_DISTINCT":
		return float64(len(distinct))
	case a.fn == "MIN" || a.fn == "MAX":
		return best
	case found == 0:
		return nil
	case a.fn == "AVG":
		return sum / float64(found)
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
	for i, gr := range results {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"attributes":{"type":"AggregateResult"}`...)
		for _, col := range g.columns {
			b = append(appendString(append(b, ','), col.name), ':')
			b = col.field.appendJSON(b, col.of(g, gr))
		}
		b = append(b, '}')
	}
	return c.raw(http.StatusOK, append(b, "]}"...))
}
