package bulk

import (
	"strings"
	"time"
)

// Format is how the CSV of a job is written.
type Format struct {
	// Delimiter and LineEnding are the names of the API, as COMMA and LF.
	Delimiter, LineEnding string
}

var delimiters = map[string]byte{"BACKQUOTE": '`', "CARET": '^', "COMMA": ',', "PIPE": '|', "SEMICOLON": ';', "TAB": '\t'}

var lineEndings = map[string]string{"LF": "\n", "CRLF": "\r\n"}

// Complete fills in what a client left out; ok is false for names that do not
// exist.
func (f Format) Complete() (_ Format, ok bool) {
	if f.Delimiter == "" {
		f.Delimiter = "COMMA"
	}
	if f.LineEnding == "" {
		f.LineEnding = "LF"
	}
	_, known := delimiters[f.Delimiter]
	_, ending := lineEndings[f.LineEnding]
	return f, known && ending
}

// Comma is the character between cells.
func (f Format) Comma() byte { return delimiters[f.Delimiter] }

// End is what ends a line.
func (f Format) End() string { return lineEndings[f.LineEnding] }

// AppendText writes a cell, always quoted.
func AppendText(b []byte, s string) []byte {
	b = append(b, '"')
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			break
		}
		b = append(b, s[:i+1]...)
		b = append(b, '"')
		s = s[i+1:]
	}
	b = append(b, s...)
	return append(b, '"')
}

// appendLine writes a whole line of cells.
func (f Format) appendLine(b []byte, cells []string) []byte {
	for i, cell := range cells {
		if i > 0 {
			b = append(b, f.Comma())
		}
		b = AppendText(b, cell)
	}
	return append(b, f.End()...)
}

// AppendTime writes a point in time, given in Unix seconds, as a cell.
func AppendTime(b []byte, second int64) []byte {
	t := time.Unix(second, 0).UTC()
	year, month, day := t.Date()
	hour, minute, sec := t.Clock()
	b = append(b, '"')
	b = appendDigits(b, year, 4)
	b = appendDigits(append(b, '-'), int(month), 2)
	b = appendDigits(append(b, '-'), day, 2)
	b = appendDigits(append(b, 'T'), hour, 2)
	b = appendDigits(append(b, ':'), minute, 2)
	b = appendDigits(append(b, ':'), sec, 2)
	return append(b, `.000Z"`...)
}

func appendDigits(b []byte, n, width int) []byte {
	for i := width; i > 0; i-- {
		b = append(b, '0')
	}
	for i := len(b) - 1; width > 0 && n > 0; i, width = i-1, width-1 {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}
