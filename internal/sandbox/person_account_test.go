package sandbox

import (
	"testing"
	"time"

	"conversion/internal/sandbox/schema"
)

func withPersons(t *testing.T) *client {
	t.Helper()
	return newClient(t, Options{Features: []string{schema.PersonAccounts}})
}

func TestAPersonAccountIsAnAccountAndAContact(t *testing.T) {
	t.Parallel()
	c := withPersons(t)
	if err := c.org.AddField("Contact", schema.Field{Name: "Tier__c", Type: schema.String, Length: 20, Nillable: true}); err != nil {
		t.Fatal(err)
	}
	var made struct{ ID string }
	c.want(201, &made, "POST", v67+"/sobjects/Account", m{"FirstName": "Jo", "LastName": "Doe", "PersonEmail": "jo@x.test", "PersonHasOptedOutOfEmail": true, "Tier__pc": "Gold"})
	account := c.record(made.ID)
	if account["IsPersonAccount"] != true || account["Name"] != "Jo Doe" || account["RecordTypeId"] == nil {
		t.Errorf("the account is %v", account)
	}
	contact, _ := account["PersonContactId"].(string)
	if got := c.record(contact); got["IsPersonAccount"] != true || got["AccountId"] != made.ID || got["Email"] != "jo@x.test" || got["HasOptedOutOfEmail"] != true || got["Tier__c"] != "Gold" || got["Name"] != "Jo Doe" {
		t.Errorf("the contact is %v", got)
	}
	c.org.Clock().Advance(time.Minute)
	c.want(204, nil, "PATCH", v67+"/sobjects/Account/"+made.ID, m{"PersonEmail": "new@x.test", "LastName": "Roe"})
	if got := c.record(contact); got["Email"] != "new@x.test" || got["LastName"] != "Roe" || got["SystemModstamp"] != "2026-01-31T09:01:00.000+0000" {
		t.Errorf("the contact follows as %v", got)
	}
	c.refused(400, "INSUFFICIENT_ACCESS_OR_READONLY", "PATCH", v67+"/sobjects/Contact/"+contact, m{"Title": "x"})
	if got := c.query("SELECT Id FROM Account WHERE PersonEmail = 'NEW@x.test'"); got.TotalSize != 1 {
		t.Errorf("found by e-mail: %v", got.Records)
	}
	c.want(204, nil, "DELETE", v67+"/sobjects/Account/"+made.ID, nil)
	if c.record(contact)["IsDeleted"] != true {
		t.Error("the contact stayed")
	}
	if err := c.org.Undelete(c.org.Admin(), made.ID); err != nil || c.record(contact)["IsDeleted"] != false {
		t.Errorf("undelete: %v", err)
	}
}

func TestBusinessAccountsHaveNoPersonFields(t *testing.T) {
	t.Parallel()
	c := withPersons(t)
	c.refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "POST", v67+"/sobjects/Account", m{"Name": "Acme", "PersonEmail": "jo@x.test"})
	c.refused(400, "REQUIRED_FIELD_MISSING", "POST", v67+"/sobjects/Account", m{"Phone": "1"})
	account := c.insert("Account", m{"Name": "Acme"})
	if got := c.record(account); got["IsPersonAccount"] != false || got["PersonContactId"] != nil {
		t.Errorf("a company is %v", got)
	}
	contact := c.insert("Contact", m{"LastName": "Doe", "AccountId": account})
	c.want(204, nil, "PATCH", v67+"/sobjects/Contact/"+contact, m{"Title": "CEO"})
	person := c.insert("Account", m{"LastName": "Doe"})
	if err := c.org.Merge(c.org.Admin(), account, person); err == nil {
		t.Error("a person was merged into a company")
	}
}

func TestALeadWithoutACompanyBecomesAPersonAccount(t *testing.T) {
	t.Parallel()
	c := withPersons(t)
	lead := c.insert("Lead", m{"LastName": "Doe", "FirstName": "Jo", "Email": "jo@x.test", "City": "Bern"})
	task := c.insert("Task", m{"WhoId": lead})
	done, err := c.org.ConvertLead(c.org.Admin(), lead, ConvertOptions{DoNotCreateOpportunity: true})
	if err != nil {
		t.Fatal(err)
	}
	account := c.record(done.AccountID)
	if account["IsPersonAccount"] != true || account["PersonEmail"] != "jo@x.test" || account["PersonMailingCity"] != "Bern" || account["PersonContactId"] != done.ContactID {
		t.Errorf("the account is %v", account)
	}
	if got := c.record(task); got["WhoId"] != done.ContactID || got["AccountId"] != done.AccountID {
		t.Errorf("the task is %v", got)
	}
	long := c.insert("Lead", m{"LastName": "Doe", "Title": "A title that is far too long for a person account, which takes eighty characters and not one more"})
	if _, err := c.org.ConvertLead(c.org.Admin(), long, ConvertOptions{}); asError(err) == nil || asError(err).Code != "STRING_TOO_LONG" {
		t.Errorf("a long title: %v", err)
	}
}

func TestMergedPersonAccountsMergeTheirContacts(t *testing.T) {
	t.Parallel()
	c := withPersons(t)
	winner, loser := c.insert("Account", m{"LastName": "W"}), c.insert("Account", m{"LastName": "L"})
	kept, lost := c.record(winner)["PersonContactId"].(string), c.record(loser)["PersonContactId"].(string)
	task := c.insert("Task", m{"WhoId": lost})
	if err := c.org.Merge(c.org.Admin(), winner, loser); err != nil {
		t.Fatal(err)
	}
	if got := c.record(lost); got["IsDeleted"] != true || got["MasterRecordId"] != kept {
		t.Errorf("the loser's contact is %v", got)
	}
	if got := c.record(task); got["WhoId"] != kept || got["AccountId"] != winner {
		t.Errorf("the task is %v", got)
	}
}
