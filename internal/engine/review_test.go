package engine_test

import (
	"errors"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/sandbox/schema"
	"conversion/internal/testkit"
)

// at runs do once, before the n-th step of that name from now on.
func (w *world) at(name string, n int, do func()) {
	seen := 0
	w.step = func(step string) error {
		if step == name {
			if seen++; seen == n {
				do()
			}
		}
		return nil
	}
}

func TestActivitiesOfAPersonMadeDuringALongReadingAreNotMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	w.at("read a page", 4, func() { // Leads were read, Tasks were not
		w.later(30 * time.Minute)
		lead := w.insert("Lead", map[string]any{"LastName": "New", "Company": "Acme", "Email": "new@acme.example"})
		w.insert("Task", map[string]any{"Subject": "Call", "WhoId": lead})
		w.later(2 * time.Hour)
		w.insert("Task", map[string]any{"Subject": "Other"})
	})
	w.sync()
	w.step = nil
	w.later(15 * time.Minute)
	w.sync()
	items, _, err := w.directory.Engagements(t.Context(), workspace, w.contact("new@acme.example").ID, "", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != 1 {
		t.Errorf("%d engagements, want the Task", len(items))
	}
}

func TestAVariableTakenBackInIsFilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.sync()
	out, in := true, false
	leave := func(to *bool) {
		if _, err := w.directory.PatchVariable(t.Context(), workspace, conversion.KindContact, "job_title", directory.VariablePatch{LeftOut: to}); err != nil {
			t.Fatal(err)
		}
	}
	leave(&out)
	w.later(time.Hour)
	w.update(lead, map[string]any{"Title": "Head"})
	w.sync()
	w.later(24 * time.Hour)
	w.insert("Lead", map[string]any{"LastName": "New", "Company": "Acme", "Email": "new@acme.example"})
	w.sync()
	leave(&in)
	w.later(time.Hour)
	w.sync()
	if got := value(w.contact("jo@acme.example"), "job_title"); got != "Head" {
		t.Errorf("job title %q, want what the lead holds", got)
	}
}

func TestAModeChosenDuringACycleStays(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"describe", "read a page"} {
		w := newWorld(t, testkit.SQLite(t))
		w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
		w.sync()
		w.later(2 * time.Hour)
		addTier(t, w)
		w.at(step, 1, func() {
			mode := conversion.ModeAlwaysConversion
			if _, err := w.directory.PatchVariable(t.Context(), workspace, conversion.KindContact, "job_title", directory.VariablePatch{Mode: &mode}); err != nil {
				t.Error(err)
			}
		})
		w.sync()
		schema, err := w.books.Schema(t.Context(), conversion.KindContact)
		if err != nil {
			t.Fatal(err)
		}
		if got := schema.ByKey("job_title").Mode; got != conversion.ModeAlwaysConversion {
			t.Errorf("chosen at %q: the mode is %s", step, got)
		}
	}
}

func TestAFieldShownDuringAnInterruptedFirstLoadIsFilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.later(24 * time.Hour)
	w.insert("Lead", map[string]any{"LastName": "New", "Company": "Acme", "Email": "new@acme.example"})
	hide := func(hidden bool) {
		if err := w.org.HideField("Lead", "Title", hidden); err != nil {
			t.Fatal(err)
		}
	}
	hide(true)
	stopAt(w, "read a page", 4)
	if err := w.engine.Cycle(t.Context(), workspace); err == nil {
		t.Fatal("the first load was not interrupted")
	}
	w.step = nil
	hide(false)
	w.later(2 * time.Hour)
	w.sync()
	if got := value(w.contact("jo@acme.example"), "job_title"); got != "Clerk" {
		t.Errorf("job title %q, want what the lead holds", got)
	}
}

func addTier(t *testing.T, w *world) {
	t.Helper()
	err := w.org.AddField("Lead", schema.Field{Name: "Tier__c", Label: "Tier", Type: schema.String, Length: 20, Nillable: true, Createable: true, Updateable: true, Custom: true})
	if err != nil {
		t.Fatal(err)
	}
}

// stopAt ends the work at the n-th step of that name, as a crash would.
func stopAt(w *world, name string, n int) {
	seen := 0
	w.step = func(step string) error {
		if step == name {
			if seen++; seen == n {
				return errors.New("stop")
			}
		}
		return nil
	}
}
