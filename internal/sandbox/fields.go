package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"conversion/internal/sandbox/formula"
	"conversion/internal/sandbox/schema"
)

// The methods below are what an administrator does in Salesforce's set-up, while
// the org is in use. The errors are of type *Error.

// AddField adds a custom field; existing records have no value in it (false in a
// boolean). A location brings two more fields, its latitude and longitude. A
// field with a Formula is computed when it is read, and never stored.
func (o *Org) AddField(object string, f schema.Field) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, ok := o.object(object)
	if !ok {
		return unknownObject(object)
	}
	if _, err := o.addCustomField(obj, f); err != nil {
		return err
	}
	return nil
}

// addCustomField is AddField under the lock.
func (o *Org) addCustomField(obj *object, described schema.Field) (*field, *Error) {
	described = completed(described)
	if err := o.checkNewField(obj, described); err != nil {
		return nil, err
	}
	prepared, err := o.prepare(obj, described)
	if err != nil {
		return nil, err
	}
	f := obj.addField(described)
	o.definitions++
	f.id = recordID("00N", o.pod, o.definitions)
	f.formula, f.standard = prepared.formula, prepared.standard
	f.bindReading()
	for _, part := range locationParts(described) {
		o.openField(obj, obj.addField(part))
	}
	o.openField(obj, f)
	o.relate(obj, f)
	o.describeChanged(obj)
	o.addPersonField(obj, f)
	return f, nil
}

// prepare compiles the formulas of a field's description.
func (o *Org) prepare(obj *object, described schema.Field) (*field, *Error) {
	f := &field{Field: described}
	var err *Error
	if f.Formula != "" {
		if f.formula, err = o.compileField(obj, f); err != nil {
			return nil, err
		}
	}
	if f.DefaultFormula != "" {
		f.standard, err = o.compileAs(obj, f, f.DefaultFormula, formula.Options{Use: formula.ForDefault})
	}
	return f, err
}

func (o *Org) compileField(obj *object, f *field) (*formula.Formula, *Error) {
	compiled, err := o.compileAs(obj, f, f.Formula, formula.Options{Use: formula.ForField, BlankAsZero: f.BlankAsZero})
	if err != nil {
		return nil, err
	}
	own, exists := obj.field(f.Name)
	if exists && dependsOn(compiled, own) {
		return nil, refusal("FIELD_INTEGRITY_EXCEPTION",
			"Formula cannot use another formula field that directly or indirectly refers to itself. "+f.Name, f.Name)
	}
	return compiled, nil
}

// compileAs compiles a formula whose result must be of a field's type.
func (o *Org) compileAs(obj *object, f *field, text string, options formula.Options) (*formula.Formula, *Error) {
	compiled, err := formula.Compile(text, scope{o, obj, options.Use}, options)
	if err != nil {
		return nil, refusal("FIELD_INTEGRITY_EXCEPTION", err.Error(), f.Name)
	}
	want, err := formulaType(f, formula.ForRule)
	if err != nil {
		return nil, refusal("FIELD_INTEGRITY_EXCEPTION", err.Error(), f.Name)
	}
	if want == formula.Picklist || want == formula.MultiPicklist {
		want = formula.Text
	}
	if compiled.Type != want && compiled.Type != formula.Null {
		return nil, refusal("FIELD_INTEGRITY_EXCEPTION",
			fmt.Sprintf("Formula result is data type (%s), incompatible with expected data type (%s).", compiled.Type, want), f.Name)
	}
	return compiled, nil
}

// dependsOn says whether a formula reads a field, itself or through the formula
// fields that it reads.
func dependsOn(compiled *formula.Formula, f *field) bool {
	return slices.ContainsFunc(compiled.Keys, func(key any) bool {
		p := key.(*path)
		return p.through(f) || p.field.formula != nil && dependsOn(p.field.formula, f)
	})
}

// relate tells the objects that a new reference leads to.
func (o *Org) relate(obj *object, f *field) {
	for _, name := range f.ReferenceTo {
		if target, ok := o.object(name); ok {
			target.Children = append(slices.Clip(target.Children), schema.Child{
				ChildSObject: obj.Name, Field: f.Name, RelationshipName: f.ChildRelationship, CascadeDelete: f.MasterDetail,
			})
			o.describeChanged(target)
		}
	}
}

func (o *Org) unrelate(obj *object, f *field) {
	for _, name := range f.ReferenceTo {
		if target, ok := o.object(name); ok {
			target.Children = slices.DeleteFunc(slices.Clone(target.Children), func(c schema.Child) bool {
				return c.ChildSObject == obj.Name && c.Field == f.Name
			})
			o.describeChanged(target)
		}
	}
}

