package conversion

import (
	"fmt"
	"strings"
)

// Filter narrows who is created in Salesforce: all of its conditions must hold (spec 4.2).
// An empty one admits everybody.
type Filter []Condition

// Condition is one test of a variable's value.
type Condition struct {
	Variable string `json:"variable"` // its key; "email", "domain" and "name" too
	Is       Test   `json:"is"`
	Value    string `json:"value,omitempty"`
}

// Test says how a condition compares; letters' case does not matter.
type Test string

// The tests.
const (
	IsEqual    Test = "equal"
	IsNotEqual Test = "not_equal"
	Contains   Test = "contains"
	IsFilled   Test = "filled" // Value is not used
	IsEmpty    Test = "empty"  // Value is not used
)

// OutboundFilter is a filter for each kind of entity.
type OutboundFilter struct {
	Contacts  Filter `json:"contacts,omitempty"`
	Companies Filter `json:"companies,omitempty"`
}

// For returns the filter of the kind.
func (o OutboundFilter) For(k Kind) Filter {
	if k == KindCompany {
		return o.Companies
	}
	return o.Contacts
}

// Admits reports whether the entity may be created.
func (f Filter) Admits(e *Entity, s *Schema) bool {
	for _, c := range f {
		if !c.holds(c.of(e, s)) {
			return false
		}
	}
	return true
}

func (c Condition) of(e *Entity, s *Schema) string {
	switch {
	case c.Variable == "email" && e.Kind == KindContact, c.Variable == "domain" && e.Kind == KindCompany:
		return e.Key
	case c.Variable == "name" && e.Kind == KindCompany:
		return e.Name
	}
	if v := s.ByKey(c.Variable); v != nil {
		return e.Value(v.ID).String()
	}
	return ""
}

func (c Condition) holds(value string) bool {
	value, wanted := strings.ToLower(value), strings.ToLower(strings.TrimSpace(c.Value))
	switch c.Is {
	case IsEqual:
		return value == wanted
	case IsNotEqual:
		return value != wanted
	case Contains:
		return strings.Contains(value, wanted)
	case IsFilled:
		return value != ""
	case IsEmpty:
		return value == ""
	}
	return false
}

// Check names what is wrong with the filter, by its place below field: a variable that is
// not there, an unknown test, a value that is missing.
func (f Filter) Check(field string, s *Schema) []FieldError {
	var wrong []FieldError
	for i, c := range f {
		at := fmt.Sprintf("%s[%d]", field, i)
		if s.ByKey(c.Variable) == nil {
			wrong = append(wrong, FieldError{at + ".variable", fmt.Sprintf("there is no variable %q", c.Variable)})
		}
		switch c.Is {
		case IsFilled, IsEmpty:
		case IsEqual, IsNotEqual, Contains:
			if strings.TrimSpace(c.Value) == "" {
				wrong = append(wrong, FieldError{at + ".value", "a value to compare with is needed"})
			}
		default:
			wrong = append(wrong, FieldError{at + ".is", fmt.Sprintf("%q is not one of equal, not_equal, contains, filled, empty", c.Is)})
		}
	}
	return wrong
}
