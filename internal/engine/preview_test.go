package engine_test

import (
	"errors"
	"fmt"
	"strings"
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

func TestAStopAtAnyStepOfApplyingIsFinishedByTheNextPush(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	stopped := 0
	for at := 1; at <= 4; at++ {
		w := newWorld(t, testkit.SQLite(t))
		lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
		w.sync()
		w.later(time.Minute)
		w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head"})
		p := w.preview(conversion.ScopeExisting, updateAll)
		steps := 0
		w.step = func(string) error {
			if steps++; steps == at {
				return stop
			}
			return nil
		}
		_, err := w.engine.Apply(t.Context(), workspace, p.ID, user)
		w.step = nil
		if err != nil && !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if errors.Is(err, stop) {
			stopped++
		}
		rules, err := w.books.Rules(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.push()
		want := "Clerk" // nothing was begun
		if rules.ContactsUpdated == conversion.TargetAll {
			want = "Head"
		}
		if got := w.field(lead, "Title"); got != want {
			t.Errorf("stopped at step %d: the title is %v, want %s", at, got, want)
		}
	}
	if stopped < 2 {
		t.Errorf("only %d steps to stop at", stopped)
	}
}

func TestDeletionsBeyondTheBreakersLimitAreHeldInThePreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	for i := range 12 {
		w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": fmt.Sprintf("p%d@acme.example", i)})
	}
	w.sync()
	w.later(time.Minute)
	for _, v := range w.list(conversion.KindContact) {
		if err := w.directory.Delete(t.Context(), workspace, conversion.KindContact, v.ID, user, false); err != nil {
			t.Fatal(err)
		}
	}
	p := w.preview(conversion.ScopeExisting, func(r *conversion.Rules) { r.ContactsDeleted = conversion.TargetAll })
	if p.Counts != (conversion.PreviewCounts{Hold: 12}) {
		t.Fatalf("the preview counts %+v", p.Counts)
	}
	if it := w.items(p)[0]; it.Action != conversion.ActionHold || !strings.Contains(it.Reason, "approval") {
		t.Fatalf("shown as %+v", it)
	}
	w.apply(p)
	if n := w.org.Writes(); n != 0 {
		t.Fatalf("%d were deleted without an approval", n)
	}
}

func TestWhomTheOutboundFilterLeavesOutIsInNoPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.options(func(o *conversion.Options) {
		o.OutboundFilter.Contacts = conversion.Filter{{Variable: "lead_source", Is: conversion.IsEqual, Value: "Web"}}
	})
	w.create(directory.Draft{Key: "in@acme.example", Values: map[string]any{"last_name": "In", "lead_source": "Web"}})
	w.create(directory.Draft{Key: "out@acme.example", Values: map[string]any{"last_name": "Out"}})
	p := w.preview(conversion.ScopeExisting, everythingOn)
	if items := w.items(p); p.Counts != (conversion.PreviewCounts{Create: 1}) || items[0].Key != "in@acme.example" {
		t.Fatalf("the preview counts %+v: %+v", p.Counts, items)
	}
}

func TestMoreThanAThousandChangesMadeWhileOfflineWaitForAPreview(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		changed int
		waits   bool
	}{{1000, false}, {1001, true}} {
		w := newWorld(t, testkit.SQLite(t))
		w.sync()
		rules := func(r *conversion.Rules) {
			r.ContactsCreated = conversion.TargetLeads
			r.Defaults = map[string]string{"Lead.Company": "Unknown"}
		}
		w.rules(rules)
		if err := w.books.SavePile(t.Context(), w.now(), 0); err != nil {
			t.Fatal(err)
		}
		drafts := make([]directory.Draft, row.changed)
		for i := range drafts {
			drafts[i] = directory.Draft{Key: fmt.Sprintf("p%d@acme.example", i), Values: map[string]any{"last_name": "Doe"}}
		}
		if _, err := w.directory.Upsert(t.Context(), workspace, conversion.KindContact, user, drafts); err != nil {
			t.Fatal(err)
		}
		w.push()
		if n := w.org.Writes(); (n == 0) != row.waits {
			t.Fatalf("of %d changes %d were sent", row.changed, n)
		}
		if c, err := w.books.Connection(t.Context()); err != nil || (c.Piled > 0) != row.waits || (c.Offline > 0) != row.waits {
			t.Fatalf("%d changes: %d piled up since %v, %v", row.changed, c.Piled, c.Offline, err)
		}
		if !row.waits {
			continue
		}
		p := w.preview(conversion.ScopePending, rules)
		if p.Counts != (conversion.PreviewCounts{Create: row.changed}) {
			t.Fatalf("the preview counts %+v", p.Counts)
		}
		w.apply(p)
		if n := w.org.Writes(); n < row.changed {
			t.Fatalf("%d were sent after the preview was applied", n)
		}
	}
}
