package storetest

import (
	"testing"

	"conversion"
	"conversion/internal/store"
)

func testPreviews(t *testing.T, open func(t *testing.T) *store.Store) {
	s := open(t)
	for name, test := range map[string]func(fixture){
		"a preview is seen once it is finished, until it expires":           previewIsSeen,
		"a preview's records are read in their order, page by page":         previewItemsByPage,
		"deletions that wait for an approval are held":                      previewHoldsDeletions,
		"applying saves rules and modes once, and wakes nobody":             applyingBegins,
		"how far applying came is in the transaction of what it released":   applyingSteps,
		"an expired preview is removed, but for one that is half applied":   previewsExpire,
		"a walk meets what waits, or what anything was ever said about":     walks,
		"what piled up is counted since the connection was lost":            piles,
		"an unknown variable's mode stops the applying, and nothing is set": applyingChecksModes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newFixture(t, s))
		})
	}
}

// preview stores a finished preview of two contacts and three records.
func (f fixture) preview(id string) conversion.Preview {
	f.Helper()
	rules := conversion.DefaultRules()
	rules.ContactsUpdated, rules.Defaults = conversion.TargetAll, map[string]string{"Lead.Company": "Unknown"}
	p := conversion.Preview{
		ID: id, Scope: conversion.ScopeExisting, Rules: rules, Basis: "basis", Expires: begun + 100,
		Modes: conversion.Modes{conversion.KindContact: {"x": conversion.ModeAlwaysConversion}},
	}
	ok(f.T, f.books.AddPreview(f.Context(), p, begun))
	ok(f.T, f.books.AddToPreview(f.Context(), id, previewEntities, previewItems))
	p.Counts, p.Entities, p.Listed, p.Created = conversion.PreviewCounts{Create: 1, Update: 1, Delete: 1}, 2, 3, begun
	ok(f.T, f.books.FinishPreview(f.Context(), p, nil))
	return p
}

var previewEntities = []conversion.PreviewEntity{
	{Number: 1, EntityID: "a", Kind: conversion.KindCompany, Hash: "h1"},
	{Number: 2, EntityID: "b", Kind: conversion.KindContact, Hash: "h2"},
}

var previewItems = []conversion.PreviewItem{
	{Number: 1, Entity: 1, EntityID: "a", Kind: conversion.KindCompany, Action: conversion.ActionCreate, Ref: conversion.Ref{Object: conversion.Account},
		Key: "acme.example", Name: "Acme", Reason: "companies_created",
		Fields: []conversion.FieldWrite{{Field: "Name", Var: 2, Value: conversion.Text("Acme"), Number: 3}}},
	{Number: 2, Entity: 2, EntityID: "b", Kind: conversion.KindContact, Action: conversion.ActionUpdate, Ref: lead(1), Key: "jo@acme.example",
		Fields: []conversion.FieldWrite{{Field: "Title", Var: 10, Before: conversion.Null, Value: conversion.Text("CEO")}}},
	{Number: 3, Entity: 2, EntityID: "b", Kind: conversion.KindContact, Action: conversion.ActionDelete, Ref: lead(2), Key: "jo@acme.example"},
}

func previewIsSeen(f fixture) {
	ctx, t := f.Context(), f.T
	ok(t, f.books.AddPreview(ctx, conversion.Preview{ID: "begun", Scope: conversion.ScopePending, Expires: begun + 100}, begun))
	_, err := f.books.Preview(ctx, "begun", begun)
	refuses(t, err, conversion.CodeNotFound)
	p := f.preview("p")
	same(t, must(f.books.Preview(ctx, "p", begun+99))(t), p)
	_, err = f.books.Preview(ctx, "p", begun+100)
	refuses(t, err, conversion.CodeNotFound)
	refuses(t, f.books.FinishPreview(ctx, conversion.Preview{ID: "none"}, nil), conversion.CodeNotFound)
}

func previewItemsByPage(f fixture) {
	ctx, t := f.Context(), f.T
	f.preview("p")
	first, next, err := f.books.PreviewItems(ctx, "p", false, "", 2)
	ok(t, err)
	same(t, first, previewItems[:2])
	rest, end, err := f.books.PreviewItems(ctx, "p", false, next, 2)
	ok(t, err)
	same(t, rest, previewItems[2:])
	same(t, end, "")
	_, _, err = f.books.PreviewItems(ctx, "p", true, next, 2)
	refuses(t, err, conversion.CodeInvalid)
	same(t, must(f.books.PreviewEntities(ctx, "p", 1, 10))(t), previewEntities[1:])
}

func previewHoldsDeletions(f fixture) {
	ctx, t := f.Context(), f.T
	p := f.preview("p")
	ok(t, f.books.FinishPreview(ctx, p, map[conversion.Kind]string{conversion.KindContact: "Too many."}))
	items, _, err := f.books.PreviewItems(ctx, "p", false, "", 10)
	ok(t, err)
	same(t, items[1].Action, conversion.ActionUpdate)
	same(t, items[2].Action, conversion.ActionHold)
	same(t, items[2].Reason, "Too many.")
}

