package mapping

import (
	"fmt"

	"conversion"
)

// The codes of problems.
const (
	CodeFieldGone    = "field_gone"
	CodeFieldRetyped = "field_retyped"
	CodeObjectHidden = "object_hidden"
)

// Problem is something about the org's objects or fields that an admin should know. It
// stands as long as its cause does.
type Problem struct {
	Object  conversion.Object
	Field   string // API name; "" when it is about the object
	Key     string // of the variable; "" when it is about the object
	Code    string
	Message string // for a person
	Hint    string // what to do about it
}

func goneProblem(v *conversion.Variable, f conversion.Field) Problem {
	return Problem{
		Object: f.Object, Field: f.Name, Key: v.Key, Code: CodeFieldGone,
		Message: fmt.Sprintf("%s can no longer be read: it was deleted, or the connected user may not see it. The values of %q are kept as they were.", name(f), v.Label),
		Hint:    "Give the connected user access to the field in Salesforce, or leave the variable out of the sync.",
	}
}

func retypedProblem(v *conversion.Variable, f, now conversion.Field) Problem {
	return Problem{
		Object: f.Object, Field: f.Name, Key: v.Key, Code: CodeFieldRetyped,
		Message: fmt.Sprintf("%s changed its type from %s to %s. The values of %q are kept as they were; the field goes on under a variable of its own.", name(f), f.Type, now.Type, v.Label),
		Hint:    "Leave the old variable out of the sync once it is no longer needed.",
	}
}

func hiddenProblem(object conversion.Object) Problem {
	return Problem{
		Object: object, Code: CodeObjectHidden,
		Message: fmt.Sprintf("The connected user cannot read %ss. What is known of them is kept as it was.", object),
		Hint:    fmt.Sprintf("Grant the connected user read access to %ss in Salesforce.", object),
	}
}

func name(f conversion.Field) string { return string(f.Object) + "." + f.Name }
