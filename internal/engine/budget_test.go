package engine_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/sandbox"
	"conversion/internal/testkit"
)

// spent stores that so many requests were ours just now, and returns how many may be.
func (w *world) spend(leave int) {
	w.t.Helper()
	c, err := w.books.Connection(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	ours, err := w.books.Spent(w.t.Context(), w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.books.Spend(w.t.Context(), conversion.LaneEdits, w.now(), c.Max/2-leave-ours); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) waits() map[conversion.Lane]conversion.Reason {
	w.t.Helper()
	found, err := w.books.Waits(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	waits := make(map[conversion.Lane]conversion.Reason)
	for _, x := range found {
		if x.Short() {
			waits[x.Lane] = x.Reason
		}
	}
	return waits
}

// short reports whether the error says that work waits.
func short(err error) bool {
	_, is := errors.AsType[*engine.ShortError](err)
	return is
}

func TestOurRequestsAreCountedAsSalesforceCountsThem(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		for i := range 20 {
			w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": fmt.Sprintf("p%d@acme.example", i)})
		}
		w.sync()
		w.rules(updateAll)
		w.later(time.Minute)
		w.edit(w.contact("p1@acme.example").ID, map[string]any{"job_title": "Head"})
		w.push()
		ours, err := w.books.Spent(t.Context(), w.now())
		if want := len(w.org.Requests()); err != nil || ours != want {
			t.Errorf("%d counted, %v; Salesforce was asked %d times", ours, err, want)
		}
	})
}

func TestAtTheLimitWorkWaitsAndResumesByItselfWhenTheWindowFrees(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
		w.sync()
		w.rules(updateAll)
		w.later(time.Minute)
		w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head"})
		w.spend(0)
		asked := len(w.org.Requests())
		ids, err := w.engine.Request(t.Context(), workspace, "manual")
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := w.engine.Cycle(t.Context(), workspace); !short(err) {
				t.Fatalf("a cycle without requests ends with %v", err)
			}
			w.later(10 * time.Minute)
		}
		if n := len(w.org.Requests()) - asked; n != 0 {
			t.Errorf("%d requests beyond our share", n)
		}
		w.runsAre(ids, conversion.RunQueued)
		if got := w.waits(); got[conversion.LaneEdits] != conversion.WaitsForShare || got[conversion.LanePull] != conversion.WaitsForShare {
			t.Errorf("waits: %v", got)
		}
		w.later(25 * time.Hour)
		w.sync()
		w.runsAre(ids, conversion.RunDone)
		if got := w.field(lead, "Title"); got != "Head" {
			t.Errorf("the title in Salesforce is %v", got)
		}
		if got := w.waits(); len(got) != 0 {
			t.Errorf("afterwards waits %v", got)
		}
	})
}

// runsAre checks the state of runs, and that those that wait say for what.
func (w *world) runsAre(ids []string, want conversion.RunStatus) {
	w.t.Helper()
	for _, id := range ids {
		r, err := w.books.Run(w.t.Context(), id)
		if err != nil || r.Status != want || (want == conversion.RunQueued) != (r.Note != "") {
			w.t.Errorf("the run %s of %s is %s, %q, %v; want %s", r.Direction, r.Object, r.Status, r.Note, err, want)
		}
	}
}

func TestNewContactsGoWhileChangesWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.sync()
	w.rules(func(r *conversion.Rules) {
		updateAll(r)
		r.ContactsCreated, r.CompaniesCreated = conversion.TargetContacts, conversion.TargetCompanies
	})
	w.later(time.Minute)
	w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head"})
	w.createCompany(directory.Draft{Key: "new.example", Name: "New"})
	w.create(directory.Draft{Key: "ann@new.example", Values: map[string]any{"last_name": "Ann"}})
	w.spend(1000) // of 50,000: below the 5 % that are kept for new contacts
	if err := w.engine.Push(t.Context(), workspace); !short(err) {
		t.Fatalf("the push ends with %v", err)
	}
	if links := w.contact("ann@new.example").Links; len(links) != 1 || w.field(links[0].Ref.ID, "AccountId") == nil {
		t.Errorf("the new contact has the links %+v, or no Account", links)
	}
	if got := w.field(lead, "Title"); got != "Clerk" {
		t.Errorf("the change went: %v", got)
	}
	if got := w.waits(); len(got) != 1 || got[conversion.LaneEdits] != conversion.WaitsForShare {
		t.Errorf("waits: %v", got)
	}
}

func TestTheOrgsCeilingStopsUsAndIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	c, err := w.books.Connection(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.later(time.Minute)
	if err := w.books.Measured(t.Context(), c.Max*96/100, c.Max, w.now()); err != nil {
		t.Fatal(err)
	}
	asked := len(w.org.Requests())
	if err := w.engine.Cycle(t.Context(), workspace); !short(err) || w.waits()[conversion.LanePull] != conversion.WaitsForOrg {
		t.Fatalf("above the ceiling a cycle ends with %v, waits: %v", err, w.waits())
	}
	if n := len(w.org.Requests()) - asked; n != 0 {
		t.Errorf("%d requests above the ceiling", n)
	}
	w.later(10 * time.Minute)
	w.sync() // one request asks, and Salesforce tells that others freed theirs
	if got := w.waits(); len(got) != 0 {
		t.Errorf("afterwards waits %v", got)
	}
}

func TestChangesAreGatheredLongerAsTheBudgetRunsLow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	w.sync()
	w.rules(updateAll)
	w.later(time.Minute)
	due := func() bool {
		found, err := w.store.Due(t.Context(), w.now())
		if err != nil {
			t.Fatal(err)
		}
		return len(found) == 1 && found[0].Push
	}
	w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head"})
	if !due() {
		t.Fatal("a change is not due at once though all of the budget is left")
	}
	w.spend(12_500) // of 50,000: three quarters are used
	w.push()
	w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Boss"})
	if w.later(time.Minute); due() {
		t.Error("a minute later the next change is due though the budget runs low")
	}
	if w.later(time.Minute); !due() {
		t.Error("after two minutes it is not due")
	}
	if len(w.waits()) != 0 {
		t.Errorf("gathering is said to be short: %v", w.waits())
	}
}

func TestWhatSalesforceRefusesForItsLimitWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.sync()
	w.rules(updateAll)
	w.later(time.Minute)
	w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head"})
	w.org.Fault(sandbox.Fault{ErrorCode: "REQUEST_LIMIT_EXCEEDED"})
	asked := len(w.org.Requests())
	ids, err := w.engine.Request(t.Context(), workspace, "manual")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.engine.Cycle(t.Context(), workspace); !short(err) {
		t.Fatalf("a cycle that is refused ends with %v", err)
	}
	if n := len(w.org.Requests()) - asked; n != 1 {
		t.Errorf("%d requests; after the first refusal none is worth sending", n)
	}
	w.runsAre(ids, conversion.RunQueued)
	if got := w.waits(); len(got) != len(conversion.Lanes) {
		t.Errorf("waits: %v", got)
	}
	w.later(10 * time.Minute)
	w.sync()
	w.runsAre(ids, conversion.RunDone)
	if got := w.field(lead, "Title"); got != "Head" || len(w.waits()) != 0 {
		t.Errorf("the title is %v, waits: %v", got, w.waits())
	}
}
