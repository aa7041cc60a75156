package sandbox

import (
	"strconv"
	"strings"
	"time"

	"conversion/internal/sandbox/schema"
)

// formatted shows a value as FORMAT does for a user with the locale en_US.
func (f *field) formatted(v any, zone *time.Location) any {
	switch v := v.(type) {
	case int64:
		return time.Unix(v, 0).In(zone).Format("1/2/2006, 3:04 PM")
	case float64:
		return f.formattedNumber(v)
	case string:
		if f.Type == schema.Time {
			at, _ := time.Parse("15:04:05.000Z", v) // stored in this form
			return at.Format("3:04 PM")
		}
		return moment(v).Format("1/2/2006")
	}
	return v
}

func (f *field) formattedNumber(v float64) string {
	switch f.Type {
	case schema.Currency:
		text := "$" + grouped(strconv.FormatFloat(max(v, -v), 'f', f.Scale, 64))
		if v < 0 {
			return "-" + text
		}
		return text
	case schema.Percent:
		return grouped(strconv.FormatFloat(v, 'f', f.Scale, 64)) + "%"
	}
	return grouped(strconv.FormatFloat(v, 'f', f.Scale, 64))
}

// grouped puts commas between the thousands of a decimal number.
func grouped(number string) string {
	sign := ""
	if strings.HasPrefix(number, "-") {
		sign, number = "-", number[1:]
	}
	whole, fraction, hasFraction := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasFraction {
		return sign + whole + "." + fraction
	}
	return sign + whole
}
