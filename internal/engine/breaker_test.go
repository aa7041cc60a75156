package engine_test

import (
	"fmt"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/testkit"
)

// question returns the one approval that waits.
func (w *world) question() conversion.Approval {
	w.t.Helper()
	found, err := w.books.Approvals(w.t.Context(), w.now())
	if err != nil || len(found) != 1 || found[0].Decided != 0 {
		w.t.Fatalf("approvals %+v, %v; want one that waits", found, err)
	}
	return found[0]
}

// people inserts so many Leads.
func (w *world) people(n int) (ids []string) {
	w.t.Helper()
	for i := range n {
		ids = append(ids, w.insert("Lead", map[string]any{
			"LastName": "Doe", "Company": "Acme", "Title": "Clerk", "Email": fmt.Sprintf("p%d@acme.example", i),
		}))
	}
	return ids
}

func (w *world) remove(ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		if err := w.org.Delete(w.sales, id); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) contacts() int {
	w.t.Helper()
	n, err := w.books.Count(w.t.Context(), conversion.KindContact)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func deleteWithLeads(o *conversion.Options) { o.DeleteInConversion.Lead = true }

func TestManyDeletionsComingInWaitForAnApproval(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		w.options(deleteWithLeads)
		leads := w.people(30)
		w.sync()
		w.later(time.Minute)
		w.remove(leads[:10]...) // ten need no approval
		w.sync()
		if n := w.contacts(); n != 20 {
			t.Fatalf("%d contacts, want 20", n)
		}
		w.remove(leads[10:22]...)
		w.update(leads[25], map[string]any{"Title": "Head"})
		w.later(time.Minute)
		w.sync()
		if n := w.contacts(); n != 20 {
			t.Fatalf("%d contacts, want 20: the deletions wait", n)
		}
		if got := value(w.contact("p25@acme.example"), "job_title"); got != "Head" {
			t.Fatalf("what is no deletion waits too: %q", got)
		}
		if q := w.question(); q.Direction != conversion.Inbound || q.Count != 12 || q.Var != 0 {
			t.Fatalf("asked %+v, want 12 deletions coming in", q)
		}
		w.decide(true)
		w.sync()
		if n := w.contacts(); n != 8 {
			t.Fatalf("%d contacts, want the 8 whose leads are there", n)
		}
		if n := w.org.Writes(); n != 0 {
			t.Fatalf("%d writes", n)
		}
	})
}

func TestRefusedDeletionsLeaveTheContactsHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.options(deleteWithLeads)
	leads := w.people(14)
	w.sync()
	w.later(time.Minute)
	w.remove(leads[:12]...)
	w.sync()
	w.decide(false)
	w.sync()
	w.later(time.Hour)
	w.sync()
	if n := w.contacts(); n != 14 {
		t.Fatalf("%d contacts, want all 14", n)
	}
	if found, err := w.books.Approvals(t.Context(), w.now()); err != nil || len(found) != 0 {
		t.Fatalf("asked again: %+v, %v", found, err)
	}
}

func TestAGrantDeletesNobodyWhoCameBackMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.options(deleteWithLeads)
	leads := w.people(14)
	w.sync()
	w.later(time.Minute)
	w.remove(leads[:12]...)
	w.sync()
	w.later(time.Minute)
	if err := w.org.Undelete(w.sales, leads[0]); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.decide(true)
	w.sync()
	w.contact("p0@acme.example")
	if n := w.contacts(); n != 3 {
		t.Fatalf("%d contacts, want 3", n)
	}
}

func TestAGrantIsForTheVeryDeletionsThatWereAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.people(40)
	w.sync()
	w.rules(func(r *conversion.Rules) { r.ContactsDeleted = conversion.TargetAll })
	w.later(time.Minute)
	all := w.list(conversion.KindContact)
	w.delete(all[:12])
	w.push()
	first := w.question()
	w.later(time.Minute)
	w.delete(all[12:15]) // asked about on their own
	w.push()
	if n := w.org.Writes(); n != 0 {
		t.Fatalf("%d records deleted unasked", n)
	}
	// One that was asked about lives again, and is deleted again: that is another deletion.
	if _, err := w.directory.Restore(t.Context(), workspace, conversion.KindContact, all[0].ID, user); err != nil {
		t.Fatal(err)
	}
	w.later(time.Minute)
	w.delete(all[:1])
	if err := w.books.DecideApproval(t.Context(), first.ID, true, user, w.now()); err != nil {
		t.Fatal(err)
	}
	w.push()
	if n := w.org.Writes(); n != 11 {
		t.Fatalf("%d records deleted, want 11 of the 12 that were granted", n)
	}
	found, err := w.books.Approvals(t.Context(), 0)
	if err != nil || found[0].Used != 11 {
		t.Fatalf("approvals %+v, %v; want 11 used", found, err)
	}
}

