package sandbox

import (
	"fmt"

	"conversion/internal/sandbox/schema"
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
		return missingFields("accountId")
	case options.DoNotCreateOpportunity && options.OpportunityID+options.OpportunityName != "":
		return refusal("INVALID_FIELD", "doNotCreateOpportunity contradicts opportunityId and opportunityName", "doNotCreateOpportunity")
	case options.ContactID != "" && options.RelatedPersonAccountID != "":
		return refusal("INVALID_FIELD", "relatedPersonAccountId contradicts contactId", "relatedPersonAccountId")
	}
	return nil
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
		obj := t.org.standard(name)
		for _, row := range obj.referring("ParentId", done.LeadID) {
			d := t.edit(obj, row)
			d.set("ParentId", done.ContactID)
			t.touch(d)
		}
	}
	for _, name := range []string{"Task", "Event"} {
		t.moveRelations(name, done.LeadID, done.ContactID)
		obj := t.org.standard(name)
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
