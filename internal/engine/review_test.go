package engine_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/sandbox"
	"conversion/internal/sandbox/schema"
	"conversion/internal/testkit"
)

// at runs do once, before the n-th step of that name from now on.
func (w *world) at(name string, n int, do func()) {
	seen := 0
	w.step = func(step string) error {
		if step == name {
			if seen++; seen == n {
				do()
			}
		}
		return nil
	}
}

// cycle runs a cycle beside what is under way.
func (w *world) cycle() {
	if err := w.engine.Cycle(w.t.Context(), workspace); err != nil {
		w.t.Errorf("cycle beside: %v", err)
	}
}

func TestACycleBesideAPushDoublesNoCompany(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) { r.CompaniesCreated = conversion.TargetCompanies })
	_, err := w.directory.Upsert(t.Context(), workspace, conversion.KindCompany, user, []directory.Draft{{Name: "Acme"}})
	if err != nil {
		t.Fatal(err)
	}
	w.at("read back", 1, w.cycle)
	if err := w.engine.Push(t.Context(), workspace); err != nil {
		t.Errorf("push: %v", err)
	}
	w.step = nil
	w.later(time.Hour)
	w.sync()
	if n := len(w.list(conversion.KindCompany)); n != 1 {
		t.Errorf("%d companies, want 1", n)
	}
}

func TestAPullBesideACreateLinksItOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated, r.ContactsUpdated = conversion.TargetLeads, conversion.TargetAll
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe"}})
	w.at("read back", 1, w.cycle)
	if err := w.engine.Push(t.Context(), workspace); err != nil {
		t.Errorf("push: %v", err)
	}
	w.step = nil
	if links := w.contact("jo@acme.example").Links; len(links) != 1 {
		t.Errorf("links %+v", links)
	}
}

func TestARecordThatMovedOnBeforeItsCreateWasAnsweredStaysWhereItIs(t *testing.T) {
	t.Parallel()
	w := creating(t)
	w.jo()
	var made, beside string
	w.at("read back", 1, func() {
		beside = w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@acme.example"})
		w.cycle() // ties the Lead to the contact, and the Contact
		w.later(10 * time.Second)
		for _, l := range w.contact("jo@acme.example").Links {
			if l.Ref.ID != beside {
				made = l.Ref.ID
			}
		}
		w.update(made, map[string]any{"Email": "new@acme.example"})
		w.cycle() // lets the Lead go, and the Contact stay
	})
	if err := w.engine.Push(t.Context(), workspace); err != nil {
		t.Errorf("push: %v", err)
	}
	w.step = nil
	w.wantWho(map[string]string{made: "lead", beside: "contact"}, "jo@acme.example: contact; new@acme.example: lead")
	w.next()
	if n := w.made("Lead"); n != 1 {
		t.Errorf("%d leads were made", n)
	}
}

func TestAHeldRecordNeverBringsAnEmailThatIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	one := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "a@acme.example"})
	two := w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "a@acme.example"})
	w.insert("Lead", map[string]any{"LastName": "Roe", "Company": "Acme", "Email": "b@acme.example"})
	w.sync()
	w.later(time.Hour)
	w.update(two, map[string]any{"Email": "b@acme.example"})
	w.sync()
	w.later(24 * time.Hour) // all of them lie far behind the cursors' overlap
	w.insert("Lead", map[string]any{"LastName": "New", "Company": "Acme", "Email": "new@acme.example"})
	w.sync()
	w.later(time.Hour)
	w.update(one, map[string]any{"Email": ""})
	w.cycle()
	w.contact("a@acme.example")
	w.contact("b@acme.example")
}

func TestAnAccountMadeWhileContactsAreReadIsTheirCompany(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.insert("Account", map[string]any{"Name": "Old"})
	w.at("read a page", 2, func() {
		account := w.insert("Account", map[string]any{"Name": "Acme"})
		w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@acme.example", "AccountId": account})
	})
	w.sync()
	w.step = nil
	w.later(15 * time.Minute)
	w.sync()
	w.later(15 * time.Minute)
	w.sync()
	if jo := w.contact("jo@acme.example"); jo.CompanyID == "" {
		t.Error("the contact has no company")
	}
}

