package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"conversion/internal/sandbox/table"
)

// access says which fields the author of a save may give.
type access int

const (
	creating  access = iota
	updating         // a record that exists
	importing        // creating with the right to set audit and system fields
)

// draft is a record on its way to being stored.
type draft struct {
	object *object
	access access
	before table.Row // empty for a new record
	id     string
	stamp  int64  // SystemModstamp to store; 0 means now
	erased bool   // IsDeleted
	note   string // what a save leaves to followUp
	values []any
}

func (d *draft) isNew() bool { return d.before.ID == "" }

// get reads a field of the draft by name; nil if the object has no such field.
func (d *draft) get(name string) any {
	if column, ok := d.object.column(name); ok {
		return d.values[column]
	}
	return nil
}

func (d *draft) text(name string) string {
	s, _ := d.get(name).(string)
	return s
}

func (d *draft) flag(name string) bool {
	b, _ := d.get(name).(bool)
	return b
}

// set writes a field of the draft by name, if the object has it.
func (d *draft) set(name string, v any) {
	if column, ok := d.object.column(name); ok {
		d.values[column] = v
	}
}

// changed says whether the draft gives a field another value than the record
// has; on a new record, any value.
func (d *draft) changed(name string) bool {
	column, ok := d.object.column(name)
	if !ok {
		return false
	}
	if d.isNew() {
		return d.values[column] != nil
	}
	return d.values[column] != d.before.Get(column)
}

// insert creates a record and returns its id.
func (t *tx) insert(obj *object, in map[string]any, how access) (string, *Error) {
	if how == creating && !t.rights.may(mayCreate, obj) {
		return "", refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: "+obj.Label)
	}
	d := &draft{object: obj, access: how, values: make([]any, obj.columns)}
	if err := t.apply(d, in); err != nil {
		return "", err
	}
	if t.noCreates != nil {
		return "", t.noCreates
	}
	if d.id == "" {
		d.id = t.org.newID(obj)
	}
	if err := t.fillDefaults(d, in); err != nil {
		return "", err
	}
	t.profileByDefault(d)
	if err := t.save(d); err != nil {
		return "", err
	}
	return d.id, nil
}

// update changes a live record.
func (t *tx) update(id string, in map[string]any) *Error {
	obj, row, err := t.find(id)
	if err != nil {
		return err
	}
	if err := t.mayChange(obj, &row); err != nil {
		return err
	}
	d := t.edit(obj, row)
	if err := t.apply(d, in); err != nil {
		return err
	}
	return t.save(d)
}

// edit opens a stored record for changes.
func (t *tx) edit(obj *object, row table.Row) *draft {
	return &draft{object: obj, access: updating, before: row, id: row.ID, erased: row.Deleted, values: row.Values(obj.columns)}
}

// apply takes over the fields that a caller gives, in alphabetical order so that
// the first error is always the same one.
func (t *tx) apply(d *draft, in map[string]any) *Error {
	var readOnly []string
	var wrong problems
	for _, name := range slices.Sorted(maps.Keys(in)) {
		f, v, err := t.resolve(d.object, name, in[name])
		if err != nil {
			return err
		}
		if !strings.EqualFold(f.Name, name) && gives(in, f) {
			return refusal("INVALID_FIELD", "Duplicate field specified: "+f.Name, f.Name)
		}
		if !t.rights.writes(f, d.access) {
			readOnly = append(readOnly, f.Name)
			continue
		}
		stored, err := f.stored(v)
		if err != nil {
			if unparsed[err.Code] {
				return err
			}
			wrong.add(err)
			continue
		}
		d.assign(f, stored)
	}
	if len(readOnly) > 0 {
		return refusal("INVALID_FIELD_FOR_INSERT_UPDATE", fmt.Sprintf(
			"Unable to create/update fields: %s. Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
			strings.Join(readOnly, ", ")), readOnly...)
	}
	return wrong.err()
}

// gives says whether a field is among those that a caller gives.
func gives(in map[string]any, f *field) bool {
	for name := range in {
		if strings.EqualFold(name, f.Name) {
			return true
		}
	}
	return false
}

// unparsed are the errors of a request that could not be read: they come alone.
var unparsed = map[string]bool{"JSON_PARSER_ERROR": true, "INVALID_TYPE_ON_FIELD_IN_RECORD": true}

