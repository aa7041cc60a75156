package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/sandbox"
	"conversion/internal/sandbox/schema"
	"conversion/internal/testkit"
)

// creating is a world in which new contacts become Leads and new companies Accounts.
func creating(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(createLeads)
	return w
}

func createLeads(r *conversion.Rules) {
	r.ContactsCreated, r.ContactsUpdated, r.ContactsDeleted = conversion.TargetLeads, conversion.TargetAll, conversion.TargetAll
	r.CompaniesCreated, r.CompaniesDeleted = conversion.TargetCompanies, conversion.TargetCompanies
	r.Defaults = map[string]string{"Lead.Company": "Unknown"}
}

// keyed deploys our External Id field to the org.
func (w *world) keyed() *world {
	w.t.Helper()
	for _, object := range []string{"Lead", "Contact", "Account"} {
		if err := w.org.AddField(object, schema.Field{
			Name: conversion.ExternalIDField, Label: "Conversion ID", Type: schema.String, Length: 36, Nillable: true,
			Createable: true, Updateable: true, Custom: true, ExternalID: true, Unique: true,
		}); err != nil {
			w.t.Fatal(err)
		}
	}
	w.later(2 * time.Hour)
	w.sync()
	return w
}

// jo is a new contact.
func (w *world) jo() directory.View {
	w.t.Helper()
	return w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"first_name": "Jo", "last_name": "Doe"}})
}

func (w *world) company(d directory.Draft) directory.View {
	w.t.Helper()
	results, err := w.directory.Upsert(w.t.Context(), workspace, conversion.KindCompany, user, []directory.Draft{d})
	if err != nil || results[0].Err != nil {
		w.t.Fatal(err, results[0].Err)
	}
	return results[0].View
}

// deleteAll deletes contacts or companies as a user would.
func (w *world) deleteAll(k conversion.Kind, views ...directory.View) {
	w.t.Helper()
	for _, v := range views {
		if err := w.directory.Delete(w.t.Context(), workspace, k, v.ID, user, false); err != nil {
			w.t.Fatal(err)
		}
	}
}

// pushLosing pushes although a request of it gets no answer.
func (w *world) pushLosing() {
	w.t.Helper()
	if err := w.engine.Push(w.t.Context(), workspace); err == nil {
		w.t.Fatal("a lost answer is no error")
	}
}

// made counts the records of an object that were ever created.
func (w *world) made(object string) int {
	entries, _ := w.org.Log(sandbox.LogFilter{Object: object})
	n := 0
	for _, e := range entries {
		if e.Kind == sandbox.KindCreate {
			n++
		}
	}
	return n
}

// links are the records a contact is linked to, by their states.
func (w *world) links(email string) []conversion.LinkState {
	w.t.Helper()
	var states []conversion.LinkState
	for _, l := range w.contact(email).Links {
		states = append(states, l.Status)
	}
	return states
}

// linkedOnce fails unless exactly one lead was made and the contact has it.
func (w *world) linkedOnce(because, email string) {
	w.t.Helper()
	if n, links := w.made("Lead"), w.links(email); n != 1 || len(links) != 1 {
		w.t.Errorf("%s: %d leads were made, the contact has the links %v", because, n, links)
	}
}

func (w *world) heldCodes() (codes []string) {
	w.t.Helper()
	held, _, err := w.books.Held(w.t.Context(), conversion.HeldFilter{Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range held {
		codes = append(codes, h.Code+": "+h.Message)
	}
	return codes
}

var lostCreate = sandbox.Match{Method: "POST", Path: "/services/data/v62.0/composite/sobjects"}

func TestWithTheExternalIdFieldALostAnswerIsMadeGoodAtOnce(t *testing.T) {
	t.Parallel()
	w := creating(t).keyed()
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "upsert"}, Drop: sandbox.DropAfter})
	jo := w.jo()
	w.pushLosing()
	w.later(time.Minute)
	w.push()
	w.linkedOnce("a minute later", "jo@acme.example")
	if got := w.field(w.contact("jo@acme.example").Links[0].Ref.ID, conversion.ExternalIDField); got != jo.ID {
		t.Errorf("the lead holds %v, want the contact's id", got)
	}
}

func TestWithTheExternalIdFieldARequestThatWasNeverSentIsSentAgainAtOnce(t *testing.T) {
	t.Parallel()
	w := creating(t).keyed()
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "upsert"}, Drop: sandbox.DropBefore})
	w.jo()
	w.pushLosing()
	w.later(time.Minute)
	w.push()
	w.linkedOnce("a minute later", "jo@acme.example")
}

