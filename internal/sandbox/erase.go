package sandbox

import (
	"slices"

	"conversion/internal/sandbox/table"
)

// erase removes a record for good. The list of deletions names it for as long as
// one in the recycle bin.
func (t *tx) erase(obj *object, row table.Row) {
	if err := t.lockedByOthers(row.ID); err != nil {
		t.collide(err)
		return
	}
	for _, child := range obj.Children {
		dependants, ok := t.org.object(child.ChildSObject)
		if !ok || dependants.View != "" || !child.CascadeDelete {
			continue
		}
		for _, r := range dependants.referring(child.Field, row.ID) {
			t.erase(dependants, r)
		}
	}
	t.drop(obj, row)
	at := t.now
	if row.Deleted {
		at = row.Stamp
	}
	t.onCommit(func() { obj.purged = append(obj.purged, purged{row.ID, at}) })
	gone := t.edit(obj, row)
	gone.erased = true
	if !row.Deleted {
		t.followDeletion(gone)
	}
}

// emptyBin removes records in the recycle bin for good, with what their deletion
// took along.
func (t *tx) emptyBin(id string) *Error {
	if err := t.lockedByOthers(id); err != nil {
		return err
	}
	obj, row, err := t.org.locate(id)
	if err != nil {
		return refusal("INVALID_ID_FIELD", "entity is not in recycle bin")
	}
	if !row.Deleted {
		return refusal("INVALID_ID_FIELD", "entity is not in recycle bin")
	}
	d := t.org.bin.deletions[row.ID]
	if d == nil {
		t.erase(obj, row)
		return nil
	}
	for _, id := range slices.Backward(d.order) {
		if member, found, err := t.org.locate(id); err == nil && found.Deleted {
			t.erase(member, found)
		}
	}
	t.onCommit(func() { t.org.bin.remove(d) })
	return nil
}

// hardDelete removes a record without a stay in the recycle bin, and with it what
// depends on it.
func (t *tx) hardDelete(id string) *Error {
	_, row, err := t.org.locate(id)
	if err != nil {
		return err
	}
	if !row.Deleted {
		if err := t.delete(id); err != nil {
			return err
		}
	}
	obj, row, err := t.org.locate(id)
	if err != nil {
		return nil // of an object without a bin
	}
	for _, dependant := range t.dependants(obj, row) {
		if member, found, err := t.org.locate(dependant); err == nil && found.Deleted {
			t.erase(member, found)
		}
	}
	return nil
}

// dependants lists a record and those that go with it, the last ones first.
func (t *tx) dependants(obj *object, row table.Row) []string {
	seen, order := map[string]bool{}, []string{}
	var walk func(*object, table.Row)
	walk = func(obj *object, row table.Row) {
		if seen[row.ID] {
			return
		}
		seen[row.ID] = true
		for _, child := range obj.Children {
			dependants, ok := t.org.object(child.ChildSObject)
			if !ok || dependants.View != "" || !child.CascadeDelete {
				continue
			}
			for _, r := range dependants.referring(child.Field, row.ID) {
				walk(dependants, r)
			}
		}
		order = append(order, row.ID)
	}
	walk(obj, row)
	return order
}
