package directory_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
)

func TestDeleteLeavesATombstone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.allow(t)
	id := h.contact(t, "a@example.com").ID
	h.link(t, id, "00Q000000000001AAA", "a@example.com")
	must(t, h.Delete(ctx, workspace, conversion.KindContact, id, user, false))

	e := h.group(t, conversion.KindContact, id).Entity
	if e.Live() || !e.Death.Has(conversion.DeleteLead) || e.Dirty == 0 {
		t.Errorf("deleted %v, death %b, dirty %v", e.Deleted, e.Death, e.Dirty)
	}
	_, err := h.Get(ctx, workspace, conversion.KindContact, id)
	if conversion.ErrorCode(err) != conversion.CodeNotFound {
		t.Errorf("reading it: %v", err)
	}
	if err := h.Delete(ctx, workspace, conversion.KindContact, id, user, false); conversion.ErrorCode(err) != conversion.CodeNotFound {
		t.Errorf("deleting it again: %v", err)
	}
	page, err := h.List(ctx, workspace, conversion.EntityFilter{Kind: conversion.KindContact})
	must(t, err)
	if len(page.Items) != 0 {
		t.Errorf("it is listed: %+v", page.Items)
	}
}

func TestADeletionGoesOnlyWhereTheRulesOfItsTimeAllow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	off, local := h.contact(t, "off@example.com").ID, h.contact(t, "local@example.com").ID
	h.link(t, off, "00Q000000000001AAA", "off@example.com")
	h.link(t, local, "00Q000000000002AAA", "local@example.com")
	must(t, h.Delete(ctx, workspace, conversion.KindContact, off, user, false))
	h.allow(t)
	must(t, h.Delete(ctx, workspace, conversion.KindContact, local, user, true))
	for _, id := range []string{off, local} {
		if e := h.group(t, conversion.KindContact, id).Entity; e.Death.Goes() || e.Dirty != 0 {
			t.Errorf("death %b, dirty %v", e.Death, e.Dirty)
		}
	}
}

func TestWhatLiftsATombstone(t *testing.T) {
	t.Parallel()
	ways := map[string]func(h house, id string) (directory.View, error){
		"an explicit create": func(h house, id string) (directory.View, error) {
			results, err := h.Upsert(ctx, workspace, conversion.KindContact, key, []directory.Draft{{Key: "a@example.com"}})
			if err == nil && !results[0].Created {
				t.Error("bringing it back counts as created")
			}
			return results[0].View, err
		},
		"restore": func(h house, id string) (directory.View, error) {
			return h.Restore(ctx, workspace, conversion.KindContact, id, user)
		},
	}
	for name, lift := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.allow(t)
			id := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com", Values: map[string]any{"city": "Oslo"}}).View.ID
			h.link(t, id, "00Q000000000001AAA", "a@example.com")
			must(t, h.Delete(ctx, workspace, conversion.KindContact, id, user, false))
			g := h.group(t, conversion.KindContact, id)
			g.Links[0].State = conversion.LinkIgnored
			h.commit(t, g)

			h.clock.Advance(time.Minute)
			got, err := lift(h, id)
			must(t, err)
			if got.ID != id || value(got, "city") != conversion.Text("Oslo") || got.Links[0].Status != conversion.LinkLive {
				t.Errorf("got %+v", got)
			}
			if e := h.group(t, conversion.KindContact, id).Entity; !e.Live() || e.Death != 0 {
				t.Errorf("the deletion is not cancelled: %v, %b", e.Deleted, e.Death)
			}
		})
	}
}

func TestAContactThatIsCreatedAgainBeginsANewLife(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	made := h.contact(t, "a@example.com")
	must(t, h.Delete(ctx, workspace, conversion.KindContact, made.ID, user, false))
	h.clock.Advance(time.Minute)
	again := h.contact(t, "a@example.com")
	if again.ID != made.ID || again.Created != made.Created.Add(time.Minute) {
		t.Errorf("created again at %v, first at %v", again.Created, made.Created)
	}
	must(t, h.Delete(ctx, workspace, conversion.KindContact, made.ID, user, false))
	h.clock.Advance(time.Minute)
	restored, err := h.Restore(ctx, workspace, conversion.KindContact, made.ID, user)
	must(t, err)
	if restored.Created != again.Created {
		t.Errorf("restored, it was created at %v, not %v", restored.Created, again.Created)
	}
}

func TestAContactOfADeletedCompanyShowsNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	firm := h.one(t, conversion.KindCompany, directory.Draft{Key: "firm.example", Name: "Firm"}).View.ID
	h.one(t, conversion.KindCompany, directory.Draft{Key: "example.com", Name: "By domain"})
	id := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com", CompanyID: &firm}).View.ID
	company := func() string {
		t.Helper()
		shown, err := h.Get(ctx, workspace, conversion.KindContact, id)
		must(t, err)
		return shown.CompanyID
	}
	if company() != firm {
		t.Fatalf("the contact is of %q", company())
	}
	must(t, h.Delete(ctx, workspace, conversion.KindCompany, firm, user, false))
	if company() != "" {
		t.Errorf("the contact is of the deleted company %q", company())
	}
	_, err := h.Restore(ctx, workspace, conversion.KindCompany, firm, user)
	must(t, err)
	if company() != firm {
		t.Errorf("after the restore the contact is of %q", company())
	}
}

func TestRestoreRefusesAnEmailThatIsTakenNow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, other := h.contact(t, "a@example.com").ID, h.contact(t, "b@example.com").ID
	must(t, h.Delete(ctx, workspace, conversion.KindContact, id, user, false))
	_, err := h.Update(ctx, workspace, conversion.KindContact, other, user, directory.Patch{Key: pointer("a@example.com")})
	must(t, err)
	_, err = h.Restore(ctx, workspace, conversion.KindContact, id, user)
	if by, ok := directory.TakenBy(err); !ok || by != other {
		t.Errorf("got %v", err)
	}
}

func TestAfterARestoreItIsDecidedWhoseARecordIsWhoseEmailWasChangedMeanwhile(t *testing.T) {
	t.Parallel()
	for email, pending := range map[string]bool{"a@example.com": false, "new@example.com": true} {
		h := newHouse(t)
		id := h.contact(t, "a@example.com").ID
		h.link(t, id, "00Q000000000001AAA", "a@example.com")
		must(t, h.Delete(ctx, workspace, conversion.KindContact, id, user, false))
		g := h.group(t, conversion.KindContact, id)
		g.Links[0].State, g.Links[0].Key, g.Links[0].Placed = conversion.LinkIgnored, email, "a@example.com"
		h.commit(t, g)
		_, err := h.Restore(ctx, workspace, conversion.KindContact, id, user)
		must(t, err)
		if l := h.group(t, conversion.KindContact, id).Links[0]; !l.Live() || l.Pending != pending {
			t.Errorf("with the e-mail %s the link is %s, pending %t", email, l.State, l.Pending)
		}
	}
}

func TestAContactThatIsBroughtBackLeavesARecordThatIsAnothersNow(t *testing.T) {
	t.Parallel()
	for how, bring := range map[string]func(h house, id string) (directory.View, error){
		"by a restore": func(h house, id string) (directory.View, error) {
			return h.Restore(ctx, workspace, conversion.KindContact, id, user)
		},
		"by a create": func(h house, _ string) (directory.View, error) {
			return h.contact(t, "a@example.com"), nil
		},
	} {
		t.Run(how, func(t *testing.T) {
			h := newHouse(t)
			id := h.contact(t, "a@example.com").ID
			h.link(t, id, "00Q000000000001AAA", "b@example.com")
			must(t, h.Delete(ctx, workspace, conversion.KindContact, id, user, false))
			g := h.group(t, conversion.KindContact, id)
			g.Links[0].State = conversion.LinkIgnored
			h.commit(t, g)
			h.contact(t, "b@example.com")
			got, err := bring(h, id)
			must(t, err)
			if got.ID != id || got.Links[0].Status != conversion.LinkIgnored {
				t.Errorf("two contacts have records with one e-mail: %+v", got)
			}
		})
	}
}
