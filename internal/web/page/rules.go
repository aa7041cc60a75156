package page

import (
	"maps"
	"slices"
	"strings"

	"conversion"
)

// Rules is the form of the six rules and the defaults for fields on create.
type Rules struct {
	Frame
	Chosen   conversion.Rules
	Defaults []Default
	Problem  *Problem
}

// Default is a field that every created record must have, and the value it gets when a
// contact or company has none (spec 4.4).
type Default struct {
	Field string // "Lead.Company"
	Label string
	Value string
}

// ruleText is a rule as people read it.
type ruleText struct {
	key     string // API name
	title   string
	when    string
	options []optionText
}

type optionText struct {
	value  conversion.Target
	title  string
	effect string // one line of consequence
}

// ruleTexts are the labels of spec 5, in the order of conversion.RuleSettings.
var ruleTexts = []ruleText{
	{"contacts_created", "Contacts created", "When a contact is created in Conversion", []optionText{
		{conversion.TargetNone, "Do not sync", "Never create it in Salesforce"},
		{conversion.TargetLeads, "Sync to leads", "Create a lead with all variables as fields"},
		{conversion.TargetContacts, "Sync to contacts", "Create a contact with all variables as fields"},
	}},
	{"contacts_updated", "Contacts updated", "When a contact is updated in Conversion", []optionText{
		{conversion.TargetNone, "Do not sync", "Never update linked records"},
		{conversion.TargetLeads, "Sync to leads", "Only update linked leads"},
		{conversion.TargetContacts, "Sync to contacts", "Only update linked contacts"},
		{conversion.TargetAll, "Sync to all", "Update all linked leads and contacts"},
	}},
	{"contacts_deleted", "Contacts deleted", "When a contact is deleted in Conversion", []optionText{
		{conversion.TargetNone, "Do not sync", "Keep linked records in Salesforce"},
		{conversion.TargetAll, "Sync to contacts", "Delete all linked leads and contacts"},
	}},
	{"companies_created", "Companies created", "When a company is created in Conversion", []optionText{
		{conversion.TargetNone, "Do not sync", "Never create it in Salesforce"},
		{conversion.TargetCompanies, "Sync to companies", "Create an account with all variables as fields"},
	}},
	{"companies_updated", "Companies updated", "When a company is updated in Conversion", []optionText{
		{conversion.TargetNone, "Do not sync", "Never update linked accounts"},
		{conversion.TargetCompanies, "Sync to companies", "Update all linked accounts"},
	}},
	{"companies_deleted", "Companies deleted", "When a company is deleted in Conversion", []optionText{
		{conversion.TargetNone, "Do not sync", "Keep linked accounts in Salesforce"},
		{conversion.TargetCompanies, "Sync to companies", "Delete all linked accounts"},
	}},
}

// always are the fields Salesforce demands of new records of an org as it comes; they are
// offered before describe has told of them.
var always = []Default{
	{Field: "Lead.LastName", Label: "Lead: Last Name"},
	{Field: "Lead.Company", Label: "Lead: Company"},
	{Field: "Contact.LastName", Label: "Contact: Last Name"},
	{Field: "Account.Name", Label: "Account: Name"},
}

// Defaults lists the fields that get a default on create: those always required, those
// the org requires besides, and those the admin has given one.
func Defaults(required []conversion.Field, values map[string]string) []Default {
	list := slices.Clone(always)
	add := func(field, label string) {
		if !slices.ContainsFunc(list, func(d Default) bool { return d.Field == field }) {
			list = append(list, Default{Field: field, Label: label})
		}
	}
	for _, f := range required {
		add(string(f.Object)+"."+f.Name, string(f.Object)+": "+f.Label)
	}
	for _, field := range slices.Sorted(maps.Keys(values)) {
		add(field, strings.Replace(field, ".", ": ", 1))
	}
	for i := range list {
		list[i].Value = values[list[i].Field]
	}
	return list
}

// inputs are the form's inputs, which say themselves what is wrong with them.
func (r Rules) inputs() []string {
	var names []string
	for _, text := range ruleTexts {
		names = append(names, text.key)
	}
	for _, d := range r.Defaults {
		names = append(names, "defaults."+d.Field)
	}
	return names
}

// ruleTitle is a rule's name by its API name.
func ruleTitle(key string) string {
	for _, text := range ruleTexts {
		if text.key == key {
			return text.title
		}
	}
	return key
}

// chosen returns the target a rule has.
func (r Rules) chosen(key string) conversion.Target { return *r.Chosen.Get(key) }

// summary says in one line what goes to Salesforce.
func (r Rules) summary() string {
	on := 0
	for _, text := range ruleTexts {
		if r.chosen(text.key) != conversion.TargetNone {
			on++
		}
	}
	if on == 0 {
		return "Nothing is written to Salesforce: all six rules are off."
	}
	return count(on) + " of 6 rules write to Salesforce."
}
