package sandbox

import (
	"iter"
	"math"
	"slices"

	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// plan is a query that is ready to run.
type plan struct {
	org    *Org
	rights *rights
	query  *soql.Query
	object *object
	all    bool // deleted and archived rows too
	where  filter
	order  []ordering
}

// ordering is one element of ORDER BY.
type ordering struct {
	term            *term  // nil for a grouped query
	field           *field // what the values are like
	desc, nullsLast bool
}

// plan resolves which rows a query is about: its scope and its WHERE.
func (n *names) plan(all bool) (*plan, *Error) {
	scope, err := n.scope()
	if err != nil {
		return nil, err
	}
	where := andFilter{}
	if scope != nil {
		where = append(where, scope)
	}
	if n.query.Where != nil {
		condition, err := n.filter(n.query.Where)
		if err != nil {
			return nil, err
		}
		where = append(where, condition)
	}
	return &plan{org: n.org, rights: n.rights, query: n.query, object: n.object, all: all, where: where}, nil
}

// candidates yields rows among which all matches are, without repeats, and says
// in which order they come.
func (q *plan) candidates() (rows iter.Seq[*table.Row], in order) {
	if found, ok := q.where.rows(q); ok {
		slices.SortFunc(found, table.ByID)
		return slices.Values(slices.Compact(found)), byID
	}
	r := q.where.reach()
	if r.stampFrom > math.MinInt64 || r.stampTo < math.MaxInt64 || q.wants(byStamp) {
		reached := func(row *table.Row) bool {
			return row.Stamp > r.stampFrom || row.Stamp == r.stampFrom && row.ID >= r.idAt
		}
		return until(q.object.seen.ByStamp().From(reached), func(row *table.Row) bool { return row.Stamp > r.stampTo }), byStamp
	}
	return until(q.object.seen.ByID().From(func(row *table.Row) bool { return row.ID >= r.idFrom }),
		func(row *table.Row) bool { return row.ID > r.idTo }), byID
}

func until(rows iter.Seq[*table.Row], past func(*table.Row) bool) iter.Seq[*table.Row] {
	return func(yield func(*table.Row) bool) {
		for row := range rows {
			if past(row) || !yield(row) {
				return
			}
		}
	}
}

// order is an order in which an index has the rows.
type order int

const (
	byID order = iota
	byStamp
)

// wants says whether ORDER BY asks for the order of an index.
func (q *plan) wants(in order) bool {
	var columns []int
	for _, o := range q.order {
		if o.desc || !o.term.plain() {
			return false
		}
		columns = append(columns, o.term.field.column)
	}
	if in == byID {
		return slices.Equal(columns, []int{columnID})
	}
	return slices.Equal(columns, []int{columnStamp}) || slices.Equal(columns, []int{columnStamp, columnID})
}

// matching yields the rows that match, in the order in which they are found.
func (q *plan) matching() iter.Seq[*table.Row] {
	candidates, _ := q.candidates()
	return q.among(candidates)
}

// among yields the rows that match of some.
func (q *plan) among(rows iter.Seq[*table.Row]) iter.Seq[*table.Row] {
	shared := q.rights.sharing(q.object)
	return func(yield func(*table.Row) bool) {
		for row := range rows {
			if q.visible(row) && (shared == nil || shared(row)) && q.where.matches(q, row) && !yield(row) {
				return
			}
		}
	}
}

// count counts the rows that match, OFFSET and LIMIT applied.
func (q *plan) count() int {
	found := 0
	for range q.matching() {
		found++
	}
	return len(limited(make([]struct{}, found), q.query))
}

// run lists the matching rows in their order, OFFSET and LIMIT applied.
func (q *plan) run() []*table.Row {
	candidates, in := q.candidates()
	return q.arrange(q.among(candidates), len(q.order) == 0 || q.wants(in))
}

// arrange puts matching rows in their order, unless they come in it, and applies
// OFFSET and LIMIT.
func (q *plan) arrange(matching iter.Seq[*table.Row], inOrder bool) []*table.Row {
	wanted := -1
	if q.query.Limit >= 0 {
		wanted = q.query.Offset + q.query.Limit
	}
	var rows []*table.Row
	switch {
	case wanted == 0:
	case inOrder:
		for row := range matching {
			if rows = append(rows, row); len(rows) == wanted {
				break
			}
		}
	default:
		rows = q.sorted(matching, wanted)
	}
	return limited(rows, q.query)
}

// limited applies OFFSET and LIMIT.
func limited[T any](rows []T, q *soql.Query) []T {
	rows = rows[min(q.Offset, len(rows)):]
	if q.Limit >= 0 {
		rows = rows[:min(q.Limit, len(rows))]
	}
	return rows
}

// visible hides deleted rows and archived activities from query.
func (q *plan) visible(row *table.Row) bool {
	if q.all {
		return true
	}
	if row.Deleted {
		return false
	}
	archived, ok := q.object.column("IsArchived")
	return !ok || row.Get(archived) != true
}

// keyed is a row with the values that it is sorted by.
type keyed struct {
	row  *table.Row
	keys []any
}

// sorted orders rows by ORDER BY, ties by id, and keeps the first wanted ones; -1
// keeps all. It holds no more than twice the wanted rows at a time.
func (q *plan) sorted(rows iter.Seq[*table.Row], wanted int) []*table.Row {
	var kept []keyed
	for row := range rows {
		k := keyed{row, make([]any, len(q.order))}
		for i, o := range q.order {
			k.keys[i] = o.term.read(q.rights, row, q.all)
		}
		if kept = append(kept, k); wanted >= 0 && len(kept) >= 2*wanted+sortBlock {
			slices.SortFunc(kept, q.compare)
			kept = slices.Delete(kept, wanted, len(kept))
		}
	}
	slices.SortFunc(kept, q.compare)
	if wanted >= 0 {
		kept = kept[:min(wanted, len(kept))]
	}
	found := make([]*table.Row, len(kept))
	for i := range kept {
		found[i] = kept[i].row
	}
	return found
}

// sortBlock is how many rows are collected at least before those beyond LIMIT are
// let go.
const sortBlock = 4096

func (q *plan) compare(a, b keyed) int {
	for i, o := range q.order {
		if c := o.compare(a.keys[i], b.keys[i]); c != 0 {
			return c
		}
	}
	return table.ByID(a.row, b.row)
}

// compare orders two values: nulls first, also in descending order, unless asked
// otherwise.
func (o ordering) compare(a, b any) int {
	if a == nil || b == nil {
		c := 0
		if a == nil && b != nil {
			c = -1
		} else if b == nil && a != nil {
			c = 1
		}
		if o.nullsLast {
			return -c
		}
		return c
	}
	c := o.field.compareStored(a, b)
	if o.desc {
		return -c
	}
	return c
}
