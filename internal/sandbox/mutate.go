package sandbox

import (
	"maps"
	"strings"
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
		return duplicateValue("Id", id, "Id")
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
