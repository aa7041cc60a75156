package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"conversion"
	"conversion/internal/testkit"
)

// account inserts an Account with a company's domain, and Contacts of it.
func (w *world) account(domain string, people int) (id string, contacts []string) {
	w.t.Helper()
	id = w.insert("Account", map[string]any{"Name": domain, "Website": domain})
	for i := range people {
		contacts = append(contacts, w.insert("Contact", map[string]any{"LastName": "Doe", "AccountId": id, "Email": fmt.Sprintf("c%d@%s", i, domain)}))
	}
	return id, contacts
}

func (w *world) isDeleted(id string) bool {
	w.t.Helper()
	return w.field(id, "IsDeleted") == true
}

func deletesAll(r *conversion.Rules) {
	r.ContactsDeleted, r.CompaniesDeleted = conversion.TargetAll, conversion.TargetCompanies
}

func TestAnAccountWithOpportunitiesAlwaysWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	full, _ := w.account("full.example", 0)
	empty, _ := w.account("empty.example", 0)
	deal := w.insert("Opportunity", map[string]any{"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-01", "AccountId": full})
	w.sync()
	w.rules(deletesAll)
	w.deleteCompany("empty.example")
	w.deleteCompany("full.example")
	if !w.isDeleted(empty) || w.isDeleted(full) {
		t.Errorf("deleted: empty %v, full %v; want the empty Account alone", w.isDeleted(empty), w.isDeleted(full))
	}
	if q := w.question(); q.Kind != conversion.KindCompany || q.Count != 1 || q.Reason != "1 of the Accounts to be deleted have Opportunities, which Salesforce would delete along." {
		t.Errorf("asked %+v", q)
	}
	w.later(time.Hour)
	w.sync()
	w.decide(true)
	w.push()
	if !w.isDeleted(full) || !w.isDeleted(deal) {
		t.Error("approved, the Account and its Opportunity are there still")
	}
}

// Salesforce deletes an Account's Contacts along: it must not go before it is decided about
// theirs.
func TestAnAccountDoesNotGoWhileDeletionsOfItsContactsWait(t *testing.T) {
	t.Parallel()
	for _, grant := range []bool{true, false} {
		w := newWorld(t, testkit.SQLite(t))
		account, contacts := w.account("acme.example", 2)
		w.people(12)
		w.sync()
		w.rules(deletesAll)
		w.later(time.Minute)
		w.delete(w.list(conversion.KindContact))
		w.deleteCompany("acme.example")
		w.later(time.Hour)
		w.push()
		if n := w.org.Writes(); n != 0 {
			t.Fatalf("%d records deleted while 14 contacts wait", n)
		}
		if q := w.question(); q.Kind != conversion.KindContact || q.Count != 14 {
			t.Fatalf("asked %+v, want about the contacts alone", q)
		}
		w.decide(grant)
		w.later(time.Hour)
		w.push()
		if w.isDeleted(account) != grant || w.isDeleted(contacts[1]) != grant {
			t.Errorf("approved %v: deleted %v, its Contact %v", grant, w.isDeleted(account), w.isDeleted(contacts[1]))
		}
		if grant {
			continue
		}
		if q := w.question(); q.Kind != conversion.KindCompany || q.Reason != "1 of the Accounts to be deleted have Contacts whose deletion was refused. Salesforce would delete them along." {
			t.Errorf("refused, and asked %+v", q)
		}
		w.decide(true)
		w.push()
		if !w.isDeleted(account) {
			t.Error("approved, knowing of its Contacts, the Account is there still")
		}
	}
}

// Out of sight is like gone for good: losing sight of many at once deletes nobody unasked.
func TestLosingSightOfManyRecordsWaitsForAnApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.options(deleteWithLeads)
	for i := range 12 {
		w.leadOf(fmt.Sprintf("p%d@acme.example", i), nil)
	}
	w.sync()
	w.asUser()
	w.later(2 * time.Hour)
	w.leadOf("fresh@acme.example", map[string]any{"OwnerId": w.user.ID()})
	w.sync()
	w.night()
	w.sync()
	if n := w.contacts(); n != 13 {
		t.Fatalf("%d contacts, want all 13", n)
	}
	if q := w.question(); q.Direction != conversion.Inbound || q.Count != 12 {
		t.Fatalf("asked %+v, want about 12 deletions coming in", q)
	}
	w.decide(false)
	w.night()
	w.sync()
	if n := w.contacts(); n != 13 {
		t.Fatalf("refused, %d contacts are left of 13", n)
	}
	w.unasked()
}