func TestActivitiesOfAPersonMadeDuringALongReadingAreNotMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	w.at("read a page", 4, func() { // Leads were read, Tasks were not
		w.later(30 * time.Minute)
		lead := w.insert("Lead", map[string]any{"LastName": "New", "Company": "Acme", "Email": "new@acme.example"})
		w.insert("Task", map[string]any{"Subject": "Call", "WhoId": lead})
		w.later(2 * time.Hour)
		w.insert("Task", map[string]any{"Subject": "Other"})
	})
	w.sync()
	w.step = nil
	w.later(15 * time.Minute)
	w.sync()
	items, _, err := w.directory.Engagements(t.Context(), workspace, w.contact("new@acme.example").ID, "", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != 1 {
		t.Errorf("%d engagements, want the Task", len(items))
	}
}

func TestAVariableTakenBackInIsFilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.sync()
	out, in := true, false
	leave := func(to *bool) {
		if _, err := w.directory.PatchVariable(t.Context(), workspace, conversion.KindContact, "job_title", directory.VariablePatch{LeftOut: to}); err != nil {
			t.Fatal(err)
		}
	}
	leave(&out)
	w.later(time.Hour)
	w.update(lead, map[string]any{"Title": "Head"})
	w.sync()
	w.later(24 * time.Hour)
	w.insert("Lead", map[string]any{"LastName": "New", "Company": "Acme", "Email": "new@acme.example"})
	w.sync()
	leave(&in)
	w.later(time.Hour)
	w.sync()
	if got := value(w.contact("jo@acme.example"), "job_title"); got != "Head" {
		t.Errorf("job title %q, want what the lead holds", got)
	}
}

func TestAModeChosenDuringACycleStays(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"describe", "read a page"} {
		w := newWorld(t, testkit.SQLite(t))
		w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
		w.sync()
		w.later(2 * time.Hour)
		addTier(t, w)
		w.at(step, 1, func() {
			mode := conversion.ModeAlwaysConversion
			if _, err := w.directory.PatchVariable(t.Context(), workspace, conversion.KindContact, "job_title", directory.VariablePatch{Mode: &mode}); err != nil {
				t.Error(err)
			}
		})
		w.sync()
		schema, err := w.books.Schema(t.Context(), conversion.KindContact)
		if err != nil {
			t.Fatal(err)
		}
		if got := schema.ByKey("job_title").Mode; got != conversion.ModeAlwaysConversion {
			t.Errorf("chosen at %q: the mode is %s", step, got)
		}
	}
}

func TestAnEmailChangedDuringTheLookUpMakesNoDuplicate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated = conversion.TargetLeads
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	there := w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "right@acme.example"})
	jo := w.create(directory.Draft{Key: "wrong@acme.example", Values: map[string]any{"last_name": "Doe"}})
	w.at("commit", 1, func() {
		right := "right@acme.example"
		if _, err := w.directory.Update(t.Context(), workspace, conversion.KindContact, jo.ID, user, directory.Patch{Key: &right}); err != nil {
			t.Error(err)
		}
	})
	w.push()
	w.step = nil
	w.later(time.Minute)
	w.push()
	links := w.contact("right@acme.example").Links
	if len(links) != 1 || links[0].Ref.ID != there {
		t.Errorf("links %+v, want the Contact that was there", links)
	}
}

