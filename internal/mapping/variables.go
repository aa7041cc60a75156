package mapping

import (
	"cmp"
	"slices"

	"conversion"
)

// Variables brings a workspace's variables of a kind up to date with what describe says of
// its objects. An object that is not in objects is left alone: nothing is known of it.
//
// known may be empty; then the variables of Seed come first. What an admin chose (label,
// mode, left out, opt-out) stays, ids and keys never change, and no variable goes away: a
// field that describe no longer has is marked Gone at that moment. What is wrong with a
// field stands among its variable's Problems until its cause is gone. The result is ordered
// by id and shares nothing with the arguments; changed tells whether it differs from known.
func Variables(kind conversion.Kind, objects []conversion.ObjectDef, known []conversion.Variable, at conversion.Moment) (variables []conversion.Variable, changed bool) {
	m := newMapper(kind, known, at)
	fields := m.described(objects)
	m.refresh()
	for _, f := range fields {
		if !m.placed[id(f)] {
			m.place(f)
		}
	}
	m.setModes()
	m.findSuccessors()
	m.explain()
	slices.SortFunc(m.variables, byID)
	return m.variables, !equal(m.variables, sorted(known))
}

// mapper holds the variables while they are brought up to date.
type mapper struct {
	kind      conversion.Kind
	at        conversion.Moment
	variables []conversion.Variable
	keys      map[string]bool
	next      conversion.VarID
	objects   map[conversion.Object]conversion.ObjectDef
	placed    map[fieldID]bool
	fresh     map[conversion.VarID]bool // got their first field
	now       map[fieldID]conversion.Field
	before    map[conversion.VarID][]conversion.FieldProblem // as they stood
	ever      map[fieldID]bool                               // known before this describe, gone ones too
	vanished  []conversion.Field                             // went with this describe
	appeared  []conversion.Field                             // came with this describe, for the first time
	renamed   map[fieldID]string                             // what may have taken the place of what vanished
}

// fieldID names a field in the org.
type fieldID struct {
	object conversion.Object
	name   string
}

func id(f conversion.Field) fieldID { return fieldID{f.Object, f.Name} }

func newMapper(kind conversion.Kind, known []conversion.Variable, at conversion.Moment) *mapper {
	m := &mapper{
		kind: kind, at: at, variables: sorted(known), keys: make(map[string]bool), next: conversion.FirstVarID,
		objects: make(map[conversion.Object]conversion.ObjectDef), placed: make(map[fieldID]bool),
		fresh: make(map[conversion.VarID]bool), now: make(map[fieldID]conversion.Field),
		before: make(map[conversion.VarID][]conversion.FieldProblem), ever: make(map[fieldID]bool), renamed: make(map[fieldID]string),
	}
	for i := range m.variables {
		m.recall(&m.variables[i])
	}
	m.seed()
	return m
}

// recall notes what was known of a variable.
func (m *mapper) recall(v *conversion.Variable) {
	m.keys[v.Key] = true
	m.next = max(m.next, v.ID+1)
	m.before[v.ID], v.Problems = v.Problems, nil
	for _, f := range v.Fields {
		m.ever[id(f)] = true
	}
}

// seed adds the standard variables that are missing, such as those of a new release.
func (m *mapper) seed() {
	for _, row := range standard(m.kind) {
		if !row.described && !m.keys[row.key] {
			m.add(row.variable(m.kind, row.id))
		}
	}
}

// add takes up a new variable and gives it the next id if it has none.
func (m *mapper) add(v conversion.Variable) *conversion.Variable {
	if v.ID == 0 {
		v.ID = m.next
		m.next++
	}
	m.keys[v.Key] = true
	m.variables = append(m.variables, v)
	return &m.variables[len(m.variables)-1]
}

// described returns the fields that become variables, by object and name.
func (m *mapper) described(objects []conversion.ObjectDef) []conversion.Field {
	var fields []conversion.Field
	for _, object := range objects {
		if !slices.Contains(m.kind.Objects(), object.Object) {
			continue
		}
		m.objects[object.Object] = object
		if !object.Readable {
			continue
		}
		for _, f := range object.Fields {
			if !excluded(object, f) {
				f.Object = object.Object
				fields = append(fields, f)
				m.now[id(f)] = f
			}
		}
	}
	slices.SortFunc(fields, m.byRank)
	return fields
}

