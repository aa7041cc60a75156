package engine_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/sandbox"
	"conversion/internal/testkit"
)

func (w *world) options(change func(*conversion.Options)) {
	w.t.Helper()
	o := conversion.DefaultOptions()
	change(&o)
	if err := w.books.SaveOptions(w.t.Context(), o, user, w.now()); err != nil {
		w.t.Fatal(err)
	}
}

func TestAChangeOfOneRecordGoesToItsSiblingsOnlyIfTheAdminWantsThemAligned(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		align bool
		want  any
	}{{false, "Clerk"}, {true, "Head"}} {
		w := newWorld(t, testkit.SQLite(t))
		w.rules(updateAll)
		w.options(func(o *conversion.Options) { o.AlignDuplicates = row.align })
		lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
		contact := w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@acme.example", "Title": "Clerk"})
		w.sync()
		w.later(time.Minute)
		w.update(lead, map[string]any{"Title": "Head"})
		w.sync()
		w.push()
		if got := w.field(contact, "Title"); got != row.want {
			t.Errorf("aligned %v: the sibling's title is %v, want %v", row.align, got, row.want)
		}
		writes := w.org.Writes()
		for range 3 {
			w.later(15 * time.Minute)
			w.sync()
			w.push()
		}
		if n := w.org.Writes() - writes; n != 0 {
			t.Errorf("aligned %v: %d writes more at rest", row.align, n)
		}
	}
}

func TestOnlyWhomTheOutboundFilterAdmitsIsCreated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated = conversion.TargetLeads
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	w.options(func(o *conversion.Options) {
		o.OutboundFilter.Contacts = conversion.Filter{{Variable: "lead_source", Is: conversion.IsEqual, Value: "Web"}}
	})
	in := w.create(directory.Draft{Key: "in@acme.example", Values: map[string]any{"last_name": "In", "lead_source": "Web"}})
	out := w.create(directory.Draft{Key: "out@acme.example", Values: map[string]any{"last_name": "Out"}})
	w.push()
	if links := w.contact("in@acme.example").Links; len(links) != 1 {
		t.Fatalf("%s has the links %+v", in.ID, links)
	}
	if links := w.contact("out@acme.example").Links; len(links) != 0 {
		t.Fatalf("%s has the links %+v", out.ID, links)
	}
	w.later(time.Minute)
	w.edit(out.ID, map[string]any{"lead_source": "Web"})
	w.push()
	if links := w.contact("out@acme.example").Links; len(links) != 1 {
		t.Fatalf("once it is admitted it has the links %+v", links)
	}
}

func TestAContactDeletedOnBothSidesAndCreatedAgainIsCreatedInSalesforceAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated, r.ContactsDeleted = conversion.TargetLeads, conversion.TargetAll
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	jo := w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe"}})
	w.push()
	w.later(time.Minute)
	w.delete([]directory.View{jo})
	w.push()
	w.later(time.Minute)
	w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe"}})
	w.push()
	live := 0
	for _, l := range w.contact("jo@acme.example").Links {
		if l.Status == conversion.LinkLive {
			live++
		}
	}
	if live != 1 || w.org.Writes() != 3 {
		t.Fatalf("%d live links after %d writes; want one after create, delete, create", live, w.org.Writes())
	}
}

func TestALeadDeletedInSalesforceIsNeverResurrected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated, r.ContactsUpdated = conversion.TargetLeads, conversion.TargetAll
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	jo := w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe"}})
	w.push()
	if err := w.org.Delete(w.sales, w.contact("jo@acme.example").Links[0].Ref.ID); err != nil {
		t.Fatal(err)
	}
	w.later(time.Minute)
	w.edit(jo.ID, map[string]any{"job_title": "Head"})
	w.push()
	w.sync()
	if n := w.org.Writes(); n != 1 {
		t.Fatalf("%d writes, want the first create only", n)
	}
}

func TestAContactsCompanyIsSentOnceTheCompanyHasAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	contact := w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@acme.example"})
	w.sync()
	w.rules(updateAll)
	results, err := w.directory.Upsert(t.Context(), workspace, conversion.KindCompany, user, []directory.Draft{{Key: "acme.example", Name: "Acme"}})
	if err != nil || results[0].Err != nil {
		t.Fatal(err, results[0].Err)
	}
	w.later(time.Minute)
	company := results[0].View.ID
	_, err = w.directory.Update(t.Context(), workspace, conversion.KindContact, w.contact("jo@acme.example").ID, user, directory.Patch{CompanyID: &company})
	if err != nil {
		t.Fatal(err)
	}
	w.push()
	account := w.insert("Account", map[string]any{"Name": "Acme", "Website": "www.acme.example"})
	w.later(15 * time.Minute)
	w.sync()
	w.later(15 * time.Minute)
	w.push()
	if got := w.field(contact, "AccountId"); got != account {
		t.Fatalf("the Contact's AccountId is %v, want %s", got, account)
	}
}

func TestACompanyWithoutADomainIsFoundAgainAfterALostAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) { r.CompaniesCreated = conversion.TargetCompanies })
	results, err := w.directory.Upsert(t.Context(), workspace, conversion.KindCompany, user, []directory.Draft{{Name: "Acme"}})
	if err != nil || results[0].Err != nil {
		t.Fatal(err, results[0].Err)
	}
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "create"}, Drop: sandbox.DropAfter})
	if err := w.engine.Push(t.Context(), workspace); err == nil {
		t.Fatal("a lost answer is no error")
	}
	for range 3 {
		w.later(11 * time.Minute)
		w.sync()
	}
	companies := w.list(conversion.KindCompany)
	if len(companies) != 1 || len(companies[0].Links) != 1 {
		t.Fatalf("companies %+v, want one with the Account", companies)
	}
	if n, err := w.books.HeldCount(t.Context()); err != nil || n != 0 {
		t.Fatalf("%d held, %v", n, err)
	}
}

func TestACompanysNameThatIsNotSentIsNoLeadsCompanyEither(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated = conversion.TargetLeads
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	_, err := w.directory.Upsert(t.Context(), workspace, conversion.KindCompany, user, []directory.Draft{{Key: "acme.example", Name: "Secret", LocalOnly: true}})
	if err != nil {
		t.Fatal(err)
	}
	w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe"}})
	w.push()
	if got := w.field(w.contact("jo@acme.example").Links[0].Ref.ID, "Company"); got != "Unknown" {
		t.Fatalf("Lead.Company is %v", got)
	}
}

func TestAContactDeletedBeforeItsCreateWasAnsweredIsDeletedInSalesforceToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated, r.ContactsDeleted = conversion.TargetLeads, conversion.TargetAll
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	jo := w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe"}})
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "create"}, Drop: sandbox.DropAfter})
	if err := w.engine.Push(t.Context(), workspace); err == nil {
		t.Fatal("a lost answer is no error")
	}
	w.later(time.Second)
	w.delete([]directory.View{jo})
	for range 3 {
		w.later(11 * time.Minute)
		w.sync()
		w.push()
	}
	if n := w.org.Writes(); n != 2 {
		t.Fatalf("%d writes, want the create and the deletion", n)
	}
	if left := w.list(conversion.KindContact); len(left) != 0 {
		t.Fatalf("%d contacts are left", len(left))
	}
}
