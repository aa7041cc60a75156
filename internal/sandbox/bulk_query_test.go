package sandbox

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/sandbox/bulk"
	"conversion/internal/sandbox/schema"
)

const (
	queryJobs  = v67 + "/jobs/query"
	ingestJobs = v67 + "/jobs/ingest"
)

// job is what tests read of a job.
type job struct {
	ID, State, Object, ErrorMessage, ContentURL string
	NumberRecordsProcessed                      int
	NumberRecordsFailed                         int
}

// finish polls a job until it ends and returns the states that it was seen in.
func (c *client) finish(path string) (job, []string) {
	c.t.Helper()
	var states []string
	for {
		var j job
		c.want(200, &j, "GET", path, nil)
		states = append(states, j.State)
		if j.State == "JobComplete" || j.State == "Failed" || j.State == "Aborted" {
			return j, states
		}
	}
}

func (c *client) queryJob(soql string, more m) job {
	c.t.Helper()
	body := m{"operation": "query", "query": soql}
	for name, v := range more {
		body[name] = v
	}
	var j job
	c.want(200, &j, "POST", queryJobs, body)
	return j
}

// rows reads a page of results.
func (c *client) rows(path string) (lines [][]string, locator string) {
	c.t.Helper()
	r := c.send("GET", path, nil, "Accept", "application/json")
	defer r.Body.Close()
	if r.StatusCode != 200 || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/csv") {
		body, _ := io.ReadAll(r.Body)
		c.t.Fatalf("%s: status %d, %s: %s", path, r.StatusCode, r.Header.Get("Content-Type"), body)
	}
	lines, err := csv.NewReader(r.Body).ReadAll()
	if err != nil {
		c.t.Fatal(err)
	}
	if n := r.Header.Get("Sforce-NumberOfRecords"); n != fmt.Sprint(len(lines)-1) {
		c.t.Errorf("%s: %d rows, the header says %s", path, len(lines)-1, n)
	}
	return lines, r.Header.Get("Sforce-Locator")
}

