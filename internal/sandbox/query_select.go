package sandbox

import (
	"fmt"
	"strings"

	"conversion/internal/sandbox/soql"
)

// selection is a query of records that is ready to run: which rows, and what is
// answered of each.
type selection struct {
	plan  *plan
	shape shape
	// columns are the fields and functions of the record and its parents, in the
	// order of the SELECT list: the shape without its branches, as a table has it.
	columns []selected
}

// selected is one column of a selection: Id, Account.Name, or another name.
type selected struct {
	name string
	term *term
}

// shape is what a query answers for each record: a tree of fields, in the order
// of the SELECT list, with one branch for each relationship.
type shape []node

// node is a field (with a function around it or not), a function of several
// fields, or a relationship: to a parent with what is selected behind it, to a
// parent of several kinds, or to children.
type node struct {
	name   string
	term   *term   // a field, or a function of fields of the whole query's record
	hop    hop     // to a parent
	below  shape   // of the parent
	typeOf *byType // of a parent, by its object
	child  *child
}

// selection resolves a query that selects records. It is what Bulk API runs, too:
// the rows are those of its plan's run, the values those that the columns' terms
// read from them.
func (n *names) selection(all bool) (*selection, *Error) {
	shaped, err := n.shaped(all)
	if err != nil {
		return nil, err
	}
	p, err := n.plan(all)
	if err != nil {
		return nil, err
	}
	for _, o := range n.query.OrderBy {
		t, err := n.term(o.Expr)
		switch {
		case err != nil:
			return nil, err
		case !t.ref.field.Sortable && t.measure == nil || t.field.column == columnCompound:
			return nil, n.malformed(o.Pos, "field '%s' can not be sorted in a query call", t.ref.field.Name)
		}
		p.order = append(p.order, ordering{t, t.field, o.Desc, o.NullsLast})
	}
	return &selection{p, shaped.shape, shaped.columns}, nil
}

// shaper puts a shape together and knows what is selected already.
type shaper struct {
	*names
	all     bool
	shape   shape
	columns []selected
	seen    map[string]bool // lower case
	exprs   int             // functions that have no name of their own
}

// shaped resolves the SELECT list.
func (n *names) shaped(all bool) (*shaper, *Error) {
	s := &shaper{names: n, all: all, seen: map[string]bool{}}
	for _, item := range n.query.Select {
		if err := s.add(item); err != nil {
			return nil, err
		}
	}
	return s, s.unmixed(s.shape)
}

func (s *shaper) add(item soql.Item) *Error {
	switch {
	case item.Child != nil:
		return s.addChild(item)
	case item.TypeOf != nil:
		return s.addTypeOf(item)
	case item.Func == "FIELDS":
		return s.addFields(item)
	}
	t, err := s.term(item.Expr)
	if err != nil {
		return err
	}
	return s.addTerm(t, item.Alias)
}

// once refuses what is selected a second time.
func (s *shaper) once(path string) *Error {
	if s.seen[strings.ToLower(path)] {
		return refusal("INVALID_FIELD", "duplicate field selected: "+path)
	}
	s.seen[strings.ToLower(path)] = true
	return nil
}

// addTerm adds a field at its place behind its relationships, or under another
// name at the top. A function takes the place of its field unless it is renamed.
func (s *shaper) addTerm(t *term, alias string) *Error {
	path := t.ref.path
	switch {
	case alias != "":
		path = alias
	case t.measure != nil:
		path = fmt.Sprintf("expr%d", s.exprs)
		s.exprs++
	}
	if err := s.once(path); err != nil {
		return err
	}
	s.columns = append(s.columns, selected{path, t})
	if path != t.ref.path {
		s.shape = append(s.shape, node{name: path, term: t})
		return nil
	}
	s.shape = s.shape.with(t.ref.hops, node{name: t.ref.field.Name, term: t.local()})
	return nil
}

// local is the term without the relationships that lead to its field: to be read
// from the record that holds it.
func (t *term) local() *term {
	here := *t
	here.ref = &ref{field: t.ref.field, path: t.ref.path}
	return &here
}

// maxFieldsLimit is the LIMIT that FIELDS(ALL) and FIELDS(CUSTOM) must have.
const maxFieldsLimit = 200

// addFields resolves FIELDS(…).
func (s *shaper) addFields(item soql.Item) *Error {
	if item.Fields != "STANDARD" && (s.query.Limit < 0 || s.query.Limit > maxFieldsLimit) {
		return s.malformed(item.Pos, "The SOQL FIELDS function must have a LIMIT of at most %d", maxFieldsLimit)
	}
	for f := range s.rights.fields(s.object) {
		if item.Fields != "ALL" && f.Custom != (item.Fields == "CUSTOM") {
			continue
		}
		r := &ref{from: s.object, field: f, path: f.Name}
		if err := s.addTerm(&term{text: f.Name, ref: r, field: f}, ""); err != nil {
			return err
		}
	}
	return nil
}

// with adds a node behind some hops.
func (s shape) with(hops []hop, leaf node) shape {
	if len(hops) == 0 {
		return append(s, leaf)
	}
	for i := range s {
		if s[i].term == nil && s[i].child == nil && s[i].typeOf == nil && s[i].name == hops[0].name {
			s[i].below = s[i].below.with(hops[1:], leaf)
			return s
		}
	}
	return append(s, node{name: hops[0].name, hop: hops[0], below: shape(nil).with(hops[1:], leaf)})
}

// isAggregate says whether a query answers with groups instead of records.
func isAggregate(q *soql.Query) bool {
	if len(q.GroupBy) > 0 {
		return true
	}
	for _, item := range q.Select {
		if isGroupFunction(item.Expr) {
			return true
		}
	}
	return false
}

// isGroupFunction says whether an expression can only be selected of groups: it
// has an aggregate in it, or takes a part of a date.
func isGroupFunction(e soql.Expr) bool {
	if aggregates[e.Func] || e.Func == "GROUPING" || e.Func == "DAY_ONLY" || dateParts[e.Func] != nil {
		return true
	}
	for _, a := range e.Args {
		if isGroupFunction(a) {
			return true
		}
	}
	return false
}

// isCount says whether a query is SELECT COUNT() FROM ….
func isCount(q *soql.Query) bool {
	return len(q.Select) == 1 && q.Select[0].Func == "COUNT" && len(q.Select[0].Args) == 0
}

var aggregates = map[string]bool{"COUNT": true, "COUNT_DISTINCT": true, "SUM": true, "AVG": true, "MIN": true, "MAX": true}
