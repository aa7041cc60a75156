package sandbox

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAConvertedLeadBecomesAContactOfAnAccount(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead := c.insert("Lead", m{"LastName": "Doe", "FirstName": "Jo", "Company": "Acme", "Email": "jo@acme.test", "Website": "acme.test", "City": "Bern", "HasOptedOutOfEmail": true})
	task := c.insert("Task", m{"Subject": "Call", "WhoId": lead})
	c.org.Clock().Advance(time.Minute)
	converted, err := c.org.ConvertLead(c.org.User(SalesUser), lead, ConvertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	account, contact := converted.AccountID, converted.ContactID
	got := c.record(lead)
	if got["IsConverted"] != true || got["ConvertedContactId"] != contact || got["ConvertedAccountId"] != account || got["ConvertedDate"] != "2026-01-31" ||
		got["Status"] != "Closed - Converted" || got["SystemModstamp"] != "2026-01-31T09:01:00.000+0000" || got["IsDeleted"] != false {
		t.Errorf("the lead is %v", got)
	}
	if got := c.record(contact); got["Email"] != "jo@acme.test" || got["AccountId"] != account || got["MailingCity"] != "Bern" || got["HasOptedOutOfEmail"] != true {
		t.Errorf("the contact is %v", got)
	}
	if got := c.record(account); got["Name"] != "Acme" || got["Website"] != "acme.test" {
		t.Errorf("the account is %v", got)
	}
	if got := c.record(task); got["WhoId"] != contact || got["AccountId"] != account || got["SystemModstamp"] != "2026-01-31T09:01:00.000+0000" || got["LastModifiedDate"] != "2026-01-31T09:00:00.000+0000" {
		t.Errorf("the task is %v", got)
	}
	c.refused(400, "CANNOT_UPDATE_CONVERTED_LEAD", "PATCH", v67+"/sobjects/Lead/"+lead, m{"Title": "x"})
	c.refused(400, "CANNOT_UPDATE_CONVERTED_LEAD", "POST", v67+"/sobjects/Task", m{"WhoId": lead})
}

func TestConvertingIntoAnExistingContactFillsOnlyWhatIsEmpty(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "Old"})
	contact := c.insert("Contact", m{"LastName": "Kept", "AccountId": account})
	lead := c.insert("Lead", m{"LastName": "Doe", "Company": "Acme", "Title": "CEO"})
	if _, err := c.org.ConvertLead(c.org.Admin(), lead, ConvertOptions{AccountID: account, ContactID: contact}); err != nil {
		t.Fatal(err)
	}
	if got := c.record(contact); got["LastName"] != "Kept" || got["Title"] != "CEO" {
		t.Errorf("the contact is %v", got)
	}
	if got := c.record(account)["Name"]; got != "Old" {
		t.Errorf("the account is called %v", got)
	}
}

func TestAMergedRecordNamesItsWinnerAndGivesUpItsChildren(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	winner, loser := c.insert("Account", m{"Name": "W"}), c.insert("Account", m{"Name": "L"})
	contact := c.insert("Contact", m{"LastName": "D", "AccountId": loser})
	task := c.insert("Task", m{"WhoId": contact})
	c.org.Clock().Advance(time.Minute)
	if err := c.org.Merge(c.org.User(SalesUser), winner, loser); err != nil {
		t.Fatal(err)
	}
	const later = "2026-01-31T09:01:00.000+0000"
	if got := c.record(loser); got["IsDeleted"] != true || got["MasterRecordId"] != winner {
		t.Errorf("the loser is %v", got)
	}
	for _, id := range []string{winner, contact, task} {
		if got := c.record(id)["SystemModstamp"]; got != later {
			t.Errorf("SystemModstamp of %s is %v", id, got)
		}
	}
	if c.record(contact)["AccountId"] != winner || c.record(task)["AccountId"] != winner {
		t.Error("the loser kept its children")
	}
	r := c.queryAll("SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true AND MasterRecordId != null")
	if r.TotalSize != 1 || r.Records[0]["MasterRecordId"] != winner {
		t.Errorf("merges found: %v", r.Records)
	}
	if err := c.org.Merge(c.org.Admin(), winner, contact); err == nil {
		t.Error("a contact was merged into an account")
	}
}

func TestActivitiesDeriveWhatOtherFieldsDecide(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "A"})
	lead := c.lead("a@x.test")
	task := c.insert("Task", m{"WhatId": account, "ActivityDate": "2026-01-30"})
	if got := c.record(task); got["Status"] != "Not Started" || got["Priority"] != "Normal" || got["IsClosed"] != false || got["AccountId"] != account {
		t.Errorf("a new task is %v", got)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Task/"+task, m{"Status": "Completed"})
	if got := c.record(task); got["IsClosed"] != true || got["CompletedDateTime"] != "2026-01-31T09:00:00.000+0000" {
		t.Errorf("a completed task is %v", got)
	}
	if got := c.record(account); got["LastActivityDate"] != "2026-01-30" {
		t.Errorf("the account's last activity is %v", got["LastActivityDate"])
	}
	c.refused(400, "FIELD_INTEGRITY_EXCEPTION", "POST", v67+"/sobjects/Task", m{"WhoId": lead, "WhatId": account})
	event := c.insert("Event", m{"WhoId": lead, "StartDateTime": "2026-02-01T10:00:00Z", "DurationInMinutes": 30})
	if got := c.record(event); got["EndDateTime"] != "2026-02-01T10:30:00.000+0000" || got["ActivityDate"] != "2026-02-01" || got["ActivityDateTime"] != got["StartDateTime"] {
		t.Errorf("an event is %v", got)
	}
	c.refused(400, "FIELD_INTEGRITY_EXCEPTION", "POST", v67+"/sobjects/Event", m{"StartDateTime": "2026-02-01T10:00:00Z", "EndDateTime": "2026-02-01T09:00:00Z"})
	c.refused(400, "REQUIRED_FIELD_MISSING", "POST", v67+"/sobjects/Event", m{"StartDateTime": "2026-02-01T10:00:00Z"})
}

