package soql_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"conversion/internal/salesforce/soql"
)

const beforeLiteral = "SELECT Id FROM Lead WHERE Name = "

func TestTextEscapes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ value, want string }{
		"an apostrophe":             {"O'Brien", `'O\'Brien'`},
		"a backslash":               {`C:\temp`, `'C:\\temp'`},
		"a backslash at the end":    {`x\`, `'x\\'`},
		"an escaped apostrophe":     {`\'`, `'\\\''`},
		"double quotes":             {`"q"`, `'\"q\"'`},
		"white space":               {"a\nb\rc\td\be\f", `'a\nb\rc\td\be\f'`},
		"unicode":                   {"Zoë 東京 🎈", "'Zoë 東京 🎈'"},
		"a curly apostrophe":        {"O’Brien", "'O’Brien'"},
		"wildcards, as they stand":  {"50%_", "'50%_'"},
		"an injection":              {"' OR Id != null OR Name = '", `'\' OR Id != null OR Name = \''`},
		"nothing":                   {"", "''"},
		"the escape of a line feed": {`\n`, `'\\n'`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := literal(t, test.value); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// Whatever the text, a reader of SOQL finds one literal and in it the same text.
func TestTextReadsBackAsItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(`'"\%_nrt`))), 0, 200, -1).Draw(t, "value")
		if strings.ContainsRune(value, 0) {
			return
		}
		if got := read(t, literal(t, value)); got != value {
			t.Fatalf("%q reads back as %q", value, got)
		}
	})
}

func FuzzTextReadsBackAsItself(f *testing.F) {
	f.Add(`\' OR Id != null`)
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsRune(value, 0) || !utf8.ValidString(value) || len(value) > 1000 {
			return
		}
		if got := read(t, literal(t, value)); got != value {
			t.Fatalf("%q reads back as %q", value, got)
		}
	})
}

type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func literal(t fataler, value string) string {
	t.Helper()
	text, err := soql.Select("Id").From("Lead").Where(soql.Equal("Name", soql.Text(value))).Text()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(text, beforeLiteral)
}

// read is a reader of SOQL literals after their documentation.
func read(t fataler, literal string) string {
	t.Helper()
	var value strings.Builder
	inner := []rune(strings.TrimPrefix(literal, "'"))
	for i := 0; i < len(inner); i++ {
		switch inner[i] {
		case '\'':
			if i != len(inner)-1 {
				t.Fatalf("the literal %s ends early", literal)
			}
			return value.String()
		case '\\':
			i++
			const escapes, meanings = `nrtbf'"\`, "\n\r\t\b\f'\"\\"
			at := strings.IndexRune(escapes, inner[i])
			if at < 0 {
				t.Fatalf("unknown escape in %s", literal)
			}
			value.WriteByte(meanings[at])
		default:
			value.WriteRune(inner[i])
		}
	}
	t.Fatalf("the literal %s does not end", literal)
	return ""
}
