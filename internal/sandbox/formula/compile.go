package formula

import (
	"strings"
)

// expr is a compiled part: its type and how to compute it.
type expr struct {
	kind  Type
	eval  func(*frame) any
	node  *node
	field *Variable // of a bare field
}

type compiler struct {
	scope   Scope
	options Options
	html    bool
	keys    []any
}

func (c *compiler) compile(n *node) (expr, error) {
	switch {
	case n.op != "":
		return c.call(n)
	case n.name != "":
		return c.variable(n)
	}
	v := n.literal
	return expr{kind: kindOf(v), node: n, eval: func(*frame) any { return v }}, nil
}

func kindOf(v any) Type {
	switch v.(type) {
	case string:
		return Text
	case float64:
		return Number
	case bool:
		return Boolean
	case Day:
		return Date
	case Moment:
		return DateTime
	case Clock:
		return Time
	}
	return Null
}

func (c *compiler) variable(n *node) (expr, error) {
	v, ok, err := c.scope.Variable(strings.Split(n.name, "."))
	switch {
	case err != nil:
		return expr{}, errorf(n.pos, "%s", err.Error())
	case !ok:
		return expr{}, errorf(n.pos, "Field %s does not exist. Check spelling.", n.name)
	}
	c.keys = append(c.keys, v.Key)
	return expr{kind: v.Type, node: n, field: &v, eval: c.reading(v, Record.Value)}, nil
}

// reading makes how a field is read: by Record.Value or Record.Prior.
func (c *compiler) reading(v Variable, read func(Record, any) any) func(*frame) any {
	instead := any(nil)
	switch {
	case v.Type == Boolean:
		instead = false
	case v.Type == Number && c.options.BlankAsZero:
		instead = 0.0
	}
	return func(f *frame) any {
		if got := read(f.Record, v.Key); got != nil {
			return got
		}
		return instead
	}
}

// call compiles an operation: one of those with a typed signature, or a special
// one that looks at its arguments itself.
func (c *compiler) call(n *node) (expr, error) {
	if err := c.allowed(n); err != nil {
		return expr{}, err
	}
	args := make([]expr, len(n.args))
	for i, arg := range n.args {
		var err error
		if args[i], err = c.compile(arg); err != nil {
			return expr{}, err
		}
	}
	if compile, ok := specials[n.op]; ok {
		e, err := compile(c, n, args)
		e.node = n
		return e, err
	}
	f, ok := functions[n.op]
	if !ok {
		return expr{}, errorf(n.pos, "Unknown function %s. Check spelling.", n.op)
	}
	return c.apply(n, f, args)
}

// allowed refuses functions that only other uses of formulas have.
func (c *compiler) allowed(n *node) error {
	uses, limited := limitedTo[n.op]
	if !limited {
		return nil
	}
	for _, use := range uses {
		if c.options.Use == use {
			return nil
		}
	}
	return errorf(n.pos, "Function %s may not be used in this type of formula", n.op)
}

var limitedTo = map[string][]Use{
	"ISNEW": {ForRule}, "ISCHANGED": {ForRule}, "PRIORVALUE": {ForRule}, "REGEX": {ForRule},
	"HYPERLINK": {ForField}, "IMAGE": {ForField},
}

// function is an operation whose arguments have fixed types.
type function struct {
	params   []Type
	optional int // how many of the last may be left out
	variadic bool
	result   Type
	// compute gets the values of the arguments; blanks are passed as nil.
	compute func(*frame, []any) any
}

func (c *compiler) apply(n *node, f function, args []expr) (expr, error) {
	if err := checkCount(n, len(args), len(f.params)-f.optional, len(f.params), f.variadic); err != nil {
		return expr{}, err
	}
	for i, arg := range args {
		if err := c.want(n, arg, f.params[min(i, len(f.params)-1)]); err != nil {
			return expr{}, err
		}
	}
	c.html = c.html || n.op == "HYPERLINK" || n.op == "IMAGE"
	compute := f.compute
	return expr{kind: f.result, node: n, eval: func(fr *frame) any {
		values := make([]any, len(args))
		for i, arg := range args {
			values[i] = arg.eval(fr)
		}
		return compute(fr, values)
	}}, nil
}

func checkCount(n *node, got, least, most int, variadic bool) error {
	if got < least || got > most && !variadic {
		want := most
		if got < least {
			want = least
		}
		return errorf(n.pos, "Incorrect number of parameters for %s. Expected %d, received %d", n.title(), want, got)
	}
	return nil
}

// title names an operation as messages do.
func (n *node) title() string {
	switch {
	case n.op == "plus", n.op == "minus":
		return "operator '" + map[string]string{"plus": "+", "minus": "-"}[n.op] + "'"
	case isNameStart(n.op[0]):
		return "function '" + n.op + "()'"
	}
	return "operator '" + n.op + "'"
}

// want refuses an argument of another type; NULL fits everywhere.
func (c *compiler) want(n *node, arg expr, kinds ...Type) error {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		if arg.kind == kind || arg.kind == Null {
			return nil
		}
		names[i] = kind.String()
	}
	if err := c.plain(arg); err != nil {
		return err
	}
	return errorf(n.pos, "Incorrect parameter type for %s. Expected %s, received %s", n.title(), strings.Join(names, ", "), arg.kind)
}

// plain refuses a picklist where only a value can stand.
func (c *compiler) plain(arg expr) error {
	switch arg.kind {
	case Picklist:
		return errorf(arg.node.pos, "Field %s is a picklist field. Picklist fields are only supported in certain functions.", arg.title())
	case MultiPicklist:
		return errorf(arg.node.pos, "Field %s is a multi-select picklist field. Multi-select picklist fields are only supported in certain functions.", arg.title())
	}
	return nil
}

func (e expr) title() string {
	if e.node.name != "" {
		return e.node.name
	}
	return e.node.op
}
