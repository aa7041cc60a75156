package sandbox

import "strings"

// objectRules applies what an object does beyond the rules of its fields.
func (t *tx) objectRules(d *draft) *Error {
	if d.object.has("LastName") {
		d.set("Name", fullName(d))
	}
	if rules, ok := rulesOf[d.object.Name]; ok {
		return rules(t, d)
	}
	return nil
}

// rulesOf are the rules of the objects that have their own.
var rulesOf = map[string]func(*tx, *draft) *Error{
	"Lead": (*tx).leadRules, "Contact": (*tx).contactRules, "Task": (*tx).taskRules, "Event": (*tx).eventRules,
	"User": (*tx).userRules, "PermissionSet": (*tx).permissionSetRules, "PermissionSetAssignment": (*tx).assignmentRules,
	"ObjectPermissions": (*tx).objectPermissionRules, "FieldPermissions": (*tx).fieldPermissionRules,
	"Group": (*tx).groupRules, "GroupMember": (*tx).memberRules, "QueueSobject": (*tx).queueRules,
	"AccountShare": (*tx).shareRules, "ContactShare": (*tx).shareRules, "LeadShare": (*tx).shareRules, "OpportunityShare": (*tx).shareRules,
}

// afterSave does what the save of a record brings about in others.
func (t *tx) afterSave(d *draft) *Error {
	switch d.object.Name {
	case "Task", "Event":
		return t.followUp(d)
	case "User":
		return t.userSaved(d)
	case "PermissionSet":
		return t.profileFollows(d)
	case "ObjectPermissions", "FieldPermissions":
		return t.emptyPermissionGone(d)
	}
	return nil
}

// fullName joins the parts of a person's name; the salutation is not among them.
func fullName(d *draft) any {
	var parts []string
	for _, name := range []string{"FirstName", "MiddleName", "LastName", "Suffix"} {
		if s := d.text(name); s != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return strings.Join(parts, " ")
}

// convertedStatus is the lead status that only a conversion sets.
const convertedStatus = "Closed - Converted"

func (t *tx) leadRules(d *draft) *Error {
	if d.access == importing {
		return nil
	}
	if !d.isNew() && d.before.Get(mustColumn(d.object, "IsConverted")) == true && !t.rights.given(editConvertedLeads) {
		return convertedLead()
	}
	if d.changed("Status") && d.text("Status") == convertedStatus {
		return refusal("CANNOT_UPDATE_CONVERTED_LEAD", "a lead gets the status "+convertedStatus+" by conversion only", "Status")
	}
	return nil
}

func convertedLead() *Error {
	return refusal("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
}

// contactRules: a new e-mail address has not bounced yet.
func (t *tx) contactRules(d *draft) *Error {
	if !d.isNew() && d.changed("Email") && !d.changed("EmailBouncedDate") {
		d.set("EmailBouncedDate", nil)
		d.set("EmailBouncedReason", nil)
	}
	d.set("IsEmailBounced", d.get("EmailBouncedDate") != nil)
	return nil
}

// mustColumn returns the column of a field that the standard schema has.
func mustColumn(obj *object, name string) int {
	column, ok := obj.column(name)
	if !ok {
		panic("sandbox: " + obj.Name + " has no field " + name)
	}
	return column
}
