package payload

import (
	"encoding/json"
	"unicode/utf8"
)

// quoted passes over a text in quotes and returns what it says.
func (s *scanner) quoted(token string) (string, *Error) {
	start := s.at
	for s.at++; s.at < len(s.text); s.at++ {
		switch b := s.text[s.at]; {
		case b == '"':
			s.at++
			var said string
			_ = json.Unmarshal(s.text[start:s.at], &said) // every escape was looked at
			return said, nil
		case b == '\\':
			if err := s.escape(); err != nil {
				return "", err
			}
		case b < 0x20:
			return "", s.fail("Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in string value", b)
		case b >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(s.text[s.at:])
			if r == utf8.RuneError && size == 1 {
				return "", s.fail("Invalid UTF-8 start byte 0x%x", b)
			}
			s.at += size - 1
		}
	}
	return "", s.fail("Unexpected end-of-input in %s", token)
}

// escape passes over all of an escape but its last byte.
func (s *scanner) escape() *Error {
	s.at++
	switch b := s.peek(); b {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return nil
	case 'u':
		for range 4 {
			s.at++
			if !isHex(s.peek()) {
				return s.unexpectedOrEnd("expected a hex-digit for character escape sequence")
			}
		}
		return nil
	}
	if s.at >= len(s.text) {
		return s.fail("Unexpected end-of-input in character escape sequence")
	}
	r, _ := utf8.DecodeRune(s.text[s.at:])
	return s.fail("Unrecognized character escape '%c' (code %d)", r, r)
}

func (s *scanner) unexpectedOrEnd(wanted string) *Error {
	if s.at >= len(s.text) {
		return s.fail("Unexpected end-of-input")
	}
	return s.unexpected(wanted)
}

func (s *scanner) number() *Error {
	if s.peek() == '-' {
		s.at++
		if !isDigit(s.peek()) {
			return s.numeral("expected digit (0-9) to follow minus sign, for valid numeric value")
		}
	}
	if s.peek() == '0' && s.at+1 < len(s.text) && isDigit(s.text[s.at+1]) {
		return s.fail("Invalid numeric value: Leading zeroes not allowed")
	}
	s.digits()
	if s.peek() == '.' {
		s.at++
		if !s.digits() {
			return s.numeral("Decimal point not followed by a digit")
		}
	}
	if b := s.peek(); b == 'e' || b == 'E' {
		s.at++
		if b := s.peek(); b == '+' || b == '-' {
			s.at++
		}
		if !s.digits() {
			return s.numeral("Exponent indicator not followed by a digit")
		}
	}
	return nil
}

func (s *scanner) numeral(wanted string) *Error {
	if s.at >= len(s.text) {
		return s.fail("Unexpected end-of-input in numeric value: %s", wanted)
	}
	r, _ := utf8.DecodeRune(s.text[s.at:])
	return s.fail("Unexpected character ('%c' (code %d)) in numeric value: %s", r, r, wanted)
}

func (s *scanner) digits() bool {
	start := s.at
	for isDigit(s.peek()) {
		s.at++
	}
	return s.at > start
}

func (s *scanner) literal() *Error {
	start := s.at
	for isLetter(s.peek()) || isDigit(s.peek()) {
		s.at++
	}
	switch word := string(s.text[start:s.at]); word {
	case "true", "false", "null":
		return nil
	default:
		return s.fail("Unrecognized token '%s': was expecting 'null', 'true', 'false' or NaN", word)
	}
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
func isLetter(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b == '$'
}
func isHex(b byte) bool { return isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' }
