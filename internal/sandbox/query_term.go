package sandbox

import (
	"fmt"
	"math"
	"strings"
	"time"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// term is an expression whose names were found: it has a value for every row.
type term struct {
	text string // canonical; the same for the same expression
	// ref is the field at the bottom, field what the values are like: the same
	// field without a function around it.
	ref   *ref
	field *field
	fn    string // outermost function, "" for a plain field
	// apply makes the value of the field's one; nil for a plain field and for
	// DISTANCE, which has a way of its own to read a row.
	apply   func(any) any
	measure func(as *rights, row *table.Row, all bool) any
}

// read gets the value of a row, nil where the field has none.
func (t *term) read(as *rights, row *table.Row, all bool) any {
	if t.measure != nil {
		return t.measure(as, row, all)
	}
	return t.of(t.ref.read(as, row, all))
}

// of is the term's value where the field has the value v.
func (t *term) of(v any) any {
	if v == nil || t.apply == nil {
		return v
	}
	return t.apply(v)
}

// plain says whether the term is a field of the queried object itself.
func (t *term) plain() bool { return t.fn == "" && len(t.ref.hops) == 0 }

// term resolves an expression without aggregates.
func (n *names) term(e soql.Expr) (*term, *Error) {
	switch {
	case e.Func == "":
		r, err := n.find(e.Path)
		if err != nil {
			return nil, err
		}
		return &term{text: r.path, ref: r, field: r.field}, nil
	case e.Func == "DISTANCE":
		return n.distance(e)
	case aggregates[e.Func]:
		return nil, n.malformed(e.Pos, "unexpected use of an aggregate function: %s", e.Func)
	}
	inner, err := n.term(e.Args[0])
	if err != nil {
		return nil, err
	}
	if inner.measure != nil {
		return nil, n.malformed(e.Pos, "%s can not be used on DISTANCE", e.Func)
	}
	apply, like, err := n.function(e, inner)
	if err != nil {
		return nil, err
	}
	return &term{
		text: functionNames[e.Func] + "(" + inner.text + ")", ref: inner.ref, field: like, fn: e.Func,
		apply: func(v any) any { return apply(inner.of(v)) },
	}, nil
}

// functionNames gives functions the case in which they are documented.
var functionNames = map[string]string{
	"TOLABEL": "toLabel", "FORMAT": "FORMAT", "CONVERTCURRENCY": "convertCurrency", "CONVERTTIMEZONE": "convertTimezone",
	"CALENDAR_MONTH": "CALENDAR_MONTH", "CALENDAR_QUARTER": "CALENDAR_QUARTER", "CALENDAR_YEAR": "CALENDAR_YEAR",
	"FISCAL_MONTH": "FISCAL_MONTH", "FISCAL_QUARTER": "FISCAL_QUARTER", "FISCAL_YEAR": "FISCAL_YEAR",
	"DAY_IN_MONTH": "DAY_IN_MONTH", "DAY_IN_WEEK": "DAY_IN_WEEK", "DAY_IN_YEAR": "DAY_IN_YEAR", "DAY_ONLY": "DAY_ONLY",
	"HOUR_IN_DAY": "HOUR_IN_DAY", "WEEK_IN_MONTH": "WEEK_IN_MONTH", "WEEK_IN_YEAR": "WEEK_IN_YEAR",
}

// madeField describes the values that a function makes of a field's.
func madeField(of *field, t schema.Type) *field {
	return &field{column: columnMade, Field: schema.Field{
		Name: of.Name, Label: of.Label, Type: t, Scale: of.Scale, Filterable: true, Sortable: true, Groupable: true}}
}

// function finds what a function makes of the values of its argument.
func (n *names) function(e soql.Expr, of *term) (apply func(any) any, like *field, err *Error) {
	f := of.field
	switch e.Func {
	case "TOLABEL":
		if f.Type != schema.Picklist && f.Type != schema.MultiPicklist && f.Type != schema.Combobox {
			return nil, nil, n.invalid(e.Pos, "toLabel is not supported on field '%s'", f.Name)
		}
		return f.label, madeField(f, schema.String), nil
	case "FORMAT":
		if !f.isNumber() && f.Type != schema.Date && f.Type != schema.DateTime && f.Type != schema.Time {
			return nil, nil, n.invalid(e.Pos, "FORMAT is not supported on field '%s'", f.Name)
		}
		return func(v any) any { return f.formatted(v, n.zone) }, madeField(f, schema.String), nil
	case "CONVERTCURRENCY":
		if f.Type != schema.Currency {
			return nil, nil, n.invalid(e.Pos, "convertCurrency can only be used on currency fields: %s", f.Name)
		}
		return func(v any) any { return v }, f, nil // the org has one currency
	case "CONVERTTIMEZONE":
		if f.Type != schema.DateTime {
			return nil, nil, n.invalid(e.Pos, "convertTimezone can only be used on datetime fields: %s", f.Name)
		}
		return n.local, madeField(f, schema.DateTime), nil
	}
	return n.datePart(e, f)
}

// local shifts a time so that its parts read in UTC are those in the user's zone.
func (n *names) local(v any) any {
	at := v.(int64)
	_, offset := time.Unix(at, 0).In(n.zone).Zone()
	return at + int64(offset)
}

// datePart makes the functions that take a part of a date or of a time in UTC.
func (n *names) datePart(e soql.Expr, f *field) (func(any) any, *field, *Error) {
	if f.Type != schema.Date && f.Type != schema.DateTime {
		return nil, nil, n.invalid(e.Pos, "field '%s' is not a date or datetime field, as %s needs it", f.Name, e.Func)
	}
	if f.Type != schema.DateTime && (e.Func == "DAY_ONLY" || e.Func == "HOUR_IN_DAY") {
		return nil, nil, n.invalid(e.Pos, "field '%s' is not a datetime field, as %s needs it", f.Name, e.Func)
	}
	if e.Func == "DAY_ONLY" {
		return func(v any) any { return moment(v).Format(time.DateOnly) }, madeField(f, schema.Date), nil
	}
	part := dateParts[e.Func]
	return func(v any) any { return float64(part(moment(v))) }, madeField(f, schema.Int), nil
}

// moment reads a stored date or datetime.
func moment(v any) time.Time {
	if at, ok := v.(int64); ok {
		return time.Unix(at, 0).UTC()
	}
	day, _ := time.Parse(time.DateOnly, v.(string)) // stored in this form
	return day
}

// dateParts are the parts of a date. The org's fiscal year is the calendar year;
// weeks of a month and of a year are counted in sevens from its first day.
var dateParts = map[string]func(time.Time) int{
	"CALENDAR_MONTH": func(t time.Time) int { return int(t.Month()) }, "FISCAL_MONTH": func(t time.Time) int { return int(t.Month()) },
	"CALENDAR_QUARTER": quarterOf, "FISCAL_QUARTER": quarterOf,
	"CALENDAR_YEAR": time.Time.Year, "FISCAL_YEAR": time.Time.Year,
	"DAY_IN_MONTH": time.Time.Day, "DAY_IN_YEAR": time.Time.YearDay,
	"DAY_IN_WEEK":   func(t time.Time) int { return int(t.Weekday()) + 1 },
	"HOUR_IN_DAY":   time.Time.Hour,
	"WEEK_IN_MONTH": func(t time.Time) int { return (t.Day()-1)/7 + 1 },
	"WEEK_IN_YEAR":  func(t time.Time) int { return (t.YearDay()-1)/7 + 1 },
}

func quarterOf(t time.Time) int { return (int(t.Month())-1)/3 + 1 }

// label shows the labels of a picklist's values.
func (f *field) label(v any) any {
	values := strings.Split(v.(string), ";")
	for i, value := range values {
		for _, p := range f.Picklist {
			if p.Value == value {
				values[i] = p.Label
			}
		}
	}
	return strings.Join(values, ";")
}

// distance resolves DISTANCE(location, location, unit).
func (n *names) distance(e soql.Expr) (*term, *Error) {
	from, err := n.location(e.Args[0])
	if err != nil {
		return nil, err
	}
	to, err := n.location(e.Args[1])
	if err != nil {
		return nil, err
	}
	unit := strings.ToLower(e.Args[2].Value.Text)
	radius := map[string]float64{"mi": 3958.8, "km": 6371.0}[unit]
	like := madeField(from.ref.field, schema.Double)
	like.Groupable = false
	return &term{
		text: fmt.Sprintf("DISTANCE(%s, %s, '%s')", from.text, to.text, unit), ref: from.ref, field: like, fn: "DISTANCE",
		measure: func(as *rights, row *table.Row, all bool) any {
			a, okA := from.at(as, row, all)
			b, okB := to.at(as, row, all)
			if !okA || !okB {
				return nil
			}
			return radius * angle(a, b)
		},
	}, nil
}

// place is a point on the globe: latitude and longitude in degrees.
type place [2]float64

// location is where a row is, if it is anywhere.
type location struct {
	text string
	ref  *ref
	at   func(as *rights, row *table.Row, all bool) (place, bool)
}

// location resolves an argument of DISTANCE: an address or a fixed place.
func (n *names) location(e soql.Expr) (*location, *Error) {
	if e.Func == "GEOLOCATION" {
		fixed := place{e.Args[0].Value.Number, e.Args[1].Value.Number}
		if math.Abs(fixed[0]) > 90 || math.Abs(fixed[1]) > 180 {
			return nil, n.malformed(e.Pos, "GEOLOCATION function must have a latitude from -90 to 90 and a longitude from -180 to 180")
		}
		return &location{
			text: fmt.Sprintf("GEOLOCATION(%v,%v)", fixed[0], fixed[1]),
			at:   func(*rights, *table.Row, bool) (place, bool) { return fixed, true },
		}, nil
	}
	r, err := n.find(e.Path)
	if err != nil {
		return nil, err
	}
	latitude, hasLatitude := r.field.part("Latitude")
	longitude, hasLongitude := r.field.part("Longitude")
	if r.field.column != columnCompound || !hasLatitude || !hasLongitude {
		return nil, n.invalid(e.Pos, "field '%s' is not a location field", r.field.Name)
	}
	return &location{text: r.path, ref: r, at: func(as *rights, row *table.Row, all bool) (place, bool) {
		obj, row := r.end(as, row, all)
		if row == nil {
			return place{}, false
		}
		x, okX := as.org.read(obj, latitude, row).(float64)
		y, okY := as.org.read(obj, longitude, row).(float64)
		return place{x, y}, okX && okY
	}}, nil
}

// angle is how far two places are apart, in radians, by the haversine formula.
func angle(a, b place) float64 {
	const degree = math.Pi / 180
	sinLat := math.Sin((b[0] - a[0]) * degree / 2)
	sinLong := math.Sin((b[1] - a[1]) * degree / 2)
	h := sinLat*sinLat + math.Cos(a[0]*degree)*math.Cos(b[0]*degree)*sinLong*sinLong
	return 2 * math.Asin(math.Sqrt(min(h, 1)))
}
