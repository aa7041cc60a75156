package formula

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenNumber
	tokenText
	tokenOperator
)

type token struct {
	kind tokenKind
	pos  int
	text string // of a text literal: what it means
}

// operators, the longer ones first.
var operators = []string{"&&", "||", "<>", "!=", "==", "<=", ">=", "(", ")", ",", "+", "-", "*", "/", "^", "&", "<", ">", "=", "!"}

// scan cuts a formula into tokens; the last one is a tokenEnd.
func scan(text string) ([]token, error) {
	var tokens []token
	for pos := 0; ; {
		start, err := skipBlank(text, pos)
		if err != nil {
			return nil, err
		}
		t, next, err := scanToken(text, start)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		if t.kind == tokenEnd {
			return tokens, nil
		}
		pos = next
	}
}

// skipBlank passes over blanks and comments.
func skipBlank(text string, pos int) (int, error) {
	for pos < len(text) {
		r, size := utf8.DecodeRuneInString(text[pos:])
		switch {
		case unicode.IsSpace(r):
			pos += size
		case strings.HasPrefix(text[pos:], "/*"):
			end := strings.Index(text[pos+2:], "*/")
			if end < 0 {
				return 0, errorf(pos, "Syntax error.  Missing '*/'")
			}
			pos += end + 4
		default:
			return pos, nil
		}
	}
	return pos, nil
}

func scanToken(text string, pos int) (token, int, error) {
	if pos == len(text) {
		return token{tokenEnd, pos, "end of formula"}, pos, nil
	}
	c := text[pos]
	switch {
	case c == '"' || c == '\'':
		return scanText(text, pos)
	case isDigit(c) || c == '.' && pos+1 < len(text) && isDigit(text[pos+1]):
		end := scanNumber(text, pos)
		return token{tokenNumber, pos, text[pos:end]}, end, nil
	case isNameStart(c):
		end := pos + 1
		for end < len(text) && isNamePart(text[end]) {
			end++
		}
		return token{tokenName, pos, text[pos:end]}, end, nil
	}
	for _, op := range operators {
		if strings.HasPrefix(text[pos:], op) {
			return token{tokenOperator, pos, op}, pos + len(op), nil
		}
	}
	r, _ := utf8.DecodeRuneInString(text[pos:])
	return token{}, 0, errorf(pos, "Syntax error.  Found '%c'", r)
}

// scanNumber passes digits, a point with digits, and an exponent.
func scanNumber(text string, pos int) int {
	digits := func() {
		for pos < len(text) && isDigit(text[pos]) {
			pos++
		}
	}
	digits()
	if pos < len(text) && text[pos] == '.' {
		pos++
		digits()
	}
	if pos+1 < len(text) && (text[pos] == 'e' || text[pos] == 'E') && isDigit(text[pos+1]) {
		pos++
		digits()
	}
	return pos
}

// scanText reads a quoted text. A backslash takes the next character as it is,
// but for n, r and t.
func scanText(text string, start int) (token, int, error) {
	quote := text[start]
	var b strings.Builder
	for pos := start + 1; pos < len(text); pos++ {
		switch c := text[pos]; {
		case c == quote:
			return token{tokenText, start, b.String()}, pos + 1, nil
		case c == '\\' && pos+1 < len(text):
			pos++
			b.WriteByte(unescaped(text[pos]))
		default:
			b.WriteByte(c)
		}
	}
	return token{}, 0, errorf(start, "Syntax error.  Missing '%c'", quote)
}

func unescaped(c byte) byte {
	switch c {
	case 'n', 'N':
		return '\n'
	case 'r', 'R':
		return '\r'
	case 't', 'T':
		return '\t'
	}
	return c
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNameStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$'
}

// isNamePart takes the dots of a path into a name, and the colon that names the
// object of a polymorphic lookup, as in Owner:User.Email.
func isNamePart(c byte) bool { return isNameStart(c) || isDigit(c) || c == '.' || c == ':' }