func TestQueryJobShowsItsStatesAndThenItsRows(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": `Acme "North"`, "AnnualRevenue": 12_000_000, "NumberOfEmployees": 7})
	contact := c.insert("Contact", m{"LastName": "Doe", "Email": "jo@acme.example", "AccountId": account, "Birthdate": "1980-02-29", "Description": "two\nlines, a comma"})
	var created m
	c.want(200, &created, "POST", queryJobs+"/", m{"operation": "query", "contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA",
		"query": "SELECT Id, Account.Name, Account.AnnualRevenue, Account.NumberOfEmployees, Birthdate, Description, FirstName, HasOptedOutOfEmail, CreatedDate, SystemModstamp, Owner.Name FROM Contact"})
	if created["state"] != "UploadComplete" || created["apiVersion"] != 67.0 || created["object"] != "Contact" {
		t.Errorf("created %v", created)
	}
	done, states := c.finish(queryJobs + "/" + created["id"].(string))
	if diff := cmp.Diff([]string{"UploadComplete", "InProgress", "JobComplete"}, states); diff != "" {
		t.Error(diff)
	}
	if done.NumberRecordsProcessed != 1 {
		t.Errorf("%d records processed", done.NumberRecordsProcessed)
	}
	lines, locator := c.rows(queryJobs + "/" + done.ID + "/results/")
	if locator != "null" {
		t.Errorf("the last page has the locator %q", locator)
	}
	want := [][]string{
		{"Id", "Account.Name", "Account.AnnualRevenue", "Account.NumberOfEmployees", "Birthdate", "Description", "FirstName", "HasOptedOutOfEmail", "CreatedDate", "SystemModstamp", "Owner.Name"},
		{contact, `Acme "North"`, "1.2E7", "7", "1980-02-29", "two\nlines, a comma", "", "false", "2026-01-31T09:00:00.000Z", "2026-01-31T09:00:00.000Z", "Sam Sales"},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

func TestAnEncryptedTextIsMaskedInResultsAsEverywhere(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	err := c.org.AddField("Contact", schema.Field{Name: "Secret__c", Label: "Secret", Type: schema.EncryptedString, Length: 20, MaskType: "lastFour", Nillable: true, Createable: true, Updateable: true, Custom: true})
	if err != nil {
		t.Fatal(err)
	}
	c.insert("Contact", m{"LastName": "Doe", "Secret__c": "1234567890"})
	j := c.queryJob("SELECT LastName, Secret__c FROM Contact", nil)
	c.finish(queryJobs + "/" + j.ID)
	lines, _ := c.rows(queryJobs + "/" + j.ID + "/results")
	if diff := cmp.Diff([][]string{{"LastName", "Secret__c"}, {"Doe", "******7890"}}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestResultsAreReadPageByPageInParallelAndAgain(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{Bulk: bulk.Settings{PageSize: 3}})
	for i := range 20 {
		c.lead(fmt.Sprintf("l%d@acme.example", i))
	}
	j := c.queryJob("SELECT Email FROM Lead", nil)
	c.finish(queryJobs + "/" + j.ID)
	type pages struct {
		ResultPages []struct {
			ResultURL string `json:"resultUrl"`
		}
		ResultChunks []struct {
			ResultLink string
		}
		NextRecordsURL string
		Done           bool
	}
	var urls []string
	for next := queryJobs + "/" + j.ID + "/resultPages"; next != ""; {
		var p pages
		c.want(200, &p, "GET", next, nil)
		for i, page := range p.ResultPages {
			urls = append(urls, page.ResultURL)
			if below, ok := strings.CutPrefix(page.ResultURL, v67); !ok || below != p.ResultChunks[i].ResultLink {
				t.Errorf("page %s, chunk %s", page.ResultURL, p.ResultChunks[i].ResultLink)
			}
		}
		if p.Done != (p.NextRecordsURL == "") || len(p.ResultPages) > 5 {
			t.Errorf("%+v", p)
		}
		next = p.NextRecordsURL
	}
	found := make([]map[string]bool, len(urls))
	var wg sync.WaitGroup
	for i, url := range urls {
		found[i] = map[string]bool{}
		for range 2 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				c.rows(url)
			}()
		}
	}
	wg.Wait()
	seen := map[string]bool{}
	for url := queryJobs + "/" + j.ID + "/results?maxRecords=7"; ; {
		lines, locator := c.rows(url)
		for _, line := range lines[1:] {
			seen[line[0]] = true
		}
		if locator == "null" {
			break
		}
		url = queryJobs + "/" + j.ID + "/results/?locator=" + locator + "&maxRecords=7"
	}
	if len(seen) != 20 || len(urls) != 7 {
		t.Errorf("%d rows by locator, %d pages listed", len(seen), len(urls))
	}
}

func TestResultsAreASnapshot(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@acme.example")
	j := c.queryJob("SELECT Email, Owner.Username FROM Lead", nil)
	c.finish(queryJobs + "/" + j.ID)
	if err := c.org.Update(c.org.Admin(), id, m{"Email": "b@acme.example"}); err != nil {
		t.Fatal(err)
	}
	if err := c.org.Delete(c.org.Admin(), id); err != nil {
		t.Fatal(err)
	}
	lines, _ := c.rows(queryJobs + "/" + j.ID + "/results")
	if diff := cmp.Diff([]string{"a@acme.example", SalesUser}, lines[1]); diff != "" {
		t.Error(diff)
	}
	all := c.queryJob("SELECT Email FROM Lead", m{"operation": "queryAll"})
	if done, _ := c.finish(queryJobs + "/" + all.ID); done.NumberRecordsProcessed != 1 {
		t.Errorf("queryAll finds %d deleted records", done.NumberRecordsProcessed)
	}
}

func TestResultsUseTheJobsDelimiterAndLineEnd(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.insert("Account", m{"Name": "A;B", "Site": `"x"`})
	j := c.queryJob("SELECT Name, Site FROM Account", m{"columnDelimiter": "SEMICOLON", "lineEnding": "CRLF"})
	c.finish(queryJobs + "/" + j.ID)
	_, got := c.do("GET", queryJobs+"/"+j.ID+"/results", nil)
	if want := "\"Name\";\"Site\"\r\n\"A;B\";\"\"\"x\"\"\"\r\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestQueryJobsRefuseWhatBulkDoesNotSelect(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, row := range []struct{ soql, code, text string }{
		{"SELECT MailingAddress FROM Contact", "API_ERROR", "Selecting compound data not supported in Bulk Query"},
		{"SELECT COUNT(Id) FROM Lead", "API_ERROR", "not supported in Bulk Query"},
		{"SELECT COUNT() FROM Lead", "API_ERROR", "not supported in Bulk Query"},
		{"SELECT LeadSource FROM Lead GROUP BY LeadSource", "API_ERROR", "not supported in Bulk Query"},
		{"SELECT Id FROM Lead OFFSET 5", "API_ERROR", "not supported in Bulk Query"},
		{"SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR", "not supported in Bulk Query"},
		{"SELECT TYPEOF Who WHEN Lead THEN Company END FROM Task", "API_ERROR", "not supported in Bulk Query"},
		{"SELECT Id FROM TaskStatus", "INVALIDENTITY", "is not supported by the Bulk API"},
		{"SELECT Nope FROM Lead", "INVALID_FIELD", "No such column"},
		{"SELECT Id FROM Nope", "INVALID_TYPE", "is not supported"},
		{"SELECT FROM", "MALFORMED_QUERY", ""},
	} {
		if got := c.refused(400, row.code, "POST", queryJobs, m{"operation": "query", "query": row.soql}); !strings.Contains(got, row.text) {
			t.Errorf("%s: %s", row.soql, got)
		}
	}
	c.refused(400, "JSON_PARSER_ERROR", "POST", queryJobs, m{"operation": "query", "query": "SELECT Id FROM Lead", "chunkSize": 5})
	c.refused(400, "INVALIDOPERATION", "POST", queryJobs, m{"operation": "insert", "query": "SELECT Id FROM Lead"})
	c.refused(400, "JSON_PARSER_ERROR", "POST", queryJobs, m{"operation": "query", "query": "SELECT Id FROM Lead", "columnDelimiter": "DOT"})
	c.refused(404, "NOT_FOUND", "GET", queryJobs+"/750000000000001AAA", nil)
}

