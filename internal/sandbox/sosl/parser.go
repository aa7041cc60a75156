package sosl

import (
	"strconv"
	"strings"
	"unicode"

	"conversion/internal/sandbox/soql"
)

// Error is a refusal of a search, with Salesforce's code and words.
type Error = soql.Error

// maxLength is the longest search, in bytes.
const maxLength = 100_000

func malformed(search string, pos int, format string, args ...any) *Error {
	return soql.Errorf("MALFORMED_SEARCH", search, pos, format, args...)
}

// Parse reads one search. The error, if any, is an *Error.
func Parse(text string) (*Search, error) {
	if len(text) > maxLength {
		return nil, &Error{Code: "MALFORMED_SEARCH", Message: "SOSL statements cannot be longer than 100000 characters."}
	}
	p := &parser{text: text}
	s, err := p.search()
	if err != nil {
		return nil, err
	}
	return s, nil
}

// ParseTerms reads what stands between the braces of FIND, on its own.
func ParseTerms(text string) (Expr, error) {
	e, err := (&terms{search: text, text: text}).parse()
	if err != nil {
		return nil, err
	}
	return e, nil
}

// parser goes over the text from clause to clause.
type parser struct {
	text string
	next int
}

func (p *parser) search() (*Search, *Error) {
	s := &Search{Text: p.text, Group: All, Limit: -1}
	if !p.keyword("FIND") {
		return nil, p.unexpected()
	}
	for _, clause := range []func(*Search) *Error{p.find, p.in, p.returning, p.with, p.limit, p.update} {
		if err := clause(s); err != nil {
			return nil, err
		}
	}
	if p.skipBlanks(); p.next < len(p.text) {
		return nil, p.unexpected()
	}
	return s, nil
}

