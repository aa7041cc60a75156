package bulk

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readAll(text string, comma byte) (rows [][]string, err error) {
	r := NewReader(text, comma)
	for {
		cells, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, append([]string(nil), cells...))
	}
}

func TestReaderKeepsWhatStandsInQuotes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		text  string
		comma byte
		want  [][]string
	}{
		{"a,b\n1,2\n", ',', [][]string{{"a", "b"}, {"1", "2"}}},
		{"a,b\r\n1,2", ',', [][]string{{"a", "b"}, {"1", "2"}}},
		{"\n\na\n\r\nb\n", ',', [][]string{{"a"}, {"b"}}},
		{"a|\"x|y\"|\n", '|', [][]string{{"a", "x|y", ""}}},
		{"\"say \"\"hi\"\"\"\t\"two\r\nlines\n\"\n", '\t', [][]string{{`say "hi"`, "two\r\nlines\n"}}},
		{"a^ b ^\"\"\n", '^', [][]string{{"a", " b ", ""}}},
		{",\n", ',', [][]string{{"", ""}}},
		{"a\rb\n", ',', [][]string{{"a\rb"}}},
		{"a`b\n", '`', [][]string{{"a", "b"}}},
		{"", ';', nil},
	} {
		got, err := readAll(row.text, row.comma)
		if diff := cmp.Diff(row.want, got); diff != "" || err != nil {
			t.Errorf("%q: %v %s", row.text, err, diff)
		}
	}
}

func TestReaderRefusesStrayQuotes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{"\"a": errOpenQuote, "a\n\"b\"c\n": errAfterQuote, "a\"b\n": errBareQuote} {
		if _, err := readAll(text, ','); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

// Whatever was read is read again from what is written of it.
func FuzzReader(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "\"x\ny\";\"\"\"\"\r\n", "#N/A||\n", "\ufeffId\n", "\"", "a\rb"} {
		f.Add(text, byte(','))
		f.Add(text, byte('|'))
	}
	f.Fuzz(func(t *testing.T, text string, comma byte) {
		if !strings.ContainsRune("`^,|;\t", rune(comma)) {
			return
		}
		rows, err := readAll(text, comma)
		if err != nil {
			return
		}
		var format Format
		for name, c := range delimiters {
			if c == comma {
				format = Format{Delimiter: name, LineEnding: "CRLF"}
			}
		}
		var b []byte
		for _, row := range rows {
			b = format.appendLine(b, row)
		}
		again, err := readAll(string(b), comma)
		if diff := cmp.Diff(rows, again); diff != "" || err != nil {
			t.Errorf("%q: %v %s", text, err, diff)
		}
	})
}

func TestTimesAreWrittenWithMilliseconds(t *testing.T) {
	t.Parallel()
	for second, want := range map[int64]string{
		0:          `"1970-01-01T00:00:00.000Z"`,
		1769850487: `"2026-01-31T09:08:07.000Z"`,
	} {
		if got := string(AppendTime(nil, second)); got != want {
			t.Errorf("%d is %s, want %s", second, got, want)
		}
	}
}
