package engine_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/testkit"
)

// preview asks what rules would do.
func (w *world) preview(scope conversion.PreviewScope, change func(*conversion.Rules)) conversion.Preview {
	w.t.Helper()
	rules := conversion.DefaultRules()
	change(&rules)
	p, err := w.engine.Preview(w.t.Context(), workspace, engine.PreviewRequest{Rules: &rules, Scope: scope})
	if err != nil {
		w.t.Fatalf("preview: %v", err)
	}
	return p
}

// apply does what a preview shows, and pushes.
func (w *world) apply(p conversion.Preview) engine.Applied {
	w.t.Helper()
	applied, err := w.engine.Apply(w.t.Context(), workspace, p.ID, user)
	if err != nil {
		w.t.Fatalf("apply: %v", err)
	}
	w.push()
	return applied
}

// items returns the records of a preview.
func (w *world) items(p conversion.Preview) []conversion.PreviewItem {
	w.t.Helper()
	items, _, err := w.books.PreviewItems(w.t.Context(), p.ID, false, "", 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return items
}

func everythingOn(r *conversion.Rules) {
	r.ContactsCreated, r.ContactsUpdated, r.ContactsDeleted = conversion.TargetLeads, conversion.TargetAll, conversion.TargetAll
	r.CompaniesCreated, r.CompaniesUpdated, r.CompaniesDeleted = conversion.TargetCompanies, conversion.TargetCompanies, conversion.TargetCompanies
	r.Defaults = map[string]string{"Lead.Company": "Unknown"}
}

func TestApplyToExistingSendsThePastAfterAPreview(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
		w.sync()
		w.later(time.Minute)
		w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head"})
		w.create(directory.Draft{Key: "new@other.example", Values: map[string]any{"last_name": "New"}})

		if p := w.preview(conversion.ScopePending, everythingOn); p.Counts != (conversion.PreviewCounts{}) {
			t.Fatalf("what was said while all rules were off waits: %+v", p.Counts)
		}
		p := w.preview(conversion.ScopeExisting, everythingOn)
		if p.Counts != (conversion.PreviewCounts{Create: 1, Update: 1}) {
			t.Fatalf("the preview counts %+v", p.Counts)
		}
		w.push()
		if n := w.org.Writes(); n != 0 {
			t.Fatalf("a preview wrote %d records", n)
		}
		for _, it := range w.items(p) {
			if it.Action == conversion.ActionUpdate && (it.Ref.ID != lead || it.Fields[0].Before != conversion.Text("Clerk") || it.Fields[0].Value != conversion.Text("Head")) {
				t.Fatalf("the update is shown as %+v", it)
			}
		}
		if applied := w.apply(p); applied.Skipped != 0 || len(applied.RunIDs) == 0 {
			t.Fatalf("applied %+v", applied)
		}
		if got := w.field(lead, "Title"); got != "Head" {
			t.Fatalf("the Lead's title is %v", got)
		}
		if n := w.org.Writes(); n != 2 {
			t.Fatalf("%d writes, want the update and the create", n)
		}
	})
}

func TestWhatChangedSinceThePreviewIsSkippedAndListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	for _, email := range []string{"jo@acme.example", "al@acme.example"} {
		w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": email, "Title": "Clerk"})
	}
	w.sync()
	w.later(time.Minute)
	jo, al := w.contact("jo@acme.example"), w.contact("al@acme.example")
	w.edit(jo.ID, map[string]any{"job_title": "Head"})
	w.edit(al.ID, map[string]any{"job_title": "Head"})
	p := w.preview(conversion.ScopeExisting, updateAll)
	w.later(time.Minute)
	w.edit(jo.ID, map[string]any{"job_title": "Chief"})
	if applied := w.apply(p); applied.Skipped != 1 {
		t.Fatalf("skipped %d, want the one that was edited", applied.Skipped)
	}
	if got := w.field(jo.Links[0].Ref.ID, "Title"); got != "Clerk" {
		t.Fatalf("what was skipped was written: %v", got)
	}
	if got := w.field(al.Links[0].Ref.ID, "Title"); got != "Head" {
		t.Fatalf("what was shown was not written: %v", got)
	}
	skipped, _, err := w.books.PreviewItems(t.Context(), p.ID, true, "", 10)
	if err != nil || len(skipped) != 1 || skipped[0].EntityID != jo.ID || !skipped[0].Skipped {
		t.Fatalf("listed as skipped: %+v, %v", skipped, err)
	}
}

func TestWhatOptedOutIsNeverSentNotEvenByApplyToExisting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.sync()
	w.later(time.Minute)
	_, err := w.directory.Upsert(t.Context(), workspace, conversion.KindContact, user, []directory.Draft{
		{Key: "jo@acme.example", Values: map[string]any{"job_title": "Secret"}, LocalOnly: true},
		{Key: "jo@acme.example", Values: map[string]any{"phone": "555-0100"}},
		{Key: "new@other.example", Values: map[string]any{"last_name": "New"}, LocalOnly: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := w.preview(conversion.ScopeExisting, everythingOn)
	if p.Counts != (conversion.PreviewCounts{Update: 1}) {
		t.Fatalf("the preview counts %+v", p.Counts)
	}
	w.apply(p)
	if title, phone := w.field(lead, "Title"), w.field(lead, "Phone"); title != "Clerk" || phone != "555-0100" {
		t.Fatalf("the Lead has the title %v and the phone %v", title, phone)
	}
	if n := w.org.Writes(); n != 1 {
		t.Fatalf("%d writes", n)
	}
}
