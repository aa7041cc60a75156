package page

import "conversion"

// NewTitle is the title of the form for a new entity.
func NewTitle(k conversion.Kind) string { return "New " + thing(k) }

// Created says that an entity was made.
func Created(k conversion.Kind) string { return titled(k) + " created" }

// Deleted says that an entity was deleted.
func Deleted(k conversion.Kind) string { return titled(k) + " deleted" }

func titled(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "Company"
	}
	return "Contact"
}

// CreateNote says what creating does in Salesforce under the rules.
func CreateNote(k conversion.Kind, r conversion.Rules) string {
	target := r.ContactsCreated
	if k == conversion.KindCompany {
		target = r.CompaniesCreated
	}
	switch target {
	case conversion.TargetLeads:
		return "By the present rules, a lead is created in Salesforce too, or the one with this e-mail is linked."
	case conversion.TargetContacts:
		return "By the present rules, a contact is created in Salesforce too, or the one with this e-mail is linked."
	case conversion.TargetCompanies:
		return "By the present rules, an account is created in Salesforce too, or the one with this domain is linked."
	}
	return "By the present rules, nothing is created in Salesforce."
}

// UpdateNote says what saving does in Salesforce under the rules.
func UpdateNote(k conversion.Kind, r conversion.Rules) string {
	target := r.ContactsUpdated
	if k == conversion.KindCompany {
		target = r.CompaniesUpdated
	}
	switch target {
	case conversion.TargetLeads:
		return "By the present rules, changes go to linked leads."
	case conversion.TargetContacts:
		return "By the present rules, changes go to linked contacts in Salesforce."
	case conversion.TargetAll:
		return "By the present rules, changes go to all linked leads and contacts."
	case conversion.TargetCompanies:
		return "By the present rules, changes go to all linked accounts."
	}
	return "By the present rules, changes stay in Conversion and are not sent to Salesforce."
}

// RunTitle names a run.
func RunTitle(r conversion.Run) string {
	direction := "Inbound"
	if r.Direction == conversion.Outbound {
		direction = "Outbound"
	}
	return direction + " run: " + objectName(r.Object)
}
