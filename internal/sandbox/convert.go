package sandbox

import (
	"fmt"
	"time"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// ConvertOptions say what a lead is converted into; the zero value makes a new
// account, a new contact and a new opportunity.
type ConvertOptions struct {
	// AccountID and ContactID name existing records to convert into; a contact
	// needs its account. They get the lead's values only where they have none.
	AccountID, ContactID string
	// RelatedPersonAccountID names a person account to convert into as the contact
	// of the account.
	RelatedPersonAccountID string
	// OwnerID of the new records; the lead's owner when empty, which a queue
	// cannot be.
	OwnerID string
	// OverwriteLeadSource gives an existing contact the lead's source.
	OverwriteLeadSource bool
	// OpportunityID names an existing opportunity, OpportunityName what a new one
	// is called instead of the lead's company.
	OpportunityID, OpportunityName string
	DoNotCreateOpportunity         bool
	// ConvertedStatus of the lead; the first one of the org when empty.
	ConvertedStatus string
}

// Converted are the ids of what a lead became; OpportunityID is empty without
// one, RelatedPersonAccountID unless the lead became a person account.
type Converted struct {
	LeadID, AccountID, ContactID, OpportunityID, RelatedPersonAccountID string
}

// ConvertLead converts a live lead as somebody does in Salesforce. The lead
// becomes read-only; its activities, notes and campaign memberships become the
// contact's.
func (o *Org) ConvertLead(as Actor, leadID string, options ConvertOptions) (converted Converted, err error) {
	err = o.write(as, func(t *tx) (refused *Error) {
		converted, refused = t.convert(leadID, options)
		return refused
	})
	return converted, err
}

// SetLeadMapping replaces the org's mapping of custom fields: by name of a lead's
// field, "Object.Field" of an account, a contact or an opportunity that takes its
// value at a conversion.
func (o *Org) SetLeadMapping(mapping map[string]string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	resolved, err := o.leadMapping(mapping)
	if err == nil {
		o.mapped = resolved
		return nil
	}
	return err
}

// A lead's fields and what they become.
var (
	leadToContact = map[string]string{
		"Salutation": "Salutation", "FirstName": "FirstName", "MiddleName": "MiddleName", "LastName": "LastName", "Suffix": "Suffix",
		"Title": "Title", "Email": "Email", "Phone": "Phone", "MobilePhone": "MobilePhone", "Fax": "Fax",
		"Description": "Description", "LeadSource": "LeadSource",
		"Street": "MailingStreet", "City": "MailingCity", "State": "MailingState", "PostalCode": "MailingPostalCode", "Country": "MailingCountry",
		"Latitude": "MailingLatitude", "Longitude": "MailingLongitude", "GeocodeAccuracy": "MailingGeocodeAccuracy",
		"HasOptedOutOfEmail": "HasOptedOutOfEmail", "HasOptedOutOfFax": "HasOptedOutOfFax", "DoNotCall": "DoNotCall",
	}
	leadToAccount = map[string]string{
		"Company": "Name", "Website": "Website", "Phone": "Phone", "Fax": "Fax", "Industry": "Industry", "Rating": "Rating",
		"AnnualRevenue": "AnnualRevenue", "NumberOfEmployees": "NumberOfEmployees", "LeadSource": "AccountSource",
		"Street": "BillingStreet", "City": "BillingCity", "State": "BillingState", "PostalCode": "BillingPostalCode", "Country": "BillingCountry",
		"Latitude": "BillingLatitude", "Longitude": "BillingLongitude", "GeocodeAccuracy": "BillingGeocodeAccuracy",
	}
	leadToOpportunity = map[string]string{"LeadSource": "LeadSource"}
)

func (t *tx) convert(leadID string, options ConvertOptions) (Converted, *Error) {
	done := Converted{}
	lead, err := t.openLead(leadID, &options)
	if err != nil {
		return done, err
	}
	done.LeadID = lead.id
	if err := t.becomePeople(lead, options, &done); err != nil {
		return done, err
	}
	if err := t.becomeOpportunity(lead, options, &done); err != nil {
		return done, err
	}
	if err := t.joinAsContact(lead.id, done.ContactID); err != nil {
		return done, err
	}
	t.close(lead, options.ConvertedStatus, done)
	t.moveActivities(done)
	return done, nil
}

// openLead checks that a lead can be converted as the options say, and settles
// those that have a default.
func (t *tx) openLead(id string, options *ConvertOptions) (*draft, *Error) {
	leads, row, err := t.find(id)
	if err != nil {
		return nil, err
	}
	if leads.Name != "Lead" {
		return nil, malformedID("Lead ID", id)
	}
	if !t.rights.has(convertLeads) {
		return nil, noAccess()
	}
	lead := t.edit(leads, row)
	if options.ConvertedStatus == "" {
		options.ConvertedStatus = t.org.firstStatus("LeadStatus", "IsConverted")
	} else if !t.org.statusFlag("LeadStatus", options.ConvertedStatus, "IsConverted") {
		return nil, refusal("INVALID_STATUS", "invalid convertedStatus: "+options.ConvertedStatus, "convertedStatus")
	}
	if lead.flag("IsConverted") {
		return nil, convertedLead()
	}
	return lead, t.checkOptions(lead, options)
}

func (t *tx) checkOptions(lead *draft, options *ConvertOptions) *Error {
	if options.OwnerID == "" {
		options.OwnerID = lead.text("OwnerId")
	}
	if owner, ok := t.org.objectOf(options.OwnerID); !ok || owner.Name != "User" {
		return refusal("UNKNOWN_EXCEPTION", "Converted objects can only be owned by users.  If the lead is not owned by a user, you must specify a user for the Owner field.", "ownerId")
	}
	switch {
	case options.ContactID != "" && options.AccountID == "":
		return refusal("REQUIRED_FIELD_MISSING", "Required fields are missing: [accountId]", "accountId")
	case options.DoNotCreateOpportunity && options.OpportunityID+options.OpportunityName != "":
		return refusal("INVALID_FIELD", "doNotCreateOpportunity contradicts opportunityId and opportunityName", "doNotCreateOpportunity")
	case options.ContactID != "" && options.RelatedPersonAccountID != "":
		return refusal("INVALID_FIELD", "relatedPersonAccountId contradicts contactId", "relatedPersonAccountId")
	}
	return nil
}

// becomePeople makes or fills the account and the contact. Without a company a
// lead becomes a person account.
func (t *tx) becomePeople(lead *draft, options ConvertOptions, done *Converted) (err *Error) {
	if t.becomesPerson(lead, options) {
		return t.becomePerson(lead, options, done)
	}
	if done.AccountID, err = t.become(lead, "Account", options.AccountID, t.mappedTo("Account", leadToAccount), options, nil); err != nil {
		return err
	}
	if options.RelatedPersonAccountID != "" {
		return t.becomePerson(lead, options, done)
	}
	if err := t.checkContact(options.ContactID, done.AccountID); err != nil {
		return err
	}
	done.ContactID, err = t.become(lead, "Contact", options.ContactID, t.mappedTo("Contact", leadToContact), options, map[string]any{"AccountId": done.AccountID})
	return err
}

// checkContact refuses an existing contact of another account.
func (t *tx) checkContact(id, account string) *Error {
	contacts, row, err := t.locateOptional(id)
	if err != nil || row.ID == "" {
		return err
	}
	column, ok := contacts.column("AccountId")
	if ok && row.Text(column) != "" && row.Text(column) != account {
		return refusal("INVALID_CROSS_REFERENCE_KEY", "the contact belongs to another account: "+id, "contactId")
	}
	return nil
}

// locateOptional finds a live record by id; an empty id finds none.
func (t *tx) locateOptional(id string) (*object, table.Row, *Error) {
	if id == "" {
		return nil, table.Row{}, nil
	}
	return t.find(id)
}

// becomesPerson says whether a lead becomes a person account: one was named, or
// it has no company.
func (t *tx) becomesPerson(lead *draft, options ConvertOptions) bool {
	if !t.org.enabled(schema.PersonAccounts) {
		return false
	}
	if obj, row, ok := t.parentByID(options.AccountID); ok {
		return obj.flagged(row, "IsPersonAccount")
	}
	return options.AccountID == "" && lead.text("Company") == ""
}

// becomePerson makes or fills a person account.
func (t *tx) becomePerson(lead *draft, options ConvertOptions, done *Converted) *Error {
	accounts := t.org.objects["account"]
	fields := map[string]string{}
	for from, contactField := range t.mappedTo("Contact", leadToContact) {
		if f, ok := t.org.objects["contact"].field(contactField); ok {
			fields[from], _ = accounts.personField(f)
		}
	}
	existing := options.AccountID
	if options.RelatedPersonAccountID != "" {
		existing = options.RelatedPersonAccountID
	}
	id, err := t.become(lead, "Account", existing, fields, options, nil)
	if err != nil {
		return err
	}
	row, _ := accounts.rows.Find(id)
	if !accounts.flagged(row, "IsPersonAccount") {
		return refusal("INVALID_CROSS_REFERENCE_KEY", "no person account: "+id, "relatedPersonAccountId")
	}
	if done.AccountID == "" {
		done.AccountID = id
	}
	done.RelatedPersonAccountID = id
	done.ContactID = row.Text(mustColumn(accounts, "PersonContactId"))
	return nil
}

// become creates the lead's counterpart, or fills the empty fields of an existing
// one.
func (t *tx) become(lead *draft, object, id string, fields map[string]string, options ConvertOptions, extra map[string]any) (string, *Error) {
	obj, _ := t.org.object(object)
	in := map[string]any{}
	for from, to := range fields {
		if f, ok := lead.object.field(from); ok && obj.has(to) && lead.get(from) != nil {
			in[to] = f.shown(lead.get(from))
		}
	}
	if id == "" {
		in["OwnerId"] = options.OwnerID
		for name, v := range extra {
			in[name] = v
		}
		return t.insertDerived(obj, in)
	}
	found, row, err := t.find(id)
	if err != nil {
		return "", err
	}
	if found != obj {
		return "", malformedID(object+" ID", id)
	}
	return row.ID, t.fillEmpty(obj, row, in, options.OverwriteLeadSource)
}

// insertDerived creates a record from what another one holds: the rights that its
// author has to single fields do not matter.
func (t *tx) insertDerived(obj *object, in map[string]any) (string, *Error) {
	return withRights(t, func() (string, *Error) { return t.insert(obj, in, creating) })
}

// withRights runs fn with the rights of the platform itself.
func withRights[T any](t *tx, fn func() (T, *Error)) (T, *Error) {
	own := t.rights
	defer func() { t.rights = own }()
	t.rights = &rights{org: t.org, unlimited: true}
	return fn()
}

func (t *tx) fillEmpty(obj *object, row table.Row, in map[string]any, overwriteSource bool) *Error {
	for name := range in {
		f, _ := obj.field(name)
		if overwriteSource && (name == "LeadSource" || name == "PersonLeadSource") {
			continue
		}
		if f.value(&row) != nil {
			delete(in, name)
		}
	}
	_, err := withRights(t, func() (any, *Error) { return nil, t.update(row.ID, in) })
	return err
}

// becomeOpportunity makes the opportunity of a conversion, unless there is to be
// none.
func (t *tx) becomeOpportunity(lead *draft, options ConvertOptions, done *Converted) *Error {
	if options.DoNotCreateOpportunity {
		return nil
	}
	name := options.OpportunityName
	if name == "" {
		name = lead.text("Company")
	}
	if name == "" {
		name = lead.text("Name")
	}
	extra := map[string]any{
		"Name": firstRunes(name, 120), "AccountId": done.AccountID, "ContactId": done.ContactID, "CampaignId": nilIfEmpty(t.lastCampaign(lead.id)),
		"StageName": t.org.firstStage(), "CloseDate": quarterEnd(t.now),
	}
	var err *Error
	done.OpportunityID, err = t.become(lead, "Opportunity", options.OpportunityID, t.mappedTo("Opportunity", leadToOpportunity), options, extra)
	return err
}

// lastCampaign is the campaign that a lead became a member of last.
func (t *tx) lastCampaign(lead string) string {
	members := t.org.objects["campaignmember"]
	last := ""
	for _, row := range members.referring("LeadId", lead) {
		last = row.Text(mustColumn(members, "CampaignId"))
	}
	return last
}

// quarterEnd is the last day of the calendar quarter.
func quarterEnd(at int64) string {
	day := time.Unix(at, 0).UTC()
	next := (int(day.Month())+2)/3*3 + 1
	return time.Date(day.Year(), time.Month(next), 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

func firstRunes(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n])
	}
	return s
}

