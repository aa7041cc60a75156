package directory_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/store"
	"conversion/internal/testkit"
)

const workspace = "w1"

var (
	ctx   = context.Background()
	user  = conversion.Actor{Kind: conversion.ActorUser, ID: "u1"}
	key   = conversion.Actor{Kind: conversion.ActorAPIKey, ID: "k1"}
	start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// house is a directory on a real database, with a clock that stands still.
type house struct {
	*directory.Service
	books *store.Workspace
	clock *testkit.Clock
	wakes *atomic.Int32
}

func newHouse(t testing.TB) house {
	t.Helper()
	s, err := store.Open(ctx, testkit.SQLite(t), store.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	clock, wakes := testkit.NewClock(start), new(atomic.Int32)
	open := func(id string) directory.Books { return s.Workspace(id) }
	return house{
		directory.New(open, clock.Now, func(string) { wakes.Add(1) }), s.Workspace(workspace), clock, wakes,
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// allow turns all six rules on.
func (h house) allow(t testing.TB) {
	t.Helper()
	must(t, h.books.SaveRules(ctx, conversion.Rules{
		ContactsCreated: conversion.TargetLeads, ContactsUpdated: conversion.TargetAll, ContactsDeleted: conversion.TargetAll,
		CompaniesCreated: conversion.TargetCompanies, CompaniesUpdated: conversion.TargetCompanies, CompaniesDeleted: conversion.TargetCompanies,
	}, user, 1))
}

// define maps variables of contacts to fields of Leads, beside the standard ones.
func (h house) define(t testing.TB, variables ...conversion.Variable) {
	t.Helper()
	_, err := h.Variables(ctx, workspace, conversion.KindContact)
	must(t, err)
	for i := range variables {
		v := &variables[i]
		v.ID, v.Kind, v.Label = conversion.VarID(900+i), conversion.KindContact, v.Key
		if v.Mode == "" {
			v.Mode = conversion.ModeTwoWay
		}
		for j := range v.Fields {
			v.Fields[j].Object, v.Fields[j].Name = conversion.Lead, v.Key
		}
	}
	must(t, h.books.SaveVariables(ctx, conversion.KindContact, variables))
}

func (h house) one(t testing.TB, kind conversion.Kind, d directory.Draft) directory.Result {
	t.Helper()
	results, err := h.Upsert(ctx, workspace, kind, key, []directory.Draft{d})
	must(t, err)
	must(t, results[0].Err)
	return results[0]
}

func (h house) contact(t testing.TB, email string) directory.View {
	t.Helper()
	return h.one(t, conversion.KindContact, directory.Draft{Key: email}).View
}

func (h house) group(t testing.TB, kind conversion.Kind, id string) conversion.Group {
	t.Helper()
	groups, err := h.books.Groups(ctx, conversion.GroupQuery{Kind: kind, IDs: []string{id}})
	must(t, err)
	if len(groups) != 1 {
		t.Fatalf("%d groups of entity %s", len(groups), id)
	}
	return groups[0]
}

// link ties a Lead that carries the e-mail to a contact.
func (h house) link(t testing.TB, contactID, recordID, email string) {
	t.Helper()
	g := h.group(t, conversion.KindContact, contactID)
	g.Links = append(g.Links, &conversion.Link{
		Ref: conversion.Ref{Object: conversion.Lead, ID: recordID}, EntityID: contactID,
		State: conversion.LinkLive, Key: email, Placed: email, Linked: 1,
	})
	h.commit(t, g)
}

func (h house) commit(t testing.TB, g conversion.Group) {
	t.Helper()
	must(t, h.books.Commit(ctx, conversion.Batch{At: 1, Plans: []conversion.Plan{{Group: g, Expect: g.Entity.Version}}}))
}

func value(v directory.View, key string) conversion.Value {
	for _, value := range v.Values {
		if value.Variable.Key == key {
			return value.Value
		}
	}
	return conversion.Value{}
}

// wantFault checks the code of an error and the one field it names.
func wantFault(t testing.TB, err error, code conversion.Code, field string) {
	t.Helper()
	if conversion.ErrorCode(err) != code {
		t.Fatalf("got error %v, want one of code %s", err, code)
	}
	fault, ok := errors.AsType[*conversion.Error](err)
	if !ok || len(fault.Fields) != 1 || fault.Fields[0].Field != field {
		t.Fatalf("got faults %v, want one of %s", fault.Fields, field)
	}
}

func pointer[T any](v T) *T { return &v }