// RemoveField deletes a custom field and its values. A field that a formula or a
// validation rule reads stays.
func (o *Org) RemoveField(objectName, name string) error {
	return o.changeField(objectName, name, o.removeCustomField)
}

func (o *Org) removeCustomField(obj *object, f *field) *Error {
	if !f.Custom || f.isPart() {
		return refusal("INVALID_FIELD", "a field of this kind cannot be removed: "+f.Name, f.Name)
	}
	for _, gone := range append([]*field{f}, f.parts...) {
		if user := o.userOf(gone); user != "" {
			return refusal("DEPENDENCY_EXISTS", fmt.Sprintf("This custom field is referenced elsewhere in salesforce.com: %s", user), f.Name)
		}
	}
	for _, part := range slices.Clone(f.parts) {
		o.loseField(obj, part)
	}
	o.loseField(obj, f)
	o.unrelate(obj, f)
	o.losePersonField(obj, f)
	return nil
}

// userOf names what reads a field: a formula field, a dependent picklist or a
// validation rule.
func (o *Org) userOf(f *field) string {
	for _, name := range o.objectNames() {
		obj, _ := o.object(name)
		for _, other := range obj.fields {
			reads := other.formula != nil && dependsOn(other.formula, f) || other.standard != nil && dependsOn(other.standard, f)
			if other != f && (reads || obj.byController(other) == f) {
				return obj.Name + "." + other.Name
			}
		}
	}
	for _, rule := range o.validations {
		if dependsOn(rule.compiled, f) {
			return "Validation Rule " + rule.Name
		}
	}
	return ""
}

// HideField hides a field from the connected users by field-level security, or
// shows it again. Its values stay.
func (o *Org) HideField(objectName, name string, hidden bool) error {
	return o.changeField(objectName, name, func(_ *object, f *field) *Error {
		f.hidden = hidden
		o.permissionsChanged()
		return nil
	})
}

func (o *Org) changeField(objectName, name string, change func(*object, *field) *Error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, ok := o.object(objectName)
	if !ok {
		return unknownObject(objectName)
	}
	f, ok := obj.field(name)
	if !ok {
		return noColumn(name, obj.Name)
	}
	if err := change(obj, f); err != nil {
		return err
	}
	o.describeChanged(obj)
	return nil
}

// checkDistinct refuses to make a field unique while live records share a value.
func (o *object) checkDistinct(f *field, caseSensitive bool) *Error {
	if f.column < 0 {
		return nil
	}
	holders := map[any]string{}
	for row := range o.rows.All() {
		v := row.Get(f.column)
		if text, ok := v.(string); ok && !caseSensitive {
			v = strings.ToLower(text)
		}
		if row.Deleted || v == nil {
			continue
		}
		if holder, taken := holders[v]; taken {
			return refusal("DUPLICATE_VALUE", fmt.Sprintf("duplicate value found: %s duplicates value on record with id: %s", f.Name, holder), f.Name)
		}
		holders[v] = row.ID
	}
	return nil
}

// describeChanged moves the time of an object's last change. It always moves by
// at least a second, or a client that asked within the same second would be told
// that nothing changed.
func (o *Org) describeChanged(obj *object) {
	obj.changed = max(o.clock.second(), obj.changed+1)
}

// describeFromNow makes the present what every object is described since. The many
// changes of an org in the making would have moved that time ahead of the clock.
func (o *Org) describeFromNow() {
	for _, obj := range o.objects {
		obj.changed = o.clock.second()
	}
	o.held.changed = o.clock.second()
}

// alterCustomField gives a custom field another description. Its type and what a
// reference leads to stay as they are.
func (o *Org) alterCustomField(obj *object, f *field, described schema.Field) *Error {
	described = completed(described)
	same := described.Type == f.Type && described.MasterDetail == f.MasterDetail && described.AutoNumber == f.AutoNumber &&
		(described.Formula == "") == (f.Formula == "") && described.CaseSensitive == f.CaseSensitive && slices.Equal(described.ReferenceTo, f.ReferenceTo)
	if !same {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "Cannot change the type of the field "+f.Name, f.Name)
	}
	if err := checkSizes(obj, described); err != nil {
		return err
	}
	prepared, err := o.prepare(obj, described)
	if err != nil {
		return err
	}
	if described.Unique && !f.Unique {
		if err := obj.checkDistinct(f, described.CaseSensitive); err != nil {
			return err
		}
	}
	o.unrelate(obj, f)
	f.Field, f.formula, f.standard = described, prepared.formula, prepared.standard
	f.bindReading()
	if f.column >= 0 && f.wantsIndex() {
		obj.rows.IndexColumn(f.column, f.foldsCase())
	}
	o.relate(obj, f)
	o.permissionsChanged()
	o.describeChanged(obj)
	return nil
}
