package sandbox

import "conversion/internal/sandbox/schema"

// place stores a record as it is given, with its id and its audit fields, by the
// exact names of its fields and in stored form. Rules that bind users do not
// bind it: owners may be inactive and lookups may lead out of the org, as in the
// org that it was exported from.
func (t *tx) place(obj *object, given map[string]any) *Error {
	d := &draft{object: obj, access: importing, values: make([]any, obj.columns)}
	for _, f := range obj.fields {
		if f.column != columnCompound && f.column != columnFormula {
			d.assign(f, f.placed(given))
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

// placed is the given value of a field, or its default if it is left out or
// must not be null.
func (f *field) placed(given map[string]any) any {
	value, ok := given[f.Name]
	if ok && (value != nil || f.Nillable || f.Type == schema.Boolean) {
		return value
	}
	return f.defaultValue()
}
