package mapping

import (
	"cmp"
	"fmt"
	"slices"

	"conversion"
)

// note adds a problem of the variable's field. One that stands already keeps since when it
// does, and which field may have taken the place of this one as long as that is there.
func (m *mapper) note(v *conversion.Variable, f conversion.Field, p conversion.FieldProblem) {
	p.Object, p.Field, p.Since = f.Object, f.Name, m.at
	if before, stands := m.stood(v.ID, p); stands {
		p.Since, p.RenamedTo = before.Since, before.RenamedTo
	}
	if _, there := m.now[fieldID{p.Object, p.RenamedTo}]; !there {
		p.RenamedTo = ""
	}
	v.Problems = append(v.Problems, p)
}

// stood returns the problem as it was before this describe, if it was.
func (m *mapper) stood(id conversion.VarID, p conversion.FieldProblem) (conversion.FieldProblem, bool) {
	for _, before := range m.before[id] {
		if before.Object == p.Object && before.Field == p.Field && before.Code == p.Code {
			return before, true
		}
	}
	return conversion.FieldProblem{}, false
}

// missed says why a field that was there cannot be read.
func (m *mapper) missed(v *conversion.Variable, f conversion.Field) {
	_, here := m.now[id(f)]
	switch {
	case !m.objects[f.Object].Readable:
		m.note(v, f, conversion.FieldProblem{Code: conversion.ObjectHidden})
	case here:
		m.note(v, f, conversion.FieldProblem{Code: conversion.FieldRetyped})
	default:
		m.note(v, f, conversion.FieldProblem{Code: conversion.FieldGone})
	}
}

// lost says what the connected user could do with a field and cannot any more.
func (m *mapper) lost(v *conversion.Variable, before, now conversion.Field) {
	for _, could := range []struct {
		code        string
		before, now bool
	}{
		{conversion.FieldNotEditable, before.Updateable, now.Updateable},
		{conversion.FieldNotCreatable, before.Createable, now.Createable},
	} {
		p := conversion.FieldProblem{Object: now.Object, Field: now.Name, Code: could.code}
		if _, stands := m.stood(v.ID, p); !could.now && (could.before || stands) {
			m.note(v, now, p)
		}
	}
}

// explain puts the problems into words, once it is known what took the place of what. Of an
// object that was not described the words stay.
func (m *mapper) explain() {
	for i := range m.variables {
		v := &m.variables[i]
		for j := range v.Problems {
			p := &v.Problems[j]
			if _, described := m.objects[p.Object]; !described {
				continue
			}
			if next := m.renamed[fieldID{p.Object, p.Field}]; next != "" && p.Code == conversion.FieldGone {
				p.RenamedTo = next
			}
			p.Message, p.Hint = m.words(v, *p)
		}
		slices.SortFunc(v.Problems, byField)
	}
}

func (m *mapper) words(v *conversion.Variable, p conversion.FieldProblem) (message, hint string) {
	name := string(p.Object) + "." + p.Field
	switch p.Code {
	case conversion.FieldGone:
		return m.goneWords(v, p, name)
	case conversion.FieldRetyped:
		before, _ := v.On(p.Object)
		return fmt.Sprintf("%s changed its type from %s to %s. The values of %q are kept as they were; the field goes on as the variable %s.", name, before.Type, m.now[id(before)].Type, v.Label, m.keyOf(p.Object, p.Field)),
			"Leave the old variable out of the sync once it is no longer needed."
	case conversion.ObjectHidden:
		return fmt.Sprintf("The connected user can no longer read %ss. The values of %q that came from them are kept as they were.", p.Object, v.Label),
			fmt.Sprintf("Grant the connected user read access to %ss in Salesforce.", p.Object)
	case conversion.FieldNotCreatable:
		return fmt.Sprintf("%s can no longer be set on new records: the connected user may not. They are made without %q.", name, v.Label), writeHint
	}
	return fmt.Sprintf("%s can no longer be changed: the connected user may only read it. Changes of %q made in Conversion are held.", name, v.Label), writeHint
}

const writeHint = "Give the connected user edit access to the field in Salesforce, or set the variable's mode to always_salesforce."

func (m *mapper) goneWords(v *conversion.Variable, p conversion.FieldProblem, name string) (message, hint string) {
	message = fmt.Sprintf("%s can no longer be read: it was deleted or renamed, or the connected user may not see it. The values of %q are kept as they were.", name, v.Label)
	if p.RenamedTo == "" {
		return message, "Give the connected user access to the field in Salesforce, or leave the variable out of the sync."
	}
	key := m.keyOf(p.Object, p.RenamedTo)
	return message + fmt.Sprintf(" Was it renamed to %s.%s? That appeared when it went, as the variable %s.", p.Object, p.RenamedTo, key),
		fmt.Sprintf("If it was renamed, use %s from now on and leave %s out of the sync. If not, give the connected user access to the field in Salesforce.", key, v.Key)
}

// keyOf returns the key of the variable that the org's field is now.
func (m *mapper) keyOf(object conversion.Object, field string) string {
	for _, v := range m.variables {
		if f, ok := v.On(object); ok && f.Live() && f.Name == field {
			return v.Key
		}
	}
	return ""
}

func byField(a, b conversion.FieldProblem) int {
	return cmp.Or(cmp.Compare(a.Object, b.Object), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Code, b.Code))
}