// find reads the terms, up to the first closing brace that is not escaped.
func (p *parser) find(s *Search) (err *Error) {
	if p.skipBlanks(); p.next == len(p.text) || p.text[p.next] != '{' {
		return &Error{Code: "MALFORMED_SEARCH", Message: "No search term found. The search term must be enclosed in braces."}
	}
	start := p.next + 1
	end := start
	for end < len(p.text) && p.text[end] != '}' {
		if p.text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(p.text) {
		return &Error{Code: "MALFORMED_SEARCH", Message: "No search term found. The search term must be enclosed in braces."}
	}
	p.next = end + 1
	s.Find, err = (&terms{search: p.text, text: p.text[start:end], at: start}).parse()
	return err
}

func (p *parser) in(s *Search) *Error {
	if !p.keyword("IN") {
		return nil
	}
	for _, g := range []Group{All, Names, Emails, Phones, Sidebar} {
		if p.keyword(string(g)) {
			s.Group = g
			if !p.keyword("FIELDS") {
				return p.unexpected()
			}
			return nil
		}
	}
	return p.unexpected()
}

func (p *parser) returning(s *Search) *Error {
	if !p.keyword("RETURNING") {
		return nil
	}
	for {
		r, err := p.element()
		if err != nil {
			return err
		}
		s.Returning = append(s.Returning, r)
		if p.skipBlanks(); p.next == len(p.text) || p.text[p.next] != ',' {
			return nil
		}
		p.next++
	}
}

// element reads an object and what is in its parentheses.
func (p *parser) element() (Returning, *Error) {
	p.skipBlanks()
	r := Returning{Pos: p.next}
	if r.Object = p.word(); r.Object == "" {
		return r, p.unexpected()
	}
	if p.skipBlanks(); p.next == len(p.text) || p.text[p.next] != '(' {
		return r, nil
	}
	start := p.next + 1
	end := closing(p.text, start)
	if end < 0 {
		p.next = len(p.text)
		return r, p.unexpected()
	}
	p.next = end + 1
	return r, p.inside(&r, start, end)
}

// closing finds the parenthesis that closes the one before start, -1 without one.
func closing(text string, start int) int {
	depth := 0
	for i := start; i < len(text); i++ {
		switch text[i] {
		case '\'':
			for i++; i < len(text) && text[i] != '\''; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// clauses begin what follows the list of fields; those marked are served.
var clauses = map[string]bool{
	"WHERE": true, "ORDER": true, "LIMIT": true, "OFFSET": true,
	"USING": false, "GROUP": false, "HAVING": false, "FOR": false, "WITH": false, "UPDATE": false, "ALL": false, "FROM": false,
}

// inside cuts what is in an object's parentheses into fields and clauses.
func (p *parser) inside(r *Returning, start, end int) *Error {
	inner := &parser{text: p.text[:end], next: start}
	cut := end
	for inner.next < end {
		pos, word := inner.step()
		served, known := clauses[strings.ToUpper(word)]
		if known && !served {
			return malformed(p.text, pos, "unexpected token: '%s'", word)
		}
		if known && cut == end {
			cut = pos
		}
	}
	r.Fields, r.Clauses = strings.TrimSpace(p.text[start:cut]), strings.TrimSpace(p.text[cut:end])
	if r.Fields == "" {
		return malformed(p.text, cut, "unexpected token: '%s'", firstWord(p.text[cut:]))
	}
	return nil
}

// step goes on by a word outside of quotes and parentheses, or by whatever else
// comes next, for which the word is "".
func (p *parser) step() (pos int, word string) {
	p.skipBlanks()
	pos = p.next
	if pos == len(p.text) {
		return pos, ""
	}
	switch p.text[pos] {
	case '(':
		if end := closing(p.text, pos+1); end >= 0 {
			p.next = end + 1
			return pos, ""
		}
	case '\'':
		for p.next++; p.next < len(p.text) && p.text[p.next] != '\''; p.next++ {
			if p.text[p.next] == '\\' {
				p.next++
			}
		}
	default:
		if word = p.word(); word != "" {
			return pos, word
		}
	}
	p.next = min(p.next+1, len(p.text))
	return pos, ""
}

// with reads WITH clauses: of all there are, only the one about spelling, which
// changes nothing here, is served.
func (p *parser) with(*Search) *Error {
	for p.keyword("WITH") {
		p.skipBlanks()
		pos := p.next
		name := p.word()
		if !strings.EqualFold(name, "SPELL_CORRECTION") {
			return malformed(p.text, pos, "WITH %s is not supported by this org", strings.ToUpper(name))
		}
		if p.skipBlanks(); p.next == len(p.text) || p.text[p.next] != '=' {
			return p.unexpected()
		}
		p.next++
		if !p.keyword("TRUE") && !p.keyword("FALSE") {
			return p.unexpected()
		}
	}
	return nil
}

const mostRecords = 2000

func (p *parser) limit(s *Search) *Error {
	if !p.keyword("LIMIT") {
		return nil
	}
	p.skipBlanks()
	pos := p.next
	n, err := strconv.Atoi(p.word())
	switch {
	case err != nil || n < 1:
		p.next = pos
		return p.unexpected()
	case n > mostRecords:
		return malformed(p.text, pos, "Search limit must be between 1 and %d", mostRecords)
	}
	s.Limit = n
	return nil
}

func (p *parser) update(*Search) *Error {
	if p.keyword("UPDATE") {
		return malformed(p.text, p.next, "UPDATE is not supported by this org")
	}
	return nil
}

func (p *parser) skipBlanks() {
	rest := strings.TrimLeftFunc(p.text[p.next:], unicode.IsSpace)
	p.next = len(p.text) - len(rest)
}

// word reads letters, digits and underscores; "" if there are none.
func (p *parser) word() string {
	word := firstWord(p.text[p.next:])
	p.next += len(word)
	return word
}

func firstWord(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 || r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		return text
	}
	return text[:end]
}

// keyword takes the next word if it is this one.
func (p *parser) keyword(want string) bool {
	p.skipBlanks()
	if !strings.EqualFold(firstWord(p.text[p.next:]), want) {
		return false
	}
	p.next += len(want)
	return true
}

func (p *parser) unexpected() *Error {
	p.skipBlanks()
	rest := p.text[p.next:]
	if rest == "" {
		return malformed(p.text, p.next, "unexpected token: '<EOF>'")
	}
	token := firstWord(rest)
	if token == "" {
		token = string([]rune(rest)[:1])
	}
	return malformed(p.text, p.next, "unexpected token: '%s'", token)
}
