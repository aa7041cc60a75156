package directory

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"conversion"
)

const (
	maxText = 131072 // characters, Salesforce's longest text field
	maxName = 255
)

// wish is what a draft or patch asks for, checked as far as that goes without knowing the
// entity. Nil and empty parts stay.
type wish struct {
	key     *string // canonical
	name    *string
	values  []assignment
	company *string
	reach   conversion.Reach
	actor   conversion.Actor
}

// assignment is a value wished for a variable.
type assignment struct {
	variable *conversion.Variable
	value    conversion.Value
}

// draftWish checks a draft. A contact needs an e-mail, a company a domain or a name
// (spec 9).
func (s settings) draftWish(d Draft, actor conversion.Actor) (wish, error) {
	p := Patch{Values: d.Values, CompanyID: d.CompanyID, LocalOnly: d.LocalOnly}
	if d.Key != "" || s.schema.Kind == conversion.KindContact {
		p.Key = &d.Key
	}
	if d.Name != "" {
		p.Name = &d.Name
	}
	w, err := s.patchWish(p, actor)
	if err != nil {
		return wish{}, err
	}
	if w.key == nil && w.name == nil {
		return wish{}, conversion.Invalid("name", "a company needs a name or a domain")
	}
	return w, nil
}

// patchWish checks a patch. The error names every field that is wrong.
func (s settings) patchWish(p Patch, actor conversion.Actor) (wish, error) {
	w := wish{reach: s.reachOf(!p.LocalOnly), actor: actor, company: p.CompanyID}
	var faults faults
	if p.Key != nil {
		w.key = faults.key(s.schema.Kind, *p.Key)
	}
	if p.Name != nil {
		w.name = faults.name(s.schema.Kind, *p.Name)
	}
	if p.CompanyID != nil && s.schema.Kind == conversion.KindCompany {
		faults.add("company_id", "only contacts have a company")
	}
	for key, raw := range p.Values {
		if a, ok := faults.value(s.schema, key, raw); ok {
			w.values = append(w.values, a)
		}
	}
	slices.SortFunc(w.values, func(a, b assignment) int { return cmp.Compare(a.variable.ID, b.variable.ID) })
	faults.website(&w)
	return w, faults.err()
}

// parseKey returns the canonical form of an e-mail or domain that a person wrote. A blank
// domain is "", which is a company without one.
func parseKey(kind conversion.Kind, raw string) (string, error) {
	var faults faults
	key := faults.key(kind, raw)
	if err := faults.err(); err != nil {
		return "", err
	}
	return *key, nil
}

// keyField is what callers name the key of a kind.
func keyField(kind conversion.Kind) string {
	if kind == conversion.KindCompany {
		return "domain"
	}
	return "email"
}

// faults collects what is wrong with a caller's input.
type faults []conversion.FieldError

func (f *faults) add(field, message string) {
	*f = append(*f, conversion.FieldError{Field: field, Message: message})
}

func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortFunc(f, func(a, b conversion.FieldError) int { return cmp.Compare(a.Field, b.Field) })
	return &conversion.Error{Code: conversion.CodeInvalid, Message: "The input is not valid.", Fields: f}
}

func (f *faults) key(kind conversion.Kind, raw string) *string {
	if kind == conversion.KindContact {
		email, ok := conversion.ParseEmail(raw)
		if !ok {
			f.add("email", "is not an e-mail address")
		}
		return &email
	}
	domain := conversion.Domain(raw)
	switch {
	case conversion.SharedWebsite(raw):
		f.add("domain", "is a host that many organisations share; leave it blank and set the website instead")
	case domain == "" && strings.TrimSpace(raw) != "":
		f.add("domain", "is not a website or a domain")
	}
	return &domain
}

func (f *faults) name(kind conversion.Kind, raw string) *string {
	name := strings.TrimSpace(raw)
	switch {
	case kind == conversion.KindContact:
		f.add("name", "a contact's name is in its variables")
	case name == "":
		f.add("name", "must not be blank")
	case utf8.RuneCountInString(name) > maxName:
		f.add("name", "is longer than 255 characters")
	case strings.ContainsRune(name, 0):
		f.add("name", "holds a NUL character")
	}
	return &name
}

// value checks one value by its variable's type, as describe gives it (spec 9).
func (f *faults) value(schema *conversion.Schema, key string, raw any) (assignment, bool) {
	field := "variables." + key
	v := schema.ByKey(key)
	if v == nil {
		f.add(field, "there is no such variable")
		return assignment{}, false
	}
	if topLevel(v) {
		f.add(field, "is set at the top level, not among the variables")
		return assignment{}, false
	}
	value, err := conversion.FromJSON(v.Type, raw)
	if err == nil {
		err = checkValue(v, value)
	}
	if err != nil {
		f.add(field, err.Error())
		return assignment{}, false
	}
	return assignment{v, value}, true
}

func checkValue(v *conversion.Variable, value conversion.Value) error {
	if utf8.RuneCountInString(value.String()) > maxText {
		return errors.New("is longer than 131072 characters")
	}
	if strings.ContainsRune(value.String(), 0) {
		return errors.New("holds a NUL character")
	}
	return v.Check(value)
}

// website makes a company's key follow a website among its values (spec 3.6): a blank or
// malformed one leaves it without a domain.
func (f *faults) website(w *wish) {
	for _, a := range w.values {
		if a.variable.Kind != conversion.KindCompany || a.variable.ID != conversion.WebsiteVar {
			continue
		}
		domain := conversion.Domain(a.value.String())
		if w.key != nil && *w.key != domain {
			f.add("variables."+a.variable.Key, "has another domain than the field domain")
			return
		}
		w.key = &domain
	}
}
