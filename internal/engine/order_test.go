package engine_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/testkit"
)

// readsOf notes of which objects changes are read.
type readsOf struct {
	engine.Source
	objects []conversion.Object
}

func (r *readsOf) Changes(ctx context.Context, s *conversion.Schema, o conversion.Object, after conversion.Cursor, limit int) (conversion.RecordPage, error) {
	r.objects = append(r.objects, o)
	return r.Source.Changes(ctx, s, o, after, limit)
}

func (r *readsOf) Activities(ctx context.Context, o conversion.Object, after conversion.Cursor, limit int) (conversion.ActivityPage, error) {
	r.objects = append(r.objects, o)
	return r.Source.Activities(ctx, o, after, limit)
}

func TestCompaniesAreReadFirstThenPeopleThenActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	reads := &readsOf{Source: w.remote.Source}
	w.remote.Source = reads
	w.sync()
	want := []conversion.Object{conversion.Account, conversion.Contact, conversion.Lead, conversion.Task, conversion.Event}
	if got := slices.Compact(reads.objects); !slices.Equal(got, want) {
		t.Errorf("read in the order %v, want %v", got, want)
	}
}

func TestANewContactGetsTheAccountOfItsCompanyThatWasUpdatedLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	account := map[string]any{"Name": "Acme", "Website": "acme.example"}
	first, second := w.insert("Account", account), w.insert("Account", account)
	w.later(time.Minute)
	w.update(first, map[string]any{"Phone": "1"})
	w.sync()
	w.rules(func(r *conversion.Rules) { r.ContactsCreated = conversion.TargetContacts })
	for i, want := range []string{first, second} {
		if i == 1 {
			w.later(time.Minute)
			w.update(second, map[string]any{"Phone": "2"})
			w.later(15 * time.Minute)
			w.sync()
		}
		email := []string{"jo@acme.example", "bo@acme.example"}[i]
		w.create(directory.Draft{Key: email, Values: map[string]any{"last_name": "Doe"}})
		w.push()
		if got := w.field(w.contact(email).Links[0].Ref.ID, "AccountId"); got != want {
			t.Errorf("%s gets the Account %v, want %s", email, got, want)
		}
	}
}

func TestACompanyIsThereBeforeItsNewContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.CompaniesCreated, r.ContactsCreated = conversion.TargetCompanies, conversion.TargetContacts
	})
	w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe"}})
	results, err := w.directory.Upsert(t.Context(), workspace, conversion.KindCompany, user, []directory.Draft{{Key: "acme.example", Name: "Acme"}})
	if err != nil || results[0].Err != nil {
		t.Fatal(err, results[0].Err)
	}
	w.push()
	account := w.list(conversion.KindCompany)[0].Links[0].Ref.ID
	if got := w.field(w.contact("jo@acme.example").Links[0].Ref.ID, "AccountId"); got != account {
		t.Errorf("the Contact was created with the Account %v, want %s", got, account)
	}
}

func TestAFreeMailDomainTellsNoCompany(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated = conversion.TargetLeads
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	for _, draft := range []directory.Draft{{Key: "gmail.com", Name: "A mail host"}, {Key: "acme.example", Name: "Acme"}} {
		results, err := w.directory.Upsert(t.Context(), workspace, conversion.KindCompany, user, []directory.Draft{draft})
		if err != nil || results[0].Err != nil {
			t.Fatal(err, results[0].Err)
		}
	}
	for email, want := range map[string]string{"jo@gmail.com": "Unknown", "jo@acme.example": "Acme"} {
		w.create(directory.Draft{Key: email, Values: map[string]any{"last_name": "Doe"}})
		w.push()
		if got := w.field(w.contact(email).Links[0].Ref.ID, "Company"); got != want {
			t.Errorf("the Lead of %s is of %v, want %s", email, got, want)
		}
		w.later(time.Minute)
	}
}

func TestThePullLooksBackForWhatWasStoredLate(t *testing.T) {
	t.Parallel()
	for because, row := range map[string]struct {
		minutes int // how far the admin lets it look back
		want    string
	}{
		"as far as is usual":     {15, "Clerk"},
		"as far as it has to be": {60, "Head"},
	} {
		w := newWorld(t, testkit.SQLite(t))
		w.options(func(o *conversion.Options) { o.OverlapMinutes = row.minutes })
		known := w.leadOf("known@acme.example", map[string]any{"Title": "Clerk"})
		w.sync()
		w.later(time.Hour)
		w.late("PATCH", "Lead/"+known, `{"Title":"Head"}`) // it is stored 40 minutes after its time
		w.later(25 * time.Minute)
		w.leadOf("fresh@acme.example", nil)
		w.later(time.Minute)
		w.sync()
		w.later(20 * time.Minute)
		w.sync()
		if got := value(w.contact("known@acme.example"), "job_title"); got != row.want {
			t.Errorf("%s: title %q, want %q", because, got, row.want)
		}
	}
}

func TestAnOwnersNewNameIsShownADayLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.leadOf("jo@acme.example", nil)
	w.sync()
	owner := func() string {
		for _, v := range w.contact("jo@acme.example").Values {
			if v.Variable.Key == "owner_id" {
				return v.Shown
			}
		}
		return ""
	}
	before := owner()
	if err := w.org.Update(w.admin, w.sales.ID(), map[string]any{"LastName": "Renamed"}); err != nil {
		t.Fatal(err)
	}
	w.later(time.Hour)
	if w.sync(); owner() != before {
		t.Errorf("it is asked for again within the day: %q", owner())
	}
	w.later(24 * time.Hour)
	if w.sync(); owner() == before {
		t.Errorf("a day later the owner is still %q", before)
	}
}
