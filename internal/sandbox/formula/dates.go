package formula

import (
	"math"
	"time"
)

const secondsADay = 24 * 60 * 60

// The days of the years 1 to 9999, outside of which there are no dates.
var firstDay, lastDay = dayOf(1, 1, 1), dayOf(9999, 12, 31)

func dayOf(year, month, day int) Day {
	return Day(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / secondsADay)
}

// time is midnight in GMT, which is every user's time zone.
func (d Day) time() time.Time { return time.Unix(int64(d)*secondsADay, 0).UTC() }

func (m Moment) time() time.Time { return time.Unix(int64(m), 0).UTC() }

func (m Moment) day() Day { return Day(math.Floor(float64(m) / secondsADay)) }

// ParseDay reads a date of the form 2006-01-02.
func ParseDay(s string) (Day, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, false
	}
	return Day(math.Floor(float64(t.Unix()) / secondsADay)), true
}

// String writes a date as 2006-01-02.
func (d Day) String() string { return d.time().Format(time.DateOnly) }

// ParseClock reads a time of day of the form 15:04:05.000.
func ParseClock(s string) (Clock, bool) {
	t, err := time.Parse("15:04:05", s) // a fraction is read as well
	if err != nil {
		return 0, false
	}
	return Clock(t.Sub(t.Truncate(24 * time.Hour)).Milliseconds()), true
}

// String writes a time of day as 15:04:05.000.
func (c Clock) String() string {
	return time.UnixMilli(int64(c)).UTC().Format("15:04:05.000")
}

// addDays moves a date or a moment by days, which may have a fraction.
func (f *frame) addDays(v any, days float64) any {
	if math.Abs(days) > float64(lastDay-firstDay) || math.IsNaN(days) {
		return f.fail("a date is out of range")
	}
	switch v := v.(type) {
	case Day:
		return f.ranged(v + Day(math.Trunc(days)))
	case Moment:
		m := v + Moment(math.Round(days*secondsADay))
		if f.ranged(m.day()) == nil {
			return nil
		}
		return m
	}
	return nil
}

func (f *frame) ranged(d Day) any {
	if d < firstDay || d > lastDay {
		return f.fail("a date is out of range")
	}
	return d
}

// sum adds numbers, days to a date, milliseconds to a time, and joins texts.
func (c *compiler) sum(n *node, args []expr) (expr, error) {
	a, b := args[0], args[1]
	if a.kind == Number && isPoint(b.kind) {
		a, b = b, a
	}
	switch {
	case isPoint(a.kind):
		return c.moved(n, a, b, 1)
	case a.kind == Text || a.kind == Null && b.kind == Text:
		err := c.want(n, b, Text)
		return expr{kind: Text, eval: func(f *frame) any { return join(a.eval(f), b.eval(f)) }}, err
	}
	return c.apply(n, plusNumbers, args)
}

// difference subtracts numbers, days from a date, and one date from another.
func (c *compiler) difference(n *node, args []expr) (expr, error) {
	a, b := args[0], args[1]
	switch {
	case isPoint(a.kind) && a.kind == b.kind:
		return expr{kind: Number, eval: func(f *frame) any {
			x, y := a.eval(f), b.eval(f)
			if x == nil || y == nil {
				return nil
			}
			d := magnitude(x) - magnitude(y)
			if a.kind == DateTime {
				d /= secondsADay
			}
			return d
		}}, nil
	case isPoint(a.kind):
		return c.moved(n, a, b, -1)
	}
	return c.apply(n, minusNumbers, args)
}

func isPoint(kind Type) bool { return kind == Date || kind == DateTime || kind == Time }

func (c *compiler) moved(n *node, point, by expr, sign float64) (expr, error) {
	err := c.want(n, by, Number)
	return expr{kind: point.kind, eval: func(f *frame) any {
		at, x := point.eval(f), by.eval(f)
		step, ok := x.(float64)
		if at == nil || !ok {
			return nil
		}
		if t, isClock := at.(Clock); isClock {
			const day = secondsADay * 1000
			return Clock(math.Mod(math.Mod(float64(t)+sign*math.Trunc(step), day)+day, day))
		}
		return f.addDays(at, sign*step)
	}}, err
}