// resolve finds the field a name stands for: a field, or a relationship given by
// an external id of its target, as in "Account": {"Ext__c": "A-17"}.
func (t *tx) resolve(obj *object, name string, v any) (*field, any, *Error) {
	if f, ok := t.rights.field(obj, name); ok {
		return f, v, nil
	}
	if target, nested := v.(map[string]any); nested {
		if f, ok := t.rights.relationship(obj, name); ok {
			id, err := t.byExternalID(f, target)
			return f, id, err
		}
	}
	return nil, nil, noColumn(name, obj.Name)
}

func (t *tx) byExternalID(f *field, target map[string]any) (any, *Error) {
	attributes, _ := target["attributes"].(map[string]any)
	if err := checkAttributeNames(attributes); err != nil {
		return nil, err
	}
	target = maps.Clone(target) // the caller may try again
	delete(target, "attributes")
	of, typed := attributes["type"].(string)
	if !typed && len(f.ReferenceTo) == 1 {
		of = f.ReferenceTo[0]
	}
	if len(target) != 1 || of == "" {
		return nil, refusal("INVALID_FIELD", "The relationship "+f.RelationshipName+" needs exactly one external id field, and the type of its record if it leads to several objects", f.Name)
	}
	parent, ok := t.rights.object(of)
	if !ok || !f.refersTo(parent.Name) {
		return nil, refusal("INVALID_FIELD", "The relationship "+f.RelationshipName+" does not lead to "+of, f.Name)
	}
	for name, v := range target {
		key, ok := t.rights.field(parent, name)
		if !ok || !key.upsertKey() {
			return nil, noColumn(name, parent.Name)
		}
		rows, err := parent.matching(key, v)
		if err != nil {
			return nil, err
		}
		if len(rows) == 1 {
			return rows[0].ID, nil
		}
		if len(rows) > 1 {
			return nil, severalFound(key, rows)
		}
		return nil, refusal("INVALID_FIELD", fmt.Sprintf("Foreign key external ID: %v not found for field %s in entity %s", v, key.Name, parent.Name), f.Name)
	}
	return nil, nil
}

func (d *draft) assign(f *field, v any) {
	switch f.column {
	case columnID:
		d.id, _ = v.(string)
	case columnStamp:
		d.stamp, _ = v.(int64)
	case columnDeleted:
		d.erased, _ = v.(bool)
	default:
		d.values[f.column] = v
	}
}

// save runs a draft through triggers and rules and stores it, stamped.
func (t *tx) save(d *draft) *Error {
	if err := t.runTriggers(d); err != nil {
		return err
	}
	if err := t.prepare(d); err != nil {
		return err
	}
	for _, rule := range []func(*draft) *Error{
		t.checkRequired, t.checkReferences, t.objectRules, t.checkDependent, t.checkValidations, t.checkUnique, t.checkDuplicates,
	} {
		if err := rule(d); err != nil {
			return err
		}
	}
	if err := t.assign(d); err != nil {
		return err
	}
	t.stampAuthor(d)
	t.store(d)
	return t.followUp(d)
}

// stampAuthor moves the audit fields; an import may have given them.
func (t *tx) stampAuthor(d *draft) {
	given := d.access == importing || t.rights.given(setAuditFields)
	fresh := func(name string, v any) {
		if !given || d.get(name) == nil {
			d.set(name, v)
		}
	}
	if d.isNew() {
		fresh("CreatedDate", t.now)
		fresh("CreatedById", t.user)
		fresh("LastModifiedDate", d.get("CreatedDate"))
		fresh("LastModifiedById", d.get("CreatedById"))
		if modified, ok := d.get("LastModifiedDate").(int64); ok && d.access == importing {
			d.stamp = max(d.stamp, modified)
		}
		return
	}
	d.set("LastModifiedDate", t.now)
	d.set("LastModifiedById", t.user)
	d.stamp = t.now
}

// store packs the draft as it is. False takes no room in a row.
func (t *tx) store(d *draft) {
	if d.stamp == 0 {
		d.stamp = t.now
	}
	for i, v := range d.values {
		if v == false {
			d.values[i] = nil
		}
	}
	t.lockParents(d)
	t.put(d.object, table.Row{ID: d.id, Stamp: d.stamp, Deleted: d.erased, Data: table.Pack(d.values)})
}

// touch stores a draft that the platform itself changed: SystemModstamp moves,
// LastModifiedDate does not.
func (t *tx) touch(d *draft) {
	d.stamp = t.now
	t.store(d)
}
