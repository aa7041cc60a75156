package soql

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxText is the longest string literal, in characters.
const maxText = 4000

// value reads a literal.
func (p *parser) value(op Op) (Value, *Error) {
	t := p.peek()
	switch t.kind {
	case tokenText:
		return p.text(op)
	case tokenNumber:
		return p.number()
	case tokenDate, tokenDateTime:
		return p.date()
	case tokenMoney:
		return p.money(), nil
	case tokenIdent:
		return p.word()
	case tokenSymbol:
		if t.text == ":" {
			return Value{}, bindVariable(p.query, t.pos)
		}
	}
	return Value{}, p.unexpected()
}

// bindVariable refuses a variable of Apex, which a query that comes from outside
// cannot have. A bare word where a value should be is taken for one, too.
func bindVariable(query string, pos int) *Error {
	return syntaxError(query, pos, "Bind variables only allowed in Apex code")
}

func (p *parser) text(op Op) (Value, *Error) {
	t := p.take()
	if utf8.RuneCountInString(t.text) > maxText {
		return Value{}, syntaxError(p.query, t.pos, "string literal too long: the maximum is %d characters", maxText)
	}
	s, ok := unescape(t.text, op == Like)
	if !ok {
		return Value{}, syntaxError(p.query, t.pos, "Invalid string literal '%s'. Illegal character sequence '%s' in string literal.", t.text, illegalEscape(t.text))
	}
	return Value{Kind: Text, Text: s, Pos: t.pos}, nil
}

func (p *parser) number() (Value, *Error) {
	t := p.take()
	n, err := strconv.ParseFloat(t.text, 64)
	if err != nil {
		return Value{}, syntaxError(p.query, t.pos, "numeric value out of range: %s", t.text)
	}
	return Value{Kind: Number, Text: t.text, Number: n, Pos: t.pos}, nil
}

func (p *parser) money() Value {
	t := p.take()
	n, _ := strconv.ParseFloat(t.text[3:], 64) // digits and a point by the token's pattern
	return Value{Kind: Money, Text: strings.ToUpper(t.text[:3]), Number: n, Pos: t.pos}
}

var dateTimeLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700", "2006-01-02T15:04Z07",
}

func (p *parser) date() (Value, *Error) {
	t := p.take()
	v := Value{Text: strings.ToUpper(t.text), Pos: t.pos}
	if t.kind == tokenDate {
		v.Kind = Date
		if _, err := time.Parse(time.DateOnly, t.text); err != nil {
			return v, syntaxError(p.query, t.pos, "Invalid date: %s", t.text)
		}
		return v, nil
	}
	v.Kind = DateTime
	for _, layout := range dateTimeLayouts {
		if at, err := time.Parse(layout, v.Text); err == nil {
			v.Time = at.UTC()
			return v, nil
		}
	}
	return v, syntaxError(p.query, t.pos, "Invalid datetime: %s", t.text)
}

// word reads null, true, false or a relative date.
func (p *parser) word() (Value, *Error) {
	t := p.peek()
	v := Value{Pos: t.pos, Text: strings.ToUpper(t.text)}
	switch v.Text {
	case "NULL":
		p.next++
		return v, nil
	case "TRUE", "FALSE":
		p.next++
		v.Kind, v.Bool = Bool, v.Text == "TRUE"
		return v, nil
	}
	counted, known := relativeDates[v.Text]
	if !known {
		return v, bindVariable(p.query, t.pos)
	}
	p.next++
	v.Kind = RelativeDate
	if !counted {
		return v, nil
	}
	if err := p.expectSymbol(":", "a colon"); err != nil {
		return v, err
	}
	var err *Error
	v.N, err = p.count(p.unexpected)
	return v, err
}

// relativeDates names the date literals and says which take a count.
var relativeDates = func() map[string]bool {
	m := map[string]bool{"YESTERDAY": false, "TODAY": false, "TOMORROW": false, "LAST_90_DAYS": false, "NEXT_90_DAYS": false}
	for _, unit := range []string{"DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"} {
		m["LAST_N_"+unit+"S"], m["NEXT_N_"+unit+"S"], m["N_"+unit+"S_AGO"] = true, true, true
		if unit != "DAY" {
			m["LAST_"+unit], m["THIS_"+unit], m["NEXT_"+unit] = false, false, false
		}
	}
	return m
}()

// escapes are the characters that a backslash stands for.
var escapes = map[byte]byte{'\'': '\'', '"': '"', '\\': '\\', 'n': '\n', 'N': '\n', 'r': '\r', 'R': '\r',
	't': '\t', 'T': '\t', 'b': '\b', 'B': '\b', 'f': '\f', 'F': '\f'}

// unescape resolves the escapes of a string literal. With like, the escaped
// wildcards \% and \_ and the escaped backslash stay as they are, for the matcher
// to see.
func unescape(raw string, like bool) (string, bool) {
	if !strings.Contains(raw, `\`) {
		return raw, true
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			b.WriteByte(raw[i])
			continue
		}
		i++
		c, known := escapes[raw[i]]
		switch {
		case like && (raw[i] == '%' || raw[i] == '_' || raw[i] == '\\'):
			b.WriteByte('\\')
			b.WriteByte(raw[i])
		case known:
			b.WriteByte(c)
		case raw[i] == '%' || raw[i] == '_':
			b.WriteByte(raw[i])
		default:
			r, width, ok := unicodeEscape(raw[i:])
			if !ok {
				return "", false
			}
			b.WriteRune(r)
			i += width - 1
		}
	}
	return b.String(), true
}

// unicodeEscape reads u and four hexadecimal digits.
func unicodeEscape(s string) (r rune, width int, ok bool) {
	if len(s) < 5 || s[0] != 'u' && s[0] != 'U' {
		return 0, 0, false
	}
	n, err := strconv.ParseUint(s[1:5], 16, 16)
	return rune(n), 5, err == nil
}

// illegalEscape finds the escape that unescape refused.
func illegalEscape(raw string) string {
	for i := 0; i+1 < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		if _, ok := unescape(raw[i:i+2], false); !ok {
			return raw[i : i+2]
		}
		i++
	}
	return `\`
}
