package gateway_test

import (
	"fmt"
	"testing"
	"time"

	"conversion"
)

func field(a conversion.Activity, name string) conversion.Value {
	for _, f := range a.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return conversion.Value{}
}

func TestActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	lead := w.lead("ann@acme.com", nil)
	contact := w.insert("Contact", fields{"LastName": "Doe", "Email": "bob@acme.com"})
	due := w.insert("Task", fields{"Subject": "Call Ann", "WhoId": lead, "ActivityDate": "2026-02-03"})
	undated := w.insert("Task", fields{"Subject": "Some day"})
	done := w.insert("Task", fields{"Subject": "Done", "WhoId": contact, "Status": "Completed", "ActivityDate": "2026-02-03"})
	meeting := w.insert("Event", fields{"Subject": "Meet", "WhoId": contact, "StartDateTime": "2026-02-04T10:00:00Z", "DurationInMinutes": 30})

	found := map[string]conversion.Activity{}
	for _, object := range []conversion.Object{conversion.Task, conversion.Event} {
		var cursor conversion.Cursor
		for more := true; more; {
			page, err := w.gate.Activities(t.Context(), object, cursor, 2)
			w.ok(err)
			for _, a := range page.Activities {
				found[a.Ref.ID] = a
			}
			cursor, more = page.Next, page.More
		}
	}
	for _, test := range []struct {
		id       string
		object   conversion.Object
		subject  string
		people   []conversion.Ref
		occurred time.Time
	}{
		{due, conversion.Task, "Call Ann", []conversion.Ref{{Object: conversion.Lead, ID: lead}}, time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)},
		{undated, conversion.Task, "Some day", nil, start},
		{done, conversion.Task, "Done", []conversion.Ref{{Object: conversion.Contact, ID: contact}}, start},
		{meeting, conversion.Event, "Meet", []conversion.Ref{{Object: conversion.Contact, ID: contact}}, time.Date(2026, 2, 4, 10, 0, 0, 0, time.UTC)},
	} {
		a := found[test.id]
		if a.Ref != (conversion.Ref{Object: test.object, ID: test.id}) || a.Subject != test.subject || fmt.Sprint(a.People) != fmt.Sprint(test.people) || a.Deleted {
			t.Errorf("%s: %+v", test.subject, a)
		}
		if a.Occurred != conversion.MomentOf(test.occurred) {
			t.Errorf("%s occurred at %s, want %s", test.subject, a.Occurred, test.occurred)
		}
	}
	if got := field(found[due], "Status"); got != conversion.Text("Not Started") {
		t.Errorf("Status is %#v", got)
	}
	if got := field(found[meeting], "DurationInMinutes"); got.String() != "30" {
		t.Errorf("DurationInMinutes is %#v", got)
	}
}

func TestADeletedActivityIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	id := w.insert("Task", fields{"Subject": "Call"})
	w.ok(w.org.Delete(w.org.Admin(), id))
	page, err := w.gate.Activities(t.Context(), conversion.Task, conversion.Cursor{}, 10)
	w.ok(err)
	if len(page.Activities) != 1 || !page.Activities[0].Deleted {
		t.Errorf("%+v", page.Activities)
	}
}

func TestRowsThatStandForOthersArePassedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	event := fields{"Subject": "Meet", "StartDateTime": "2026-02-04T10:00:00Z", "DurationInMinutes": 30}
	for _, mark := range []fields{{"IsChild": true}, {"GroupEventType": "3"}, {}} {
		for name, value := range event {
			mark[name] = value
		}
		_, err := w.org.Import(w.org.Admin(), "Event", mark)
		w.ok(err)
	}
	page, err := w.gate.Activities(t.Context(), conversion.Event, conversion.Cursor{}, 10)
	w.ok(err)
	if len(page.Activities) != 1 {
		t.Errorf("%d activities", len(page.Activities))
	}
	if page.Next.Modstamp == 0 {
		t.Error("the cursor stays before rows that are passed over")
	}
}

func TestActivitiesOfPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	var people []conversion.Ref
	want := map[string]bool{}
	for i := range 250 {
		lead := w.lead(fmt.Sprintf("p%d@acme.com", i), nil)
		people = append(people, conversion.Ref{Object: conversion.Lead, ID: lead})
		want[w.insert("Task", fields{"Subject": "Call", "WhoId": lead})] = true
	}
	w.insert("Task", fields{"Subject": "Nobody's"})
	deleted := w.insert("Task", fields{"Subject": "Deleted", "WhoId": people[0].ID})
	w.ok(w.org.Delete(w.org.Admin(), deleted))

	got, err := w.gate.ActivitiesOf(t.Context(), conversion.Task, people)
	w.ok(err)
	for _, a := range got {
		if !want[a.Ref.ID] {
			t.Errorf("%s %q does not belong to them, or comes twice", a.Ref, a.Subject)
		}
		delete(want, a.Ref.ID)
	}
	if len(want) > 0 {
		t.Errorf("%d activities are missing", len(want))
	}
}

// shares lets the org share activities, as one that never did before.
func (w *world) shares() *world {
	w.Helper()
	w.ok(w.org.Enable("SharedActivities"))
	return w.described()
}

func TestASharedActivityNamesAllItsPeopleThePrimaryFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t).shares()
	var people []string
	for i := range 3 {
		people = append(people, w.insert("Contact", fields{"LastName": fmt.Sprint(i), "Email": fmt.Sprintf("p%d@acme.com", i)}))
	}
	primary := people[2]
	for object, list := range map[conversion.Object]string{conversion.Task: "TaskWhoIds", conversion.Event: "EventWhoIds"} {
		f := fields{"Subject": "Plan", list: []any{primary, people[0], people[1]}}
		if object == conversion.Event {
			f["StartDateTime"], f["DurationInMinutes"] = "2026-02-04T10:00:00Z", 30
		}
		id := w.insert(string(object), f)
		want := fmt.Sprint([]conversion.Ref{{Object: conversion.Contact, ID: primary}, {Object: conversion.Contact, ID: people[0]}, {Object: conversion.Contact, ID: people[1]}})
		page, err := w.gate.Activities(t.Context(), object, conversion.Cursor{}, 10)
		w.ok(err)
		of, err := w.gate.ActivitiesOf(t.Context(), object, []conversion.Ref{{Object: conversion.Contact, ID: people[1]}})
		w.ok(err)
		byID, err := w.gate.ReadActivities(t.Context(), object, []string{id})
		w.ok(err)
		for how, got := range map[string][]conversion.Activity{"read": page.Activities, "of a person": of, "by its id": byID} {
			if len(got) != 1 || got[0].Ref.ID != id || fmt.Sprint(got[0].People) != want {
				t.Errorf("%s %s: %+v, want %s of %s", object, how, got, id, want)
			}
		}
		related, err := w.gate.Relations(t.Context(), object, conversion.Cursor{}, 10)
		w.ok(err)
		named := make(map[conversion.Relation]bool)
		for _, r := range related.Relations {
			named[r] = true
		}
		for _, id := range people {
			if who := (conversion.Relation{Activity: byID[0].Ref, Who: conversion.Ref{Object: conversion.Contact, ID: id}}); !named[who] {
				t.Errorf("%s: no relation to %s among %+v", object, id, related.Relations)
			}
		}
		again, err := w.gate.Relations(t.Context(), object, related.Next, 10)
		w.ok(err)
		if len(related.Relations) != 3 || len(again.Relations) != 0 || again.Next != related.Next {
			t.Errorf("%d relations; after their cursor %+v", len(related.Relations), again)
		}
	}
}

func TestAnOrgWithoutSharedActivitiesIsNotAskedForThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	lead := w.lead("ann@acme.com", nil)
	w.insert("Task", fields{"Subject": "Call", "WhoId": lead})
	before := len(w.org.Requests())
	_, err := w.gate.Activities(t.Context(), conversion.Task, conversion.Cursor{}, 10)
	w.ok(err)
	page, err := w.gate.Relations(t.Context(), conversion.Task, conversion.Cursor{Modstamp: 5}, 10)
	w.ok(err)
	if n := len(w.org.Requests()) - before; n != 1 || page.Next.Modstamp != 5 {
		t.Errorf("%d requests, want the one for the page; the cursor is at %+v", n, page.Next)
	}
}
