package soql

import (
	"strconv"
	"strings"
)

// maxLength is the longest query, in characters (bytes here, which is stricter
// only for texts beyond ASCII).
const maxLength = 100_000

// maxDepth bounds the nesting of parentheses and NOTs, so that no query text can
// exhaust the stack.
const maxDepth = 200

// Parse reads one query. The error, if any, is an *Error.
func Parse(query string) (*Query, error) {
	if len(query) > maxLength {
		return nil, &Error{Code: "QUERY_TOO_LONG", Message: "SOQL statements cannot be longer than 100000 characters."}
	}
	tokens, err := lex(query)
	if err != nil {
		return nil, err
	}
	p := &parser{query: query, tokens: tokens}
	q, err := p.parse()
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

func (p *parser) peek() token { return p.tokens[p.next] }

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
		if p.next+i >= len(p.tokens) || !p.tokens[p.next+i].isKeyword(w) {
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

func (p *parser) expectSymbol(s string) *Error {
	if p.acceptSymbol(s) {
		return nil
	}
	return p.unexpected()
}

// unexpected reports the next token as Salesforce's parser would.
func (p *parser) unexpected() *Error {
	t := p.peek()
	if t.kind == tokenEnd {
		return Malformed(p.query, t.pos, "unexpected token: '<EOF>'")
	}
	return Malformed(p.query, t.pos, "unexpected token: '%s'", t.text)
}

// refuse reports a clause of the language that is not served.
func (p *parser) refuse(pos int, clause string) *Error {
	return Malformed(p.query, pos, "%s is not supported by this org", clause)
}

func (p *parser) parse() (*Query, *Error) {
	q := &Query{Text: p.query, Limit: -1}
	if !p.accept("SELECT") {
		return nil, p.unexpected()
	}
	for _, clause := range []func(*Query) *Error{
		p.selectList, p.from, p.using, p.where, p.with, p.groupBy, p.orderBy, p.limit, p.offset, p.trailing,
	} {
		if err := clause(q); err != nil {
			return nil, err
		}
	}
	if p.peek().kind != tokenEnd {
		return nil, p.unexpected()
	}
	return q, nil
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
		return Item{}, p.refuse(t.pos, "a subquery in the SELECT list")
	case t.isKeyword("TYPEOF"):
		return Item{}, p.refuse(t.pos, "TYPEOF")
	}
	path, fn, err := p.operand(true)
	if err != nil {
		return Item{}, err
	}
	item := Item{Path: path, Func: fn, Pos: t.pos}
	if fn == "FIELDS" {
		return p.fieldsItem(item)
	}
	if a := p.peek(); a.kind == tokenIdent && !a.isKeyword("FROM") {
		if fn == "" {
			return Item{}, p.unexpected()
		}
		item.Alias = p.take().text
	}
	return item, nil
}

func (p *parser) fieldsItem(item Item) (Item, *Error) {
	if len(item.Path) != 1 {
		return Item{}, Malformed(p.query, item.Pos, "FIELDS function must have exactly one of ALL, STANDARD or CUSTOM")
	}
	item.Group, item.Path = strings.ToUpper(item.Path[0].Text), nil
	if item.Group != "ALL" && item.Group != "STANDARD" && item.Group != "CUSTOM" {
		return Item{}, Malformed(p.query, item.Pos, "FIELDS function must have exactly one of ALL, STANDARD or CUSTOM")
	}
	return item, nil
}

// operand reads a path or a function of one; only COUNT() may be without a path.
func (p *parser) operand(selecting bool) (Path, string, *Error) {
	path, err := p.path()
	if err != nil {
		return nil, "", err
	}
	if len(path) > 1 || !p.acceptSymbol("(") {
		return path, "", nil
	}
	fn := strings.ToUpper(path[0].Text)
	if selecting && fn == "COUNT" && p.acceptSymbol(")") {
		return nil, fn, nil
	}
	path, err = p.path()
	if err != nil {
		return nil, "", err
	}
	return path, fn, p.expectSymbol(")")
}

func (p *parser) path() (Path, *Error) {
	var path Path
	for {
		t := p.peek()
		if t.kind != tokenIdent {
			return nil, p.unexpected()
		}
		path = append(path, Name{t.text, t.pos})
		p.next++
		if !p.acceptSymbol(".") {
			return path, nil
		}
	}
}

func (p *parser) from(q *Query) *Error {
	if !p.accept("FROM") {
		return p.unexpected()
	}
	t := p.peek()
	if t.kind != tokenIdent {
		return p.unexpected()
	}
	q.From = Name{t.text, t.pos}
	p.next++
	p.accept("AS")
	if a := p.peek(); a.kind == tokenIdent && !isClause(a) {
		q.Alias = p.take().text
	}
	return nil
}

// isClause says whether an identifier after FROM begins the next clause.
func isClause(t token) bool {
	for _, w := range []string{"USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL"} {
		if t.isKeyword(w) {
			return true
		}
	}
	return false
}

func (p *parser) using(*Query) *Error {
	if pos := p.peek().pos; p.accept("USING") {
		return p.refuse(pos, "USING SCOPE")
	}
	return nil
}

func (p *parser) with(*Query) *Error {
	if pos := p.peek().pos; p.accept("WITH") {
		return p.refuse(pos, "WITH")
	}
	return nil
}

func (p *parser) groupBy(q *Query) *Error {
	if !p.accept("GROUP", "BY") {
		return nil
	}
	for {
		pos := p.peek().pos
		path, fn, err := p.operand(false)
		if err != nil {
			return err
		}
		if fn != "" {
			return p.refuse(pos, "GROUP BY "+fn+"()")
		}
		q.GroupBy = append(q.GroupBy, path)
		if !p.acceptSymbol(",") {
			break
		}
	}
	if pos := p.peek().pos; p.accept("HAVING") {
		return p.refuse(pos, "HAVING")
	}
	return nil
}

func (p *parser) orderBy(q *Query) *Error {
	if !p.accept("ORDER", "BY") {
		return nil
	}
	for {
		o := Order{Pos: p.peek().pos}
		var err *Error
		if o.Path, o.Func, err = p.operand(true); err != nil {
			return err
		}
		o.Desc = !p.accept("ASC") && p.accept("DESC")
		o.NullsLast = o.Desc
		if p.accept("NULLS") {
			switch {
			case p.accept("FIRST"):
				o.NullsLast = false
			case p.accept("LAST"):
				o.NullsLast = true
			default:
				return p.unexpected()
			}
		}
		q.OrderBy = append(q.OrderBy, o)
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

func (p *parser) limit(q *Query) (err *Error) {
	if p.accept("LIMIT") {
		q.Limit, err = p.count()
	}
	return err
}

func (p *parser) offset(q *Query) (err *Error) {
	if !p.accept("OFFSET") {
		return nil
	}
	pos := p.peek().pos
	if q.Offset, err = p.count(); err == nil && q.Offset > 2000 {
		return Errorf("NUMBER_OUTSIDE_VALID_RANGE", p.query, pos, "Maximum SOQL offset allowed is 2000")
	}
	return err
}

// count reads a whole number from 0.
func (p *parser) count() (int, *Error) {
	t := p.peek()
	n, err := strconv.Atoi(t.text)
	if t.kind != tokenNumber || err != nil || n < 0 || !isDigit(t.text[0]) {
		return 0, p.unexpected()
	}
	p.next++
	return n, nil
}

func (p *parser) trailing(*Query) *Error {
	t := p.peek()
	switch {
	case p.accept("FOR"):
		return p.refuse(t.pos, "FOR "+strings.ToUpper(p.peek().text))
	case p.accept("ALL", "ROWS"):
		return Malformed(p.query, t.pos, "ALL ROWS not allowed in this context")
	}
	return nil
}
