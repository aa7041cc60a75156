package engine_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/testkit"
)

func TestTheFirstArrivalOfARecordIsOneLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.leadOf("jo@acme.example", map[string]any{"Title": "Clerk", "Phone": "555-0100"})
	w.sync()
	changes, _, err := w.books.Timeline(t.Context(), w.contact("jo@acme.example").ID, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) != 1 || changes[0].Note != "linked" || changes[0].From.ID != lead || changes[0].RunID == "" {
		t.Errorf("timeline %+v", changes)
	}
}

func TestWhyAValueIsHereIsAnsweredWithTheClaimThatLost(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		lead := w.leadOf("jo@acme.example", map[string]any{"Title": "Clerk"})
		w.sync()
		w.later(time.Hour)
		id := w.contact("jo@acme.example").ID
		w.edit(id, map[string]any{"job_title": "Ours", "city": "London"})
		w.later(time.Hour)
		w.update(lead, map[string]any{"Title": "Head"})
		w.sync()
		h, err := w.directory.History(t.Context(), workspace, conversion.KindContact, id, "job_title", "", 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Claims) != 2 || h.Claims[0].Value != conversion.Text("Head") || !h.Claims[0].Wins ||
			h.Claims[1].Value != conversion.Text("Ours") || h.Claims[1].By != user {
			t.Errorf("claims %+v", h.Claims)
		}
		if len(h.Changes) != 2 || h.Changes[0].Before != conversion.Text("Ours") || h.Changes[0].After != conversion.Text("Head") ||
			h.Changes[0].RunID == "" || h.Changes[0].From.ID != lead {
			t.Errorf("changes %+v", h.Changes)
		}
	})
}
