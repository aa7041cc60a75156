package directory_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
)

const leadOne, leadTwo = "00Q000000000001AAA", "00Q000000000002AAA"

// together makes two contacts with a Lead each, and combines the first into the other.
func (h house) together(t *testing.T) (first, second string) {
	t.Helper()
	first = h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com", Values: map[string]any{"phone": "1"}}).View.ID
	h.clock.Advance(time.Minute)
	second = h.one(t, conversion.KindContact, directory.Draft{Key: "b@example.com", Values: map[string]any{"city": "Rome"}}).View.ID
	h.link(t, first, leadOne, "a@example.com")
	h.link(t, second, leadTwo, "b@example.com")
	_, err := h.Combine(ctx, workspace, conversion.KindContact, first, second, user)
	must(t, err)
	return first, second
}

// holds lets a record claim a value for a variable of contacts.
func (h house) holds(t *testing.T, contactID, recordID, key string, v conversion.Value, at conversion.Moment) {
	t.Helper()
	g := h.group(t, conversion.KindContact, contactID)
	variables, err := h.Variables(ctx, workspace, conversion.KindContact)
	must(t, err)
	i := slices.IndexFunc(variables, func(v conversion.Variable) bool { return v.Key == key })
	state := g.Link(conversion.Ref{Object: conversion.Lead, ID: recordID}).Ensure(variables[i].ID)
	state.Seen, state.Claim = v, conversion.Claim{Value: v, At: at}
	h.commit(t, g)
}

func TestARecordIsSeparatedIntoAContactOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.allow(t)
	_, id := h.together(t)
	late := conversion.MomentOf(start.Add(time.Hour))
	h.holds(t, id, leadOne, "city", conversion.Text("Oslo"), late)
	h.holds(t, id, leadOne, "email_opt_out", conversion.Bool(true), late)
	wakes := h.wakes.Load()

	own, err := h.Separate(ctx, workspace, conversion.KindContact, id, []string{leadOne}, user)
	must(t, err)
	if own.ID == id || own.Key != "a@example.com" || len(own.Links) != 1 || value(own, "city").String() != "Oslo" || !value(own, "email_opt_out").True() {
		t.Errorf("its own: %+v", own)
	}
	rest, err := h.Get(ctx, workspace, conversion.KindContact, id)
	must(t, err)
	if rest.Key != "b@example.com" || value(rest, "city").String() != "Rome" || value(rest, "phone").String() != "1" {
		t.Errorf("what was edited here stays: %+v", rest)
	}
	if !value(rest, "email_opt_out").True() {
		t.Error("the opt-out does not stay as well")
	}
	g := h.group(t, conversion.KindContact, id)
	if l := g.Link(conversion.Ref{Object: conversion.Lead, ID: leadOne}); l != nil || len(g.Links) != 2 || g.Links[0].State != conversion.LinkMoved {
		t.Errorf("what the record left: %+v", g.Links)
	}
	if h.wakes.Load() != wakes && h.group(t, conversion.KindContact, own.ID).Entity.Dirty != 0 {
		t.Error("there is something to send")
	}
	for of, want := range map[string]string{id: "separated by hand: it is contact a@example.com now", own.ID: "separated from b@example.com by hand"} {
		history, _, err := h.Timeline(ctx, workspace, conversion.KindContact, of, "", 100)
		must(t, err)
		if !slices.ContainsFunc(history, func(c conversion.Change) bool { return c.Note == want && c.From.ID == leadOne && c.By == user }) {
			t.Errorf("the history lacks %q: %+v", want, history)
		}
	}
}

func TestAFormerContactIsItselfAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.together(t)
	own, err := h.Separate(ctx, workspace, conversion.KindContact, first, []string{leadOne}, user)
	must(t, err)
	if own.ID != first || own.Key != "a@example.com" {
		t.Errorf("separated: %+v", own)
	}
	for _, id := range []string{first, second} {
		if got, err := h.Get(ctx, workspace, conversion.KindContact, id); err != nil || got.ID != id || len(got.Links) == 0 {
			t.Errorf("%s leads to %s, %v", id, got.ID, err)
		}
	}
	if _, err := h.Combine(ctx, workspace, conversion.KindContact, first, second, user); err != nil {
		t.Errorf("combined again: %v", err)
	}
	if g := h.group(t, conversion.KindContact, second); len(g.Links) != 2 || g.Links[0].State != conversion.LinkLive {
		t.Errorf("combined again: %+v", g.Links)
	}
}

func TestAnEditThatYieldedToASeparatedRecordIsNotSentToTheOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.allow(t)
	_, id := h.together(t)
	h.holds(t, id, leadTwo, "city", conversion.Text("Bonn"), conversion.MomentOf(start.Add(-time.Hour)))
	h.holds(t, id, leadOne, "city", conversion.Text("Oslo"), conversion.MomentOf(start.Add(time.Hour)))
	_, err := h.Update(ctx, workspace, conversion.KindContact, id, user, directory.Patch{Values: map[string]any{"phone": "2"}}) // resolves
	must(t, err)
	_, err = h.Separate(ctx, workspace, conversion.KindContact, id, []string{leadOne}, user)
	must(t, err)
	g := h.group(t, conversion.KindContact, id)
	city := h.contactVariable(t, "city")
	if state := g.Link(conversion.Ref{Object: conversion.Lead, ID: leadTwo}).Field(city); state.Settled != g.Entity.OwnClaim(city).Number {
		t.Errorf("the city is settled up to %d", state.Settled)
	}
}

