package formula

import (
	"regexp"
	"strings"
)

// specials are the operations that look at the types of their arguments, or do
// not compute all of them.
var specials map[string]func(c *compiler, n *node, args []expr) (expr, error)

func init() { // the table refers to functions that refer to it
	specials = map[string]func(c *compiler, n *node, args []expr) (expr, error){
		"IF": (*compiler).choice, "CASE": (*compiler).cases, "AND": (*compiler).all, "OR": (*compiler).any,
		"=": (*compiler).equality, "<>": (*compiler).equality,
		"<": (*compiler).comparison, "<=": (*compiler).comparison, ">": (*compiler).comparison, ">=": (*compiler).comparison,
		"+": (*compiler).sum, "-": (*compiler).difference,
		"ISBLANK": (*compiler).blank, "ISNULL": (*compiler).null,
		"BLANKVALUE": (*compiler).substitute, "NULLVALUE": (*compiler).substitute,
		"ISPICKVAL": (*compiler).pick, "INCLUDES": (*compiler).includes, "TEXT": (*compiler).text,
		"ISCHANGED": (*compiler).changed, "PRIORVALUE": (*compiler).prior,
		"DATEVALUE": (*compiler).dateValue, "DATETIMEVALUE": (*compiler).momentValue, "TIMEVALUE": (*compiler).clockValue,
		"ADDMONTHS": (*compiler).addMonths, "UNIXTIMESTAMP": (*compiler).unixTime, "REGEX": (*compiler).regex,
	}
}

// unify finds the one type that all arguments have; NULL goes with every type.
func (c *compiler) unify(n *node, args ...expr) (Type, error) {
	kind := Null
	for _, arg := range args {
		if kind == Null {
			kind = arg.kind
		} else if err := c.want(n, arg, kind); err != nil {
			return kind, err
		}
		if err := c.plain(arg); err != nil {
			return kind, err
		}
	}
	return kind, nil
}

func (c *compiler) choice(n *node, args []expr) (expr, error) {
	if err := checkCount(n, len(args), 3, 3, false); err != nil {
		return expr{}, err
	}
	if err := c.want(n, args[0], Boolean); err != nil {
		return expr{}, err
	}
	kind, err := c.unify(n, args[1], args[2])
	return expr{kind: kind, eval: func(f *frame) any {
		if args[0].eval(f) == true {
			return args[1].eval(f)
		}
		return args[2].eval(f)
	}}, err
}

// cases compiles CASE(tested, value, result, …, otherwise).
func (c *compiler) cases(n *node, args []expr) (expr, error) {
	if len(args) < 4 || len(args)%2 != 0 {
		return expr{}, errorf(n.pos, "Incorrect number of parameters for %s. Expected %d, received %d", n.title(), max(4, len(args)+1), len(args))
	}
	tested, kind := args[0], args[0].kind
	if kind == Picklist {
		kind = Text
	}
	var results []expr
	for i := 1; i+1 < len(args); i += 2 {
		if err := c.want(n, args[i], kind); err != nil {
			return expr{}, err
		}
		results = append(results, args[i+1])
	}
	otherwise := args[len(args)-1]
	result, err := c.unify(n, append(results, otherwise)...)
	return expr{kind: result, eval: func(f *frame) any {
		v := tested.eval(f)
		for i, r := range results {
			if same(v, args[1+2*i].eval(f)) {
				return r.eval(f)
			}
		}
		return otherwise.eval(f)
	}}, err
}

// same compares two values of one type; blank text equals empty text.
func same(a, b any) bool { return emptied(a) == emptied(b) }

func emptied(v any) any {
	if v == "" {
		return nil
	}
	return v
}

func (c *compiler) all(n *node, args []expr) (expr, error) { return c.junction(n, args, false) }
func (c *compiler) any(n *node, args []expr) (expr, error) { return c.junction(n, args, true) }

// junction computes arguments until one decides: a true one for OR, one that is
// not true for AND.
func (c *compiler) junction(n *node, args []expr, decisive bool) (expr, error) {
	if err := checkCount(n, len(args), 1, 1, true); err != nil {
		return expr{}, err
	}
	for _, arg := range args {
		if err := c.want(n, arg, Boolean); err != nil {
			return expr{}, err
		}
	}
	return expr{kind: Boolean, eval: func(f *frame) any {
		for _, arg := range args {
			if (arg.eval(f) == true) == decisive {
				return decisive
			}
		}
		return !decisive
	}}, nil
}

func (c *compiler) equality(n *node, args []expr) (expr, error) {
	kind, err := c.unify(n, args...)
	return expr{kind: Boolean, eval: func(f *frame) any {
		a, b := args[0].eval(f), args[1].eval(f)
		if kind == Text || kind == Null {
			return same(a, b) == (n.op == "=")
		}
		if a == nil || b == nil {
			return nil
		}
		if x, ok := a.(float64); ok {
			a, b = tidy(x), tidy(magnitude(b))
		}
		return (a == b) == (n.op == "=")
	}}, err
}

func (c *compiler) comparison(n *node, args []expr) (expr, error) {
	for _, arg := range args {
		if err := c.want(n, arg, Number, Date, DateTime, Time); err != nil {
			return expr{}, err
		}
	}
	_, err := c.unify(n, args...)
	return expr{kind: Boolean, eval: func(f *frame) any {
		a, b := args[0].eval(f), args[1].eval(f)
		if a == nil || b == nil {
			return nil
		}
		x, y := magnitude(a), magnitude(b)
		switch n.op {
		case "<":
			return x < y
		case "<=":
			return x <= y
		case ">":
			return x > y
		}
		return x >= y
	}}, err
}

