package engine_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/sandbox"
)

// writes counts what the product changed in Salesforce.
func (w *world) writes() int {
	entries, _ := w.org.Log(sandbox.LogFilter{})
	n := 0
	for _, e := range entries {
		if e.By == w.admin.ID() {
			n++
		}
	}
	return n
}

func (w *world) separate(kind conversion.Kind, id string, records ...string) directory.View {
	w.t.Helper()
	v, err := w.directory.Separate(w.t.Context(), workspace, kind, id, records, user)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func TestWhatWasTakenApartByHandStaysApartAndSendsNothing(t *testing.T) {
	t.Parallel()
	w := creating(t)
	names := map[string]string{w.lead("a@acme.example"): "La", w.lead("b@acme.example"): "Lb"}
	w.next()
	first, second := w.contact("a@acme.example"), w.contact("b@acme.example")
	w.edit(second.ID, map[string]any{"job_title": "Head"})
	w.push()
	if _, err := w.directory.Combine(t.Context(), workspace, conversion.KindContact, first.ID, second.ID, user); err != nil {
		t.Fatal(err)
	}
	w.next()
	before := w.writes()

	own := w.separate(conversion.KindContact, first.ID, first.Links[0].Ref.ID)
	if own.ID != first.ID {
		t.Errorf("its id is %s", own.ID)
	}
	for range 3 {
		w.push()
		w.next()
	}
	w.wantWho(names, "a@acme.example: La; b@acme.example: Lb")
	if got := w.writes(); got != before {
		t.Errorf("%d records were written", got-before)
	}
	w.update(first.Links[0].Ref.ID, map[string]any{"Title": "Clerk"})
	w.edit(second.ID, map[string]any{"job_title": "Chief"})
	w.next()
	if a, b := value(w.contact("a@acme.example"), "job_title"), value(w.contact("b@acme.example"), "job_title"); a != "Clerk" || b != "Chief" {
		t.Errorf("the titles are %q and %q", a, b)
	}
	if got := w.field(first.Links[0].Ref.ID, "Title"); got != "Clerk" {
		t.Errorf("the separated lead's title is %v", got)
	}
}

func TestActivitiesFollowARecordThatIsTakenApart(t *testing.T) {
	t.Parallel()
	w := creating(t)
	lead := w.lead("a@acme.example")
	w.lead("b@acme.example")
	w.insert("Task", map[string]any{"Subject": "Call", "WhoId": lead})
	w.next()
	first, second := w.contact("a@acme.example").ID, w.contact("b@acme.example").ID
	if _, err := w.directory.Combine(t.Context(), workspace, conversion.KindContact, first, second, user); err != nil {
		t.Fatal(err)
	}
	w.separate(conversion.KindContact, second, lead)
	w.next()
	for email, want := range map[string]int{"a@acme.example": 1, "b@acme.example": 0} {
		found, _, err := w.directory.Engagements(t.Context(), workspace, w.contact(email).ID, "", "", 10)
		if err != nil || len(found) != want {
			t.Errorf("%s has %d engagements, %v", email, len(found), err)
		}
	}
}

func TestAContactOfAConvertedLeadIsTakenApart(t *testing.T) {
	t.Parallel()
	w := creating(t)
	lead := w.lead("a@acme.example")
	account := w.insert("Account", map[string]any{"Name": "Acme"})
	contact := w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "b@acme.example", "AccountId": account})
	other := w.lead("a@acme.example")
	names := map[string]string{lead: "L", contact: "C", other: "Lo"}
	w.next()
	w.convert(lead, sandbox.ConvertOptions{ContactID: contact, AccountID: account})
	w.next()
	w.wantWho(names, "a@acme.example: C, L converted, Lo")
	w.separate(conversion.KindContact, w.contact("a@acme.example").ID, contact)
	w.update(contact, map[string]any{"Title": "Head"})
	w.update(other, map[string]any{"Title": "Clerk"})
	for range 2 {
		w.next()
	}
	w.later(25 * time.Hour)
	w.sync() // a sweep
	w.wantWho(names, "a@acme.example: L converted, Lo; b@acme.example: C")
}
