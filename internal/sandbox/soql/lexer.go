package soql

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenIdent
	tokenText
	tokenNumber
	tokenDate
	tokenDateTime
	tokenMoney
	tokenSymbol
)

// token is one lexical element. text is upper-cased by nobody: keywords are
// compared in any case. A tokenText is without its quotes, its escapes kept.
type token struct {
	kind tokenKind
	text string
	pos  int
}

func (t token) isKeyword(word string) bool {
	return t.kind == tokenIdent && strings.EqualFold(t.text, word)
}

func (t token) isSymbol(s string) bool { return t.kind == tokenSymbol && t.text == s }

// shown is the token as error messages quote it.
func (t token) shown() string {
	switch t.kind {
	case tokenEnd:
		return "<EOF>"
	case tokenText:
		return "'" + t.text + "'"
	}
	return t.text
}

// lex cuts a query into tokens, the last being tokenEnd.
func lex(query string) ([]token, *Error) {
	tokens := make([]token, 0, len(query)/5+4)
	for pos := 0; ; {
		pos += len(query[pos:]) - len(strings.TrimLeft(query[pos:], " \t\r\n\f\u00a0"))
		if pos == len(query) {
			return append(tokens, token{kind: tokenEnd, pos: pos}), nil
		}
		t, err := scan(query, pos)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		pos += len(t.text)
		if t.kind == tokenText {
			pos += len("''")
		}
	}
}

// scan reads the token at pos.
func scan(query string, pos int) (token, *Error) {
	c := query[pos]
	switch {
	case isLetter(c):
		return scanWord(query, pos), nil
	case numberPattern.MatchString(query[pos:min(len(query), pos+3)]):
		return scanNumber(query, pos)
	case c == '\'':
		return scanText(query, pos)
	}
	for _, s := range symbols {
		if strings.HasPrefix(query[pos:], s) {
			return token{tokenSymbol, s, pos}, nil
		}
	}
	return token{}, noAlternative(query, pos)
}

// symbols are the signs that are tokens, also those that mean nothing in a query
// and are unexpected wherever they stand; the longer of two comes first.
var symbols = []string{"!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", ":",
	"*", "{", "}", "[", "]", ";", "%", "&", "|", "?", "/", "+", "-", "!"}

// noAlternative reports a character that begins no token.
func noAlternative(query string, pos int) *Error {
	found := "<EOF>"
	if pos < len(query) {
		r, _ := utf8.DecodeRuneInString(query[pos:])
		found = string(r)
	}
	before := query[:pos]
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return syntaxError(query, pos, "line %d:%d no viable alternative at character '%s'", 1+strings.Count(before, "\n"), column, found)
}

var moneyPattern = regexp.MustCompile(`^[A-Za-z]{3}[0-9]+(\.[0-9]+)?`)

// scanWord reads an identifier or money: USD500.25.
func scanWord(query string, pos int) token {
	end := pos
	for end < len(query) && (isLetter(query[end]) || isDigit(query[end]) || query[end] == '_') {
		end++
	}
	if money := moneyPattern.FindString(query[pos:min(len(query), pos+40)]); len(money) >= end-pos {
		return token{tokenMoney, money, pos}
	}
	return token{tokenIdent, query[pos:end], pos}
}

var (
	numberPattern   = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?`)
	datePattern     = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`)
	dateTimePattern = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)?`)
	zonePattern     = regexp.MustCompile(`^([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)`)
)

// scanNumber reads a number, a date or a datetime with its time zone.
func scanNumber(query string, pos int) (token, *Error) {
	rest := query[pos:min(len(query), pos+400)]
	if at := dateTimePattern.FindString(rest); at != "" {
		zone := zonePattern.FindString(rest[len(at):])
		if zone == "" {
			return token{}, noAlternative(query, pos+len(at))
		}
		return token{tokenDateTime, at + zone, pos}, nil
	}
	if date := datePattern.FindString(rest); date != "" {
		return token{tokenDate, date, pos}, nil
	}
	return token{tokenNumber, numberPattern.FindString(rest), pos}, nil
}

// scanText reads a quoted string up to its closing quote.
func scanText(query string, pos int) (token, *Error) {
	for i := pos + 1; i < len(query); i++ {
		switch query[i] {
		case '\\':
			i++
		case '\'':
			return token{tokenText, query[pos+1 : i], pos}, nil
		}
	}
	line, column := 1+strings.Count(query, "\n"), utf8.RuneCountInString(query[strings.LastIndexByte(query, '\n')+1:])
	return token{}, syntaxError(query, len(query), "line %d:%d mismatched character '<EOF>' expecting '''", line, column)
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
