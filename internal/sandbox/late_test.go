package sandbox

import (
	"net/url"
	"testing"
	"time"
)

func TestALateCommitIsInvisibleAndLockedUntilItsTime(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "A"})
	c.org.Clock().Advance(time.Minute)
	c.org.Fault(Fault{Match: Match{Operation: "create"}, CommitAfter: 5 * time.Minute})
	if response, err := c.try("POST", v67+"/sobjects/Contact", m{"LastName": "Late", "Email": "late@x.test", "AccountId": account}); err == nil {
		_ = response.Body.Close()
		t.Fatalf("answered %d", response.StatusCode)
	}
	c.org.Clock().Advance(4 * time.Minute)
	if n := c.query("SELECT COUNT() FROM Contact WHERE Email = 'late@x.test'").TotalSize; n != 0 {
		t.Errorf("%d contacts are seen before the commit", n)
	}
	c.refused(400, "UNABLE_TO_LOCK_ROW", "PATCH", v67+"/sobjects/Account/"+account, m{"Name": "B"})
	c.refused(400, "UNABLE_TO_LOCK_ROW", "POST", v67+"/sobjects/Contact", m{"LastName": "Other", "AccountId": account})
	c.org.Clock().Advance(time.Minute)
	found := c.query("SELECT Id, SystemModstamp FROM Contact WHERE Email = 'late@x.test'")
	if found.TotalSize != 1 || found.Records[0]["SystemModstamp"] != "2026-01-31T09:01:00.000+0000" {
		t.Fatalf("after the commit: %+v", found)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Account/"+account, m{"Name": "B"})
	if h := c.org.History(found.Records[0]["Id"].(string)); len(h) == 0 {
		t.Error("the committed contact has no history")
	}
}

func TestALateUpdateShowsTheEarlierStateEverywhere(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.insert("Lead", m{"LastName": "Doe", "Company": "Acme", "Email": "old@x.test"})
	path := v67 + "/sobjects/Lead/" + id
	c.org.Clock().Advance(time.Minute)
	c.org.Fault(Fault{Match: Match{Operation: "update"}, CommitAfter: time.Minute, Answer: true})
	c.want(204, nil, "PATCH", path, m{"Email": "new@x.test"})
	for text, want := range map[string]int{
		"SELECT Id FROM Lead WHERE Email = 'old@x.test'":                       1,
		"SELECT Id FROM Lead WHERE Email = 'new@x.test'":                       0,
		"SELECT Id FROM Lead WHERE SystemModstamp > 2026-01-31T09:00:00Z":      0,
		"SELECT Id FROM Lead WHERE Id = '" + id + "' AND Email = 'old@x.test'": 1,
		"SELECT Id FROM Lead ORDER BY Email":                                   1,
	} {
		if got := c.query(text).TotalSize; got != want {
			t.Errorf("%s: %d records, want %d", text, got, want)
		}
	}
	var got m
	c.want(200, &got, "GET", path+"?fields=Email", nil)
	if got["Email"] != "old@x.test" {
		t.Errorf("a get shows %v", got["Email"])
	}
	var retrieved []m
	c.want(200, &retrieved, "GET", v67+"/composite/sobjects/Lead?fields=Email&ids="+id, nil)
	if retrieved[0]["Email"] != "old@x.test" {
		t.Errorf("a retrieve shows %v", retrieved[0]["Email"])
	}
	c.refused(400, "UNABLE_TO_LOCK_ROW", "DELETE", path, nil)
	var results []outcome
	c.want(200, &results, "PATCH", v67+"/composite/sobjects", m{"records": []m{
		typed("Lead", m{"Id": id, "Title": "x"}), typed("Lead", m{"Id": c.lead("b@x.test"), "Title": "x"}),
	}})
	if results[0].Errors[0].StatusCode != "UNABLE_TO_LOCK_ROW" || !results[1].Success {
		t.Errorf("results %+v", results)
	}
	c.org.Clock().Advance(time.Minute)
	if n := c.query("SELECT Id FROM Lead WHERE Email = 'new@x.test'").TotalSize; n != 1 {
		t.Errorf("%d leads have the new address after the commit", n)
	}
}

