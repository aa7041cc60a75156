package engine_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/testkit"
)

// mode changes the mode of a contact's variable as an admin does.
func (w *world) mode(key string, m conversion.Mode) {
	w.t.Helper()
	w.patch(key, directory.VariablePatch{Mode: &m})
}

func (w *world) patch(key string, p directory.VariablePatch) {
	w.t.Helper()
	if _, err := w.directory.PatchVariable(w.t.Context(), workspace, conversion.KindContact, key, p); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wantTitle(email, want string) {
	w.t.Helper()
	if got := value(w.contact(email), "job_title"); got != want {
		w.t.Errorf("the title of %s is %q, want %q", email, got, want)
	}
}

// clerk is a world in which a lead's title was changed here, with no rule to send it.
func clerk(t *testing.T, database string) (w *world, lead string) {
	t.Helper()
	w = newWorld(t, database)
	lead = w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.sync()
	w.later(time.Minute)
	w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head"})
	w.later(time.Minute)
	return w, lead
}

func TestAModeChangeAppliesToWhatIsStored(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w, _ := clerk(t, database)
		w.mode("job_title", conversion.ModeAlwaysSalesforce)
		w.push()
		w.wantTitle("jo@acme.example", "Clerk")
		jo := w.contact("jo@acme.example")
		lines, _, err := w.books.Timeline(t.Context(), jo.ID, "", 1)
		if err != nil || len(lines) != 1 {
			t.Fatalf("the timeline has %+v (%v)", lines, err)
		}
		l := lines[0]
		if l.Before.String() != "Head" || l.After.String() != "Clerk" || l.By.ID != "mode" || l.At != w.now() || l.From.Object != conversion.Lead || l.Note == "" {
			t.Errorf("the timeline says %+v", l)
		}
		if jo.Updated != w.now() {
			t.Errorf("it was updated at %s, want %s", jo.Updated, w.now())
		}
		w.mode("job_title", conversion.ModeTwoWay)
		w.push()
		w.wantTitle("jo@acme.example", "Head")
	})
}

func TestAModeChangeIsAppliedWhileTheConnectionIsPaused(t *testing.T) {
	t.Parallel()
	w, _ := clerk(t, testkit.SQLite(t))
	c, err := w.books.Connection(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.Paused = true
	if err := w.books.SaveConnection(t.Context(), c, c.Generation, false); err != nil {
		t.Fatal(err)
	}
	w.mode("job_title", conversion.ModeAlwaysSalesforce)
	w.push()
	w.wantTitle("jo@acme.example", "Clerk")
}

func TestWhatAModeLetsGoIsSent(t *testing.T) {
	t.Parallel()
	w, lead, id := linkedLead(t, testkit.SQLite(t))
	w.mode("job_title", conversion.ModeNone)
	w.edit(id, map[string]any{"job_title": "Head"})
	w.push()
	if got := w.field(lead, "Title"); got != nil {
		t.Fatalf("the mode none sent %v", got)
	}
	w.mode("job_title", conversion.ModeTwoWay)
	w.push()
	if got := w.field(lead, "Title"); got != "Head" {
		t.Errorf("in Salesforce the title is %v, want Head", got)
	}
}

func TestWhatIsEditedWhileAVariableIsLeftOutGoesOnceItIsTakenBackIn(t *testing.T) {
	t.Parallel()
	w, lead, id := linkedLead(t, testkit.SQLite(t))
	out, in := true, false
	w.patch("job_title", directory.VariablePatch{LeftOut: &out})
	w.edit(id, map[string]any{"job_title": "Head"})
	w.push()
	if got := w.field(lead, "Title"); got != nil {
		t.Fatalf("what is left out was sent: %v", got)
	}
	w.later(time.Minute)
	w.patch("job_title", directory.VariablePatch{LeftOut: &in})
	w.push()
	w.sync()
	if got := w.field(lead, "Title"); got != "Head" {
		t.Errorf("in Salesforce the title is %v, want Head", got)
	}
	w.wantTitle("jo@acme.example", "Head")
}

func TestAModeChangeLetsGoWhatIsHeldForTheField(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]directory.VariablePatch{
		"another mode": {Mode: pointerTo(conversion.ModeNone)},
		"left out":     {LeftOut: pointerTo(true)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _, id := linkedLead(t, testkit.SQLite(t))
			w.tier("Gold")
			w.later(2 * time.Hour)
			w.sync()
			w.edit(id, map[string]any{"Tier__c": "Gold"})
			w.tier("Silver")
			w.push()
			w.wantHeld("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Lead.Tier__c")
			w.patch("Tier__c", change)
			w.push()
			w.wantHeld()
		})
	}
}

