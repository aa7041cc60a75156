package sandbox

import (
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
	if c.Op != soql.Equal && c.Op != soql.In || !isID && !f.isText() && !f.isNumber() {
		return nil
	}
	texts := make([]string, 0, len(c.Values))
	for _, v := range c.Values {
		if f.isNumber() && v.Kind == soql.Number {
			texts = append(texts, table.KeyOf(v.Number+0)) // -0 is 0
			continue
		}
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
	column := f.term.field.column
	if f.equals == nil || column != columnID && (column < 0 || !q.object.seen.Indexed(column)) {
		return nil, false
	}
	var found []*table.Row
	for _, text := range f.equals {
		found = slices.AppendSeq(found, q.object.equal(f.term.field, text))
	}
	return found, true
}
