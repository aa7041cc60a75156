package sandbox

import (
	"strings"

	"conversion/internal/sandbox/schema"
)

// A person account is one account and one contact that stands behind it. The
// account holds the person's fields, its own under the names that accounts give
// them; whatever is saved there is copied to the contact, which nobody writes.

// sharedFields have one name on the account and on the contact.
var sharedFields = []string{"FirstName", "LastName", "Salutation", "Phone", "Fax", "Description", "OwnerId"}

// personFields are the account's fields by what the contact calls them.
var personFields = func() map[string]string {
	names := map[string]string{}
	for _, name := range sharedFields {
		names[name] = name
	}
	for _, name := range []string{
		"MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone", "Email", "Title", "Department", "AssistantName", "LeadSource",
		"Birthdate", "HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall", "EmailBouncedReason", "EmailBouncedDate",
	} {
		names[name] = "Person" + name
	}
	for _, part := range []string{"Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy"} {
		names["Mailing"+part], names["Other"+part] = "PersonMailing"+part, "PersonOther"+part
	}
	return names
}()

// personName is what an account calls a custom field, or a custom relationship,
// of its contact.
func personName(name string) string {
	if base, ok := strings.CutSuffix(name, "__r"); ok {
		return base + "__pr"
	}
	return strings.TrimSuffix(name, "__c") + "__pc"
}

// personField is what the account calls a field of the contact.
func (o *object) personField(f *field) (string, bool) {
	if name, ok := personFields[f.Name]; ok {
		return name, true
	}
	return personName(f.Name), f.Custom && o.has(personName(f.Name))
}

// preparePerson tells persons from companies and names the former.
func (t *tx) preparePerson(d *draft) *Error {
	if !t.org.enabled(schema.PersonAccounts) {
		return nil
	}
	if d.isNew() {
		if err := t.settleRecordType(d); err != nil {
			return err
		}
	}
	if !d.flag("IsPersonAccount") {
		return nil
	}
	if d.text("LastName") == "" {
		return missingFields("LastName")
	}
	if given := d.text("Name"); given != "" && d.changed("Name") && given != fullName(d) && d.access != importing {
		return refusal("INVALID_FIELD_FOR_INSERT_UPDATE", "Account: bad field names on insert/update call: Name", "Name")
	}
	d.set("Name", fullName(d))
	return nil
}

// accountRules keeps persons and companies apart.
func (t *tx) accountRules(d *draft) *Error {
	if !t.org.enabled(schema.PersonAccounts) {
		return nil
	}
	if !d.flag("IsPersonAccount") {
		return refusePersonFields(d)
	}
	if !d.isNew() && d.changed("PersonEmail") && !d.changed("PersonEmailBouncedDate") {
		d.set("PersonEmailBouncedDate", nil)
		d.set("PersonEmailBouncedReason", nil)
	}
	if d.isNew() && d.text("PersonContactId") == "" {
		d.set("PersonContactId", t.org.newID(t.org.standard("Contact")))
	}
	return nil
}

// settleRecordType makes a new account a person or a company: by its record
// type, else by whether it has a last name.
func (t *tx) settleRecordType(d *draft) *Error {
	types := t.org.standard("RecordType")
	person := d.text("LastName") != ""
	if id := d.text("RecordTypeId"); id != "" {
		row, ok := types.rows.Find(id)
		if !ok {
			return refusal("INVALID_CROSS_REFERENCE_KEY", "Record Type ID: this ID value isn't valid for the user: "+id, "RecordTypeId")
		}
		person = types.flagged(row, "IsPersonType")
	}
	for row := range types.rows.ByID().All() {
		if d.text("RecordTypeId") == "" && types.flagged(row, "IsPersonType") == person {
			d.set("RecordTypeId", row.ID)
		}
	}
	d.set("IsPersonAccount", person)
	return nil
}

// refusePersonFields refuses a company with values that only persons have.
func refusePersonFields(d *draft) *Error {
	var given []string
	for _, f := range d.object.fields {
		personal := strings.HasPrefix(f.Name, "Person") || strings.HasSuffix(f.Name, "__pc") ||
			f.Name == "FirstName" || f.Name == "LastName" || f.Name == "Salutation"
		if personal && f.column >= 0 && d.values[f.column] != nil && d.values[f.column] != false {
			given = append(given, f.Name)
		}
	}
	if len(given) == 0 {
		return nil
	}
	return refusal("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: "+strings.Join(given, ", ")+
		". A business account has no fields of a person.", given...)
}

// mirrorPerson brings the contact of a person account into agreement with it.
func (t *tx) mirrorPerson(d *draft) *Error {
	if !t.org.enabled(schema.PersonAccounts) || !d.flag("IsPersonAccount") {
		return nil
	}
	contacts := t.org.standard("Contact")
	id := d.text("PersonContactId")
	person := &draft{object: contacts, access: creating, id: id, values: make([]any, contacts.columns)}
	if row, ok := contacts.rows.Find(id); ok {
		person = t.edit(contacts, *row)
	}
	for _, f := range contacts.fields {
		if name, ok := d.object.personField(f); ok && f.column >= 0 {
			person.values[f.column] = d.get(name)
		}
	}
	person.erased = d.erased
	person.set("AccountId", d.id)
	person.set("IsPersonAccount", true)
	person.set("Name", fullName(person))
	person.set("IsEmailBounced", person.get("EmailBouncedDate") != nil)
	t.stampAuthor(person)
	t.store(person)
	return t.followUp(person)
}

// refuseDirect refuses a save of a contact that stands behind a person account.
func (t *tx) refuseDirect(d *draft) *Error {
	if d.flag("IsPersonAccount") && d.access != importing {
		return refusal("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id: a person contact is changed through its account", "Id")
	}
	return nil
}
