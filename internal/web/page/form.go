package page

import (
	"slices"
	"strings"

	"conversion"
)

// Form edits or creates a contact or company. Values are as typed.
type Form struct {
	Frame
	Kind      conversion.Kind
	ID        string // "" when it creates
	Key       string
	Name      string // company only
	Variables []conversion.Variable
	Values    map[string]string // by variable key, as shown and as typed
	Original  map[string]string // by variable key, as the form first showed them
	Problem   *Problem
	Note      string // what a change does in Salesforce under the present rules
}

func (f Form) action() string {
	if f.ID == "" {
		return path(f.Kind)
	}
	return path(f.Kind) + "/" + f.ID
}

func (f Form) back() string {
	if f.ID == "" {
		return path(f.Kind)
	}
	return path(f.Kind) + "/" + f.ID
}

func (f Form) keyField() input {
	if f.Kind == conversion.KindCompany {
		return input{Name: "domain", Label: "Website domain", Type: "text", Value: f.Key, Placeholder: "example.com", Problem: f.Problem}
	}
	return input{Name: "email", Label: "E-mail", Type: "email", Value: f.Key, Required: true, Complete: "off", Problem: f.Problem}
}

// unplaced is the problem without what is said beside the inputs.
func (f Form) unplaced() *Problem {
	if f.Problem == nil {
		return nil
	}
	rest := *f.Problem
	rest.Fields = slices.DeleteFunc(slices.Clone(rest.Fields), func(e conversion.FieldError) bool {
		return e.Field == "name" || e.Field == f.keyField().Name || slices.ContainsFunc(f.Variables, func(v conversion.Variable) bool {
			return editable(v) && e.Field == "variables."+v.Key
		})
	})
	return &rest
}

// usual are the variables that a form shows first, filled or not.
var usual = []string{"first_name", "last_name", "job_title", "phone", "mobile_phone", "city", "country", "website", "industry"}

// open are the variables a form shows at once: the usual ones, those that hold a value
// and those that are wrong; the others are folded away.
func (f Form) open() (shown, folded []conversion.Variable) {
	for _, v := range f.Variables {
		if !editable(v) {
			continue
		}
		name := "variables." + v.Key
		if slices.Contains(usual, v.Key) || f.Values[v.Key] != "" || f.Problem.Of(name) != "" {
			shown = append(shown, v)
		} else {
			folded = append(folded, v)
		}
	}
	slices.SortStableFunc(shown, func(a, b conversion.Variable) int { return usualPlace(a.Key) - usualPlace(b.Key) })
	return shown, folded
}

func usualPlace(key string) int {
	if i := slices.Index(usual, key); i >= 0 {
		return i
	}
	return len(usual)
}

// editable reports whether a form offers the variable: what only Salesforce changes, and
// what a form shows beside the variables, is left out.
func editable(v conversion.Variable) bool {
	if v.ReadOnly || v.LeftOut || v.Mode == conversion.ModeAlwaysSalesforce {
		return false
	}
	if v.Kind == conversion.KindCompany {
		return v.ID != conversion.NameVar
	}
	return v.ID != conversion.EmailVar && v.ID != conversion.AccountVar
}

// choices are the values a restricted picklist allows, nil for a free value.
func choices(v conversion.Variable) []string {
	for _, f := range v.Fields {
		if f.Live() && f.Restricted && len(f.Picklist) > 0 && v.Type == conversion.TypeText {
			return f.Picklist
		}
	}
	return nil
}

// manyLines reports whether a value needs an input of several lines: one of a single line
// would take the line breaks out of it.
func manyLines(v conversion.Variable, value string) bool {
	return strings.Contains(value, "\n") || slices.ContainsFunc(v.Fields, func(f conversion.Field) bool { return f.Type == "textarea" })
}

// inputType is the kind of input a variable's value is typed in.
func inputType(t conversion.Type) string {
	if t == conversion.TypeDate {
		return "date"
	}
	return "text"
}

// inputHint says how a value is to be written where the input does not.
func inputHint(t conversion.Type) string {
	switch t {
	case conversion.TypeDateTime:
		return "As 2026-01-31T09:00:00Z"
	case conversion.TypeTime:
		return "As 09:30:00"
	case conversion.TypeMultiSelect:
		return "Several values are parted by ;"
	}
	return ""
}

// withValue adds a present value that is not among the choices, so that saving a form
// does not lose it.
func withValue(list []string, value string) []string {
	if value == "" || slices.Contains(list, value) {
		return list
	}
	return append([]string{value}, list...)
}

func optionWord(option string) string {
	switch option {
	case "true":
		return "Yes"
	case "false":
		return "No"
	}
	return option
}
