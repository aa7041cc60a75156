package engine_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/testkit"
)

func (w *world) erase(id string, inSalesforce bool) {
	w.t.Helper()
	if _, err := w.directory.Erase(w.t.Context(), workspace, conversion.KindContact, id, user, inSalesforce); err != nil {
		w.t.Fatal(err)
	}
}

// stored returns an entity as it is stored, deleted ones too.
func (w *world) stored(id string) conversion.Group {
	w.t.Helper()
	groups, err := w.books.Groups(w.t.Context(), conversion.GroupQuery{Kind: conversion.KindContact, IDs: []string{id}})
	if err != nil || len(groups) != 1 {
		w.t.Fatal(groups, err)
	}
	return groups[0]
}

func TestRecordsOfAnErasedContactBringNothingBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.lead("ann@acme.example")
	w.insert("Task", map[string]any{"Subject": "Call", "WhoId": lead})
	w.sync()
	ann := w.contact("ann@acme.example").ID
	w.erase(ann, false)
	w.later(time.Hour)
	w.update(lead, map[string]any{"Title": "Head"})
	w.person("ann@acme.example")
	w.insert("Task", map[string]any{"Subject": "Again", "WhoId": lead})
	w.sync()
	w.next()
	if people := w.list(conversion.KindContact); len(people) != 0 {
		t.Fatalf("%d contacts are back", len(people))
	}
	if g := w.stored(ann); !g.Entity.Erased() || len(g.Links) != 0 {
		t.Fatalf("left: %+v, %d links", g.Entity, len(g.Links))
	}
	if all, _, err := w.directory.Engagements(t.Context(), workspace, "", "", "", 10); err != nil || len(all) != 0 {
		t.Fatalf("engagements %+v, %v", all, err)
	}
}

func TestErasingInSalesforceTooIsDoneOnceTheRecordsAreGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t)) // all rules are off
	lead, contact := w.lead("ann@acme.example"), w.person("ann@acme.example")
	w.sync()
	ann := w.contact("ann@acme.example").ID
	w.erase(ann, true)
	if w.stored(ann).Entity.Erased() {
		t.Fatal("it is erased before its records are gone")
	}
	w.next()
	for _, id := range []string{lead, contact} {
		if w.field(id, "IsDeleted") != true {
			t.Errorf("%s is still there", id)
		}
	}
	if g := w.stored(ann); !g.Entity.Erased() || len(g.Links) != 0 {
		t.Fatalf("left: %+v, %d links", g.Entity, len(g.Links))
	}
	if changes, _, err := w.books.Timeline(t.Context(), ann, "", 10); err != nil || len(changes) != 0 {
		t.Fatalf("its history is left: %+v, %v", changes, err)
	}
}

func TestErasingInSalesforceTooIsDoneWhenSomebodyDeletedTheRecordsBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.lead("ann@acme.example")
	w.sync()
	ann := w.contact("ann@acme.example").ID
	w.later(time.Minute)
	if err := w.org.Delete(w.sales, lead); err != nil {
		t.Fatal(err)
	}
	w.erase(ann, true)
	w.next()
	if !w.stored(ann).Entity.Erased() {
		t.Fatal("it waits for a record that is gone")
	}
}

func TestARestoredContactHasTheActivitiesThatCameMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.lead("ann@acme.example")
	w.insert("Task", map[string]any{"Subject": "Before", "WhoId": lead})
	w.sync()
	ann := w.contact("ann@acme.example").ID
	if err := w.directory.Delete(t.Context(), workspace, conversion.KindContact, ann, user, false); err != nil {
		t.Fatal(err)
	}
	w.later(time.Hour)
	w.insert("Task", map[string]any{"Subject": "Meanwhile", "WhoId": lead})
	w.sync()
	w.next()
	if _, err := w.directory.Restore(t.Context(), workspace, conversion.KindContact, ann, user); err != nil {
		t.Fatal(err)
	}
	w.next()
	w.wantActivities("ann@acme.example", "Before", "Meanwhile")
}

func TestAContactGoesWithItsLastRecordAndComesBackWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	o := conversion.DefaultOptions()
	o.DeleteInConversion = conversion.GoneWith{Lead: true}
	if err := w.books.SaveOptions(t.Context(), o, user, w.now()); err != nil {
		t.Fatal(err)
	}
	lead, other := w.lead("ann@acme.example"), w.person("bob@acme.example")
	w.sync()
	ann := w.contact("ann@acme.example").ID
	w.later(time.Hour)
	for _, id := range []string{lead, other} {
		if err := w.org.Delete(w.sales, id); err != nil {
			t.Fatal(err)
		}
	}
	w.sync()
	if people := w.list(conversion.KindContact); len(people) != 1 || people[0].Key != "bob@acme.example" {
		t.Fatalf("left: %+v", people)
	}
	if g := w.stored(ann); g.Entity.Live() || !g.Entity.Gone || g.Entity.Dirty != 0 {
		t.Fatalf("%+v", g.Entity)
	}
	w.later(time.Hour)
	if err := w.org.Undelete(w.sales, lead); err != nil {
		t.Fatal(err)
	}
	task := w.insert("Task", map[string]any{"Subject": "Call", "WhoId": lead})
	w.sync()
	if got := w.contact("ann@acme.example"); got.ID != ann || got.Links[0].Status != conversion.LinkLive {
		t.Fatalf("after the undelete: %+v, task %s", got, task)
	}
	w.wantActivities("ann@acme.example", "Call")
}