func applyingBegins(f fixture) {
	ctx, t := f.Context(), f.T
	ok(t, f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{{ID: 10, Kind: conversion.KindContact, Key: "x", Mode: conversion.ModeTwoWay}}))
	parked := contact("jo@acme.example", "Jo")
	parked.Dirty, parked.Retry = begun, conversion.ParkedRetry
	f.have(linked(parked))
	p := f.preview("p")
	ok(t, f.books.BeginApplying(ctx, p, admin, begun+5))
	same(t, must(f.books.Rules(ctx))(t), p.Rules)
	same(t, must(f.books.Schema(ctx, conversion.KindContact))(t).ByKey("x").Mode, conversion.ModeAlwaysConversion)
	same(t, f.group(parked).Entity.Retry, conversion.ParkedRetry)
	half := must(f.books.HalfApplied(ctx))(t)
	same(t, half.ID, "p")
	same(t, half.By, admin)
	refuses(t, f.books.BeginApplying(ctx, p, admin, begun+6), conversion.CodeConflict)
}

func applyingChecksModes(f fixture) {
	ctx, t := f.Context(), f.T
	p := f.preview("p")
	refuses(t, f.books.BeginApplying(ctx, p, admin, begun+5), conversion.CodeNotFound)
	same(t, must(f.books.Rules(ctx))(t), conversion.DefaultRules())
	same(t, must(f.books.HalfApplied(ctx))(t).ID, "")
}

func applyingSteps(f fixture) {
	ctx, t := f.Context(), f.T
	p := f.preview("p")
	p.Modes = nil
	ok(t, f.books.BeginApplying(ctx, p, admin, begun+5))
	jo := contact("jo@acme.example", "Jo")
	f.have(linked(jo))
	stale := plan(f.group(jo))
	stale.Expect = 9
	step := conversion.PreviewStep{PreviewID: "p", Done: 1, Skipped: []int{2}}
	f.stale(conversion.Batch{Plans: []conversion.Plan{stale}, Preview: &step}, jo.ID)
	same(t, must(f.books.Preview(ctx, "p", begun))(t).Done, 0)

	f.commit(conversion.Batch{At: begun + 6, Preview: &step})
	half := must(f.books.HalfApplied(ctx))(t)
	same(t, []int{half.Done, half.Skipped}, []int{1, 1})
	skipped, _, err := f.books.PreviewItems(ctx, "p", true, "", 10)
	ok(t, err)
	same(t, len(skipped), 2)
	same(t, skipped[0].Skipped, true)

	f.commit(conversion.Batch{At: begun + 7, Preview: &conversion.PreviewStep{PreviewID: "p", Done: 2, Finished: true}})
	same(t, must(f.books.HalfApplied(ctx))(t).ID, "")
	same(t, must(f.books.Preview(ctx, "p", begun))(t).Applied, begun+7)
}

func previewsExpire(f fixture) {
	ctx, t := f.Context(), f.T
	half := f.preview("half")
	half.Modes = nil
	ok(t, f.books.BeginApplying(ctx, half, admin, begun+1))
	f.preview("old")
	ok(t, f.books.AddPreview(ctx, conversion.Preview{ID: "new", Scope: conversion.ScopePending, Expires: begun + 900}, begun+500))
	items, _, err := f.books.PreviewItems(ctx, "old", false, "", 10)
	ok(t, err)
	same(t, len(items), 0)
	same(t, must(f.books.HalfApplied(ctx))(t).ID, "half")
	items, _, err = f.books.PreviewItems(ctx, "half", false, "", 10)
	ok(t, err)
	same(t, len(items), 3)
}

func walks(f fixture) {
	ctx, t := f.Context(), f.T
	read, edited, born, gone, waits := contact("1@a.example", ""), contact("2@a.example", ""), contact("3@a.example", ""), contact("4@a.example", ""), contact("5@a.example", "")
	edited.Own = []conversion.OwnClaim{{Var: 10, Value: conversion.Text("x"), Number: 1}}
	born.Origin = conversion.OriginUser
	gone.Deleted = begun
	waits.Dirty, waits.Retry = begun, conversion.ParkedRetry
	f.have(linked(read, lead(1)), linked(edited), linked(born), linked(gone), linked(waits))
	firm := company("a.example", "A")
	firm.Dirty, firm.Origin = begun, conversion.OriginUser
	f.have(linked(firm))
	ids := func(groups []conversion.Group) (found []string) {
		for _, g := range groups {
			found = append(found, g.Entity.ID)
		}
		return found
	}
	all := conversion.WalkQuery{Kind: conversion.KindContact, Limit: 2}
	page := must(f.books.Walk(ctx, all))(t)
	same(t, ids(page), []string{edited.ID, born.ID})
	all.After = born.ID
	same(t, ids(must(f.books.Walk(ctx, all))(t)), []string{gone.ID})
	same(t, ids(must(f.books.Walk(ctx, conversion.WalkQuery{Kind: conversion.KindContact, Dirty: true, Limit: 9}))(t)), []string{waits.ID})
}

func piles(f fixture) {
	ctx, t := f.Context(), f.T
	ok(t, f.books.SaveConnection(ctx, tie(""), 0, true))
	ok(t, f.books.SavePile(ctx, begun, 7))
	c := must(f.books.Connection(ctx))(t)
	same(t, c.Offline, begun)
	same(t, c.Piled, 7)
	before, since, later := contact("1@a.example", ""), contact("2@a.example", ""), contact("3@a.example", "")
	before.Dirty, since.Dirty, later.Dirty, later.Retry = begun-1, begun, begun, conversion.ParkedRetry
	f.have(linked(before), linked(since), linked(later))
	same(t, must(f.books.Piled(ctx, begun, begun+1, 10))(t), 1)
	same(t, must(f.books.Piled(ctx, begun-1, begun+1, 1))(t), 1)
	ok(t, f.books.SavePile(ctx, 0, 0))
	same(t, must(f.books.Connection(ctx))(t).Offline, conversion.Moment(0))
}
