package schema

import (
	"fmt"
	"strings"
)

// modified is a field while its modifiers are read.
type modified struct {
	parser   *parser
	field    *Field
	relation *relation
	rest     []string

	// What derive would otherwise conclude from the type and the access.
	visible, hideable, noFilter bool

	onesided bool
}

// modifiers are the words that may follow a field's access. Those with an
// argument take the next word.
var modifiers = map[string]func(m *modified, argument string) error{
	"of":       func(m *modified, compound string) error { m.field.CompoundFieldName = compound; return nil },
	"is":       func(m *modified, info string) error { m.field.ExtraTypeInfo = info; return nil },
	"to":       func(m *modified, targets string) error { m.field.ReferenceTo = strings.Split(targets, "|"); return nil },
	"as":       func(m *modified, name string) error { m.field.RelationshipName = name; return nil },
	"children": func(m *modified, name string) error { m.relation.child.RelationshipName = name; return nil },
	"with":     func(m *modified, feature string) error { m.field.Feature = feature; return nil },
	"junction": (*modified).junction,
	"values":   (*modified).values,
	"default":  (*modified).defaultValue,
}

// switches are the modifiers without an argument.
var switches = map[string]func(m *modified){
	"name":       func(m *modified) { m.field.NameField = true },
	"lookup":     func(m *modified) { m.field.IDLookup = true },
	"unique":     func(m *modified) { m.field.Unique = true },
	"restricted": func(m *modified) { m.field.RestrictedPicklist = true },
	"cascade":    func(m *modified) { m.relation.child.CascadeDelete = true },
	// Describe does not list the relation at the object pointed at.
	"onesided": func(m *modified) { m.onesided = true },
	"restrict": func(m *modified) { m.relation.child.RestrictedDelete = true },
	"autonumber": func(m *modified) {
		m.field.AutoNumber, m.field.DisplayFormat, m.field.StartingNumber = true, "{00000000}", 1000
	},
	// Field-level security can never, or can after all, hide the field.
	"visible":  func(m *modified) { m.visible = true },
	"hideable": func(m *modified) { m.hideable = true },
	// SOQL cannot use the field in WHERE and ORDER BY.
	"nofilter": func(m *modified) { m.noFilter = true },
}

func (m *modified) apply() error {
	for len(m.rest) > 0 {
		word := m.rest[0]
		m.rest = m.rest[1:]
		if set, ok := switches[word]; ok {
			set(m)
			continue
		}
		set, ok := modifiers[word]
		if !ok {
			return fmt.Errorf("unknown modifier %q", word)
		}
		if len(m.rest) == 0 {
			return fmt.Errorf("modifier %q needs an argument", word)
		}
		if err := set(m, m.rest[0]); err != nil {
			return err
		}
		m.rest = m.rest[1:]
	}
	return m.check()
}

func (m *modified) check() error {
	f := m.field
	if f.Type == Reference && len(f.ReferenceTo) == 0 {
		return fmt.Errorf("a reference needs its objects: to A|B")
	}
	if f.Type == Boolean && f.Nillable {
		return fmt.Errorf("a boolean is never null")
	}
	return nil
}

func (m *modified) values(list string) error {
	values, ok := m.parser.lists[list]
	if !ok {
		return fmt.Errorf("unknown list of values %q", list)
	}
	m.field.Picklist = values
	return nil
}

// junction reads "TaskWhoIds:Contact|Lead": the list of ids by which the object
// pointed at is given its junction records, and what these lead to.
func (m *modified) junction(text string) error {
	list, targets, ok := strings.Cut(text, ":")
	if !ok {
		return fmt.Errorf("want: junction LIST:A|B, not %q", text)
	}
	m.relation.child.JunctionIDLists = []string{list}
	m.relation.child.JunctionTo = strings.Split(targets, "|")
	return nil
}

// defaultValue reads a default: true or false for a boolean, else text.
func (m *modified) defaultValue(text string) error {
	if m.field.Type == Boolean {
		if text != "true" && text != "false" {
			return fmt.Errorf("default %q is no boolean", text)
		}
		m.field.DefaultValue = text == "true"
		return nil
	}
	m.field.DefaultValue = text
	return nil
}

// derive concludes what follows from the type and the access, unless a
// modifier said otherwise.
func (f *Field) derive(m *modified) {
	long := f.Type == TextArea && f.Length > 255 || f.Type == Base64 || f.Type == JunctionIDList || f.Type == ComplexValue
	f.Filterable = !long && !m.noFilter
	f.Sortable = f.Filterable && f.Type != Address
	f.Groupable = !long && groupable(f)
	f.Permissionable = m.hideable || !m.visible && hideable(f)
	f.NamePointing = len(f.ReferenceTo) > 1
	if f.Type == Boolean && f.DefaultValue == nil && f.DefaultedOnCreate {
		f.DefaultValue = false
	}
	if f.DefaultValue == nil {
		f.DefaultValue = picklistDefault(f.Picklist)
	}
}

func groupable(f *Field) bool {
	switch f.Type {
	case Double, Currency, Percent, DateTime, JunctionIDList, Time, Address, Combobox, MultiPicklist, EncryptedString:
		return false
	default:
		return f.Length <= 255
	}
}

// hideable says whether field-level security may hide the field: what a
// record cannot do without stays visible.
func hideable(f *Field) bool {
	if f.Type == Address {
		return true
	}
	return f.Nillable && f.Createable && f.Updateable && f.CompoundFieldName != "Name"
}

func picklistDefault(values []PicklistValue) any {
	for _, v := range values {
		if v.Default {
			return v.Value
		}
	}
	return nil
}
