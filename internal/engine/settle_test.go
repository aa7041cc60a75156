package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/sandbox"
	"conversion/internal/testkit"
)

// lead inserts a Lead of the e-mail.
func (w *world) lead(email string) string {
	w.t.Helper()
	return w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": email})
}

// person inserts a Contact of the e-mail.
func (w *world) person(email string) string {
	w.t.Helper()
	return w.insert("Contact", map[string]any{"LastName": "Doe", "Email": email})
}

// convert turns a Lead into a Contact, a new one unless the options name one.
func (w *world) convert(lead string, options sandbox.ConvertOptions) string {
	w.t.Helper()
	options.DoNotCreateOpportunity = true
	done, err := w.org.ConvertLead(w.sales, lead, options)
	if err != nil {
		w.t.Fatal(err)
	}
	return done.ContactID
}

func (w *world) merge(winner, loser string) {
	w.t.Helper()
	if _, err := w.org.MergeInto(w.sales, winner, nil, loser); err != nil {
		w.t.Fatal(err)
	}
}

// who says who is who: each contact's or company's key with its records, named as they are
// given.
func (w *world) who(kind conversion.Kind, names map[string]string) string {
	w.t.Helper()
	var said []string
	for _, v := range w.list(kind) {
		var links []string
		for _, l := range v.Links {
			if l.Status == conversion.LinkMoved {
				continue
			}
			name := names[l.Ref.ID]
			if l.Status != conversion.LinkLive {
				name += " " + string(l.Status)
			}
			links = append(links, name)
		}
		slices.Sort(links)
		said = append(said, v.Key+": "+strings.Join(links, ", "))
	}
	slices.Sort(said)
	return strings.Join(said, "; ")
}

func (w *world) wantWho(names map[string]string, want string) {
	w.t.Helper()
	if got := w.who(conversion.KindContact, names); got != want {
		w.t.Errorf("got %s\nwant %s", got, want)
	}
}

// next is a cycle half an hour later.
func (w *world) next() {
	w.t.Helper()
	w.later(30 * time.Minute)
	w.sync()
}

func TestAConvertedLeadsContactJoinsTheLeadsContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.lead("jo@acme.example")
	w.sync()
	id := w.contact("jo@acme.example").ID
	w.later(time.Hour)
	contact := w.convert(lead, sandbox.ConvertOptions{})
	w.update(contact, map[string]any{"Email": "jo@new.example"}) // before anybody reads it
	w.sync()
	names := map[string]string{lead: "lead", contact: "contact"}
	w.wantWho(names, "jo@acme.example: contact, lead converted")
	if got := w.contact("jo@acme.example").ID; got != id {
		t.Errorf("the contact is %s, was %s", got, id)
	}
	w.next()
	w.wantWho(names, "jo@acme.example: contact, lead converted")
}

func TestALeadConvertedIntoAKnownContactCombinesTheTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	account := w.insert("Account", map[string]any{"Name": "Acme"})
	lead := w.lead("jo@private.example")
	contact := w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@acme.example", "AccountId": account, "Title": "Head"})
	w.insert("Task", map[string]any{"Subject": "Call", "WhoId": contact})
	w.sync()
	joined, before := w.contact("jo@private.example").ID, w.contact("jo@acme.example").ID
	w.later(time.Hour)
	w.convert(lead, sandbox.ConvertOptions{AccountID: account, ContactID: contact})
	w.sync()
	w.wantWho(map[string]string{lead: "lead", contact: "contact"}, "jo@private.example: contact, lead converted")
	jo := w.contact("jo@private.example")
	if jo.ID != joined || value(jo, "job_title") != "Head" {
		t.Errorf("the contact is %s with the title %q, want %s with the Contact's", jo.ID, value(jo, "job_title"), joined)
	}
	w.wantNote(jo.ID, "combined with contact "+before+": its lead was converted in Salesforce")
	items, _, err := w.books.Engagements(t.Context(), jo.ID, "", "", 10)
	if err != nil || len(items) != 1 {
		t.Errorf("%d engagements (%v), want the Contact's Task", len(items), err)
	}
	g := w.group(before)
	if g.Entity.Into != joined {
		t.Errorf("the old id leads to %q", g.Entity.Into)
	}
}

// group loads the group of an id.
func (w *world) group(id string) conversion.Group {
	w.t.Helper()
	groups, err := w.books.Groups(w.t.Context(), conversion.GroupQuery{Kind: conversion.KindContact, IDs: []string{id}})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, g := range groups {
		if g.Entity.ID == id {
			return g
		}
	}
	w.t.Fatalf("no entity %s", id)
	return conversion.Group{}
}

