package conversion

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Type is the type of a variable and of the values it may hold.
type Type string

// The types of variables. A Salesforce field's type maps to one of them.
const (
	TypeText        Type = "text"
	TypeNumber      Type = "number"
	TypeBool        Type = "boolean"
	TypeDate        Type = "date"
	TypeDateTime    Type = "datetime"
	TypeTime        Type = "time"
	TypeMultiSelect Type = "multiselect"
)

// form says how a Value is to be read. The order is part of the stored form.
type form uint8

const (
	formAbsent form = iota
	formNull
	formText
	formNumber
	formBool
	formDate
	formDateTime
	formTime
	formMultiSelect
)

// Value is a typed scalar in its canonical form, so that == means "equal" (spec 3.7):
// values that differ only by trimming, scale or multi-select order are the same Value,
// while absent, null, empty, zero and false all differ. The zero Value is absent.
type Value struct {
	form form
	text string
}

// Null is the value that is known to be empty.
var Null = Value{form: formNull}

// Text returns the canonical text value: outer white space removed and lines ended by a
// line feed alone, as Salesforce stores it.
func Text(s string) Value {
	return Value{formText, strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))}
}

// Bool returns a boolean value.
func Bool(b bool) Value { return Value{formBool, strconv.FormatBool(b)} }

// Number parses a decimal, with or without exponent, to its canonical digits
// ("1.20E1" and "12" are one value). The error names the text.
func Number(s string) (Value, error) {
	canonical, ok := canonicalDecimal(strings.TrimSpace(s))
	if !ok {
		return Value{}, fmt.Errorf("%q is not a number", s)
	}
	return Value{formNumber, canonical}, nil
}

// Date parses "2026-01-31".
func Date(s string) (Value, error) {
	t, err := time.Parse(time.DateOnly, strings.TrimSpace(s))
	if err != nil {
		return Value{}, fmt.Errorf("%q is not a date (YYYY-MM-DD)", s)
	}
	return Value{formDate, t.Format(time.DateOnly)}, nil
}

var dateTimeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700"}

// DateTime parses an RFC 3339 time, or Salesforce's form of it ("+0000"), to UTC
// milliseconds.
func DateTime(s string) (Value, error) {
	for _, layout := range dateTimeLayouts {
		t, err := time.Parse(layout, strings.TrimSpace(s))
		if year := t.UTC().Year(); err == nil && year >= 0 && year <= 9999 {
			return DateTimeOf(t), nil
		}
	}
	return Value{}, fmt.Errorf("%q is not a time (RFC 3339)", s)
}

// DateTimeOf returns the value of a time, cut to milliseconds.
func DateTimeOf(t time.Time) Value {
	return Value{formDateTime, t.UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.999Z07:00")}
}

// TimeOfDay parses "09:08:07.000Z", with or without fraction and Z.
func TimeOfDay(s string) (Value, error) {
	t, err := time.Parse("15:04:05.999999999", strings.TrimSuffix(strings.TrimSpace(s), "Z"))
	if err != nil {
		return Value{}, fmt.Errorf("%q is not a time of day (HH:MM:SS)", s)
	}
	return Value{formTime, t.Format("15:04:05.999")}, nil
}

// MultiSelect returns the value of a multi-select picklist, "a;b": sorted, without
// repeats or blanks.
func MultiSelect(s string) Value {
	var chosen []string
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part != "" {
			chosen = append(chosen, part)
		}
	}
	slices.Sort(chosen)
	return Value{formMultiSelect, strings.Join(slices.Compact(chosen), ";")}
}

// Parse reads text as a value of the type. Empty text is null for every type but text;
// the error says what was expected.
func Parse(t Type, s string) (Value, error) {
	if s == "" && t != TypeText {
		return Null, nil
	}
	switch t {
	case TypeNumber:
		return Number(s)
	case TypeBool:
		b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(s)))
		if err != nil {
			return Value{}, fmt.Errorf("%q is not true or false", s)
		}
		return Bool(b), nil
	case TypeDate:
		return Date(s)
	case TypeDateTime:
		return DateTime(s)
	case TypeTime:
		return TimeOfDay(s)
	case TypeMultiSelect:
		return MultiSelect(s), nil
	}
	return Text(s), nil
}