func (h house) contactVariable(t *testing.T, key string) conversion.VarID {
	t.Helper()
	variables, err := h.Variables(ctx, workspace, conversion.KindContact)
	must(t, err)
	i := slices.IndexFunc(variables, func(v conversion.Variable) bool { return v.Key == key })
	return variables[i].ID
}

func TestWhatIsHeldOfASeparatedRecordIsLetGo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, id := h.together(t)
	g := h.group(t, conversion.KindContact, id)
	var held []conversion.Held
	for _, l := range g.Links {
		held = append(held, conversion.Held{EntityID: id, Ref: l.Ref, Field: "Title", Code: "STRING_TOO_LONG"})
	}
	must(t, h.books.Commit(ctx, conversion.Batch{At: 1, Plans: []conversion.Plan{{Group: g, Expect: g.Entity.Version}}, Held: held}))
	_, err := h.Separate(ctx, workspace, conversion.KindContact, id, []string{leadOne}, user)
	must(t, err)
	rows, _, err := h.books.Held(ctx, conversion.HeldFilter{Limit: 10})
	must(t, err)
	if len(rows) != 1 || rows[0].Ref.ID != leadTwo {
		t.Errorf("held: %+v", rows)
	}
}

func TestContactsFollowTheAccountOfASeparatedCompany(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := make(map[string]string)
	for _, name := range []string{"one", "two"} {
		ids[name] = h.one(t, conversion.KindCompany, directory.Draft{Key: name + ".example", Name: name}).View.ID
		g := h.group(t, conversion.KindCompany, ids[name])
		g.Links = []*conversion.Link{{
			Ref: conversion.Ref{Object: conversion.Account, ID: "001" + name}, EntityID: g.Entity.ID, State: conversion.LinkLive,
			Key: name + ".example", Placed: name + ".example", Linked: 1,
		}}
		h.commit(t, g)
	}
	chosen := h.one(t, conversion.KindContact, directory.Draft{Key: "c@example.com", CompanyID: pointer(ids["one"])}).View.ID
	of := h.contact(t, "d@example.com").ID
	h.link(t, of, leadOne, "d@example.com")
	g := h.group(t, conversion.KindContact, of)
	state := g.Links[0].Ensure(conversion.AccountVar)
	state.Claim = conversion.Claim{Value: conversion.Text("001one"), At: 1}
	g.Entity.Values = []conversion.Resolved{{Var: conversion.AccountVar, Value: conversion.Text("001one"), From: g.Links[0].Ref}}
	g.Entity.Company = ids["one"]
	h.commit(t, g)
	_, err := h.Combine(ctx, workspace, conversion.KindCompany, ids["one"], ids["two"], user)
	must(t, err)

	_, err = h.Separate(ctx, workspace, conversion.KindCompany, ids["one"], []string{"001one"}, user)
	must(t, err)
	for _, id := range []string{chosen, of} {
		got, err := h.Get(ctx, workspace, conversion.KindContact, id)
		if must(t, err); got.CompanyID != ids["one"] {
			t.Errorf("%s is of %s, want the company that is itself again", got.Key, got.CompanyID)
		}
	}
}

func TestWhatCannotBeSeparated(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, id := h.together(t)
	h.contact(t, "gone@example.com")
	h.link(t, id, "00Q000000000003AAA", "b@example.com")
	for name, c := range map[string]struct {
		id      string
		records []string
		code    conversion.Code
		says    string
	}{
		"nobody":                        {"nobody", []string{leadOne}, conversion.CodeNotFound, "no such contact"},
		"a record that is not there":    {id, []string{"00Q"}, conversion.CodeInvalid, "no record"},
		"one of two of the same e-mail": {id, []string{leadTwo}, conversion.CodeConflict, "same e-mail address"},
	} {
		_, err := h.Separate(ctx, workspace, conversion.KindContact, c.id, c.records, user)
		if conversion.ErrorCode(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if g := h.group(t, conversion.KindContact, id); len(g.Links) != 3 {
		t.Errorf("something changed: %+v", g.Links)
	}
}

func TestARecordIsNotSeparatedIntoAnEmailThatAnotherHas(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, id := h.together(t)
	other := h.contact(t, "c@example.com")
	g := h.group(t, conversion.KindContact, other.ID)
	g.Entity.Key = "a@example.com" // as when it was given to it before the two were combined
	h.commit(t, g)
	_, err := h.Separate(ctx, workspace, conversion.KindContact, id, []string{leadOne}, user)
	if taken, ok := directory.TakenBy(err); !ok || taken != other.ID {
		t.Errorf("separated: %v", err)
	}
}
