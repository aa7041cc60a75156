package salesforce_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/salesforce"
)

func TestOrganization(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, `{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Organization"},
		"Id":"00D5g00000ABCDEEA5","Name":"Acme","OrganizationType":"Enterprise Edition","InstanceName":"NA135","IsSandbox":true}]}`))
	got, err := org.client().Organization(t.Context())
	want := salesforce.Organization{ID: orgID, Name: "Acme", Type: "Enterprise Edition", Instance: "NA135", IsSandbox: true}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestOrganizationThatIsNotVisible(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, `{"totalSize":0,"done":true,"records":[]}`))
	if got, err := org.client().Organization(t.Context()); err == nil {
		t.Errorf("got %+v", got)
	}
}

func TestLimitsSkipWhatIsNested(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, `{"DailyApiRequests":{"Max":15000,"Remaining":14998},"PermissionSets":{"Max":1500,"Remaining":1499,"CreateCustom":{"Max":1000,"Remaining":999}}}`))
	got, err := org.client().Limits(t.Context())
	want := map[string]salesforce.Allowance{"DailyApiRequests": {Max: 15000, Remaining: 14998}, "PermissionSets": {Max: 1500, Remaining: 1499}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestGetDeleted(t *testing.T) {
	t.Parallel()
	var asked string
	org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RequestURI()
		say(w, 200, `{"deletedRecords":[{"id":"00QKB000002vPqN","deletedDate":"2026-01-05T22:07:19.000+0000"}],
			"earliestDateAvailable":"2025-12-22T15:57:00.000+0000","latestDateCovered":"2026-01-05T23:20:00.000+0000"}`)
	})
	start := time.Date(2026, 1, 5, 22, 0, 0, 0, time.UTC)
	got, err := org.client().GetDeleted(t.Context(), "Lead", start, start.Add(2*time.Hour))
	want := salesforce.Deleted{
		Records:  []salesforce.DeletedRecord{{ID: "00QKB000002vPqN2AU", At: time.Date(2026, 1, 5, 22, 7, 19, 0, time.UTC)}},
		Earliest: time.Date(2025, 12, 22, 15, 57, 0, 0, time.UTC),
		Latest:   time.Date(2026, 1, 5, 23, 20, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if asked != "/services/data/v62.0/sobjects/Lead/deleted?end=2026-01-06T00%3A00%3A00Z&start=2026-01-05T22%3A00%3A00Z" {
		t.Errorf("asked %s", asked)
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 1, 31, 9, 8, 7, 0, time.UTC)
	for _, text := range []string{"2026-01-31T09:08:07.000+0000", "2026-01-31T09:08:07Z", "2026-01-31T10:08:07+01:00", "2026-01-31T10:08:07.000+0100"} {
		if got, err := salesforce.ParseTime(text); err != nil || !got.Equal(want) {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2026-01-31", "09:08:07.000Z", "yesterday"} {
		if got, err := salesforce.ParseTime(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
