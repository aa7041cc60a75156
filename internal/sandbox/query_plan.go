package sandbox

import (
	"iter"
	"math"
	"slices"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// reach is a part of a table: rows from (stampFrom, idAt) on in the order of
// (SystemModstamp, Id), up to stampTo, with ids from idFrom to idTo. It may be
// larger than what a filter matches, never smaller.
type reach struct {
	stampFrom, stampTo int64
	idAt               string
	idFrom, idTo       string
}

const lastID = "~" // after every id

var everywhere = reach{stampFrom: math.MinInt64, stampTo: math.MaxInt64, idTo: lastID}

// both is where rows of both reaches are.
func (a reach) both(b reach) reach {
	r := a
	switch {
	case b.stampFrom > a.stampFrom:
		r.stampFrom, r.idAt = b.stampFrom, b.idAt
	case b.stampFrom == a.stampFrom:
		r.idAt = max(a.idAt, b.idAt)
	}
	r.stampTo = min(a.stampTo, b.stampTo)
	r.idFrom, r.idTo = max(a.idFrom, b.idFrom), min(a.idTo, b.idTo)
	r.idAt = max(r.idAt, r.idFrom)
	return r
}

// either is where rows of at least one of the reaches are.
func (a reach) either(b reach) reach {
	r := a
	switch {
	case b.stampFrom < a.stampFrom:
		r.stampFrom, r.idAt = b.stampFrom, b.idAt
	case b.stampFrom == a.stampFrom:
		r.idAt = min(a.idAt, b.idAt)
	}
	r.stampTo = max(a.stampTo, b.stampTo)
	r.idFrom, r.idTo = min(a.idFrom, b.idFrom), max(a.idTo, b.idTo)
	return r
}

// reachOf is what one comparison of Id or SystemModstamp leaves.
func reachOf(c *soql.Compare, f *field) reach {
	r := everywhere
	if len(c.Values) != 1 {
		return r
	}
	v := c.Values[0]
	switch {
	case f.column == columnStamp && v.Kind == soql.DateTime:
		at := v.Time.Unix()
		from := at // the first whole second that is not before the time
		if v.Time.Nanosecond() > 0 {
			from++
		}
		switch c.Op {
		case soql.Equal:
			r.stampFrom, r.stampTo = from, at
		case soql.Greater:
			r.stampFrom = at + 1
		case soql.GreaterEqual:
			r.stampFrom = from
		case soql.Less, soql.LessEqual:
			r.stampTo = at
		}
	case f.column == columnID && v.Kind == soql.Text:
		id, _ := normaliseID(v.Text)
		switch c.Op {
		case soql.Greater:
			r.idFrom = id + "\x00"
		case soql.GreaterEqual:
			r.idFrom = id
		case soql.Less, soql.LessEqual:
			r.idTo = id
		}
		r.idAt = r.idFrom
	}
	return r
}

// indexTexts lists the texts that an = or IN compares with, nil if it is
// anything else.
func indexTexts(c *soql.Compare, f *field) []string {
	isID := f.Type == schema.ID || f.Type == schema.Reference
	if c.Op != soql.Equal && c.Op != soql.In || !isID && !f.isText() {
		return nil
	}
	texts := make([]string, 0, len(c.Values))
	for _, v := range c.Values {
		if v.Kind != soql.Text || v.Text == "" {
			return nil
		}
		text := v.Text
		if isID {
			text, _ = normaliseID(strings.TrimSpace(text))
		}
		texts = append(texts, text)
	}
	return texts
}

func (fs andFilter) reach() reach {
	r := everywhere
	for _, f := range fs {
		r = r.both(f.reach())
	}
	return r
}

func (fs orFilter) reach() reach {
	r := fs[0].reach()
	for _, f := range fs[1:] {
		r = r.either(f.reach())
	}
	return r
}

func (notFilter) reach() reach { return everywhere }

func (f *compareFilter) reach() reach { return f.within }

func (fs andFilter) rows(q *plan) ([]*table.Row, bool) {
	for _, f := range fs {
		if found, ok := f.rows(q); ok {
			return found, true
		}
	}
	return nil, false
}

func (fs orFilter) rows(q *plan) ([]*table.Row, bool) {
	var all []*table.Row
	for _, f := range fs {
		found, ok := f.rows(q)
		if !ok {
			return nil, false
		}
		all = append(all, found...)
	}
	return all, true
}

func (notFilter) rows(*plan) ([]*table.Row, bool) { return nil, false }

func (f *compareFilter) rows(q *plan) ([]*table.Row, bool) {
	column := f.ref.field.column
	if f.equals == nil || column != columnID && (column < 0 || !q.object.seen.Indexed(column)) {
		return nil, false
	}
	var found []*table.Row
	for _, text := range f.equals {
		found = slices.AppendSeq(found, q.object.equal(f.ref.field, text))
	}
	return found, true
}

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

type ordering struct {
	ref             *ref
	desc, nullsLast bool
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
		if o.desc || len(o.ref.hops) > 0 {
			return false
		}
		columns = append(columns, o.ref.field.column)
	}
	if in == byID {
		return slices.Equal(columns, []int{columnID})
	}
	return slices.Equal(columns, []int{columnStamp}) || slices.Equal(columns, []int{columnStamp, columnID})
}

// run lists the matching rows in their order, OFFSET and LIMIT applied.
func (q *plan) run() []*table.Row {
	candidates, in := q.candidates()
	done := len(q.order) == 0 || q.wants(in)
	wanted := -1
	if done && q.query.Limit >= 0 {
		wanted = q.query.Offset + q.query.Limit
	}
	var rows []*table.Row
	for row := range candidates {
		if len(rows) == wanted {
			break
		}
		if q.visible(row) && q.where.matches(q, row) {
			rows = append(rows, row)
		}
	}
	if !done {
		q.sort(rows)
	}
	rows = rows[min(q.query.Offset, len(rows)):]
	if q.query.Limit >= 0 {
		rows = rows[:min(q.query.Limit, len(rows))]
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

// sort orders rows by ORDER BY, ties by id.
func (q *plan) sort(rows []*table.Row) {
	type keyed struct {
		row  *table.Row
		keys []any
	}
	all := make([]keyed, len(rows))
	for i, row := range rows {
		all[i] = keyed{row, make([]any, len(q.order))}
		for k, o := range q.order {
			all[i].keys[k] = o.ref.read(q.rights, row, q.all)
		}
	}
	slices.SortFunc(all, func(a, b keyed) int {
		for k, o := range q.order {
			if c := o.compare(a.keys[k], b.keys[k]); c != 0 {
				return c
			}
		}
		return table.ByID(a.row, b.row)
	})
	for i := range all {
		rows[i] = all[i].row
	}
}

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
	c := compareStored(a, b)
	if o.desc {
		return -c
	}
	return c
}