func (w *world) wantNote(id, note string) {
	w.t.Helper()
	lines, _, err := w.books.Timeline(w.t.Context(), id, "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	var notes []string
	for _, l := range lines {
		if l.Note == note && !l.From.Zero() && l.RunID != "" {
			return
		}
		notes = append(notes, l.Note)
	}
	w.t.Errorf("the timeline does not say %q with a record and a run, but %q", note, notes)
}

func TestWhatAConversionCopiesIsTheLeadsClaim(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.sync()
	w.later(time.Hour)
	w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head"})
	w.later(time.Hour)
	w.convert(lead, sandbox.ConvertOptions{})
	w.sync()
	if got := value(w.contact("jo@acme.example"), "job_title"); got != "Head" {
		t.Errorf("the title is %q: the copy counts as somebody's newer choice", got)
	}
}

func TestAnEditThatWasToGoToTheLeadGoesToItsContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.rules(updateAll)
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.sync()
	w.later(time.Hour)
	contact := w.convert(lead, sandbox.ConvertOptions{})
	w.later(time.Minute)
	w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head"})
	w.sync()
	w.later(10 * time.Minute)
	w.sync()
	w.next()
	if got := w.field(contact, "Title"); got != "Head" {
		t.Errorf("the Contact's title is %v, want the edit made before it was known", got)
	}
}

func TestAContactWithoutAnEmailIsKnownByItsLead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.lead("jo@acme.example")
	w.sync()
	w.later(time.Hour)
	contact := w.convert(lead, sandbox.ConvertOptions{})
	w.update(contact, map[string]any{"Email": ""})
	w.sync()
	w.wantWho(map[string]string{lead: "lead", contact: "contact"}, "jo@acme.example: contact, lead converted")
}

func TestAMergeKeepsBothContactsOrCombinesThem(t *testing.T) {
	t.Parallel()
	for on, want := range map[conversion.OnMerge]string{
		conversion.MergeKeep:    "a@acme.example: loser merged; b@acme.example: winner",
		conversion.MergeCombine: "b@acme.example: loser merged, winner",
	} {
		w := newWorld(t, testkit.SQLite(t))
		w.options(func(o *conversion.Options) { o.OnMerge = on })
		loser, winner := w.lead("a@acme.example"), w.lead("b@acme.example")
		w.sync()
		w.later(time.Hour)
		w.merge(winner, loser)
		w.sync()
		w.wantWho(map[string]string{loser: "loser", winner: "winner"}, want)
	}
}

func TestAWinnerThatNobodyKnewJoinsTheLosersContact(t *testing.T) {
	t.Parallel()
	for because, email := range map[string]string{"without an e-mail": "", "of another e-mail": "b@acme.example"} {
		w := newWorld(t, testkit.SQLite(t))
		loser := w.lead("a@acme.example")
		w.sync()
		w.later(time.Hour)
		winner := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme"})
		w.merge(winner, loser)
		w.update(winner, map[string]any{"Email": email})
		w.sync()
		if got, want := w.who(conversion.KindContact, map[string]string{loser: "loser", winner: "winner"}), "a@acme.example: loser merged, winner"; got != want {
			t.Errorf("%s: got %s, want %s", because, got, want)
		}
	}
}

func TestSwappedEmailsAreSwapped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	one, two := w.lead("a@acme.example"), w.person("b@acme.example")
	w.sync()
	a, b := w.contact("a@acme.example").ID, w.contact("b@acme.example").ID
	w.later(time.Hour)
	w.update(one, map[string]any{"Email": "b@acme.example"})
	w.update(two, map[string]any{"Email": "a@acme.example"})
	w.sync()
	if w.contact("a@acme.example").ID != b || w.contact("b@acme.example").ID != a {
		t.Error("the contacts did not swap their e-mails")
	}
	if n, err := w.books.HeldCount(t.Context()); err != nil || n != 0 {
		t.Errorf("%d are held (%v)", n, err)
	}
}

func TestEmailsArePassedOnAlongAChain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	one, two, three := w.lead("a@acme.example"), w.person("b@acme.example"), w.lead("c@acme.example")
	w.sync()
	w.later(time.Hour)
	w.update(one, map[string]any{"Email": "b@acme.example"})
	w.update(two, map[string]any{"Email": "c@acme.example"})
	w.update(three, map[string]any{"Email": "d@acme.example"})
	w.sync()
	w.wantWho(map[string]string{one: "one", two: "two", three: "three"},
		"b@acme.example: one; c@acme.example: two; d@acme.example: three")
}