// close marks the lead as converted.
func (t *tx) close(lead *draft, status string, done Converted) {
	lead.set("IsConverted", true)
	lead.set("ConvertedDate", t.today())
	lead.set("ConvertedAccountId", done.AccountID)
	lead.set("ConvertedContactId", done.ContactID)
	lead.set("ConvertedOpportunityId", nilIfEmpty(done.OpportunityID))
	lead.set("Status", status)
	lead.set("IsUnreadByOwner", false)
	t.stampAuthor(lead)
	t.store(lead)
}

// moveActivities makes the lead's tasks, events, notes and files the contact's.
// Activities are about the new opportunity, too.
func (t *tx) moveActivities(done Converted) {
	for _, name := range []string{"Note", "Attachment"} {
		obj := t.org.objects[objectKey(name)]
		for _, row := range obj.referring("ParentId", done.LeadID) {
			d := t.edit(obj, row)
			d.set("ParentId", done.ContactID)
			t.touch(d)
		}
	}
	for _, name := range []string{"Task", "Event"} {
		t.moveRelations(name, done.LeadID, done.ContactID)
		obj := t.org.objects[objectKey(name)]
		for _, row := range obj.referring("WhoId", done.LeadID) {
			d := t.edit(obj, row)
			d.set("WhoId", done.ContactID)
			d.set("WhatId", nilIfEmpty(done.OpportunityID))
			d.set("AccountId", t.accountOf(done.ContactID, d.text("WhatId")))
			if t.org.enabled(schema.SharedActivities) {
				t.setWhos(d, []string{done.ContactID})
			}
			t.touch(d)
			t.followDays(d)
			if err := t.syncRelations(d); err != nil {
				panic(fmt.Sprintf("sandbox: an activity of a converted lead lost its relations: %v", err))
			}
		}
	}
}

// mappedTo adds to the standard mapping of lead fields what the org has mapped.
func (t *tx) mappedTo(object string, standard map[string]string) map[string]string {
	return joined(standard, t.org.mapped[object])
}

// leadMapping checks a mapping and orders it by object.
func (o *Org) leadMapping(mapping map[string]string) (map[string]map[string]string, *Error) {
	resolved := map[string]map[string]string{"Account": {}, "Contact": {}, "Opportunity": {}}
	for from, to := range mapping {
		source, ok := o.objects["lead"].field(from)
		if !ok {
			return nil, noColumn(from, "Lead")
		}
		objectName, name, _ := cutPath(to)
		obj, ok := o.object(objectName)
		if !ok || resolved[obj.Name] == nil {
			return nil, refusal("INVALID_FIELD", "a lead's field becomes one of an Account, a Contact or an Opportunity, not "+to, from)
		}
		target, ok := obj.field(name)
		if !ok {
			return nil, noColumn(name, obj.Name)
		}
		resolved[obj.Name][source.Name] = target.Name
	}
	return resolved, nil
}
