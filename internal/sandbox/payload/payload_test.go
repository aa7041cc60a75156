package payload

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestMistakesAreNamedWithTheirPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a":1}`: "",
		` [ {"a":"\u00e9\n"}, -1.5e+3, true, null ] `: "",
		``:                         "Unexpected end-of-input at [line:1, column:1]",
		`{}}`:                      "Unexpected character ('}' (code 125)): expected nothing after the value at [line:1, column:3]",
		`{a:1}`:                    "Unexpected character ('a' (code 97)): was expecting double-quote to start field name at [line:1, column:2]",
		`{"a" 1}`:                  "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value at [line:1, column:6]",
		"{\n \"a\":1 \"b\":2}":     "Unexpected character ('\"' (code 34)): was expecting comma to separate OBJECT entries at [line:2, column:8]",
		`[1 2]`:                    "Unexpected character ('2' (code 50)): was expecting comma to separate ARRAY entries at [line:1, column:4]",
		`{"a":}`:                   "Unexpected character ('}' (code 125)): expected a valid value (number, String, array, object, 'true', 'false' or 'null') at [line:1, column:6]",
		`{"a":yes}`:                "Unrecognized token 'yes': was expecting 'null', 'true', 'false' or NaN at [line:1, column:9]",
		`{"a":-}`:                  "Unexpected character ('}' (code 125)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value at [line:1, column:7]",
		`[01]`:                     "Invalid numeric value: Leading zeroes not allowed at [line:1, column:2]",
		`{"a":1`:                   "Unexpected end-of-input: expected close marker for OBJECT (from [line:1, column:1]) at [line:1, column:7]",
		`["a`:                      "Unexpected end-of-input in VALUE_STRING at [line:1, column:4]",
		`["\x"]`:                   "Unrecognized character escape 'x' (code 120) at [line:1, column:4]",
		"[\"a\tb\"]":               "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value at [line:1, column:4]",
		`{"a":1,"b":2,"a":3}`:      "Duplicate field 'a' at [line:1, column:14]",
		`{"a":{"b":1,"b":2}}`:      "Duplicate field 'b' at [line:1, column:13]",
		`{"a":{"b":1},"b":2}`:      "",
		"[\"\xff\"]":               "Invalid UTF-8 start byte 0xff at [line:1, column:3]",
		strings.Repeat("[", 1_000): "Document nesting depth (501) exceeds the maximum allowed (500) at [line:1, column:501]",
	} {
		got := ""
		if err := Check([]byte(text)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%.40q: %s, want %s", text, got, want)
		}
	}
}

func TestAMemberIsFound(t *testing.T) {
	t.Parallel()
	text := []byte(`{ "a" : {"c":1}, "b":"x" }`)
	if at, ok := Member(text, "b"); !ok || text[at] != '"' || at != 21 {
		t.Errorf("b at %d %t", at, ok)
	}
	if _, ok := Member(text, "c"); ok {
		t.Error("a nested member was found")
	}
	if line, column := Position([]byte("a\nbc"), 3); line != 2 || column != 2 {
		t.Errorf("position %d, %d", line, column)
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e3,"\u00e9\\"],"b":{"a":null}}`, `{"a":1,"a":2}`, `[tru]`, "\"\xff\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := Check([]byte(text))
		if err == nil && !json.Valid([]byte(text)) {
			t.Fatalf("%q passes and is no JSON", text)
		}
		if err != nil && json.Valid([]byte(text)) && !strings.HasPrefix(err.Error(), "Duplicate") && !strings.HasPrefix(err.Error(), "Invalid UTF-8") && !strings.HasPrefix(err.Error(), "Document nesting") {
			t.Fatalf("%q is refused: %v", text, err)
		}
		Member([]byte(text), "a")
	})
}
