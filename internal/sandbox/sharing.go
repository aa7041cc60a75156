package sandbox

import (
	"slices"
	"strings"

	"conversion/internal/sandbox/table"
)

// Sharing is an organisation-wide default: what users may do with the records of
// others when nothing else gives them access.
type Sharing string

// The organisation-wide defaults. New objects are ReadWrite.
const (
	ReadWrite Sharing = "readWrite"
	ReadOnly  Sharing = "read"
	Private   Sharing = "private"
)

// SetSharing changes an object's organisation-wide default.
func (o *Org) SetSharing(object string, to Sharing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, ok := o.object(object)
	switch {
	case !ok:
		return unknownObject(object)
	case !obj.has("OwnerId"):
		return refusal("INVALID_TYPE_FOR_OPERATION", obj.Name+" records have no owner")
	case to != ReadWrite && to != ReadOnly && to != Private:
		return refusal("INVALID_FIELD", "sharing is one of readWrite, read, private: "+string(to))
	}
	obj.sharing = to
	o.permissionsChanged()
	return nil
}

// Share gives a user or a group, by id, access to one record: with edit also to
// change it.
func (o *Org) Share(record, with string, edit bool) error {
	return o.write(o.Admin(), func(t *tx) *Error { return t.share(record, with, edit) })
}

func (t *tx) share(record, with string, edit bool) *Error {
	obj, row, err := t.find(record)
	if err != nil {
		return err
	}
	shares, ok := t.org.object(obj.Name + "Share")
	if !ok {
		return refusal("INVALID_TYPE", "records of this object are not shared one by one: "+obj.Name)
	}
	level := "Read"
	if edit {
		level = "Edit"
	}
	_, err = t.insert(shares, map[string]any{
		obj.Name + "Id": row.ID, "UserOrGroupId": with, obj.Name + "AccessLevel": level, "RowCause": "Manual",
	}, importing)
	return err
}

// shareRules: a record is shared with a user or group once.
func (t *tx) shareRules(d *draft) *Error {
	object := strings.TrimSuffix(d.object.Name, "Share")
	if d.isNew() && d.access == creating {
		d.set("RowCause", "Manual")
		shared, row, err := t.find(d.text(object + "Id"))
		if err != nil {
			return err
		}
		if !t.rights.owns(shared, &row) {
			return noCrossAccess()
		}
	}
	for _, row := range d.object.referring(object+"Id", d.text(object+"Id")) {
		if row.ID != d.id && row.Text(mustColumn(d.object, "UserOrGroupId")) == d.text("UserOrGroupId") {
			return duplicateValue("<unknown>", row.ID, "UserOrGroupId")
		}
	}
	return nil
}

// circle is who a user is when it comes to sharing: the groups that he is in, and
// the users whose roles are below his.
type circle struct{ groups, below map[string]bool }

// circleOf looks up who a user is.
func (o *Org) circleOf(user string) circle {
	c := circle{groups: map[string]bool{}, below: map[string]bool{}}
	o.join(c.groups, user)
	users := o.standard("User")
	row, ok := users.rows.Find(user)
	if !ok {
		return c
	}
	role := mustColumn(users, "UserRoleId")
	if under := o.rolesUnder(row.Text(role)); len(under) > 0 {
		for other := range users.rows.ByID().All() {
			if under[other.Text(role)] {
				c.below[other.ID] = true
			}
		}
	}
	return c
}

// join adds the groups that a user or a group is in.
func (o *Org) join(groups map[string]bool, member string) {
	members := o.standard("GroupMember")
	for _, row := range members.referring("UserOrGroupId", member) {
		if group := row.Text(mustColumn(members, "GroupId")); !groups[group] {
			groups[group] = true
			o.join(groups, group)
		}
	}
}

// rolesUnder are all roles below one.
func (o *Org) rolesUnder(role string) map[string]bool {
	under := map[string]bool{}
	if role == "" {
		return under
	}
	roles := o.standard("UserRole")
	next := []string{role}
	for len(next) > 0 {
		for _, row := range roles.referring("ParentRoleId", next[0]) {
			if !under[row.ID] {
				under[row.ID] = true
				next = append(next, row.ID)
			}
		}
		next = next[1:]
	}
	return under
}

