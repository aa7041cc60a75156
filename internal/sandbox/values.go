package sandbox

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"conversion/internal/sandbox/schema"
)

// The stored forms: text of every kind, ids, dates (YYYY-MM-DD) and times are
// strings, numbers are float64, datetimes int64 Unix seconds, booleans bool.

const restDateTime = "2006-01-02T15:04:05.000-0700"

var dateTimeInputs = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
}

// stored converts a value as a caller gives it (JSON or Go) into its stored
// form, trimming text and reading "" as null, and checks all that the field alone
// decides: type, length, range, format.
func (f *field) stored(v any) (any, *Error) {
	if v == nil {
		if f.Type == schema.Boolean {
			return nil, f.wrongType("null")
		}
		return nil, nil
	}
	switch f.Type {
	case schema.Boolean:
		return f.storedBool(v)
	case schema.Int, schema.Double, schema.Currency, schema.Percent, schema.Long:
		return f.storedNumber(v)
	case schema.Date:
		return f.storedDate(v)
	case schema.DateTime:
		return f.storedDateTime(v)
	case schema.JunctionIDList:
		return f.storedIDs(v)
	}
	s, ok := v.(string)
	if !ok {
		return nil, f.wrongType(v)
	}
	if s = strings.TrimSpace(s); s == "" {
		return nil, nil
	}
	switch f.Type {
	case schema.Reference, schema.ID:
		return f.storedID(s)
	case schema.Time:
		return f.storedTime(s)
	}
	return f.storedText(s)
}

func (f *field) wrongType(v any) *Error {
	return refusal("INVALID_TYPE_ON_FIELD_IN_RECORD", fmt.Sprintf("%s: value not of required type: %v", f.Label, v), f.Name)
}

// unreadable is the answer to text that is no value of the field's type.
func (f *field) unreadable(s string) *Error {
	return refusal("JSON_PARSER_ERROR", fmt.Sprintf(
		"Cannot deserialize instance of %s from VALUE_STRING value %s or request may be missing a required field at [line:1, column:1]", f.Type, s), f.Name)
}

func (f *field) storedBool(v any) (any, *Error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case string:
		if b, err := strconv.ParseBool(strings.ToLower(v)); err == nil {
			return b, nil
		}
		return nil, f.unreadable(v)
	}
	return nil, f.wrongType(v)
}

func (f *field) storedNumber(v any) (any, *Error) {
	var text string
	switch v := v.(type) {
	case json.Number:
		text = v.String()
	case string:
		if text = strings.TrimSpace(v); text == "" {
			return nil, nil
		}
	case float64, float32, int, int32, int64, uint64:
		text = fmt.Sprint(v)
	default:
		return nil, f.wrongType(v)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return nil, f.unreadable(text)
	}
	if f.Type == schema.Int && n != math.Trunc(n) {
		return nil, f.wrongType(text)
	}
	if digits := f.wholeDigits(); digits > 0 && math.Abs(n) >= math.Pow10(digits) {
		return nil, refusal("NUMBER_OUTSIDE_VALID_RANGE", fmt.Sprintf("%s: value outside of valid range on numeric field: %s", f.Label, text), f.Name)
	}
	if f.Type != schema.Int && f.Precision > 0 {
		n = roundTo(n, f.Scale)
	}
	return n, nil
}

// wholeDigits is how many digits a number may have before its point, 0 for any.
func (f *field) wholeDigits() int {
	if f.Type == schema.Int {
		return f.Digits
	}
	return f.Precision - f.Scale
}

func (f *field) storedDate(v any) (any, *Error) {
	if t, ok := v.(time.Time); ok {
		return t.UTC().Format(time.DateOnly), nil
	}
	s, ok := v.(string)
	if !ok {
		return nil, f.wrongType(v)
	}
	if s = strings.TrimSpace(s); s == "" {
		return nil, nil
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return nil, f.unreadable(s)
	}
	return s, nil
}

func (f *field) storedDateTime(v any) (any, *Error) {
	if t, ok := v.(time.Time); ok {
		return t.Unix(), nil
	}
	s, ok := v.(string)
	if !ok {
		return nil, f.wrongType(v)
	}
	if s = strings.TrimSpace(s); s == "" {
		return nil, nil
	}
	t, ok := parseDateTime(s)
	if !ok {
		return nil, f.unreadable(s)
	}
	return t.Unix(), nil
}

