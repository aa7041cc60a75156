package formula

import (
	"strconv"
	"strings"
)

// node is a part of a formula: a literal, a name, or an operation with operands.
type node struct {
	pos     int
	op      string // "+" or "IF"; "" for a literal or a name
	name    string // dotted path
	literal any    // text, number, boolean or nil for NULL
	args    []*node
}

// maxDepth bounds the nesting of a formula.
const maxDepth = 200

type parser struct {
	tokens []token
	at     int
	depth  int
}

func parse(text string) (*node, error) {
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	n, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if t := p.next(); t.kind != tokenEnd {
		return nil, errorf(t.pos, "Syntax error. Extra %s", t.text)
	}
	return n, nil
}

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

// accept takes an operator if it is one of the given.
func (p *parser) accept(ops ...string) (token, bool) {
	t := p.tokens[p.at]
	for _, op := range ops {
		if t.kind == tokenOperator && t.text == op {
			p.at++
			return t, true
		}
	}
	return t, false
}

// levels are the binary operators, the weakest first. A power binds weaker than
// a product: that is Salesforce's grammar.
var levels = [][]string{
	{"||"}, {"&&"}, {"=", "==", "<>", "!="}, {"<", ">", "<=", ">="}, {"+", "-", "&"}, {"^"}, {"*", "/"},
}

// spelling gives operators of two spellings one.
var spelling = map[string]string{"==": "=", "!=": "<>", "||": "OR", "&&": "AND", "!": "NOT"}

func canonical(op string) string {
	if s, ok := spelling[op]; ok {
		return s
	}
	return op
}

func (p *parser) binary(level int) (*node, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	if err != nil {
		return nil, err
	}
	for {
		op, ok := p.accept(levels[level]...)
		if !ok {
			return left, nil
		}
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		left = &node{pos: op.pos, op: canonical(op.text), args: []*node{left, right}}
	}
}

func (p *parser) unary() (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, errorf(p.tokens[p.at].pos, "Formula is nested too deeply")
	}
	defer func() { p.depth-- }()
	op, ok := p.accept("+", "-", "!")
	if !ok && !p.isPrefixNot() {
		return p.primary()
	}
	if !ok {
		op = p.next()
	}
	arg, err := p.unary()
	if err != nil {
		return nil, err
	}
	name := map[string]string{"+": "plus", "-": "minus"}[op.text]
	if name == "" {
		name = "NOT"
	}
	return &node{pos: op.pos, op: name, args: []*node{arg}}, nil
}

// isPrefixNot says whether NOT stands here without parentheses.
func (p *parser) isPrefixNot() bool {
	t := p.tokens[p.at]
	return t.kind == tokenName && strings.EqualFold(t.text, "NOT")
}

func (p *parser) primary() (*node, error) {
	t := p.next()
	switch t.kind {
	case tokenText:
		return &node{pos: t.pos, literal: t.text}, nil
	case tokenNumber:
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, errorf(t.pos, "The value '%s' is not a valid number.", t.text)
		}
		return &node{pos: t.pos, literal: v}, nil
	case tokenName:
		return p.named(t)
	case tokenOperator:
		if t.text == "(" {
			n, err := p.binary(0)
			if err != nil {
				return nil, err
			}
			return n, p.expectClose()
		}
	case tokenEnd:
		return nil, errorf(t.pos, "Syntax error")
	}
	return nil, errorf(t.pos, "Syntax error.  Found '%s'", t.text)
}

func (p *parser) expectClose() error {
	if t, ok := p.accept(")"); !ok {
		return errorf(t.pos, "Syntax error.  Missing ')'")
	}
	return nil
}

// named reads what begins with a name: a constant, a call or a field.
func (p *parser) named(t token) (*node, error) {
	if _, call := p.accept("("); call {
		args, err := p.arguments()
		return &node{pos: t.pos, op: strings.ToUpper(t.text), args: args}, err
	}
	switch strings.ToUpper(t.text) {
	case "TRUE":
		return &node{pos: t.pos, literal: true}, nil
	case "FALSE":
		return &node{pos: t.pos, literal: false}, nil
	case "NULL":
		return &node{pos: t.pos}, nil
	}
	return &node{pos: t.pos, name: t.text}, nil
}

func (p *parser) arguments() ([]*node, error) {
	if _, none := p.accept(")"); none {
		return nil, nil
	}
	var args []*node
	for {
		arg, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		if _, more := p.accept(","); !more {
			return args, p.expectClose()
		}
	}
}