func TestWhatAnUpsertSentIsUndoneByNoneThatLandsLate(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		wait    time.Duration // before it is edited
	}{{"it was edited before it was sent again", 0}, {"it was edited once the second was answered", time.Minute}} {
		w := creating(t).keyed()
		w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "upsert"}, CommitAfter: 7 * time.Minute})
		jo := w.jo()
		w.pushLosing()
		w.later(row.wait)
		if row.wait > 0 {
			w.push()
		}
		w.edit(jo.ID, map[string]any{"first_name": nil, "last_name": "Lee"})
		for range 15 {
			w.later(time.Minute)
			w.push()
		}
		w.sync()
		w.linkedOnce(row.because, "jo@acme.example")
		here := w.contact("jo@acme.example")
		lead := here.Links[0].Ref.ID
		if first, last := w.field(lead, "FirstName"), w.field(lead, "LastName"); first != nil || last != "Lee" || value(here, "first_name") != "" || value(here, "last_name") != "Lee" {
			t.Errorf("%s: the lead is called %v %v, the contact %q %q", row.because, first, last, value(here, "first_name"), value(here, "last_name"))
		}
	}
}

func TestALateCommitMakesNoSecondRecord(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		keyed   bool
		takes   time.Duration // the request
		fault   sandbox.Fault
	}{
		{"committed minutes after the answer was lost", false, 0, sandbox.Fault{CommitAfter: 9 * time.Minute}},
		{"the wait counts from the end of the request", false, 4 * time.Minute, sandbox.Fault{CommitAfter: 9 * time.Minute}},
		{"by the External Id field, tried again before it", true, 0, sandbox.Fault{CommitAfter: 9 * time.Minute}},
	} {
		w := creating(t)
		if row.keyed {
			w.keyed()
		}
		row.fault.Before = func() { w.later(row.takes) }
		row.fault.Match = sandbox.Match{Object: "Lead", Writes: true}
		w.org.Fault(row.fault)
		w.jo()
		w.pushLosing()
		for range 25 {
			w.later(time.Minute)
			if err := w.engine.Push(t.Context(), workspace); err != nil {
				t.Fatalf("%s: %v", row.because, err)
			}
		}
		w.linkedOnce(row.because, "jo@acme.example")
	}
}

func TestWhatSalesforceShowsLateIsNeitherLostNorMadeTwice(t *testing.T) {
	t.Parallel()
	w := creating(t)
	w.org.SetVisibilityDelay(3 * time.Minute)
	jo := w.jo()
	w.push()
	for range 6 {
		w.later(time.Minute)
		w.push()
	}
	w.sync()
	w.linkedOnce("created", "jo@acme.example")
	lead := w.contact("jo@acme.example").Links[0].Ref.ID
	w.edit(jo.ID, map[string]any{"job_title": "First"})
	w.later(5 * time.Minute)
	w.push()
	w.later(5 * time.Minute)
	w.sync()
	w.edit(jo.ID, map[string]any{"job_title": "Second"})
	w.push() // the read-back still shows the first
	for range 20 {
		w.later(time.Minute)
		w.push()
	}
	w.sync()
	if got, here := w.field(lead, "Title"), value(w.contact("jo@acme.example"), "job_title"); got != "Second" || here != "Second" {
		t.Errorf("the lead's title is %v, the contact's %q", got, here)
	}
}

func TestACreateWithoutAnAnswerIsKnownByCreatorTimeAndName(t *testing.T) {
	t.Parallel()
	w := creating(t)
	w.org.Fault(sandbox.Fault{Match: lostCreate, Drop: sandbox.DropAfter})
	w.jo()
	w.pushLosing()
	entries, _ := w.org.Log(sandbox.LogFilter{Object: "Lead"})
	w.update(entries[len(entries)-1].Record, map[string]any{"Email": "other@acme.example"})
	w.later(11 * time.Minute)
	w.push()
	if n := w.made("Lead"); n != 1 {
		t.Errorf("%d leads were made", n)
	}
	w.later(time.Minute)
	w.sync()
	if links := w.links("other@acme.example"); len(links) != 1 || len(w.list(conversion.KindContact)) != 1 {
		t.Errorf("the contact has the links %v, of %d contacts", links, len(w.list(conversion.KindContact)))
	}
}

func TestACreateWithoutAnAnswerIsLookedForByTheEmailThatItSent(t *testing.T) {
	t.Parallel()
	w := creating(t)
	w.org.Fault(sandbox.Fault{Match: lostCreate, Drop: sandbox.DropAfter})
	jo := w.jo()
	w.pushLosing()
	entries, _ := w.org.Log(sandbox.LogFilter{Object: "Lead"})
	w.update(entries[len(entries)-1].Record, map[string]any{"FirstName": "Joanna"})
	email := "joanna@acme.example"
	if _, err := w.directory.Update(t.Context(), workspace, conversion.KindContact, jo.ID, user, directory.Patch{Key: &email}); err != nil {
		t.Fatal(err)
	}
	for range 12 {
		w.later(time.Minute)
		w.push()
	}
	w.linkedOnce("both changed meanwhile", email)
	if got := w.field(entries[len(entries)-1].Record, "Email"); got != email {
		t.Errorf("the lead's e-mail is %v", got)
	}
}

