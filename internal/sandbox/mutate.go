package sandbox

import (
	"fmt"
	"maps"
	"strings"

	"conversion/internal/sandbox/schema"
)

// The methods below are what somebody does in Salesforce itself: they count
// neither as API requests nor as writes of a client. Fields are given by API
// name in any case; values as JSON would carry them, or time.Time. The errors
// are of type *Error.

// Insert creates a record as a user would and returns its id.
func (o *Org) Insert(as Actor, object string, fields map[string]any) (id string, err error) {
	return o.create(as, object, fields, creating)
}

// Import creates a record as a user with the right to set audit fields: the
// fields may include Id, CreatedDate, LastModifiedDate, SystemModstamp and all
// others that are normally the platform's own. Missing stamps follow from the
// given ones, else from the clock.
func (o *Org) Import(as Actor, object string, fields map[string]any) (id string, err error) {
	return o.create(as, object, fields, importing)
}

func (o *Org) create(as Actor, object string, fields map[string]any, how access) (id string, err error) {
	err = o.write(as, func(t *tx) (refused *Error) {
		obj, ok := o.object(object)
		if !ok {
			return unknownObject(object)
		}
		if refused = o.checkFreeID(obj, fields, how); refused == nil {
			id, refused = t.insert(obj, maps.Clone(fields), how)
		}
		return refused
	})
	return id, err
}

// checkFreeID refuses an imported id that is not one of the object's or is taken.
func (o *Org) checkFreeID(obj *object, fields map[string]any, how access) *Error {
	given, ok := fields["Id"].(string)
	if how != importing || !ok || given == "" {
		return nil
	}
	id, ok := normaliseID(given)
	if !ok || !strings.HasPrefix(id, obj.KeyPrefix) {
		return malformedID(obj.Label+" ID", given, "Id")
	}
	if _, taken := obj.rows.Find(id); taken {
		return refusal("DUPLICATE_VALUE", "duplicate value found: Id duplicates value on record with id: "+id, "Id")
	}
	return nil
}

// Update changes fields of a live record.
func (o *Org) Update(as Actor, id string, fields map[string]any) error {
	return o.write(as, func(t *tx) *Error { return t.update(id, maps.Clone(fields)) })
}

// Delete moves a live record to the recycle bin, and with it what depends on it.
func (o *Org) Delete(as Actor, id string) error {
	return o.write(as, func(t *tx) *Error { return t.delete(id) })
}

// Undelete restores a record from the recycle bin, and with it what its deletion
// took along.
func (o *Org) Undelete(as Actor, id string) error {
	return o.write(as, func(t *tx) *Error { return t.undelete(id) })
}

// AddField adds a custom field; existing records have no value in it (false in a
// boolean). Formula fields are refused.
func (o *Org) AddField(object string, f schema.Field) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, ok := o.object(object)
	if !ok {
		return unknownObject(object)
	}
	if err := checkNewField(obj, f); err != nil {
		return err
	}
	o.gainField(obj, completed(f))
	o.describeChanged(obj)
	return nil
}

func checkNewField(obj *object, f schema.Field) *Error {
	switch {
	case f.Calculated || f.Formula != "":
		return refusal("FUNCTIONALITY_NOT_ENABLED", "formula fields are not supported by this org", f.Name)
	case !strings.HasSuffix(f.Name, "__c"):
		return refusal("INVALID_FIELD", "the name of a custom field ends in __c: "+f.Name, f.Name)
	case obj.has(f.Name):
		return refusal("DUPLICATE_DEVELOPER_NAME", fmt.Sprintf("There is already a field named %s on %s.", f.Name, obj.Name), f.Name)
	case !storable[f.Type]:
		return refusal("FUNCTIONALITY_NOT_ENABLED", fmt.Sprintf("custom fields of type %s are not supported by this org", f.Type), f.Name)
	}
	return nil
}

// storable names the types that a custom field may have.
var storable = map[schema.Type]bool{
	schema.String: true, schema.Email: true, schema.Phone: true, schema.URL: true, schema.TextArea: true,
	schema.Picklist: true, schema.MultiPicklist: true, schema.Combobox: true, schema.Boolean: true,
	schema.Int: true, schema.Double: true, schema.Currency: true, schema.Percent: true,
	schema.Date: true, schema.DateTime: true, schema.Time: true, schema.Reference: true,
}

// completed fills in what every custom field has.
func completed(f schema.Field) schema.Field {
	f.Custom, f.Permissionable, f.Createable, f.Updateable = true, true, true, true
	f.Filterable = f.Type != schema.TextArea || f.Length <= 255
	f.Sortable = f.Filterable && f.Type != schema.MultiPicklist
	if f.Label == "" {
		f.Label = strings.ReplaceAll(strings.TrimSuffix(f.Name, "__c"), "_", " ")
	}
	if f.Type == schema.Boolean {
		f.DefaultedOnCreate = true
		if f.DefaultValue == nil {
			f.DefaultValue = false
		}
	}
	if f.Type == schema.Reference && f.RelationshipName == "" {
		f.RelationshipName = strings.TrimSuffix(f.Name, "__c") + "__r"
	}
	if f.Length == 0 {
		f.Length = defaultLength[f.Type]
	}
	if f.Precision == 0 && (f.Type == schema.Double || f.Type == schema.Currency || f.Type == schema.Percent) {
		f.Precision, f.Scale = 18, 2
	}
	return f
}

var defaultLength = map[schema.Type]int{
	schema.String: 255, schema.Email: 80, schema.Phone: 40, schema.URL: 255, schema.TextArea: 255,
	schema.Picklist: 255, schema.MultiPicklist: 4099, schema.Combobox: 255, schema.Reference: 18,
}

// RemoveField deletes a custom field and its values.
func (o *Org) RemoveField(objectName, name string) error {
	return o.changeField(objectName, name, func(obj *object, f *field) *Error {
		if !f.Custom {
			return refusal("INVALID_FIELD", "a standard field cannot be removed: "+f.Name, f.Name)
		}
		o.loseField(obj, f)
		return nil
	})
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

// describeChanged moves the time of an object's last change. It always moves by
// at least a second, or a client that asked within the same second would be told
// that nothing changed.
func (o *Org) describeChanged(obj *object) {
	obj.changed = max(o.clock.second(), obj.changed+1)
}
