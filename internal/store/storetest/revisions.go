package storetest

import (
	"time"

	"conversion"
)

// revision of the contacts' variables.
func (f fixture) revision() int64 {
	f.Helper()
	return must(f.books.Schema(f.Context(), conversion.KindContact))(f.T).Revision
}

func revisionsCount(f fixture) {
	ctx, t := f.Context(), f.T
	save := func(v ...conversion.Variable) { ok(t, f.books.SaveVariables(ctx, conversion.KindContact, v)) }
	a := conversion.Variable{ID: 10, Kind: conversion.KindContact, Key: "a", Type: conversion.TypeBool, Mode: conversion.ModeTwoWay}
	b := conversion.Variable{ID: 11, Kind: conversion.KindContact, Key: "b", Mode: conversion.ModeTwoWay}
	save(a)
	a.Label, a.Fields = "A", []conversion.Field{{Object: conversion.Lead, Name: "A"}}
	save(a, b) // another label, other fields, a new variable
	same(t, f.revision(), int64(0))
	for i, change := range []func(){
		func() { a.Mode = conversion.ModeNone }, func() { a.LeftOut = true }, func() { a.OptOut = true }, func() { a.LeftOut = false },
	} {
		change()
		save(b, a)
		save(b, a)
		same(t, f.revision(), int64(i+1))
	}
	p := conversion.Preview{ID: "p", Scope: conversion.ScopePending, Expires: begun + 900,
		Modes: conversion.Modes{conversion.KindContact: {"b": conversion.ModeAlwaysConversion}}}
	ok(t, f.books.AddPreview(ctx, p, begun))
	p.Created = begun
	ok(t, f.books.FinishPreview(ctx, p, nil))
	ok(t, f.books.BeginApplying(ctx, p, admin, begun))
	same(t, f.revision(), int64(5))
	same(t, must(f.books.Schema(ctx, conversion.KindCompany))(t).Revision, int64(0))
}

func clockIsLearnt(f fixture) {
	ctx, t := f.Context(), f.T
	ok(t, f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{{ID: 10, Kind: conversion.KindContact, Key: "a"}}))
	c := tie(workspaceOf(f))
	ok(t, f.books.SaveConnection(ctx, c, 0, true)) // nothing was heard yet
	same(t, f.revision(), int64(0))
	c.ClockKnown, c.ClockOffset = true, 10*time.Minute
	ok(t, f.books.SaveConnection(ctx, c, 1, false)) // a login to the same org
	offset, known, err := f.books.ClockOffset(ctx)
	ok(t, err)
	same(t, offset, 10*time.Minute)
	same(t, known, true)
	same(t, f.revision(), int64(1))
	c.ClockOffset = time.Minute
	ok(t, f.books.SaveSyncState(ctx, c))
	ok(t, f.books.SaveConnection(ctx, tie(""), 2, false))
	offset, known, err = f.books.ClockOffset(ctx)
	ok(t, err)
	same(t, offset, time.Minute)
	same(t, known, true)
	same(t, f.revision(), int64(1))
}

func outdatedAreFound(f fixture) {
	ctx, t := f.Context(), f.T
	old, older, now, gone := contact("1@a.example", ""), contact("2@a.example", ""), contact("3@a.example", ""), contact("4@a.example", "")
	old.Revision, now.Revision, gone.Deleted = 2, 3, begun
	f.have(linked(old, lead(1)), linked(older), linked(now), linked(gone), linked(company("a.example", "A")))
	same(t, ids(must(f.books.Outdated(ctx, conversion.KindContact, 3, 9))(t)), []string{old.ID, older.ID})
	same(t, ids(must(f.books.Outdated(ctx, conversion.KindContact, 3, 1))(t)), []string{older.ID})
	same(t, ids(must(f.books.Outdated(ctx, conversion.KindContact, 2, 9))(t)), []string{older.ID})
}

func revisedIsChecked(f fixture) {
	ctx, t := f.Context(), f.T
	a, b := contact("a@a.example", ""), contact("b@a.example", "")
	f.have(linked(a, lead(1)), linked(b))
	moved := map[string]int64{a.ID: 1, b.ID: 7}
	f.stale(conversion.Batch{Revised: &conversion.Revised{To: 4, Versions: moved}}, b.ID)
	same(t, f.group(a).Entity.Revision, int64(0))
	moved[b.ID] = 1
	ok(t, f.books.Commit(ctx, conversion.Batch{Revised: &conversion.Revised{To: 4, Versions: moved}}))
	got := f.group(a)
	same(t, []int64{got.Entity.Revision, got.Entity.Version}, []int64{4, 1})
	same(t, f.group(b).Entity.Revision, int64(4))
}

func filterWakes(f fixture) {
	ctx, t := f.Context(), f.T
	parked, later := contact("a@example.com", "A"), contact("b@example.com", "B")
	parked.Dirty, parked.Retry = begun, conversion.ParkedRetry
	later.Dirty, later.Retry = begun, begun+9
	firm := company("example.com", "C")
	firm.Dirty, firm.Retry = begun, conversion.ParkedRetry
	f.have(linked(parked), linked(later), linked(firm))
	o := conversion.DefaultOptions()
	o.RetentionDays = 30
	ok(t, f.books.SaveOptions(ctx, o, admin, begun))
	same(t, f.group(parked).Entity.Retry, conversion.ParkedRetry)
	o.OutboundFilter.Contacts = conversion.Filter{{Variable: "email", Is: conversion.IsFilled}}
	ok(t, f.books.SaveOptions(ctx, o, admin, begun))
	same(t, f.group(parked).Entity.Retry, conversion.Moment(0))
	same(t, f.group(later).Entity.Retry, begun+9)
	same(t, f.group(firm).Entity.Retry, conversion.ParkedRetry)
}

func outdatedAreDue(f fixture) {
	ctx, t := f.Context(), f.T
	c := tie(workspaceOf(f))
	c.Paused, c.NextSync = true, begun
	ok(t, f.books.SaveConnection(ctx, c, 0, true))
	v := conversion.Variable{ID: 10, Kind: conversion.KindContact, Key: "a", Mode: conversion.ModeTwoWay}
	ok(t, f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{v}))
	e := f.have(linked(contact("a@example.com", "A")))[0].Entity
	is := func() (due []conversion.Due) {
		for _, d := range must(f.store.Due(ctx, begun))(t) {
			if d.WorkspaceID == workspaceOf(f) {
				due = append(due, d)
			}
		}
		return due
	}
	same(t, is(), []conversion.Due{})
	v.Mode = conversion.ModeNone
	ok(t, f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{v}))
	same(t, is(), []conversion.Due{{WorkspaceID: workspaceOf(f), Push: true}})
	f.commit(conversion.Batch{Revised: &conversion.Revised{To: 1, Versions: map[string]int64{e.ID: 1}}})
	same(t, is(), []conversion.Due{})
}
