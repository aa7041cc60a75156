package engine_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/testkit"
)

// A user of the org gives a contact's lead an address that an edit here overrules and no rule
// sends: nobody is made a second time with it.
func TestNobodyIsCreatedWithTheEmailOfARecordThatIsAnothers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated = conversion.TargetLeads
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	id := w.contact("jo@acme.example").ID
	w.later(time.Minute)
	w.update(lead, map[string]any{"Email": "bob@acme.example"})
	w.later(time.Minute)
	mine := "mine@acme.example"
	if _, err := w.directory.Update(t.Context(), workspace, conversion.KindContact, id, user, directory.Patch{Key: &mine}); err != nil {
		t.Fatal(err)
	}
	w.create(directory.Draft{Key: "bob@acme.example", Values: map[string]any{"last_name": "Roe"}})
	w.sync()
	w.later(time.Hour)
	w.sync()
	if n := w.leads(); n != 1 {
		t.Errorf("%d leads, want the one that was there", n)
	}
	w.wantHeld("key_elsewhere:Lead")

	w.update(lead, map[string]any{"Email": "else@acme.example"})
	w.later(24 * time.Hour)
	w.sync()
	if links := w.contact("bob@acme.example").Links; len(links) != 1 || links[0].Ref.ID == lead {
		t.Errorf("links %+v, want a lead of its own once the address is free", links)
	}
	w.wantHeld()
}
