package engine_test

import (
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/sandbox/schema"
	"conversion/internal/testkit"
)

// score adds a formula field of Leads that changes when nobody touches the Lead.
func (w *world) score(object, formula string) {
	w.t.Helper()
	err := w.org.AddField(object, schema.Field{Name: "Score__c", Label: "Score", Type: schema.Double, Precision: 18, Nillable: true, Custom: true, Calculated: true, Formula: formula})
	if err != nil {
		w.t.Fatal(err)
	}
}

const ageInHours = "FLOOR((NOW() - CreatedDate) * 24)"

func TestAFormulaThatChangesByItselfIsRefreshedOnceADay(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		w.score("Lead", ageInHours)
		w.leadOf("jo@acme.example", nil)
		w.sync()
		w.later(2 * time.Hour)
		w.leadOf("other@acme.example", nil)
		w.sync() // from here on the first lead lies before the overlap
		w.later(time.Hour)
		w.sync()
		if got := value(w.contact("jo@acme.example"), "Score__c"); got != "2" {
			t.Fatalf("score %q within the day: it is refreshed once a day", got)
		}
		before := w.contact("jo@acme.example").Updated
		w.later(21 * time.Hour)
		w.sync()
		jo := w.contact("jo@acme.example")
		if got := value(jo, "Score__c"); got != "24" {
			t.Errorf("score %q after a day, want 24", got)
		}
		if jo.Updated != before {
			t.Error("the contact counts as updated though nobody touched it")
		}
		if n := w.told(jo.ID, "Score__c"); n != 0 {
			t.Errorf("%d lines of the timeline tell of the formula", n)
		}
		if run := w.runsOf("refresh", conversion.Lead)[0]; run.Counts.Total() != 0 || !strings.Contains(run.Note, "read for 2 records") {
			t.Errorf("run %+v", run)
		}
	})
}

// told counts the lines of a timeline that are about a variable.
func (w *world) told(id, key string) int {
	w.t.Helper()
	s, err := w.books.Schema(w.t.Context(), conversion.KindContact)
	if err != nil {
		w.t.Fatal(err)
	}
	changes, _, err := w.books.Timeline(w.t.Context(), id, "", 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	n := 0
	for _, c := range changes {
		if c.Var == s.ByKey(key).ID {
			n++
		}
	}
	return n
}

func TestAFormulaShowsWhenItWasLastReadThoughItStandsStill(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		w.score("Lead", "1 + 1")
		w.leadOf("jo@acme.example", map[string]any{"Title": "Clerk"})
		loaded := w.now()
		w.sync()
		w.agesOf("jo@acme.example", "Score__c", loaded)
		w.agesOf("jo@acme.example", "job_title", 0)
		w.later(2 * time.Hour)
		w.leadOf("other@acme.example", nil)
		w.sync() // from here on the first lead lies before the overlap
		w.agesOf("jo@acme.example", "Score__c", loaded)
		w.night()
		refreshed := w.now()
		w.sync()
		w.agesOf("jo@acme.example", "Score__c", refreshed)
		w.later(time.Hour)
		w.sync()
		w.agesOf("jo@acme.example", "Score__c", refreshed)
	})
}

// agesOf checks when a contact's value was last read, as its page and its history tell.
func (w *world) agesOf(email, key string, want conversion.Moment) {
	w.t.Helper()
	view, err := w.directory.Get(w.t.Context(), workspace, conversion.KindContact, w.contact(email).ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range view.Values {
		if v.Variable.Key == key && v.Read.Time().Truncate(time.Second) != want.Time() {
			w.t.Errorf("the page says that %s was read at %v, want %v", key, v.Read, want)
		}
	}
	h, err := w.directory.History(w.t.Context(), workspace, conversion.KindContact, view.ID, key, "", 10)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(h.Claims) != 1 || h.Claims[0].Read.Time().Truncate(time.Second) != want.Time() {
		w.t.Errorf("the history of %s has %+v, want it read at %v", key, h.Claims, want)
	}
}

func TestOfTwoFormulasTheOneThatChangedLastIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.score("Lead", ageInHours)
	w.score("Contact", "1 + 1")
	w.leadOf("jo@acme.example", nil)
	w.later(time.Hour)
	w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@acme.example"})
	w.sync()
	if got := value(w.contact("jo@acme.example"), "Score__c"); got != "2" {
		t.Fatalf("score %q, want that of the record changed last", got)
	}
	w.night()
	w.sync()
	if got := value(w.contact("jo@acme.example"), "Score__c"); got != "25" {
		t.Errorf("score %q, want what changed last, though nobody modified the lead", got)
	}
}

func TestARefreshHidesNoChangeThatWasMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.score("Lead", ageInHours)
	lead := w.leadOf("jo@acme.example", map[string]any{"Title": "Clerk"})
	w.sync()
	w.later(time.Hour)
	w.late("PATCH", "Lead/"+lead, `{"Title":"Head"}`)
	w.later(25 * time.Minute)
	w.leadOf("fresh@acme.example", nil)
	w.later(time.Minute)
	w.sync()
	w.options(func(o *conversion.Options) { o.RefreshHours = 1 })
	w.later(time.Hour)
	w.sync()
	if got := value(w.contact("jo@acme.example"), "job_title"); got != "Head" {
		t.Errorf("title %q: the refresh saw the record's new stamp and not its title", got)
	}
}

func TestARefreshIsAsOftenAsTheAdminWants(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.score("Lead", ageInHours)
	w.leadOf("jo@acme.example", nil)
	w.sync()
	w.options(func(o *conversion.Options) { o.RefreshHours = 3 })
	w.later(time.Hour)
	w.leadOf("fresh@acme.example", nil)
	w.sync() // from here on the first lead lies before the overlap
	for hours, want := range []string{1: "1", "1", "3", "3", "3", "6"} {
		if got := value(w.contact("jo@acme.example"), "Score__c"); hours > 0 && got != want {
			t.Errorf("after %d hours the score is %q, want %q", hours, got, want)
		}
		if hours > 0 {
			w.later(time.Hour)
			w.sync()
		}
	}
}

func TestFillingNewFieldsGoesOnWhereItWasStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.page = 2
	w.build()
	w.hide("Lead", "Title", true)
	people := []string{"a@acme.example", "b@acme.example", "c@acme.example", "d@acme.example", "e@acme.example"}
	for _, email := range people {
		w.leadOf(email, map[string]any{"Title": "Clerk"})
	}
	w.sync()
	w.later(time.Hour)
	w.leadOf("fresh@acme.example", nil)
	w.sync() // from here on the others lie before the overlap
	w.hide("Lead", "Title", false)
	w.later(2 * time.Hour)
	stopAt(w, "go through a page", 2)
	if err := w.engine.Cycle(t.Context(), workspace); err == nil {
		t.Fatal("the filling was not stopped")
	}
	w.step = nil
	before := len(w.org.Requests())
	w.later(time.Minute)
	w.sync()
	for _, r := range w.org.Requests()[before:] {
		if strings.Contains(r.Query, "Title") && strings.Contains(r.Query, "ORDER BY Id") && !strings.Contains(r.Query, "Id > '") {
			t.Errorf("the filling began anew: %s", r.Query)
		}
	}
	for _, email := range people {
		if got := value(w.contact(email), "job_title"); got != "Clerk" {
			t.Errorf("%s: title %q", email, got)
		}
	}
	if run := w.runsOf("fill", conversion.Lead)[0]; !strings.Contains(run.Note, "6 records") {
		t.Errorf("run %+v", run)
	}
}

// hide hides a field from the connected user, or shows it again.
func (w *world) hide(object, field string, hidden bool) {
	w.t.Helper()
	if err := w.org.HideField(object, field, hidden); err != nil {
		w.t.Fatal(err)
	}
}