// sharing says which records of an object the user sees; nil when he sees all of
// them, as he mostly does.
func (r *rights) sharing(obj *object) func(*table.Row) bool {
	switch {
	case r.unlimited:
		return nil
	case obj.Name == "Event":
		return func(row *table.Row) bool { return r.seesEvent(obj, row) }
	case r.may(mayViewAll, obj) || obj.sharing != Private && obj.Name != "Contact":
		return nil
	}
	return func(row *table.Row) bool { return r.seesRow(obj, row) }
}

// seesRow says whether the user sees a record, by its owner, by its sharing or
// because he sees all.
func (r *rights) seesRow(obj *object, row *table.Row) bool {
	switch {
	case r.unlimited:
		return true
	case obj.Name == "Event":
		return r.seesEvent(obj, row)
	case r.may(mayViewAll, obj), r.owns(obj, row):
		return true
	case obj.Name == "Contact" && row.Get(mustColumn(obj, "AccountId")) == nil:
		return false // a private contact
	}
	return obj.sharing != Private || r.shared(obj, row, "Read", "Edit", "All") || r.seesParents(obj, row)
}

// seesEvent: a private event is its owner's alone.
func (r *rights) seesEvent(obj *object, row *table.Row) bool {
	if row.Get(mustColumn(obj, "IsPrivate")) == true {
		return row.Text(mustColumn(obj, "OwnerId")) == r.user
	}
	return r.may(mayViewAll, obj) || obj.sharing != Private || r.owns(obj, row) || r.seesParents(obj, row)
}

// seesParents: who sees what an activity is about sees the activity.
func (r *rights) seesParents(obj *object, row *table.Row) bool {
	for _, name := range []string{"WhoId", "WhatId"} {
		column, ok := obj.column(name)
		if !ok {
			continue
		}
		id := row.Text(column)
		if parent, known := r.org.objectOf(id); known {
			if about, found := parent.rows.Find(id); found && r.seesRow(parent, about) {
				return true
			}
		}
	}
	return false
}

// owns says whether the user has full access to a record: he owns it, he is in
// the queue that does, his role is above the owner's, or he may modify all.
func (r *rights) owns(obj *object, row *table.Row) bool {
	if r.may(mayModifyAll, obj) {
		return true
	}
	column, ok := obj.column("OwnerId")
	if !ok {
		return true
	}
	owner := row.Text(column)
	return owner == r.user || r.circle.groups[owner] || r.circle.below[owner]
}

// shared says whether a record is shared with the user, or with a group that he
// is in, at one of some levels.
func (r *rights) shared(obj *object, row *table.Row, levels ...string) bool {
	shares, ok := r.org.object(obj.Name + "Share")
	if !ok {
		return false
	}
	for _, share := range shares.referring(obj.Name+"Id", row.ID) {
		with := share.Text(mustColumn(shares, "UserOrGroupId"))
		if (with == r.user || r.circle.groups[with]) && slices.Contains(levels, share.Text(mustColumn(shares, obj.Name+"AccessLevel"))) {
			return true
		}
	}
	return false
}

// edits says whether sharing lets the user change a record that he sees.
func (r *rights) edits(obj *object, row *table.Row) bool {
	if r.owns(obj, row) || obj.sharing == "" || obj.sharing == ReadWrite {
		return true
	}
	return r.shared(obj, row, "Edit", "All")
}

// deletes says whether sharing lets the user delete a record that he sees: it
// takes full access, whatever the organisation-wide default.
func (r *rights) deletes(obj *object, row *table.Row) bool {
	return !obj.hasPermissions() || r.owns(obj, row)
}

// mayChange refuses the change of a record that the user does not see or may not
// edit.
func (t *tx) mayChange(obj *object, row *table.Row) *Error {
	switch {
	case !t.rights.seesRow(obj, row):
		return noCrossAccess()
	case !t.rights.may(mayEdit, obj), !t.rights.edits(obj, row):
		return noAccess()
	}
	return nil
}

// mayDelete refuses the deletion of a record that the user does not see or may
// not delete.
func (t *tx) mayDelete(obj *object, row *table.Row) *Error {
	switch {
	case !t.rights.seesRow(obj, row):
		return noCrossAccess()
	case !t.rights.may(mayDelete, obj), !t.rights.deletes(obj, row):
		return noAccess()
	}
	return nil
}
