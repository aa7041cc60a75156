package sandbox

import (
	"fmt"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// delete moves a live record and its dependants to the recycle bin; a record of
// an object without a bin, such as a campaign member, is gone at once.
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
	if obj.Name == "Contact" && obj.flagged(&row, "IsPersonAccount") {
		return refusal("DELETE_FAILED", "a person contact is deleted with its account")
	}
	if err := t.checkFree(obj, row, map[string]bool{}); err != nil {
		return err
	}
	if !obj.Undeletable {
		t.erase(obj, row)
		return nil
	}
	d := &deletion{root: row.ID, taken: map[string]bool{}}
	t.bin(obj, row, d)
	t.onCommit(func() { t.org.bin.add(d, t.now) })
	return nil
}

// deletion is what one delete did beside deleting its record.
type deletion struct {
	root    string
	taken   map[string]bool // with the root
	order   []string        // of taken
	cleared []clearedLookup
}

// clearedLookup is a lookup that led to a deleted record and was emptied.
type clearedLookup struct{ record, field, target string }

// checkFree refuses to delete what records refer to that must not lose it.
func (t *tx) checkFree(obj *object, row table.Row, checked map[string]bool) *Error {
	if checked[row.ID] {
		return nil
	}
	checked[row.ID] = true
	for _, child := range obj.Children {
		dependants, ok := t.org.object(child.ChildSObject)
		if !ok || dependants.View != "" {
			continue
		}
		var blocking []string
		for _, r := range dependants.referring(child.Field, row.ID) {
			if !r.Deleted && dependants.blocking(child, &r) {
				blocking = append(blocking, dependants.nameOf(&r))
			}
		}
		if len(blocking) > 0 {
			return refusal("DELETE_FAILED", fmt.Sprintf(
				"Your attempt to delete %s could not be completed because it is associated with the following %s.: %s\n",
				obj.nameOf(&row), strings.ToLower(dependants.LabelPlural), strings.Join(blocking, ", ")))
		}
		for _, r := range dependants.referring(child.Field, row.ID) {
			if child.CascadeDelete && !r.Deleted {
				if err := t.checkFree(dependants, r, checked); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// blocking says whether a record keeps what it refers to from being deleted: a case,
// a line of an opportunity, a contract in force, an opportunity that was won, and
// any record with a lookup that must not be empty.
func (o *object) blocking(child schema.Child, row *table.Row) bool {
	switch {
	case o.Name == "Opportunity" && child.Field == "AccountId":
		return o.flagged(row, "IsWon")
	case o.Name == "Contract" && child.Field == "AccountId":
		return row.Text(mustColumn(o, "StatusCode")) == "Activated"
	}
	lookup, ok := o.field(child.Field)
	return child.RestrictedDelete || ok && lookup.Custom && !lookup.Nillable && !child.CascadeDelete
}

// nameOf is what people call a record, its id without a name.
func (o *object) nameOf(row *table.Row) string {
	for _, f := range o.fields {
		if f.NameField && f.column >= 0 && row.Text(f.column) != "" {
			return row.Text(f.column)
		}
	}
	return row.ID
}

// bin marks a record and, where its object says so, the records that refer to it;
// other lookups to it are emptied.
func (t *tx) bin(obj *object, row table.Row, d *deletion) {
	if row.Deleted || d.taken[row.ID] {
		return
	}
	d.taken[row.ID] = true
	d.order = append(d.order, row.ID)
	t.leaveActivities(obj, row.ID, d)
	t.setDeleted(obj, row, true)
	for _, child := range obj.Children {
		dependants, ok := t.org.object(child.ChildSObject)
		if !ok || dependants.View != "" {
			continue
		}
		for _, r := range dependants.referring(child.Field, row.ID) {
			switch {
			case child.CascadeDelete && dependants.Undeletable || dependants.Name == "TaskRelation":
				t.bin(dependants, r, d)
			case child.CascadeDelete:
				t.erase(dependants, r)
			default:
				t.clearLookup(dependants, r, child.Field, d)
			}
		}
	}
}

// leaveActivities takes a person off the activities that are about others too, so
// that they are not deleted with the person.
func (t *tx) leaveActivities(obj *object, id string, d *deletion) {
	if !isWho(id) || !t.org.enabled(schema.SharedActivities) {
		return
	}
	for activity, of := range relationsOf {
		relations := t.org.standard(of.object)
		for _, row := range relations.referring("RelationId", id) {
			about := row.Text(mustColumn(relations, of.lookup))
			activities, found, ok := t.parentByID(about)
			if ok && len(splitIDs(found.Text(mustColumn(activities, whoLists[activity])))) > 1 {
				t.bin(relations, row, d)
				t.relist(activity, about)
			}
		}
	}
}

// clearLookup empties a lookup that users can write. What the platform keeps, such
// as a lead's converted contact, stays.
func (t *tx) clearLookup(obj *object, row table.Row, lookup string, d *deletion) {
	f, ok := obj.field(lookup)
	if !ok || row.Deleted || !f.Updateable || !f.Nillable {
		return
	}
	d.cleared = append(d.cleared, clearedLookup{row.ID, lookup, row.Text(f.column)})
	edited := t.edit(obj, row)
	edited.set(lookup, nil)
	t.touch(edited)
}

func (t *tx) setDeleted(obj *object, row table.Row, deleted bool) {
	d := t.edit(obj, row)
	d.erased = deleted
	d.set("LastModifiedDate", t.now)
	d.set("LastModifiedById", t.user)
	d.stamp = t.now
	t.store(d)
	t.followDeletion(d)
}

// followDeletion brings other records up to date after a record went or came
// back.
func (t *tx) followDeletion(d *draft) {
	t.rollUp(d)
	switch d.object.Name {
	case "Task", "Event":
		t.followDays(d)
	case "OpportunityContactRole":
		t.onlyPrimary(d)
	case "OpportunityLineItem":
		t.lineItemSaved(d)
	case "TaskRelation":
		t.relist("Task", d.text("TaskId"))
	case "EventRelation":
		t.relist("Event", d.text("EventId"))
		t.listInvitees(d.text("EventId"))
	}
}

// referring copies the rows whose lookup holds an id, in the order of their ids.
func (o *object) referring(lookup, id string) []table.Row {
	f, ok := o.field(lookup)
	if !ok || f.column < 0 || id == "" || o.rows.Len() == 0 {
		return nil
	}
	var rows []table.Row
	for r := range equalIn(o.rows, f, id) {
		rows = append(rows, *r)
	}
	return rows
}
