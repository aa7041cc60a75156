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
		who      conversion.Ref
		occurred time.Time
	}{
		{due, conversion.Task, "Call Ann", conversion.Ref{Object: conversion.Lead, ID: lead}, time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)},
		{undated, conversion.Task, "Some day", conversion.Ref{}, start},
		{done, conversion.Task, "Done", conversion.Ref{Object: conversion.Contact, ID: contact}, start},
		{meeting, conversion.Event, "Meet", conversion.Ref{Object: conversion.Contact, ID: contact}, time.Date(2026, 2, 4, 10, 0, 0, 0, time.UTC)},
	} {
		a := found[test.id]
		if a.Ref != (conversion.Ref{Object: test.object, ID: test.id}) || a.Subject != test.subject || a.Who != test.who || a.Deleted {
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
