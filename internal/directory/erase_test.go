package directory_test

import (
	"testing"

	"conversion"
	"conversion/internal/directory"
)

func (h house) erase(t testing.TB, id string, inSalesforce bool) (done bool) {
	t.Helper()
	done, err := h.Erase(ctx, workspace, conversion.KindContact, id, user, inSalesforce)
	must(t, err)
	return done
}

func TestWhatIsErasedLeavesNothingButItsHash(t *testing.T) {
	t.Parallel()
	for name, deletedBefore := range map[string]bool{"a live contact": false, "a deleted contact": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.allow(t)
			id := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com", Values: map[string]any{"city": "Oslo"}}).View.ID
			h.link(t, id, "00Q000000000001AAA", "a@example.com")
			if deletedBefore {
				must(t, h.Delete(ctx, workspace, conversion.KindContact, id, user, false))
			}
			if !h.erase(t, id, false) {
				t.Fatal("it is not erased at once")
			}
			g := h.group(t, conversion.KindContact, id)
			if e := g.Entity; !e.Erased() || e.Key != conversion.KeyHash("a@example.com") || len(g.Links)+len(e.Own)+len(e.Values) != 0 || e.Name != "" || e.Dirty != 0 {
				t.Errorf("left: %+v, %d links", e, len(g.Links))
			}
			page, _, err := h.Timeline(ctx, workspace, conversion.KindContact, id, "", 10)
			must(t, err)
			if len(page) != 0 {
				t.Errorf("its history is left: %+v", page)
			}
			for what, err := range map[string]error{
				"showing": get(h, id), "restoring": restore(h, id), "erasing again": eraseAgain(h, id),
			} {
				if conversion.ErrorCode(err) != conversion.CodeNotFound {
					t.Errorf("%s it: %v", what, err)
				}
			}
		})
	}
}

func get(h house, id string) error {
	_, err := h.Get(ctx, workspace, conversion.KindContact, id)
	return err
}

func restore(h house, id string) error {
	_, err := h.Restore(ctx, workspace, conversion.KindContact, id, user)
	return err
}

func eraseAgain(h house, id string) error {
	_, err := h.Erase(ctx, workspace, conversion.KindContact, id, user, true)
	return err
}

func TestAnErasedEmailCanBeUsedAgainByAPersonOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com", Values: map[string]any{"city": "Oslo"}}).View.ID
	h.erase(t, id, false)
	again := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com"})
	if !again.Created || again.View.ID == id || value(again.View, "city").String() != "" {
		t.Errorf("it comes back: %+v", again)
	}
	if groups, err := h.books.Groups(ctx, conversion.GroupQuery{Kind: conversion.KindContact, Keys: []string{"a@example.com"}}); err != nil || len(groups) != 2 {
		t.Errorf("%d groups of the e-mail, want the new one and the tombstone; %v", len(groups), err)
	}
}

func TestEveryEmailOfAnErasedContactIsKnownAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, other := h.contact(t, "a@example.com").ID, h.contact(t, "c@example.com").ID
	h.link(t, id, "00Q000000000001AAA", "b@example.com")
	h.link(t, id, "00Q000000000002AAA", "c@example.com")
	h.erase(t, id, false)
	for email, want := range map[string]bool{"a@example.com": true, "b@example.com": true, "c@example.com": false} {
		groups, err := h.books.Groups(ctx, conversion.GroupQuery{Kind: conversion.KindContact, Keys: []string{email}})
		must(t, err)
		if len(groups) != 1 || groups[0].Entity.Erased() != want {
			t.Errorf("%s: %+v", email, groups)
		}
	}
	if err := get(h, other); err != nil {
		t.Errorf("the contact that has one of them: %v", err)
	}
}

func TestErasingInSalesforceTooDeletesTheRecordsThereFirstWhateverTheRules(t *testing.T) {
	t.Parallel()
	h := newHouse(t) // all rules are off
	id := h.contact(t, "a@example.com").ID
	h.link(t, id, "00Q000000000001AAA", "a@example.com")
	must(t, h.Delete(ctx, workspace, conversion.KindContact, id, user, false))
	if h.erase(t, id, true) {
		t.Fatal("it is erased before its record is deleted")
	}
	e := h.group(t, conversion.KindContact, id).Entity
	if !e.Erasing || e.Dirty == 0 || !e.Death.Has(conversion.DeleteLead) || e.Erased() || h.wakes.Load() == 0 {
		t.Errorf("%+v", e)
	}
	if _, err := h.Restore(ctx, workspace, conversion.KindContact, id, user); err != nil {
		t.Fatal(err)
	}
	if e := h.group(t, conversion.KindContact, id).Entity; e.Erasing {
		t.Error("restoring does not cancel it")
	}
}

func TestErasingInSalesforceTooIsDoneAtOnceWithoutRecords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if !h.erase(t, h.contact(t, "a@example.com").ID, true) {
		t.Error("it waits for nothing")
	}
}

func TestACompanyIsErasedLikewise(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.one(t, conversion.KindCompany, directory.Draft{Key: "firm.example", Name: "Firm"}).View.ID
	done, err := h.Erase(ctx, workspace, conversion.KindCompany, id, user, false)
	must(t, err)
	if e := h.group(t, conversion.KindCompany, id).Entity; !done || !e.Erased() || e.Name != "" {
		t.Errorf("%+v", e)
	}
}
