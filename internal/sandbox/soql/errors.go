package soql

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is a refusal of a query: a Salesforce error code and a message that
// quotes the query around the place.
type Error struct {
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an error at a byte offset of the query text, with the quotation,
// caret and "ERROR at Row:…:Column:…" lines in front of the message.
func Errorf(code, query string, pos int, format string, args ...any) *Error {
	row, col := position(query, pos)
	line, caret := excerpt(query, pos)
	return &Error{Code: code, Message: fmt.Sprintf("\n%s\n%s^\nERROR at Row:%d:Column:%d\n%s",
		line, strings.Repeat(" ", caret), row, col, fmt.Sprintf(format, args...))}
}

// Malformed makes a MALFORMED_QUERY error at a byte offset.
func Malformed(query string, pos int, format string, args ...any) *Error {
	return Errorf("MALFORMED_QUERY", query, pos, format, args...)
}

// position turns a byte offset into a row and a column, both from 1, the column
// in characters.
func position(query string, pos int) (row, col int) {
	before := query[:min(pos, len(query))]
	row = 1 + strings.Count(before, "\n")
	before = before[strings.LastIndexByte(before, '\n')+1:]
	return row, 1 + utf8.RuneCountInString(before)
}

// excerpt cuts the part of the line around an offset that an error message
// quotes, and says how far into it the offset is.
func excerpt(query string, pos int) (line string, caret int) {
	const before, after = 32, 24
	pos = min(pos, len(query))
	start := strings.LastIndexByte(query[:pos], '\n') + 1
	if pos-start > before {
		start = pos - before
		if cut := strings.IndexAny(query[start:pos], " ,("); query[start-1] != ' ' && query[start-1] != ',' && cut >= 0 {
			start += cut + 1
		}
		for start < pos && !utf8.RuneStart(query[start]) {
			start++
		}
	}
	end := len(query)
	if i := strings.IndexByte(query[pos:], '\n'); i >= 0 {
		end = pos + i
	}
	if end-pos > after {
		end = pos + after
		for end > pos && !utf8.RuneStart(query[end]) {
			end--
		}
	}
	return query[start:end], utf8.RuneCountInString(query[start:pos])
}
