package mapping

import (
	"strconv"
	"strings"
	"unicode"

	"conversion"
)

// plainKey returns the key a field's variable has when nothing else has it: the one of
// the table, else snake_case of a standard field's API name, else the API name (spec 8.2).
func plainKey(f conversion.Field) string {
	if row := standardOf(f.Object, f.Name); row != nil {
		return row.key
	}
	if f.Custom || strings.Contains(f.Name, "__") {
		return f.Name
	}
	return snakeCase(f.Name)
}

// snakeCase turns "LastCURequestDate" into "last_cu_request_date".
func snakeCase(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		if unicode.IsUpper(r) && i > 0 && letters[i-1] != '_' &&
			(!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// freeKey returns the plain key if it is not taken, else with the object's name, else
// with a number.
func freeKey(plain string, object conversion.Object, taken map[string]bool) string {
	key := plain
	if taken[key] {
		key = plain + "_" + strings.ToLower(string(object))
	}
	for n := 2; taken[key]; n++ {
		key = plain + "_" + strconv.Itoa(n)
	}
	return key
}
