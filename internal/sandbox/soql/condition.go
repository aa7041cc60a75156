package soql

import "strings"

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
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer p.shallower()
	switch {
	case p.accept("NOT"):
		c, err := p.term()
		return Not{c}, err
	case p.acceptSymbol("("):
		c, err := p.cond()
		if err != nil {
			return nil, err
		}
		return c, p.expectSymbol(")", "a right parentheses")
	}
	return p.compare()
}

func (p *parser) compare() (Cond, *Error) {
	e, err := p.operand()
	if err != nil {
		return nil, err
	}
	c := &Compare{Expr: e}
	if c.Op, err = p.op(); err != nil {
		return nil, err
	}
	switch c.Op {
	case In, NotIn, Includes, Excludes:
		err = p.list(c)
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

// list reads the values, or the subquery, in the parentheses of IN and its like.
func (p *parser) list(c *Compare) *Error {
	t := p.peek()
	switch {
	case t.isSymbol(":"):
		return bindVariable(p.query, t.pos)
	case !p.acceptSymbol("("):
		return syntaxError(p.query, t.pos, "expecting a colon, found '%s'", t.shown())
	}
	if p.peek().isKeyword("SELECT") && (c.Op == In || c.Op == NotIn) {
		var err *Error
		if c.Sub, err = p.selectStatement(); err != nil {
			return err
		}
		return p.expectSymbol(")", "a right parentheses")
	}
	for {
		v, err := p.value(c.Op)
		if err != nil {
			return err
		}
		c.Values = append(c.Values, v)
		if !p.acceptSymbol(",") {
			return p.expectSymbol(")", "a right parentheses")
		}
	}
}
