package sandbox

import (
	"math"
	"strings"
	"time"

	"conversion/internal/sandbox/formula"
	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// subject is the record that a formula is evaluated for: a row as readers see
// it, or a draft on its way to being stored.
type subject struct {
	org    *Org
	object *object
	row    *table.Row // nil for a draft
	draft  *draft
	user   string
}

// compute is the value of a formula field of a row, nil where it cannot be
// computed.
func (o *Org) compute(obj *object, f *field, r *table.Row) any {
	v, err := f.formula.Eval(&subject{org: o, object: obj, row: r})
	if err != nil {
		v = nil
	}
	return f.fromFormula(v)
}

// Value reads what a path leads to.
func (s *subject) Value(key any) any {
	p := key.(*path)
	if p.global == "" && len(p.hops) == 0 {
		return p.field.toFormula(s.own(p.field))
	}
	id := s.start(p)
	hops := p.hops
	if p.global == "" {
		id, _ = s.own(hops[0]).(string)
		hops = hops[1:]
	}
	obj, row := s.find(id)
	for _, hop := range hops {
		if row == nil {
			return nil
		}
		id, _ = hop.value(row).(string)
		obj, row = s.find(id)
	}
	if row == nil || obj != p.object {
		return nil
	}
	return p.field.toFormula(s.org.read(obj, p.field, row))
}

// start is the record that a global path begins with.
func (s *subject) start(p *path) string {
	switch p.global {
	case "$User":
		return s.user
	case "$Organization":
		return s.org.id
	}
	return ""
}

// own reads a field of the record itself.
func (s *subject) own(f *field) any {
	if s.draft == nil {
		return s.org.read(s.object, f, s.row)
	}
	switch f.column {
	case columnID:
		return s.draft.id
	case columnStamp:
		return s.draft.before.Stamp
	case columnDeleted:
		return s.draft.erased
	case columnFormula:
		v, err := f.formula.Eval(s)
		if err != nil {
			return nil
		}
		return f.fromFormula(v)
	case columnCompound:
		return nil
	}
	return s.draft.values[f.column]
}

// Prior reads a field of the record before the change.
func (s *subject) Prior(key any) any {
	p := key.(*path)
	if s.draft == nil || s.draft.isNew() {
		return s.Value(key)
	}
	return p.field.toFormula(s.org.read(s.object, p.field, &s.draft.before))
}

// IsNew says that the record is being created.
func (s *subject) IsNew() bool { return s.draft != nil && s.draft.isNew() }

// Now is the org's time.
func (s *subject) Now() time.Time { return s.org.clock.Now() }

// CaseSafeID makes the 18-character form of an id; other text stays.
func (s *subject) CaseSafeID(id string) string {
	if full, ok := normaliseID(id); ok {
		return full
	}
	return id
}

// find looks a related record up: writers build on what others committed, readers
// on what is to be seen. Records in the recycle bin are not there.
func (s *subject) find(id string) (*object, *table.Row) {
	obj, ok := s.org.objectOf(id)
	if !ok {
		return nil, nil
	}
	row, ok := obj.seen.Find(id)
	if s.draft != nil {
		row, ok = obj.rows.Find(id)
	}
	if !ok || row.Deleted {
		return nil, nil
	}
	return obj, row
}

// toFormula turns a stored value into what formulas compute with: ids have 15
// characters, and percents are fractions.
func (f *field) toFormula(v any) any {
	switch v := v.(type) {
	case string:
		switch f.Type {
		case schema.ID, schema.Reference:
			if len(v) == 18 {
				return shortID(v)
			}
		case schema.Date:
			if d, ok := formula.ParseDay(v); ok {
				return d
			}
		case schema.Time:
			if t, ok := formula.ParseClock(strings.TrimSuffix(v, "Z")); ok {
				return t
			}
		}
	case int64:
		return formula.Moment(v)
	case float64:
		if f.Type == schema.Percent {
			return v / 100
		}
	}
	return v
}

// fromFormula turns a computed value into the stored form of the field's type.
func (f *field) fromFormula(v any) any {
	switch v := v.(type) {
	case nil:
		if f.Type == schema.Boolean {
			return false
		}
	case string:
		if v == "" {
			return nil
		}
	case formula.Day:
		return v.String()
	case formula.Moment:
		return int64(v)
	case formula.Clock:
		return v.String() + "Z"
	case float64:
		if f.Type == schema.Percent {
			v *= 100
		}
		return roundTo(v, f.Scale)
	}
	return v
}

// roundTo rounds at a decimal place, as far as a float64 has such places.
func roundTo(x float64, places int) float64 {
	scale := math.Pow10(places)
	if scaled := math.Round(x * scale); places <= 15 && math.Abs(scaled) < 1<<53 {
		return scaled / scale
	}
	return x
}
