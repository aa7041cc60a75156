package soql

import "strings"

func (p *parser) from(q *Query) *Error {
	if !p.accept("FROM") {
		return p.unexpected()
	}
	path, err := p.path()
	if err != nil {
		return err
	}
	q.From, q.Alias = Name{path.String(), path.Pos()}, p.sourceAlias()
	for p.acceptSymbol(",") {
		path, err := p.path()
		if err != nil {
			return err
		}
		q.Joins = append(q.Joins, Join{path, p.sourceAlias()})
	}
	return nil
}

// sourceAlias reads what FROM calls its object, if it does.
func (p *parser) sourceAlias() string {
	if p.peek().isKeyword("AS") && p.peekAfter(1).kind == tokenIdent {
		p.next++
		return p.take().text
	}
	if p.atName() && !p.atClause() {
		return p.take().text
	}
	return ""
}

// atClause says whether the next identifier begins a clause.
func (p *parser) atClause() bool {
	t := p.peek()
	for _, w := range []string{"USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "FOR", "UPDATE", "ALL"} {
		if t.isKeyword(w) {
			return true
		}
	}
	return t.isKeyword("OFFSET") && p.peekAfter(1).kind != tokenEnd
}

// using reads USING SCOPE or USING LOOKUP.
func (p *parser) using(q *Query) (err *Error) {
	switch {
	case !p.accept("USING"):
		return nil
	case p.accept("LOOKUP"):
		return p.lookup(q)
	case p.accept("SCOPE"):
		q.Scope, err = p.name()
		return err
	}
	return p.unexpected()
}

// lookup reads the lookup field of USING LOOKUP and the values bound to others.
func (p *parser) lookup(q *Query) (err *Error) {
	if q.Lookup, err = p.path(); err != nil || !p.accept("BIND") {
		return err
	}
	for {
		if _, err := p.compare(); err != nil {
			return err
		}
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

func (p *parser) where(q *Query) (err *Error) {
	if p.accept("WHERE") {
		q.Where, err = p.cond()
	}
	return err
}

func (p *parser) with(q *Query) *Error {
	for t := p.peek(); p.accept("WITH"); t = p.peek() {
		q.With = append(q.With, With{Kind: strings.ToUpper(p.peek().text), Pos: t.pos})
		if err := p.withKind(&q.With[len(q.With)-1]); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) withKind(w *With) *Error {
	switch {
	case p.accept("SECURITY_ENFORCED"), p.accept("USER_MODE"), p.accept("SYSTEM_MODE"):
		return nil
	case p.accept("DATA", "CATEGORY"):
		w.Kind = "DATA CATEGORY"
		return p.categories()
	case p.peek().kind == tokenIdent && p.peekAfter(1).isSymbol("("):
		p.next += 2
		if _, err := p.cond(); err != nil {
			return err
		}
		for p.acceptSymbol(",") {
			if _, err := p.cond(); err != nil {
				return err
			}
		}
		return p.expectSymbol(")", "a right parentheses")
	}
	_, err := p.cond()
	return err
}

// categories reads the selections of WITH DATA CATEGORY.
func (p *parser) categories() *Error {
	for {
		if _, err := p.name(); err != nil {
			return err
		}
		if !p.accept("AT") && !p.accept("ABOVE") && !p.accept("BELOW") && !p.accept("ABOVE_OR_BELOW") {
			return p.unexpected()
		}
		if err := p.categoryNames(); err != nil {
			return err
		}
		if !p.accept("AND") {
			return nil
		}
	}
}

// categoryNames reads one category, or several in parentheses.
func (p *parser) categoryNames() *Error {
	several := p.acceptSymbol("(")
	for {
		if _, err := p.name(); err != nil {
			return err
		}
		if !several {
			return nil
		}
		if !p.acceptSymbol(",") {
			return p.expectSymbol(")", "a right parentheses")
		}
	}
}

func (p *parser) groupBy(q *Query) *Error {
	if !p.accept("GROUP", "BY") {
		return nil
	}
	for _, subtotals := range []string{"ROLLUP", "CUBE"} {
		if p.peekAfter(1).isSymbol("(") && p.accept(subtotals) {
			q.Subtotals = subtotals
			p.next++
		}
	}
	for {
		e, err := p.operand()
		if err != nil {
			return err
		}
		q.GroupBy = append(q.GroupBy, e)
		if !p.acceptSymbol(",") {
			break
		}
	}
	if q.Subtotals != "" {
		return p.expectSymbol(")", "a right parentheses")
	}
	return nil
}

func (p *parser) having(q *Query) (err *Error) {
	if !p.peek().isKeyword("HAVING") {
		return nil
	}
	if len(q.GroupBy) == 0 {
		return p.unexpected()
	}
	p.next++
	q.Having, err = p.cond()
	return err
}

func (p *parser) orderBy(q *Query) *Error {
	if !p.accept("ORDER", "BY") {
		return nil
	}
	for {
		o, err := p.order()
		if err != nil {
			return err
		}
		q.OrderBy = append(q.OrderBy, o)
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

func (p *parser) order() (Order, *Error) {
	e, err := p.operand()
	if err != nil {
		return Order{}, err
	}
	o := Order{Expr: e}
	o.Desc = !p.accept("ASC") && p.accept("DESC")
	if p.accept("NULLS") {
		o.NullsLast = p.accept("LAST")
		if !o.NullsLast && !p.accept("FIRST") {
			return o, p.unexpected()
		}
	}
	return o, nil
}

// noNumber reports what stands where LIMIT or OFFSET have their number; only a
// variable could stand there instead.
func (p *parser) noNumber() *Error {
	t := p.peek()
	if t.isSymbol(":") {
		return bindVariable(p.query, t.pos)
	}
	found := t.shown()
	if t.kind == tokenNumber && !isDigit(t.text[0]) {
		found = t.text[:1]
	}
	return syntaxError(p.query, t.pos, "expecting a colon, found '%s'", found)
}

func (p *parser) limit(q *Query) (err *Error) {
	if p.accept("LIMIT") {
		q.Limit, err = p.count(p.noNumber)
	}
	return err
}

// maxOffset is the furthest that OFFSET reaches.
const maxOffset = 2000

func (p *parser) offset(q *Query) (err *Error) {
	if !p.accept("OFFSET") {
		return nil
	}
	if q.Offset, err = p.count(p.noNumber); err == nil && q.Offset > maxOffset {
		return &Error{Code: "NUMBER_OUTSIDE_VALID_RANGE", Message: "Maximum SOQL offset allowed is 2000"}
	}
	return err
}

// trailing reads FOR …, UPDATE … and ALL ROWS.
func (p *parser) trailing(q *Query) (err *Error) {
	for p.accept("FOR") {
		if q.For, err = p.words(q.For, "VIEW", "REFERENCE", "UPDATE"); err != nil {
			return err
		}
	}
	if p.accept("UPDATE") {
		if q.Update, err = p.words(nil, "TRACKING", "VIEWSTAT"); err != nil {
			return err
		}
	}
	if t := p.peek(); p.accept("ALL", "ROWS") {
		q.AllRows = &Name{t.text, t.pos}
	}
	return nil
}

// words reads some of the allowed words with commas between them.
func (p *parser) words(found []Name, allowed ...string) ([]Name, *Error) {
	for {
		t, known := p.peek(), false
		for _, word := range allowed {
			known = known || t.isKeyword(word)
		}
		if !known {
			return nil, p.unexpected()
		}
		p.next++
		found = append(found, Name{strings.ToUpper(t.text), t.pos})
		if !p.acceptSymbol(",") {
			return found, nil
		}
	}
}
