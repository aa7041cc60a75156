package sosl

import (
	"strings"
	"unicode"
)

// Expr is what is searched for: And, Or, Not or Phrase.
type Expr interface {
	// Matches says whether the fields of a record, each cut into Words, hold what
	// is searched for.
	Matches(fields [][]string) bool
	// Literals are texts of ASCII letters and digits in lower case, of which every
	// record that matches holds one in some case; none if there are no such texts.
	Literals() []string
}

// And holds when all of its expressions hold, wherever in the record.
type And []Expr

// Or holds when one of its expressions holds.
type Or []Expr

// Not holds when its expression does not.
type Not struct{ Expr Expr }

// Phrase is a row of words that must follow each other in one field.
type Phrase []Word

// Word is a pattern in lower case: * stands for any characters, ? for one.
type Word string

// Words cuts a text into words in lower case, at whatever is neither a letter nor
// a digit.
func Words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), isSeparator)
}

func isSeparator(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}

// Matches implements Expr.
func (es And) Matches(fields [][]string) bool {
	for _, e := range es {
		if !e.Matches(fields) {
			return false
		}
	}
	return true
}

// Matches implements Expr.
func (es Or) Matches(fields [][]string) bool {
	for _, e := range es {
		if e.Matches(fields) {
			return true
		}
	}
	return false
}

// Matches implements Expr.
func (n Not) Matches(fields [][]string) bool { return !n.Expr.Matches(fields) }

// Matches implements Expr.
func (p Phrase) Matches(fields [][]string) bool {
	for _, words := range fields {
		for at := 0; at+len(p) <= len(words); at++ {
			if p.matchesAt(words[at:]) {
				return true
			}
		}
	}
	return false
}

func (p Phrase) matchesAt(words []string) bool {
	for i, w := range p {
		if !w.matches(words[i]) {
			return false
		}
	}
	return true
}

// matches compares a word with the pattern. It goes back to the last * only, so
// that no pattern takes more than the product of both lengths.
func (w Word) matches(word string) bool {
	pattern, text := []rune(string(w)), []rune(word)
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// Literals implements Expr: those of the expression that leaves the fewest records.
func (es And) Literals() []string {
	var best []string
	for _, e := range es {
		if l := e.Literals(); len(l) > 0 && (best == nil || shortest(l) > shortest(best)) {
			best = l
		}
	}
	return best
}

func shortest(texts []string) int {
	least := len(texts[0])
	for _, t := range texts {
		least = min(least, len(t))
	}
	return least
}

// Literals implements Expr.
func (es Or) Literals() []string {
	var all []string
	for _, e := range es {
		l := e.Literals()
		if len(l) == 0 {
			return nil
		}
		all = append(all, l...)
	}
	return all
}

// Literals implements Expr.
func (Not) Literals() []string { return nil }

// Literals implements Expr.
func (p Phrase) Literals() []string {
	longest := ""
	for _, w := range p {
		for _, run := range strings.FieldsFunc(string(w), func(r rune) bool { return r == '*' || r == '?' || r >= 0x80 }) {
			if len(run) > len(longest) {
				longest = run
			}
		}
	}
	if longest == "" {
		return nil
	}
	return []string{longest}
}