func TestARecordWhoseEmailIsTakenGoesThereAndItsContactIsCombined(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	one := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "a@acme.example", "Title": "Clerk"})
	two := w.person("b@acme.example")
	w.sync()
	old := w.contact("a@acme.example").ID
	w.later(time.Hour)
	w.edit(old, map[string]any{"city": "Oslo"})
	w.update(one, map[string]any{"Email": "b@acme.example"})
	w.sync()
	w.wantWho(map[string]string{one: "one", two: "two"}, "b@acme.example: one, two")
	b := w.contact("b@acme.example")
	if value(b, "city") != "Oslo" || value(b, "job_title") != "Clerk" {
		t.Errorf("city %q, title %q: the contact's own and its record's claims do not follow", value(b, "city"), value(b, "job_title"))
	}
	w.wantNote(b.ID, "combined with contact "+old+": its last record got the e-mail or website of this one")
}

func TestARecordThatMovesTakesItsClaimsAlongAndLeavesItsOptOuts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	one := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "a@acme.example", "Title": "Clerk", "HasOptedOutOfEmail": true})
	two := w.person("a@acme.example")
	w.sync()
	w.later(time.Hour)
	w.update(one, map[string]any{"Email": "b@acme.example"})
	w.sync()
	names := map[string]string{one: "one", two: "two"}
	w.wantWho(names, "a@acme.example: two; b@acme.example: one")
	a, b := w.contact("a@acme.example"), w.contact("b@acme.example")
	if value(a, "job_title") != "" || value(b, "job_title") != "Clerk" {
		t.Errorf("titles %q and %q, want it only where the record is", value(a, "job_title"), value(b, "job_title"))
	}
	if value(a, "email_opt_out") != "true" || value(b, "email_opt_out") != "true" {
		t.Errorf("opt-outs %q and %q, want both", value(a, "email_opt_out"), value(b, "email_opt_out"))
	}
	w.wantNote(a.ID, "moved to another by its e-mail or website")
	w.next()
	w.update(one, map[string]any{"Email": "a@acme.example"})
	w.next()
	w.wantWho(names, "a@acme.example: one, two")
}

func TestAnEmailOfADeletedContactIsIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	one, two := w.lead("a@acme.example"), w.lead("b@acme.example")
	w.sync()
	gone := w.contact("b@acme.example")
	w.delete([]directory.View{gone})
	w.later(time.Hour)
	w.update(one, map[string]any{"Email": "b@acme.example"})
	w.sync()
	w.wantWho(map[string]string{one: "one", two: "two"}, "a@acme.example: ")
	if l := w.group(gone.ID).Link(conversion.Ref{Object: conversion.Lead, ID: one}); l == nil || l.State != conversion.LinkIgnored {
		t.Errorf("the record is %+v, want ignored", l)
	}
}

func TestAnEmptiedEmailIsHeldUntilThereIsOneAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	one := w.lead("a@acme.example")
	names := map[string]string{one: "one"}
	w.sync()
	w.later(time.Hour)
	w.update(one, map[string]any{"Email": ""})
	w.sync()
	w.wantWho(names, "a@acme.example: one held")
	if n, err := w.books.HeldCount(t.Context()); err != nil || n != 1 {
		t.Errorf("%d are held (%v), want the record", n, err)
	}
	w.next()
	w.update(one, map[string]any{"Email": "b@acme.example"})
	w.next()
	w.wantWho(names, "b@acme.example: one")
	if n, err := w.books.HeldCount(t.Context()); err != nil || n != 0 {
		t.Errorf("%d are held (%v) still", n, err)
	}
}

