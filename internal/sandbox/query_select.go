package sandbox

import (
	"strings"

	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// shape is what a query answers for each record: a tree of fields, in the order
// of the SELECT list, with one branch for each relationship.
type shape []node

// node is a field, or a relationship with what is selected behind it.
type node struct {
	name  string
	field *field
	hop   hop
	below shape // of a relationship
}

// prepare resolves a query that selects records.
func (n *names) prepare(all bool) (*plan, shape, *Error) {
	q, err := n.plan(all)
	if err != nil {
		return nil, nil, err
	}
	refs, err := n.selected()
	if err != nil {
		return nil, nil, err
	}
	for _, o := range n.query.OrderBy {
		r, err := n.find(o.Path)
		switch {
		case o.Func != "":
			return nil, nil, n.malformed(o.Pos, "the function %s() in ORDER BY is not supported by this org", o.Func)
		case err != nil:
			return nil, nil, err
		case !r.field.Sortable || r.field.column == columnCompound:
			return nil, nil, n.malformed(o.Pos, "field '%s' can not be sorted in a query call", r.field.Name)
		}
		q.order = append(q.order, ordering{r, o.Desc, o.NullsLast})
	}
	var s shape
	for _, r := range refs {
		s = s.with(r.hops, r.field)
	}
	return q, s, nil
}

// plan resolves the WHERE of a query.
func (n *names) plan(all bool) (*plan, *Error) {
	q := &plan{org: n.org, rights: n.rights, query: n.query, object: n.object, all: all, where: andFilter{}}
	if n.query.Where == nil {
		return q, nil
	}
	var err *Error
	q.where, err = n.filter(n.query.Where)
	return q, err
}

// selected resolves the SELECT list.
func (n *names) selected() ([]*ref, *Error) {
	var refs []*ref
	seen := map[string]bool{}
	for _, item := range n.query.Select {
		found, err := n.item(item)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if seen[r.path] {
				return nil, n.malformed(item.Pos, "duplicate field selected: %s", r.path)
			}
			seen[r.path] = true
		}
		refs = append(refs, found...)
	}
	return refs, nil
}

func (n *names) item(item soql.Item) ([]*ref, *Error) {
	switch item.Func {
	case "":
		r, err := n.find(item.Path)
		return []*ref{r}, err
	case "FIELDS":
		return n.group(item)
	}
	return nil, n.malformed(item.Pos, "the function %s() is not supported by this org", item.Func)
}

// group resolves FIELDS(…).
func (n *names) group(item soql.Item) ([]*ref, *Error) {
	if item.Group != "STANDARD" && (n.query.Limit < 0 || n.query.Limit > 200) {
		return nil, n.malformed(item.Pos, "The SOQL FIELDS function must have a LIMIT of at most 200")
	}
	var refs []*ref
	for f := range n.rights.fields(n.object) {
		if item.Group == "ALL" || f.Custom == (item.Group == "CUSTOM") {
			refs = append(refs, &ref{from: n.object, field: f, path: f.Name})
		}
	}
	return refs, nil
}

// with adds a field behind some hops.
func (s shape) with(hops []hop, f *field) shape {
	if len(hops) == 0 {
		return append(s, node{name: f.Name, field: f})
	}
	name := hops[0].lookup.RelationshipName
	for i := range s {
		if s[i].field == nil && s[i].name == name {
			s[i].below = s[i].below.with(hops[1:], f)
			return s
		}
	}
	return append(s, node{name: name, hop: hops[0], below: shape(nil).with(hops[1:], f)})
}

// appendRow writes a record in the shape of a query. polymorphic says that the
// record was reached by a lookup that may lead to several objects: it is then of
// the pseudo-type Name.
func (s shape) appendRow(c *call, r *rights, b []byte, obj *object, row *table.Row, polymorphic, all bool) []byte {
	b = append(b, '{')
	if polymorphic {
		url := c.base() + "/sobjects/" + obj.Name + "/" + row.ID
		b = append(b, `"attributes":{"type":"Name","url":"`+url+`"}`...)
	} else {
		b = c.appendAttributes(b, obj.Name, row.ID)
	}
	for _, n := range s {
		b = append(appendString(append(b, ','), n.name), ':')
		b = n.appendValue(c, r, b, obj, row, all)
	}
	return append(b, '}')
}

func (n node) appendValue(c *call, r *rights, b []byte, obj *object, row *table.Row, all bool) []byte {
	if n.field != nil {
		if n.field.column == columnCompound {
			return n.field.appendCompound(b, row)
		}
		return n.field.appendJSON(b, r.valueIn(obj, n.field, row))
	}
	parent, found := r.follow(n.hop.lookup, row, all)
	if found == nil {
		return append(b, "null"...)
	}
	return n.below.appendRow(c, r, b, parent, found, n.hop.target == nil, all)
}

// isAggregate says whether a query answers with groups instead of records.
func isAggregate(q *soql.Query) bool {
	if len(q.GroupBy) > 0 {
		return true
	}
	for _, item := range q.Select {
		if aggregates[item.Func] {
			return true
		}
	}
	return false
}

// isCount says whether a query is SELECT COUNT() FROM ….
func isCount(q *soql.Query) bool {
	return len(q.Select) == 1 && q.Select[0].Func == "COUNT" && len(q.Select[0].Path) == 0
}

var aggregates = map[string]bool{"COUNT": true, "COUNT_DISTINCT": true, "SUM": true, "AVG": true, "MIN": true, "MAX": true}

func lowerKey(v any) any {
	if s, ok := v.(string); ok {
		return strings.ToLower(s)
	}
	return v
}
