package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/testkit"
)

var (
	key   = conversion.Actor{Kind: conversion.ActorAPIKey, ID: "k"}
	other = conversion.Actor{Kind: conversion.ActorAPIKey, ID: "o"}
)

// crowd is a world of 1,000 contacts, of whom so many have a Lead, and of whom ten may be
// changed at once: one percent.
func crowd(t *testing.T, database string, leads int) (*world, []string) {
	w := newWorld(t, database)
	ids := w.people(leads)
	w.sync()
	drafts := make([]directory.Draft, 1000-leads)
	for i := range drafts {
		drafts[i].Key = fmt.Sprintf("here%d@acme.example", i)
	}
	w.save(user, drafts...)
	w.options(func(o *conversion.Options) { o.MaxChangedPercent = 1 })
	w.rules(updateAll)
	w.later(time.Minute)
	return w, ids
}

// save is one call of the API, or one batch of an import.
func (w *world) save(by conversion.Actor, drafts ...directory.Draft) {
	w.t.Helper()
	results, err := w.directory.Upsert(w.t.Context(), workspace, conversion.KindContact, by, drafts)
	for _, r := range results {
		err = errors.Join(err, r.Err)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// retitle changes a value of the people from one number up to another.
func (w *world) retitle(by conversion.Actor, from, to int, values map[string]any) {
	w.t.Helper()
	var drafts []directory.Draft
	for i := from; i < to; i++ {
		drafts = append(drafts, directory.Draft{Key: fmt.Sprintf("p%d@acme.example", i), Values: values})
	}
	w.save(by, drafts...)
}

// titled counts the records with the title.
func (w *world) titled(ids []string, title string) (n int) {
	w.t.Helper()
	for _, id := range ids {
		if got, _ := w.field(id, "Title").(string); got == title {
			n++
		}
	}
	return n
}

func (w *world) wantTitled(ids []string, title string, want int) {
	w.t.Helper()
	if n := w.titled(ids, title); n != want {
		w.t.Errorf("%d records have the title %q, want %d", n, title, want)
	}
}

func (w *world) notes(id string) (notes []string) {
	w.t.Helper()
	lines, _, err := w.books.Timeline(w.t.Context(), id, "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range lines {
		notes = append(notes, l.Note)
	}
	return notes
}

func (w *world) unasked() {
	w.t.Helper()
	found, err := w.books.Approvals(w.t.Context(), w.now())
	if err != nil || len(found) != 0 {
		w.t.Errorf("approvals %+v, %v; want none", found, err)
	}
}

func TestAFieldChangedHereInBulkWaitsForAnApproval(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w, leads := crowd(t, database, 14)
		w.retitle(key, 0, 11, map[string]any{"job_title": "Head", "phone": "555-0100"})
		w.push()
		w.wantTitled(leads, "Head", 0)
		if got := w.field(leads[3], "Phone"); got != "555-0100" {
			t.Errorf("the phone is %v: a blank that is filled in waits for nobody", got)
		}
		if q := w.question(); q.Direction != conversion.Outbound || q.Kind != conversion.KindContact || q.Var == 0 || q.Count != 11 {
			t.Errorf("asked %+v, want about one variable of 11 contacts", q)
		}
		if notes := w.notes(w.contact("p3@acme.example").ID); !slices.Contains(notes, "Job title is not sent yet: its change in bulk waits for an approval") {
			t.Errorf("the timeline says %q", notes)
		}
		writes := w.org.Writes()
		w.later(time.Hour)
		w.sync()
		w.question()
		w.later(time.Minute)
		w.decide(true)
		w.push()
		w.wantTitled(leads, "Head", 11)
		if n := w.org.Writes() - writes; n != 11 {
			t.Errorf("%d records written, want 11", n)
		}
		found, err := w.books.Approvals(t.Context(), 0)
		if err != nil || len(found) != 1 || found[0].Used != 11 {
			t.Errorf("approvals %+v, %v; want 11 used", found, err)
		}
		w.later(time.Hour)
		w.sync()
		w.unasked()
	})
}

