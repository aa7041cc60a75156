package engine_test

import (
	"slices"
	"testing"
	"time"

	"conversion"
	"conversion/internal/sandbox"
	"conversion/internal/testkit"
)

// activities returns the subjects of a contact's Tasks and Events, in order; those deleted
// in Salesforce in brackets.
func (w *world) activities(contactID string) []string {
	w.t.Helper()
	items, _, err := w.directory.Engagements(w.t.Context(), workspace, contactID, "", "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	subjects := []string{}
	for _, e := range items {
		subject := e.Subject
		if e.Deleted {
			subject = "(" + subject + ")"
		}
		subjects = append(subjects, subject)
	}
	slices.Sort(subjects)
	return subjects
}

func (w *world) wantActivities(email string, want ...string) {
	w.t.Helper()
	if got := w.activities(w.contact(email).ID); !slices.Equal(got, want) {
		w.t.Fatalf("activities of %s: %q, want %q", email, got, want)
	}
}

func TestASharedActivityBelongsToEachOfItsContacts(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		w.enable("SharedActivities")
		ann, bob, cid := w.person("ann@acme.example"), w.person("bob@acme.example"), w.person("cid@acme.example")
		task := w.insert("Task", map[string]any{"Subject": "Plan", "TaskWhoIds": []any{ann, bob}})
		w.insert("Event", map[string]any{"Subject": "Meet", "EventWhoIds": []any{bob, ann}, "StartDateTime": "2026-03-04T10:00:00Z", "DurationInMinutes": 30})
		w.sync()
		w.wantActivities("ann@acme.example", "Meet", "Plan")
		w.wantActivities("bob@acme.example", "Meet", "Plan")
		w.wantActivities("cid@acme.example")

		w.later(time.Hour)
		w.insert("TaskRelation", map[string]any{"TaskId": task, "RelationId": cid})
		w.sync()
		w.wantActivities("cid@acme.example", "Plan")

		w.later(time.Hour)
		w.update(task, map[string]any{"Subject": "Replan", "TaskWhoIds": []any{cid}})
		w.sync()
		w.wantActivities("ann@acme.example", "Meet")
		w.wantActivities("cid@acme.example", "Replan")
	})
}

func TestAnOrgWithoutSharedActivitiesIsNotAskedForThemInACycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	ann := w.person("ann@acme.example")
	w.insert("Task", map[string]any{"Subject": "Plan", "WhoId": ann})
	w.sync()
	w.later(time.Hour)
	w.sync() // describes anew
	idle := func() int {
		w.later(20 * time.Minute)
		before := len(w.org.Requests())
		w.sync()
		return len(w.org.Requests()) - before
	}
	without := idle()
	w.enable("SharedActivities")
	w.later(time.Hour)
	w.sync()
	w.next()
	if with := idle(); with != without+2 || without > 6 {
		t.Fatalf("%d requests without shared activities, %d with: want two more, one an object", without, with)
	}
}

func TestAPersonAddedToAnActivityOfSomebodyUnknownBringsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.enable("SharedActivities")
	nobody := w.insert("Contact", map[string]any{"LastName": "Mute"})
	ann := w.person("ann@acme.example")
	task := w.insert("Task", map[string]any{"Subject": "Plan", "WhoId": nobody})
	w.sync()
	w.wantActivities("ann@acme.example")
	w.later(time.Hour)
	w.insert("TaskRelation", map[string]any{"TaskId": task, "RelationId": ann})
	w.sync()
	w.wantActivities("ann@acme.example", "Plan")
}

func TestALateEmailBringsSharedAndArchivedActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.enable("SharedActivities")
	late, ann := w.insert("Contact", map[string]any{"LastName": "Late"}), w.person("ann@acme.example")
	w.insert("Task", map[string]any{"Subject": "Old", "WhoId": late, "Status": "Completed", "ActivityDate": "2024-01-02"})
	w.insert("Task", map[string]any{"Subject": "Shared", "TaskWhoIds": []any{ann, late}})
	w.insert("Task", map[string]any{"Subject": "Older", "WhoId": ann, "Status": "Completed", "ActivityDate": "2024-01-02"})
	gone := w.insert("Task", map[string]any{"Subject": "Gone", "WhoId": late})
	w.later(48 * time.Hour) // the nights archive what is old
	w.sync()
	w.wantActivities("ann@acme.example", "Older", "Shared")
	w.nobodysTask()
	if err := w.org.Delete(w.sales, gone); err != nil {
		t.Fatal(err)
	}
	w.update(late, map[string]any{"Email": "late@acme.example"})
	w.sync()
	w.wantActivities("late@acme.example", "Old", "Shared")
	w.next()
	w.wantActivities("late@acme.example", "Old", "Shared")
	w.wantActivities("ann@acme.example", "Older", "Shared")
}

