package directory_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
)

func TestCombiningLetsEverythingOfOneContactGoToTheOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.allow(t)
	from := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com", Values: map[string]any{"city": "Oslo", "phone": "1"}}).View.ID
	h.clock.Advance(time.Minute)
	into := h.one(t, conversion.KindContact, directory.Draft{Key: "b@example.com", Values: map[string]any{"city": "Rome"}}).View.ID
	h.link(t, from, "00Q000000000001AAA", "a@example.com")
	h.link(t, into, "00Q000000000002AAA", "b@example.com")
	_, err := h.AddEngagements(ctx, workspace, []directory.EngagementDraft{{ContactID: from, Type: "Webinar"}})
	must(t, err)

	shown, err := h.Combine(ctx, workspace, conversion.KindContact, from, into, user)
	must(t, err)
	if shown.ID != into || shown.Key != "b@example.com" || len(shown.Links) != 2 {
		t.Errorf("combined: %+v", shown)
	}
	if value(shown, "city").String() != "Rome" || value(shown, "phone").String() != "1" {
		t.Errorf("city %q, phone %q: want the newer of each", value(shown, "city"), value(shown, "phone"))
	}
	engagements, _, err := h.Engagements(ctx, workspace, into, "", "", 10)
	must(t, err)
	history, _, err := h.Timeline(ctx, workspace, conversion.KindContact, into, "", 100)
	must(t, err)
	if len(engagements) != 1 || history[0].Note == "" {
		t.Errorf("%d engagements, history %+v", len(engagements), history)
	}
	if page, err := h.List(ctx, workspace, conversion.EntityFilter{Kind: conversion.KindContact}); err != nil || len(page.Items) != 1 {
		t.Errorf("%d contacts are listed, %v", len(page.Items), err)
	}
}

func TestTheIDOfACombinedContactLeadsToTheOtherEverywhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second, third := h.contact(t, "a@example.com").ID, h.contact(t, "b@example.com").ID, h.contact(t, "c@example.com").ID
	for _, pair := range [][2]string{{first, second}, {first, third}} { // the second time by an id that leads on
		_, err := h.Combine(ctx, workspace, conversion.KindContact, pair[0], pair[1], user)
		must(t, err)
	}
	if got, err := h.Get(ctx, workspace, conversion.KindContact, first); err != nil || got.ID != third {
		t.Errorf("showing it: %s, %v", got.ID, err)
	}
	if got, err := h.Update(ctx, workspace, conversion.KindContact, second, user, directory.Patch{Values: map[string]any{"city": "Oslo"}}); err != nil || got.ID != third {
		t.Errorf("changing it: %s, %v", got.ID, err)
	}
	results, err := h.AddEngagements(ctx, workspace, []directory.EngagementDraft{{ContactID: first, Type: "Webinar"}})
	must(t, err)
	if got := results[0].Engagement.EntityID; got != third {
		t.Errorf("an engagement of it is %s's", got)
	}
	if found, _, err := h.Engagements(ctx, workspace, first, "", "", 10); err != nil || len(found) != 1 {
		t.Errorf("its engagements: %+v, %v", found, err)
	}
	if changes, _, err := h.Timeline(ctx, workspace, conversion.KindContact, first, "", 10); err != nil || len(changes) == 0 {
		t.Errorf("its history: %+v, %v", changes, err)
	}
	must(t, h.Delete(ctx, workspace, conversion.KindContact, first, user, true))
	if err := get(h, third); conversion.ErrorCode(err) != conversion.CodeNotFound {
		t.Errorf("deleting it: %v", err)
	}
	must(t, restore(h, first))
	must(t, get(h, third))
	h.erase(t, second, false)
	if !h.group(t, conversion.KindContact, third).Entity.Erased() {
		t.Error("erasing it leaves the contact")
	}
}

func TestTheEmailOfACombinedContactIsNobodysUntilItIsTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	from, into := h.contact(t, "a@example.com").ID, h.contact(t, "b@example.com").ID
	_, err := h.Combine(ctx, workspace, conversion.KindContact, from, into, user)
	must(t, err)
	again := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com"})
	if !again.Created || again.View.ID == from || again.View.ID == into {
		t.Errorf("%+v", again)
	}
}

