package gateway_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/sandbox"
	"conversion/internal/sandbox/schema"
)

// keyed gives the org our External Id field on the object.
func (w *world) keyed(object string) *world {
	w.Helper()
	w.ok(w.org.AddField(object, schema.Field{
		Name: conversion.ExternalIDField, Label: "Conversion ID", Type: schema.String, Length: 36, Nillable: true,
		Createable: true, Updateable: true, Custom: true, ExternalID: true, Unique: true,
	}))
	return w
}

func by(externalID string, w conversion.Write) conversion.Write {
	w.ExternalID = externalID
	return w
}

func beside(account string, w conversion.Write) conversion.Write {
	w.Parent = account
	return w
}

// operations lists what was asked of the org but for describes, as "create 2".
func (w *world) operations() (all []string) {
	for _, r := range w.org.Requests() {
		if r.Operation != "describe" {
			all = append(all, fmt.Sprint(r.Operation, " ", r.Records))
		}
	}
	return all
}

func TestACreateByTheExternalIdFieldIsMadeOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t).keyed("Lead").described()
	if upserts, err := w.gate.Upserts(t.Context(), conversion.Lead); err != nil || !upserts {
		t.Fatalf("upserts %v, %v", upserts, err)
	}
	if upserts, err := w.gate.Upserts(t.Context(), conversion.Contact); err != nil || upserts {
		t.Fatalf("a Contact has no such field: %v, %v", upserts, err)
	}
	first := w.write(by("e-1", newLead("ann@acme.example")), by("e-2", newLead("bob@acme.example")))
	again := w.write(by("e-1", newLead("ann@acme.example")), by("e-3", newLead("cy@acme.example")))
	if first[0].ID == "" || first[0].ID != again[0].ID || again[1].ID == "" {
		t.Errorf("%+v, then %+v", first, again)
	}
	if got, want := w.operations(), []string{"upsert 2", "upsert 2"}; !slices.Equal(got, want) {
		t.Errorf("asked %v, want %v", got, want)
	}
	found, err := w.gate.ByExternalID(t.Context(), w.contacts, conversion.Lead, []string{"e-1", "e-3", "nobody"})
	w.ok(err)
	if !sameIDs(idsOf(found), []string{first[0].ID, again[1].ID}) || found[0].ExternalID == "" || found[0].CreatedBy != w.org.Admin().ID() {
		t.Errorf("found %+v", found)
	}
	if v := w.contacts.ByKey(conversion.ExternalIDField); v != nil {
		t.Errorf("our field became the variable %+v", v)
	}
}

func TestARecordOfOursThatMeetsItselfIsNoDuplicate(t *testing.T) {
	t.Parallel()
	const id = "00Q5g000000abcdEAA"
	l := &listener{answer: func([]map[string]any) (int, string) {
		return http.StatusOK, `[{"success":false,"errors":[{"statusCode":"DUPLICATE_VALUE","message":"duplicate value found: Conversion_Id__c duplicates value on record with id: ` + id + `","fields":["Conversion_Id__c"]}]}]`
	}}
	org := listen(t, l)
	for _, row := range []struct {
		because string
		write   conversion.Write
		want    string
	}{
		{"made for the same entity by a request before", by("e-1", newLead("a@acme.example")), id},
		{"a create that has no id of ours is refused", newLead("a@acme.example"), ""},
	} {
		outcomes, err := org.Write(t.Context(), []conversion.Write{row.write}, conversion.WriteOptions{})
		if err != nil || outcomes[0].ID != row.want || (outcomes[0].Failure == nil) != (row.want != "") {
			t.Errorf("%s: %+v, %v", row.because, outcomes[0], err)
		}
	}
}

func TestAnExternalIdFieldThatIsGoneAsksForAnotherDescribe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	outcomes, err := w.gate.Write(t.Context(), []conversion.Write{by("e-1", newLead("ann@acme.example"))}, conversion.WriteOptions{})
	changed, ok := errors.AsType[*conversion.FieldsChangedError](err)
	if !ok || !slices.Equal(changed.Fields, []string{conversion.ExternalIDField}) || outcomes[0].Sent {
		t.Errorf("%v, %+v", err, outcomes[0])
	}
}

func TestADuplicateRuleSaysWhichRecordsItFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t).keyed("Lead").described()
	there := w.lead("", fields{"LastName": "Known"})
	w.org.SetDuplicateRules(sandbox.DuplicateRule{Object: "Lead", Field: "LastName", Against: []string{"Lead", "Contact"}})
	known := func(email string) conversion.Write {
		return create(conversion.Lead, text("LastName", "Known"), text("Company", "Acme"), text("Email", email))
	}
	var writes []conversion.Write
	for i := range 30 {
		writes = append(writes, known(fmt.Sprintf("p%d@acme.example", i)))
	}
	outcomes := w.write(append(writes, newLead("new@acme.example"), by("e-1", known("q@acme.example")))...)
	for i, o := range outcomes {
		if i == 30 {
			if o.Failure != nil {
				t.Errorf("an only one: %+v", o.Failure)
			}
			continue
		}
		if f := o.Failure; f == nil || !slices.Equal(f.Duplicates, []conversion.Ref{{Object: conversion.Lead, ID: there}}) {
			t.Errorf("write %d: %+v, %+v", i, o, f)
		}
	}
	asked := 0
	for _, r := range w.org.Requests() {
		if r.Operation == "composite" {
			asked++
		}
	}
	if asked != 3 { // 25, 5, and the one that is an upsert
		t.Errorf("%d requests asked for the matches of 31", asked)
	}
}

func TestLockedRecordsAreSentAgainFewerAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var leads []string
	var writes []conversion.Write
	for i := range 4 {
		leads = append(leads, w.lead(fmt.Sprintf("p%d@acme.example", i), nil))
		writes = append(writes, change(conversion.Lead, leads[i], text("Title", "T")))
	}
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "update"}, RecordError: -1, ErrorCode: "UNABLE_TO_LOCK_ROW", Times: 2})
	for i, o := range w.write(writes...) {
		if o.Failure != nil || o.ID != leads[i] {
			t.Errorf("write %d: %+v, %+v", i, o, o.Failure)
		}
	}
	want := []string{"update 4", "update 2", "update 1", "update 1", "update 2"}
	if got := w.operations(); !slices.Equal(got, want) {
		t.Errorf("asked %v, want %v", got, want)
	}
}

func TestARecordThatStaysLockedIsLeftToALaterTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var writes []conversion.Write
	for i := range 100 {
		writes = append(writes, change(conversion.Lead, w.lead(fmt.Sprintf("p%d@acme.example", i), nil), text("Title", "T")))
	}
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "update"}, RecordError: -1, ErrorCode: "UNABLE_TO_LOCK_ROW", Times: -1})
	for i, o := range w.write(writes...) {
		if f := o.Failure; f == nil || !f.Retry {
			t.Errorf("write %d: %+v, %+v", i, o, f)
		}
	}
	if n := w.collections(); n != 33 {
		t.Errorf("%d requests", n)
	}
	w.org.ClearFaults()
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "update"}, Status: 400, ErrorCode: "UNABLE_TO_LOCK_ROW"})
	if o := w.write(writes[0], writes[1]); o[0].Failure != nil || o[1].Failure != nil {
		t.Errorf("after a request that was locked as a whole: %+v", o)
	}
}

func TestRecordsOfOneAccountGoTogether(t *testing.T) {
	t.Parallel()
	l := &listener{answer: allDone}
	_, err := listen(t, l).Write(t.Context(), []conversion.Write{
		beside("001B", change(conversion.Contact, "0035g000000001", text("Title", "1"))),
		beside("001A", change(conversion.Contact, "0035g000000002", text("Title", "2"))),
		change(conversion.Contact, "0035g000000003", text("Title", "3")),
		beside("001B", change(conversion.Contact, "0035g000000004", text("Title", "4"))),
		beside("001A", change(conversion.Contact, "0035g000000005", text("Title", "5"))),
	}, conversion.WriteOptions{})
	if err != nil || len(l.sent) != 1 {
		t.Fatalf("%d requests, %v", len(l.sent), err)
	}
	var got strings.Builder
	for _, r := range l.sent[0].records {
		fmt.Fprint(&got, r["Title"])
	}
	if got.String() != "32514" {
		t.Errorf("sent in the order %s", got.String())
	}
}

func TestDeletionsGoLastAndAccountsLastOfAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.insert("Account", fields{"Name": "Acme"})
	contact := w.insert("Contact", fields{"LastName": "Roe"})
	lead := w.lead("ann@acme.example", nil)
	w.write(remove(conversion.Account, account), remove(conversion.Lead, lead), remove(conversion.Contact, contact), newLead("bob@acme.example"))
	var got []string
	entries, _ := w.org.Log(sandbox.LogFilter{})
	for _, e := range entries[len(entries)-4:] {
		got = append(got, fmt.Sprint(e.Kind, " ", e.Object))
	}
	want := []string{"create Lead", "delete Contact", "delete Lead", "delete Account"}
	if !slices.Equal(got, want) {
		t.Errorf("the org saw %v, want %v", got, want)
	}
}

func TestWhatAUserMadeIsFoundByNameAndTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	made := w.lead("ann@acme.example", fields{"FirstName": "Ann", "LastName": "O'Doe"})
	gone := w.lead("gone@acme.example", fields{"FirstName": "Ann", "LastName": "O'Doe"})
	w.ok(w.org.Delete(w.org.Admin(), gone))
	w.lead("bob@acme.example", fields{"FirstName": "Bob"})
	theirs, err := w.org.Insert(w.org.User("sales@sandbox.test"), "Lead", fields{"FirstName": "Ann", "LastName": "O'Doe", "Company": "Acme"})
	w.ok(err)
	at := conversion.MomentOf(start)
	for _, row := range []struct {
		because string
		q       conversion.MadeQuery
		want    []string
	}{
		{"in time", conversion.MadeQuery{By: w.org.Admin().ID(), Since: at.Add(-time.Minute), Until: at.Add(time.Minute)}, []string{made, gone}},
		{"by another", conversion.MadeQuery{By: w.org.User("sales@sandbox.test").ID(), Since: at.Add(-time.Minute), Until: at.Add(time.Minute)}, []string{theirs}},
		{"before", conversion.MadeQuery{By: w.org.Admin().ID(), Since: at.Add(time.Minute), Until: at.Add(2 * time.Minute)}, nil},
		{"after", conversion.MadeQuery{By: w.org.Admin().ID(), Since: at.Add(-2 * time.Minute), Until: at.Add(-time.Minute)}, nil},
	} {
		row.q.Object, row.q.Names = conversion.Lead, []string{"Ann O'Doe", "Nobody"}
		found, err := w.gate.Made(t.Context(), w.contacts, row.q)
		w.ok(err)
		if !sameIDs(idsOf(found), row.want) {
			t.Errorf("%s: %v, want %v", row.because, idsOf(found), row.want)
		}
	}
}
