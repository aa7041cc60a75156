package engine_test

import (
	"errors"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/sandbox"
	"conversion/internal/testkit"
)

func updateAll(r *conversion.Rules) { r.ContactsUpdated = conversion.TargetAll }

// create makes a contact as the API would.
func (w *world) create(d directory.Draft) directory.View {
	w.t.Helper()
	results, err := w.directory.Upsert(w.t.Context(), workspace, conversion.KindContact, user, []directory.Draft{d})
	if err != nil {
		w.t.Fatal(err)
	}
	if results[0].Err != nil {
		w.t.Fatal(results[0].Err)
	}
	return results[0].View
}

// push sends what waits.
func (w *world) push() {
	w.t.Helper()
	if err := w.engine.Push(w.t.Context(), workspace); err != nil {
		w.t.Fatalf("push: %v", err)
	}
}

func TestAnEditReachesEveryLinkedRecord(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
		contact := w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@acme.example"})
		w.sync()
		w.rules(updateAll)
		w.later(time.Minute)
		w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head of Ops"})
		w.push()
		for _, id := range []string{lead, contact} {
			if got := w.field(id, "Title"); got != "Head of Ops" {
				t.Fatalf("%s holds the title %v", id, got)
			}
		}
		writes := w.org.Writes()
		w.later(15 * time.Minute)
		w.sync()
		if n := w.org.Writes() - writes; n != 0 {
			t.Fatalf("an echo was answered with %d writes", n)
		}
	})
}

func TestANewContactBecomesALeadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated = conversion.TargetLeads
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	w.create(directory.Draft{Key: "new@acme.example", Values: map[string]any{"first_name": "New", "last_name": "Person", "job_title": "Clerk"}})
	w.push()
	jo := w.contact("new@acme.example")
	if len(jo.Links) != 1 || jo.Links[0].Ref.Object != conversion.Lead {
		t.Fatalf("links %+v", jo.Links)
	}
	id := jo.Links[0].Ref.ID
	for field, want := range map[string]any{"LastName": "Person", "Title": "Clerk", "Company": "Unknown", "Email": "new@acme.example"} {
		if got := w.field(id, field); got != want {
			t.Fatalf("%s is %v, want %v", field, got, want)
		}
	}
	w.later(15 * time.Minute)
	w.sync()
	if n := w.org.Writes(); n != 1 {
		t.Fatalf("%d writes, want 1", n)
	}
}

func TestAContactThatIsThereAlreadyIsLinkedNotDuplicated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated, r.ContactsUpdated = conversion.TargetLeads, conversion.TargetAll
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	there := w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@acme.example", "Title": "Old"})
	w.later(time.Minute)
	w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe", "job_title": "New"}})
	w.push()
	jo := w.contact("jo@acme.example")
	if len(jo.Links) != 1 || jo.Links[0].Ref.ID != there {
		t.Fatalf("links %+v, want the Contact that was there", jo.Links)
	}
	if got := w.field(there, "Title"); got != "New" {
		t.Fatalf("the Contact's title is %v, want the newer edit", got)
	}
}

func TestANewerEditInSalesforceIsNotOverwritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	w.sync()
	w.rules(updateAll)
	w.later(time.Minute)
	w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Ours"})
	w.later(time.Minute)
	w.update(lead, map[string]any{"Title": "Theirs"})
	w.push()
	if got := w.field(lead, "Title"); got != "Theirs" {
		t.Fatalf("the Lead's title is %v", got)
	}
	if got := value(w.contact("jo@acme.example"), "job_title"); got != "Theirs" {
		t.Fatalf("the contact's title is %q", got)
	}
	if n := w.org.Writes(); n != 0 {
		t.Fatalf("%d writes, want none", n)
	}
}

func TestADroppedAnswerToACreateMakesNoSecondRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated = conversion.TargetLeads
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe"}})
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Method: "POST", Path: "/composite/sobjects"}, Drop: sandbox.DropAfter})
	w.push()
	for range 4 {
		w.later(5 * time.Minute)
		w.push()
	}
	if n := w.leads(); n != 1 {
		t.Fatalf("%d leads, want 1", n)
	}
	if links := w.contact("jo@acme.example").Links; len(links) != 1 {
		t.Fatalf("links %+v", links)
	}
}

// leads counts the leads of the org that are alive.
func (w *world) leads() int {
	w.sync()
	n := 0
	for _, v := range w.list(conversion.KindContact) {
		n += len(v.Links)
	}
	return n
}

func TestAStopAtAnyStepOfAPushLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	for at := 1; at <= 12; at++ {
		w := newWorld(t, testkit.SQLite(t))
		lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "old@acme.example"})
		w.sync()
		w.rules(func(r *conversion.Rules) {
			r.ContactsCreated, r.ContactsUpdated = conversion.TargetLeads, conversion.TargetAll
			r.Defaults = map[string]string{"Lead.Company": "Unknown"}
		})
		w.later(time.Minute)
		w.create(directory.Draft{Key: "new@acme.example", Values: map[string]any{"last_name": "New"}})
		w.edit(w.contact("old@acme.example").ID, map[string]any{"job_title": "Ours"})
		steps := 0
		w.step = func(string) error {
			if steps++; steps == at {
				return stop
			}
			return nil
		}
		if err := w.engine.Push(t.Context(), workspace); err != nil && !errors.Is(err, stop) {
			t.Fatal(err)
		}
		w.step = nil
		for range 4 {
			w.later(11 * time.Minute)
			w.push()
		}
		if got := w.field(lead, "Title"); got != "Ours" {
			t.Fatalf("stopped at step %d: the lead's title is %v", at, got)
		}
		if n := w.leads(); n != 2 {
			t.Fatalf("stopped at step %d: %d leads, want 2", at, n)
		}
	}
}

func TestWhatIsHeldStaysSoWhenTheRecordIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	w.sync()
	w.rules(updateAll)
	w.later(time.Minute)
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "update"}, RecordError: 1, ErrorCode: "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message: "No."})
	w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Ours"})
	w.push()
	w.later(time.Minute)
	w.update(lead, map[string]any{"Phone": "555-0100"})
	w.sync()
	held, _, err := w.books.Held(t.Context(), conversion.HeldFilter{Limit: 10})
	if err != nil || len(held) != 1 || held[0].Code != "FIELD_CUSTOM_VALIDATION_EXCEPTION" {
		t.Fatalf("held %+v, %v; want the refusal", held, err)
	}
	w.later(2 * time.Hour)
	w.push()
	if n, err := w.books.HeldCount(t.Context()); err != nil || n != 0 {
		t.Fatalf("%d held, %v, once it went", n, err)
	}
	if got := w.field(lead, "Title"); got != "Ours" {
		t.Fatalf("the title is %v", got)
	}
}
