package sandbox

import (
	"maps"
	"slices"

	"conversion/internal/sandbox/table"
)

// purged is a record that is gone for good. Nothing finds it any more, but who
// asks what was deleted is still told of it.
type purged struct {
	id string
	at int64 // when it was deleted, in Unix seconds
}

// purge takes a deleted record out of the org.
func (t *tx) purge(obj *object, row table.Row) {
	obj.rows.Drop(row.ID)
	t.undo = append(t.undo, undo{obj, row.ID, row})
	t.onCommit(func() {
		obj.purged = append(obj.purged, purged{row.ID, row.Stamp})
		delete(t.org.deleted, row.ID)
	})
}

// emptyFromBin ends a deleted record, and what its deletion took along, for good.
func (t *tx) emptyFromBin(id string) *Error {
	if err := t.lockedByOthers(id); err != nil {
		return err
	}
	obj, row, err := t.org.locate(id)
	switch {
	case err != nil:
		return err
	case !row.Deleted || t.org.deleted[row.ID] != "":
		return refusal("INVALID_ID_FIELD", "entity is not in recycle bin")
	}
	for _, dependant := range slices.Sorted(maps.Keys(t.org.deleted)) {
		if t.org.deleted[dependant] != row.ID {
			continue
		}
		if of, with, err := t.org.locate(dependant); err == nil {
			t.purge(of, with)
		}
	}
	t.purge(obj, row)
	return nil
}
