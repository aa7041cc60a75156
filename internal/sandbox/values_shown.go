package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"conversion/internal/sandbox/schema"
)

const restDateTime = "2006-01-02T15:04:05.000-0700"

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

// appendIDs writes a junction list as a JSON array.
func appendIDs(b []byte, stored string) []byte {
	b = append(b, '[')
	for i, id := range splitIDs(stored) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, id)
	}
	return append(b, ']')
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
