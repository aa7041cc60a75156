package sandbox

import (
	"strings"
	"unicode/utf8"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// bindReading decides how a field is read that its row does not hold as it is
// shown: a formula field, and encrypted text, which users see masked: none of
// them may view encrypted data.
func (f *field) bindReading() {
	switch {
	case f.formula != nil:
		f.derive = func(o *Org, obj *object, r *table.Row) any { return o.compute(obj, f, r) }
	case f.Type == schema.EncryptedString:
		f.derive = func(_ *Org, _ *object, r *table.Row) any {
			if text, ok := f.value(r).(string); ok {
				return f.masked(text)
			}
			return nil
		}
	}
}

// clearTail is how many last characters each kind of mask leaves readable.
var clearTail = map[string]int{"creditCard": 4, "ssn": 4, "lastFour": 4, "sin": 3, "nino": 0, "all": 0}

// masked replaces the characters of an encrypted text.
func (f *field) masked(text string) string {
	runes := []rune(text)
	hidden := max(0, utf8.RuneCountInString(text)-clearTail[f.MaskType])
	return strings.Repeat(f.maskCharacter(), hidden) + string(runes[hidden:])
}

// maskCharacter stands for a hidden character, "" in fields that hide none.
func (f *field) maskCharacter() string {
	switch {
	case f.Type != schema.EncryptedString:
		return ""
	case f.MaskChar == "X":
		return "X"
	}
	return "*"
}
