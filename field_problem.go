package conversion

import "slices"

// The codes of what can be wrong with a variable's field.
const (
	FieldGone         = "field_gone"          // deleted, or the connected user may not see it any more
	FieldRetyped      = "field_retyped"       // its values are of another type now
	FieldNotEditable  = "field_not_editable"  // it could be changed, and cannot any more
	FieldNotCreatable = "field_not_creatable" // it could be set on new records, and cannot any more
	ObjectHidden      = "object_hidden"       // the connected user cannot read the object any more
)

// FieldProblem is something about a variable's Salesforce field that an admin should know
// (spec 3.4). It stands as long as its cause does. No value is ever blanked because of it.
type FieldProblem struct {
	Object    Object
	Field     string // API name
	Code      string
	RenamedTo string // API name of a field of the object that may have taken its place; "" when none is known
	Since     Moment // when it was first met
	Message   string // for a person
	Hint      string // what to do about it
}

// Standing returns the problems that matter as the admin has set the variable: none when it
// is left out, and none about writing when its mode writes nothing. Of two about writing one
// field the graver stands for both.
func (v *Variable) Standing() []FieldProblem {
	if v.LeftOut {
		return nil
	}
	var standing []FieldProblem
	for _, p := range v.Problems {
		if !v.silences(p) {
			standing = append(standing, p)
		}
	}
	return standing
}

func (v *Variable) silences(p FieldProblem) bool {
	sent := v.Mode != ModeAlwaysSalesforce && v.Mode != ModeNone
	switch p.Code {
	case FieldNotEditable:
		return !sent
	case FieldNotCreatable:
		return !sent || slices.ContainsFunc(v.Problems, func(other FieldProblem) bool {
			return other.Code == FieldNotEditable && other.Object == p.Object && other.Field == p.Field
		})
	}
	return false
}
