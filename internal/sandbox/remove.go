package sandbox

import (
	"maps"
	"slices"

	"conversion/internal/sandbox/table"
)

// delete moves a live record and its dependants to the recycle bin.
func (t *tx) delete(id string) *Error {
	obj, row, err := t.find(id)
	if err != nil {
		return err
	}
	if !obj.Deletable {
		return refusal("INSUFFICIENT_ACCESS_OR_READONLY", "entity type "+obj.Name+" does not support delete")
	}
	if err := t.mayDelete(obj, &row); err != nil {
		return err
	}
	taken := map[string]bool{}
	t.bin(obj, row, taken)
	delete(taken, row.ID)
	t.onCommit(func() {
		for dependant := range taken {
			t.org.deleted[dependant] = row.ID
		}
	})
	return nil
}

// bin marks a record and, where its object says so, the records that refer to it.
func (t *tx) bin(obj *object, row table.Row, taken map[string]bool) {
	if row.Deleted || taken[row.ID] {
		return
	}
	taken[row.ID] = true
	if obj.has("IsDeleted") {
		t.setDeleted(obj, row, true)
	} else {
		t.drop(obj, row)
	}
	for _, child := range obj.Children {
		dependants, ok := t.org.object(child.ChildSObject)
		if !ok || !child.CascadeDelete {
			continue
		}
		for _, r := range dependants.referring(child.Field, row.ID) {
			t.bin(dependants, r, taken)
		}
	}
}

func (t *tx) setDeleted(obj *object, row table.Row, deleted bool) {
	d := t.edit(obj, row)
	d.erased = deleted
	d.set("LastModifiedDate", t.now)
	d.set("LastModifiedById", t.user)
	d.stamp = t.now
	t.store(d)
}

// referring copies the rows whose lookup holds an id, in the order of their ids.
func (o *object) referring(lookup, id string) []table.Row {
	f, ok := o.field(lookup)
	if !ok || f.column < 0 {
		return nil
	}
	var rows []table.Row
	for r := range equalIn(o.rows, f, id) {
		rows = append(rows, *r)
	}
	return rows
}

// undelete restores a record and what its deletion took along.
func (t *tx) undelete(id string) *Error {
	_, row, err := t.org.locate(id)
	if err != nil {
		return err
	}
	if !row.Deleted {
		return refusal("UNDELETE_FAILED", "entity is not in the recycle bin")
	}
	if root := t.org.deleted[row.ID]; root != "" {
		return refusal("UNDELETE_FAILED", "undelete the record that this one was deleted with: "+root)
	}
	group := []string{row.ID}
	for _, dependant := range slices.Sorted(maps.Keys(t.org.deleted)) {
		if t.org.deleted[dependant] == row.ID {
			group = append(group, dependant)
		}
	}
	for _, id := range group {
		member, found, err := t.org.locate(id)
		if err != nil {
			return err
		}
		d := t.edit(member, found)
		d.set("MasterRecordId", nil)
		found.Data = table.Pack(d.values)
		t.setDeleted(member, found, false)
	}
	t.onCommit(func() {
		for _, id := range group {
			delete(t.org.deleted, id)
		}
	})
	return nil
}
