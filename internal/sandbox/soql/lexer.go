package soql

import (
	"strings"
	"unicode/utf8"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenIdent
	tokenText
	tokenNumber // also dates and datetimes: whatever starts with a digit or a sign
	tokenSymbol
)

// token is one lexical element. text is upper-cased by nobody: keywords are
// compared in any case.
type token struct {
	kind tokenKind
	text string
	pos  int
}

func (t token) isKeyword(word string) bool {
	return t.kind == tokenIdent && strings.EqualFold(t.text, word)
}

func (t token) isSymbol(s string) bool { return t.kind == tokenSymbol && t.text == s }

// lex cuts a query into tokens, the last being tokenEnd.
func lex(query string) ([]token, *Error) {
	var tokens []token
	for pos := 0; ; {
		pos += len(query[pos:]) - len(strings.TrimLeft(query[pos:], " \t\r\n\u00a0"))
		if pos == len(query) {
			return append(tokens, token{kind: tokenEnd, pos: pos}), nil
		}
		t, next, err := scan(query, pos)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		pos = next
	}
}

// scan reads the token at pos and returns where the next one may begin.
func scan(query string, pos int) (token, int, *Error) {
	c := query[pos]
	switch {
	case isLetter(c):
		end := run(query, pos, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' })
		return token{tokenIdent, query[pos:end], pos}, end, nil
	case isDigit(c), (c == '-' || c == '+') && pos+1 < len(query) && (isDigit(query[pos+1]) || query[pos+1] == '.'):
		end := run(query, pos+1, isNumberPart)
		return token{tokenNumber, query[pos:end], pos}, end, nil
	case c == '\'':
		return scanText(query, pos)
	}
	for _, s := range []string{"!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", ":"} {
		if strings.HasPrefix(query[pos:], s) {
			return token{tokenSymbol, s, pos}, pos + len(s), nil
		}
	}
	r, _ := utf8.DecodeRuneInString(query[pos:])
	return token{}, 0, Malformed(query, pos, "line 1:%d no viable alternative at character '%c'", pos, r)
}

// isNumberPart covers numbers (-1.5e3), dates and datetimes with their offsets.
func isNumberPart(c byte) bool {
	return isDigit(c) || isLetter(c) || c == '.' || c == '-' || c == ':' || c == '+'
}

// scanText reads a quoted string up to its closing quote; the token keeps the
// escapes.
func scanText(query string, pos int) (token, int, *Error) {
	for i := pos + 1; i < len(query); i++ {
		switch query[i] {
		case '\\':
			i++
		case '\'':
			return token{tokenText, query[pos+1 : i], pos}, i + 1, nil
		}
	}
	return token{}, 0, Malformed(query, pos, "unexpected token: '%s' (string literal not terminated)", "'")
}

func run(s string, pos int, part func(byte) bool) int {
	for pos < len(s) && part(s[pos]) {
		pos++
	}
	return pos
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// unescape resolves the escapes of a string literal. With like, the escaped
// wildcards \% and \_ stay as they are, for the matcher to see.
func unescape(raw string, like bool) (string, bool) {
	if !strings.Contains(raw, `\`) {
		return raw, true
	}
	plain := map[byte]byte{'\'': '\'', '"': '"', '\\': '\\', 'n': '\n', 'N': '\n', 'r': '\r', 'R': '\r',
		't': '\t', 'T': '\t', 'b': '\b', 'B': '\b', 'f': '\f', 'F': '\f'}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			b.WriteByte(raw[i])
			continue
		}
		i++
		c, known := plain[raw[i]]
		switch {
		case like && (raw[i] == '%' || raw[i] == '_' || raw[i] == '\\'):
			b.WriteByte('\\')
			b.WriteByte(raw[i])
		case known:
			b.WriteByte(c)
		default:
			return "", false
		}
	}
	return b.String(), true
}
