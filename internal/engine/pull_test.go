package engine_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/testkit"
)

func TestALeadAndAContactOfOneEmailAreOneContact(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "Jo@Acme.example", "Title": "Clerk"})
		w.later(time.Minute)
		w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@acme.example", "Title": "Head"})
		w.sync()
		jo := w.contact("jo@acme.example")
		if len(jo.Links) != 2 {
			t.Fatalf("%d links, want 2", len(jo.Links))
		}
		if got := value(jo, "job_title"); got != "Head" {
			t.Fatalf("title %q, want the newer record's", got)
		}
	})
}

func TestASecondCycleWithoutChangesWritesNothingAndAsksLittle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	if err := w.org.Generate(200); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.later(15 * time.Minute)
	before := len(w.org.Requests())
	w.sync()
	if n := len(w.org.Requests()) - before; n > 6 {
		t.Fatalf("%d requests: %+v", n, w.org.Requests()[before:])
	}
	if n := w.org.Writes(); n != 0 {
		t.Fatalf("%d records written while all rules are off", n)
	}
}

func TestALeadThatGetsAnEmailLaterBringsItsEarlierActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme"})
	w.insert("Task", map[string]any{"Subject": "Call", "WhoId": lead})
	w.sync()
	if n := len(w.list(conversion.KindContact)); n != 0 {
		t.Fatalf("%d contacts, want none: the lead has no e-mail", n)
	}
	w.nobodysTask()
	w.update(lead, map[string]any{"Email": "jo@acme.example"})
	w.sync()
	jo := w.contact("jo@acme.example")
	items, _, err := w.directory.Engagements(t.Context(), workspace, jo.ID, "", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != 1 || items[0].Type != "Task" || items[0].Subject != "Call" {
		t.Fatalf("engagements %+v", items)
	}
}
