package sandbox

import (
	"time"

	"conversion/internal/sandbox/soql"
)

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

// dateSpan is the half-open span of days that a literal stands for, in the time
// zone of the user. The org's fiscal year is the calendar year.
func (n *names) dateSpan(v soql.Value) (time.Time, time.Time) {
	if v.Kind == soql.Date {
		day, _ := time.Parse(time.DateOnly, v.Text) // the parser has checked it
		return day, day.AddDate(0, 0, 1)
	}
	return relativeSpan(n.org.clock.Now().In(n.zone), v.Text, v.N)
}

// unit is a calendar unit: how to find its start, and how to move by some of it.
type unit struct {
	floor func(time.Time) time.Time
	add   func(time.Time, int) time.Time
}

var (
	dayUnit = unit{
		func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location()) },
		func(t time.Time, n int) time.Time { return t.AddDate(0, 0, n) },
	}
	weekUnit = unit{ // weeks begin on Sunday
		func(t time.Time) time.Time { return dayUnit.floor(t).AddDate(0, 0, -int(t.Weekday())) },
		func(t time.Time, n int) time.Time { return t.AddDate(0, 0, 7*n) },
	}
	monthUnit = unit{
		func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location()) },
		func(t time.Time, n int) time.Time { return t.AddDate(0, n, 0) },
	}
	quarterUnit = unit{
		func(t time.Time) time.Time {
			return time.Date(t.Year(), (t.Month()-1)/3*3+1, 1, 0, 0, 0, 0, t.Location())
		},
		func(t time.Time, n int) time.Time { return t.AddDate(0, 3*n, 0) },
	}
	yearUnit = unit{
		func(t time.Time) time.Time { return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, t.Location()) },
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
	from, to, n := r.from, r.to, min(n, furthest)
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
	return withinYears(r.unit.add(start, from)), withinYears(r.unit.add(start, to+1))
}

// furthest is how many units a date literal counts at most: more than there are
// days between any two dates of an org.
const furthest = 4_000_000

// withinYears keeps a time among the years that have four digits.
func withinYears(t time.Time) time.Time {
	switch {
	case t.Year() < 1:
		return time.Date(1, 1, 1, 0, 0, 0, 0, t.Location())
	case t.Year() > 9998:
		return time.Date(9999, 1, 1, 0, 0, 0, 0, t.Location())
	}
	return t
}

// isDay tells days from the longer units by how far one reaches.
func (u unit) isDay() bool {
	return u.add(time.Unix(0, 0).UTC(), 1).Equal(time.Unix(24*3600, 0))
}
