package salesforce_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"conversion/internal/salesforce"
)

func drain(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }

var jo = salesforce.Record{Fields: []salesforce.Field{{Name: "LastName", Value: salesforce.StringCell(`D"oe`)}}}

func TestWritesAreCollections(t *testing.T) {
	t.Parallel()
	fields := []salesforce.Field{
		{Name: "LastName", Value: salesforce.StringCell("Doe")},
		{Name: "Phone", Value: salesforce.NullCell()},
		{Name: "NumberOfEmployees", Value: salesforce.NumberCell("12345678901234567890.10")},
		{Name: "DoNotCall", Value: salesforce.BoolCell(false)},
		{Name: "Since__c", Value: salesforce.TimeCell(time.Date(2026, 1, 31, 10, 8, 7, 1e6, time.FixedZone("", 3600)))},
		{Name: "Account", Value: salesforce.Cell{Kind: salesforce.Object, Text: `{"Ext__c":"A-17"}`}},
	}
	const values = `"LastName":"Doe","Phone":null,"NumberOfEmployees":12345678901234567890.10,"DoNotCall":false,` +
		`"Since__c":"2026-01-31T09:08:07.001Z","Account":{"Ext__c":"A-17"}`
	type write func(*salesforce.Client) ([]salesforce.Result, error)
	tests := map[string]struct {
		write        write
		request      string
		body         string
		autoAssign   string
		allowingSave string
	}{
		"create": {
			write: func(c *salesforce.Client) ([]salesforce.Result, error) {
				return c.CreateAll(t.Context(), "Lead", []salesforce.Record{{Fields: fields}}, salesforce.WriteOptions{})
			},
			request:    "POST /services/data/v62.0/composite/sobjects",
			body:       `{"allOrNone":false,"records":[{"attributes":{"type":"Lead"},` + values + `}]}`,
			autoAssign: "FALSE",
		},
		"update": {
			write: func(c *salesforce.Client) ([]salesforce.Result, error) {
				return c.UpdateAll(t.Context(), "Lead", []salesforce.Record{{ID: "00Q1", Fields: fields}}, salesforce.WriteOptions{AutoAssign: true})
			},
			request:    "PATCH /services/data/v62.0/composite/sobjects",
			body:       `{"allOrNone":false,"records":[{"attributes":{"type":"Lead"},"id":"00Q1",` + values + `}]}`,
			autoAssign: "TRUE",
		},
		"upsert": {
			write: func(c *salesforce.Client) ([]salesforce.Result, error) {
				return c.UpsertAll(t.Context(), "Lead", "Ext__c", []salesforce.Record{{Fields: fields}}, salesforce.WriteOptions{AllowDuplicates: true})
			},
			request:      "PATCH /services/data/v62.0/composite/sobjects/Lead/Ext__c",
			body:         `{"allOrNone":false,"records":[{"attributes":{"type":"Lead"},` + values + `}]}`,
			autoAssign:   "FALSE",
			allowingSave: "allowSave=true",
		},
		"delete": {
			write: func(c *salesforce.Client) ([]salesforce.Result, error) {
				return c.DeleteAll(t.Context(), []string{"00Q1"})
			},
			request: "DELETE /services/data/v62.0/composite/sobjects?allOrNone=false&ids=00Q1",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var request, body string
			var header http.Header
			org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
				raw, _ := io.ReadAll(r.Body)
				request, body, header = r.Method+" "+r.URL.RequestURI(), strings.TrimSpace(string(raw)), r.Header
				say(w, 200, `[{"id":"00QKB000002vPqN","success":true,"errors":[],"created":true}]`)
			})
			results, err := test.write(org.client())
			want := []salesforce.Result{{ID: "00QKB000002vPqN2AU", Success: true, Created: true}}
			if diff := cmp.Diff(want, results, cmpopts.IgnoreUnexported(salesforce.Error{})); diff != "" || err != nil {
				t.Error(diff, err)
			}
			if request != test.request {
				t.Errorf("sent %s, want %s", request, test.request)
			}
			if diff := cmp.Diff(test.body, body); diff != "" {
				t.Error(diff)
			}
			if header.Get("Sforce-Auto-Assign") != test.autoAssign || header.Get("Sforce-Duplicate-Rule-Header") != test.allowingSave {
				t.Errorf("headers %v", header)
			}
		})
	}
}

