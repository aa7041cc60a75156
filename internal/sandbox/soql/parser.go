package soql

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxLength is the longest query, in characters.
const maxLength = 100_000

// maxDepth bounds the nesting of parentheses, NOTs, functions and subqueries, so
// that no query text can exhaust the stack.
const maxDepth = 200

// Parse reads one query. The error, if any, is an *Error.
func Parse(query string) (*Query, error) {
	if len(query) > maxLength && utf8.RuneCountInString(query) > maxLength {
		return nil, &Error{Code: "QUERY_TOO_COMPLICATED", Message: "SOQL statements cannot be longer than 100000 characters."}
	}
	tokens, err := lex(query)
	if err != nil {
		return nil, err
	}
	p := &parser{query: query, tokens: tokens}
	q, err := p.selectStatement()
	if err == nil && p.peek().kind != tokenEnd {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	return q, nil
}

// parser is a recursive descent over the tokens. Its methods panic nowhere and
// return the first error.
type parser struct {
	query  string
	tokens []token
	next   int
	depth  int
}

// deeper enters one level of nesting; shallower leaves it.
func (p *parser) deeper() *Error {
	if p.depth++; p.depth > maxDepth {
		return syntaxError(p.query, p.peek().pos, "the query is nested too deeply")
	}
	return nil
}

func (p *parser) shallower() { p.depth-- }

func (p *parser) peek() token { return p.tokens[p.next] }

// peekAfter is the token n after the next one.
func (p *parser) peekAfter(n int) token { return p.tokens[min(p.next+n, len(p.tokens)-1)] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokenEnd {
		p.next++
	}
	return t
}

// accept takes the next tokens if they are these keywords.
func (p *parser) accept(words ...string) bool {
	for i, w := range words {
		if !p.peekAfter(i).isKeyword(w) {
			return false
		}
	}
	p.next += len(words)
	return true
}

func (p *parser) acceptSymbol(s string) bool {
	if p.peek().isSymbol(s) {
		p.next++
		return true
	}
	return false
}

// expectSymbol takes a symbol; the error names it as called.
func (p *parser) expectSymbol(s, called string) *Error {
	if p.acceptSymbol(s) {
		return nil
	}
	t := p.peek()
	return syntaxError(p.query, t.pos, "expecting %s, found '%s'", called, t.shown())
}

// unexpected reports the next token as Salesforce's parser would.
func (p *parser) unexpected() *Error {
	t := p.peek()
	return syntaxError(p.query, t.pos, "unexpected token: '%s'", t.shown())
}

// selectStatement reads a query or, between parentheses, a subquery.
func (p *parser) selectStatement() (*Query, *Error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer p.shallower()
	q := &Query{Text: p.query, Pos: p.peek().pos, Limit: -1}
	if !p.accept("SELECT") {
		return nil, p.unexpected()
	}
	for _, clause := range []func(*Query) *Error{
		p.selectList, p.from, p.using, p.where, p.with, p.groupBy, p.having, p.orderBy, p.limit, p.offset, p.trailing,
	} {
		if err := clause(q); err != nil {
			return nil, err
		}
	}
	return q, q.checkAliases()
}

// checkAliases refuses another name for a plain field that is not grouped.
func (q *Query) checkAliases() *Error {
	for _, item := range q.Select {
		if item.Alias != "" && len(item.Path) > 0 && len(q.GroupBy) == 0 {
			return Malformed(q.Text, item.Pos, "only aggregate expressions use field aliasing")
		}
	}
	return nil
}

func (p *parser) selectList(q *Query) *Error {
	for {
		item, err := p.item()
		if err != nil {
			return err
		}
		q.Select = append(q.Select, item)
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

func (p *parser) item() (Item, *Error) {
	t := p.peek()
	switch {
	case t.isSymbol("("):
		return p.child()
	case t.isKeyword("TYPEOF") && p.peekAfter(1).kind == tokenIdent && !p.peekAfter(1).isKeyword("FROM"):
		return p.typeOf()
	case t.isKeyword("FIELDS") && p.peekAfter(1).isSymbol("("):
		return p.fields()
	}
	e, err := p.operand()
	if err != nil {
		return Item{}, err
	}
	item := Item{Expr: e}
	if p.atName() && !p.peek().isKeyword("FROM") {
		item.Alias = p.take().text
	}
	return item, nil
}

func (p *parser) child() (Item, *Error) {
	item := Item{Expr: Expr{Pos: p.take().pos}}
	var err *Error
	if item.Child, err = p.selectStatement(); err != nil {
		return item, err
	}
	return item, p.expectSymbol(")", "a right parentheses")
}

// fields reads FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM).
func (p *parser) fields() (Item, *Error) {
	item := Item{Expr: Expr{Func: "FIELDS", Pos: p.take().pos}}
	p.next++
	t := p.peek()
	item.Fields = strings.ToUpper(t.text)
	if t.kind != tokenIdent || item.Fields != "ALL" && item.Fields != "STANDARD" && item.Fields != "CUSTOM" {
		return item, p.unexpected()
	}
	p.next++
	return item, p.expectSymbol(")", "a right parentheses")
}

func (p *parser) typeOf() (Item, *Error) {
	item := Item{Expr: Expr{Pos: p.take().pos}, TypeOf: &TypeOf{}}
	var err *Error
	if item.TypeOf.Path, err = p.path(); err != nil {
		return item, err
	}
	for p.accept("WHEN") {
		c, err := p.typeCase()
		if err != nil {
			return item, err
		}
		item.TypeOf.Cases = append(item.TypeOf.Cases, c)
	}
	if len(item.TypeOf.Cases) == 0 {
		return item, p.unexpected()
	}
	if p.accept("ELSE") {
		if item.TypeOf.Else, err = p.paths(); err != nil {
			return item, err
		}
	}
	if !p.accept("END") {
		return item, p.unexpected()
	}
	return item, nil
}

func (p *parser) typeCase() (c TypeCase, err *Error) {
	if c.Object, err = p.name(); err != nil {
		return c, err
	}
	if !p.accept("THEN") {
		return c, p.unexpected()
	}
	c.Fields, err = p.paths()
	return c, err
}

// operand reads an expression that stands by itself; a GEOLOCATION never does.
func (p *parser) operand() (Expr, *Error) {
	e, err := p.expr()
	if err == nil && e.Func == "GEOLOCATION" {
		err = syntaxError(p.query, e.Pos, "unexpected token: '%s'", e.Func)
	}
	return e, err
}

// expr reads a path or a function with its arguments; only COUNT() has none.
func (p *parser) expr() (Expr, *Error) {
	if err := p.deeper(); err != nil {
		return Expr{}, err
	}
	defer p.shallower()
	e := Expr{Pos: p.peek().pos}
	path, err := p.path()
	if err != nil {
		return e, err
	}
	if len(path) > 1 || !p.acceptSymbol("(") {
		e.Path = path
		return e, nil
	}
	e.Func = strings.ToUpper(path[0].Text)
	if _, known := functions[e.Func]; !known {
		p.next--
		return e, p.unexpected()
	}
	if e.Func == "COUNT" && p.acceptSymbol(")") {
		return e, nil
	}
	if err := p.arguments(&e); err != nil {
		return e, err
	}
	return e, p.checkArguments(e)
}

func (p *parser) arguments(e *Expr) *Error {
	for {
		arg, err := p.argument()
		if err != nil {
			return err
		}
		e.Args = append(e.Args, arg)
		if !p.acceptSymbol(",") {
			return p.expectSymbol(")", "a right parentheses")
		}
	}
}

// argument reads an argument of a function: an expression, or the text or number
// that DISTANCE and GEOLOCATION take.
func (p *parser) argument() (Expr, *Error) {
	t := p.peek()
	switch t.kind {
	case tokenText, tokenNumber:
		v, err := p.value(Equal)
		return Expr{Value: &v, Pos: t.pos}, err
	case tokenSymbol:
		if t.text == ":" {
			return Expr{}, bindVariable(p.query, t.pos)
		}
	}
	return p.expr()
}

func (p *parser) paths() ([]Path, *Error) {
	var paths []Path
	for {
		path, err := p.path()
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
		if !p.acceptSymbol(",") {
			return paths, nil
		}
	}
}

// path reads names with dots between them. FROM begins none, unless it is a
// relationship.
func (p *parser) path() (Path, *Error) {
	if p.peek().isKeyword("FROM") && !p.peekAfter(1).isSymbol(".") {
		return nil, p.unexpected()
	}
	var path Path
	for {
		n, err := p.name()
		if err != nil {
			return nil, err
		}
		path = append(path, n)
		if !p.acceptSymbol(".") {
			return path, nil
		}
	}
}

// name reads an identifier. What looks like money may be one, too: Abc12.
func (p *parser) name() (Name, *Error) {
	if !p.atName() {
		return Name{}, p.unexpected()
	}
	t := p.take()
	return Name{t.text, t.pos}, nil
}

func (p *parser) atName() bool {
	t := p.peek()
	return t.kind == tokenIdent || t.kind == tokenMoney && !strings.Contains(t.text, ".")
}

// count reads a whole number from 0; wrong makes the error about anything else.
func (p *parser) count(wrong func() *Error) (int, *Error) {
	t := p.peek()
	if t.kind != tokenNumber || strings.Trim(t.text, "0123456789") != "" {
		return 0, wrong()
	}
	n, err := strconv.ParseInt(t.text, 10, 32)
	if err != nil {
		return 0, syntaxError(p.query, t.pos, "numeric value out of range: %s", t.text)
	}
	p.next++
	return int(n), nil
}
