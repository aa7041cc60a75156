package gateway_test

import (
	"slices"
	"testing"

	"conversion"
)

func TestOwnersHaveNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.org.Admin().ID()
	names, err := w.gate.Users(t.Context(), []string{admin, "005000000000000AAA", "00G000000000000EAA", "", "nonsense"})
	w.ok(err)
	if names[admin] == "" || len(names) != 1 {
		t.Errorf("%v", names)
	}
}

func TestWhatADeletionTakesAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	empty, full := w.insert("Account", fields{"Name": "Empty"}), w.insert("Account", fields{"Name": "Full"})
	for range 3 {
		w.insert("Contact", fields{"LastName": "Doe", "AccountId": full})
	}
	for range 2 {
		w.insert("Opportunity", fields{"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-01", "AccountId": full})
	}
	w.insert("Contact", fields{"LastName": "Elsewhere"})
	doom, err := w.gate.Doomed(t.Context(), []string{empty, full})
	w.ok(err)
	if doom.Contacts != 3 || !slices.Equal(doom.WithOpportunities, []string{full}) {
		t.Errorf("%+v", doom)
	}
}

func TestTheOrgsFieldsBecomeVariables(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	title := w.contacts.ByField(conversion.Lead, "Title")
	if title == nil || title != w.contacts.ByField(conversion.Contact, "Title") || title.Key != "job_title" {
		t.Errorf("Title: %+v", title)
	}
	city := w.contacts.ByField(conversion.Lead, "City")
	if city == nil || city != w.contacts.ByField(conversion.Contact, "MailingCity") {
		t.Errorf("City: %+v", city)
	}
	if v := w.contacts.ByField(conversion.Lead, "SystemModstamp"); v != nil {
		t.Errorf("SystemModstamp: %+v", v)
	}
	if v := w.companies.ByKey("website"); v == nil || len(v.Fields) != 1 || v.ID != conversion.WebsiteVar {
		t.Errorf("website: %+v", v)
	}
	status, _ := w.contacts.ByField(conversion.Lead, "Status").On(conversion.Lead)
	if status.Default.Blank() || len(status.Picklist) == 0 {
		t.Errorf("Status: %+v", status)
	}
}
