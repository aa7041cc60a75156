package formula

import (
	"math"
	"time"
)

// ofDay makes a function of a date.
func ofDay(get func(time.Time) int) function {
	return function{params: []Type{Date}, result: Number, compute: func(_ *frame, a []any) any {
		if d, ok := a[0].(Day); ok {
			return float64(get(d.time()))
		}
		return nil
	}}
}

// ofClock makes a function of a time of day.
func ofClock(get func(time.Time) int) function {
	return function{params: []Type{Time}, result: Number, compute: func(_ *frame, a []any) any {
		if t, ok := a[0].(Clock); ok {
			return float64(get(time.UnixMilli(int64(t)).UTC()))
		}
		return nil
	}}
}

var dateFunctions = map[string]function{
	"TODAY": {result: Date, compute: func(f *frame, _ []any) any { return Moment(f.Now().Unix()).day() }},
	"NOW":   {result: DateTime, compute: func(f *frame, _ []any) any { return Moment(f.Now().Unix()) }},
	"TIMENOW": {result: Time, compute: func(f *frame, _ []any) any {
		now := f.Now().UTC()
		return Clock(now.Sub(now.Truncate(24 * time.Hour)).Milliseconds())
	}},
	"DATE": {params: []Type{Number, Number, Number}, result: Date, compute: date},

	"YEAR":      ofDay(time.Time.Year),
	"MONTH":     ofDay(func(t time.Time) int { return int(t.Month()) }),
	"DAY":       ofDay(time.Time.Day),
	"WEEKDAY":   ofDay(func(t time.Time) int { return int(t.Weekday()) + 1 }),
	"DAYOFYEAR": ofDay(time.Time.YearDay),
	"ISOWEEK":   ofDay(func(t time.Time) int { _, week := t.ISOWeek(); return week }),
	"ISOYEAR":   ofDay(func(t time.Time) int { year, _ := t.ISOWeek(); return year }),

	"HOUR":        ofClock(time.Time.Hour),
	"MINUTE":      ofClock(time.Time.Minute),
	"SECOND":      ofClock(time.Time.Second),
	"MILLISECOND": ofClock(func(t time.Time) int { return t.Nanosecond() / 1e6 }),

	"FROMUNIXTIME": {params: []Type{Number}, result: DateTime, compute: func(f *frame, a []any) any {
		x, ok := a[0].(float64)
		if !ok {
			return nil
		}
		return f.addDays(Moment(0), x/secondsADay)
	}},
}

// date refuses a day that the calendar does not have.
func date(f *frame, a []any) any {
	var part [3]int
	for i, v := range a {
		x, ok := v.(float64)
		if !ok {
			return nil
		}
		part[i] = int(math.Max(-1, math.Min(x, 10_000)))
	}
	d := dayOf(part[0], part[1], part[2])
	t := d.time()
	if t.Year() != part[0] || int(t.Month()) != part[1] || t.Day() != part[2] || d < firstDay || d > lastDay {
		return f.fail("there is no such day")
	}
	return d
}
