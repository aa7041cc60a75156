package sandbox

import (
	"iter"
	"slices"
	"strings"

	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// child is a child subquery: which rows of its object refer to a parent, and what
// is answered of each.
type child struct {
	selection
	lookup *field // of the child object, to the parent
}

const (
	maxChildren   = 20 // subqueries of a query
	maxChildDepth = 5  // below the query itself, from v58.0 on; before that 1
)

// addChild resolves a child subquery.
func (s *shaper) addChild(item soql.Item) *Error {
	q := item.Child
	below, relation, err := s.below(q)
	if err != nil {
		return err
	}
	if err := below.checkClauses(); err != nil {
		return err
	}
	if isAggregate(q) {
		return s.malformed(q.Pos, "Only root queries support aggregate expressions")
	}
	selected, err := below.selection(s.all)
	if err != nil {
		return err
	}
	if err := s.once(relation.RelationshipName); err != nil {
		return err
	}
	lookup, _ := below.object.field(relation.Field)
	s.shape = append(s.shape, node{name: relation.RelationshipName, child: &child{*selected, lookup}})
	return nil
}

// relation is a relationship of a parent object to its children.
type relation struct{ ChildSObject, Field, RelationshipName string }

// below makes the names of a child subquery.
func (s *shaper) below(q *soql.Query) (*names, relation, *Error) {
	if s.used.children++; s.used.children > maxChildren {
		return nil, relation{}, s.malformed(q.Pos, "SOQL statements cannot have more than %d child relationship sub-queries", maxChildren)
	}
	if depth, allowed := s.depth()+1, s.depthAllowed(); depth > allowed {
		return nil, relation{}, s.malformed(q.Pos, "Relationship queries can be at most %d levels deep in the parent-to-child direction", allowed)
	}
	found, ok := s.relation(q)
	if !ok {
		return nil, relation{}, asSOQL(soql.Errorf("INVALID_TYPE", q.Text, q.From.Pos,
			"Didn't understand relationship '%s' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.%s", q.From.Text, describeAdvice))
	}
	below := *s.names
	below.query, below.above = q, s.names
	below.object, _ = s.rights.object(found.ChildSObject)
	return &below, found, nil
}

func (n *names) depth() int {
	depth := 0
	for above := n.above; above != nil; above = above.above {
		depth++
	}
	return depth
}

func (n *names) depthAllowed() int {
	if n.version < 58 {
		return 1
	}
	return maxChildDepth
}

// relation finds the child relationship in the FROM of a subquery, which the name
// of the parent may precede.
func (n *names) relation(q *soql.Query) (relation, bool) {
	name := q.From.Text
	if parent, rest, qualified := strings.Cut(name, "."); qualified {
		if !strings.EqualFold(parent, n.object.Name) && !strings.EqualFold(parent, n.query.Alias) {
			return relation{}, false
		}
		name = rest
	}
	for _, c := range n.object.Children {
		if c.RelationshipName == "" || !strings.EqualFold(c.RelationshipName, name) {
			continue
		}
		obj, ok := n.rights.object(c.ChildSObject)
		if !ok || !obj.Queryable {
			return relation{}, false
		}
		_, ok = n.rights.field(obj, c.Field)
		return relation{c.ChildSObject, c.Field, c.RelationshipName}, ok
	}
	return relation{}, false
}

// rowsOf lists the children of a parent in their order. Without an index of the
// lookup the first call sorts all children by parent into sorted.
func (c *child) rowsOf(parent string, sorted map[*child]map[string][]*table.Row) []*table.Row {
	return c.plan.arrange(c.plan.among(c.referring(parent, sorted)), len(c.plan.order) == 0)
}

func (c *child) referring(parent string, sorted map[*child]map[string][]*table.Row) iter.Seq[*table.Row] {
	seen := c.plan.object.seen
	if c.lookup.column >= 0 && seen.Indexed(c.lookup.column) {
		return seen.Equal(c.lookup.column, parent)
	}
	if sorted[c] == nil {
		byParent := map[string][]*table.Row{}
		for row := range seen.All() {
			if id, ok := c.plan.org.read(c.plan.object, c.lookup, row).(string); ok {
				byParent[id] = append(byParent[id], row)
			}
		}
		sorted[c] = byParent
	}
	return slices.Values(sorted[c][parent])
}