func TestOfTwoCreatesWithoutAnAnswerEachGetsARecordThatMayBeItsOwn(t *testing.T) {
	t.Parallel()
	w := creating(t)
	w.org.Fault(sandbox.Fault{Match: lostCreate, Drop: sandbox.DropAfter})
	w.jo()
	w.create(directory.Draft{Key: "bo@acme.example", Values: map[string]any{"last_name": "Lee"}})
	w.pushLosing()
	entries, _ := w.org.Log(sandbox.LogFilter{Object: "Lead"})
	for _, e := range entries {
		email := "jo@acme.example" // the other's
		if w.field(e.Record, "LastName") == "Doe" {
			email = "joanna@acme.example"
		}
		w.update(e.Record, map[string]any{"Email": email})
	}
	w.later(11 * time.Minute)
	w.push()
	if n, held := w.made("Lead"), w.heldCodes(); n != 2 || len(held) > 0 {
		t.Errorf("%d leads were made, held %v", n, held)
	}
}

func TestACompanyWithoutADomainIsLookedForByNameBeforeItIsCreatedAgain(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		drop    sandbox.Drop
	}{{"it was made", sandbox.DropAfter}, {"it was not", sandbox.DropBefore}} {
		w := creating(t)
		w.company(directory.Draft{Name: "Acme"})
		w.org.Fault(sandbox.Fault{Match: lostCreate, Drop: row.drop})
		w.pushLosing()
		for range 12 {
			w.later(time.Minute)
			w.push()
		}
		companies := w.list(conversion.KindCompany)
		if n := w.made("Account"); n != 1 || len(companies) != 1 || len(companies[0].Links) != 1 || len(w.heldCodes()) != 0 {
			t.Errorf("%s: %d Accounts were made, companies %+v, held %v", row.because, n, companies, w.heldCodes())
		}
	}
}

func TestACompanyDeletedBeforeItsCreateWasAnsweredIsDeletedInSalesforceToo(t *testing.T) {
	t.Parallel()
	w := creating(t)
	acme := w.company(directory.Draft{Name: "Acme"})
	w.org.Fault(sandbox.Fault{Match: lostCreate, CommitAfter: 5 * time.Minute})
	w.pushLosing()
	w.later(time.Second)
	w.deleteAll(conversion.KindCompany, acme)
	for range 12 {
		w.later(time.Minute)
		w.push()
	}
	entries, _ := w.org.Log(sandbox.LogFilter{Object: "Account"})
	if last := entries[len(entries)-1]; last.Kind != sandbox.KindDelete || w.made("Account") != 1 {
		t.Errorf("the Account's history ends with %s", last.Kind)
	}
}

func TestARecordThatADuplicateRuleFindsIsLinkedIfItIsNobodyElses(t *testing.T) {
	t.Parallel()
	w := creating(t)
	w.org.SetDuplicateRules(sandbox.DuplicateRule{Object: "Lead", Fields: []string{"LastName", "FirstName"}, Against: []string{"Lead", "Contact"}})
	there := w.insert("Contact", map[string]any{"FirstName": "Jo", "LastName": "Doe"})
	w.insert("Lead", map[string]any{"FirstName": "Bo", "LastName": "Lee", "Company": "Acme", "Email": "bo@lee.example"})
	w.sync()
	w.later(time.Minute)
	w.insert("Contact", map[string]any{"FirstName": "Cy", "LastName": "Poe", "Email": "cy@poe.example"}) // nobody has read it yet
	w.create(directory.Draft{Key: "cy@acme.example", Values: map[string]any{"first_name": "Cy", "last_name": "Poe"}})
	w.jo()
	w.create(directory.Draft{Key: "bo@acme.example", Values: map[string]any{"first_name": "Bo", "last_name": "Lee"}})
	w.push()
	if links := w.contact("jo@acme.example").Links; len(links) != 1 || links[0].Ref.ID != there {
		t.Errorf("the contact has the links %+v, want the Contact without an e-mail", links)
	}
	if got := w.field(there, "Email"); got != "jo@acme.example" {
		t.Errorf("the Contact's e-mail is %v", got)
	}
	held := strings.Join(w.heldCodes(), "\n")
	for email, theirs := range map[string]string{"bo@acme.example": "bo@lee.example", "cy@acme.example": "cy@poe.example"} {
		if links := w.contact(email).Links; len(links) != 0 || !strings.Contains(held, theirs) {
			t.Errorf("%s has the links %+v; held %q, want %s named", email, links, held, theirs)
		}
	}
	if len(w.heldCodes()) != 2 || !strings.Contains(held, "DUPLICATES_DETECTED") || !strings.Contains(held, "Lead/") {
		t.Errorf("held %q", held)
	}
}

