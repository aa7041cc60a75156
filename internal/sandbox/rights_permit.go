package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"conversion/internal/sandbox/table"
)

// Permissions are what a profile or a permission set grants, by the names that
// Salesforce has for them.
type Permissions struct {
	// Objects lists what may be done with an object's records: read, create, edit,
	// delete, viewAll and modifyAll. An empty list takes everything away.
	Objects map[string][]string
	// Fields says of a field, such as Lead.Title, whether it may be edited or only
	// be read: edit, read or none.
	Fields map[string]string
	// System grants (true) or takes away (false) permissions such as ApiEnabled,
	// CreateAuditFields or BulkApiHardDelete.
	System map[string]bool
}

// Permit changes what a profile or a permission set grants: what is named, and
// nothing else. Without a profile or a permission set of that name it makes a
// permission set, which grants nothing else.
func (o *Org) Permit(name string, p Permissions) error {
	return o.write(o.Admin(), func(t *tx) *Error {
		set, err := t.permissionSet(name)
		if err != nil {
			return err
		}
		return t.permit(set, p)
	})
}

// AssignPermissionSet gives users, by name, a permission set; who has it already
// keeps it.
func (o *Org) AssignPermissionSet(name string, usernames ...string) error {
	return o.write(o.Admin(), func(t *tx) *Error { return t.assignSet(name, usernames) })
}

func (t *tx) assignSet(name string, usernames []string) *Error {
	set, err := t.permissionSet(name)
	if err != nil {
		return err
	}
	for _, username := range usernames {
		user, ok := t.org.userNamed(username)
		if !ok {
			return refusal("INVALID_CROSS_REFERENCE_KEY", "the org has no user "+username)
		}
		assignments := t.org.standard("PermissionSetAssignment")
		if t.org.assigned(user.ID, set) {
			continue
		}
		if _, err := t.insert(assignments, map[string]any{"AssigneeId": user.ID, "PermissionSetId": set}, creating); err != nil {
			return err
		}
	}
	return nil
}

func (o *Org) assigned(user, set string) bool {
	assignments := o.standard("PermissionSetAssignment")
	return slices.ContainsFunc(assignments.referring("AssigneeId", user), func(row table.Row) bool {
		return row.Text(mustColumn(assignments, "PermissionSetId")) == set
	})
}

// permissionSet finds or makes the permission set of a name, or of the profile of
// that name.
func (t *tx) permissionSet(name string) (string, *Error) {
	if profile := t.org.profileNamed(name); profile != "" {
		set, _ := t.org.setOfProfile(profile)
		return set, nil
	}
	sets := t.org.standard("PermissionSet")
	if row, ok := sets.called(name); ok {
		return row.ID, nil
	}
	return t.insert(sets, map[string]any{"Name": name, "Label": strings.ReplaceAll(name, "_", " ")}, creating)
}

func (t *tx) permit(set string, p Permissions) *Error {
	system := map[string]any{}
	for name, granted := range p.System {
		system["Permissions"+name] = granted
	}
	if err := t.update(set, system); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(p.Objects)) {
		if err := t.permitObject(set, name, p.Objects[name]); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Fields)) {
		if err := t.permitField(set, name, p.Fields[name]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) permitObject(set, name string, words []string) *Error {
	obj, ok := t.org.object(name)
	if !ok {
		return unknownObject(name)
	}
	values, known := map[string]any{}, 0
	for _, p := range objectPermissions {
		granted := slices.Contains(words, p.word)
		values[p.field] = granted
		if granted {
			known++
		}
	}
	if known != len(words) {
		return refusal("INVALID_FIELD", "object permissions are read, create, edit, delete, viewAll, modifyAll, each once: "+strings.Join(words, ", "))
	}
	return t.permitOn("ObjectPermissions", set, "SobjectType", obj.Name, obj.Name, values)
}

func (t *tx) permitField(set, name, word string) *Error {
	object, fieldName, _ := strings.Cut(name, ".")
	obj, ok := t.org.object(object)
	if !ok {
		return unknownObject(object)
	}
	f, ok := obj.field(fieldName)
	if !ok {
		return noColumn(fieldName, obj.Name)
	}
	if word != "edit" && word != "read" && word != "none" {
		return refusal("INVALID_FIELD", fmt.Sprintf("a field permission is one of edit, read, none: %s", word))
	}
	values := map[string]any{"PermissionsRead": word != "none", "PermissionsEdit": word == "edit"}
	return t.permitOn("FieldPermissions", set, "Field", obj.Name+"."+f.Name, obj.Name, values)
}

// permitOn changes, makes or removes the record that keeps a permission set's
// permissions on an object or a field.
func (t *tx) permitOn(kind, set, key, name, object string, values map[string]any) *Error {
	permissions, _ := t.org.object(kind)
	for _, row := range permissions.referring("ParentId", set) {
		if row.Text(mustColumn(permissions, key)) == name {
			return t.update(row.ID, values)
		}
	}
	if values["PermissionsRead"] == false {
		return nil
	}
	values["ParentId"], values["SobjectType"], values[key] = set, object, name
	_, err := t.insert(permissions, values, creating)
	return err
}
