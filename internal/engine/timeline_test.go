package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/testkit"
)

// sent lists what the timeline of an entity says was sent, newest first.
func (w *world) sent(id string) (lines []string) {
	w.t.Helper()
	changes, _, err := w.books.Timeline(w.t.Context(), id, "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range changes {
		var fields []string
		for _, f := range c.Sent {
			fields = append(fields, fmt.Sprintf("%s %q→%q", f.Field, f.Before.String(), f.Value.String()))
		}
		if len(fields) > 0 {
			lines = append(lines, fmt.Sprintf("%s by %s: %s", c.Note, c.Rule, strings.Join(fields, ", ")))
		}
	}
	return lines
}

func TestTheTimelineHoldsEachFieldThatWasSent(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		w.sync()
		w.rules(func(r *conversion.Rules) {
			r.ContactsCreated, r.ContactsUpdated = conversion.TargetLeads, conversion.TargetAll
			r.Defaults = map[string]string{"Lead.Company": "Unknown"}
		})
		id := w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe", "job_title": "Clerk"}}).ID
		w.push()
		w.later(time.Minute)
		w.edit(id, map[string]any{"job_title": "Head", "phone": "1"})
		w.push()
		want := []string{
			`sent to Lead by contacts_updated: Phone ""→"1", Title "Clerk"→"Head"`,
			`created as Lead by contacts_created: Company ""→"Unknown", Email ""→"jo@acme.example", LastName ""→"Doe", Title ""→"Clerk"`,
		}
		if got := w.sent(id); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the timeline says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		w.erase(id, false)
		if got := w.sent(id); len(got) != 0 {
			t.Errorf("once erased the timeline says %q", got)
		}
	})
}