func TestALeadConvertedJustBeforeOurWriteIsConvertedHereToo(t *testing.T) {
	t.Parallel()
	w := creating(t)
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	w.sync()
	w.later(time.Minute)
	w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head"})
	w.org.Before(sandbox.Match{Operation: "update"}, func() {
		if _, err := w.org.ConvertLead(w.sales, lead, sandbox.ConvertOptions{}); err != nil {
			t.Error(err)
		}
	})
	w.push()
	if links := w.links("jo@acme.example"); !slices.Equal(links, []conversion.LinkState{conversion.LinkConverted}) {
		t.Errorf("the contact has the links %v", links)
	}
	if held := w.heldCodes(); len(held) != 0 {
		t.Errorf("held %q", held)
	}
}

func TestDeletionsGoContactsFirstThenLeadsThenAccounts(t *testing.T) {
	t.Parallel()
	w := creating(t)
	w.insert("Account", map[string]any{"Name": "Acme", "Website": "acme.example"})
	for i := range 8 {
		w.insert("Contact", map[string]any{"LastName": fmt.Sprint("P", i), "Email": fmt.Sprintf("p%d@acme.example", i)})
	}
	w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	w.sync()
	w.later(time.Minute)
	for _, kind := range []conversion.Kind{conversion.KindCompany, conversion.KindContact} {
		w.deleteAll(kind, w.list(kind)...)
	}
	w.push()
	entries, _ := w.org.Log(sandbox.LogFilter{})
	var order []string
	for _, e := range entries {
		if e.Kind == sandbox.KindDelete {
			order = append(order, e.Object)
		}
	}
	if len(order) != 10 || order[8] != "Lead" || order[9] != "Account" {
		t.Errorf("deleted %v", order)
	}
}

func TestAPushOfManyNewContactsIsAFewRequests(t *testing.T) {
	t.Parallel()
	for _, keyed := range []bool{false, true} {
		w := creating(t)
		if keyed {
			w.keyed()
		}
		var drafts []directory.Draft
		for i := range 450 {
			drafts = append(drafts, directory.Draft{Key: fmt.Sprintf("p%d@acme.example", i), Values: map[string]any{"last_name": fmt.Sprint("P", i)}})
		}
		if _, err := w.directory.Upsert(t.Context(), workspace, conversion.KindContact, user, drafts); err != nil {
			t.Fatal(err)
		}
		w.org.ResetRequests()
		w.push()
		if n, made := len(w.org.Requests()), w.made("Lead"); made != 450 || n > 3*8 {
			t.Errorf("keyed %v: %d leads by %d requests", keyed, made, n)
		}
	}
}

func TestARecordThatIsLockedGoesLater(t *testing.T) {
	t.Parallel()
	w := creating(t)
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	w.insert("Lead", map[string]any{"LastName": "Roe", "Company": "Acme", "Email": "bo@acme.example"})
	w.sync()
	if err := w.org.LockRecord(lead, 20*time.Second); err != nil {
		t.Fatal(err)
	}
	w.later(time.Second)
	for _, email := range []string{"jo@acme.example", "bo@acme.example"} {
		w.edit(w.contact(email).ID, map[string]any{"job_title": "Head"})
	}
	w.push()
	if got := w.field(w.contact("bo@acme.example").Links[0].Ref.ID, "Title"); got != "Head" {
		t.Errorf("the other's title is %v", got)
	}
	for range 3 {
		w.later(15 * time.Second)
		w.push()
	}
	if got := w.field(lead, "Title"); got != "Head" || len(w.heldCodes()) != 0 {
		t.Errorf("the title is %v, held %v", got, w.heldCodes())
	}
}

func TestACompanyThatAPullMadeOfOurRecordIsCombinedIntoOurs(t *testing.T) {
	t.Parallel()
	w := creating(t)
	err := w.org.OnSave("Account", func(_, after map[string]any) { after["Name"] = "ACME Inc." }) // by its name nobody knows it
	if err != nil {
		t.Fatal(err)
	}
	acme := w.company(directory.Draft{Name: "Acme"})
	pulled := false
	w.step = func(step string) error {
		if step == "read back" && !pulled {
			pulled = true
			w.later(time.Second)
			w.sync()
			if n := len(w.list(conversion.KindCompany)); n != 2 {
				t.Errorf("%d companies while the answer was under way", n)
			}
		}
		return nil
	}
	w.push()
	w.step = nil
	w.later(15 * time.Minute)
	w.sync()
	companies := w.list(conversion.KindCompany)
	if len(companies) != 1 || companies[0].ID != acme.ID || len(companies[0].Links) != 1 || w.made("Account") != 1 || !pulled {
		t.Errorf("companies %+v after %d Accounts were made", companies, w.made("Account"))
	}
}