func TestEachRecordHasItsResult(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, `[
		{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [LastName, Company]","fields":[]}]},
		{"id":"00QKB000002vPqN2AU","success":true,"errors":[]},
		{"success":false,"errors":[{"statusCode":"STRING_TOO_LONG","message":"First Name: data value too large","fields":["FirstName"]},{"statusCode":"INVALID_EMAIL_ADDRESS","message":"Email: invalid email address: foo","fields":["Email"]}]},
		{"success":false,"errors":[{"statusCode":"DUPLICATE_VALUE","message":"duplicate value found: Ext__c duplicates value on record with id: 00QKB000002vPqN"}]},
		{"success":false,"errors":[]}]`))
	results, err := org.client().CreateAll(t.Context(), "Lead", []salesforce.Record{jo, jo, jo, jo, jo}, salesforce.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []salesforce.Result{
		{Errors: []salesforce.Error{{Code: "REQUIRED_FIELD_MISSING", Message: "Required fields are missing: [LastName, Company]", Fields: []string{"LastName", "Company"}, Class: salesforce.FixInConversion}}},
		{ID: "00QKB000002vPqN2AU", Success: true},
		{Errors: []salesforce.Error{
			{Code: "STRING_TOO_LONG", Message: "First Name: data value too large", Fields: []string{"FirstName"}, Class: salesforce.FixInConversion},
			{Code: "INVALID_EMAIL_ADDRESS", Message: "Email: invalid email address: foo", Fields: []string{"Email"}, Class: salesforce.FixInConversion},
		}},
		{Errors: []salesforce.Error{{
			Code: "DUPLICATE_VALUE", Message: "duplicate value found: Ext__c duplicates value on record with id: 00QKB000002vPqN",
			Fields: []string{"Ext__c"}, Class: salesforce.Duplicate, Matches: []salesforce.Match{{ID: "00QKB000002vPqN2AU"}},
		}}},
		{Errors: []salesforce.Error{{Message: "Salesforce refused the record without a reason", Class: salesforce.FixInSalesforce}}},
	}
	if diff := cmp.Diff(want, results, cmpopts.IgnoreUnexported(salesforce.Error{})); diff != "" {
		t.Error(diff)
	}
	for i, failed := range []bool{true, false, true, true, true} {
		if err := results[i].Err(); (err != nil) != failed {
			t.Errorf("record %d: %v", i, err)
		}
	}
}

// A write that may have been done is never sent again by itself, and says so.
func TestWritesOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	tests := map[string]http.HandlerFunc{
		"done, then the connection drops": func(_ http.ResponseWriter, r *http.Request) {
			drain(r)
			panic(http.ErrAbortHandler)
		},
		"no answer in time":                        silent,
		"an internal error":                        refusing(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred."),
		"a gateway's error":                        saying(502, "<html>bad gateway</html>"),
		"a gateway's timeout":                      saying(504, ""),
		"an outage without Salesforce's own words": saying(503, "<html>unavailable</html>"),
		"a request timeout":                        saying(408, ""),
		"an answer that breaks off":                saying(200, `[{"id":"00Q`),
		"an answer for other records":              saying(200, `[]`),
		"an answer that is no answer":              saying(200, `<html>welcome to the hotel</html>`),
		"the caller gives up in between":           nil,
	}
	for name, handle := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if handle == nil {
				handle = func(w http.ResponseWriter, r *http.Request) {
					drain(r)
					cancel()
					<-r.Context().Done()
				}
			}
			var writes atomic.Int32
			org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
				writes.Add(1)
				handle(w, r)
			})
			config := org.config()
			config.Timeouts.Write = time.Minute
			if name == "no answer in time" {
				config.Timeouts.Write = 20 * time.Millisecond
			}
			_, err := salesforce.New(config).CreateAll(ctx, "Lead", []salesforce.Record{jo}, salesforce.WriteOptions{})
			if _, unknown := errors.AsType[*salesforce.OutcomeUnknownError](err); !unknown {
				t.Errorf("got %v", err)
			}
			if n := writes.Load(); n != 1 {
				t.Errorf("written %d times", n)
			}
		})
	}
}