func TestResultsAreThereForTheirVersionAndForAWeek(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	j := c.queryJob("SELECT Id FROM Lead", nil)
	c.refused(400, "INVALIDJOBSTATE", "GET", queryJobs+"/"+j.ID+"/results", nil)
	c.finish(queryJobs + "/" + j.ID)
	if lines, locator := c.rows(queryJobs + "/" + j.ID + "/results"); len(lines) != 1 || locator != "null" {
		t.Errorf("an empty result: %v, locator %s", lines, locator)
	}
	c.refused(409, "INVALIDVERSION", "GET", "/services/data/v66.0/jobs/query/"+j.ID+"/results", nil)
	c.refused(404, "NOT_FOUND", "GET", "/services/data/v57.0/jobs/query/"+j.ID+"/resultPages", nil)
	c.refused(400, "INVALID_QUERY_LOCATOR", "GET", queryJobs+"/"+j.ID+"/results?locator=OTk", nil)
	c.org.Clock().Advance(7*24*time.Hour + time.Second)
	c.token = c.org.IssueToken()
	c.refused(404, "NOT_FOUND", "GET", queryJobs+"/"+j.ID+"/results", nil)
}

func TestQueryJobsAreAbortedListedAndDeleted(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	first, second := c.queryJob("SELECT Id FROM Lead", nil), c.queryJob("SELECT Id FROM Lead LIMIT 1", nil)
	var aborted job
	c.want(200, &aborted, "PATCH", queryJobs+"/"+first.ID, m{"state": "Aborted"})
	if aborted.State != "Aborted" {
		t.Errorf("aborted is %s", aborted.State)
	}
	c.refused(400, "INVALIDJOBSTATE", "PATCH", queryJobs+"/"+first.ID, m{"state": "Aborted"})
	c.refused(400, "INVALIDJOBSTATE", "DELETE", queryJobs+"/"+second.ID, nil)
	var list struct {
		Done    bool
		Records []job
	}
	c.want(200, &list, "GET", queryJobs+"?isPkChunkingEnabled=false&jobType=V2Query&concurrencyMode=parallel", nil)
	if len(list.Records) != 1 || list.Records[0].ID != second.ID || !list.Done {
		t.Errorf("listed %+v", list)
	}
	c.want(204, nil, "DELETE", queryJobs+"/"+first.ID, nil)
	c.refused(404, "NOT_FOUND", "GET", queryJobs+"/"+first.ID, nil)
}

