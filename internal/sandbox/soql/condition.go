package soql

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

func (p *parser) where(q *Query) (err *Error) {
	if p.accept("WHERE") {
		q.Where, err = p.cond()
	}
	return err
}

// cond reads terms joined by AND, or by OR; both at one level need parentheses.
func (p *parser) cond() (Cond, *Error) {
	first, err := p.term()
	if err != nil {
		return nil, err
	}
	terms, word := []Cond{first}, ""
	for p.peek().isKeyword("AND") || p.peek().isKeyword("OR") {
		w := strings.ToUpper(p.peek().text)
		if word != "" && w != word {
			return nil, p.unexpected()
		}
		word = w
		p.next++
		term, err := p.term()
		if err != nil {
			return nil, err
		}
		terms = append(terms, term)
	}
	switch word {
	case "AND":
		return And(terms), nil
	case "OR":
		return Or(terms), nil
	}
	return first, nil
}

func (p *parser) term() (Cond, *Error) {
	if p.depth++; p.depth > maxDepth {
		return nil, Malformed(p.query, p.peek().pos, "the condition is nested too deeply")
	}
	defer func() { p.depth-- }()
	switch {
	case p.accept("NOT"):
		c, err := p.term()
		return Not{c}, err
	case p.acceptSymbol("("):
		c, err := p.cond()
		if err != nil {
			return nil, err
		}
		return c, p.expectSymbol(")")
	}
	return p.compare()
}

func (p *parser) compare() (Cond, *Error) {
	c := &Compare{Pos: p.peek().pos}
	var err *Error
	if c.Path, c.Func, err = p.operand(false); err != nil {
		return nil, err
	}
	if c.Op, err = p.op(); err != nil {
		return nil, err
	}
	switch c.Op {
	case In, NotIn, Includes, Excludes:
		c.Values, err = p.list(c.Op)
	default:
		var v Value
		v, err = p.value(c.Op)
		c.Values = []Value{v}
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (p *parser) op() (Op, *Error) {
	switch {
	case p.accept("LIKE"):
		return Like, nil
	case p.accept("IN"):
		return In, nil
	case p.accept("NOT", "IN"):
		return NotIn, nil
	case p.accept("INCLUDES"):
		return Includes, nil
	case p.accept("EXCLUDES"):
		return Excludes, nil
	case p.acceptSymbol("<>"):
		return NotEqual, nil
	}
	for _, op := range []Op{Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual} {
		if p.acceptSymbol(string(op)) {
			return op, nil
		}
	}
	return "", p.unexpected()
}

func (p *parser) list(op Op) ([]Value, *Error) {
	if err := p.expectSymbol("("); err != nil {
		return nil, err
	}
	if t := p.peek(); t.isKeyword("SELECT") {
		return nil, p.refuse(t.pos, "a subquery in a filter")
	}
	var values []Value
	for {
		v, err := p.value(op)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
		if !p.acceptSymbol(",") {
			return values, p.expectSymbol(")")
		}
	}
}

func (p *parser) value(op Op) (Value, *Error) {
	t := p.peek()
	switch t.kind {
	case tokenText:
		return p.text(op)
	case tokenNumber:
		return p.number()
	case tokenIdent:
		return p.word()
	case tokenSymbol:
		if t.text == ":" {
			return Value{}, Malformed(p.query, t.pos, "bind variables are only allowed in Apex code")
		}
	}
	return Value{}, p.unexpected()
}

func (p *parser) text(op Op) (Value, *Error) {
	t := p.take()
	if len(t.text) > 4*4000 {
		return Value{}, Malformed(p.query, t.pos, "string literal is longer than 4000 characters")
	}
	s, ok := unescape(t.text, op == Like)
	if !ok {
		return Value{}, Malformed(p.query, t.pos, "Invalid string literal '%s'. Illegal character sequence '\\' in string literal.", t.text)
	}
	return Value{Kind: Text, Text: s, Pos: t.pos}, nil
}

var (
	datePattern     = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	dateTimePattern = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}[Tt]`)
	dateTimeLayouts = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05-07"}
)

// number reads what begins with a digit: a number, a date or a datetime.
func (p *parser) number() (Value, *Error) {
	t := p.take()
	v := Value{Text: t.text, Pos: t.pos}
	switch {
	case datePattern.MatchString(t.text):
		if _, err := time.Parse(time.DateOnly, t.text); err != nil {
			return v, Malformed(p.query, t.pos, "Invalid date: %s", t.text)
		}
		v.Kind = Date
		return v, nil
	case dateTimePattern.MatchString(t.text):
		for _, layout := range dateTimeLayouts {
			if at, err := time.Parse(layout, strings.ToUpper(t.text)); err == nil {
				v.Kind, v.Time = DateTime, at.UTC()
				return v, nil
			}
		}
		return v, Malformed(p.query, t.pos, "Invalid datetime: %s", t.text)
	}
	n, err := strconv.ParseFloat(t.text, 64)
	if err != nil {
		p.next--
		return v, p.unexpected()
	}
	v.Kind, v.Number = Number, n
	return v, nil
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
		return v, p.unexpected()
	}
	p.next++
	v.Kind = RelativeDate
	if !counted {
		return v, nil
	}
	if err := p.expectSymbol(":"); err != nil {
		return v, err
	}
	var err *Error
	v.N, err = p.count()
	return v, err
}

// relativeDates names the date literals and says which take a count.
var relativeDates = map[string]bool{
	"YESTERDAY": false, "TODAY": false, "TOMORROW": false,
	"LAST_WEEK": false, "THIS_WEEK": false, "NEXT_WEEK": false,
	"LAST_MONTH": false, "THIS_MONTH": false, "NEXT_MONTH": false,
	"LAST_90_DAYS": false, "NEXT_90_DAYS": false,
	"THIS_QUARTER": false, "LAST_QUARTER": false, "NEXT_QUARTER": false,
	"THIS_YEAR": false, "LAST_YEAR": false, "NEXT_YEAR": false,
	"THIS_FISCAL_QUARTER": false, "LAST_FISCAL_QUARTER": false, "NEXT_FISCAL_QUARTER": false,
	"THIS_FISCAL_YEAR": false, "LAST_FISCAL_YEAR": false, "NEXT_FISCAL_YEAR": false,
	"LAST_N_DAYS": true, "NEXT_N_DAYS": true, "N_DAYS_AGO": true,
	"LAST_N_WEEKS": true, "NEXT_N_WEEKS": true, "N_WEEKS_AGO": true,
	"LAST_N_MONTHS": true, "NEXT_N_MONTHS": true, "N_MONTHS_AGO": true,
	"LAST_N_QUARTERS": true, "NEXT_N_QUARTERS": true, "N_QUARTERS_AGO": true,
	"LAST_N_YEARS": true, "NEXT_N_YEARS": true, "N_YEARS_AGO": true,
	"LAST_N_FISCAL_QUARTERS": true, "NEXT_N_FISCAL_QUARTERS": true, "N_FISCAL_QUARTERS_AGO": true,
	"LAST_N_FISCAL_YEARS": true, "NEXT_N_FISCAL_YEARS": true, "N_FISCAL_YEARS_AGO": true,
}
