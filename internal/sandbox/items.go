package sandbox

import (
	"cmp"
	"fmt"
	"strings"

	"conversion/internal/sandbox/table"
)

// item is a record as a client sends it, among others or alone.
type item struct {
	object string
	id     string
	fields map[string]any
	bad    *Error // what is wrong with how it is given
}

func itemOf(record map[string]any) item {
	it := item{fields: map[string]any{}, bad: sameFieldTwice(record)}
	for name, v := range record {
		switch {
		case name == "attributes":
			attributes, _ := v.(map[string]any)
			it.object, _ = attributes["type"].(string)
			it.bad = cmp.Or(it.bad, checkAttributeNames(attributes))
		case strings.EqualFold(name, "id"):
			if v != nil {
				it.id = fmt.Sprint(v)
			}
		default:
			it.fields[name] = v
		}
	}
	return it
}

// kind finds the object that a record says it is of.
func (t *tx) kind(name string) (*object, *Error) {
	if name == "" {
		return nil, refusal("INVALID_TYPE", "The type of the record is missing: attributes.type")
	}
	obj, ok := t.org.object(name)
	if !ok {
		return nil, unknownObject(name)
	}
	return obj, nil
}

// recordOf finds a record of an object for a collection, where a missing one is
// an invalid reference rather than a path that does not exist.
func (t *tx) recordOf(obj *object, given string) (string, *Error) {
	id, ok := normaliseID(given)
	if !ok || !strings.HasPrefix(id, obj.KeyPrefix) {
		return "", malformedID(obj.Name+" ID", given, "Id")
	}
	if err := t.lockedByOthers(id); err != nil {
		return "", err
	}
	row, ok := obj.rows.Find(id)
	switch {
	case !ok:
		return "", refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	case !t.rights.seesRow(obj, row):
		return "", noCrossAccess()
	case row.Deleted:
		return "", entityDeleted()
	}
	return id, nil
}

// keyValue is the text of the key by which an upsert knows the record; texts that
// mean the same record are equal.
func (it item) keyValue(key *field) string {
	if key.column == columnID {
		return it.id
	}
	v := it.value(key)
	if v == nil {
		return ""
	}
	text := strings.TrimSpace(fmt.Sprint(v))
	if key.foldsCase() {
		return strings.ToLower(text)
	}
	return text
}

// value is what the record gives a field, by its name in any case.
func (it item) value(f *field) any {
	for name, v := range it.fields {
		if strings.EqualFold(name, f.Name) {
			return v
		}
	}
	return nil
}

// upsert creates or updates by the key's value inside the record.
func (t *tx) upsert(obj *object, key *field, it item) (id string, created bool, refused *Error) {
	if key.column == columnID {
		if it.id == "" {
			id, refused = t.insert(obj, it.fields, creating)
			return id, true, refused
		}
		if id, refused = t.recordOf(obj, it.id); refused != nil {
			return "", false, refused
		}
		return id, false, t.update(id, it.fields)
	}
	if it.id != "" {
		return "", false, refusal("INVALID_FIELD", "cannot specify Id in an upsert by another field", "Id")
	}
	value := it.value(key)
	if value == nil || value == "" {
		return "", false, refusal("MISSING_ARGUMENT", key.Name+" not specified", key.Name)
	}
	rows, refused := obj.matching(key, value)
	switch {
	case refused != nil:
		return "", false, refused
	case len(rows) > 1:
		return "", false, severalFound(key, rows)
	case len(rows) == 1:
		return rows[0].ID, false, t.update(rows[0].ID, it.fields)
	}
	id, refused = t.insert(obj, it.fields, creating)
	return id, true, refused
}

// severalFound refuses a key's value that does not tell which record is meant.
func severalFound(key *field, rows []*table.Row) *Error {
	return refusal("DUPLICATE_EXTERNAL_ID", fmt.Sprintf("%s: more than one record found for external id field: [%s]",
		key.Name, strings.Join(idsOf(rows), ", ")), key.Name)
}
