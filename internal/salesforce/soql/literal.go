package soql

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxLiteral is the number of characters Salesforce accepts in one quoted value.
const MaxLiteral = 4_000

// Literal is a value as it stands in a condition. The zero Literal is null.
type Literal struct {
	text string
	err  error
}

// Null is the value of a blank field: Equal(f, Null()) finds blanks.
func Null() Literal { return Literal{} }

// Text quotes and escapes a string; record ids are strings as well.
func Text(value string) Literal { return quoted(escape(value), value) }

// Texts quotes and escapes many strings, for In.
func Texts(values ...string) []Literal {
	literals := make([]Literal, len(values))
	for i, value := range values {
		literals[i] = Text(value)
	}
	return literals
}

// Int is a whole number.
func Int(value int64) Literal { return Literal{text: strconv.FormatInt(value, 10)} }

// Bool is a value of a checkbox.
func Bool(value bool) Literal { return Literal{text: strconv.FormatBool(value)} }

// Time is a moment, for fields of type datetime, to the millisecond, in UTC.
func Time(value time.Time) Literal {
	return Literal{text: value.UTC().Format("2006-01-02T15:04:05.000Z")}
}

// Date is a calendar day, for fields of type date, as seen in value's location.
func Date(value time.Time) Literal { return Literal{text: value.Format("2006-01-02")} }

// Prefix is a pattern for Like: values that begin with the text, as it stands.
func Prefix(text string) Literal { return quoted(escapePattern(text)+"%", text) }

// Containing is a pattern for Like: values that hold the text, as it stands.
func Containing(text string) Literal { return quoted("%"+escapePattern(text)+"%", text) }

func quoted(escaped, value string) Literal {
	if n := utf8.RuneCountInString(escaped); n > MaxLiteral {
		return Literal{err: fmt.Errorf("a value takes %d characters, more than %d", n, MaxLiteral)}
	}
	if !utf8.ValidString(value) {
		return Literal{err: fmt.Errorf("a value is not valid UTF-8")}
	}
	if strings.ContainsRune(value, 0) {
		return Literal{err: fmt.Errorf("a value holds a NUL character")}
	}
	return Literal{text: "'" + escaped + "'"}
}

var escapes = strings.NewReplacer(
	`\`, `\\`, `'`, `\'`, `"`, `\"`,
	"\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`,
)

func escape(value string) string { return escapes.Replace(value) }

var patternEscapes = strings.NewReplacer(`%`, `\%`, `_`, `\_`)

// escapePattern also takes their meaning from the wildcards of LIKE.
func escapePattern(value string) string { return patternEscapes.Replace(escape(value)) }

func (l Literal) write(w *writer) {
	if l.err != nil {
		w.fail(l.err)
	}
	if l.text == "" {
		w.raw("null")
		return
	}
	w.raw(l.text)
}
