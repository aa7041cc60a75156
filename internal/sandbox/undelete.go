package sandbox

import (
	"conversion/internal/sandbox/table"
)

// undelete restores a record and what its deletion took along, and the lookups
// that led to it as long as nothing has taken their place.
func (t *tx) undelete(id string) *Error {
	obj, row, err := t.org.locate(id)
	if err != nil {
		return err
	}
	if !row.Deleted {
		return refusal("UNDELETE_FAILED", "Entity is not in the recycle bin")
	}
	if root := t.org.bin.rootOf(row.ID); root != row.ID {
		return refusal("UNDELETE_FAILED", "Entity is not in the recycle bin: undelete the record that it was deleted with: "+root)
	}
	if !obj.Undeletable {
		return refusal("UNDELETE_FAILED", "entity type "+obj.Name+" does not support undelete")
	}
	d := t.org.bin.deletions[row.ID]
	if d == nil {
		d = &deletion{root: row.ID, order: []string{row.ID}}
	}
	for _, id := range d.order {
		if err := t.restore(id); err != nil {
			return err
		}
	}
	for _, lookup := range d.cleared {
		t.refill(lookup)
	}
	t.onCommit(func() { t.org.bin.remove(d) })
	return nil
}

// restore brings one record back. Unique values that were given away meanwhile
// keep it away.
func (t *tx) restore(id string) *Error {
	obj, row, err := t.org.locate(id)
	if err != nil || !row.Deleted {
		return nil
	}
	d := t.edit(obj, row)
	d.set("MasterRecordId", nil)
	if err := t.checkUniqueAgain(d); err != nil {
		return err
	}
	row.Data = d.packed()
	t.setDeleted(obj, row, false)
	return nil
}

// checkUniqueAgain refuses values of unique fields that a live record has now.
func (t *tx) checkUniqueAgain(d *draft) *Error {
	fresh := *d
	fresh.before = table.Row{}
	return t.checkUnique(&fresh)
}

// refill gives a record its lookup to an undeleted one back.
func (t *tx) refill(lookup clearedLookup) {
	obj, row, ok := t.parentByID(lookup.record)
	if !ok || row.Deleted {
		return
	}
	d := t.edit(obj, *row)
	if d.get(lookup.field) == nil {
		d.set(lookup.field, lookup.target)
		t.touch(d)
	}
}
