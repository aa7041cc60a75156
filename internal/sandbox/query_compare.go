package sandbox

import (
	"cmp"
	"time"

	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// ordered makes a test of a comparison with a value. Null is unequal to every
// value and neither less nor greater.
func ordered(op soql.Op, compare func(any) (int, bool)) func(any) bool {
	return func(got any) bool {
		c, ok := compare(got)
		if !ok {
			return op == soql.NotEqual
		}
		return holds(op, c)
	}
}

// holds says whether an operator accepts a result of comparing. IN is a list of
// equalities.
func holds(op soql.Op, c int) bool {
	switch op {
	case soql.Less:
		return c < 0
	case soql.LessEqual:
		return c <= 0
	case soql.Greater:
		return c > 0
	case soql.GreaterEqual:
		return c >= 0
	case soql.NotEqual:
		return c != 0
	}
	return c == 0
}

// spanned compares a point with the half-open span [from, to): equal means
// inside, less means before all of it.
func spanned[T cmp.Ordered](at, from, to T) int {
	switch {
	case at < from:
		return -1
	case at >= to:
		return 1
	}
	return 0
}

func sign(x float64) int { return cmp.Compare(x, 0) }

// compareSeconds compares a stored time with one that may have a fraction.
func compareSeconds(at int64, with time.Time) int {
	if c := cmp.Compare(at, with.Unix()); c != 0 || with.Nanosecond() == 0 {
		return c
	}
	return -1
}

// days is the span of a date literal as dates.
func (n *names) days(v soql.Value) (from, to string) {
	start, end := n.dateSpan(v)
	return start.Format(time.DateOnly), end.Format(time.DateOnly)
}

// seconds is the span of a date literal as stored times.
func (n *names) seconds(v soql.Value) (from, to int64) {
	start, end := n.dateSpan(v)
	return start.Unix(), end.Unix()
}

// dateSpan is the half-open span of days that a literal stands for. All users of
// the org live in GMT; its fiscal year is the calendar year.
func (n *names) dateSpan(v soql.Value) (time.Time, time.Time) {
	if v.Kind == soql.Date {
		day, _ := time.Parse(time.DateOnly, v.Text) // the parser has checked it
		return day, day.AddDate(0, 0, 1)
	}
	return relativeSpan(n.org.clock.Now(), v.Text, v.N)
}

// unit is a calendar unit: how to find its start, and how to move by some of it.
type unit struct {
	floor func(time.Time) time.Time
	add   func(time.Time, int) time.Time
}

var (
	dayUnit = unit{
		func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) },
		func(t time.Time, n int) time.Time { return t.AddDate(0, 0, n) },
	}
	weekUnit = unit{ // weeks begin on Sunday
		func(t time.Time) time.Time { return dayUnit.floor(t).AddDate(0, 0, -int(t.Weekday())) },
		func(t time.Time, n int) time.Time { return t.AddDate(0, 0, 7*n) },
	}
	monthUnit = unit{
		func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) },
		func(t time.Time, n int) time.Time { return t.AddDate(0, n, 0) },
	}
	quarterUnit = unit{
		func(t time.Time) time.Time {
			return time.Date(t.Year(), (t.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
		},
		func(t time.Time, n int) time.Time { return t.AddDate(0, 3*n, 0) },
	}
	yearUnit = unit{
		func(t time.Time) time.Time { return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC) },
		func(t time.Time, n int) time.Time { return t.AddDate(n, 0, 0) },
	}
)

// relative is a date literal: from and to are counted in units from the present
// one, times the literal's n where perN says so; to is the last unit included.
type relative struct {
	unit     unit
	from, to int
	perN     bool
}

var relatives = func() map[string]relative {
	m := map[string]relative{
		"YESTERDAY": {dayUnit, -1, -1, false}, "TODAY": {dayUnit, 0, 0, false}, "TOMORROW": {dayUnit, 1, 1, false},
		"LAST_90_DAYS": {dayUnit, -90, 0, false}, "NEXT_90_DAYS": {dayUnit, 1, 90, false},
		"LAST_N_DAYS": {dayUnit, -1, 0, true}, "NEXT_N_DAYS": {dayUnit, 0, 1, true}, "N_DAYS_AGO": {dayUnit, -1, -1, true},
	}
	for name, u := range map[string]unit{
		"WEEK": weekUnit, "MONTH": monthUnit, "QUARTER": quarterUnit, "YEAR": yearUnit,
		"FISCAL_QUARTER": quarterUnit, "FISCAL_YEAR": yearUnit,
	} {
		m["LAST_"+name] = relative{u, -1, -1, false}
		m["THIS_"+name] = relative{u, 0, 0, false}
		m["NEXT_"+name] = relative{u, 1, 1, false}
		m["LAST_N_"+name+"S"] = relative{u, -1, 0, true}
		m["NEXT_N_"+name+"S"] = relative{u, 0, 1, true}
		m["N_"+name+"S_AGO"] = relative{u, -1, -1, true}
	}
	return m
}()

// relativeSpan resolves a date literal. LAST_N_… spans n whole units before the
// present one (of days, up to and including today), NEXT_N_… n after it.
func relativeSpan(now time.Time, name string, n int) (time.Time, time.Time) {
	r := relatives[name]
	from, to := r.from, r.to
	if r.perN {
		from, to = from*n, to*n
		switch {
		case r.to == 1:
			from = 1
		case r.to == 0 && !r.unit.isDay():
			to = -1
		}
	}
	start := r.unit.floor(now)
	return r.unit.add(start, from), r.unit.add(start, to+1)
}

// isDay tells days from the longer units by how far one reaches.
func (u unit) isDay() bool {
	return u.add(time.Unix(0, 0).UTC(), 1).Equal(time.Unix(24*3600, 0))
}

// compareStored compares two stored values of one field.
func compareStored(a, b any) int {
	switch a := a.(type) {
	case string:
		return table.CompareFold(a, b.(string))
	case float64:
		return cmp.Compare(a, b.(float64))
	case int64:
		return cmp.Compare(a, b.(int64))
	case bool:
		switch {
		case a == b:
			return 0
		case a:
			return 1
		}
		return -1
	}
	return 0
}
