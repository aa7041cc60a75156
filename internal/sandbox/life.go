package sandbox

import "conversion/internal/sandbox/table"

// prepare fills in, before anything is checked, what a record's other fields or
// its parents decide.
func (t *tx) prepare(d *draft) *Error {
	t.number(d)
	switch d.object.Name {
	case "Account":
		return t.preparePerson(d)
	case "Opportunity":
		t.prepareOpportunity(d)
	case "OpportunityLineItem":
		return t.prepareLineItem(d)
	case "CampaignMember":
		return t.prepareMember(d)
	case "Case":
		t.prepareCase(d)
	}
	return nil
}

// objectRules applies what an object does beyond the rules of its fields.
func (t *tx) objectRules(d *draft) *Error {
	if d.object.has("LastName") && d.object.Name != "Account" && d.object.Name != "CampaignMember" {
		d.set("Name", fullName(d))
	}
	t.mirrorParents(d)
	if rules, ok := rulesOf[d.object.Name]; ok {
		return rules(t, d)
	}
	return nil
}

// rulesOf are the rules of the objects that have some of their own.
var rulesOf = map[string]func(*tx, *draft) *Error{
	"Lead": (*tx).leadRules, "Contact": (*tx).contactRules, "Account": (*tx).accountRules,
	"Task": (*tx).taskRules, "Event": (*tx).eventRules,
	"TaskRelation": (*tx).relationRules, "EventRelation": (*tx).relationRules, "Attachment": (*tx).attachmentRules,

	"Campaign": campaignRules, "CampaignMember": (*tx).campaignMemberRules,
	"Opportunity": (*tx).opportunityRules, "PricebookEntry": (*tx).entryRules,
	"Case": (*tx).caseRules, "Contract": (*tx).contractRules,

	"User": (*tx).userRules, "PermissionSet": (*tx).permissionSetRules, "PermissionSetAssignment": (*tx).assignmentRules,
	"ObjectPermissions": (*tx).objectPermissionRules, "FieldPermissions": (*tx).fieldPermissionRules,
	"Group": (*tx).groupRules, "GroupMember": (*tx).memberRules, "QueueSobject": (*tx).queueRules,
	"AccountShare": (*tx).shareRules, "ContactShare": (*tx).shareRules, "LeadShare": (*tx).shareRules, "OpportunityShare": (*tx).shareRules,
}

func campaignRules(_ *tx, d *draft) *Error { return checkDates(d, "StartDate", "EndDate") }

// followUp brings other records up to date after a save.
func (t *tx) followUp(d *draft) *Error {
	if err := t.runDeclared(d, true); err != nil {
		return err
	}
	t.mirrorToChildren(d)
	t.rollUp(d)
	switch d.object.Name {
	case "Account":
		return t.mirrorPerson(d)
	case "Task", "Event":
		return t.activitySaved(d)
	case "EventRelation", "TaskRelation":
		return t.relationSaved(d)
	case "Campaign":
		return t.campaignSaved(d)
	case "CampaignMemberStatus":
		t.onlyDefault(d)
	case "Opportunity":
		return t.opportunitySaved(d)
	case "OpportunityContactRole":
		t.onlyPrimary(d)
	case "OpportunityLineItem":
		t.lineItemSaved(d)
	case "Case":
		return t.caseSaved(d)
	}
	return t.adminSaved(d)
}

// adminSaved brings others up to date after a save of a user or a permission.
func (t *tx) adminSaved(d *draft) *Error {
	switch d.object.Name {
	case "User":
		return t.userSaved(d)
	case "PermissionSet":
		return t.profileFollows(d)
	case "ObjectPermissions", "FieldPermissions":
		return t.emptyPermissionGone(d)
	}
	return nil
}

// number gives a new record the next numbers of its auto-number fields, unless the caller gave them.
func (t *tx) number(d *draft) {
	if !d.isNew() {
		return
	}
	for _, f := range d.object.fields {
		if f.AutoNumber && f.column >= 0 && d.values[f.column] == nil {
			d.values[f.column] = f.nextNumber(t.org)
		}
	}
}

// checkDates refuses a period that ends before it begins.
func checkDates(d *draft, from, to string) *Error {
	if end := d.text(to); end != "" && end < d.text(from) {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "End Date: cannot be before the start date", to)
	}
	return nil
}

// parent finds the record that a lookup of the draft leads to.
func (t *tx) parent(d *draft, lookup string) (*object, *table.Row, bool) {
	return t.parentByID(d.text(lookup))
}

func (t *tx) parentByID(id string) (*object, *table.Row, bool) {
	obj, ok := t.org.objectOf(id)
	if !ok {
		return nil, nil, false
	}
	row, ok := obj.rows.Find(id)
	return obj, row, ok
}

// adjust changes fields of a record that follow from others: SystemModstamp does
// not move, as always when only a derived value changed.
func (t *tx) adjust(id string, change func(d *draft)) {
	obj, row, ok := t.parentByID(id)
	if !ok {
		return
	}
	d := t.edit(obj, *row)
	change(d)
	if packed := d.packed(); packed != row.Data {
		d.stamp = row.Stamp
		t.store(d)
	}
}