func (c *compiler) dateValue(n *node, args []expr) (expr, error) {
	return c.converted(n, args, Date, func(f *frame, v any) any {
		switch v := v.(type) {
		case Moment:
			return v.day()
		case string:
			if d, ok := ParseDay(v); ok {
				return d
			}
			return f.fail("%q is no date", v)
		}
		return v
	})
}

func (c *compiler) momentValue(n *node, args []expr) (expr, error) {
	return c.converted(n, args, DateTime, func(f *frame, v any) any {
		switch v := v.(type) {
		case Day:
			return Moment(int64(v) * secondsADay)
		case string:
			for _, layout := range []string{"2006-01-02 15:04:05", time.RFC3339, "2006-01-02 15:04:05Z07:00"} {
				if t, err := time.Parse(layout, v); err == nil {
					return Moment(t.Unix())
				}
			}
			return f.fail("%q is no date with time", v)
		}
		return v
	})
}

func (c *compiler) clockValue(n *node, args []expr) (expr, error) {
	return c.converted(n, args, Time, func(f *frame, v any) any {
		switch v := v.(type) {
		case Moment:
			return Clock((int64(v) - int64(v.day())*secondsADay) * 1000)
		case string:
			if t, ok := ParseClock(v); ok {
				return t
			}
			return f.fail("%q is no time", v)
		}
		return v
	})
}

// converted compiles a conversion of one text, date or moment; blanks stay blank.
func (c *compiler) converted(n *node, args []expr, to Type, convert func(*frame, any) any) (expr, error) {
	if err := checkCount(n, len(args), 1, 1, false); err != nil {
		return expr{}, err
	}
	err := c.want(n, args[0], Text, Date, DateTime, Time)
	return expr{kind: to, eval: func(f *frame) any {
		v := emptied(args[0].eval(f))
		if v == nil {
			return nil
		}
		return convert(f, v)
	}}, err
}

// addMonths keeps the last day of a month a last day.
func (c *compiler) addMonths(n *node, args []expr) (expr, error) {
	if err := checkCount(n, len(args), 2, 2, false); err != nil {
		return expr{}, err
	}
	if err := c.want(n, args[0], Date, DateTime); err != nil {
		return expr{}, err
	}
	err := c.want(n, args[1], Number)
	return expr{kind: args[0].kind, eval: func(f *frame) any {
		at, months := args[0].eval(f), args[1].eval(f)
		by, ok := months.(float64)
		if at == nil || !ok {
			return nil
		}
		if math.Abs(by) > 12*9999 || math.IsNaN(by) {
			return f.fail("a date is out of range")
		}
		switch at := at.(type) {
		case Day:
			return f.ranged(plusMonths(at, int(by)))
		case Moment:
			d := plusMonths(at.day(), int(by))
			if f.ranged(d) == nil {
				return nil
			}
			return Moment(int64(d)*secondsADay + int64(at) - int64(at.day())*secondsADay)
		}
		return nil
	}}, err
}

func plusMonths(d Day, by int) Day {
	t := d.time()
	year, month := t.Year(), int(t.Month())+by
	last := dayOf(year, month+1, 0)
	if next := (d + 1).time(); next.Day() == 1 {
		return last
	}
	return min(dayOf(year, month, t.Day()), last)
}

func (c *compiler) unixTime(n *node, args []expr) (expr, error) {
	if err := checkCount(n, len(args), 1, 1, false); err != nil {
		return expr{}, err
	}
	err := c.want(n, args[0], Date, DateTime, Time)
	return expr{kind: Number, eval: func(f *frame) any {
		switch v := args[0].eval(f).(type) {
		case Day:
			return float64(v) * secondsADay
		case Moment:
			return float64(v)
		case Clock:
			return float64(v) / 1000
		}
		return nil
	}}, err
}