func pointerTo[T any](v T) *T { return &v }

// A worker stops at every step of bringing a change of modes to three contacts, one a page.
func TestAStopAtAnyStepOfAModeChangeIsMadeGood(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	for at := 1; ; at++ {
		w := newWorld(t, testkit.SQLite(t))
		w.page = 1
		w.build()
		for i := range 3 {
			w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": fmt.Sprintf("p%d@acme.example", i), "Title": "Clerk"})
		}
		w.sync()
		w.later(time.Minute)
		for _, v := range w.list(conversion.KindContact) {
			w.edit(v.ID, map[string]any{"job_title": "Head"})
		}
		w.push()
		w.mode("job_title", conversion.ModeAlwaysSalesforce)
		steps := 0
		w.step = func(string) error {
			if steps++; steps == at {
				return stop
			}
			return nil
		}
		err := w.engine.Push(t.Context(), workspace)
		w.step = nil
		if err != nil && !errors.Is(err, stop) {
			t.Fatal(err)
		}
		w.push()
		for i := range 3 {
			w.wantTitle(fmt.Sprintf("p%d@acme.example", i), "Clerk")
		}
		for _, v := range w.list(conversion.KindContact) {
			if n := w.told(v.ID, "job_title"); n != 2 {
				t.Errorf("stopped at step %d: %d lines of the title, want the edit's and the mode's", at, n)
			}
		}
		if err == nil {
			if at < 4 {
				t.Errorf("only %d steps to stop at", at-1)
			}
			return
		}
	}
}

func TestOnceAModeIsEverywhereNothingIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	w, _ := clerk(t, testkit.SQLite(t))
	w.insert("Lead", map[string]any{"LastName": "Roe", "Company": "Acme", "Email": "al@acme.example"})
	w.sync()
	w.push()
	same, other := w.contact("al@acme.example").ID, w.contact("jo@acme.example").ID
	before := w.versions()
	w.mode("job_title", conversion.ModeAlwaysSalesforce)
	w.push()
	after := w.versions()
	if after[same] != before[same] || after[other] == before[other] {
		t.Errorf("versions were %v and are %v: only what changes is stored", before, after)
	}
	w.later(time.Minute)
	commits := 0
	w.step = func(string) error { commits++; return nil }
	w.push()
	if commits != 0 {
		t.Errorf("at rest a push takes %d steps", commits)
	}
}

// A cycle may have begun under the modes before, and store something once the new ones are
// everywhere.
func TestWhatWasStoredUnderTheModesBeforeIsFound(t *testing.T) {
	t.Parallel()
	w, _ := clerk(t, testkit.SQLite(t))
	jo := w.contact("jo@acme.example").ID
	before := w.group(jo)
	w.mode("job_title", conversion.ModeAlwaysSalesforce)
	w.push()
	stale := before.Clone()
	stale.Entity.Version = w.group(jo).Entity.Version
	if err := w.books.Commit(t.Context(), conversion.Batch{At: w.now(), Plans: []conversion.Plan{{Group: stale, Expect: stale.Entity.Version}}}); err != nil {
		t.Fatal(err)
	}
	w.wantTitle("jo@acme.example", "Head")
	w.push()
	w.wantTitle("jo@acme.example", "Clerk")
}

