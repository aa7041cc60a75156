package sandbox

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/sosl"
	"conversion/internal/sandbox/table"
)

// mostFound is how many records one search answers with.
const mostFound = 2000

// search answers a search in Salesforce's search language.
func (c *call) search() *Error {
	c.soql = c.request.URL.Query().Get("q")
	if strings.TrimSpace(c.soql) == "" {
		return refusal("MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces.")
	}
	s, err := sosl.Parse(c.soql)
	if err != nil {
		return asSOSL(err)
	}
	return c.answerSearch(s)
}

// asSOSL gives an error of a search, or of the queries in it, its own code.
func asSOSL(err error) *Error {
	var refused *soql.Error
	if errors.As(err, &refused) {
		return asSearch(asSOQL(refused))
	}
	return refusal("MALFORMED_SEARCH", err.Error())
}

func asSearch(err *Error) *Error {
	if err != nil && err.Code == "MALFORMED_QUERY" {
		err.Code = "MALFORMED_SEARCH"
	}
	return err
}

// found are the records of one object that a search found.
type found struct {
	*selection
	rights *rights
	rows   []*table.Row
}

func (c *call) answerSearch(s *sosl.Search) *Error {
	defer c.view()()
	if s.Returning == nil {
		s.Returning = c.searchable()
	}
	all := make([]found, len(s.Returning))
	for i, r := range s.Returning {
		var err *Error
		if all[i], err = c.find(s, r); err != nil {
			return asSearch(err)
		}
	}
	if len(all) > 0 {
		c.object = all[0].plan.object.Name
	}
	shareOut(all, s.Limit)
	b := []byte(`{"searchRecords":[`)
	for _, f := range all {
		p := &page{call: c, rights: f.rights}
		for _, row := range f.rows {
			if b[len(b)-1] == '}' {
				b = append(b, ',')
			}
			b = p.appendRow(b, f.shape, f.plan.object, row, false)
		}
	}
	return c.raw(http.StatusOK, append(b, "]}"...))
}

// searchable lists the objects that are searched when none is named.
func (c *call) searchable() []sosl.Returning {
	list := []sosl.Returning{}
	for _, name := range c.org.objectNames() {
		if obj, ok := c.rights().object(name); ok && obj.inUI() && obj.Queryable {
			list = append(list, sosl.Returning{Object: name})
		}
	}
	return list
}

// find runs the search in one object.
func (c *call) find(s *sosl.Search, r sosl.Returning) (found, *Error) {
	parsed, err := soql.Parse(r.Query())
	if err != nil {
		return found{}, asSOSL(err)
	}
	if err := onlyRecords(parsed); err != nil {
		return found{}, err
	}
	n, refused := c.org.names(c.rights(), c.versionNumber(), parsed)
	switch {
	case refused != nil:
		return found{}, refused
	case !n.object.inUI():
		return found{}, n.object.cannot("search")
	}
	selected, refused := n.selection(false)
	if refused != nil {
		return found{}, refused
	}
	if parsed.Limit < 0 || parsed.Limit > mostFound {
		parsed.Limit = mostFound
	}
	selected.plan.where = andFilter{selected.plan.where, newTextFilter(n.rights, n.object, s)}
	return found{selected, n.rights, selected.plan.run()}, nil
}

// onlyRecords refuses what the query language has and the search language has
// not.
func onlyRecords(q *soql.Query) *Error {
	for _, item := range q.Select {
		if item.Child != nil || item.TypeOf != nil || isGroupFunction(item.Expr) || item.Func == "FIELDS" {
			return asSOQL(soql.Errorf("MALFORMED_SEARCH", q.Text, item.Pos, "a search answers with fields only"))
		}
	}
	return nil
}

// shareOut leaves at most limit records in all, as evenly among the objects as
// what they have allows.
func shareOut(all []found, limit int) {
	if limit < 0 {
		limit = mostFound
	}
	fewest := make([]int, len(all))
	for i := range all {
		fewest[i] = i
	}
	slices.SortStableFunc(fewest, func(a, b int) int { return len(all[a].rows) - len(all[b].rows) })
	for done, i := range fewest {
		share := limit / (len(all) - done)
		all[i].rows = all[i].rows[:min(share, len(all[i].rows))]
		limit -= len(all[i].rows)
	}
}
