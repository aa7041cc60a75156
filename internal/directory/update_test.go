package directory_test

import (
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
)

func TestUpdateLeavesWhatIsNotNamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com", Values: map[string]any{"city": "Oslo", "country": "Norway"}}).View.ID
	got, err := h.Update(ctx, workspace, conversion.KindContact, id, user, directory.Patch{Values: map[string]any{"city": nil}})
	must(t, err)
	if !value(got, "city").Blank() || value(got, "country") != conversion.Text("Norway") || got.Key != "a@example.com" {
		t.Errorf("got %+v", got)
	}
	lines, _, err := h.Timeline(ctx, workspace, conversion.KindContact, id, "", 10)
	must(t, err)
	if len(lines) == 0 || lines[0].Before != conversion.Text("Oslo") || lines[0].By != user {
		t.Errorf("the timeline begins with %+v", lines)
	}
}

func TestAnEmailOfAnothersIsRefusedWithTheirID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, other := h.contact(t, "a@example.com").ID, h.contact(t, "b@example.com").ID
	h.link(t, other, "00Q000000000001AAA", "c@example.com")
	for _, taken := range []string{"B@example.com", "c@example.com"} {
		_, err := h.Update(ctx, workspace, conversion.KindContact, id, user, directory.Patch{Key: &taken})
		wantFault(t, err, conversion.CodeConflict, "email")
		if !strings.HasPrefix(err.Error(), "Another contact has this e-mail.") {
			t.Errorf("%s: got %v", taken, err)
		}
		if by, ok := directory.TakenBy(err); !ok || by != other {
			t.Errorf("%s is taken by %q, want %q", taken, by, other)
		}
	}
	free := "d@example.com"
	got, err := h.Update(ctx, workspace, conversion.KindContact, id, user, directory.Patch{Key: &free})
	must(t, err)
	e := h.group(t, conversion.KindContact, id).Entity
	if got.Key != free || e.OwnClaim(conversion.EmailVar).Value != conversion.Text(free) {
		t.Errorf("got %+v with own claims %v", got, e.Own)
	}
	lines, _, err := h.Timeline(ctx, workspace, conversion.KindContact, id, "", 1)
	must(t, err)
	if lines[0].Before != conversion.Text("a@example.com") || lines[0].After != conversion.Text(free) {
		t.Errorf("the timeline begins with %+v", lines[0])
	}
}

func TestACompanysDomainFollowsItsWebsite(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.one(t, conversion.KindCompany, directory.Draft{Key: "acme.com", Name: "Acme"}).View.ID
	steps := []struct {
		name    string
		patch   directory.Patch
		domain  string
		website conversion.Value
	}{
		{"another website", directory.Patch{Values: map[string]any{"website": "https://acme.org/x"}}, "acme.org", conversion.Text("https://acme.org/x")},
		{"the domain it has", directory.Patch{Key: pointer("www.acme.org")}, "acme.org", conversion.Text("https://acme.org/x")},
		{"another domain", directory.Patch{Key: pointer("acme.net")}, "acme.net", conversion.Text("acme.net")},
		{"no domain", directory.Patch{Key: pointer("")}, "", conversion.Null},
	}
	for _, s := range steps {
		got, err := h.Update(ctx, workspace, conversion.KindCompany, id, user, s.patch)
		must(t, err)
		if got.Key != s.domain || value(got, "website") != s.website {
			t.Errorf("%s: domain %q, website %#v", s.name, got.Key, value(got, "website"))
		}
	}
	h.one(t, conversion.KindCompany, directory.Draft{Key: "taken.com"})
	_, err := h.Update(ctx, workspace, conversion.KindCompany, id, user, directory.Patch{Values: map[string]any{"website": "taken.com"}})
	wantFault(t, err, conversion.CodeConflict, "domain")
	_, err = h.Update(ctx, workspace, conversion.KindCompany, id, user, directory.Patch{Name: pointer(" ")})
	wantFault(t, err, conversion.CodeInvalid, "name")
}

func TestCompanyOfAContact(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.one(t, conversion.KindCompany, directory.Draft{Key: "acme.com"}).View.ID
	other := h.one(t, conversion.KindCompany, directory.Draft{Name: "Other"}).View.ID
	h.one(t, conversion.KindCompany, directory.Draft{Key: "gmail.com", Name: "Google"})

	if got := h.contact(t, "ada@gmail.com"); got.CompanyID != "" {
		t.Errorf("a free-mail address gives the company %s", got.CompanyID)
	}
	got := h.contact(t, "ada@acme.com")
	if got.CompanyID != acme || !got.CompanyDerived {
		t.Errorf("the e-mail's domain gives %+v", got)
	}
	got, err := h.Update(ctx, workspace, conversion.KindContact, got.ID, user, directory.Patch{CompanyID: &other})
	must(t, err)
	if got.CompanyID != other || got.CompanyDerived {
		t.Errorf("a choice gives %+v", got)
	}
	page, err := h.List(ctx, workspace, conversion.EntityFilter{Kind: conversion.KindContact, CompanyID: other})
	must(t, err)
	if len(page.Items) != 1 || page.Items[0].ID != got.ID {
		t.Errorf("the company's contacts are %+v", page.Items)
	}
	got, err = h.Update(ctx, workspace, conversion.KindContact, got.ID, user, directory.Patch{CompanyID: pointer("")})
	must(t, err)
	if got.CompanyID != acme || !got.CompanyDerived {
		t.Errorf("without a choice it is derived again: got %+v", got)
	}
}

func TestOwnClaimsAreInSalesforcesTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	must(t, h.books.SaveConnection(ctx, conversion.Connection{WorkspaceID: workspace, ClockOffset: 90 * time.Second, ClockKnown: true}, 0, true))
	id := h.contact(t, "a@example.com").ID
	e := h.group(t, conversion.KindContact, id).Entity
	if at := e.OwnClaim(conversion.EmailVar).At; at != conversion.MomentOf(start.Add(90*time.Second)) || e.Created != conversion.MomentOf(start) {
		t.Errorf("claimed at %v, created at %v", at, e.Created)
	}
}

func TestAnEditBeforeTheClockIsKnownIsMarked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.contact(t, "a@example.com").ID
	if own := h.group(t, conversion.KindContact, id).Entity.OwnClaim(conversion.EmailVar); !own.Local || own.At != conversion.MomentOf(start) {
		t.Errorf("claimed %+v", own)
	}
	must(t, h.books.SaveConnection(ctx, conversion.Connection{WorkspaceID: workspace, ClockKnown: true}, 0, true))
	id = h.contact(t, "b@example.com").ID
	if own := h.group(t, conversion.KindContact, id).Entity.OwnClaim(conversion.EmailVar); own.Local {
		t.Errorf("claimed %+v", own)
	}
}