func TestAStopInTheMiddleOfWhatWasGrantedIsFinishedByTheNextRun(t *testing.T) {
	t.Parallel()
	for _, at := range []struct {
		step string
		nth  int
	}{{"commit", 1}, {"read what was granted", 1}, {"commit", 2}, {"commit", 3}} {
		t.Run(fmt.Sprint(at.step, " ", at.nth), func(t *testing.T) {
			t.Parallel()
			stop := errors.New("stop")
			w := granted(t)
			seen := 0
			w.step = func(step string) error {
				if step == at.step {
					seen++
				}
				if step == at.step && seen == at.nth {
					return stop
				}
				return nil
			}
			if err := w.engine.Cycle(t.Context(), workspace); !errors.Is(err, stop) {
				t.Fatalf("the cycle ends with %v", err)
			}
			left, err := w.books.Released(t.Context(), conversion.Inbound, 100)
			if err != nil || len(left) == 0 {
				t.Fatalf("%v, %v: it was stopped after what was granted", left, err)
			}
			w.step = nil
			w.later(time.Hour)
			w.sync()
			if n, heads := w.contacts(), w.headsHere(); n != 988 || heads != 12 {
				t.Errorf("%d contacts, %d with the new title; want 988 and 12", n, heads)
			}
			if left, err = w.books.Released(t.Context(), conversion.Inbound, 100); err != nil || len(left) != 0 {
				t.Errorf("granted and not done %+v, %v", left, err)
			}
			w.unasked()
		})
	}
}

// granted is a crowd of which Salesforce deleted twelve and changed twelve, both approved.
func granted(t *testing.T) *world {
	t.Helper()
	w, leads := crowd(t, testkit.SQLite(t), 30)
	w.options(func(o *conversion.Options) { deleteWithLeads(o); o.MaxChangedPercent = 1 })
	w.remove(leads[:12]...)
	for _, id := range leads[15:27] {
		w.update(id, map[string]any{"Title": "Head"})
	}
	w.later(time.Minute)
	w.sync()
	found, err := w.books.Approvals(t.Context(), w.now())
	if err != nil || len(found) != 2 {
		t.Fatalf("approvals %+v, %v; want one about deletions and one about changes", found, err)
	}
	for _, a := range found {
		if err := w.books.DecideApproval(t.Context(), a.ID, true, user, w.now()); err != nil {
			t.Fatal(err)
		}
	}
	w.later(time.Minute)
	return w
}

// headsHere counts the contacts of this title.
func (w *world) headsHere() (n int) {
	w.t.Helper()
	for _, v := range w.list(conversion.KindContact) {
		if value(v, "job_title") == "Head" {
			n++
		}
	}
	return n
}

// Whoever was combined since is another: the grant is used up all the same.
func TestAGrantOfADeletionEndsWithWhomItWasAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.options(deleteWithLeads)
	leads := w.people(14)
	w.sync()
	w.later(time.Minute)
	w.remove(leads[:12]...)
	w.sync()
	w.question()
	from, into := w.contact("p0@acme.example"), w.contact("p13@acme.example")
	if _, err := w.directory.Combine(t.Context(), workspace, conversion.KindContact, from.ID, into.ID, user); err != nil {
		t.Fatal(err)
	}
	w.decide(true)
	w.sync()
	if n := w.contacts(); n != 2 {
		t.Errorf("%d contacts, want 2", n)
	}
	left, err := w.books.Released(t.Context(), conversion.Inbound, 10)
	if err != nil || slices.ContainsFunc(left, func(h conversion.WithheldState) bool { return h.EntityID == from.ID }) {
		t.Errorf("granted and not done %+v, %v", left, err)
	}
}