func parseDateTime(s string) (time.Time, bool) {
	for _, layout := range dateTimeInputs {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func (f *field) storedTime(s string) (any, *Error) {
	t, err := time.Parse("15:04:05Z", s) // a fraction is read as well
	if err != nil {
		return nil, f.unreadable(s)
	}
	return t.Format("15:04:05.000Z"), nil
}

func (f *field) storedID(s string) (any, *Error) {
	id, ok := normaliseID(s)
	if !ok {
		return nil, malformedID(f.Label, s, f.Name)
	}
	return id, nil
}

// storedIDs joins the ids of a junction list, each once, in the order given.
func (f *field) storedIDs(v any) (any, *Error) {
	list, ok := v.([]any)
	if texts, isText := v.([]string); isText {
		for _, text := range texts {
			list = append(list, text)
		}
	} else if !ok {
		return nil, f.wrongType(v)
	}
	var ids []string
	for _, member := range list {
		text, ok := member.(string)
		if !ok {
			return nil, f.wrongType(member)
		}
		id, ok := normaliseID(text)
		if !ok {
			return nil, malformedID(f.Label, text, f.Name)
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return nilIfEmpty(strings.Join(ids, junctionSeparator)), nil
}

// junctionSeparator stands between the stored ids of a junction list.
const junctionSeparator = ";"

// appendIDs writes a junction list as a JSON array.
func appendIDs(b []byte, stored string) []byte {
	b = append(b, '[')
	for i, id := range strings.Split(stored, junctionSeparator) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, id)
	}
	return append(b, ']')
}

// emailPattern is deliberately wide: it refuses what is no address at all.
var emailPattern = regexp.MustCompile(`^[^\s@<>()\[\]\\,;:"]+@[^\s@<>()\[\]\\,;:"._-][^\s@<>()\[\]\\,;:"]*\.[^\s@<>()\[\]\\,;:"._-]+$`)

func (f *field) storedText(s string) (any, *Error) {
	if !utf8.ValidString(s) {
		return nil, refusal("JSON_PARSER_ERROR", "Invalid UTF-8 in a text value", f.Name)
	}
	if f.Length > 0 && utf8.RuneCountInString(s) > f.Length {
		return nil, refusal("STRING_TOO_LONG", fmt.Sprintf("%s: data value too large: %s (max length=%d)", f.Label, s, f.Length), f.Name)
	}
	switch f.Type {
	case schema.Email:
		if !emailPattern.MatchString(s) || strings.Contains(s, "..") {
			return nil, refusal("INVALID_EMAIL_ADDRESS", fmt.Sprintf("%s: invalid email address: %s", f.Label, s), f.Name)
		}
	case schema.Picklist:
		return f.storedPick(s)
	case schema.MultiPicklist:
		return f.storedPicks(s)
	}
	return s, nil
}

// storedPick finds a picklist's value in any case; an unrestricted picklist takes
// unknown values too.
func (f *field) storedPick(s string) (any, *Error) {
	for _, p := range f.Picklist {
		if p.Active && strings.EqualFold(p.Value, s) {
			return p.Value, nil
		}
	}
	if f.RestrictedPicklist {
		return nil, f.notOffered(s)
	}
	return s, nil
}

func (f *field) notOffered(value string) *Error {
	return refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
		fmt.Sprintf("%s: bad value for restricted picklist field: %s", f.Label, value), f.Name)
}

// storedPicks orders the values of a multi-select as the field defines them,
// unknown ones last, each once.
func (f *field) storedPicks(s string) (any, *Error) {
	chosen := map[string]bool{}
	var unknown []string
	for _, part := range strings.Split(s, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		v, err := f.storedPick(part)
		if err != nil {
			return nil, err
		}
		value := v.(string)
		if !chosen[value] && !f.offers(value) {
			unknown = append(unknown, value)
		}
		chosen[value] = true
	}
	var ordered []string
	for _, p := range f.Picklist {
		if chosen[p.Value] {
			ordered = append(ordered, p.Value)
		}
	}
	if ordered = append(ordered, unknown...); len(ordered) == 0 {
		return nil, nil
	}
	return strings.Join(ordered, ";"), nil
}

func (f *field) offers(value string) bool {
	for _, p := range f.Picklist {
		if p.Value == value {
			return true
		}
	}
	return false
}

// shown converts a stored value into what the REST API answers with.
func (f *field) shown(v any) any {
	if at, ok := v.(int64); ok {
		return time.Unix(at, 0).UTC().Format(restDateTime)
	}
	return v
}

// appendJSON writes a stored value as the REST API does: doubles always with a
// fraction, ints without.
func (f *field) appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		b = append(b, '"')
		b = time.Unix(v, 0).UTC().AppendFormat(b, restDateTime)
		return append(b, '"')
	case float64:
		if f.Type == schema.Int || f.Type == schema.Long {
			return strconv.AppendFloat(b, v, 'f', -1, 64)
		}
		return appendDouble(b, v)
	case string:
		if f.Type == schema.JunctionIDList {
			return appendIDs(b, v)
		}
		if f.Type == schema.ComplexValue {
			return append(b, v...) // is JSON
		}
		return appendString(b, v)
	}
	panic(fmt.Sprintf("sandbox: a stored value of type %T", v))
}

func appendDouble(b []byte, v float64) []byte {
	n := len(b)
	b = strconv.AppendFloat(b, v, 'f', -1, 64)
	if !strings.Contains(string(b[n:]), ".") {
		b = append(b, '.', '0')
	}
	return b
}

// appendString quotes a text for JSON.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
