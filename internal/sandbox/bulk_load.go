package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"conversion/internal/sandbox/bulk"
	"conversion/internal/sandbox/schema"
)

// bulkLoading is an ingest job at work: it saves records through the org's
// ordinary rules.
type bulkLoading struct {
	org     *Org
	spec    bulk.Spec
	object  *object
	key     *field // of an upsert
	columns []uploadColumn
}

// uploadColumn is what a column of an upload stands for: a field, or a lookup
// given by a key of the record that it leads to.
type uploadColumn struct {
	field  *field
	target *object // nil for a plain field
	key    *field
}

// Load understands the columns of an upload.
func (b bulkOrg) Load(spec bulk.Spec, header []string) (bulk.Loading, error) {
	defer b.view()()
	r := b.rightsOf(spec.User)
	obj, ok := r.object(spec.Object)
	if !ok {
		return nil, fmt.Errorf("InvalidEntity : Unable to find object: %s", spec.Object)
	}
	l := &bulkLoading{org: b.Org, spec: spec, object: obj}
	if spec.Operation == bulk.Upsert {
		l.key, _ = r.field(obj, spec.ExternalID)
	}
	seen := map[uploadColumn]bool{}
	for _, name := range header {
		c, ok := uploadColumnOf(r, obj, name)
		switch {
		case !ok:
			return nil, fmt.Errorf("InvalidBatch : Field name not found : %s", name)
		case seen[c]:
			return nil, fmt.Errorf("InvalidBatch : Field name duplicated : %s", name)
		case spec.Operation.Deletes() && c.field.column != columnID:
			return nil, fmt.Errorf("InvalidBatch : Only the column Id is allowed for %s, found : %s", spec.Operation, name)
		}
		seen[c] = true
		l.columns = append(l.columns, c)
	}
	return l, nil
}

// uploadColumnOf understands "Field", "Relationship.Key" and, where a lookup may
// lead to several objects, "Relationship:Object.Key".
func uploadColumnOf(r *rights, obj *object, name string) (uploadColumn, bool) {
	relationship, key, isPath := strings.Cut(name, ".")
	if !isPath {
		f, ok := r.field(obj, name)
		return uploadColumn{field: f}, ok && f.column != columnCompound
	}
	relationship, targetName, typed := strings.Cut(relationship, ":")
	lookup, ok := r.relationship(obj, relationship)
	if !ok {
		return uploadColumn{}, false
	}
	if !typed && len(lookup.ReferenceTo) == 1 {
		targetName = lookup.ReferenceTo[0]
	}
	target, ok := r.object(targetName)
	if !ok || !lookup.refersTo(target.Name) {
		return uploadColumn{}, false
	}
	f, ok := r.field(target, key)
	return uploadColumn{lookup, target, f}, ok && f.upsertKey()
}

// Save saves records in one transaction, each on its own.
func (l *bulkLoading) Save(records []bulk.Record) []bulk.Outcome {
	outcomes := make([]bulk.Outcome, len(records))
	err := l.org.write(Actor{id: l.spec.User, bound: true}, func(t *tx) *Error {
		t.client, t.late = "Bulk API", l.spec.Script.CommitAfter
		if now, _ := t.org.object(l.object.Name); now != l.object {
			return refusal("INVALID_TYPE", "the object is no longer there: "+l.object.Name)
		}
		t.options.assign = autoAssign(l.spec.AssignmentRule)
		for i, record := range records {
			if err := t.attempt(func() *Error { return l.save(t, record, &outcomes[i]) }); err != nil {
				outcomes[i].Created, outcomes[i].Error = false, bulkError(err)
			}
		}
		return nil
	})
	if refused := asError(err); refused != nil {
		for i := range outcomes {
			outcomes[i] = bulk.Outcome{Error: bulkError(refused)}
		}
	}
	return outcomes
}

