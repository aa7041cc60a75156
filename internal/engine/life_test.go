package engine_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/sandbox"
	"conversion/internal/sandbox/schema"
	"conversion/internal/testkit"
)

func TestAnOwnersIdShowsAName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	owner, err := w.org.AddUser(sandbox.NewUser{Username: "owner@sandbox.test", FirstName: "Owner", LastName: "Doe"})
	if err != nil {
		t.Fatal(err)
	}
	w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "OwnerId": owner.ID()})
	w.sync()
	for _, v := range w.contact("jo@acme.example").Values {
		if v.Variable.Key == "owner_id" && v.Value.String() == owner.ID() && v.Shown == "Owner Doe" {
			return // nobody but the owner's id tells of this user: they modified nothing
		}
	}
	t.Errorf("the owner %s has no name", owner.ID())
}

func TestAFieldThatIsAddedLaterIsFilledForOlderRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.sync()
	if err := w.org.AddField("Lead", schema.Field{Name: "Tier__c", Label: "Tier", Type: schema.String, Length: 20, Nillable: true, Createable: true, Updateable: true, Custom: true}); err != nil {
		t.Fatal(err)
	}
	w.update(lead, map[string]any{"Tier__c": "Gold"})
	w.later(30 * time.Minute)
	w.insert("Lead", map[string]any{"LastName": "New", "Company": "Acme", "Email": "new@acme.example"})
	w.sync() // before the field is described; the older record lies behind the cursor's overlap now
	w.later(time.Hour)
	w.sync()
	jo := w.contact("jo@acme.example")
	if got := value(jo, "Tier__c"); got != "Gold" {
		t.Fatalf("the new field is %q", got)
	}
	if got := value(jo, "job_title"); got != "Clerk" {
		t.Fatalf("an old value became %q", got)
	}
}

func TestAFieldThatIsHiddenKeepsItsValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.sync()
	if err := w.org.HideField("Lead", "Title", true); err != nil {
		t.Fatal(err)
	}
	w.later(15 * time.Minute)
	w.update(lead, map[string]any{"Phone": "555-0100"})
	w.sync()
	jo := w.contact("jo@acme.example")
	if got := value(jo, "job_title"); got != "Clerk" {
		t.Fatalf("the hidden field's value is %q", got)
	}
	if got := value(jo, "phone"); got != "555-0100" {
		t.Fatalf("the phone is %q: hiding a field stopped the others", got)
	}
}

func TestAStopAtAnyStepOfAFirstLoadLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	for at := 1; at <= 14; at++ {
		w := newWorld(t, testkit.SQLite(t))
		lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
		w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@acme.example"})
		w.insert("Account", map[string]any{"Name": "Acme", "Website": "acme.example"})
		w.insert("Task", map[string]any{"Subject": "Call", "WhoId": lead})
		steps := 0
		w.step = func(string) error {
			if steps++; steps == at {
				return stop
			}
			return nil
		}
		if err := w.engine.Cycle(t.Context(), workspace); err != nil && !errors.Is(err, stop) {
			t.Fatal(err)
		}
		w.step = nil
		w.later(time.Minute)
		w.sync()
		jo := w.contact("jo@acme.example")
		if len(jo.Links) != 2 || len(w.list(conversion.KindContact)) != 1 || len(w.list(conversion.KindCompany)) != 1 {
			t.Fatalf("stopped at step %d: links %+v", at, jo.Links)
		}
		items, _, err := w.directory.Engagements(t.Context(), workspace, jo.ID, "", "", 10)
		if err != nil || len(items) != 1 {
			t.Fatalf("stopped at step %d: engagements %+v, %v", at, items, err)
		}
	}
}

func TestManyDeletionsWaitForAnApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	const people = 30
	for i := range people {
		w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": fmt.Sprintf("p%d@acme.example", i)})
	}
	w.sync()
	w.rules(func(r *conversion.Rules) { r.ContactsDeleted = conversion.TargetAll })
	w.later(time.Minute)
	all := w.list(conversion.KindContact)
	w.delete(all[:10]) // at least ten need no approval
	w.push()
	if n := w.org.Writes(); n != 10 {
		t.Fatalf("%d records deleted, want 10", n)
	}
	w.delete(all[10:])
	w.push()
	if n := w.org.Writes(); n != 10 {
		t.Fatalf("%d records deleted without an approval", n)
	}
	approvals, err := w.books.Approvals(t.Context(), 0)
	if err != nil || len(approvals) != 1 || approvals[0].Count != 20 {
		t.Fatalf("approvals %+v, %v; want one of 20 deletions", approvals, err)
	}
	if err := w.books.DecideApproval(t.Context(), approvals[0].ID, true, user, w.now()); err != nil {
		t.Fatal(err)
	}
	w.later(time.Minute)
	w.push()
	if n := w.org.Writes(); n != people {
		t.Fatalf("%d records deleted after the approval, want %d", n, people)
	}
}

func TestAGrantIsForWhatWasWaitingAndNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	for i := range 60 {
		w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": fmt.Sprintf("p%d@acme.example", i)})
	}
	w.sync()
	w.rules(func(r *conversion.Rules) { r.ContactsDeleted = conversion.TargetAll })
	w.later(time.Minute)
	all := w.list(conversion.KindContact)
	w.delete(all[:12])
	w.push()
	w.decide(true)
	w.push()
	if n := w.org.Writes(); n != 12 {
		t.Fatalf("%d records deleted, want the 12 that were approved", n)
	}
	w.later(time.Hour)
	w.delete(all[12:])
	w.push()
	if n := w.org.Writes(); n != 12 {
		t.Fatalf("%d records deleted by an approval of 12", n)
	}
}

// decide answers the one question that waits.
func (w *world) decide(grant bool) {
	w.t.Helper()
	approvals, err := w.books.Approvals(w.t.Context(), w.now())
	if err != nil || len(approvals) != 1 {
		w.t.Fatalf("approvals %+v, %v; want one", approvals, err)
	}
	if err := w.books.DecideApproval(w.t.Context(), approvals[0].ID, grant, user, w.now()); err != nil {
		w.t.Fatal(err)
	}
	w.later(time.Minute)
}

func (w *world) delete(views []directory.View) {
	w.t.Helper()
	for _, v := range views {
		if err := w.directory.Delete(w.t.Context(), workspace, v.Kind, v.ID, user, false); err != nil {
			w.t.Fatal(err)
		}
	}
}
