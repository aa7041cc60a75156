package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
	"conversion/internal/sandbox"
	"conversion/internal/sandbox/bulk"
)

// simulated is a simulated org with some Leads, whose bulk results have pages of three rows,
// and a client of it that polls at once.
func simulated(t *testing.T, leads int) (*sandbox.Org, *salesforce.Client) {
	t.Helper()
	org := sandbox.New(sandbox.Options{Seed: 1, Bulk: bulk.Settings{PageSize: 3}})
	server := httptest.NewServer(org.Handler())
	t.Cleanup(server.Close)
	for i := range leads {
		if _, err := org.Insert(org.Admin(), "Lead", map[string]any{
			"LastName": fmt.Sprintf("Doe %d", i), "Company": `Acme "North", Inc.`, "Description": "two\nlines",
		}); err != nil {
			t.Fatal(err)
		}
	}
	return org, salesforce.New(salesforce.Config{
		Hosts:   salesforce.Hosts{Extra: []string{server.Listener.Addr().String()}},
		Token:   salesforce.Token{AccessToken: org.IssueToken(), InstanceURL: server.URL},
		HTTP:    server.Client(),
		Backoff: salesforce.Backoff{Attempts: 1},
		Polling: salesforce.Polling{First: time.Microsecond, Longest: time.Microsecond},
	})
}

var doe = soql.Select("Id", "LastName", "Company", "Description", "FirstName").From("Lead").Where(soql.Equal("Company", soql.Text(`Acme "North", Inc.`)))

// did lists what the org was asked to do, one after the other.
func did(org *sandbox.Org) []string {
	var operations []string
	for _, r := range org.Requests() {
		if n := len(operations); n == 0 || r.Operation != "bulkPoll" || operations[n-1] != "bulkPoll" {
			operations = append(operations, r.Operation)
		}
	}
	return operations
}

func TestABulkQueryReadsEveryRowPageByPageAndLeavesNoJob(t *testing.T) {
	t.Parallel()
	org, client := simulated(t, 7)
	began := time.Now()
	var names []string
	pages := 0
	for page, err := range client.BulkQuery(t.Context(), doe, salesforce.BulkOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		pages++
		if page.TotalSize != 7 || page.Asked.Before(began) || !slices.Equal(page.Columns, doe.Columns()) {
			t.Errorf("page %+v", page)
		}
		for _, row := range page.Rows {
			names = append(names, row[1].Text)
			want := salesforce.Row{row[0], row[1], salesforce.StringCell(`Acme "North", Inc.`), salesforce.StringCell("two\nlines"), salesforce.NullCell()}
			if diff := cmp.Diff(want, row); diff != "" {
				t.Error(diff)
			}
		}
	}
	slices.Sort(names)
	if want := []string{"Doe 0", "Doe 1", "Doe 2", "Doe 3", "Doe 4", "Doe 5", "Doe 6"}; pages != 3 || !slices.Equal(names, want) {
		t.Errorf("%d pages of %v", pages, names)
	}
	if diff := cmp.Diff([]string{"bulkCreate", "bulkPoll", "bulkResults", "bulkResults", "bulkResults", "bulkDelete"}, did(org)); diff != "" {
		t.Error(diff)
	}
}

func TestABulkQueryHasPagesOfTheSizeWanted(t *testing.T) {
	t.Parallel()
	_, client := simulated(t, 7)
	var sizes []int
	for page, err := range client.BulkQuery(t.Context(), doe, salesforce.BulkOptions{PageRows: 5}) {
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Rows))
	}
	if !slices.Equal(sizes, []int{5, 2}) {
		t.Errorf("pages of %v rows", sizes)
	}
}

func TestABulkQueryOfNothingIsOneEmptyPage(t *testing.T) {
	t.Parallel()
	_, client := simulated(t, 0)
	pages := 0
	for page, err := range client.BulkQuery(t.Context(), doe, salesforce.BulkOptions{}) {
		if pages++; err != nil || len(page.Rows) > 0 {
			t.Errorf("page %+v, %v", page, err)
		}
	}
	if pages != 1 {
		t.Errorf("%d pages", pages)
	}
}

func TestABulkQueryReadsDeletedRecordsIfWanted(t *testing.T) {
	t.Parallel()
	org, client := simulated(t, 2)
	gone, err := org.Insert(org.Admin(), "Lead", map[string]any{"LastName": "Gone", "Company": `Acme "North", Inc.`})
	if err == nil {
		err = org.Delete(org.Admin(), gone)
	}
	if err != nil {
		t.Fatal(err)
	}
	for deleted, want := range map[bool]int{false: 2, true: 3} {
		rows := 0
		for page, err := range client.BulkQuery(t.Context(), doe, salesforce.BulkOptions{Deleted: deleted}) {
			if err != nil {
				t.Fatal(err)
			}
			rows += len(page.Rows)
		}
		if rows != want {
			t.Errorf("deleted %v: %d rows, want %d", deleted, rows, want)
		}
	}
}