// FromJSON reads a decoded JSON scalar (string, json.Number or float64, bool, nil) as a
// value of the type; a list of strings is accepted for a multi-select. The error says
// what was expected.
func FromJSON(t Type, v any) (Value, error) {
	switch v := v.(type) {
	case nil:
		return Null, nil
	case string:
		if t == TypeBool || t == TypeNumber {
			return Value{}, fmt.Errorf("expected a %s, got text", t)
		}
		return Parse(t, v)
	case bool:
		if t != TypeBool {
			return Value{}, fmt.Errorf("expected a %s, got true or false", t)
		}
		return Bool(v), nil
	case json.Number:
		return numberFor(t, v.String())
	case float64:
		return numberFor(t, strconv.FormatFloat(v, 'g', -1, 64))
	case []any:
		return listFor(t, v)
	}
	return Value{}, fmt.Errorf("expected a %s", t)
}

func numberFor(t Type, digits string) (Value, error) {
	if t != TypeNumber {
		return Value{}, fmt.Errorf("expected a %s, got a number", t)
	}
	return Number(digits)
}

func listFor(t Type, list []any) (Value, error) {
	if t != TypeMultiSelect {
		return Value{}, fmt.Errorf("expected a %s, got a list", t)
	}
	chosen := make([]string, len(list))
	for i, item := range list {
		s, ok := item.(string)
		if !ok {
			return Value{}, fmt.Errorf("expected a list of texts")
		}
		chosen[i] = s
	}
	return MultiSelect(strings.Join(chosen, ";")), nil
}

// Absent reports whether nothing is known of the value.
func (v Value) Absent() bool { return v.form == formAbsent }

// Blank reports whether the value holds nothing: absent, null or empty text.
func (v Value) Blank() bool { return v.form <= formNull || v.text == "" }

// True reports whether the value is the boolean true.
func (v Value) True() bool { return v.form == formBool && v.text == "true" }

// False reports whether the value is the boolean false.
func (v Value) False() bool { return v.form == formBool && v.text == "false" }

// String returns the canonical text; "" for absent and null.
func (v Value) String() string { return v.text }

// GoString shows the form too, for test failures.
func (v Value) GoString() string { return fmt.Sprintf("Value(%d %q)", v.form, v.text) }

// JSON returns what encoding/json should write for the value: nil, bool, json.Number or
// string.
func (v Value) JSON() any {
	switch v.form {
	case formAbsent, formNull:
		return nil
	case formBool:
		return v.text == "true"
	case formNumber:
		return json.Number(v.text)
	}
	return v.text
}

// AppendJSON appends what encoding/json writes for the value.
func (v Value) AppendJSON(b []byte) []byte {
	switch v.form {
	case formAbsent, formNull:
		return append(b, "null"...)
	case formBool, formNumber:
		return append(b, v.text...)
	}
	return appendQuoted(b, v.text)
}

// appendQuoted appends a text as JSON. Most have nothing to escape.
func appendQuoted(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(text) // a text cannot fail
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

// MarshalJSON writes JSON.
func (v Value) MarshalJSON() ([]byte, error) { return json.Marshal(v.JSON()) }

// Stored returns the two parts of the value for a compact store: a small form number,
// stable for ever, and the canonical text.
func (v Value) Stored() (form uint8, text string) { return uint8(v.form), v.text }

// FromStored is the inverse of Stored. It trusts the text to be canonical.
func FromStored(f uint8, text string) (Value, error) {
	if f > uint8(formMultiSelect) {
		return Value{}, fmt.Errorf("unknown stored value form %d", f)
	}
	return Value{form(f), text}, nil
}

// canonicalDecimal brings a decimal to plain digits without exponent, leading or
// trailing zeros. Exponents beyond ±400 are refused: nothing in Salesforce has them,
// and they would make a short text a very long one.
func canonicalDecimal(s string) (string, bool) {
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = "-", rest
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil || n > 400 || n < -400 {
			return "", false
		}
		exponent, s = n, s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	point := len(whole) + exponent
	if point < 0 {
		digits, point = strings.Repeat("0", -point)+digits, 0
	}
	if point > len(digits) {
		digits += strings.Repeat("0", point-len(digits))
	}
	whole = strings.TrimLeft(digits[:point], "0")
	fraction = strings.TrimRight(digits[point:], "0")
	switch {
	case whole == "" && fraction == "":
		return "0", true
	case whole == "":
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction, true
}
