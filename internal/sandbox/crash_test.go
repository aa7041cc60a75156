package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"conversion/internal/sandbox/table"
)

// crashing returns a client of an org in which saving a lead or an account named
// crash panics.
func crashing(t *testing.T) *client {
	t.Helper()
	c := newClient(t, Options{})
	for object, field := range map[string]string{"Lead": "LastName", "Account": "Name"} {
		if err := c.org.OnSave(object, func(_, after map[string]any) {
			if after[field] == "crash" {
				panic("a bad trigger")
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// brokenField makes reading a lead's Rating panic.
func (c *client) brokenField() {
	c.org.mu.Lock()
	defer c.org.mu.Unlock()
	rating := c.org.objects["lead"].must("Rating")
	rating.Calculated, rating.derive = true, func(*Org, *object, *table.Row) any { panic("a bad formula") }
}

func (c *client) leads() int {
	c.t.Helper()
	return c.query("SELECT COUNT() FROM Lead").TotalSize
}

func TestACrashedRequestIsAnsweredAndLeavesNothing(t *testing.T) {
	t.Parallel()
	fine, crash := typed("Lead", m{"LastName": "fine", "Company": "X"}), typed("Lead", m{"LastName": "crash", "Company": "X"})
	for name, send := range map[string]func(*client){
		"a record": func(c *client) {
			c.refused(500, "UNKNOWN_EXCEPTION", "POST", v67+"/sobjects/Lead", m{"LastName": "crash", "Company": "X"})
		},
		"a collection": func(c *client) {
			c.refused(500, "UNKNOWN_EXCEPTION", "POST", v67+"/composite/sobjects", m{"records": []m{fine, crash}})
		},
		"a tree": func(c *client) {
			first, second := m{"attributes": m{"type": "Lead", "referenceId": "a"}, "LastName": "fine", "Company": "X"}, m{"attributes": m{"type": "Lead", "referenceId": "b"}, "LastName": "crash", "Company": "X"}
			c.refused(500, "UNKNOWN_EXCEPTION", "POST", v67+"/composite/tree/Lead", m{"records": []m{first, second}})
		},
		"a SOAP call": func(c *client) {
			status, page := c.soap("", `<create><sObjects><type>Lead</type><LastName>fine</LastName><Company>X</Company></sObjects>`+
				`<sObjects><type>Lead</type><LastName>crash</LastName><Company>X</Company></sObjects></create>`)
			if status != 500 || !strings.Contains(element(page, "faultcode"), "UNKNOWN_EXCEPTION") {
				c.t.Errorf("answered %d: %s", status, page)
			}
		},
		"a composite that is all or none": func(c *client) {
			answer := c.compose(m{"allOrNone": true, "compositeRequest": []m{
				part("a", "POST", v67+"/sobjects/Lead", m{"LastName": "fine", "Company": "X"}),
				part("b", "POST", v67+"/sobjects/Lead", m{"LastName": "crash", "Company": "X"}),
			}})
			if code, _ := answer.firstError(1); answer.statuses() != "[400 500]" || code != "UNKNOWN_EXCEPTION" {
				c.t.Errorf("answered %+v", answer)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := crashing(t)
			c.t = t
			send(c)
			if n := c.leads(); n != 0 {
				t.Errorf("%d leads are left", n)
			}
			c.lead("next@x.test")
		})
	}
}

func TestACrashOfOneSubrequestSparesTheOthers(t *testing.T) {
	t.Parallel()
	c := crashing(t)
	answer := c.compose(m{"compositeRequest": []m{
		part("a", "POST", v67+"/sobjects/Lead", m{"LastName": "first", "Company": "X"}),
		part("b", "POST", v67+"/composite/sobjects", m{"records": []m{
			typed("Lead", m{"LastName": "half", "Company": "X"}), typed("Lead", m{"LastName": "crash", "Company": "X"}),
		}}),
		part("c", "POST", v67+"/sobjects/Lead", m{"LastName": "last", "Company": "X"}),
	}})
	if answer.statuses() != "[201 500 201]" || c.leads() != 2 {
		t.Errorf("answered %s, %d leads", answer.statuses(), c.leads())
	}
}

func TestACrashedReaderLocksNobodyOut(t *testing.T) {
	t.Parallel()
	c := crashing(t)
	id := c.lead("ada@x.test")
	c.brokenField()
	for _, path := range []string{
		"/query?q=" + url.QueryEscape("SELECT Rating FROM Lead"), "/query?q=" + url.QueryEscape("SELECT Id FROM Lead WHERE Rating = 'Hot'"), "/sobjects/Lead/" + id,
	} {
		c.refused(500, "UNKNOWN_EXCEPTION", "GET", v67+path, nil)
	}
	c.insert("Account", m{"Name": "after"})
}

func TestACrashedBulkJobFails(t *testing.T) {
	t.Parallel()
	c := crashing(t)
	j := c.ingest(m{"object": "Lead", "operation": "insert"}, "LastName,Company\n"+strings.Repeat("fine,X\n", 200)+"half,X\ncrash,X\nnever,X\n")
	if j.State != "Failed" || !strings.HasPrefix(j.ErrorMessage, "InternalServerError") || j.NumberRecordsProcessed != 200 || c.leads() != 200 {
		t.Errorf("ended %+v with %d leads", j, c.leads())
	}
	if left := c.file(j.ID, "unprocessedrecords"); left != "LastName,Company\nhalf,X\ncrash,X\nnever,X\n" {
		t.Errorf("not processed: %q", left)
	}
	c.brokenField()
	if ended, _ := c.finish(queryJobs + "/" + c.queryJob("SELECT Rating FROM Lead", nil).ID); ended.State != "Failed" {
		t.Errorf("a query that crashed ended %+v", ended)
	}
	c.lead("next@x.test")
}

func TestAFaultOfASOAPCallIsASOAPFault(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, row := range []struct {
		fault  Fault
		status int
		code   string
	}{
		{Fault{ErrorCode: "UNABLE_TO_LOCK_ROW"}, 500, "UNABLE_TO_LOCK_ROW"},
		{Fault{Status: 503}, 503, "SERVER_UNAVAILABLE"},
		{Fault{ErrorCode: "REQUEST_LIMIT_EXCEEDED"}, 500, "REQUEST_LIMIT_EXCEEDED"},
		{Fault{ExpireSession: true}, 500, "INVALID_SESSION_ID"},
	} {
		row.fault.Match.Operation = "create"
		c.org.Fault(row.fault)
		status, page := c.soap("", `<create><sObjects><type>Lead</type><LastName>L</LastName><Company>X</Company></sObjects></create>`)
		if status != row.status || !strings.Contains(element(page, "faultcode"), row.code) {
			t.Errorf("%+v: answered %d: %s", row.fault, status, page)
		}
	}
}

func TestAnUploadCanBeCommittedLate(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.org.Fault(Fault{Match: Match{Operation: "bulkClose"}, CommitAfter: time.Hour, Answer: true})
	j := c.ingest(m{"object": "Lead", "operation": "insert"}, "LastName,Company\nL,X\n")
	if j.State != "JobComplete" || c.leads() != 0 || len(c.org.PendingCommits()) != 1 {
		t.Errorf("ended %+v with %d leads", j, c.leads())
	}
	c.org.Clock().Advance(time.Hour)
	if c.leads() != 1 {
		t.Error("the upload was never committed")
	}
}

func TestATransactionSeesItsOwnRowsDespiteTheVisibilityDelay(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{VisibilityDelay: time.Minute})
	id := c.lead("ada@x.test")
	c.org.Clock().Advance(time.Hour)
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "unseen"})
	const read = v67 + "/query?q=SELECT+Title,Email+FROM+Lead"
	answer := c.compose(m{"allOrNone": true, "compositeRequest": []m{
		part("before", "GET", read, nil),
		part("write", "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "own"}),
		part("after", "GET", v67+"/sobjects/Lead/"+id, nil),
		part("found", "GET", read, nil),
	}})
	titles := []any{}
	for _, i := range []int{0, 3} {
		for _, record := range answer.CompositeResponse[i].Body.(m)["records"].([]any) {
			titles = append(titles, record.(m)["Title"])
		}
	}
	titles = append(titles, answer.CompositeResponse[2].Body.(m)["Title"])
	if len(titles) != 3 || titles[0] != nil || titles[1] != "own" || titles[2] != "own" {
		t.Errorf("the transaction sees %v", titles)
	}
	for _, step := range []struct {
		advance time.Duration
		title   any
	}{{0, nil}, {time.Minute, "own"}} {
		c.org.Clock().Advance(step.advance)
		if title := c.record(id)["Title"]; title != step.title {
			t.Errorf("%s later others see %v, want %v", step.advance, title, step.title)
		}
	}
}

func TestATransactionTakenBackShowsWhatWasSeenBefore(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{VisibilityDelay: time.Minute})
	id := c.lead("ada@x.test")
	c.org.Clock().Advance(time.Hour)
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "unseen"})
	c.compose(m{"allOrNone": true, "compositeRequest": []m{
		part("write", "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "own"}),
		part("fail", "POST", v67+"/sobjects/Lead", m{}),
	}})
	if title := c.record(id)["Title"]; title != nil {
		t.Errorf("others see %v too early", title)
	}
	c.org.Clock().Advance(time.Minute)
	if title := c.record(id)["Title"]; title != "unseen" {
		t.Errorf("others see %v, want what was committed", title)
	}
}

func TestALockedRecordIsNotDeletedForGood(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.permit(adminProfile, Permissions{System: map[string]bool{"BulkApiHardDelete": true}})
	account := c.insert("Account", m{"Name": "A"})
	task := c.insert("Task", m{"Subject": "T", "WhatId": account})
	if err := c.org.LockRecord(task, 0); err != nil {
		t.Fatal(err)
	}
	j := c.ingest(m{"object": "Account", "operation": "hardDelete"}, "Id\n"+account+"\n")
	if j.NumberRecordsFailed != 1 || !strings.Contains(c.file(j.ID, "failedResults"), "UNABLE_TO_LOCK_ROW") {
		t.Errorf("ended %+v", j)
	}
	c.want(http.StatusOK, nil, "GET", v67+"/sobjects/Account/"+account, nil)
	if err := c.org.UnlockRecord(task); err != nil {
		t.Fatal(err)
	}
	if j = c.ingest(m{"object": "Account", "operation": "hardDelete"}, "Id\n"+account+"\n"); j.NumberRecordsFailed != 0 {
		t.Errorf("ended %+v: %s", j, c.file(j.ID, "failedResults"))
	}
}

func TestAPendingTransactionOfASnapshotCanBeTakenBackTwice(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("ada@x.test")
	c.org.Fault(Fault{Match: Match{Operation: "update"}, CommitAfter: time.Hour, Answer: true})
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "late"})
	pending := c.org.PendingCommits()[0].ID
	if err := c.org.Snapshot("s"); err != nil {
		t.Fatal(err)
	}
	c.org.RollBack(pending)
	for _, end := range []struct {
		how   func(int) bool
		title any
	}{{c.org.RollBack, nil}, {c.org.CommitNow, "late"}} {
		if err := c.org.Restore("s", RestoreOptions{}); err != nil {
			t.Fatal(err)
		}
		if before := c.record(id)["Title"]; before != nil || !end.how(pending) || c.record(id)["Title"] != end.title {
			t.Errorf("before %v, after %v, want %v", before, c.record(id)["Title"], end.title)
		}
	}
	if entries, _ := c.org.Log(LogFilter{Record: id}); len(entries) != 2 {
		t.Errorf("%d changes of the record were logged", len(entries))
	}
}