func TestAWholeDomainIsRebranded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	const people = 300
	records, ids := make([]string, people), make([]string, people)
	account := w.insert("Account", map[string]any{"Name": "Acme", "Website": "old.example"})
	for i := range people {
		records[i] = w.lead(fmt.Sprintf("p%d@old.example", i))
	}
	w.sync()
	for _, v := range w.list(conversion.KindContact) {
		ids[slices.Index(records, v.Links[0].Ref.ID)] = v.ID
	}
	company := w.list(conversion.KindCompany)[0].ID
	w.later(time.Hour)
	for i, id := range records {
		w.update(id, map[string]any{"Email": fmt.Sprintf("p%d@new.example", i)})
	}
	w.update(account, map[string]any{"Website": "https://www.new.example/"})
	w.sync()
	found := w.list(conversion.KindContact)
	if len(found) != people {
		t.Fatalf("%d contacts, want %d", len(found), people)
	}
	for _, v := range found {
		i := slices.Index(ids, v.ID)
		if i < 0 || v.Key != fmt.Sprintf("p%d@new.example", i) || v.CompanyID != company {
			t.Fatalf("contact %d is %s of company %q", i, v.Key, v.CompanyID)
		}
	}
	if firms := w.list(conversion.KindCompany); len(firms) != 1 || firms[0].Key != "new.example" {
		t.Errorf("companies %+v", firms)
	}
}

func TestCompaniesWhoseDomainsMeetAreCombined(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	one := w.insert("Account", map[string]any{"Name": "Acme Ltd", "Website": "acme.test"})
	two := w.insert("Account", map[string]any{"Name": "Acme Inc", "Website": "acme.example"})
	w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@mail.test", "AccountId": one})
	w.sync()
	w.later(time.Hour)
	w.update(one, map[string]any{"Website": "http://www.acme.example:8080/about"})
	w.sync()
	names := map[string]string{one: "one", two: "two"}
	if got, want := w.who(conversion.KindCompany, names), "acme.example: one, two"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := w.contact("jo@mail.test").CompanyID, w.list(conversion.KindCompany)[0].ID; got != want {
		t.Errorf("the contact is of company %q, want %q", got, want)
	}
}

func TestContactsGoWithTheirAccountToAnotherCompany(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	goes := w.insert("Account", map[string]any{"Name": "Acme Ltd", "Website": "acme.test"})
	stays := w.insert("Account", map[string]any{"Name": "Acme GmbH", "Website": "acme.test"})
	w.insert("Account", map[string]any{"Name": "Other", "Website": "other.test"})
	w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "goes@mail.test", "AccountId": goes})
	w.insert("Contact", map[string]any{"LastName": "Roe", "Email": "stays@mail.test", "AccountId": stays})
	w.sync()
	w.later(time.Hour)
	w.update(goes, map[string]any{"Website": "other.test"})
	w.sync()
	w.sync() // the next push brings it to what is stored
	byKey := make(map[string]string)
	for _, c := range w.list(conversion.KindCompany) {
		byKey[c.Key] = c.ID
	}
	for email, company := range map[string]string{"goes@mail.test": "other.test", "stays@mail.test": "acme.test"} {
		if got := w.contact(email).CompanyID; got != byKey[company] {
			t.Errorf("the contact %s is of company %q, want that of %s", email, got, company)
		}
	}
}

func TestAContactWhoseAccountIsTakenAwayIsOfTheCompanyOfItsEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	account := w.insert("Account", map[string]any{"Name": "Acme", "Website": "acme.test"})
	w.insert("Account", map[string]any{"Name": "Other", "Website": "other.test"})
	derived := w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@other.test", "AccountId": account})
	nobodys := w.insert("Contact", map[string]any{"LastName": "Roe", "Email": "al@nobody.test", "AccountId": account})
	w.sync()
	w.later(time.Hour)
	for _, id := range []string{derived, nobodys} {
		w.update(id, map[string]any{"AccountId": nil})
	}
	w.sync()
	byKey := map[string]string{"": ""}
	for _, c := range w.list(conversion.KindCompany) {
		byKey[c.Key] = c.ID
	}
	for email, company := range map[string]string{"jo@other.test": "other.test", "al@nobody.test": ""} {
		if got := w.contact(email).CompanyID; got != byKey[company] {
			t.Errorf("%s is of company %q, want %q", email, got, byKey[company])
		}
	}
}

func TestAStopBeforeItIsDecidedWhoIsWhoLosesNothing(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"settle who is who", "commit"} {
		for n := 1; n <= 4; n++ {
			w := newWorld(t, testkit.SQLite(t))
			one, two, lead := w.lead("a@acme.example"), w.person("b@acme.example"), w.lead("jo@acme.example")
			w.sync()
			w.later(time.Hour)
			w.update(one, map[string]any{"Email": "b@acme.example"})
			w.update(two, map[string]any{"Email": "a@acme.example"})
			contact := w.convert(lead, sandbox.ConvertOptions{})
			stopAt(w, step, n)
			if err := w.engine.Cycle(t.Context(), workspace); err == nil && n == 1 {
				t.Errorf("it was not stopped at %q", step)
			}
			w.step = nil
			w.later(24 * time.Hour) // everything lies behind the cursors' overlap
			w.lead("new@acme.example")
			w.sync()
			names := map[string]string{one: "one", two: "two", lead: "lead", contact: "contact"}
			w.wantWho(names, "a@acme.example: two; b@acme.example: one; jo@acme.example: contact, lead converted; new@acme.example: ")
		}
	}
}