func TestALateDeletionIsListedOnceItIsCommitted(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	c.org.Fault(Fault{Match: Match{Operation: "delete"}, CommitAfter: 5 * time.Minute, Answer: true})
	c.want(204, nil, "DELETE", v67+"/sobjects/Lead/"+id, nil)
	span := "?start=" + url.QueryEscape("2026-01-31T09:00:00Z") + "&end=" + url.QueryEscape("2026-01-31T09:02:00Z")
	var deleted struct{ DeletedRecords []m }
	for _, want := range []int{0, 1} {
		c.want(200, &deleted, "GET", v67+"/sobjects/Lead/deleted"+span, nil)
		if len(deleted.DeletedRecords) != want {
			t.Errorf("deletions listed: %v, want %d", deleted.DeletedRecords, want)
		}
		c.org.Clock().Advance(5 * time.Minute)
	}
}

func TestACreateBehindALateOneOfTheSameKeyWaitsOrDoubles(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for name, unique := range map[string]bool{"Uni__c": true, "Ext__c": false} {
		c.want(204, nil, "POST", "/__sandbox/fields/Lead", m{"name": name, "type": "string", "externalId": true, "unique": unique})
		path := v67 + "/sobjects/Lead/" + name + "/A1"
		c.org.Fault(Fault{Match: Match{Operation: "upsert"}, CommitAfter: time.Hour, Answer: true})
		c.want(201, nil, "PATCH", path, m{"LastName": "Late", "Company": "X"})
		if unique {
			c.refused(400, "UNABLE_TO_LOCK_ROW", "PATCH", path, m{"LastName": "Again", "Company": "X"})
			c.refused(400, "UNABLE_TO_LOCK_ROW", "POST", v67+"/sobjects/Lead", m{"LastName": "Again", "Company": "X", name: "A1"})
		} else {
			c.want(201, nil, "PATCH", path, m{"LastName": "Again", "Company": "X"})
		}
	}
	c.org.Clock().Advance(time.Hour)
	for where, want := range map[string]int{"Uni__c = 'A1'": 1, "Ext__c = 'A1'": 2} {
		if got := c.query("SELECT Id FROM Lead WHERE " + where).TotalSize; got != want {
			t.Errorf("%s: %d leads, want %d", where, got, want)
		}
	}
}

func TestAVisibilityDelayLiesBetweenWritingAndReading(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{VisibilityDelay: time.Minute})
	id := c.lead("a@x.test")
	titles := func(want ...any) {
		t.Helper()
		records := c.query("SELECT Title FROM Lead").Records
		if len(records) != len(want) || len(want) > 0 && records[0]["Title"] != want[0] {
			t.Errorf("titles %v, want %v", records, want)
		}
	}
	c.org.Clock().Advance(30 * time.Second)
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "CEO"})
	titles()
	c.org.Clock().Advance(30 * time.Second)
	titles(nil)
	c.org.Clock().Advance(30 * time.Second)
	titles("CEO")
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "CFO"})
	titles("CEO")
	c.org.SetVisibilityDelay(0)
	titles("CFO")
}

func TestALockedRecordRefusesWritersUntilItIsReleased(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "A"})
	contact := c.insert("Contact", m{"LastName": "D", "AccountId": account})
	if err := c.org.LockRecord(account, time.Minute); err != nil {
		t.Fatal(err)
	}
	text := c.refused(400, "UNABLE_TO_LOCK_ROW", "PATCH", v67+"/sobjects/Contact/"+contact, m{"Title": "x"})
	if want := "unable to obtain exclusive access to this record or 1 records: " + account; text != want {
		t.Errorf("message %q, want %q", text, want)
	}
	task := m{"WhoId": contact, "Subject": "Call"}
	c.want(201, nil, "POST", v67+"/sobjects/Task", task) // without a due date nothing is locked
	task["ActivityDate"] = "2026-02-02"
	c.refused(400, "UNABLE_TO_LOCK_ROW", "POST", v67+"/sobjects/Task", task)
	c.refused(400, "UNABLE_TO_LOCK_ROW", "DELETE", v67+"/sobjects/Account/"+account, nil)
	c.org.Clock().Advance(time.Minute)
	c.want(201, nil, "POST", v67+"/sobjects/Task", task)
	if err := c.org.LockRecord(contact, 0); err != nil {
		t.Fatal(err)
	}
	c.org.Clock().Advance(24 * time.Hour)
	c.token = c.org.IssueToken()
	c.refused(400, "UNABLE_TO_LOCK_ROW", "DELETE", v67+"/sobjects/Account/"+account, nil)
	if err := c.org.UnlockRecord(contact); err != nil {
		t.Fatal(err)
	}
	c.want(204, nil, "DELETE", v67+"/sobjects/Account/"+account, nil)
}