func TestARefusedChangeInBulkStaysHereUnsent(t *testing.T) {
	t.Parallel()
	w, leads := crowd(t, testkit.SQLite(t), 14)
	w.retitle(key, 0, 11, map[string]any{"job_title": nil})
	w.push()
	w.question()
	w.decide(false)
	w.push()
	w.later(time.Hour)
	w.sync()
	w.unasked()
	w.wantTitled(leads, "Clerk", 14)
	jo := w.contact("p3@acme.example")
	if got := value(jo, "job_title"); got != "" {
		t.Errorf("the title is %q here, want it blank still", got)
	}
	told := 0
	for _, n := range w.notes(jo.ID) {
		if n == "Not sent to Salesforce: an admin refused the change in bulk of Job title." {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the timeline tells the refusal %d times: %q", told, w.notes(jo.ID))
	}
	if e := w.stored(jo.ID).Entity; e.Dirty != 0 {
		t.Error("something is to be sent still")
	}
	w.edit(jo.ID, map[string]any{"job_title": "Boss"})
	w.push()
	w.wantTitled(leads, "Boss", 1)
	w.update(leads[4], map[string]any{"Title": "Head"}) // Salesforce's own changes go on coming in
	w.later(time.Minute)
	w.sync()
	if got := value(w.contact("p4@acme.example"), "job_title"); got != "Head" {
		t.Errorf("a later change in Salesforce is not taken over: %q", got)
	}
}

func TestWhatCountsAsOneChangeInBulk(t *testing.T) {
	t.Parallel()
	head := map[string]any{"job_title": "Head"}
	for _, row := range []struct {
		says string
		do   func(w *world)
		sent int // titles
	}{
		{"ten need no approval", func(w *world) { w.retitle(key, 0, 10, head) }, 10},
		{"what one key changes in many calls is one", func(w *world) {
			for i := range 11 {
				w.retitle(key, i, i+1, head)
			}
		}, 0},
		{"so it is when each is a PATCH", func(w *world) {
			for i := range 11 {
				id := w.contact(fmt.Sprintf("p%d@acme.example", i)).ID
				if _, err := w.directory.Update(w.t.Context(), workspace, conversion.KindContact, id, key, directory.Patch{Values: head}); err != nil {
					w.t.Fatal(err)
				}
			}
		}, 0},
		{"what went before counts", func(w *world) {
			w.retitle(key, 0, 6, head)
			w.push()
			w.later(23 * time.Hour)
			w.retitle(key, 6, 11, head)
		}, 6},
		{"after 24 hours it counts no more", func(w *world) {
			w.retitle(key, 0, 6, head)
			w.push()
			w.later(25 * time.Hour)
			w.retitle(key, 6, 11, head)
		}, 11},
		{"two keys are two", func(w *world) {
			w.retitle(key, 0, 6, head)
			w.retitle(other, 6, 12, head)
		}, 12},
		{"one contact counts once", func(w *world) {
			for i := range 12 {
				w.retitle(key, 0, 1, map[string]any{"job_title": fmt.Sprint("Head ", i)})
			}
			w.retitle(key, 0, 1, head)
		}, 1},
		{"what people change one by one is none", func(w *world) { w.retitle(user, 0, 12, head) }, 12},
		{"another field is another", func(w *world) {
			w.retitle(key, 0, 6, head)
			w.retitle(key, 6, 12, map[string]any{"company_name": "Umbrella"})
		}, 6},
		{"what waited for longer is weighed with its day", func(w *world) {
			w.retitle(key, 0, 11, head)
			w.later(26 * time.Hour)
		}, 0},
		{"what is not to be sent is not counted", func(w *world) {
			var drafts []directory.Draft
			for i := range 10 {
				drafts = append(drafts, directory.Draft{Key: fmt.Sprintf("p%d@acme.example", i), Values: head, LocalOnly: true})
			}
			w.save(key, drafts...)
			w.retitle(key, 10, 12, head)
		}, 2},
	} {
		t.Run(row.says, func(t *testing.T) {
			t.Parallel()
			w, leads := crowd(t, testkit.SQLite(t), 12)
			row.do(w)
			w.push()
			w.wantTitled(leads, "Head", row.sent)
		})
	}
}

func TestEMailAddressesChangedHereInBulkWaitAsWell(t *testing.T) {
	t.Parallel()
	w, leads := crowd(t, testkit.SQLite(t), 11)
	for i := range leads {
		address := fmt.Sprintf("n%d@acme.example", i)
		id := w.contact(fmt.Sprintf("p%d@acme.example", i)).ID
		if _, err := w.directory.Update(t.Context(), workspace, conversion.KindContact, id, key, directory.Patch{Key: &address}); err != nil {
			t.Fatal(err)
		}
	}
	w.push()
	if got := w.field(leads[3], "Email"); got != "p3@acme.example" {
		t.Errorf("the e-mail address is %v", got)
	}
	if q := w.question(); q.Var != conversion.EmailVar || q.Count != 11 {
		t.Errorf("asked %+v", q)
	}
	w.decide(true)
	w.push()
	if got := w.field(leads[3], "Email"); got != "n3@acme.example" {
		t.Errorf("approved, and the e-mail address is %v", got)
	}
}

// A run that goes on is one question; what is edited by somebody else meanwhile goes.
func TestWhatComesWhileAQuestionWaitsJoinsIt(t *testing.T) {
	t.Parallel()
	w, leads := crowd(t, testkit.SQLite(t), 20)
	w.retitle(key, 0, 11, map[string]any{"job_title": "Head"})
	w.push()
	w.later(time.Minute)
	w.retitle(key, 9, 14, map[string]any{"job_title": "Chief"}) // two of them again
	w.push()
	if q := w.question(); q.Count != 14 {
		t.Errorf("asked about %d contacts, want 14: two have a newer change", q.Count)
	}
	w.edit(w.contact("p1@acme.example").ID, map[string]any{"job_title": "Boss"})
	w.push()
	w.wantTitled(leads, "Boss", 1)
	w.decide(true)
	w.push()
	w.wantTitled(leads, "Head", 8)
	w.wantTitled(leads, "Chief", 5)
	w.wantTitled(leads, "Boss", 1)
}

// A newer value of Salesforce supersedes what waits: there is nothing left to send.
func TestANewerSalesforceValueSupersedesAChangeInBulk(t *testing.T) {
	t.Parallel()
	w, leads := crowd(t, testkit.SQLite(t), 12)
	w.retitle(key, 0, 11, map[string]any{"job_title": "Head"})
	w.push()
	w.later(time.Minute)
	w.update(leads[2], map[string]any{"Title": "Partner"})
	w.sync()
	w.decide(true)
	w.push()
	w.wantTitled(leads, "Head", 10)
	w.wantTitled(leads, "Partner", 1)
	if got := value(w.contact("p2@acme.example"), "job_title"); got != "Partner" {
		t.Errorf("the title is %q here", got)
	}
}

func TestAStopAtAnyStepAroundAChangeInBulkSendsNothingUnasked(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	for _, grant := range []bool{true, false} {
		stopped := 0
		for at := 1; at <= 12; at++ {
			w, leads := crowd(t, testkit.SQLite(t), 11)
			w.retitle(key, 0, 11, map[string]any{"job_title": "Head", "phone": "555-0100"})
			steps := 0
			w.step = func(string) error {
				if steps++; steps == at {
					stopped++
					return stop
				}
				return nil
			}
			w.tryPush(stop)
			w.later(time.Hour)
			w.tryPush(stop)
			w.wantTitled(leads, "Head", 0)
			if q := w.question(); q.Count != 11 {
				t.Fatalf("stopped at step %d: asked about %d", at, q.Count)
			}
			w.decide(grant)
			w.tryPush(stop)
			w.later(time.Hour)
			w.tryPush(stop)
			w.step = nil
			w.later(time.Hour)
			w.sync()
			w.unasked()
			want := map[bool]int{true: 11, false: 0}[grant]
			w.wantTitled(leads, "Head", want)
		}
		if stopped < 8 {
			t.Errorf("only %d steps to stop at", stopped)
		}
	}
}

// tryPush pushes; it may be stopped.
func (w *world) tryPush(stop error) {
	w.t.Helper()
	if err := w.engine.Push(w.t.Context(), workspace); err != nil && !errors.Is(err, stop) {
		w.t.Fatal(err)
	}
}

func TestAPreviewShowsWhatWaitsForAnApproval(t *testing.T) {
	t.Parallel()
	w, _ := crowd(t, testkit.SQLite(t), 11)
	w.retitle(key, 0, 11, map[string]any{"job_title": "Head"})
	p := w.preview(conversion.ScopePending, updateAll)
	if p.Counts.Hold != 11 || p.Counts.Update != 0 {
		t.Fatalf("the preview counts %+v, want 11 held", p.Counts)
	}
	items := w.items(p)
	if got := items[0].Reason; got != "Waits for an admin's approval: Job title was changed in bulk." {
		t.Errorf("the reason is %q", got)
	}
}
