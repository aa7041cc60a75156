package soql

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is a refusal of a query: a Salesforce error code and a message that
// mostly quotes the query around the place.
type Error struct {
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an error about the name at a byte offset of the query text, with
// the quotation, the caret under the name and "ERROR at Row:…:Column:…" (both
// from 1) in front of the message.
func Errorf(code, query string, pos int, format string, args ...any) *Error {
	return locate(code, query, pos, 1, fmt.Sprintf(format, args...))
}

// Malformed makes a MALFORMED_QUERY error about the name at a byte offset.
func Malformed(query string, pos int, format string, args ...any) *Error {
	return Errorf("MALFORMED_QUERY", query, pos, format, args...)
}

// syntaxError makes an error of the parser itself. Salesforce's parser counts
// columns from 0, and the caret, which is drawn for columns from 1, stands one
// to the left of what was unexpected.
func syntaxError(query string, pos int, format string, args ...any) *Error {
	return locate("MALFORMED_QUERY", query, pos, 0, fmt.Sprintf(format, args...))
}

func locate(code, query string, pos, firstColumn int, message string) *Error {
	pos = min(max(pos, 0), len(query))
	lineStart := strings.LastIndexByte(query[:pos], '\n') + 1
	line := query[lineStart:]
	if end := strings.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	column := utf8.RuneCountInString(query[lineStart:pos]) + firstColumn
	quoted, caret := excerpt(line, max(column-1, 0))
	return &Error{Code: code, Message: fmt.Sprintf("\n%s\n%s^\nERROR at Row:%d:Column:%d\n%s",
		quoted, strings.Repeat(" ", caret), 1+strings.Count(query[:lineStart], "\n"), column, message)}
}

// around is how far a quotation reaches to both sides of the caret at least; it
// goes on to the edges of the words there.
const around = 30

// excerpt cuts the words around a caret out of a line and says how far into them
// the caret is. Both are counted in characters.
func excerpt(line string, caret int) (quoted string, within int) {
	runes := []rune(line)
	start := max(min(caret, len(runes))-around, 0)
	for start > 0 && !isGap(runes[start-1]) {
		start--
	}
	end := min(caret+around, len(runes))
	for end < len(runes) && !isGap(runes[end]) {
		end++
	}
	return string(runes[start:end]), caret - start
}

func isGap(r rune) bool { return r == ' ' || r == ',' || r == '\t' || r == '\r' }