// bulkError is what is wrong with a record in the form of sf__Error: one error
// after the other.
func bulkError(refused *Error) string {
	var texts []string
	for _, err := range refused.all() {
		fields := "--"
		if len(err.Fields) > 0 {
			fields = strings.Join(err.Fields, ",") + " --"
		}
		texts = append(texts, err.Code+":"+err.Message+":"+fields)
	}
	return strings.Join(texts, ";")
}

// save saves one record. The outcome holds the id that a failed update was for.
func (l *bulkLoading) save(t *tx, record bulk.Record, done *bulk.Outcome) (err *Error) {
	it := item{object: l.object.Name, fields: map[string]any{}}
	if err := l.read(t, record, &it); err != nil {
		return err
	}
	switch l.spec.Operation {
	case bulk.Insert:
		if it.id != "" {
			return refusal("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")
		}
		done.Created = true
		done.ID, err = t.insert(l.object, it.fields, creating)
		return err
	case bulk.Upsert:
		done.ID, done.Created, err = t.upsert(l.object, l.key, it)
		return err
	}
	if it.id == "" {
		return refusal("MISSING_ARGUMENT", "Id not specified in "+callNames[l.spec.Operation])
	}
	if done.ID, err = t.recordOf(l.object, it.id); err != nil {
		return err
	}
	switch l.spec.Operation {
	case bulk.Update:
		return t.update(done.ID, it.fields)
	case bulk.HardDelete:
		return t.hardDelete(done.ID)
	}
	return t.delete(done.ID)
}

var callNames = map[bulk.Operation]string{bulk.Update: "an update call", bulk.Delete: "a delete call", bulk.HardDelete: "a hardDelete call"}

// read understands the cells of a record. An empty cell leaves its field alone.
func (l *bulkLoading) read(t *tx, record bulk.Record, it *item) *Error {
	for i, cell := range record {
		c := l.columns[i]
		switch {
		case cell.Null:
			it.fields[c.field.Name] = nil
		case cell.Text == "":
		case c.target != nil:
			id, err := c.parent(t, cell.Text)
			if err != nil {
				return err
			}
			it.fields[c.field.Name] = id
		case c.field.column == columnID:
			it.id = cell.Text
		default:
			v, ok := c.field.uploaded(cell.Text)
			if !ok {
				return refusal("INVALID_FIELD", fmt.Sprintf(
					"Failed to deserialize field at col %d. Due to, '%s' is not a valid value for the type %s", i, cell.Text, xsdTypes[c.field.Type]), c.field.Name)
			}
			it.fields[c.field.Name] = v
		}
	}
	return nil
}

// parent finds the record that a lookup is to lead to by a key's value.
func (c uploadColumn) parent(t *tx, value string) (string, *Error) {
	rows, err := c.target.matching(c.key, value)
	switch {
	case err != nil:
		return "", err
	case len(rows) == 1:
		return rows[0].ID, nil
	case len(rows) > 1:
		return "", severalFound(c.key, rows)
	}
	return "", refusal("INVALID_FIELD", fmt.Sprintf("Foreign key external ID: %s not found for field %s in entity %s", value, c.key.Name, c.target.Name), c.field.Name)
}

// xsdTypes names the types of which a cell can fail to be a value.
var xsdTypes = map[schema.Type]string{
	schema.Boolean: "xsd:boolean", schema.Date: "xsd:date", schema.DateTime: "xsd:dateTime",
	schema.Int: "xsd:int", schema.Long: "xsd:long", schema.Double: "xsd:double", schema.Currency: "xsd:double", schema.Percent: "xsd:double",
}

// uploaded reads a cell as a value of the field's type; ok is false for text
// that is none.
func (f *field) uploaded(text string) (v any, ok bool) {
	switch f.Type {
	case schema.Boolean:
		v, err := parseBoolean(text)
		return v, err == nil
	case schema.Int, schema.Long, schema.Double, schema.Currency, schema.Percent:
		_, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		return text, err == nil
	case schema.Date:
		if at, ok := parseDateTime(text); ok {
			return at.Format(time.DateOnly), true
		}
		return text, isISODate(text)
	case schema.DateTime:
		_, ok := parseDateTime(text)
		return text, ok
	}
	return text, true
}