func TestWritesThatWereSurelyNotDone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handle http.HandlerFunc
		want   salesforce.Class
	}{
		"turned away in an overload":    {refusing(503, "SERVER_UNAVAILABLE", "busy"), salesforce.Retry},
		"turned away in maintenance":    {refusing(503, "ORG_IN_MAINTENANCE", "busy"), salesforce.Retry},
		"throttled":                     {saying(429, ""), salesforce.Retry},
		"an edge without a route":       {saying(420, "<html></html>"), salesforce.Retry},
		"the day's limit":               {refusing(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), salesforce.Limit},
		"refused as a whole":            {refusing(400, "JSON_PARSER_ERROR", "no"), salesforce.FixInConversion},
		"an expired session, no way on": {refusing(401, "INVALID_SESSION_ID", "expired"), salesforce.Reconnect},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t, test.handle)
			_, err := org.client().CreateAll(t.Context(), "Lead", []salesforce.Record{jo}, salesforce.WriteOptions{})
			if _, unknown := errors.AsType[*salesforce.OutcomeUnknownError](err); unknown || salesforce.ClassOf(err) != test.want {
				t.Errorf("got %v (%s)", err, salesforce.ClassOf(err))
			}
			if n := len(org.asked()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestWriteThatNeverLeftIsTriedAgain(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	var tries atomic.Int32
	client := salesforce.New(salesforce.Config{
		Hosts:   salesforce.Hosts{Extra: []string{strings.TrimPrefix(gone.URL, "http://")}},
		Token:   salesforce.Token{AccessToken: "access-1", InstanceURL: gone.URL},
		Backoff: salesforce.Backoff{Attempts: 3, First: time.Microsecond},
		Count:   func(_ context.Context, n int) { tries.Add(int32(n)) },
	})
	_, err := client.CreateAll(t.Context(), "Lead", []salesforce.Record{jo}, salesforce.WriteOptions{})
	if _, unknown := errors.AsType[*salesforce.OutcomeUnknownError](err); unknown || !errors.Is(err, salesforce.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
	if tries.Load() != 3 {
		t.Errorf("%d tries", tries.Load())
	}
}

func TestWriteIsRepeatedOnceTheSessionIsRenewed(t *testing.T) {
	t.Parallel()
	var bodies []string
	org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		if r.Header.Get("Authorization") != "Bearer access-2" {
			refuse(w, 401, "INVALID_SESSION_ID", "Session expired or invalid")
			return
		}
		say(w, 200, `[{"id":"00QKB000002vPqN2AU","success":true,"errors":[]}]`)
	})
	config := org.config()
	config.Refresh = func(context.Context, salesforce.Token) (salesforce.Token, error) { return org.token("access-2"), nil }
	results, err := salesforce.New(config).CreateAll(t.Context(), "Lead", []salesforce.Record{jo}, salesforce.WriteOptions{})
	if err != nil || len(results) != 1 || !results[0].Success {
		t.Errorf("got %v, %v", results, err)
	}
	if len(bodies) != 2 || bodies[0] != bodies[1] || !json.Valid([]byte(bodies[0])) {
		t.Errorf("sent %q", bodies)
	}
}

func TestMisuseOfWritesReachesNobody(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, `[]`))
	client, ctx, options := org.client(), t.Context(), salesforce.WriteOptions{}
	many := make([]salesforce.Record, 201)
	ids := strings.Split(strings.Repeat("00Q,", 200)+"00Q", ",")
	with := func(name string, cell salesforce.Cell) []salesforce.Record {
		return []salesforce.Record{{Fields: []salesforce.Field{{Name: name, Value: cell}}}}
	}
	tests := map[string]func() ([]salesforce.Result, error){
		"too many to create": func() ([]salesforce.Result, error) { return client.CreateAll(ctx, "Lead", many, options) },
		"too many to delete": func() ([]salesforce.Result, error) { return client.DeleteAll(ctx, ids) },
		"create with an id": func() ([]salesforce.Result, error) {
			return client.CreateAll(ctx, "Lead", []salesforce.Record{{ID: "00Q"}}, options)
		},
		"upsert with an id": func() ([]salesforce.Result, error) {
			return client.UpsertAll(ctx, "Lead", "Ext__c", []salesforce.Record{{ID: "00Q"}}, options)
		},
		"update without an id": func() ([]salesforce.Result, error) {
			return client.UpdateAll(ctx, "Lead", []salesforce.Record{jo}, options)
		},
		"an object that is none": func() ([]salesforce.Result, error) {
			return client.CreateAll(ctx, "../Lead", []salesforce.Record{jo}, options)
		},
		"a key that is none": func() ([]salesforce.Result, error) {
			return client.UpsertAll(ctx, "Lead", "a/b", []salesforce.Record{jo}, options)
		},
		"a field without a value": func() ([]salesforce.Result, error) {
			return client.CreateAll(ctx, "Lead", with("Name", salesforce.Cell{}), options)
		},
		"a number that is none": func() ([]salesforce.Result, error) {
			return client.CreateAll(ctx, "Lead", with("N__c", salesforce.NumberCell("1,5")), options)
		},
		"text that is not UTF-8": func() ([]salesforce.Result, error) {
			return client.CreateAll(ctx, "Lead", with("Name", salesforce.StringCell("\xff")), options)
		},
	}
	for name, write := range tests {
		if _, err := write(); salesforce.ClassOf(err) != salesforce.FixInConversion {
			t.Errorf("%s: %v", name, err)
		}
	}
	if asked := org.asked(); len(asked) != 0 {
		t.Errorf("asked %v", asked)
	}
}

func TestNothingToWriteAsksNothing(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(500, ""))
	created, err := org.client().CreateAll(t.Context(), "Lead", nil, salesforce.WriteOptions{})
	deleted, err2 := org.client().DeleteAll(t.Context(), nil)
	if len(created)+len(deleted)+len(org.asked()) != 0 || err != nil || err2 != nil {
		t.Error(created, deleted, err, err2, org.asked())
	}
}

func ExampleResult_Err() {
	result := salesforce.Result{Errors: []salesforce.Error{{Code: "UNABLE_TO_LOCK_ROW", Message: "unable to obtain exclusive access", Class: salesforce.Retry}}}
	fmt.Println(result.Err(), salesforce.ClassOf(result.Err()))
	// Output: salesforce: unable to obtain exclusive access (UNABLE_TO_LOCK_ROW) retry
}
