// Package payload checks JSON request bodies as Salesforce's parser does: it says
// in the parser's words what is wrong, and at which line and column.
//
// It knows JSON only. It must never know objects, fields, requests or statuses.
package payload

import (
	"fmt"
	"unicode/utf8"
)

// Error is what is wrong with a body, and where. Line and Column count from 1;
// the column counts bytes.
type Error struct {
	Message      string
	Line, Column int
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s at [line:%d, column:%d]", e.Message, e.Line, e.Column)
}

// maxNesting bounds how deep a body may nest.
const maxNesting = 500

// Check finds the first mistake in a JSON text: in its syntax, a name that is
// given twice in one object, text after the value. The error is an *Error.
func Check(text []byte) error {
	s := &scanner{text: text}
	if err := s.document(); err != nil {
		return err
	}
	return nil
}

// Position is the line and the column of an offset in a text.
func Position(text []byte, offset int) (line, column int) {
	line, column = 1, 1
	for _, b := range text[:min(max(offset, 0), len(text))] {
		column++
		if b == '\n' {
			line, column = line+1, 1
		}
	}
	return line, column
}

// Member finds the offset at which the value of a member of the outermost object
// begins, in a text that Check has passed; false without such a member.
func Member(text []byte, name string) (offset int, ok bool) {
	s := &scanner{text: text}
	s.space()
	if s.peek() != '{' {
		return 0, false
	}
	s.at++
	for s.space(); s.peek() == '"'; s.space() {
		key, err := s.quoted("FIELD_NAME")
		if err != nil {
			return 0, false
		}
		s.space()
		s.at++ // the colon
		s.space()
		if key == name {
			return s.at, true
		}
		if s.value(1) != nil {
			return 0, false
		}
		s.space()
		if s.peek() == ',' {
			s.at++
		}
	}
	return 0, false
}

// scanner walks over a text once.
type scanner struct {
	text []byte
	at   int
}

func (s *scanner) document() *Error {
	s.space()
	if err := s.value(1); err != nil {
		return err
	}
	if s.space(); s.at < len(s.text) {
		return s.unexpected("expected nothing after the value")
	}
	return nil
}

// peek is the byte at hand, 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *scanner) space() {
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t' || s.text[s.at] == '\n' || s.text[s.at] == '\r') {
		s.at++
	}
}

func (s *scanner) fail(format string, args ...any) *Error {
	line, column := Position(s.text, s.at)
	return &Error{fmt.Sprintf(format, args...), line, column}
}

func (s *scanner) unexpected(wanted string) *Error {
	r, _ := utf8.DecodeRune(s.text[s.at:])
	return s.fail("Unexpected character ('%c' (code %d)): %s", r, r, wanted)
}

func (s *scanner) value(depth int) *Error {
	if depth > maxNesting {
		return s.fail("Document nesting depth (%d) exceeds the maximum allowed (%d)", depth, maxNesting)
	}
	switch b := s.peek(); {
	case s.at >= len(s.text):
		return s.fail("Unexpected end-of-input")
	case b == '{':
		return s.object(depth)
	case b == '[':
		return s.array(depth)
	case b == '"':
		_, err := s.quoted("VALUE_STRING")
		return err
	case b == '-' || isDigit(b):
		return s.number()
	case isLetter(b):
		return s.literal()
	}
	return s.unexpected("expected a valid value (number, String, array, object, 'true', 'false' or 'null')")
}

func (s *scanner) object(depth int) *Error {
	opened := s.at
	seen := map[string]bool{}
	s.at++
	s.space()
	if s.peek() == '}' {
		s.at++
		return nil
	}
	for {
		if err := s.member(depth, opened, seen); err != nil {
			return err
		}
		s.space()
		switch {
		case s.at >= len(s.text):
			return s.unclosed("OBJECT", opened)
		case s.peek() == '}':
			s.at++
			return nil
		case s.peek() != ',':
			return s.unexpected("was expecting comma to separate OBJECT entries")
		}
		s.at++
		s.space()
	}
}

func (s *scanner) member(depth, opened int, seen map[string]bool) *Error {
	if s.at >= len(s.text) {
		return s.unclosed("OBJECT", opened)
	}
	if s.peek() != '"' {
		return s.unexpected("was expecting double-quote to start field name")
	}
	start := s.at
	name, err := s.quoted("FIELD_NAME")
	if err != nil {
		return err
	}
	if seen[name] {
		s.at = start
		return s.fail("Duplicate field '%s'", name)
	}
	seen[name] = true
	s.space()
	switch {
	case s.at >= len(s.text):
		return s.unclosed("OBJECT", opened)
	case s.peek() != ':':
		return s.unexpected("was expecting a colon to separate field name and value")
	}
	s.at++
	s.space()
	return s.value(depth + 1)
}

func (s *scanner) array(depth int) *Error {
	opened := s.at
	s.at++
	s.space()
	if s.peek() == ']' {
		s.at++
		return nil
	}
	for {
		if s.at >= len(s.text) {
			return s.unclosed("ARRAY", opened)
		}
		if err := s.value(depth + 1); err != nil {
			return err
		}
		s.space()
		switch {
		case s.at >= len(s.text):
			return s.unclosed("ARRAY", opened)
		case s.peek() == ']':
			s.at++
			return nil
		case s.peek() != ',':
			return s.unexpected("was expecting comma to separate ARRAY entries")
		}
		s.at++
		s.space()
	}
}

func (s *scanner) unclosed(what string, opened int) *Error {
	line, column := Position(s.text, opened)
	return s.fail("Unexpected end-of-input: expected close marker for %s (from [line:%d, column:%d])", what, line, column)
}