// nobodysTask lets the pull go on to a later activity: earlier ones lie behind its overlap
// then, and no page shows them again.
func (w *world) nobodysTask() {
	w.t.Helper()
	w.later(time.Hour)
	w.insert("Task", map[string]any{"Subject": "Nobody's"})
	w.sync()
	w.later(time.Minute)
}

func TestEarlierActivitiesAreNotForgottenWhenTheCycleStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	late := w.insert("Lead", map[string]any{"LastName": "Late", "Company": "Acme"})
	w.insert("Task", map[string]any{"Subject": "Call", "WhoId": late})
	w.sync()
	w.nobodysTask()
	w.update(late, map[string]any{"Email": "late@acme.example"})
	w.step = func(name string) error {
		if name == "read earlier activities" {
			return conversion.Errorf(conversion.CodeUnavailable, "stopped")
		}
		return nil
	}
	if err := w.engine.Cycle(t.Context(), workspace); err == nil {
		t.Fatal("the cycle went on")
	}
	w.step = nil
	w.wantActivities("late@acme.example")
	w.next()
	w.wantActivities("late@acme.example", "Call")
}

func TestActivitiesFollowAConvertedLeadAndDoNotDouble(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{false, true} {
		w := newWorld(t, testkit.SQLite(t))
		if shared {
			w.enable("SharedActivities")
		}
		lead := w.lead("ann@acme.example")
		w.insert("Task", map[string]any{"Subject": "Call", "WhoId": lead})
		w.sync()
		w.later(time.Hour)
		if _, err := w.org.ConvertLead(w.sales, lead, sandbox.ConvertOptions{}); err != nil {
			t.Fatal(err)
		}
		w.sync()
		w.wantActivities("ann@acme.example", "Call")
		w.next()
		w.wantActivities("ann@acme.example", "Call")
	}
}

func TestActivitiesOfTheLoserOfAMergeBecomeTheWinners(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	ann, bob := w.person("ann@acme.example"), w.person("bob@acme.example")
	w.insert("Task", map[string]any{"Subject": "Call", "WhoId": bob})
	w.sync()
	w.later(time.Hour)
	if err := w.org.Merge(w.sales, ann, bob); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.wantActivities("ann@acme.example", "Call")
	w.wantActivities("bob@acme.example")
}

func TestAnActivityIsEditedFlaggedAndBroughtBackAsInSalesforce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.enable("SharedActivities")
	ann, bob := w.person("ann@acme.example"), w.person("bob@acme.example")
	id := w.insert("Event", map[string]any{"Subject": "Meet", "EventWhoIds": []any{ann, bob}, "StartDateTime": "2026-03-04T10:00:00Z", "DurationInMinutes": 30})
	w.sync()
	w.later(time.Hour)
	w.update(id, map[string]any{"Subject": "Talk"})
	w.sync()
	w.wantActivities("bob@acme.example", "Talk")
	w.later(time.Hour)
	if err := w.org.Delete(w.sales, id); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.wantActivities("ann@acme.example", "(Talk)")
	w.wantActivities("bob@acme.example", "(Talk)")
	w.later(time.Hour)
	if err := w.org.Undelete(w.sales, id); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.wantActivities("ann@acme.example", "Talk")
	w.wantActivities("bob@acme.example", "Talk")
}

func TestAnActivityThatIsGivenToSomebodyElseMoves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	ann, bob := w.person("ann@acme.example"), w.lead("bob@acme.example")
	task := w.insert("Task", map[string]any{"Subject": "Call", "WhoId": ann})
	w.sync()
	w.later(time.Hour)
	w.update(task, map[string]any{"WhoId": bob})
	w.sync()
	w.wantActivities("ann@acme.example")
	w.wantActivities("bob@acme.example", "Call")
	w.later(time.Hour)
	w.update(task, map[string]any{"WhoId": nil})
	w.sync()
	w.wantActivities("bob@acme.example")
}

func (w *world) enable(feature string) {
	w.t.Helper()
	if err := w.org.Enable(feature); err != nil {
		w.t.Fatal(err)
	}
}
