package bulk

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Reader reads CSV row by row without copying it: cells share the text's memory
// unless they hold doubled quotes. Quoted cells keep delimiters, blanks and line
// ends byte for byte; rows end with LF or CR LF, empty lines are passed over. A
// byte order mark is part of the first cell, as it is to Salesforce.
type Reader struct {
	text     string
	comma    byte
	at       int
	from, to int
	line     int
	cells    []string
}

// NewReader reads a text whose cells are separated by comma.
func NewReader(text string, comma byte) *Reader { return &Reader{text: text, comma: comma} }

var (
	errOpenQuote  = errors.New("a quoted value is never closed")
	errAfterQuote = errors.New("characters follow a quoted value")
	errBareQuote  = errors.New("a quote stands inside an unquoted value")
)

// Next reads a row, whose cells are good until the next call. At the end it
// returns io.EOF.
func (r *Reader) Next() ([]string, error) {
	for r.at < len(r.text) && r.lineEnd(r.at) > 0 {
		r.at += r.lineEnd(r.at)
		r.line++
	}
	r.from, r.cells = r.at, r.cells[:0]
	if r.at == len(r.text) {
		return nil, io.EOF
	}
	r.line++
	for {
		cell, err := r.cell()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", r.line, err)
		}
		r.cells = append(r.cells, cell)
		if r.at < len(r.text) && r.text[r.at] == r.comma {
			r.at++
			continue
		}
		r.to = r.at
		r.at += r.lineEnd(r.at)
		return r.cells, nil
	}
}

// span is where the last row stands in the text, without its line end.
func (r *Reader) span() (from, to int) { return r.from, r.to }

// lineEnd is how many bytes of a line end stand at a place, 0 for none.
func (r *Reader) lineEnd(at int) int {
	switch rest := r.text[at:]; {
	case strings.HasPrefix(rest, "\n"):
		return 1
	case strings.HasPrefix(rest, "\r\n"):
		return 2
	}
	return 0
}

// cell reads up to the delimiter, line end or end of text after it.
func (r *Reader) cell() (string, error) {
	if r.at < len(r.text) && r.text[r.at] == '"' {
		return r.quoted()
	}
	start := r.at
	for ; r.at < len(r.text) && r.text[r.at] != r.comma && r.lineEnd(r.at) == 0; r.at++ {
		if r.text[r.at] == '"' {
			return "", errBareQuote
		}
	}
	return r.text[start:r.at], nil
}

func (r *Reader) quoted() (string, error) {
	r.at++
	start, doubled := r.at, false
	for {
		i := strings.IndexByte(r.text[r.at:], '"')
		if i < 0 {
			return "", errOpenQuote
		}
		r.at += i + 1
		if r.at == len(r.text) || r.text[r.at] != '"' {
			break
		}
		r.at++
		doubled = true
	}
	if r.at < len(r.text) && r.text[r.at] != r.comma && r.lineEnd(r.at) == 0 {
		return "", errAfterQuote
	}
	cell := r.text[start : r.at-1]
	if doubled {
		cell = strings.ReplaceAll(cell, `""`, `"`)
	}
	return cell, nil
}
