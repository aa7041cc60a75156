package sandbox

import (
	"fmt"
	"strings"
)

// permissionSetRules: a permission set has a name of its own. That of a profile
// is the profile's.
func (t *tx) permissionSetRules(d *draft) *Error {
	if !d.isNew() && d.flag("IsOwnedByProfile") && (d.changed("Name") || d.changed("Label")) {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "the permission set of a profile cannot be renamed", "Name")
	}
	if d.isNew() && d.access != importing {
		d.set("IsCustom", true)
		d.set("Type", "Regular")
	}
	if !d.changed("Name") {
		return nil
	}
	if !developerName(d.text("Name")) {
		return refusal("INVALID_INPUT", "The Permission Set Name field can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.", "Name")
	}
	if row, ok := d.object.called(d.text("Name")); ok && row.ID != d.id {
		return refusal("DUPLICATE_DEVELOPER_NAME", "This name already exists or has been previously used. Specify a different name.", "Name")
	}
	return nil
}

// developerName says whether a name is of the form that Salesforce wants of names
// in metadata.
func developerName(name string) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != "" && !strings.HasSuffix(name, "_") && !strings.Contains(name, "__")
}

// profileFollows shows on a profile what the permission set that it owns grants.
func (t *tx) profileFollows(d *draft) *Error {
	profiles := t.org.standard("Profile")
	row, ok := profiles.rows.Find(d.text("ProfileId"))
	if !ok {
		return nil
	}
	profile := t.edit(profiles, *row)
	for _, p := range systemPermissions {
		profile.set(p.field, d.flag(p.field))
	}
	t.touch(profile)
	return nil
}

// assignmentRules: a user has a permission set once.
func (t *tx) assignmentRules(d *draft) *Error {
	d.set("IsActive", true)
	assignee, set := d.text("AssigneeId"), d.text("PermissionSetId")
	for _, row := range d.object.referring("AssigneeId", assignee) {
		if row.ID != d.id && row.Text(mustColumn(d.object, "PermissionSetId")) == set {
			return refusal("DUPLICATE_VALUE", fmt.Sprintf("Duplicate PermissionSetAssignment. Assignee: %s; Permission Set: %s", assignee, set),
				"AssigneeId", "PermissionSetId")
		}
	}
	return nil
}

// objectPermissionRules: permissions are on an object that has them, once a
// permission set, and with those that they depend on.
func (t *tx) objectPermissionRules(d *draft) *Error {
	obj, ok := t.org.object(d.text("SobjectType"))
	if !ok || !obj.hasPermissions() {
		return refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: "+d.text("SobjectType"), "SobjectType")
	}
	d.set("SobjectType", obj.Name)
	if err := t.oncePerSet(d, "SobjectType"); err != nil {
		return err
	}
	for _, need := range []struct{ permission, needs string }{
		{"Create", "Read"}, {"Edit", "Read"}, {"Delete", "Edit"}, {"ViewAllRecords", "Read"}, {"ModifyAllRecords", "Delete"}, {"ModifyAllRecords", "ViewAllRecords"},
	} {
		if d.flag("Permissions"+need.permission) && !d.flag("Permissions"+need.needs) {
			return refusal("FIELD_INTEGRITY_EXCEPTION", fmt.Sprintf("Permission %s %s depends on permission(s): %s %s",
				need.permission, obj.Label, need.needs, obj.Label), "Permissions"+need.permission)
		}
	}
	return nil
}

