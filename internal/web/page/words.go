package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"conversion"
)

// count writes a number with separators: 12,345.
func count(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// plural writes a number with its noun: "1 record", "12,345 records".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// ago says how far m is from now, in one unit: "just now", "5 min ago", "in 2 h".
// Beyond a month it is the day itself.
func ago(now time.Time, m conversion.Moment) string {
	if m == 0 {
		return "never"
	}
	d := now.Sub(m.Time())
	if d.Abs() < 10*time.Second {
		return "just now"
	}
	if d.Abs() > 30*24*time.Hour {
		return m.Time().Format("2 Jan 2006")
	}
	if d < 0 {
		return "in " + span(-d)
	}
	return span(d) + " ago"
}

// span writes a duration in its largest unit, rounded down.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return plural(int(d.Hours()/24), "day", "days")
}

// took writes how long a run lasted: "0.4 s", "14 s", "3 min 5 s".
func took(began, ended conversion.Moment) string {
	if began == 0 || ended == 0 {
		return "–"
	}
	switch d := ended.Sub(began); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", max(d, 0).Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
}

// exact writes a moment in full, in UTC.
func exact(m conversion.Moment) string {
	if m == 0 {
		return "never"
	}
	return m.Time().Format("2 January 2006, 15:04:05 UTC")
}

// thing names an entity of the kind.
func thing(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "company"
	}
	return "contact"
}

// path returns where the list of a kind is.
func path(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "/companies"
	}
	return "/contacts"
}

// objectName names the records of an object, in the plural.
func objectName(o conversion.Object) string {
	switch o {
	case "":
		return "All records"
	case conversion.Lead, conversion.Contact, conversion.Account, conversion.Task, conversion.Event, conversion.User:
		return string(o) + "s"
	}
	return string(o)
}

// shown writes a value for people.
func shown(v conversion.Value) string {
	switch {
	case v.True():
		return "Yes"
	case v.False():
		return "No"
	case v.Blank():
		return "empty"
	}
	return v.String()
}

// sentence makes a fragment of an error message stand on its own: "is too long" of a
// field reads "Is too long."
func sentence(s string) string {
	if s == "" {
		return ""
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}
