package sandbox

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestARestoredOrgIsWhatItWas(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	kept := c.insert("Lead", m{"LastName": "Kept", "Company": "X", "Email": "old@x.test"})
	gone := c.lead("gone@x.test")
	c.want(204, nil, "POST", "/__sandbox/snapshots", m{"name": "start"})
	_, sequence := c.org.Log(LogFilter{})

	for round := range 2 {
		c.org.Clock().Advance(time.Minute)
		made := c.lead("new@x.test")
		c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+kept, m{"Email": "new@x.test"})
		c.want(204, nil, "DELETE", v67+"/sobjects/Lead/"+gone, nil)
		c.want(204, nil, "POST", "/__sandbox/fields/Lead", m{"name": "Tier__c", "type": "string", "externalId": true})
		c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+kept, m{"Tier__c": "Gold"})
		c.want(204, nil, "PATCH", "/__sandbox/fields/Lead/Title", m{"hidden": true})
		c.org.SetDuplicateRules(DuplicateRule{Object: "Lead", Field: "Email", Against: []string{"Lead"}})
		c.want(204, nil, "POST", "/__sandbox/triggers", m{"object": "Lead", "field": "LastName", "apply": "upper"})

		c.want(204, nil, "POST", "/__sandbox/snapshots/start/restore", nil)
		if _, found := c.org.Get(made); found {
			t.Errorf("round %d: the record made since is there", round)
		}
		for query, want := range map[string]int{
			"SELECT Id, Title FROM Lead":                                              2,
			"SELECT Id FROM Lead WHERE Email = 'old@x.test'":                          1,
			"SELECT Id FROM Lead WHERE Email = 'new@x.test'":                          0,
			"SELECT Id FROM Lead WHERE SystemModstamp > 2026-01-31T09:00:00Z":         0,
			"SELECT Id FROM Lead WHERE Id = '" + gone + "' AND Email = 'gone@x.test'": 1,
		} {
			if got := c.query(query).TotalSize; got != want {
				t.Errorf("round %d: %s: %d records, want %d", round, query, got, want)
			}
		}
		c.refused(400, "INVALID_FIELD", "GET", v67+"/query?q=SELECT+Tier__c+FROM+Lead", nil)
		if _, last := c.org.Log(LogFilter{}); last != sequence {
			t.Errorf("round %d: the log ends at %d, want %d", round, last, sequence)
		}
		if again := c.lead("gone@x.test"); again != made || c.record(again)["LastName"] != "Doe" {
			t.Errorf("round %d: the next record is %s, %v", round, again, c.record(again)["LastName"])
		}
		c.want(204, nil, "POST", "/__sandbox/snapshots/start/restore", nil)
	}
}

func TestSnapshotsAreListedReplacedAndDropped(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	count := func() int { return c.query("SELECT Id FROM Lead").TotalSize }
	for i, name := range []string{"none", "one", "two"} {
		if err := c.org.Snapshot(name); err != nil {
			t.Fatal(err)
		}
		c.lead(fmt.Sprintf("%d@x.test", i))
	}
	for _, want := range []struct {
		name  string
		leads int
	}{{"one", 1}, {"two", 2}, {"none", 0}, {"two", 2}} {
		if err := c.org.Restore(want.name, RestoreOptions{}); err != nil || count() != want.leads {
			t.Errorf("restored %s: %d leads, %v", want.name, count(), err)
		}
	}
	c.want(204, nil, "POST", "/__sandbox/snapshots", m{"name": "none"}) // of two leads now
	var list struct{ Snapshots []SnapshotInfo }
	c.want(200, &list, "GET", "/__sandbox/snapshots", nil)
	if len(list.Snapshots) != 3 || list.Snapshots[2].Name != "none" {
		t.Errorf("snapshots %+v", list.Snapshots)
	}
	c.want(204, nil, "DELETE", "/__sandbox/snapshots/one", nil)
	c.refused(404, "NOT_FOUND", "POST", "/__sandbox/snapshots/one/restore", nil)
	c.lead("more@x.test")
	if err := c.org.Restore("none", RestoreOptions{}); err != nil || count() != 2 {
		t.Errorf("%d leads, %v", count(), err)
	}
}

func TestASnapshotKeepsWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	c.org.Fault(Fault{Match: Match{Operation: "update"}, CommitAfter: time.Hour, Answer: true})
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "late"})
	if err := c.org.Snapshot("pending"); err != nil {
		t.Fatal(err)
	}
	for _, setClock := range []bool{true, false} {
		c.org.Clock().Advance(time.Hour)
		c.token = c.org.IssueToken()
		if got := c.record(id)["Title"]; got != "late" {
			t.Errorf("committed as %v", got)
		}
		c.want(204, nil, "POST", "/__sandbox/snapshots/pending/restore", m{"clock": setClock})
		want := map[bool]any{true: nil, false: "late"}[setClock] // without the old clock its time has come
		if got := c.record(id)["Title"]; got != want {
			t.Errorf("with the clock set back (%v) Title is %v, want %v", setClock, got, want)
		}
	}
}

func TestCursorsDieWhenASnapshotIsRestored(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for range 250 {
		c.lead("a@x.test")
	}
	if err := c.org.Snapshot("s"); err != nil {
		t.Fatal(err)
	}
	var page result
	c.want(200, &page, "GET", v67+"/query?q=SELECT+Id+FROM+Lead", nil, "Sforce-Query-Options", "batchSize=200")
	if err := c.org.Restore("s", RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	c.refused(400, "INVALID_QUERY_LOCATOR", "GET", page.NextRecordsURL, nil)
}

// TestEveryPartOfTheOrgIsKeptOrGoesOn makes whoever gives the org a new field decide
// whether a snapshot keeps it. Objects and fields are copied whole.
func TestEveryPartOfTheOrgIsKeptOrGoesOn(t *testing.T) {
	t.Parallel()
	const goesOn = "clock logger id pod limit traffic held sessions apps cursors viewings recents bulk mu snapshots jobs"
	const kept = "late objects byPrefix features log bin mapped duplicates openings assignments validations definitions customObjects"
	known := strings.Fields(goesOn + " " + kept)
	for f := range reflect.TypeFor[Org]().Fields() {
		if !slices.Contains(known, f.Name) {
			t.Errorf("Org.%s is new: keep it in a snapshot, or say here that it goes on", f.Name)
		}
	}
}

func TestARestoredOrgKnowsNotWhatUsersLookedAtSince(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	before, after := c.lead("before@x.test"), c.lead("after@x.test")
	c.query("SELECT Id FROM Lead WHERE Id = '" + before + "' FOR VIEW")
	c.want(204, nil, "POST", "/__sandbox/snapshots", m{"name": "start"})
	c.query("SELECT Id FROM Lead WHERE Id = '" + after + "' FOR VIEW")
	c.want(204, nil, "POST", "/__sandbox/snapshots/start/restore", nil)
	var recent []m
	c.want(200, &recent, "GET", v67+"/recent", nil)
	if len(recent) != 1 || recent[0]["Id"] != before {
		t.Errorf("recent records: %v", recent)
	}
	for id, want := range map[string]any{before: "2026-01-31T09:00:00.000+0000", after: nil} {
		if got := c.query("SELECT LastViewedDate FROM Lead WHERE Id = '" + id + "'").Records[0]["LastViewedDate"]; got != want {
			t.Errorf("%s was viewed %v, want %v", id, got, want)
		}
	}
}