func TestABulkQueryThatNobodyWaitsForIsAborted(t *testing.T) {
	t.Parallel()
	org, client := simulated(t, 1)
	org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "bulkCreate"}, Job: sandbox.JobFault{Hold: -1}})
	ctx, cancel := context.WithCancel(t.Context())
	polls := 0
	org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "bulkPoll"}, Times: -1, Before: func() {
		if polls++; polls == 5 {
			cancel()
		}
	}})
	var got error
	for _, err := range client.BulkQuery(ctx, doe, salesforce.BulkOptions{}) {
		got = err
	}
	if !errors.Is(got, context.Canceled) {
		t.Errorf("got %v", got)
	}
	if diff := cmp.Diff([]string{"bulkCreate", "bulkPoll", "bulkAbort", "bulkDelete"}, did(org)); diff != "" {
		t.Error(diff)
	}
}

func TestABulkQueryOfWhichEnoughIsReadIsRemoved(t *testing.T) {
	t.Parallel()
	org, client := simulated(t, 7)
	for _, err := range client.BulkQuery(t.Context(), doe, salesforce.BulkOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if diff := cmp.Diff([]string{"bulkCreate", "bulkPoll", "bulkResults", "bulkDelete"}, did(org)); diff != "" {
		t.Error(diff)
	}
}

func TestABulkQueryThatSalesforceGivesUpMayBeTriedLater(t *testing.T) {
	t.Parallel()
	org, client := simulated(t, 1)
	org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "bulkCreate"}, Job: sandbox.JobFault{Fail: "InternalServerError : try again"}})
	var got error
	for _, err := range client.BulkQuery(t.Context(), doe, salesforce.BulkOptions{}) {
		got = err
	}
	if told, ok := errors.AsType[*salesforce.Error](got); !ok || told.Class != salesforce.Retry || told.Code != "InternalServerError" {
		t.Errorf("got %#v", got)
	}
}

func TestABulkQueryThatIsRefusedSaysWhy(t *testing.T) {
	t.Parallel()
	_, client := simulated(t, 1)
	var got error
	for _, err := range client.BulkQuery(t.Context(), soql.Select("Id", "Nothing__c").From("Lead"), salesforce.BulkOptions{}) {
		got = err
	}
	if told, ok := errors.AsType[*salesforce.Error](got); !ok || told.Class != salesforce.FixInConversion && told.Class != salesforce.FixInSalesforce || !strings.Contains(told.Error(), "Nothing__c") {
		t.Errorf("got %#v", got)
	}
}

func TestAPageOfABulkQueryThatIsNotWholeIsNotUsed(t *testing.T) {
	t.Parallel()
	for because, results := range map[string]http.HandlerFunc{
		"it has fewer rows than it says": csvPage("2", "null", "\"Id\"\n\"00Q1\"\n"),
		"it does not say how many":       csvPage("", "null", "\"Id\"\n\"00Q1\"\n"),
		"it may not be the last":         csvPage("1", "", "\"Id\"\n\"00Q1\"\n"),
		"it has other columns":           csvPage("1", "null", "\"Name\"\n\"00Q1\"\n"),
		"a row has more columns":         csvPage("1", "null", "\"Id\"\n\"00Q1\",\"x\"\n"),
		"it breaks off within a value":   csvPage("1", "null", "\"Id\"\n\"00Q"),
	} {
		t.Run(because, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/results"):
					results(w, r)
				case r.Method == http.MethodDelete:
					w.WriteHeader(http.StatusNoContent)
				default:
					say(w, 200, `{"id":"750R0000000zw4yIAA","state":"JobComplete","numberRecordsProcessed":1}`)
				}
			})
			pages := 0
			var got error
			for page, err := range org.client().BulkQuery(t.Context(), soql.Select("Id").From("Lead"), salesforce.BulkOptions{}) {
				pages += len(page.Rows)
				got = err
			}
			if salesforce.ClassOf(got) != salesforce.Retry || pages > 0 {
				t.Errorf("%d rows, %v", pages, got)
			}
		})
	}
}

func csvPage(rows, locator, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "text/csv" {
			http.Error(w, "not asked for CSV", http.StatusNotAcceptable)
			return
		}
		for name, value := range map[string]string{"Sforce-NumberOfRecords": rows, "Sforce-Locator": locator} {
			if value != "" {
				w.Header().Set(name, value)
			}
		}
		w.Header().Set("Content-Type", "text/csv")
		fmt.Fprint(w, body)
	}
}
