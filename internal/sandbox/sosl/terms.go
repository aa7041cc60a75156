package sosl

import (
	"strings"
	"unicode"
)

// maxDepth bounds the nesting of parentheses.
const maxDepth = 100

// terms reads what stands between the braces of FIND.
type terms struct {
	search string // the whole statement, for error messages
	text   string
	at     int // byte offset of text in search
	next   int // in text
	depth  int
}

// reserved are the characters that must be escaped; other punctuation only
// separates words.
const reserved = `&|!{}[]^~:`

func (t *terms) parse() (Expr, *Error) {
	e, err := t.or()
	if err != nil {
		return nil, err
	}
	if t.skipBlanks(); t.next < len(t.text) {
		return nil, t.unexpected()
	}
	if longest(e) < 2 {
		return nil, malformed(t.search, t.at, "search term must be longer than one character: %s", strings.TrimSpace(t.text))
	}
	return e, nil
}

// longest is the length of the longest phrase, wildcards aside.
func longest(e Expr) int {
	most := 0
	switch e := e.(type) {
	case And:
		for _, of := range e {
			most = max(most, longest(of))
		}
	case Or:
		for _, of := range e {
			most = max(most, longest(of))
		}
	case Not:
		return longest(e.Expr)
	case Phrase:
		for _, w := range e {
			most += len([]rune(strings.NewReplacer("*", "", "?", "").Replace(string(w))))
		}
	}
	return most
}

func (t *terms) or() (Expr, *Error) {
	if t.depth++; t.depth > maxDepth {
		return nil, malformed(t.search, t.at+t.next, "the search is nested too deeply")
	}
	defer func() { t.depth-- }()
	var all Or
	for {
		e, err := t.and()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if !t.keyword("OR") {
			break
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

// and reads terms joined by AND, by AND NOT, or by nothing, which is AND.
func (t *terms) and() (Expr, *Error) {
	first, err := t.term()
	if err != nil {
		return nil, err
	}
	all := And{first}
	for {
		joined := t.keyword("AND")
		negated := joined && t.keyword("NOT")
		if !joined && t.ends() {
			break
		}
		e, err := t.term()
		if err != nil {
			return nil, err
		}
		if negated {
			e = Not{e}
		}
		all = append(all, e)
	}
	if len(all) == 1 {
		return first, nil
	}
	return all, nil
}

// ends says whether a group of terms is over.
func (t *terms) ends() bool {
	t.skipBlanks()
	return t.next == len(t.text) || t.text[t.next] == ')' || t.is("OR")
}

func (t *terms) term() (Expr, *Error) {
	t.skipBlanks()
	if t.next == len(t.text) || t.is("OR") || t.is("AND") {
		return nil, t.unexpected()
	}
	switch t.text[t.next] {
	case ')':
		return nil, t.unexpected()
	case '(':
		t.next++
		e, err := t.or()
		if err != nil {
			return nil, err
		}
		if t.skipBlanks(); t.next == len(t.text) {
			return nil, t.unexpected()
		}
		t.next++
		return e, nil
	case '"':
		return t.quoted()
	}
	return t.phrase(func(r rune) bool { return unicode.IsSpace(r) || r == '(' || r == ')' || r == '"' })
}

func (t *terms) quoted() (Expr, *Error) {
	t.next++
	p, err := t.phrase(func(r rune) bool { return r == '"' })
	if err != nil {
		return nil, err
	}
	if t.next == len(t.text) {
		return nil, malformed(t.search, t.at+t.next, "unexpected token: '<EOF>'")
	}
	t.next++
	return p, nil
}

// phrase reads words up to a character that ends them. Wildcards at the beginning
// of a word are left out: there they have no meaning.
func (t *terms) phrase(ends func(rune) bool) (Expr, *Error) {
	var words Phrase
	var word strings.Builder
	flush := func() {
		if w := strings.TrimLeft(word.String(), "*?"); w != "" {
			words = append(words, Word(w))
		}
		word.Reset()
	}
	escaped := false
	start := t.next
	for i, r := range t.text[start:] {
		t.next = start + i
		switch {
		case !escaped && r == '\\':
			escaped = true
			continue
		case !escaped && ends(r):
			flush()
			return words, nil
		case !escaped && strings.ContainsRune(reserved, r):
			return nil, t.unexpected()
		case !isSeparator(r), !escaped && (r == '*' || r == '?'):
			word.WriteRune(unicode.ToLower(r))
		default:
			flush()
		}
		escaped = false
	}
	t.next = len(t.text)
	flush()
	return words, nil
}

func (t *terms) skipBlanks() {
	rest := strings.TrimLeftFunc(t.text[t.next:], unicode.IsSpace)
	t.next = len(t.text) - len(rest)
}

// is says whether the next word is a keyword.
func (t *terms) is(word string) bool {
	rest := t.text[t.next:]
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return false
	}
	rest = rest[len(word):]
	return rest == "" || strings.ContainsAny(rest[:1], " \t\r\n()\"")
}

func (t *terms) keyword(word string) bool {
	t.skipBlanks()
	if !t.is(word) {
		return false
	}
	t.next += len(word)
	return true
}

func (t *terms) unexpected() *Error {
	if t.next >= len(t.text) {
		return malformed(t.search, t.at+t.next, "unexpected token: '}'")
	}
	for _, r := range t.text[t.next:] {
		return malformed(t.search, t.at+t.next, "unexpected token: '%c'", r)
	}
	return nil
}
