package sandbox

import (
	"strings"
	"testing"
	"time"

	"conversion/internal/sandbox/schema"
)

func TestADeletionIsRefusedWhileSomethingMustNotLoseTheRecord(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "Acme"})
	contact := c.insert("Contact", m{"LastName": "Doe", "AccountId": account})
	support := c.insert("Case", m{"ContactId": contact})
	for _, id := range []string{account, contact} {
		message := c.refused(400, "DELETE_FAILED", "DELETE", v67+"/sobjects/"+map[bool]string{true: "Account", false: "Contact"}[id == account]+"/"+id, nil)
		if !strings.Contains(message, "associated with the following cases") || !strings.Contains(message, "00001000") {
			t.Errorf("refused with %q", message)
		}
	}
	c.want(204, nil, "DELETE", v67+"/sobjects/Case/"+support, nil)
	won := c.insert("Opportunity", m{"Name": "Big", "StageName": "Closed Won", "CloseDate": "2026-01-01", "AccountId": account})
	c.refused(400, "DELETE_FAILED", "DELETE", v67+"/sobjects/Account/"+account, nil)
	c.want(204, nil, "DELETE", v67+"/sobjects/Opportunity/"+won, nil)
	c.want(204, nil, "DELETE", v67+"/sobjects/Account/"+account, nil)
	if c.record(contact)["IsDeleted"] != true {
		t.Error("the contact stayed")
	}
}

func TestLookupsToADeletedRecordAreEmptyUntilItComesBack(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	if err := c.org.AddField("Lead", schema.Field{Name: "Sponsor__c", Type: schema.Reference, ReferenceTo: []string{"Contact"}, Nillable: true}); err != nil {
		t.Fatal(err)
	}
	boss := c.insert("Contact", m{"LastName": "Boss"})
	first, second := c.insert("Contact", m{"LastName": "A", "ReportsToId": boss}), c.insert("Contact", m{"LastName": "B", "ReportsToId": boss})
	lead := c.insert("Lead", m{"LastName": "L", "Company": "X", "Sponsor__c": boss})
	c.org.Clock().Advance(time.Minute)
	c.want(204, nil, "DELETE", v67+"/sobjects/Contact/"+boss, nil)
	for _, id := range []string{first, second} {
		if got := c.record(id); got["ReportsToId"] != nil || got["SystemModstamp"] != "2026-01-31T09:01:00.000+0000" || got["LastModifiedDate"] != "2026-01-31T09:00:00.000+0000" {
			t.Errorf("a report of the deleted contact is %v", got)
		}
	}
	if got := c.record(lead)["Sponsor__c"]; got != nil {
		t.Errorf("a custom lookup leads to %v", got)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Contact/"+second, m{"ReportsToId": first})
	if err := c.org.Undelete(c.org.Admin(), boss); err != nil {
		t.Fatal(err)
	}
	if c.record(first)["ReportsToId"] != boss || c.record(second)["ReportsToId"] != first || c.record(lead)["Sponsor__c"] != boss {
		t.Error("undelete restores the lookups that nothing has replaced, and only those")
	}
}

func TestARecordLeavesTheRecycleBinAfterFifteenDays(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{SessionLifetime: 90 * 24 * time.Hour})
	account := c.insert("Account", m{"Name": "Acme"})
	contact := c.insert("Contact", m{"LastName": "Doe", "AccountId": account})
	c.want(204, nil, "DELETE", v67+"/sobjects/Account/"+account, nil)
	c.org.Clock().Advance(15*24*time.Hour - time.Second)
	if got := c.queryAll("SELECT Id FROM Contact WHERE IsDeleted = true"); got.TotalSize != 1 {
		t.Errorf("just before its time the bin holds %v", got.Records)
	}
	c.org.Clock().Advance(time.Second)
	if got := c.queryAll("SELECT Id FROM Contact"); got.TotalSize != 0 {
		t.Errorf("after fifteen days queryAll shows %v", got.Records)
	}
	if err := c.org.Undelete(c.org.Admin(), contact); err == nil {
		t.Error("a purged record came back")
	}
}

func TestRecordsGoneForGoodAreListedAsDeleted(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead, emptied, hard := c.lead("a@x.test"), c.lead("b@x.test"), c.lead("c@x.test")
	campaign := c.insert("Campaign", m{"Name": "Spring"})
	member := c.insert("CampaignMember", m{"CampaignId": campaign, "LeadId": lead})
	c.org.Clock().Advance(time.Minute)
	c.want(204, nil, "DELETE", v67+"/sobjects/CampaignMember/"+member, nil)
	c.want(204, nil, "DELETE", v67+"/sobjects/Lead/"+emptied, nil)
	c.want(204, nil, "POST", "/__sandbox/emptyRecycleBin", m{"ids": []string{emptied}})
	c.want(204, nil, "POST", "/__sandbox/records/"+hard+"/hardDelete", nil)
	c.org.Clock().Advance(time.Minute)
	const span = "?start=2026-01-31T09:00:00Z&end=2026-01-31T09:02:00Z"
	for object, want := range map[string]int{"CampaignMember": 1, "Lead": 2} {
		var deleted struct{ DeletedRecords []m }
		c.want(200, &deleted, "GET", v67+"/sobjects/"+object+"/deleted"+span, nil)
		if len(deleted.DeletedRecords) != want {
			t.Errorf("deleted %s: %v", object, deleted.DeletedRecords)
		}
		if got := c.queryAll("SELECT Id FROM " + object + " WHERE IsDeleted = true"); got.TotalSize != 0 {
			t.Errorf("queryAll shows %v", got.Records)
		}
	}
	if got := c.record(campaign)["NumberOfLeads"]; got != 0.0 {
		t.Errorf("the campaign counts %v leads", got)
	}
	if err := c.org.EmptyRecycleBin(c.org.Admin(), lead); err == nil {
		t.Error("a live record was emptied from the bin")
	}
}

func TestADeletionThatFailsTakesNothing(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	campaign := c.insert("Campaign", m{"Name": "Spring"})
	lead := c.lead("a@x.test")
	member := c.insert("CampaignMember", m{"CampaignId": campaign, "LeadId": lead})
	err := c.org.write(c.org.Admin(), func(t *tx) *Error {
		if err := t.delete(member); err != nil {
			return err
		}
		return refusal("UNKNOWN_EXCEPTION", "on purpose")
	})
	if err == nil || c.record(member)["LeadId"] != lead || c.record(campaign)["NumberOfLeads"] != 1.0 {
		t.Errorf("after %v the member is %v", err, c.record(member))
	}
}
