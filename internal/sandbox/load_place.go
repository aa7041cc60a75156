package sandbox

import (
	"slices"

	"conversion/internal/sandbox/schema"
)

// place stores a record as it is given, with its id and its audit fields, by the
// exact names of its fields and in stored form. Rules that bind users do not
// bind it: owners may be inactive and lookups may lead out of the org, as in the
// org that it was exported from.
func (t *tx) place(obj *object, given map[string]any) *Error {
	d := &draft{object: obj, access: importing, values: slices.Clone(t.template(obj))}
	for name, value := range given {
		if f, ok := obj.byName[name]; ok && f.stores() && (value != nil || f.Nillable || f.Type == schema.Boolean) {
			d.assign(f, value)
		}
	}
	if d.get("OwnerId") == nil {
		d.set("OwnerId", t.user)
	}
	t.profileByDefault(d)
	for _, rule := range []func(*draft) *Error{t.prepare, t.objectRules, t.checkUnique} {
		if err := rule(d); err != nil {
			return err
		}
	}
	t.stampAuthor(d)
	t.store(d)
	return t.followUp(d)
}

// template is the values of a record of which nothing is given: the defaults. A
// field that must not be null keeps its default when null is given.
func (t *tx) template(obj *object) []any {
	if values, ok := t.templates[obj]; ok && len(values) == obj.columns {
		return values
	}
	d := &draft{values: make([]any, obj.columns)}
	for _, f := range obj.fields {
		if f.stores() {
			d.assign(f, f.defaultValue())
		}
	}
	if t.templates == nil {
		t.templates = map[*object][]any{}
	}
	t.templates[obj] = d.values
	return d.values
}

// stores says whether a record has a value of its own in the field.
func (f *field) stores() bool { return f.column != columnCompound && f.column != columnFormula }