func TestAnEditBetweenReadingAndPlanningOverwritesNothingUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Old"})
	w.sync()
	w.rules(updateAll)
	w.later(time.Minute)
	id := w.contact("jo@acme.example").ID
	w.mode("phone", conversion.ModeNone)
	w.edit(id, map[string]any{"phone": "1"}) // nothing is to be sent, and no record is read
	w.at("commit", 1, func() {
		w.edit(id, map[string]any{"job_title": "Newer"})
		w.later(time.Minute)
		w.update(lead, map[string]any{"Title": "Theirs"})
	})
	w.push()
	w.step = nil
	w.later(time.Minute)
	w.push()
	if got := w.field(lead, "Title"); got != "Theirs" {
		t.Errorf("the lead's title is %v, want the newer edit in Salesforce", got)
	}
}

func TestADeletionDuringTheCreateReachesWhatItMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated, r.ContactsDeleted = conversion.TargetLeads, conversion.TargetAll
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	jo := w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe"}})
	w.at("read back", 1, func() {
		w.later(2 * time.Second)
		if err := w.directory.Delete(t.Context(), workspace, conversion.KindContact, jo.ID, user, false); err != nil {
			t.Error(err)
		}
		w.later(2 * time.Second)
	})
	w.push()
	w.step = nil
	w.later(15 * time.Minute)
	w.sync()
	if n := w.org.Writes(); n != 2 {
		t.Errorf("%d writes, want the create and the deletion", n)
	}
}

func TestAFieldShownDuringAnInterruptedFirstLoadIsFilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.later(24 * time.Hour)
	w.insert("Lead", map[string]any{"LastName": "New", "Company": "Acme", "Email": "new@acme.example"})
	hide := func(hidden bool) {
		if err := w.org.HideField("Lead", "Title", hidden); err != nil {
			t.Fatal(err)
		}
	}
	hide(true)
	stopAt(w, "read a page", 4)
	if err := w.engine.Cycle(t.Context(), workspace); err == nil {
		t.Fatal("the first load was not interrupted")
	}
	w.step = nil
	hide(false)
	w.later(2 * time.Hour)
	w.sync()
	if got := value(w.contact("jo@acme.example"), "job_title"); got != "Clerk" {
		t.Errorf("job title %q, want what the lead holds", got)
	}
}

func addTier(t *testing.T, w *world) {
	t.Helper()
	err := w.org.AddField("Lead", schema.Field{Name: "Tier__c", Label: "Tier", Type: schema.String, Length: 20, Nillable: true, Createable: true, Updateable: true, Custom: true})
	if err != nil {
		t.Fatal(err)
	}
}

// stopAt ends the work at the n-th step of that name, as a crash would.
func stopAt(w *world, name string, n int) {
	seen := 0
	w.step = func(step string) error {
		if step == name {
			if seen++; seen == n {
				return errors.New("stop")
			}
		}
		return nil
	}
}

func TestAnObjectThatCannotBeReadBlocksNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "describe", Object: "Account"}, Times: -1, Status: 404, ErrorCode: "NOT_FOUND"})
	w.sync()
	w.contact("jo@acme.example")
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "describe"}, Times: -1, Status: 404, ErrorCode: "NOT_FOUND"})
	w.later(2 * time.Hour)
	if err := w.engine.Cycle(t.Context(), workspace); conversion.ErrorCode(err) != conversion.CodeForbidden {
		t.Errorf("with no object to read the cycle ended with %v", err)
	}
}

func TestAnOutageKeepsWhatIsKnownOfTheClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	known, err := w.books.Connection(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	known.ClockOffset = time.Hour
	if err := w.books.SaveSyncState(t.Context(), known); err != nil {
		t.Fatal(err)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	remote := w.dial(gone)
	restarted := engine.New(engine.Config{
		Books: func(id string) engine.Books { return w.store.Workspace(id) },
		Dial:  func(context.Context, string) (engine.Remote, error) { return remote, nil },
		Now:   w.clock.Now, NewID: rand.Text, Owner: "restarted",
	})
	if err := restarted.Cycle(t.Context(), workspace); err == nil {
		t.Fatal("the cycle did not fail")
	}
	if offset, _, err := w.books.ClockOffset(t.Context()); err != nil || offset != time.Hour {
		t.Errorf("the offset is %s (%v), want what was known", offset, err)
	}
}