func TestJobThatNobodyPollsGoesOnWithTheClock(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	j := c.queryJob("SELECT Id FROM Lead", nil)
	for _, want := range []string{"InProgress", "JobComplete"} {
		c.org.Clock().Advance(5 * time.Second)
		var polled job
		for c.want(200, &polled, "GET", queryJobs+"/"+j.ID, nil); polled.State != want && want == "JobComplete"; {
			c.want(200, &polled, "GET", queryJobs+"/"+j.ID, nil)
		}
		if polled.State != want {
			t.Errorf("state %s, want %s", polled.State, want)
		}
	}
}

func TestDailyAllowanceOfQueryJobsEnds(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{Bulk: bulk.Settings{QueryJobs: 1}})
	c.queryJob("SELECT Id FROM Lead", nil)
	got := c.refused(400, "LIMIT_EXCEEDED", "POST", queryJobs, m{"operation": "query", "query": "SELECT Id FROM Lead"})
	if got != "Max bulk v2 query jobs (1) per 24 hrs has been reached" {
		t.Error(got)
	}
	var limits map[string]allocation
	c.want(200, &limits, "GET", v67+"/limits", nil)
	if got := limits["DailyBulkV2QueryJobs"]; got.Max != 1 || got.Remaining != 0 {
		t.Errorf("limits %+v", got)
	}
	c.org.Clock().Advance(25 * time.Hour)
	c.token = c.org.IssueToken()
	c.queryJob("SELECT Id FROM Lead", nil)
}

func TestScriptedFaultsReachBulkJobs(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.org.Fault(Fault{Match: Match{Operation: "bulkCreate", Object: "Lead"}, Job: JobFault{Fail: "InternalServerError : try again"}})
	j := c.queryJob("SELECT Id FROM Lead", nil)
	if done, _ := c.finish(queryJobs + "/" + j.ID); done.State != "Failed" || done.ErrorMessage != "InternalServerError : try again" {
		t.Errorf("%+v", done)
	}
	c.org.Fault(Fault{Match: Match{Operation: "bulkCreate"}, Job: JobFault{Hold: -1}})
	j = c.queryJob("SELECT Id FROM Lead", nil)
	for range 10 {
		c.want(200, &j, "GET", queryJobs+"/"+j.ID, nil)
	}
	if j.State != "InProgress" {
		t.Errorf("the job that hangs is %s", j.State)
	}
	c.org.Fault(Fault{Match: Match{Operation: "bulkPoll"}, Status: http.StatusServiceUnavailable})
	c.refused(503, "SERVER_UNAVAILABLE", "GET", queryJobs+"/"+j.ID, nil)
	c.org.Fault(Fault{Match: Match{Operation: "bulkAbort"}, Status: 400, ErrorCode: "UNABLE_TO_LOCK_ROW"})
	c.refused(400, "UNABLE_TO_LOCK_ROW", "PATCH", queryJobs+"/"+j.ID, m{"state": "Aborted"})
}
