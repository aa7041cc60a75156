package mapping

import (
	"slices"

	"conversion"
)

// standardVariable is a row of the tables below: a variable that has a plain key, and the
// standard fields it is the same as.
type standardVariable struct {
	key    string
	label  string
	fields map[conversion.Object]string
	id     conversion.VarID // reserved; 0: allotted as for any other
	of     conversion.Type  // "": text
	optOut bool
	// described keeps the variable back until an org has one of the fields: not every org
	// does, and without one nobody would miss it.
	described bool
	// derived variables have no field and no claims; nobody writes them.
	derived bool
}

// both names a field that Leads and Contacts call the same.
func both(name string) map[conversion.Object]string { return onPeople(name, name) }

// onPeople names the field of a Lead and the one of a Contact; "" where there is none.
func onPeople(lead, contact string) map[conversion.Object]string {
	fields := map[conversion.Object]string{conversion.Lead: lead, conversion.Contact: contact}
	for object, name := range fields {
		if name == "" {
			delete(fields, object)
		}
	}
	return fields
}

func onAccount(name string) map[conversion.Object]string {
	return map[conversion.Object]string{conversion.Account: name}
}

// standardContact are the plain variables of contacts. The address of a contact is a
// Lead's only one and a Contact's mailing address.
var standardContact = []standardVariable{
	{key: "email", label: "Email", fields: both("Email"), id: conversion.EmailVar},
	{key: "account_id", label: "Account", fields: onPeople("", "AccountId"), id: conversion.AccountVar},

	{key: "salutation", label: "Salutation", fields: both("Salutation")},
	{key: "first_name", label: "First name", fields: both("FirstName")},
	{key: "middle_name", label: "Middle name", fields: both("MiddleName"), described: true},
	{key: "last_name", label: "Last name", fields: both("LastName")},
	{key: "suffix", label: "Suffix", fields: both("Suffix"), described: true},
	{key: "job_title", label: "Job title", fields: both("Title")},
	{key: "company_name", label: "Company name", fields: onPeople("Company", "")},
	{key: "phone", label: "Phone", fields: both("Phone")},
	{key: "mobile_phone", label: "Mobile phone", fields: both("MobilePhone")},

	{key: "street", label: "Street", fields: onPeople("Street", "MailingStreet")},
	{key: "city", label: "City", fields: onPeople("City", "MailingCity")},
	{key: "state", label: "State or province", fields: onPeople("State", "MailingState")},
	{key: "postal_code", label: "Postal code", fields: onPeople("PostalCode", "MailingPostalCode")},
	{key: "country", label: "Country", fields: onPeople("Country", "MailingCountry")},
	{key: "state_code", label: "State code", fields: onPeople("StateCode", "MailingStateCode"), described: true},
	{key: "country_code", label: "Country code", fields: onPeople("CountryCode", "MailingCountryCode"), described: true},
	{key: "latitude", label: "Latitude", fields: onPeople("Latitude", "MailingLatitude"), of: conversion.TypeNumber, described: true},
	{key: "longitude", label: "Longitude", fields: onPeople("Longitude", "MailingLongitude"), of: conversion.TypeNumber, described: true},

	{key: "description", label: "Description", fields: both("Description")},
	{key: "lead_source", label: "Lead source", fields: both("LeadSource")},
	{key: "email_opt_out", label: "Email opt-out", fields: both("HasOptedOutOfEmail"), of: conversion.TypeBool, optOut: true},
	{key: "fax_opt_out", label: "Fax opt-out", fields: both("HasOptedOutOfFax"), of: conversion.TypeBool, optOut: true},
	{key: "do_not_call", label: "Do not call", fields: both("DoNotCall"), of: conversion.TypeBool, optOut: true},
}

// standardCompany are the plain variables of companies. The domain is read off the
// website: its value is the company's key (spec 3.4, 3.6).
var standardCompany = []standardVariable{
	{key: "website", label: "Website", fields: onAccount("Website"), id: conversion.WebsiteVar},
	{key: "name", label: "Name", fields: onAccount("Name"), id: conversion.NameVar},
	{key: "domain", label: "Domain", derived: true},
	{key: "phone", label: "Phone", fields: onAccount("Phone")},
	{key: "industry", label: "Industry", fields: onAccount("Industry")},
	{key: "number_of_employees", label: "Employees", fields: onAccount("NumberOfEmployees"), of: conversion.TypeNumber},
	{key: "annual_revenue", label: "Annual revenue", fields: onAccount("AnnualRevenue"), of: conversion.TypeNumber},
	{key: "billing_street", label: "Billing street", fields: onAccount("BillingStreet")},
	{key: "billing_city", label: "Billing city", fields: onAccount("BillingCity")},
	{key: "billing_state", label: "Billing state or province", fields: onAccount("BillingState")},
	{key: "billing_postal_code", label: "Billing postal code", fields: onAccount("BillingPostalCode")},
	{key: "billing_country", label: "Billing country", fields: onAccount("BillingCountry")},
	{key: "description", label: "Description", fields: onAccount("Description")},
}

func standard(kind conversion.Kind) []standardVariable {
	if kind == conversion.KindCompany {
		return standardCompany
	}
	return standardContact
}

// standardFields are the rows of the tables by their fields: an org has hundreds of fields,
// and each is looked up.
var standardFields = func() map[fieldID]*standardVariable {
	rows := make(map[fieldID]*standardVariable)
	for _, table := range [][]standardVariable{standardContact, standardCompany} {
		for i := range table {
			for object, name := range table[i].fields {
				rows[fieldID{object, name}] = &table[i]
			}
		}
	}
	return rows
}()

// standardOf returns the row of a field, nil when it is not in the table.
func standardOf(object conversion.Object, name string) *standardVariable {
	return standardFields[fieldID{object, name}]
}

// variable returns the row as a variable without fields.
func (s standardVariable) variable(kind conversion.Kind, id conversion.VarID) conversion.Variable {
	v := conversion.Variable{
		ID: id, Kind: kind, Key: s.key, Label: s.label, Type: s.of,
		Mode: conversion.ModeTwoWay, OptOut: s.optOut,
	}
	if v.Type == "" {
		v.Type = conversion.TypeText
	}
	if s.derived {
		v.Mode, v.ReadOnly = conversion.ModeNone, true
	}
	return v
}

// Seed returns the variables of the kind that a workspace has before it is connected, so
// that contacts and companies can be made and edited at once. Variables later attaches
// the org's fields to them.
func Seed(kind conversion.Kind) []conversion.Variable {
	var seed []conversion.Variable
	next := conversion.FirstVarID
	for _, row := range standard(kind) {
		switch {
		case row.described:
		case row.id != 0:
			seed = append(seed, row.variable(kind, row.id))
		default:
			seed = append(seed, row.variable(kind, next))
			next++
		}
	}
	slices.SortFunc(seed, func(a, b conversion.Variable) int { return int(a.ID - b.ID) })
	return seed
}
