package sandbox

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// checkRequired refuses a record without a value in a field that must have one.
func (t *tx) checkRequired(d *draft) *Error {
	var missing []string
	for _, f := range d.object.fields {
		if f.column < 0 || d.values[f.column] != nil || f.Type == schema.Boolean {
			continue
		}
		emptied := !d.isNew() && !f.Nillable && f.Updateable && d.before.Get(f.column) != nil
		if emptied || d.isNew() && f.required() {
			missing = append(missing, f.Name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return missingFields(missing...)
}

// checkReferences refuses a changed lookup to a record of the wrong kind, or to
// one that is not there.
func (t *tx) checkReferences(d *draft) *Error {
	for _, f := range d.object.fields {
		if f.Type != schema.Reference || f.column < 0 || !d.changed(f.Name) {
			continue
		}
		id, ok := d.values[f.column].(string)
		if !ok || id == d.id || (d.access == importing && audit[f.Name] && id == t.user) {
			continue
		}
		if err := t.checkReference(d, f, id); err != nil {
			return err
		}
	}
	return nil
}

var audit = map[string]bool{"CreatedById": true, "LastModifiedById": true, "OwnerId": true}

func (t *tx) checkReference(d *draft, f *field, id string) *Error {
	target, known := t.org.objectOf(id)
	if known && !f.refersTo(target.Name) {
		return malformedID(f.Label, id, f.Name)
	}
	dangling := refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", f.Name)
	if !known {
		return dangling
	}
	row, ok := target.committed(id)
	if !ok || row.Deleted && f.Name != "MasterRecordId" {
		return dangling
	}
	if !t.rights.seesRow(target, row) {
		return noCrossAccess(f.Name)
	}
	if f.Name == "OwnerId" && target.Name == "Group" && !t.org.queueOwns(id, d.object) {
		return refusal("INVALID_OPERATION", "Queue not associated with this SObject type", f.Name)
	}
	if active, has := target.field("IsActive"); f.Name == "OwnerId" && has && active.value(row) != true && !t.rights.given(updateWithInactiveOwner) {
		return refusal("INACTIVE_OWNER_OR_USER", fmt.Sprintf("operation performed with inactive user [%s] as owner of %s",
			id, strings.ToLower(d.object.Name)), f.Name)
	}
	return nil
}

// checkUnique refuses a second live record with the value of a unique field.
func (t *tx) checkUnique(d *draft) *Error {
	for _, f := range d.object.fields {
		if !f.Unique || f.column < 0 || !d.changed(f.Name) {
			continue
		}
		rows, err := d.object.matching(f, d.values[f.column])
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := t.lockedByOthers(r.ID); err != nil && d.object.pending[r.ID] {
				return err
			}
			if r.ID != d.id {
				return duplicateValue(f.Name, r.ID, f.Name)
			}
		}
	}
	return nil
}

// upsertKey says whether records may be addressed by this field's value.
func (f *field) upsertKey() bool { return f.ExternalID || f.IDLookup }

// matching lists the live records whose field has a value, at most a handful in
// practice: it is meant for keys.
//
// A record that another transaction holds counts as that will leave it if the
// field is unique, for then the second writer has to wait for the first; else as
// everybody sees it.
func (o *object) matching(f *field, v any) ([]*table.Row, *Error) {
	rows, err := matchingIn(o.rows, f, v)
	if err != nil || len(o.pending) == 0 || f.Unique {
		return rows, err
	}
	seen, err := o.seenMatching(f, v)
	isPending := func(r *table.Row) bool { return o.pending[r.ID] }
	rows = slices.DeleteFunc(rows, isPending)
	return append(rows, slices.DeleteFunc(seen, func(r *table.Row) bool { return !isPending(r) })...), err
}

// committed finds a record as the last committed transaction left it.
func (o *object) committed(id string) (*table.Row, bool) {
	if o.pending[id] {
		return o.seen.Find(id)
	}
	return o.rows.Find(id)
}

// seenMatching is matching as readers see the records.
func (o *object) seenMatching(f *field, v any) ([]*table.Row, *Error) {
	return matchingIn(o.seen, f, v)
}

func matchingIn(in records, f *field, v any) ([]*table.Row, *Error) {
	stored, err := f.stored(v)
	if err != nil || stored == nil {
		return nil, err
	}
	var rows []*table.Row
	for r := range equalIn(in, f, stored) {
		if !r.Deleted {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// records is the latest state of an object's records, or what readers see of it.
type records interface {
	Find(id string) (*table.Row, bool)
	Indexed(column int) bool
	Equal(column int, text string) iter.Seq[*table.Row]
	All() iter.Seq[*table.Row]
}

// equal yields the rows that readers see, deleted ones included, whose field holds
// a stored value: by index where there is one.
func (o *object) equal(f *field, stored any) iter.Seq[*table.Row] { return equalIn(o.seen, f, stored) }

// latest is equal as writers see the records.
func (o *object) latest(f *field, stored any) iter.Seq[*table.Row] {
	return equalIn(o.rows, f, stored)
}

func equalIn(in records, f *field, stored any) iter.Seq[*table.Row] {
	text, isText := stored.(string)
	if x, isNumber := stored.(float64); isNumber {
		text, isText = table.KeyOf(x), true
	}
	switch {
	case f.column == columnID:
		if row, ok := in.Find(text); ok {
			return slices.Values([]*table.Row{row})
		}
		return func(func(*table.Row) bool) {}
	case isText && f.column >= 0 && in.Indexed(f.column):
		return in.Equal(f.column, text)
	}
	return func(yield func(*table.Row) bool) {
		for r := range in.All() {
			if f.value(r) == stored && !yield(r) {
				return
			}
		}
	}
}