// fieldPermissionRules: permissions are on a field that can be hidden, once a
// permission set; who edits it reads it.
func (t *tx) fieldPermissionRules(d *draft) *Error {
	object, name, _ := strings.Cut(d.text("Field"), ".")
	obj, known := t.org.object(object)
	if !known || !strings.EqualFold(object, d.text("SobjectType")) {
		return refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: "+d.text("SobjectType"), "SobjectType")
	}
	f, ok := obj.field(name)
	if !ok || !f.Permissionable {
		return refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: "+d.text("Field"), "Field")
	}
	d.set("SobjectType", obj.Name)
	d.set("Field", obj.Name+"."+f.Name)
	if err := t.oncePerSet(d, "Field"); err != nil {
		return err
	}
	switch {
	case d.flag("PermissionsEdit") && !d.flag("PermissionsRead"):
		return refusal("FIELD_INTEGRITY_EXCEPTION", fmt.Sprintf("Permission Edit %s depends on permission(s): Read %s", f.Label, f.Label), "PermissionsEdit")
	case d.flag("PermissionsEdit") && !f.Createable && !f.Updateable:
		return refusal("FIELD_INTEGRITY_EXCEPTION", "the field cannot be edited: "+obj.Name+"."+f.Name, "PermissionsEdit")
	}
	return nil
}

func (t *tx) oncePerSet(d *draft, name string) *Error {
	for _, row := range d.object.referring("ParentId", d.text("ParentId")) {
		if row.ID != d.id && row.Text(mustColumn(d.object, name)) == d.text(name) {
			return duplicateValue("<unknown>", row.ID)
		}
	}
	return nil
}

// emptyPermissionGone drops permissions that permit nothing: such a record does
// not exist.
func (t *tx) emptyPermissionGone(d *draft) *Error {
	if d.flag("PermissionsRead") {
		return nil
	}
	if row, ok := d.object.rows.Find(d.id); ok {
		t.drop(d.object, *row)
	}
	return nil
}

// groupRules names groups and keeps their members and objects in order.
func (t *tx) groupRules(d *draft) *Error {
	if d.text("Type") == "" {
		d.set("Type", "Regular")
	}
	if d.text("DeveloperName") == "" {
		d.set("DeveloperName", nilIfEmpty(asDeveloperName(d.text("Name"))))
	}
	if d.text("OwnerId") == "" || d.isNew() {
		d.set("OwnerId", t.org.id)
	}
	return nil
}

// asDeveloperName makes a name in metadata of a label.
func asDeveloperName(label string) string {
	var b strings.Builder
	for _, r := range label {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		switch {
		case letter:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	return strings.Trim(b.String(), "_0123456789")
}

// memberRules: who or what is in a group, is in it once, and never in itself.
func (t *tx) memberRules(d *draft) *Error {
	group, member := d.text("GroupId"), d.text("UserOrGroupId")
	if group == member {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "a group cannot be a member of itself", "UserOrGroupId")
	}
	for _, row := range d.object.referring("GroupId", group) {
		if row.ID != d.id && row.Text(mustColumn(d.object, "UserOrGroupId")) == member {
			return duplicateValue("<unknown>", row.ID, "UserOrGroupId")
		}
	}
	return nil
}

// queueRules: a queue serves an object that may be owned by queues.
func (t *tx) queueRules(d *draft) *Error {
	obj, ok := t.org.object(d.text("SobjectType"))
	if !ok || !obj.ownedByQueues() {
		return refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: "+d.text("SobjectType"), "SobjectType")
	}
	d.set("SobjectType", obj.Name)
	groups := t.org.standard("Group")
	if row, found := groups.rows.Find(d.text("QueueId")); !found || row.Text(mustColumn(groups, "Type")) != "Queue" {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "the group is no queue", "QueueId")
	}
	return nil
}

// queueOwns says whether a queue may own records of an object.
func (o *Org) queueOwns(queue string, owned *object) bool {
	lists := o.objects["queuesobject"]
	of := mustColumn(lists, "SobjectType")
	for row := range lists.latest(lists.must("QueueId"), queue) {
		if !row.Deleted && row.Text(of) == owned.Name {
			return true
		}
	}
	return false
}

// ownedByQueues says whether a queue may own an object's records.
func (o *object) ownedByQueues() bool {
	owner, ok := o.field("OwnerId")
	return ok && owner.refersTo("Group")
}
