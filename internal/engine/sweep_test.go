package engine_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/sandbox"
	"conversion/internal/testkit"
)

// night moves both clocks past the hour of sweeps, so that the next cycle has one.
func (w *world) night() { w.later(24 * time.Hour) }

// sweeps returns the runs of sweeps of the object, newest first.
func (w *world) sweeps(o conversion.Object) []conversion.Run {
	w.t.Helper()
	return w.runsOf("sweep", o)
}

func (w *world) runsOf(trigger string, o conversion.Object) (found []conversion.Run) {
	w.t.Helper()
	runs, _, err := w.books.Runs(w.t.Context(), conversion.RunFilter{Object: o, Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range runs {
		if r.Trigger == trigger {
			found = append(found, r)
		}
	}
	return found
}

// lines returns what a run did.
func (w *world) lines(r conversion.Run) []conversion.RunLine {
	w.t.Helper()
	lines, _, err := w.books.RunLines(w.t.Context(), r.ID, "", 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return lines
}

func (w *world) leadOf(email string, more map[string]any) string {
	w.t.Helper()
	fields := map[string]any{"LastName": "Doe", "Company": "Acme", "Email": email}
	for name, value := range more {
		fields[name] = value
	}
	return w.insert("Lead", fields)
}

func statusOf(v directory.View) string {
	var said []string
	for _, l := range v.Links {
		said = append(said, string(l.Status))
	}
	return strings.Join(said, " ")
}

func TestASweepEndsTheLinkOfARecordThatIsGoneForGood(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		gone := w.leadOf("gone@acme.example", nil)
		w.leadOf("here@acme.example", nil)
		w.sync()
		if err := w.org.HardDelete(w.admin, gone); err != nil {
			t.Fatal(err)
		}
		w.later(15 * time.Minute)
		w.sync()
		if got := statusOf(w.contact("gone@acme.example")); got != "linked" {
			t.Fatalf("before the sweep the link is %s: no cursor can see this", got)
		}
		w.night()
		w.sync()
		if got := statusOf(w.contact("gone@acme.example")); got != "deleted_in_salesforce" {
			t.Errorf("the link is %s", got)
		}
		if got := statusOf(w.contact("here@acme.example")); got != "linked" {
			t.Errorf("the other's link is %s", got)
		}
		run := w.sweeps(conversion.Lead)[0]
		if run.Counts.Deleted != 1 || !strings.Contains(run.Note, "1 are gone there") {
			t.Errorf("run %+v", run)
		}
		if lines := w.lines(run); len(lines) != 1 || lines[0].Ref.ID != gone || !strings.Contains(lines[0].Message, "no longer there") {
			t.Errorf("lines %+v", lines)
		}
	})
}

func TestASweepTakesUpWhatIsSharedLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	private := w.leadOf("jo@acme.example", nil)
	w.insert("Task", map[string]any{"Subject": "Call", "WhoId": private})
	w.asUser()
	w.later(2 * time.Hour)
	w.leadOf("seen@acme.example", map[string]any{"OwnerId": w.user.ID()})
	w.sync()
	w.night()
	w.sync()
	if n := len(w.list(conversion.KindContact)); n != 1 {
		t.Fatalf("%d contacts, want only what the user may see", n)
	}
	if err := w.org.Share(private, w.user.ID(), false); err != nil {
		t.Fatal(err)
	}
	w.later(15 * time.Minute)
	w.sync()
	if n := len(w.list(conversion.KindContact)); n != 1 {
		t.Fatalf("%d contacts: the cursor saw what was shared", n)
	}
	w.night()
	w.sync()
	jo := w.contact("jo@acme.example")
	items, _, err := w.directory.Engagements(t.Context(), workspace, jo.ID, "", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != 1 {
		t.Errorf("%d engagements, want the earlier call", len(items))
	}
	run := w.sweeps(conversion.Lead)[0]
	if run.Counts.Created != 1 || !strings.Contains(run.Note, "1 were not known here") {
		t.Errorf("run %+v", run)
	}
}

func TestASweepFindsWhatWasStoredLaterThanTheOverlap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	known := w.leadOf("known@acme.example", map[string]any{"Title": "Clerk"})
	w.sync()
	w.later(time.Hour)
	w.late("PATCH", "Lead/"+known, `{"Title":"Head"}`)
	w.late("POST", "Lead", `{"LastName":"Late","Company":"Acme","Email":"late@acme.example"}`)
	w.later(25 * time.Minute)
	w.leadOf("fresh@acme.example", nil)
	w.later(time.Minute)
	w.sync()
	w.later(20 * time.Minute)
	w.sync() // what is late can be seen now, and lies before the overlap
	if got := value(w.contact("known@acme.example"), "job_title"); got != "Clerk" {
		t.Fatalf("title %q: the cursor saw what came late", got)
	}
	w.night()
	w.sync()
	if got := value(w.contact("known@acme.example"), "job_title"); got != "Head" {
		t.Errorf("title %q", got)
	}
	w.contact("late@acme.example")
	if note := w.sweeps(conversion.Lead)[0].Note; !strings.Contains(note, "1 were not known here, 0 are gone there, 1 had changed unseen") {
		t.Errorf("note %q", note)
	}
}