func TestPagesInAnyOrderGiveOneResult(t *testing.T) {
	t.Parallel()
	var results []string
	for _, size := range []int{1, 2, 3, 2000} {
		w := newWorld(t, testkit.SQLite(t))
		w.config.Page = size
		w.engine = engine.New(w.config)
		a, b, c, d := w.lead("a@acme.example"), w.person("a@acme.example"), w.lead("c@acme.example"), w.lead("d@acme.example")
		w.sync()
		w.later(time.Hour)
		names := map[string]string{a: "a", b: "b", c: "c", d: "d"}
		for _, change := range []func(){
			func() { w.update(c, map[string]any{"Email": "x@acme.example"}) },
			func() { names[w.person("c@acme.example")] = "new c" },
			func() { names[w.lead("x@acme.example")] = "new x" },
			func() { w.update(b, map[string]any{"Email": "d@acme.example"}) },
			func() { names[w.convert(d, sandbox.ConvertOptions{})] = "d's" },
			func() { w.update(a, map[string]any{"Email": "c@acme.example"}) },
		} {
			w.later(time.Second)
			change()
		}
		w.later(time.Minute)
		w.sync()
		results = append(results, w.who(conversion.KindContact, names))
	}
	for _, got := range results {
		if got != results[0] {
			t.Errorf("with other pages\n%s\nnot\n%s", got, results[0])
		}
	}
}

func TestNothingIsPendingAtRestAndAnIdleCycleAsksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	one, lead := w.lead("a@acme.example"), w.lead("jo@acme.example")
	w.sync()
	w.later(time.Hour)
	w.update(one, map[string]any{"Email": "b@acme.example"})
	w.convert(lead, sandbox.ConvertOptions{})
	w.sync()
	settled := 0
	w.step = func(name string) error {
		if name == "settle who is who" {
			settled++
		}
		return nil
	}
	version := w.group(w.contact("b@acme.example").ID).Entity.Version
	w.later(10 * time.Minute) // the overlap shows all of it again
	w.sync()
	if settled != 0 || w.group(w.contact("b@acme.example").ID).Entity.Version != version {
		t.Errorf("settled %d times at rest", settled)
	}
}

func TestARecordThatIsHeldOnceItIsDecidedIsCountedByItsRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.lead("jo@acme.example")
	w.sync()
	w.later(time.Hour)
	w.update(lead, map[string]any{"Email": ""})
	w.sync()
	runs, _, err := w.books.Runs(t.Context(), conversion.RunFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	for _, r := range runs {
		held += r.Counts.Held
	}
	if held != 1 {
		t.Errorf("%d records are counted as held", held)
	}
}

func TestAChosenCompanyThatWasCombinedIsTheOneItWasCombinedInto(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.insert("Account", map[string]any{"Name": "Old", "Website": "old.example"})
	w.insert("Account", map[string]any{"Name": "New", "Website": "new.example"})
	lead := w.lead("jo@acme.example")
	w.sync()
	w.later(time.Minute)
	ids := make(map[string]string)
	for _, v := range w.list(conversion.KindCompany) {
		ids[v.Key] = v.ID
	}
	old, jo := ids["old.example"], w.contact("jo@acme.example")
	if _, err := w.directory.Update(t.Context(), workspace, conversion.KindContact, jo.ID, user, directory.Patch{CompanyID: &old}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.directory.Combine(t.Context(), workspace, conversion.KindCompany, old, ids["new.example"], user); err != nil {
		t.Fatal(err)
	}
	w.later(time.Hour)
	w.update(lead, map[string]any{"Title": "Head"}) // its contact is resolved anew
	w.sync()
	groups, err := w.books.Groups(t.Context(), conversion.GroupQuery{Kind: conversion.KindContact, IDs: []string{jo.ID}})
	if err != nil || groups[0].Entity.Company != ids["new.example"] {
		t.Errorf("the company is %s, want %s; %v", groups[0].Entity.Company, ids["new.example"], err)
	}
}
