package sandbox

import (
	"maps"
	"slices"

	"conversion/internal/sandbox/formula"
	"conversion/internal/sandbox/schema"
)

// Condition says for which records a rule is meant: those with all the values of
// Fields for which Formula is true too. The zero value is met by every record.
type Condition struct {
	// Fields gives values by field name, in the form of the REST API.
	Fields map[string]any
	// Formula is in Salesforce's formula language and may say ISNEW(),
	// ISCHANGED(…) and PRIORVALUE(…); "" for none.
	Formula string
}

// condition is a Condition whose names were found.
type condition struct {
	fields  []fieldValue
	formula *formula.Formula
}

type fieldValue struct {
	field *field
	value any // as stored
}

func (o *Org) compileCondition(obj *object, c Condition) (*condition, *Error) {
	compiled := &condition{}
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		f, ok := obj.field(name)
		if !ok || f.column < 0 {
			return nil, noColumn(name, obj.Name)
		}
		v, err := f.stored(c.Fields[name])
		if err != nil {
			return nil, err
		}
		compiled.fields = append(compiled.fields, fieldValue{f, v})
	}
	if c.Formula == "" {
		return compiled, nil
	}
	var err *Error
	boolean := &field{Field: schema.Field{Name: "Formula", Type: schema.Boolean}}
	compiled.formula, err = o.compileAs(obj, boolean, c.Formula, formula.Options{Use: formula.ForRule})
	return compiled, err
}

// holds says whether a draft meets a condition. A formula that cannot be computed
// is not met.
func (t *tx) holds(c *condition, d *draft) bool {
	for _, want := range c.fields {
		got := d.values[want.field.column]
		if got == nil && want.field.Type == schema.Boolean {
			got = false
		}
		if !want.field.same(got, want.value) {
			return false
		}
	}
	if c.formula == nil {
		return true
	}
	met, err := c.formula.Eval(&subject{org: t.org, object: d.object, draft: d, user: t.user})
	return err == nil && met == true
}