// The share is of what was linked when the day began: what is deleted meanwhile makes it no
// smaller.
func TestTheShareOfDeletionsIsOfWhatWasLinkedBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.people(320)
	w.sync()
	w.rules(func(r *conversion.Rules) { r.ContactsDeleted = conversion.TargetAll })
	all := w.list(conversion.KindContact)
	for _, some := range [][]directory.View{all[:6], all[6:12], all[12:16]} {
		w.later(time.Hour)
		w.delete(some)
		w.push()
	}
	if n := w.org.Writes(); n != 16 {
		t.Fatalf("%d records deleted, want 16: 5 %% of 320", n)
	}
	w.later(time.Hour)
	w.delete(all[16:17])
	w.push()
	if n := w.org.Writes(); n != 16 {
		t.Fatalf("%d records deleted, want no more than 16", n)
	}
	w.question()
}

func TestDeletionsOfOneKindAreNotCountedWithTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.people(10)
	for i := range 10 {
		w.insert("Account", map[string]any{"Name": fmt.Sprintf("A%d", i), "Website": fmt.Sprintf("a%d.example", i)})
	}
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsDeleted, r.CompaniesDeleted = conversion.TargetAll, conversion.TargetCompanies
	})
	w.later(time.Minute)
	w.delete(w.list(conversion.KindContact))
	w.delete(w.list(conversion.KindCompany)[:10])
	w.push()
	if n := w.org.Writes(); n != 20 {
		t.Fatalf("%d records deleted, want ten of each kind", n)
	}
}

func TestWhatSalesforceDeletedAlongCountsForTheDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	account := func(i, people int) {
		id := w.insert("Account", map[string]any{"Name": fmt.Sprintf("A%d", i), "Website": fmt.Sprintf("a%d.example", i)})
		for n := range people {
			w.insert("Contact", map[string]any{"LastName": "Doe", "AccountId": id, "Email": fmt.Sprintf("c%d-%d@a.example", i, n)})
		}
	}
	account(1, 6)
	account(2, 4)
	account(3, 0)
	w.sync()
	w.rules(func(r *conversion.Rules) { r.CompaniesDeleted = conversion.TargetCompanies })
	w.deleteCompany("a1.example") // with six Contacts: seven
	if n := w.org.Writes(); n != 1 {
		t.Fatalf("%d records deleted, want the Account", n)
	}
	w.deleteCompany("a2.example") // five more are twelve
	if n := w.org.Writes(); n != 1 {
		t.Fatalf("%d records deleted, want 1", n)
	}
	w.question()
}

func (w *world) deleteCompany(domain string) {
	w.t.Helper()
	w.later(time.Minute)
	page, err := w.directory.List(w.t.Context(), workspace, conversion.EntityFilter{Kind: conversion.KindCompany, Key: domain, Limit: 10})
	if err != nil || len(page.Items) != 1 {
		w.t.Fatalf("companies of %s: %+v, %v", domain, page.Items, err)
	}
	w.delete([]directory.View{page.Items[0]})
	w.push()
}

func TestAFieldThatSalesforceChangesInBulkWaitsForAnApproval(t *testing.T) {
	t.Parallel()
	for _, grant := range []bool{true, false} {
		w := newWorld(t, testkit.SQLite(t))
		leads := w.people(1000)
		w.sync()
		w.later(time.Hour)
		for _, id := range leads[:101] {
			w.update(id, map[string]any{"Title": nil, "Phone": "555-0100"})
		}
		w.sync()
		jo := w.contact("p7@acme.example")
		if title, phone := value(jo, "job_title"), value(jo, "phone"); title != "Clerk" || phone != "555-0100" {
			t.Fatalf("the title is %q, the phone %q; want the title to wait and nothing else", title, phone)
		}
		if q := w.question(); q.Direction != conversion.Inbound || q.Count != 101 || q.Var == 0 {
			t.Fatalf("asked %+v, want about one variable of 101 contacts", q)
		}
		w.later(time.Minute)
		w.sync() // reads them again
		w.decide(grant)
		w.sync()
		w.later(time.Minute)
		w.sync()
		if title := value(w.contact("p7@acme.example"), "job_title"); (title == "") != grant {
			t.Fatalf("approved %v, and the title is %q", grant, title)
		}
		w.update(leads[7], map[string]any{"Title": "Head"})
		w.later(time.Minute)
		w.sync()
		if title := value(w.contact("p7@acme.example"), "job_title"); title != "Head" {
			t.Fatalf("approved %v: a later change is not taken over: %q", grant, title)
		}
	}
}

// Records of one e-mail that are met for the first time differ; nobody changed anything.
func TestWhatIsMetForTheFirstTimeIsNoChangeInBulk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	for i := range 1100 {
		w.insert("Contact", map[string]any{"LastName": "Doe", "Title": "Clerk", "Email": fmt.Sprintf("p%d@acme.example", i)})
	}
	w.later(time.Minute)
	for i := range 1100 {
		w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Title": "Buyer", "Email": fmt.Sprintf("p%d@acme.example", i)})
	}
	w.sync()
	found, err := w.books.Approvals(t.Context(), 0)
	if err != nil || len(found) != 0 {
		t.Fatalf("approvals %+v, %v", found, err)
	}
	if got := value(w.contact("p7@acme.example"), "job_title"); got != "Buyer" {
		t.Errorf("the newest title is Buyer, the contact's is %q", got)
	}
}
