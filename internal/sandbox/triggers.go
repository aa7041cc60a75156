package sandbox

import (
	"fmt"
	"maps"
	"slices"

	"conversion/internal/sandbox/table"
)

// OnSave adds a trigger to an object: fn runs within each save, before anything
// is checked or stored, and may rewrite fields by changing after. before is nil
// when a record is created. Values are in the form of the REST API. fn runs under
// the org's lock and must not call the org.
func (o *Org) OnSave(object string, fn func(before, after map[string]any)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, ok := o.object(object)
	if !ok {
		return unknownObject(object)
	}
	obj.onSave = append(obj.onSave, fn)
	return nil
}

func unknownObject(name string) *Error {
	return refusal("INVALID_TYPE", fmt.Sprintf("sObject type '%s' is not supported.", name))
}

func (t *tx) runTriggers(d *draft) *Error {
	for _, fn := range d.object.onSave {
		var before map[string]any
		if !d.isNew() {
			before = t.org.show(d.object, &d.before)
		}
		is := d.shown()
		after := make(map[string]any, len(is))
		for k, v := range is {
			after[k] = v
		}
		fn(before, after)
		if err := d.takeOver(is, after); err != nil {
			return err
		}
	}
	return t.runDeclared(d, false)
}

// takeOver assigns what a trigger changed.
func (d *draft) takeOver(is, after map[string]any) *Error {
	for _, name := range slices.Sorted(maps.Keys(after)) {
		f, ok := d.object.field(name)
		if !ok {
			return noColumn(name, d.object.Name)
		}
		if f.column < 0 || after[name] == is[name] {
			continue
		}
		v, err := f.stored(after[name])
		if err != nil {
			return refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "execution of BeforeSave caused by: "+err.Error(), f.Name)
		}
		d.values[f.column] = v
	}
	return nil
}

// shown lists the draft's stored fields in the form of the REST API.
func (d *draft) shown() map[string]any {
	m := make(map[string]any, len(d.object.fields))
	for _, f := range d.object.fields {
		if f.column >= 0 {
			m[f.Name] = f.shown(d.values[f.column])
		}
	}
	m["Id"] = d.id
	return m
}

// show lists all fields of a row in the form of the REST API, hidden ones and
// compounds included.
func (o *Org) show(obj *object, r *table.Row) map[string]any {
	m := make(map[string]any, len(obj.fields))
	for _, f := range obj.fields {
		if f.column == columnCompound {
			m[f.Name] = f.compound(r)
			continue
		}
		m[f.Name] = f.shown(o.read(obj, f, r))
	}
	return m
}

// Get reads a record, deleted or not, with all its fields in the form of the
// REST API: text, bool, float64, nil, and datetimes as text.
func (o *Org) Get(id string) (map[string]any, bool) {
	defer o.view()()
	obj, row, err := o.locateSeen(id)
	if err != nil {
		return nil, false
	}
	return o.show(obj, &row), true
}
