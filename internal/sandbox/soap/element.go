// Package soap reads and writes the envelopes of Salesforce's SOAP API: XML in,
// a call with its headers out; results and faults in, XML out.
//
// It knows envelopes only. It must never know an org's objects, users or records,
// nor anything of HTTP.
package soap

import "strings"

// Element is an XML element. Names are without their prefix: clients disagree on
// the namespaces of what is inside a call.
type Element struct {
	Name string
	// Type is the xsi:type without its prefix, "" without one.
	Type string
	// Nil says that the element is marked as xsi:nil.
	Nil      bool
	Text     string // of an element without children
	Children []*Element

	mustUnderstand bool
}

// Child is the first child of a name, nil without one.
func (e *Element) Child(name string) *Element {
	if e == nil {
		return nil
	}
	for _, c := range e.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// All lists the children of a name.
func (e *Element) All(name string) []*Element {
	var all []*Element
	if e == nil {
		return nil
	}
	for _, c := range e.Children {
		if c.Name == name {
			all = append(all, c)
		}
	}
	return all
}

// Value is the text of the first child of a name, without blanks around it; "" if
// there is none or it is nil.
func (e *Element) Value(name string) string {
	c := e.Child(name)
	if c == nil || c.Nil {
		return ""
	}
	return strings.TrimSpace(c.Text)
}

// Values lists the texts of the children of a name.
func (e *Element) Values(name string) []string {
	var all []string
	for _, c := range e.All(name) {
		all = append(all, strings.TrimSpace(c.Text))
	}
	return all
}

// Flag says whether the first child of a name is true.
func (e *Element) Flag(name string) bool {
	v := e.Value(name)
	return v == "true" || v == "1"
}