func TestTheModesOfAPreviewApplyToWhatIsStoredAndSendNothingThatItPassesOver(t *testing.T) {
	t.Parallel()
	w, lead, id := linkedLead(t, testkit.SQLite(t))
	w.mode("job_title", conversion.ModeNone)
	w.edit(id, map[string]any{"job_title": "Head"})
	w.push()
	p, err := w.engine.Preview(t.Context(), workspace, engine.PreviewRequest{
		Scope: conversion.ScopePending,
		Modes: conversion.Modes{conversion.KindContact: {"job_title": conversion.ModeTwoWay}},
	})
	if err != nil || p.Counts.Update != 1 {
		t.Fatalf("the preview counts %+v (%v)", p.Counts, err)
	}
	w.later(time.Minute)
	w.edit(id, map[string]any{"job_title": "Chief"})
	w.push()
	if applied := w.apply(p); applied.Skipped != 1 {
		t.Fatalf("%d were skipped, want 1", applied.Skipped)
	}
	w.sync()
	if got := w.field(lead, "Title"); got != nil {
		t.Errorf("what was skipped was sent: %v", got)
	}
	w.wantTitle("jo@acme.example", "Chief")
}

func TestWhomAWiderOutboundFilterAdmitsIsCreatedWithoutAnEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated = conversion.TargetLeads
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	filter := func(source string) {
		w.options(func(o *conversion.Options) {
			o.OutboundFilter.Contacts = conversion.Filter{{Variable: "lead_source", Is: conversion.IsEqual, Value: source}}
		})
	}
	filter("Web")
	jo := w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe", "lead_source": "Fair"}})
	w.push()
	filter("Phone")
	w.push()
	notes := 0
	lines, _, err := w.books.Timeline(t.Context(), jo.ID, "", 100)
	for _, l := range lines {
		if l.Note == "Not created in Salesforce: the outbound filter leaves it out." {
			notes++
		}
	}
	if err != nil || notes != 1 || len(w.contact("jo@acme.example").Links) != 0 {
		t.Fatalf("the timeline says %d times that it is left out (%v)", notes, err)
	}
	filter("Fair")
	w.push()
	if links := w.contact("jo@acme.example").Links; len(links) != 1 {
		t.Errorf("once it is admitted it has the links %+v", links)
	}
}

func TestARecordWithoutAnEmailIsReadAgainOnRetry(t *testing.T) {
	t.Parallel()
	w, lead, _ := linkedLead(t, testkit.SQLite(t))
	w.update(lead, map[string]any{"Email": nil})
	w.sync()
	w.wantHeld("key_changed:Lead")
	retry := func() {
		t.Helper()
		if _, err := w.directory.RetryHeld(t.Context(), workspace, conversion.HeldFilter{}, user); err != nil {
			t.Fatal(err)
		}
		w.later(time.Minute)
		w.sync()
	}
	retry()
	w.wantHeld("key_changed:Lead")
	w.wantWho(map[string]string{lead: "lead"}, w.who(conversion.KindContact, map[string]string{lead: "lead"}))
	w.update(lead, map[string]any{"Email": "jo@acme.example"})
	cursor, err := w.books.Cursor(t.Context(), conversion.Lead)
	if err != nil {
		t.Fatal(err)
	}
	cursor.Modstamp = w.now().Add(time.Hour) // the pull does not see it any more
	if err := w.books.Commit(t.Context(), conversion.Batch{Cursor: &conversion.CursorMove{Object: conversion.Lead, To: cursor}}); err != nil {
		t.Fatal(err)
	}
	retry()
	w.wantHeld()
}

func TestEditsFromBeforeTheClockWasKnownTakeTheirPlace(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		for _, c := range []struct{ first, want string }{{"here", "Theirs"}, {"there", "Ours"}} {
			t.Run(fmt.Sprintf("our clock is off by %s, edited first %s", skew, c.first), func(t *testing.T) {
				t.Parallel()
				w := newSkewedWorld(t, testkit.SQLite(t), skew)
				here := func() {
					w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"job_title": "Ours"}})
				}
				there := func() {
					w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Theirs"})
				}
				first, second := here, there
				if c.first == "there" {
					first, second = there, here
				}
				first()
				w.later(5 * time.Minute)
				second()
				w.later(time.Minute)
				w.sync()
				w.push()
				w.wantTitle("jo@acme.example", c.want)
				if own := w.group(w.contact("jo@acme.example").ID).Entity.Own; len(own) == 0 || own[0].Local {
					t.Errorf("its claims are %+v", own)
				}
			})
		}
	}
}
