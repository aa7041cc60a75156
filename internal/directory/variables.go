package directory

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"conversion"
)

const maxLabel = 255

// variableKey is what keys look like: snake_case, or a Salesforce API name.
var variableKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)

var types = []conversion.Type{
	conversion.TypeText, conversion.TypeNumber, conversion.TypeBool, conversion.TypeDate,
	conversion.TypeDateTime, conversion.TypeTime, conversion.TypeMultiSelect,
}

// VariableDraft is a variable of Conversion's own, mapped to no Salesforce field.
type VariableDraft struct {
	Key    string
	Label  string // "": the key
	Type   conversion.Type
	OptOut bool // a true sticks (spec 3.7); booleans only
}

// VariablePatch is a change of a variable. Nil fields stay.
type VariablePatch struct {
	Label   *string
	Mode    *conversion.Mode
	LeftOut *bool
	OptOut  *bool
}

// Variables returns the workspace's variables of the kind, by id.
func (s *Service) Variables(ctx context.Context, workspaceID string, kind conversion.Kind) ([]conversion.Variable, error) {
	schema, err := schemaOf(ctx, s.open(workspaceID), kind)
	if err != nil {
		return nil, err
	}
	return slices.Clone(schema.Variables), nil
}

// CreateVariable makes a variable. A CodeInvalid error names what is wrong, a CodeConflict
// one says that the key is taken.
func (s *Service) CreateVariable(ctx context.Context, workspaceID string, kind conversion.Kind, d VariableDraft) (conversion.Variable, error) {
	books := s.open(workspaceID)
	v, err := newVariable(kind, d)
	if err != nil {
		return conversion.Variable{}, err
	}
	err = s.attempt(workspaceID, func() (bool, error) {
		schema, err := schemaOf(ctx, books, kind)
		if err != nil {
			return false, err
		}
		if schema.ByKey(v.Key) != nil {
			return false, errVariableKeyTaken
		}
		v.ID = nextID(schema)
		return false, saveNew(ctx, books, v)
	})
	if err != nil {
		return conversion.Variable{}, err
	}
	return v, nil
}

var errVariableKeyTaken = &conversion.Error{
	Code: conversion.CodeConflict, Message: "There is a variable with this key.",
	Fields: []conversion.FieldError{{Field: "key", Message: "is taken"}},
}

// saveNew stores a new variable. A StaleError tells that its number was given to another
// since the variables were read.
func saveNew(ctx context.Context, books Books, v conversion.Variable) error {
	err := books.AddVariable(ctx, v)
	switch {
	case conversion.ErrorCode(err) == conversion.CodeConflict:
		return errVariableKeyTaken
	case err != nil:
		return fmt.Errorf("store the variable: %w", err)
	}
	return nil
}

func newVariable(kind conversion.Kind, d VariableDraft) (conversion.Variable, error) {
	v := conversion.Variable{
		Kind: kind, Key: d.Key, Label: strings.TrimSpace(d.Label), Type: d.Type,
		Mode: conversion.ModeTwoWay, OptOut: d.OptOut,
	}
	if v.Label == "" {
		v.Label = v.Key
	}
	var faults faults
	if !variableKey.MatchString(v.Key) {
		faults.add("key", "must be 1 to 80 letters, digits and underscores, a letter first")
	}
	if !slices.Contains(types, v.Type) {
		faults.add("type", fmt.Sprintf("%q is not one of %v", v.Type, types))
	}
	if v.OptOut && v.Type != conversion.TypeBool {
		faults.add("opt_out", "only booleans can be opt-outs")
	}
	faults.text("label", v.Label, maxLabel)
	return v, faults.err()
}

// nextID returns a number no variable ever had: none is ever removed.
func nextID(s *conversion.Schema) conversion.VarID {
	next := conversion.FirstVarID
	for _, v := range s.Variables {
		next = max(next, v.ID+1)
	}
	return next
}

// PatchVariable changes a variable and returns it as it is then. A CodeNotFound error when
// there is none of the key; a CodeInvalid one names what is wrong.
func (s *Service) PatchVariable(ctx context.Context, workspaceID string, kind conversion.Kind, key string, p VariablePatch) (conversion.Variable, error) {
	books := s.open(workspaceID)
	schema, err := schemaOf(ctx, books, kind)
	if err != nil {
		return conversion.Variable{}, err
	}
	known := schema.ByKey(key)
	if known == nil {
		return conversion.Variable{}, conversion.Errorf(conversion.CodeNotFound, "There is no such variable.")
	}
	v, err := p.apply(*known)
	if err != nil {
		return conversion.Variable{}, err
	}
	if err := books.SaveVariables(ctx, kind, []conversion.Variable{v}); err != nil {
		return conversion.Variable{}, fmt.Errorf("store the variable: %w", err)
	}
	if v.Decides() != known.Decides() {
		s.wake(workspaceID) // it applies to what is stored
	}
	return v, nil
}

func (p VariablePatch) apply(v conversion.Variable) (conversion.Variable, error) {
	var faults faults
	if p.Label != nil {
		v.Label = strings.TrimSpace(*p.Label)
		faults.text("label", v.Label, maxLabel)
		if v.Label == "" {
			faults.add("label", "must not be blank")
		}
	}
	if p.Mode != nil {
		faults.mode(v, *p.Mode)
		v.Mode = *p.Mode
	}
	if p.LeftOut != nil {
		if v.LeftOut && !*p.LeftOut {
			v.Fields = toFill(v.Fields)
		}
		v.LeftOut = *p.LeftOut
		if v.LeftOut && tellsWho(v) {
			faults.add("left_out", "it tells who is who and cannot be left out")
		}
	}
	if p.OptOut != nil {
		v.OptOut = *p.OptOut
		if v.OptOut && v.Type != conversion.TypeBool {
			faults.add("opt_out", "only booleans can be opt-outs")
		}
	}
	return v, faults.err()
}

// toFill marks fields that are taken back in: their values are to be read for every
// linked record (spec 3.4).
func toFill(fields []conversion.Field) []conversion.Field {
	fields = slices.Clone(fields)
	for i := range fields {
		fields[i].Fill = true
	}
	return fields
}

// mode checks that the variable can have the mode.
func (f *faults) mode(v conversion.Variable, m conversion.Mode) {
	if err := v.CheckMode(m); err != nil {
		f.add("mode", err.Error())
	}
}

// tellsWho reports whether entities are matched by the variable: e-mail and website.
func tellsWho(v conversion.Variable) bool {
	return v.Kind == conversion.KindContact && v.ID == conversion.EmailVar ||
		v.Kind == conversion.KindCompany && v.ID == conversion.WebsiteVar
}