// magnitude is a value's place in the order of its type.
func magnitude(v any) float64 {
	switch v := v.(type) {
	case float64:
		return tidy(v)
	case Day:
		return float64(v)
	case Moment:
		return float64(v)
	case Clock:
		return float64(v)
	}
	return 0
}

func (c *compiler) blank(n *node, args []expr) (expr, error) {
	if err := checkCount(n, len(args), 1, 1, false); err != nil {
		return expr{}, err
	}
	return expr{kind: Boolean, eval: func(f *frame) any { return emptied(args[0].eval(f)) == nil }}, nil
}

// null is ISNULL, for which text is never null.
func (c *compiler) null(n *node, args []expr) (expr, error) {
	e, err := c.blank(n, args)
	if err == nil && args[0].kind == Text {
		e.eval = func(*frame) any { return false }
	}
	return e, err
}

// substitute is BLANKVALUE and NULLVALUE; for the second, text is never null.
func (c *compiler) substitute(n *node, args []expr) (expr, error) {
	if err := checkCount(n, len(args), 2, 2, false); err != nil {
		return expr{}, err
	}
	kind, err := c.unify(n, args...)
	return expr{kind: kind, eval: func(f *frame) any {
		v := args[0].eval(f)
		if n.op == "NULLVALUE" && kind == Text || emptied(v) != nil {
			return v
		}
		return args[1].eval(f)
	}}, err
}

func (c *compiler) pick(n *node, args []expr) (expr, error) {
	return c.listed(n, args, Picklist, same)
}

func (c *compiler) includes(n *node, args []expr) (expr, error) {
	return c.listed(n, args, MultiPicklist, func(chosen, wanted any) bool {
		list, _ := chosen.(string)
		for part := range strings.SplitSeq(list, ";") {
			if part == wanted && part != "" {
				return true
			}
		}
		return false
	})
}

// listed compares a picklist field with a text.
func (c *compiler) listed(n *node, args []expr, kind Type, holds func(chosen, wanted any) bool) (expr, error) {
	if err := checkCount(n, len(args), 2, 2, false); err != nil {
		return expr{}, err
	}
	if args[0].kind != kind {
		return expr{}, errorf(n.pos, "Incorrect parameter for %s. Expected %s field reference.", n.title(), kind)
	}
	err := c.want(n, args[1], Text)
	return expr{kind: Boolean, eval: func(f *frame) any { return holds(args[0].eval(f), args[1].eval(f)) }}, err
}

func (c *compiler) text(n *node, args []expr) (expr, error) {
	if err := checkCount(n, len(args), 1, 1, false); err != nil {
		return expr{}, err
	}
	if args[0].kind != Picklist {
		if err := c.want(n, args[0], Number, Date, DateTime, Time, Picklist); err != nil {
			return expr{}, err
		}
	}
	return expr{kind: Text, eval: func(f *frame) any { return asText(args[0].eval(f)) }}, nil
}

func (c *compiler) changed(n *node, args []expr) (expr, error) {
	before, err := c.before(n, args)
	return expr{kind: Boolean, eval: func(f *frame) any {
		return !f.IsNew() && !same(before(f), args[0].eval(f))
	}}, err
}

// prior is PRIORVALUE: of a new record, the present value.
func (c *compiler) prior(n *node, args []expr) (expr, error) {
	before, err := c.before(n, args)
	if err != nil {
		return expr{}, err
	}
	return expr{kind: args[0].kind, eval: func(f *frame) any {
		if f.IsNew() {
			return args[0].eval(f)
		}
		return before(f)
	}}, nil
}

// before makes how the one field argument is read before the change.
func (c *compiler) before(n *node, args []expr) (func(*frame) any, error) {
	if err := checkCount(n, len(args), 1, 1, false); err != nil {
		return nil, err
	}
	field := args[0].field
	if field == nil || !field.Own {
		return nil, errorf(n.pos, "Incorrect parameter for %s. Expected field reference.", n.title())
	}
	return c.reading(*field, Record.Prior), nil
}

// regex compiles a literal pattern once; it must match the whole text.
func (c *compiler) regex(n *node, args []expr) (expr, error) {
	if err := checkCount(n, len(args), 2, 2, false); err != nil {
		return expr{}, err
	}
	for _, arg := range args {
		if err := c.want(n, arg, Text); err != nil {
			return expr{}, err
		}
	}
	literal, isLiteral := args[1].node.literal.(string)
	fixed, err := regexp.Compile("^(?:" + literal + ")$")
	if isLiteral && err != nil {
		return expr{}, errorf(args[1].node.pos, "Incorrect parameter value for function 'REGEX()': %s", err)
	}
	return expr{kind: Boolean, eval: func(f *frame) any {
		text, pattern := textOf(args[0].eval(f)), fixed
		if !isLiteral {
			var err error
			if pattern, err = regexp.Compile("^(?:" + textOf(args[1].eval(f)) + ")$"); err != nil {
				return f.fail("not a regular expression: %w", err)
			}
		}
		return pattern.MatchString(text)
	}}, nil
}
