package sandbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"conversion/internal/sandbox/schema"
)

func TestAConversionMakesAnOpportunityUnlessToldNotTo(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead := c.insert("Lead", m{"LastName": "Doe", "Company": "Acme", "LeadSource": "Web"})
	task := c.insert("Task", m{"WhoId": lead})
	done, err := c.org.ConvertLead(c.org.Admin(), lead, ConvertOptions{ConvertedStatus: "Closed - Converted"})
	if err != nil {
		t.Fatal(err)
	}
	got := c.record(done.OpportunityID)
	if got["Name"] != "Acme" || got["AccountId"] != done.AccountID || got["StageName"] != "Prospecting" || got["CloseDate"] != "2026-03-31" || got["LeadSource"] != "Web" || got["ContactId"] != done.ContactID {
		t.Errorf("the opportunity is %v", got)
	}
	if c.record(lead)["ConvertedOpportunityId"] != done.OpportunityID || c.record(task)["WhatId"] != done.OpportunityID {
		t.Error("lead and task do not name the opportunity")
	}
	other := c.lead("b@x.test")
	if done, err = c.org.ConvertLead(c.org.Admin(), other, ConvertOptions{DoNotCreateOpportunity: true}); err != nil || done.OpportunityID != "" {
		t.Errorf("told not to, it made %+v, %v", done, err)
	}
}

func TestAConversionIsRefusedForAReason(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "A"})
	contact := c.insert("Contact", m{"LastName": "B", "AccountId": c.insert("Account", m{"Name": "Other"})})
	tests := map[string]struct {
		options ConvertOptions
		code    string
	}{
		"a contact without its account":           {ConvertOptions{ContactID: contact}, "REQUIRED_FIELD_MISSING"},
		"a contact of another account":            {ConvertOptions{AccountID: account, ContactID: contact}, "INVALID_CROSS_REFERENCE_KEY"},
		"a status that is not a converted one":    {ConvertOptions{ConvertedStatus: "Working - Contacted"}, "INVALID_STATUS"},
		"an owner that is no user":                {ConvertOptions{OwnerID: account}, "UNKNOWN_EXCEPTION"},
		"an opportunity that is not to be made":   {ConvertOptions{DoNotCreateOpportunity: true, OpportunityName: "x"}, "INVALID_FIELD"},
		"an account that is none":                 {ConvertOptions{AccountID: contact}, "MALFORMED_ID"},
		"a person account where there cannot one": {ConvertOptions{RelatedPersonAccountID: account}, "INVALID_CROSS_REFERENCE_KEY"},
	}
	for name, test := range tests {
		lead := c.lead("")
		if _, err := c.org.ConvertLead(c.org.Admin(), lead, test.options); asError(err) == nil || asError(err).Code != test.code {
			t.Errorf("%s: %v", name, err)
		}
		if c.record(lead)["IsConverted"] != false {
			t.Errorf("%s: the lead was converted", name)
		}
	}
}

func TestAConversionTakesMembershipsNotesAndMappedFieldsAlong(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, object := range []string{"Lead", "Contact"} {
		if err := c.org.AddField(object, schema.Field{Name: "Tier__c", Type: schema.String, Length: 20, Nillable: true}); err != nil {
			t.Fatal(err)
		}
	}
	c.want(204, nil, "POST", "/__sandbox/leadMapping", m{"Tier__c": "Contact.Tier__c"})
	c.refused(400, "INVALID_FIELD", "POST", "/__sandbox/leadMapping", m{"Tier__c": "Contact.Nothing__c"})
	campaign := c.insert("Campaign", m{"Name": "Spring"})
	lead := c.insert("Lead", m{"LastName": "Doe", "Company": "Acme", "Tier__c": "Gold"})
	member := c.insert("CampaignMember", m{"CampaignId": campaign, "LeadId": lead})
	note := c.insert("Note", m{"ParentId": lead, "Title": "Met"})
	done, err := c.org.ConvertLead(c.org.Admin(), lead, ConvertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.record(member); got["LeadId"] != lead || got["ContactId"] != done.ContactID || got["Type"] != "Contact" || got["CompanyOrAccount"] != "Acme" {
		t.Errorf("the member is %v", got)
	}
	if got := c.record(campaign); got["NumberOfConvertedLeads"] != 1.0 || got["NumberOfContacts"] != 1.0 || got["NumberOfOpportunities"] != 1.0 {
		t.Errorf("the campaign is %v", got)
	}
	if c.record(done.ContactID)["Tier__c"] != "Gold" || c.record(note)["ParentId"] != done.ContactID || c.record(done.OpportunityID)["CampaignId"] != campaign {
		t.Error("tier, note or campaign stayed behind")
	}
}

func TestAMergeTellsWhatMovedAndKeepsNothingTwice(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	winner, loser := c.insert("Contact", m{"LastName": "W", "ReportsToId": nil}), c.insert("Contact", m{"LastName": "L", "Title": "CEO"})
	c.want(204, nil, "PATCH", v67+"/sobjects/Contact/"+winner, m{"ReportsToId": loser})
	task := c.insert("Task", m{"WhoId": loser, "Status": "Completed", "ActivityDate": "2026-01-20"})
	campaign := c.insert("Campaign", m{"Name": "Spring"})
	twice := c.insert("CampaignMember", m{"CampaignId": campaign, "ContactId": loser})
	c.insert("CampaignMember", m{"CampaignId": campaign, "ContactId": winner})
	c.org.Clock().Advance(time.Minute)
	merged, err := c.org.MergeInto(c.org.Admin(), winner, m{"Title": "CEO"}, loser)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(merged.MergedIDs, []string{loser}) || !slices.Equal(merged.UpdatedRelatedIDs, []string{task}) {
		t.Errorf("merged %+v", merged)
	}
	if got := c.record(winner); got["Title"] != "CEO" || got["ReportsToId"] != nil || got["LastActivityDate"] != "2026-01-20" || got["LastModifiedDate"] != "2026-01-31T09:01:00.000+0000" {
		t.Errorf("the winner is %v", got)
	}
	if _, ok := c.org.Get(twice); ok || c.record(campaign)["NumberOfContacts"] != 1.0 {
		t.Errorf("the campaign is %v", c.record(campaign))
	}
}

func TestMergesAreChainedByTheirWinners(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	first, second, third := c.lead("a@x.test"), c.lead("b@x.test"), c.lead("c@x.test")
	for _, pair := range [][2]string{{second, first}, {third, second}} {
		if err := c.org.Merge(c.org.Admin(), pair[0], pair[1]); err != nil {
			t.Fatal(err)
		}
	}
	if c.record(first)["MasterRecordId"] != second || c.record(second)["MasterRecordId"] != third {
		t.Errorf("the chain is %v, %v", c.record(first)["MasterRecordId"], c.record(second)["MasterRecordId"])
	}
	if err := c.org.Merge(c.org.Admin(), third, first); asError(err) == nil || asError(err).Code != "ENTITY_IS_DELETED" {
		t.Errorf("a merged record was merged again: %v", err)
	}
	fourth := c.lead("d@x.test")
	if err := c.org.Merge(c.org.Admin(), fourth, third, fourth); err == nil || !strings.Contains(err.Error(), "MERGE_FAILED") {
		t.Errorf("a record was merged into itself: %v", err)
	}
}
