package sandbox

import (
	"math"
	"net/http"
)

// queryPlan is one way to run a query, in the form of the explain resource.
type queryPlan struct {
	Cardinality          int         `json:"cardinality"`
	Fields               []string    `json:"fields"`
	LeadingOperationType string      `json:"leadingOperationType"`
	Notes                []queryNote `json:"notes"`
	RelativeCost         float64     `json:"relativeCost"`
	SObjectCardinality   int         `json:"sobjectCardinality"`
	SObjectType          string      `json:"sobjectType"`
}

// queryNote is a remark of the optimiser.
type queryNote struct {
	Description   string   `json:"description"`
	Fields        []string `json:"fields"`
	TableEnumOrID string   `json:"tableEnumOrId"`
}

// explain answers how a query would be run, best way first, without running it.
func (c *call) explain(n *names, all bool) *Error {
	p, err := n.explained(all)
	if err != nil {
		return err
	}
	total := p.object.rows.Len()
	notes := []queryNote{{"Not considering filter for optimization because unindexed", []string{"IsDeleted"}, p.object.Name}}
	scan := queryPlan{
		Cardinality: total, Fields: []string{}, LeadingOperationType: "TableScan", Notes: notes,
		RelativeCost: scanCost(total), SObjectCardinality: total, SObjectType: p.object.Name,
	}
	plans := []queryPlan{scan}
	if fields := p.indexed(); len(fields) > 0 {
		found := 0
		candidates, _ := p.candidates()
		for range candidates {
			found++
		}
		index := queryPlan{
			Cardinality: found, Fields: fields, LeadingOperationType: "Index", Notes: notes,
			RelativeCost: indexCost(found, total), SObjectCardinality: total, SObjectType: p.object.Name,
		}
		plans = []queryPlan{index, scan}
	}
	return c.json(http.StatusOK, map[string]any{"plans": plans})
}

// explained resolves a whole query and returns its plan.
func (n *names) explained(all bool) (*plan, *Error) {
	switch {
	case isCount(n.query) && len(n.query.GroupBy) == 0:
		return n.plan(all)
	case isAggregate(n.query):
		g, err := n.grouping(all)
		if err != nil {
			return nil, err
		}
		return g.plan, nil
	}
	s, err := n.selection(all)
	if err != nil {
		return nil, err
	}
	return s.plan, nil
}

// indexed names the fields whose index narrows the query down.
func (q *plan) indexed() []string {
	if _, ok := q.where.rows(q); ok {
		return q.fieldsByIndex(q.where)
	}
	r := q.where.reach()
	switch {
	case r.stampFrom > math.MinInt64 || r.stampTo < math.MaxInt64:
		return []string{"SystemModstamp"}
	case r.idFrom != "" || r.idTo != lastID:
		return []string{"Id"}
	}
	return nil
}

// fieldsByIndex names the fields of the conditions that list their rows by index.
func (q *plan) fieldsByIndex(f filter) []string {
	switch f := f.(type) {
	case andFilter:
		for _, part := range f {
			if _, ok := part.rows(q); ok {
				return q.fieldsByIndex(part)
			}
		}
	case orFilter:
		var fields []string
		for _, part := range f {
			fields = append(fields, q.fieldsByIndex(part)...)
		}
		return fields
	case *compareFilter:
		return []string{f.term.field.Name}
	}
	return nil
}

// indexCost is what finding rows by index costs, 1 being where a filter is not
// selective any more: 30 % of the first million records, 15 % of the others.
func indexCost(found, total int) float64 {
	const million = 1e6
	threshold := 0.3*min(float64(total), million) + 0.15*max(float64(total)-million, 0)
	if threshold == 0 {
		return 0
	}
	return math.Round(float64(found)/threshold*1000) / 1000
}

// scanCost is what looking at every row costs; it grows slowly with their number.
func scanCost(total int) float64 {
	return math.Round((0.65+math.Log10(float64(max(total, 1)))/10)*1000) / 1000
}