// byRank orders fields as their variables are numbered: Leads first, standard before
// custom, then by name.
func (m *mapper) byRank(a, b conversion.Field) int {
	objects := m.kind.Objects()
	return cmp.Or(
		cmp.Compare(slices.Index(objects, a.Object), slices.Index(objects, b.Object)),
		compareBool(a.Custom, b.Custom),
		cmp.Compare(a.Name, b.Name),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// refresh brings the fields that variables already have up to date.
func (m *mapper) refresh() {
	for i := range m.variables {
		v := &m.variables[i]
		for j := range v.Fields {
			m.refreshField(v, &v.Fields[j])
		}
		m.setReadOnly(v)
	}
}

func (m *mapper) refreshField(v *conversion.Variable, f *conversion.Field) {
	if _, known := m.objects[f.Object]; !known {
		m.keepProblems(v, *f)
		return
	}
	now, here := m.now[id(*f)]
	if here && now.ValueType() == v.Type && !m.placed[id(now)] {
		m.lost(v, *f, now)
		if v.Label == f.Label {
			v.Label = now.Label
		}
		now.Fill = f.Fill
		*f = now
		m.placed[id(now)] = true
		return
	}
	if f.Live() {
		f.Gone = m.at
		if !here {
			m.vanished = append(m.vanished, *f)
		}
	}
	m.missed(v, *f)
}

// keepProblems leaves the problems of a field alone of whose object nothing is known.
func (m *mapper) keepProblems(v *conversion.Variable, f conversion.Field) {
	for _, p := range m.before[v.ID] {
		if p.Object == f.Object && p.Field == f.Name {
			v.Problems = append(v.Problems, p)
		}
	}
}

// place finds a field's variable, or makes one.
func (m *mapper) place(f conversion.Field) {
	if !m.ever[id(f)] {
		m.appeared = append(m.appeared, f)
	}
	key, row := plainKey(f), standardOf(f.Object, f.Name)
	for i := range m.variables {
		if v := &m.variables[i]; belongs(f, key, row, v) {
			m.attach(v, f)
			return
		}
	}
	v := conversion.Variable{Kind: m.kind, Label: f.Label, Type: f.ValueType(), Mode: conversion.ModeTwoWay}
	if row != nil {
		v = row.variable(m.kind, 0)
		v.Type = f.ValueType()
	}
	v.Key = freeKey(key, f.Object, m.keys)
	m.attach(m.add(v), f)
}

// belongs reports whether the field is the same as the variable: as its standard field
// when it has none yet, or as the like-named field of the other object (spec 3.4).
func belongs(f conversion.Field, key string, row *standardVariable, v *conversion.Variable) bool {
	if _, taken := v.On(f.Object); taken || v.Type != f.ValueType() {
		return false
	}
	if len(v.Fields) == 0 {
		return row != nil && row.key == v.Key
	}
	return separate[f.Name] == "" && slices.ContainsFunc(v.Fields, func(other conversion.Field) bool {
		return plainKey(other) == key && sameTargets(f, other)
	})
}

// sameTargets reports whether ids of the one field may stand in the other: two look-ups
// must have a target in common.
func sameTargets(a, b conversion.Field) bool {
	if (a.Type == "reference") != (b.Type == "reference") {
		return false
	}
	return a.Type != "reference" || slices.ContainsFunc(a.References, func(target string) bool {
		return slices.Contains(b.References, target)
	})
}

func (m *mapper) attach(v *conversion.Variable, f conversion.Field) {
	if len(v.Fields) == 0 {
		m.fresh[v.ID] = true
	}
	v.Fields = append(v.Fields, f)
	slices.SortFunc(v.Fields, m.byRank)
	m.placed[id(f)] = true
	m.setReadOnly(v)
}

// setModes gives variables that can only be read the mode that says so (spec 6), when
// they get their first fields; from then on the mode is the admin's.
func (m *mapper) setModes() {
	for i := range m.variables {
		if v := &m.variables[i]; m.fresh[v.ID] && v.ReadOnly && v.Mode == conversion.ModeTwoWay {
			v.Mode = conversion.ModeAlwaysSalesforce
		}
	}
}

// setReadOnly decides whether the variable can be written. One without live fields stays
// as it was.
func (m *mapper) setReadOnly(v *conversion.Variable) {
	live, writable := false, false
	for _, f := range v.Fields {
		live = live || f.Live()
		writable = writable || f.Live() && f.Writable()
	}
	if live {
		v.ReadOnly = !writable
	}
}