func TestContactsOfACombinedCompanyAreOfTheOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	from := h.one(t, conversion.KindCompany, directory.Draft{Key: "from.example", Name: "From"}).View.ID
	into := h.one(t, conversion.KindCompany, directory.Draft{Key: "into.example", Name: "Into"}).View.ID
	id := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com", CompanyID: &from}).View.ID
	_, err := h.Combine(ctx, workspace, conversion.KindCompany, from, into, user)
	must(t, err)
	of := func(what string, id string, want string) {
		t.Helper()
		got, err := h.Get(ctx, workspace, conversion.KindContact, id)
		must(t, err)
		if got.CompanyID != want {
			t.Errorf("%s: of %q, want %q", what, got.CompanyID, want)
		}
	}
	of("after combining", id, into)
	_, err = h.Update(ctx, workspace, conversion.KindContact, id, user, directory.Patch{Values: map[string]any{"city": "Oslo"}})
	must(t, err)
	of("after a change of something else", id, into)
	other := h.one(t, conversion.KindContact, directory.Draft{Key: "b@example.com", CompanyID: &from}).View.ID
	of("who is given the old id", other, into)
	g := h.group(t, conversion.KindContact, id)
	g.Entity.Company = from // as its own claim still says
	h.commit(t, g)
	of("who is stored with the old id", id, into)
	page, err := h.List(ctx, workspace, conversion.EntityFilter{Kind: conversion.KindContact, CompanyID: from})
	must(t, err)
	if len(page.Items) != 2 {
		t.Errorf("%d contacts are listed by the old id", len(page.Items))
	}
}

func TestWhatCannotBeCombined(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, gone := h.contact(t, "a@example.com").ID, h.contact(t, "gone@example.com").ID
	firm := h.one(t, conversion.KindCompany, directory.Draft{Key: "firm.example", Name: "Firm"}).View.ID
	must(t, h.Delete(ctx, workspace, conversion.KindContact, gone, user, true))
	for name, c := range map[string]struct {
		id, into string
		code     conversion.Code
	}{
		"with itself":                        {a, a, conversion.CodeInvalid},
		"with nobody":                        {a, "nobody", conversion.CodeInvalid},
		"with a deleted one":                 {a, gone, conversion.CodeInvalid},
		"with a company":                     {a, firm, conversion.CodeInvalid},
		"nobody":                             {"nobody", a, conversion.CodeNotFound},
		"a deleted one":                      {gone, a, conversion.CodeNotFound},
		"a company, as if it were a contact": {firm, a, conversion.CodeNotFound},
	} {
		_, err := h.Combine(ctx, workspace, conversion.KindContact, c.id, c.into, user)
		if c.code == conversion.CodeInvalid {
			wantFault(t, err, c.code, "into")
		} else if conversion.ErrorCode(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, get(h, a))
}

func TestTwoThatAreBeingCreatedAreNotCombined(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.allow(t)
	from := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com"}).View.ID
	into := h.one(t, conversion.KindContact, directory.Draft{Key: "b@example.com"}).View.ID
	books := h.books
	groups, err := books.Groups(ctx, conversion.GroupQuery{Kind: conversion.KindContact, IDs: []string{from, into}})
	must(t, err)
	var plans []conversion.Plan
	for _, g := range groups {
		g.Entity.Creating = &conversion.Creation{Object: conversion.Lead, At: 1, Key: g.Entity.Key}
		plans = append(plans, conversion.Plan{Group: g, Expect: g.Entity.Version})
	}
	must(t, books.Commit(ctx, conversion.Batch{At: 1, Plans: plans}))
	_, err = h.Combine(ctx, workspace, conversion.KindContact, from, into, user)
	if conversion.ErrorCode(err) != conversion.CodeConflict {
		t.Errorf("combined: %v", err)
	}
	for _, id := range []string{from, into} {
		shown, err := h.Get(ctx, workspace, conversion.KindContact, id)
		if must(t, err); shown.ID != id {
			t.Errorf("%s leads to %s", id, shown.ID)
		}
	}
}
