package sandbox

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/sandbox/schema"
)

// ingest runs a whole job and returns its end.
func (c *client) ingest(spec m, data string) job {
	c.t.Helper()
	j := c.upload(spec, data)
	c.want(200, &j, "PATCH", ingestJobs+"/"+j.ID, m{"state": "UploadComplete"})
	done, _ := c.finish(ingestJobs + "/" + j.ID)
	return done
}

// upload makes a job and gives it its data.
func (c *client) upload(spec m, data string) job {
	c.t.Helper()
	var j job
	c.want(200, &j, "POST", ingestJobs, spec)
	if j.State != "Open" || j.ContentURL != "services/data/v67.0/jobs/ingest/"+j.ID+"/batches" {
		c.t.Fatalf("created %+v", j)
	}
	if status := c.put("/"+j.ContentURL, data); status != http.StatusCreated {
		c.t.Fatalf("upload answered %d", status)
	}
	return j
}

// put uploads in pieces of unknown length, as streaming clients do.
func (c *client) put(path, data string) int {
	c.t.Helper()
	body := struct{ *bytes.Reader }{bytes.NewReader([]byte(data))}
	request, err := http.NewRequest("PUT", c.url+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	request.ContentLength = -1
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "text/csv")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

// file reads a file of results.
func (c *client) file(id, name string) string {
	c.t.Helper()
	status, body := c.do("GET", ingestJobs+"/"+id+"/"+name, nil, "Accept", "application/json")
	if status != 200 {
		c.t.Fatalf("%s: status %d: %s", name, status, body)
	}
	return string(body)
}

func (c *client) lines(id, name string) [][]string {
	c.t.Helper()
	lines, err := csv.NewReader(strings.NewReader(c.file(id, name))).ReadAll()
	if err != nil {
		c.t.Fatal(err)
	}
	return lines
}

func TestInsertJobSaysWhatBecameOfEveryRow(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	done := c.ingest(m{"object": "lead", "operation": "insert", "externalIdFieldName": ""},
		"LastName,Company,Email,AnnualRevenue,Description\n"+
			"Doe,Acme,jo@acme.example,1.2E7,\"two\nlines\"\n"+
			"Roe,,ro@acme.example,,\n"+
			"\"Poe \"\"P\"\"\",\"Acme, Inc\",,many,\n")
	if done.State != "JobComplete" || done.NumberRecordsProcessed != 3 || done.NumberRecordsFailed != 2 || done.Object != "Lead" {
		t.Errorf("%+v", done)
	}
	good := c.lines(done.ID, "successfulResults/")
	if len(good) != 2 {
		t.Fatalf("successful: %v", good)
	}
	id := good[1][0]
	want := [][]string{
		{"sf__Id", "sf__Created", "LastName", "Company", "Email", "AnnualRevenue", "Description"},
		{id, "true", "Doe", "Acme", "jo@acme.example", "1.2E7", "two\nlines"},
	}
	if diff := cmp.Diff(want, good); diff != "" {
		t.Error(diff)
	}
	if got := c.record(id); got["Description"] != "two\nlines" || got["AnnualRevenue"] != 12_000_000.0 {
		t.Errorf("saved %v", got)
	}
	bad := c.file(done.ID, "failedResults")
	wantBad := `"sf__Id","sf__Error",LastName,Company,Email,AnnualRevenue,Description` + "\n" +
		`"","REQUIRED_FIELD_MISSING:Required fields are missing: [Company]:Company --","Roe","","ro@acme.example","",""` + "\n" +
		`"","INVALID_FIELD:Failed to deserialize field at col 3. Due to, 'many' is not a valid value for the type xsd:double:AnnualRevenue --","Poe ""P""","Acme, Inc","","many",""` + "\n"
	if diff := cmp.Diff(wantBad, bad); diff != "" {
		t.Error(diff)
	}
	if got := c.file(done.ID, "unprocessedrecords"); got != "LastName,Company,Email,AnnualRevenue,Description\n" {
		t.Errorf("unprocessed: %q", got)
	}
}

func TestUpdateLeavesEmptyCellsAloneAndEmptiesNulls(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.insert("Lead", m{"LastName": "Doe", "Company": "Acme", "Title": "CEO", "Phone": "1", "DoNotCall": true})
	done := c.ingest(m{"object": "Lead", "operation": "update", "columnDelimiter": "PIPE", "lineEnding": "CRLF"},
		"Id|Title|Phone|DoNotCall|HasOptedOutOfEmail\r\n"+id+"||#N/A|no|1\r\n00Q000000000000AAA|x|||\r\n|x|||\r\n")
	if done.NumberRecordsProcessed != 3 || done.NumberRecordsFailed != 2 {
		t.Errorf("%+v %s", done, c.file(done.ID, "failedResults"))
	}
	got := c.record(id)
	if got["Title"] != "CEO" || got["Phone"] != nil || got["DoNotCall"] != false || got["HasOptedOutOfEmail"] != true {
		t.Errorf("%v", got)
	}
	if text := c.file(done.ID, "successfulResults"); text != "\"sf__Id\"|\"sf__Created\"|Id|Title|Phone|DoNotCall|HasOptedOutOfEmail\r\n\""+id+"\"|\"false\"|\""+id+"\"|\"\"|\"#N/A\"|\"no\"|\"1\"\r\n" {
		t.Errorf("%q", text)
	}
}

func TestUpsertFindsRecordsAndParentsByTheirKeys(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, object := range []string{"Account", "Contact"} {
		if err := c.org.AddField(object, schema.Field{Name: "Ext__c", Type: schema.String, Length: 20, ExternalID: true, Unique: true}); err != nil {
			t.Fatal(err)
		}
	}
	account := c.insert("Account", m{"Name": "Acme", "Ext__c": "A-1"})
	contact := c.insert("Contact", m{"LastName": "Doe", "Ext__c": "C-1"})
	done := c.ingest(m{"object": "Contact", "operation": "upsert", "externalIdFieldName": "ext__c"},
		"Ext__c,LastName,Account.Ext__c,Owner:User.Username\nC-1,Roe,A-1,"+AdminUser+"\nC-2,Poe,#N/A,\nC-3,Moe,A-9,\n,Noe,,\n")
	if done.NumberRecordsProcessed != 4 || done.NumberRecordsFailed != 2 {
		t.Errorf("%+v", done)
	}
	if got := c.record(contact); got["LastName"] != "Roe" || got["AccountId"] != account || got["OwnerId"] != c.org.Admin().ID() {
		t.Errorf("%v", got)
	}
	good := c.lines(done.ID, "successfulResults")
	if good[1][0] != contact || good[1][1] != "false" || good[2][1] != "true" {
		t.Errorf("%v", good)
	}
	bad := c.file(done.ID, "failedResults")
	for _, text := range []string{"INVALID_FIELD:Foreign key external ID: A-9 not found for field Ext__c in entity Account:AccountId --", "MISSING_ARGUMENT:Ext__c not specified"} {
		if !strings.Contains(bad, text) {
			t.Errorf("%s lacks %s", bad, text)
		}
	}
}

func TestDeleteJobsUseTheRecycleBinAndHardDeleteDoesNot(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	soft, hard := c.lead("a@acme.example"), c.lead("b@acme.example")
	c.permit(adminProfile, Permissions{System: map[string]bool{"BulkApiHardDelete": true}})
	c.ingest(m{"object": "Lead", "operation": "delete"}, "Id\n"+soft+"\n")
	done := c.ingest(m{"object": "Lead", "operation": "hardDelete"}, "\"Id\"\n\""+hard[:15]+"\"")
	if done.NumberRecordsProcessed != 1 || done.NumberRecordsFailed != 0 {
		t.Errorf("%+v", done)
	}
	if got := c.queryAll("SELECT Id FROM Lead"); got.TotalSize != 1 || got.Records[0]["Id"] != soft {
		t.Errorf("%v", got)
	}
	failed := c.ingest(m{"object": "Lead", "operation": "delete"}, "Id,Email\n"+soft+",x\n")
	if failed.State != "Failed" {
		t.Errorf("%+v", failed)
	}
}

func TestJobsThatCannotBeReadFailAndLeaveTheirRowsUnprocessed(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, row := range []struct{ name, data, message, rest string }{
		{"an unknown column", "LastName,Compny\nDoe,Acme\n", "InvalidBatch : Field name not found : Compny", "LastName,Compny\nDoe,Acme\n"},
		{"a column twice", "LastName,lastname\nDoe,Acme\n", "InvalidBatch : Field name duplicated : lastname", "LastName,lastname\nDoe,Acme\n"},
		{"other line ends", "LastName,Company\r\nDoe,Acme\r\n", "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF", "LastName,Company\nDoe,Acme\r\n"},
		{"a row too short", "LastName,Company\nDoe,Acme\nRoe\nPoe,Acme\n", "InvalidBatch : a row has 1 columns, the header has 2", "LastName,Company\nRoe\nPoe,Acme\n"},
		{"a quote left open", "LastName,Company\n\"Doe,Acme\n", "InvalidBatch : line 2: a quoted value is never closed", "LastName,Company\n\"Doe,Acme\n"},
		{"a byte order mark", "\ufeffLastName,Company\nDoe,Acme\n", "InvalidBatch : Field name not found : \ufeffLastName", "\ufeffLastName,Company\nDoe,Acme\n"},
		{"nothing at all", "", "InvalidBatch : The CSV has no header line", ""},
	} {
		done := c.ingest(m{"object": "Lead", "operation": "insert"}, row.data)
		if done.State != "Failed" || done.ErrorMessage != row.message {
			t.Errorf("%s: %+v", row.name, done)
		}
		if got := c.file(done.ID, "unprocessedrecords"); got != row.rest {
			t.Errorf("%s: unprocessed %q, want %q", row.name, got, row.rest)
		}
		c.file(done.ID, "failedResults")
	}
}

func TestIngestJobsGoTheirWayOnlyForwards(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	j := c.upload(m{"object": "Lead", "operation": "insert"}, "LastName,Company\nDoe,Acme\n")
	path := ingestJobs + "/" + j.ID
	if status := c.put(path+"/batches", "LastName\n"); status != 400 {
		t.Errorf("a second upload: %d", status)
	}
	c.refused(400, "INVALIDJOBSTATE", "GET", path+"/successfulResults", nil)
	c.refused(400, "INVALIDJOBSTATE", "PATCH", path, m{"state": "Open"})
	c.want(200, &j, "PATCH", path, m{"id": j.ID, "state": "Aborted"})
	if got := c.file(j.ID, "unprocessedrecords"); got != "LastName,Company\nDoe,Acme\n" {
		t.Errorf("%q", got)
	}
	c.refused(400, "INVALIDJOBSTATE", "PATCH", path, m{"state": "UploadComplete"})
	c.want(204, nil, "DELETE", path, nil)
	c.refused(404, "NOT_FOUND", "GET", path, nil)
	open := c.upload(m{"object": "Lead", "operation": "insert"}, "LastName\n")
	c.org.Clock().Advance(25 * time.Hour)
	c.token = c.org.IssueToken()
	if done, _ := c.finish(ingestJobs + "/" + open.ID); done.State != "Aborted" {
		t.Errorf("a job left open is %s", done.State)
	}
}

func TestIngestJobsAreRefusedWhereTheyMakeNoSense(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, row := range []struct {
		body m
		code string
	}{
		{m{"object": "Nope", "operation": "insert"}, "INVALIDENTITY"},
		{m{"object": "Lead", "operation": "merge"}, "INVALIDOPERATION"},
		{m{"object": "Lead", "operation": "upsert"}, "INVALIDJOB"},
		{m{"object": "Lead", "operation": "upsert", "externalIdFieldName": "Title"}, "INVALIDJOB"},
		{m{"object": "Lead", "operation": "insert", "assignmentRuleId": "01Q000000000001AAA"}, "INVALIDJOB"},
		{m{"object": "Lead", "operation": "insert", "contentType": "XML"}, "UNSUPPORTEDCONTENTTYPE"},
		{m{"object": "Lead", "operation": "insert", "speed": 1}, "JSON_PARSER_ERROR"},
		{m{"object": "Organization", "operation": "delete"}, "INVALIDENTITY"},
	} {
		c.refused(400, row.code, "POST", ingestJobs, row.body)
	}
}

func TestOneRequestMakesAJobWithItsData(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	body := "--B\r\nContent-Type: application/json\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n" +
		`{"object":"Lead","operation":"insert"}` + "\r\n--B\r\nContent-Type: text/csv\r\nContent-Disposition: form-data; name=\"content\"; filename=\"content\"\r\n\r\n" +
		"LastName,Company\nDoe,Acme\r\n--B--"
	request, err := http.NewRequest("POST", c.url+ingestJobs, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "multipart/form-data; boundary=B")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != 200 {
		t.Fatalf("status %d", response.StatusCode)
	}
	var list struct{ Records []job }
	c.want(200, &list, "GET", ingestJobs+"/?jobType=V2Ingest", nil)
	if done, _ := c.finish(ingestJobs + "/" + list.Records[0].ID); done.NumberRecordsProcessed != 1 || done.State != "JobComplete" {
		t.Errorf("%+v", done)
	}
}

func TestLargeIngestWorksInTransactionsOfTwoHundred(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var b strings.Builder
	b.WriteString("LastName,Company\n")
	for i := range 1001 {
		fmt.Fprintf(&b, "L%d,Acme\n", i)
	}
	c.org.Fault(Fault{Match: Match{Operation: "bulkClose", Object: "Lead"}, RecordError: 7, ErrorCode: "UNABLE_TO_LOCK_ROW", Message: "unable to obtain exclusive access to this record",
		Job: JobFault{Fail: "TooManyLockFailure : Too many lock failures", After: 500}})
	done := c.ingest(m{"object": "Lead", "operation": "insert"}, b.String())
	if done.State != "Failed" || done.NumberRecordsProcessed != 500 || done.NumberRecordsFailed != 1 {
		t.Errorf("%+v", done)
	}
	good, bad, rest := c.lines(done.ID, "successfulResults"), c.lines(done.ID, "failedResults"), c.lines(done.ID, "unprocessedrecords")
	if len(good) != 500 || len(bad) != 2 || len(rest) != 502 || rest[1][0] != "L500" || bad[1][1] != "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--" {
		t.Errorf("%d successful, %d failed, %d unprocessed", len(good)-1, len(bad)-1, len(rest)-1)
	}
	if got := c.query("SELECT COUNT() FROM Lead"); got.TotalSize != 499 {
		t.Errorf("%d leads are there", got.TotalSize)
	}
}
