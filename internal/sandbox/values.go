package sandbox

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"conversion/internal/sandbox/schema"
)

// The stored forms: text of every kind, ids, dates (YYYY-MM-DD) and times are
// strings, numbers are float64, datetimes int64 Unix seconds, booleans bool.

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

// wrongType is the answer to JSON of another type than the field's.
func (f *field) wrongType(v any) *Error {
	const mistake = "Cannot deserialize instance of %s from %s[line:1, column:1]"
	switch v.(type) {
	case map[string]any:
		return refusal("JSON_PARSER_ERROR", fmt.Sprintf(mistake, f.Type, "START_OBJECT value { or request may be missing a required field at "), f.Name)
	case []any:
		return refusal("JSON_PARSER_ERROR", fmt.Sprintf(mistake, f.Type, "START_ARRAY value "), f.Name)
	}
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
	if !isISODate(s) {
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
	return nilIfEmpty(joinIDs(ids)), nil
}

// junctionSeparator stands between the stored ids of a junction list.
const junctionSeparator = ";"