// late makes a change whose transaction is stored 40 minutes after its time.
func (w *world) late(method, path, body string) {
	w.t.Helper()
	operation := map[string]string{"POST": "create", "PATCH": "update"}[method]
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: operation}, CommitAfter: 40 * time.Minute, Answer: true})
	ask, err := http.NewRequestWithContext(w.t.Context(), method, w.instance+"/services/data/v67.0/sobjects/"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	ask.Header.Set("Authorization", "Bearer "+w.org.IssueToken())
	ask.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode >= 300 {
		w.t.Fatalf("%s %s: %s", method, path, answer.Status)
	}
}

// asUser connects as a user who sees only what is owned by them or shared with them.
func (w *world) asUser() {
	w.t.Helper()
	user, err := w.org.AddUser(sandbox.NewUser{Username: "sync@sandbox.test"})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.org.SetSharing("Lead", sandbox.Private); err != nil {
		w.t.Fatal(err)
	}
	w.user = user
	w.org.ExpireSessions()
	w.connectedAs(user)
}

// connectedAs stores whose login the connection is.
func (w *world) connectedAs(user sandbox.Actor) {
	w.t.Helper()
	c, err := w.books.Connection(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	c.UserID = user.ID()
	if err := w.books.SaveConnection(w.t.Context(), c, c.Generation, false); err != nil {
		w.t.Fatal(err)
	}
}

func TestWhenASweepIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t)) // at 9 o'clock
	w.leadOf("jo@acme.example", nil)
	w.sync()
	sweeps := func() int { return len(w.sweeps(conversion.Lead)) }
	for _, step := range []struct {
		because string
		do      func()
		sweeps  int
		note    string
	}{
		{"the first load read everything", func() {}, 0, ""},
		{"not on the same day", func() { w.later(15 * time.Minute) }, 0, ""},
		{"nor before the night's hour", func() { w.later(16 * time.Hour) }, 0, ""},
		{"in the night", func() { w.later(time.Hour) }, 1, "Nightly sweep:"},
		{"once a night", func() { w.later(time.Hour) }, 1, ""},
		{"after a day or more offline", func() { w.later(72 * time.Hour) }, 2, "after a day or more without a sync:"},
		{"and only once", func() { w.later(15 * time.Minute) }, 2, ""},
		{"after a change of permissions", func() {
			w.permit("Lead", "read", "create", "edit")
			w.later(time.Hour)
		}, 3, "permissions"},
		{"once for that", func() { w.later(time.Hour) }, 3, ""},
		{"when another user is connected", func() {
			w.connectedAs(w.sales)
			w.later(time.Minute)
		}, 4, "permissions"},
	} {
		step.do()
		w.sync()
		if step.note != "" && !strings.Contains(w.sweeps(conversion.Lead)[0].Note, step.note) {
			t.Errorf("%s: note %q", step.because, w.sweeps(conversion.Lead)[0].Note)
		}
		if n := sweeps(); n != step.sweeps {
			t.Fatalf("%s: %d sweeps, want %d", step.because, n, step.sweeps)
		}
	}
	if note := w.sweeps(conversion.Lead)[0].Note; !strings.Contains(note, "permissions") || !strings.Contains(note, "Nothing was missed.") {
		t.Errorf("note %q", note)
	}
}

