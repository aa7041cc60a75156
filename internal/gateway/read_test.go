package gateway_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/sandbox"
	"conversion/internal/sandbox/schema"
)

func TestARecordIsReadWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	id := w.lead(" Ann@ACME.com ", fields{"FirstName": "Ann", "Title": "CTO", "City": "Bern", "HasOptedOutOfEmail": true, "AnnualRevenue": 1200000})

	r := w.one(w.contacts, conversion.Lead, id)
	if r.Key != "ann@acme.com" || !r.KeyRead || r.Name != "Ann Doe" || !r.Live() || r.Person {
		t.Errorf("%+v", r)
	}
	at := conversion.MomentOf(start)
	if r.Reading.Modstamp != at || r.Reading.Modified != at || r.Created != at || r.ModifiedBy != w.org.Admin().ID() {
		t.Errorf("when and by whom: %+v", r)
	}
	if off := r.Reading.Asked.Sub(at).Abs(); off > time.Second {
		t.Errorf("asked %s off", off)
	}
	revenue, err := conversion.Number("1200000.0")
	w.ok(err)
	for key, want := range map[string]conversion.Value{
		"email": conversion.Text("ann@acme.com"), "first_name": conversion.Text("Ann"), "job_title": conversion.Text("CTO"),
		"city": conversion.Text("Bern"), "email_opt_out": conversion.Bool(true), "do_not_call": conversion.Bool(false),
		"phone": conversion.Null, "annual_revenue": revenue, "company_name": conversion.Text("Acme"),
	} {
		if got := w.value(r, key); got != want {
			t.Errorf("%s is %#v, want %#v", key, got, want)
		}
	}
	if !slices.IsSortedFunc(r.Fields, func(a, b conversion.FieldValue) int { return int(a.Var - b.Var) }) {
		t.Error("the fields are not in the order of their variables")
	}
}

func TestALaterReadingIsLaterThoughTheOrgsClockGoesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	id := w.lead("ann@acme.com", nil)
	first := w.one(w.contacts, conversion.Lead, id)
	w.org.Clock().Advance(-10 * time.Second)
	for range 3 {
		again := w.one(w.contacts, conversion.Lead, id)
		if again.Reading.Compare(first.Reading) <= 0 {
			t.Fatalf("read later at %s than at %s", again.Reading.Asked, first.Reading.Asked)
		}
		first = again
	}
}

func TestTimesAreSalesforces(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	w.org.Clock().Advance(3 * time.Hour)
	w = w.described()
	id := w.lead("ann@acme.com", nil)
	r := w.one(w.contacts, conversion.Lead, id)
	if r.Reading.Modified != r.Reading.Modstamp {
		t.Errorf("modified at %s, want %s: three hours to come for us are not for Salesforce", r.Reading.Modified, r.Reading.Modstamp)
	}
	if off := w.gate.ClockOffset() - 3*time.Hour; off.Abs() > 2*time.Second {
		t.Errorf("Salesforce's clock is told %s wrong", off)
	}
	if used, limit, at := w.gate.Usage(); at == 0 || used == 0 || limit == 0 {
		t.Errorf("requests of the day: %d of %d", used, limit)
	}
}

func TestPagesLoseAndRepeatNothingWithinASecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	var want []string
	for i := range 7 {
		want = append(want, w.lead(fmt.Sprintf("p%d@acme.com", i), nil))
	}
	w.ok(w.org.Delete(w.org.Admin(), want[3]))
	got := w.changes(w.contacts, conversion.Lead, 2)
	if !sameIDs(idsOf(got), want) {
		t.Errorf("read %v, want %v", idsOf(got), want)
	}
	for _, r := range got {
		if r.Deleted != (r.Ref.ID == want[3]) {
			t.Errorf("%s: deleted %v", r.Ref, r.Deleted)
		}
	}
	n, err := w.gate.Count(t.Context(), conversion.Lead, conversion.Cursor{})
	if err != nil || n != len(want) {
		t.Errorf("counted %d, %v", n, err)
	}
	last := got[4]
	n, err = w.gate.Count(t.Context(), conversion.Lead, conversion.Cursor{Modstamp: last.Reading.Modstamp, ID: last.Ref.ID})
	if err != nil || n != 2 {
		t.Errorf("%d come after the fifth, %v", n, err)
	}
}

func TestConversionsAndMergesAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	lead, winner, loser := w.lead("ann@acme.com", nil), w.lead("bob@acme.com", nil), w.lead("bob@acme.org", nil)
	made, err := w.org.ConvertLead(w.org.Admin(), lead, sandbox.ConvertOptions{})
	w.ok(err)
	w.ok(w.org.Merge(w.org.Admin(), winner, loser))

	r := w.one(w.contacts, conversion.Lead, lead)
	if !r.Converted || r.ConvertedContactID != made.ContactID || r.ConvertedAccountID != made.AccountID || r.Deleted {
		t.Errorf("the converted lead: %+v", r)
	}
	if r := w.one(w.contacts, conversion.Lead, loser); !r.Deleted || r.MasterID != winner {
		t.Errorf("the loser: %+v", r)
	}
	if r := w.one(w.contacts, conversion.Lead, winner); !r.Live() || r.MasterID != "" {
		t.Errorf("the winner: %+v", r)
	}
	if got := w.one(w.contacts, conversion.Contact, made.ContactID); w.value(got, "account_id") != conversion.Text(made.AccountID) {
		t.Errorf("the contact: %+v", got)
	}
}

func TestWhatCannotBeSeenIsLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	id := w.lead("ann@acme.com", nil)
	if got := w.read(w.contacts, conversion.Lead, id, "00Q5g00000ZZZZZ", id); !slices.Equal(idsOf(got), []string{id}) {
		t.Errorf("%v", idsOf(got))
	}
	if got := w.read(w.contacts, conversion.Lead); len(got) != 0 {
		t.Errorf("nothing asked for: %v", idsOf(got))
	}
}

func TestCompaniesAreKnownByTheirDomain(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	website := func(url string) string { return w.insert("Account", fields{"Name": "Acme", "Website": url}) }
	acme, shouted := website("https://www.acme.com/about"), website("HTTP://ACME.com:8080")
	website("notacme.com")
	website("acme.com.example.org")
	page := website("https://www.facebook.com/acme.com")
	letters := website("https://bücher.example/acme")
	w.insert("Account", fields{"Name": "No website"})

	got, err := w.gate.ByKey(t.Context(), w.companies, []string{"acme.com", "xn--bcher-kva.example"})
	w.ok(err)
	if !sameIDs(idsOf(got), []string{acme, shouted, letters}) {
		t.Errorf("found %v", idsOf(got))
	}
	if r := w.one(w.companies, conversion.Account, page); r.Key != "" || !r.KeyRead {
		t.Errorf("a page of a social network has the domain %q", r.Key)
	}
}

func TestPeopleAreFoundByEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	lead := w.lead("Ann@Acme.com", nil)
	contact := w.insert("Contact", fields{"LastName": "Doe", "Email": "ann@acme.com"})
	converted, deleted := w.lead("bob@acme.com", nil), w.lead("ann@acme.com", nil)
	w.lead("ann@acme.company", nil)
	second, err := w.org.ConvertLead(w.org.Admin(), converted, sandbox.ConvertOptions{})
	w.ok(err)
	w.ok(w.org.Delete(w.org.Admin(), deleted))

	keys := []string{"ann@acme.com", "bob@acme.com", "", "o'hara@acme.com"}
	for i := range 500 {
		keys = append(keys, fmt.Sprintf("nobody.with.a.long.name+%d@acme.example", i))
	}
	got, err := w.gate.ByKey(t.Context(), w.contacts, keys)
	w.ok(err)
	if !sameIDs(idsOf(got), []string{lead, contact, second.ContactID}) {
		t.Errorf("found %v", idsOf(got))
	}
}

