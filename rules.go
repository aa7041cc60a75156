package conversion

import (
	"fmt"
	"slices"
)

// Target is an option of a rule by its API value (spec 5).
type Target string

// The options.
const (
	TargetNone      Target = "none"
	TargetLeads     Target = "leads"
	TargetContacts  Target = "contacts"
	TargetCompanies Target = "companies"
	TargetAll       Target = "all"
)

// Rules are the six settings of spec 5, all TargetNone in the zero-safe default
// (DefaultRules), with the admin's defaults for fields on create (spec 4.4).
type Rules struct {
	ContactsCreated  Target            `json:"contacts_created"`
	ContactsUpdated  Target            `json:"contacts_updated"`
	ContactsDeleted  Target            `json:"contacts_deleted"`
	CompaniesCreated Target            `json:"companies_created"`
	CompaniesUpdated Target            `json:"companies_updated"`
	CompaniesDeleted Target            `json:"companies_deleted"`
	Defaults         map[string]string `json:"defaults,omitempty"` // "Lead.Company" → value
}

// DefaultRules write nothing to a customer's Salesforce (spec 5.1).
func DefaultRules() Rules {
	return Rules{TargetNone, TargetNone, TargetNone, TargetNone, TargetNone, TargetNone, nil}
}

// RuleSetting is one of the six with the options it has, in the order they are shown.
type RuleSetting struct {
	Key     string // API name
	Kind    Kind
	Options []Target
}

// RuleSettings lists the six settings and their 15 options.
var RuleSettings = []RuleSetting{
	{"contacts_created", KindContact, []Target{TargetNone, TargetLeads, TargetContacts}},
	{"contacts_updated", KindContact, []Target{TargetNone, TargetLeads, TargetContacts, TargetAll}},
	{"contacts_deleted", KindContact, []Target{TargetNone, TargetAll}},
	{"companies_created", KindCompany, []Target{TargetNone, TargetCompanies}},
	{"companies_updated", KindCompany, []Target{TargetNone, TargetCompanies}},
	{"companies_deleted", KindCompany, []Target{TargetNone, TargetCompanies}},
}

// Get returns a setting by its API name; nil when there is none of that name.
func (r *Rules) Get(key string) *Target {
	switch key {
	case "contacts_created":
		return &r.ContactsCreated
	case "contacts_updated":
		return &r.ContactsUpdated
	case "contacts_deleted":
		return &r.ContactsDeleted
	case "companies_created":
		return &r.CompaniesCreated
	case "companies_updated":
		return &r.CompaniesUpdated
	case "companies_deleted":
		return &r.CompaniesDeleted
	}
	return nil
}

// Validate reports every setting that has no such option, as a CodeInvalid error.
func (r Rules) Validate() error {
	invalid := &Error{Code: CodeInvalid, Message: "The rules are not valid."}
	for _, s := range RuleSettings {
		if value := *r.Get(s.Key); !slices.Contains(s.Options, value) {
			invalid.Fields = append(invalid.Fields, FieldError{s.Key, fmt.Sprintf("%q is not one of %v", value, s.Options)})
		}
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// Reach is a set of things that may be done to kinds of record: what the rules allowed
// when a claim was made (spec 5.2).
type Reach uint16

// The members of a Reach.
const (
	CreateLead Reach = 1 << iota
	CreateContact
	CreateAccount
	UpdateLead
	UpdateContact
	UpdateAccount
	DeleteLead
	DeleteContact
	DeleteAccount
	// LocalOnly marks what was made with sync_to_crm: false. It goes nowhere, and nothing
	// ever widens it (spec 5.4).
	LocalOnly Reach = 1 << 15
)

const (
	allCreates = CreateLead | CreateContact | CreateAccount
	allDeletes = DeleteLead | DeleteContact | DeleteAccount
)

// Goes reports whether the reach lets anything go anywhere.
func (r Reach) Goes() bool { return r&^LocalOnly != 0 }

// Widened returns the reach with more, unless it is LocalOnly (spec 5.2).
func (r Reach) Widened(more Reach) Reach {
	if r&LocalOnly != 0 {
		return r
	}
	return r | more&^LocalOnly
}

// Creates and Deletes leave only the members of that sort.
func (r Reach) Creates() Reach { return r & allCreates }

// Deletes is Creates' counterpart for deletions.
func (r Reach) Deletes() Reach { return r & allDeletes }

// Has reports whether all of want is in the reach.
func (r Reach) Has(want Reach) bool { return want != 0 && r&want == want }

// Creating, Updating and Deleting name the member for the object; 0 for objects that are
// never written.
func Creating(o Object) Reach { return member(o, CreateLead, CreateContact, CreateAccount) }

// Updating is Creating's counterpart for updates.
func Updating(o Object) Reach { return member(o, UpdateLead, UpdateContact, UpdateAccount) }

// Deleting is Creating's counterpart for deletions.
func Deleting(o Object) Reach { return member(o, DeleteLead, DeleteContact, DeleteAccount) }

func member(o Object, lead, contact, account Reach) Reach {
	switch o {
	case Lead:
		return lead
	case Contact:
		return contact
	case Account:
		return account
	}
	return 0
}

// Reach returns everything the rules allow now.
func (r Rules) Reach() Reach {
	var reach Reach
	for target, on := range map[Target]Reach{TargetLeads: CreateLead, TargetContacts: CreateContact} {
		if r.ContactsCreated == target {
			reach |= on
		}
	}
	for target, on := range map[Target]Reach{TargetLeads: UpdateLead, TargetContacts: UpdateContact, TargetAll: UpdateLead | UpdateContact} {
		if r.ContactsUpdated == target {
			reach |= on
		}
	}
	if r.ContactsDeleted == TargetAll {
		reach |= DeleteLead | DeleteContact
	}
	for _, rule := range []struct {
		target Target
		on     Reach
	}{{r.CompaniesCreated, CreateAccount}, {r.CompaniesUpdated, UpdateAccount}, {r.CompaniesDeleted, DeleteAccount}} {
		if rule.target == TargetCompanies {
			reach |= rule.on
		}
	}
	return reach
}
