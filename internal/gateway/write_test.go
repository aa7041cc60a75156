package gateway_test

import (
	"fmt"
	"slices"
	"testing"

	"conversion"
	"conversion/internal/sandbox"
	"conversion/internal/sandbox/schema"
)

func text(field, value string) conversion.FieldWrite {
	return conversion.FieldWrite{Field: field, Value: conversion.Text(value)}
}

func create(object conversion.Object, fields ...conversion.FieldWrite) conversion.Write {
	return conversion.Write{Action: conversion.ActionCreate, Ref: conversion.Ref{Object: object}, Fields: fields}
}

func change(object conversion.Object, id string, fields ...conversion.FieldWrite) conversion.Write {
	return conversion.Write{Action: conversion.ActionUpdate, Ref: conversion.Ref{Object: object, ID: id}, Fields: fields}
}

func remove(object conversion.Object, id string) conversion.Write {
	return conversion.Write{Action: conversion.ActionDelete, Ref: conversion.Ref{Object: object, ID: id}}
}

func newLead(email string, fields ...conversion.FieldWrite) conversion.Write {
	return create(conversion.Lead, append([]conversion.FieldWrite{text("LastName", "Doe"), text("Company", "Acme"), text("Email", email)}, fields...)...)
}

func (w *world) write(writes ...conversion.Write) []conversion.Outcome {
	w.Helper()
	outcomes, err := w.gate.Write(w.Context(), writes, conversion.WriteOptions{})
	w.ok(err)
	if len(outcomes) != len(writes) {
		w.Fatalf("%d outcomes of %d writes", len(outcomes), len(writes))
	}
	return outcomes
}

// collections counts the write requests the org got.
func (w *world) collections() (requests int) {
	for _, r := range w.org.Requests() {
		if slices.Contains([]string{"create", "update", "upsert", "delete"}, r.Operation) {
			requests++
		}
	}
	return requests
}

func TestWritesOfEverySortHaveTheirOwnOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	lead, gone := w.lead("ann@acme.com", nil), w.lead("gone@acme.com", nil)
	doomed, converted := w.lead("doomed@acme.com", nil), w.lead("converted@acme.com", nil)
	contact := w.insert("Contact", fields{"LastName": "Roe"})
	w.ok(w.org.Delete(w.org.Admin(), gone))
	_, err := w.org.ConvertLead(w.org.Admin(), converted, sandbox.ConvertOptions{})
	w.ok(err)

	outcomes := w.write(
		newLead("new@acme.com"),
		change(conversion.Contact, contact, text("Title", "CFO")),
		create(conversion.Lead, text("LastName", "Incomplete")),
		change(conversion.Lead, lead, text("Title", "CTO")),
		change(conversion.Lead, gone, text("Title", "CTO")),
		change(conversion.Lead, converted, text("Title", "CTO")),
		remove(conversion.Lead, doomed),
		remove(conversion.Lead, gone),
	)
	for i, done := range []bool{true, true, false, true, false, false, true, true} {
		o := outcomes[i]
		if !o.Sent || o.Unknown || (o.Failure == nil) != done || done && o.ID == "" {
			t.Errorf("write %d: %+v, failure %+v", i, o, o.Failure)
		}
	}
	if f := outcomes[2].Failure; f != nil && (f.Code != "REQUIRED_FIELD_MISSING" || !slices.Contains(f.Fields, "Company") || f.Retry || f.Gone) {
		t.Errorf("an incomplete lead: %+v", f)
	}
	for _, i := range []int{4, 5} {
		if f := outcomes[i].Failure; f != nil && !f.Gone {
			t.Errorf("a lead that is gone: %+v", f)
		}
	}
	if r := w.one(w.contacts, conversion.Lead, lead); w.value(r, "job_title") != conversion.Text("CTO") {
		t.Errorf("after the update: %#v", w.value(r, "job_title"))
	}
	if r := w.one(w.contacts, conversion.Lead, outcomes[0].ID); r.Key != "new@acme.com" {
		t.Errorf("after the create: %+v", r)
	}
	if r := w.one(w.contacts, conversion.Lead, doomed); !r.Deleted {
		t.Errorf("after the deletion: %+v", r)
	}
	if n := w.collections(); n != 4 {
		t.Errorf("%d requests for four sorts of writes", n)
	}
}

func TestTwoHundredRecordsARequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var writes []conversion.Write
	for i := range 450 {
		writes = append(writes, newLead(fmt.Sprintf("p%d@acme.com", i)))
	}
	for i, o := range w.write(writes...) {
		if o.Failure != nil || o.ID == "" {
			t.Fatalf("write %d: %+v", i, o)
		}
	}
	if n := w.collections(); n != 3 {
		t.Errorf("%d requests", n)
	}
}

func TestAnUnknownOutcomeStopsTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	contact := w.insert("Contact", fields{"LastName": "Roe"})
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "create"}, Drop: sandbox.DropAfter})
	outcomes, err := w.gate.Write(t.Context(), []conversion.Write{
		newLead("ann@acme.com"), newLead("bob@acme.com"), change(conversion.Contact, contact, text("Title", "CFO")),
	}, conversion.WriteOptions{})
	if err == nil {
		t.Error("nobody is told that writes were not sent")
	}
	for i, want := range []conversion.Outcome{{Sent: true, Unknown: true}, {Sent: true, Unknown: true}, {}} {
		if outcomes[i] != want {
			t.Errorf("write %d: %+v", i, outcomes[i])
		}
	}
}

func TestARequestThatWasTurnedAwayWasNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "create"}, Status: 503, ErrorCode: "SERVER_UNAVAILABLE"})
	outcomes, err := w.gate.Write(t.Context(), []conversion.Write{newLead("ann@acme.com")}, conversion.WriteOptions{})
	if conversion.ErrorCode(err) != conversion.CodeUnavailable {
		t.Errorf("%v", err)
	}
	if outcomes[0] != (conversion.Outcome{}) {
		t.Errorf("%+v", outcomes[0])
	}
}

func TestALockedRecordIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.lead("ann@acme.com", nil), w.lead("bob@acme.com", nil)
	w.ok(w.org.LockRecord(bob, 0))
	outcomes := w.write(change(conversion.Lead, ann, text("Title", "A")), change(conversion.Lead, bob, text("Title", "B")))
	if outcomes[0].Failure != nil || outcomes[1].Failure == nil || !outcomes[1].Failure.Retry {
		t.Errorf("%+v, %+v", outcomes[0], outcomes[1].Failure)
	}
}

func TestADuplicateRuleRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lead("ann@acme.com", nil)
	w.org.SetDuplicateRules(sandbox.DuplicateRule{Object: "Lead", Field: "Email", Against: []string{"Lead"}})
	outcomes := w.write(newLead("ann@acme.com"), newLead("bob@acme.com"))
	if f := outcomes[0].Failure; f == nil || f.Code != "DUPLICATES_DETECTED" || f.Retry {
		t.Errorf("%+v", f)
	}
	if outcomes[1].Failure != nil {
		t.Errorf("%+v", outcomes[1].Failure)
	}
}

func TestAFieldThatIsNotThereStopsOnlyItsRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	ann, bob := w.lead("ann@acme.com", nil), w.lead("bob@acme.com", nil)
	outcomes := w.write(change(conversion.Lead, ann, text("Gone__c", "x")), change(conversion.Lead, bob, text("Title", "B")))
	if f := outcomes[0].Failure; f == nil || f.Code != "INVALID_FIELD" || !slices.Equal(f.Fields, []string{"Gone__c"}) {
		t.Errorf("%+v", f)
	}
	if outcomes[1].Failure != nil || outcomes[1].ID != bob {
		t.Errorf("%+v", outcomes[1])
	}
	if r := w.one(w.contacts, conversion.Lead, bob); w.value(r, "job_title") != conversion.Text("B") {
		t.Errorf("the other record was not written: %#v", w.value(r, "job_title"))
	}
}

func TestAValueOfEveryTypeGoesThereAndBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	parse := func(of conversion.Type, s string) conversion.Value {
		v, err := conversion.Parse(of, s)
		w.ok(err)
		return v
	}
	values := map[schema.Type]conversion.Value{
		schema.String:        conversion.Text(`O'Hara "& Söhne" \ 日本`),
		schema.TextArea:      conversion.Text("two\nlines"),
		schema.Email:         conversion.Text("Ann@Acme.com"),
		schema.Phone:         conversion.Text("+41 31 000 00 00"),
		schema.URL:           conversion.Text("https://acme.com/?a=b&c=d"),
		schema.Picklist:      conversion.Text("Gold"),
		schema.MultiPicklist: conversion.MultiSelect("Silver;Gold"),
		schema.Boolean:       conversion.Bool(true),
		schema.Int:           parse(conversion.TypeNumber, "-42"),
		schema.Double:        parse(conversion.TypeNumber, "0.1"),
		schema.Currency:      parse(conversion.TypeNumber, "1234567.89"),
		schema.Percent:       parse(conversion.TypeNumber, "12.5"),
		schema.Date:          parse(conversion.TypeDate, "2024-02-29"),
		schema.DateTime:      parse(conversion.TypeDateTime, "2024-02-29T23:59:58Z"),
		schema.Time:          parse(conversion.TypeTime, "23:59:58.5"),
	}
	picks := []schema.PicklistValue{{Value: "Gold", Label: "Gold", Active: true}, {Value: "Silver", Label: "Silver", Active: true}}
	var writes, clears []conversion.FieldWrite
	for of, v := range values {
		f := schema.Field{
			Name: "X" + string(of) + "__c", Label: string(of), Type: of, Length: 255, Precision: 18, Scale: 2, Digits: 8,
			Nillable: true, Createable: true, Updateable: true, Custom: true,
		}
		if of == schema.Boolean {
			f.Nillable, f.DefaultedOnCreate, f.DefaultValue = false, true, false
		}
		if of == schema.Picklist || of == schema.MultiPicklist {
			f.Picklist = picks
		}
		w.ok(w.org.AddField("Lead", f))
		writes = append(writes, conversion.FieldWrite{Field: f.Name, Value: v})
		clears = append(clears, conversion.FieldWrite{Field: f.Name, Before: v, Value: conversion.Null})
	}
	w.described()
	made := w.write(newLead("ann@acme.com", writes...))[0]
	if made.Failure != nil {
		t.Fatalf("%+v", made.Failure)
	}
	r := w.one(w.contacts, conversion.Lead, made.ID)
	for of, want := range values {
		if got := w.value(r, "X"+string(of)+"__c"); got != want {
			t.Errorf("%s: %#v, want %#v", of, got, want)
		}
	}
	if cleared := w.write(change(conversion.Lead, made.ID, clears...))[0]; cleared.Failure != nil {
		t.Fatalf("clearing: %+v", cleared.Failure)
	}
	r = w.one(w.contacts, conversion.Lead, made.ID)
	for of := range values {
		want := conversion.Null
		if of == schema.Boolean {
			want = conversion.Bool(false)
		}
		if got := w.value(r, "X"+string(of)+"__c"); got != want {
			t.Errorf("%s after clearing: %#v", of, got)
		}
	}
}