func TestATriggerRewritesWithinTheSameSave(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	if err := c.org.OnSave("Lead", func(before, after map[string]any) {
		if before != nil && before["Phone"] != after["Phone"] {
			after["Title"] = "called " + after["Phone"].(string)
		}
	}); err != nil {
		t.Fatal(err)
	}
	id := c.lead("a@x.test")
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Phone": "12"})
	if got := c.record(id)["Title"]; got != "called 12" {
		t.Errorf("Title is %v", got)
	}
}

func TestHistoryTellsWhoChangedWhatAndWhen(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.insert("Lead", m{"LastName": "Doe", "Company": "Acme", "Title": "A"})
	c.org.Clock().Advance(time.Minute)
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "B", "Company": "Acme"})
	if err := c.org.Delete(c.org.User(SalesUser), id); err != nil {
		t.Fatal(err)
	}
	var made, later []Change
	for _, h := range c.org.History(id) {
		if h.At.Equal(start) {
			made = append(made, h)
		} else {
			later = append(later, h)
		}
	}
	found := false
	for _, h := range made {
		found = found || h.Field == "Title" && h.Before == nil && h.After == "A" && h.By == c.org.User(SalesUser).ID()
	}
	if !found {
		t.Errorf("creation is told as %v", made)
	}
	if len(later) != 2 || later[0].Field != "Title" || later[0].Before != "A" || later[0].After != "B" || later[0].By != c.org.Admin().ID() || later[1].Field != "IsDeleted" {
		t.Errorf("later changes are %v", later)
	}
}

func TestReplicationListsChangesAndDeletionsOfASpan(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	kept, gone := c.lead("a@x.test"), c.lead("b@x.test")
	c.org.Clock().Advance(time.Minute)
	c.want(204, nil, "DELETE", v67+"/sobjects/Lead/"+gone, nil)
	c.org.Clock().Advance(time.Minute)
	span := "?start=" + url.QueryEscape("2026-01-31T09:00:30Z") + "&end=" + url.QueryEscape("2026-01-31T09:02:00Z")
	var updated struct {
		IDs               []string
		LatestDateCovered string
	}
	c.want(200, &updated, "GET", v67+"/sobjects/Lead/updated/"+span, nil)
	if len(updated.IDs) != 1 || updated.IDs[0] != kept || updated.LatestDateCovered != "2026-01-31T09:02:00.000+0000" {
		t.Errorf("updated %+v", updated)
	}
	var deleted struct{ DeletedRecords []m }
	c.want(200, &deleted, "GET", v67+"/sobjects/Lead/deleted"+span, nil)
	if len(deleted.DeletedRecords) != 1 || deleted.DeletedRecords[0]["id"] != gone || deleted.DeletedRecords[0]["deletedDate"] != "2026-01-31T09:01:00.000+0000" {
		t.Errorf("deleted %+v", deleted)
	}
	c.refused(400, "INVALID_REPLICATION_DATE", "GET", v67+"/sobjects/Lead/updated?start=2026-01-31T09:00:30Z&end=2026-01-31T09:00:00Z", nil)
}

func TestFieldsComeGoAndHide(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	path := v67 + "/sobjects/Lead/describe"
	response := c.send("GET", path, nil)
	response.Body.Close()
	known := response.Header.Get("Last-Modified")
	c.want(304, nil, "GET", path, nil, "If-Modified-Since", known)
	c.want(204, nil, "POST", "/__sandbox/fields/Lead", m{"name": "Tier__c", "type": "picklist", "values": []string{"Gold"}, "restricted": true})
	var described struct{ Fields []m }
	c.want(200, &described, "GET", path, nil, "If-Modified-Since", known)
	last := described.Fields[len(described.Fields)-1]
	if last["name"] != "Tier__c" || last["custom"] != true || last["type"] != "picklist" || last["createable"] != true {
		t.Errorf("the new field is described as %v", last)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Tier__c": "gold"})
	if got := c.query("SELECT Tier__c FROM Lead WHERE Tier__c = 'GOLD'").Records[0]["Tier__c"]; got != "Gold" {
		t.Errorf("the field holds %v", got)
	}
	c.want(204, nil, "PATCH", "/__sandbox/fields/Lead/Tier__c", m{"hidden": true})
	for _, query := range []string{"SELECT+Tier__c+FROM+Lead", "SELECT+Id+FROM+Lead+WHERE+Tier__c=null"} {
		c.refused(400, "INVALID_FIELD", "GET", v67+"/query?q="+query, nil)
	}
	c.refused(400, "INVALID_FIELD", "PATCH", v67+"/sobjects/Lead/"+id, m{"Tier__c": "Gold"})
	_, body := c.do("GET", path, nil)
	if strings.Contains(string(body), "Tier__c") {
		t.Error("a hidden field is described")
	}
	c.want(204, nil, "DELETE", "/__sandbox/fields/Lead/Tier__c", nil)
	c.refused(400, "FUNCTIONALITY_NOT_ENABLED", "POST", "/__sandbox/fields/Lead", m{"name": "Far__c", "type": "base64"})
}
