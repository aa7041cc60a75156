package page

import (
	"slices"
	"time"

	"conversion"
)

// Section is an entry of the side navigation.
type Section string

// The sections.
const (
	SectionContacts     Section = "contacts"
	SectionCompanies    Section = "companies"
	SectionActivity     Section = "activity"
	SectionHeld         Section = "held"
	SectionIntegrations Section = "integrations"
	SectionMembers      Section = "members"
	SectionKeys         Section = "keys"
)

// Frame is what surrounds the content of every page of a signed-in member.
type Frame struct {
	Title   string // of the document, and the page's only <h1>
	Lead    string // one line below the title; may be empty
	Section Section
	Crumb   Crumb // where the page belongs; may be empty
	Wide    bool  // lists take more room than settings
	Member  string
	Admin   bool
	Now     time.Time
	Notice  string // what was just done, shown once
}

// Crumb leads back to where a page belongs. Without a Path it is only said.
type Crumb struct {
	Text, Path string
}

// Problem is an error in words: what happened, what to do, and the fields at fault.
type Problem struct {
	Message string
	Hint    string
	Fields  []conversion.FieldError
	// Conflict says that it may be done all the same if the admin confirms it.
	Conflict bool
}

// Of returns what is wrong with the field, "" when nothing is.
func (p *Problem) Of(field string) string {
	if p == nil {
		return ""
	}
	for _, f := range p.Fields {
		if f.Field == field {
			return f.Message
		}
	}
	return ""
}

// beside is the problem without what is said at the inputs of these names.
func (p *Problem) beside(inputs ...string) *Problem {
	if p == nil {
		return nil
	}
	rest := *p
	rest.Fields = slices.DeleteFunc(slices.Clone(rest.Fields), func(f conversion.FieldError) bool { return slices.Contains(inputs, f.Field) })
	return &rest
}

// Failure is a page that could not be shown.
type Failure struct {
	Title     string
	Problem   Problem
	RequestID string // by which the log has more; may be empty
	SignedIn  bool
}

type navEntry struct {
	section Section
	path    string
	text    string
}

var mainNav = []navEntry{
	{SectionContacts, "/contacts", "Contacts"},
	{SectionCompanies, "/companies", "Companies"},
	{SectionActivity, "/activity", "Sync activity"},
	{SectionHeld, "/held", "Held"},
}

var settingsNav = []navEntry{
	{SectionIntegrations, "/settings/integrations", "Integrations"},
	{SectionMembers, "/settings/members", "Members"},
	{SectionKeys, "/settings/keys", "API keys"},
}