// permit says what the connected user's profile may do with the object.
func (w *world) permit(object string, may ...string) {
	w.t.Helper()
	err := w.org.Permit("System Administrator", sandbox.Permissions{
		Objects: map[string][]string{object: may}, System: map[string]bool{"ModifyAllData": false},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestASweepThatIsStoppedGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		w.page = 3
		w.build()
		var leads []string
		for i := range 10 {
			leads = append(leads, w.leadOf(fmt.Sprintf("p%d@acme.example", i), nil))
		}
		w.sync()
		for _, id := range []string{leads[0], leads[9]} {
			if err := w.org.HardDelete(w.admin, id); err != nil {
				t.Fatal(err)
			}
		}
		w.night()
		stopAt(w, "go through a page", 4) // Accounts, Contacts, and the second page of Leads
		if err := w.engine.Cycle(t.Context(), workspace); err == nil {
			t.Fatal("the sweep was not stopped")
		}
		w.step = nil
		rounds, err := w.books.Rounds(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rounds {
			if r.Object == conversion.Lead && (r.After == "" || !r.UnderWay() || r.Found.Gone != 1) {
				t.Errorf("after the stop: %+v", r)
			}
		}
		w.later(time.Minute)
		w.sync()
		if run := w.sweeps(conversion.Lead)[0]; run.Counts.Deleted != 1 || !strings.Contains(run.Note, "10 records were compared. 0 were not known here, 2 are gone there") {
			t.Errorf("run %+v", run)
		}
		for i, want := range map[int]string{0: "deleted_in_salesforce", 5: "linked", 9: "deleted_in_salesforce"} {
			if got := statusOf(w.contact(fmt.Sprintf("p%d@acme.example", i))); got != want {
				t.Errorf("link %d is %s, want %s", i, got, want)
			}
		}
	})
}

func TestASweepFlagsActivitiesThatAreGoneAndTakesUpThoseThatWereMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	jo := w.leadOf("jo@acme.example", nil)
	task := w.insert("Task", map[string]any{"Subject": "Gone", "WhoId": jo})
	w.sync()
	w.later(time.Hour)
	w.late("POST", "Task", `{"Subject":"Late","WhoId":"`+jo+`"}`)
	w.later(25 * time.Minute)
	w.insert("Task", map[string]any{"Subject": "Fresh", "WhoId": jo})
	w.later(time.Minute)
	w.sync()
	if err := w.org.HardDelete(w.admin, task); err != nil {
		t.Fatal(err)
	}
	w.night()
	w.sync()
	items, _, err := w.directory.Engagements(t.Context(), workspace, w.contact("jo@acme.example").ID, "", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, e := range items {
		got[e.Subject] = e.Deleted
	}
	if want := map[string]bool{"Gone": true, "Late": false, "Fresh": false}; !maps.Equal(got, want) {
		t.Errorf("engagements (deleted?) %v, want %v", got, want)
	}
}

func TestARecordThatCanBeSeenAgainIsLinkedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	private := w.leadOf("jo@acme.example", map[string]any{"Title": "Clerk"})
	w.sync()
	w.asUser()
	w.later(2 * time.Hour)
	w.leadOf("fresh@acme.example", map[string]any{"OwnerId": w.user.ID()})
	w.sync() // from here on the first lead lies before the overlap
	w.night()
	w.sync()
	if got := statusOf(w.contact("jo@acme.example")); got != "deleted_in_salesforce" {
		t.Fatalf("out of sight the link is %s", got)
	}
	if got := value(w.contact("jo@acme.example"), "job_title"); got != "Clerk" {
		t.Errorf("out of sight the title is %q", got)
	}
	if err := w.org.Share(private, w.user.ID(), false); err != nil {
		t.Fatal(err)
	}
	w.night()
	w.sync()
	if got := statusOf(w.contact("jo@acme.example")); got != "linked" {
		t.Errorf("in sight again the link is %s", got)
	}
}

func TestASweepOfWhatIsInStepWritesAndReadsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	if err := w.org.Generate(300); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.night()
	before := len(w.org.Requests())
	w.sync()
	for _, o := range []conversion.Object{conversion.Account, conversion.Contact, conversion.Lead, conversion.Task, conversion.Event} {
		run := w.sweeps(o)[0]
		if run.Counts.Total() != 0 || !strings.Contains(run.Note, "Nothing was missed.") {
			t.Errorf("%s: %+v", o, run)
		}
	}
	if n := len(w.org.Requests()) - before; n > 20 {
		t.Errorf("%d requests for a sweep of a small org", n)
	}
}
