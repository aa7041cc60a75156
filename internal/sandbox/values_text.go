package sandbox

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"conversion/internal/sandbox/schema"
)

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
