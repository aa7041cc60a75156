package sandbox

import (
	"time"

	"conversion/internal/sandbox/table"
)

// ConvertOptions say what a lead is converted into; the zero value makes a new
// account and a new contact.
type ConvertOptions struct {
	// AccountID and ContactID name existing records to convert into; a contact
	// needs its account.
	AccountID, ContactID string
	// OwnerID of the new records; the lead's owner when empty.
	OwnerID string
	// OverwriteLeadSource gives an existing contact the lead's source.
	OverwriteLeadSource bool
}

// ConvertLead converts a live lead as somebody does in Salesforce, without an
// opportunity. The lead becomes read-only; its activities move to the contact.
func (o *Org) ConvertLead(as Actor, leadID string, options ConvertOptions) (accountID, contactID string, err error) {
	err = o.write(as, func(t *tx) (refused *Error) {
		accountID, contactID, refused = t.convert(leadID, options)
		return refused
	})
	return accountID, contactID, err
}

// A lead's fields and what they become on a contact or an account.
var (
	leadToContact = map[string]string{
		"Salutation": "Salutation", "FirstName": "FirstName", "MiddleName": "MiddleName", "LastName": "LastName", "Suffix": "Suffix",
		"Title": "Title", "Email": "Email", "Phone": "Phone", "MobilePhone": "MobilePhone", "Fax": "Fax",
		"Description": "Description", "LeadSource": "LeadSource",
		"Street": "MailingStreet", "City": "MailingCity", "State": "MailingState", "PostalCode": "MailingPostalCode", "Country": "MailingCountry",
		"HasOptedOutOfEmail": "HasOptedOutOfEmail", "HasOptedOutOfFax": "HasOptedOutOfFax", "DoNotCall": "DoNotCall",
	}
	leadToAccount = map[string]string{
		"Company": "Name", "Website": "Website", "Phone": "Phone", "Fax": "Fax", "Industry": "Industry", "Rating": "Rating",
		"AnnualRevenue": "AnnualRevenue", "NumberOfEmployees": "NumberOfEmployees", "LeadSource": "AccountSource",
		"Street": "BillingStreet", "City": "BillingCity", "State": "BillingState", "PostalCode": "BillingPostalCode", "Country": "BillingCountry",
	}
)

func (t *tx) convert(leadID string, options ConvertOptions) (accountID, contactID string, refused *Error) {
	leads, row, err := t.find(leadID)
	if err != nil {
		return "", "", err
	}
	if leads.Name != "Lead" {
		return "", "", malformedID("Lead ID", leadID)
	}
	if !t.rights.has(convertLeads) {
		return "", "", noAccess()
	}
	lead := t.edit(leads, row)
	if lead.flag("IsConverted") {
		return "", "", convertedLead()
	}
	if options.ContactID != "" && options.AccountID == "" {
		return "", "", refusal("REQUIRED_FIELD_MISSING", "Required fields are missing: [accountId]", "accountId")
	}
	if accountID, err = t.become(lead, "Account", options.AccountID, leadToAccount, options, nil); err != nil {
		return "", "", err
	}
	contactID, err = t.become(lead, "Contact", options.ContactID, leadToContact, options, map[string]any{"AccountId": accountID})
	if err != nil {
		return "", "", err
	}
	t.close(lead, accountID, contactID)
	t.moveActivities(row.ID, contactID)
	return accountID, contactID, nil
}

// become creates the lead's counterpart, or fills the empty fields of an existing
// one.
func (t *tx) become(lead *draft, object, id string, fields map[string]string, options ConvertOptions, extra map[string]any) (string, *Error) {
	obj, _ := t.org.object(object)
	in := map[string]any{}
	for from, to := range fields {
		if v := lead.get(from); v != nil && obj.has(to) {
			in[to] = v
		}
	}
	if id == "" {
		in["OwnerId"] = lead.text("OwnerId")
		if options.OwnerID != "" {
			in["OwnerId"] = options.OwnerID
		}
		for name, v := range extra {
			in[name] = v
		}
		return t.insert(obj, in, creating)
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

func (t *tx) fillEmpty(obj *object, row table.Row, in map[string]any, overwriteSource bool) *Error {
	for name := range in {
		f, _ := obj.field(name)
		if overwriteSource && name == "LeadSource" {
			continue
		}
		if f.value(&row) != nil {
			delete(in, name)
		}
	}
	return t.update(row.ID, in)
}

// close marks the lead as converted.
func (t *tx) close(lead *draft, accountID, contactID string) {
	lead.set("IsConverted", true)
	lead.set("ConvertedDate", time.Unix(t.now, 0).UTC().Format(time.DateOnly))
	lead.set("ConvertedAccountId", accountID)
	lead.set("ConvertedContactId", contactID)
	lead.set("Status", convertedStatus)
	t.stampAuthor(lead)
	t.store(lead)
}

// moveActivities makes the lead's tasks and events the contact's.
func (t *tx) moveActivities(lead, contact string) {
	for _, name := range []string{"Task", "Event"} {
		obj, _ := t.org.object(name)
		for _, row := range obj.referring("WhoId", lead) {
			d := t.edit(obj, row)
			d.set("WhoId", contact)
			d.set("AccountId", t.accountOf(contact, d.text("WhatId")))
			t.touch(d)
		}
	}
}