func TestNobodyIsTakenForNobodyWhenEmailsAreHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	id := w.insert("Contact", fields{"LastName": "Doe", "Email": "ann@acme.com"})
	w.ok(w.org.HideField("Contact", "Email", true))
	w = w.described()
	_, err := w.gate.ByKey(t.Context(), w.contacts, []string{"ann@acme.com"})
	if conversion.ErrorCode(err) != conversion.CodeForbidden {
		t.Errorf("%v", err)
	}
	if r := w.one(w.contacts, conversion.Contact, id); r.KeyRead {
		t.Errorf("%+v", r)
	}
}

func TestAFieldThatWasHiddenAsksForADescribe(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	w.lead("ann@acme.com", nil)
	w.ok(w.org.HideField("Lead", "Industry", true))

	_, err := w.gate.Changes(t.Context(), w.contacts, conversion.Lead, conversion.Cursor{}, 10)
	changed, ok := errors.AsType[*conversion.FieldsChangedError](err)
	if !ok || changed.Object != conversion.Lead || !slices.Equal(changed.Fields, []string{"Industry"}) {
		t.Fatalf("%v", err)
	}
	if got := w.described().changes(w.contacts, conversion.Lead, 10); len(got) != 1 || !w.value(got[0], "industry").Absent() {
		t.Errorf("after describing again: %+v", got)
	}
}

// widen gives Leads so many fields that no query of all of them fits a URI.
func (w *world) widen() (last string) {
	w.Helper()
	for i := range 400 {
		last = fmt.Sprintf("A_field_name_that_is_as_long_as_they_%03d__c", i)
		w.ok(w.org.AddField("Lead", schema.Field{Name: last, Label: last, Type: schema.String, Length: 20, Nillable: true, Createable: true, Updateable: true, Custom: true}))
	}
	return last
}

func TestObjectsTooWideForAURIAreReadInParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	last := w.widen()
	w.described()
	var want []string
	for i := range 5 {
		want = append(want, w.lead(fmt.Sprintf("p%d@acme.com", i), fields{last: fmt.Sprint("value ", i)}))
	}
	for _, records := range [][]conversion.Record{w.changes(w.contacts, conversion.Lead, 2), w.read(w.contacts, conversion.Lead, want...)} {
		if !sameIDs(idsOf(records), want) {
			t.Errorf("read %v, want %v", idsOf(records), want)
		}
		for _, r := range records {
			number := strings.TrimSuffix(strings.TrimPrefix(r.Key, "p"), "@acme.com")
			if got := w.value(r, last); got != conversion.Text("value "+number) {
				t.Errorf("%s has %#v", r.Key, got)
			}
		}
	}
}

func TestARecordThatChangesBetweenThePartsIsReadAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	last := w.widen()
	w.described()
	ann, bob := w.lead("ann@acme.com", fields{last: "old"}), w.lead("bob@acme.com", nil)
	change := func(to string) {
		w.org.Clock().Advance(time.Minute)
		w.update(ann, fields{last: to, "Title": to})
	}
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "query"}, Nth: 2, Before: func() { change("new") }})

	page, err := w.gate.Changes(t.Context(), w.contacts, conversion.Lead, conversion.Cursor{}, 10)
	w.ok(err)
	if !slices.Equal(idsOf(page.Records), []string{bob}) || !page.More {
		t.Errorf("read %v, more %v", idsOf(page.Records), page.More)
	}
	page, err = w.gate.Changes(t.Context(), w.contacts, conversion.Lead, page.Next, 10)
	w.ok(err)
	if !slices.Equal(idsOf(page.Records), []string{ann}) || page.More {
		t.Errorf("then read %v, more %v", idsOf(page.Records), page.More)
	}

	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "query"}, Nth: 2, Before: func() { change("newer") }})
	r := w.one(w.contacts, conversion.Lead, ann)
	if w.value(r, last) != conversion.Text("newer") || w.value(r, "job_title") != conversion.Text("newer") {
		t.Errorf("read by id: %#v, %#v", w.value(r, last), w.value(r, "job_title"))
	}
}
