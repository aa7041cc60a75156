package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"conversion"
	"conversion/internal/store"
)

// testFirstSight is about pages of a load that store records and activities nobody had met:
// many at once, by whatever is fastest.
func testFirstSight(t *testing.T, open func(t *testing.T) *store.Store) {
	for name, test := range map[string]func(f fixture){
		"a page of records that nobody had met is read back as it was stored": pageIsReadBack,
		"a page is refused whose record another linked in between":            linkedInBetween,
		"a page is refused whose key another took in between":                 keyTakenInBetween,
		"a page is refused whose activity another stored in between":          activityInBetween,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newFixture(t, open(t)))
		})
	}
}

// strangers are as many contacts with a record each, by their ids.
func strangers(n int) (groups []conversion.Group) {
	for i := range n {
		groups = append(groups, linked(contact(fmt.Sprintf("stranger%d@example.com", i), fmt.Sprintf("Größe %d\t\\N", i)), lead(100+i)))
	}
	return groups
}

// pageOf is a batch of a page of a load.
func (f fixture) pageOf(groups ...conversion.Group) conversion.Batch {
	f.Helper()
	l := theLoad()
	f.load(conversion.LoadStep{Load: &l, Next: page(0, "")})
	b := conversion.Batch{At: begun, Plans: plans(groups...), Load: &conversion.LoadStep{Page: at(page(0, ""), len(groups), false)}}
	for i, g := range groups {
		e := task(i, g.Links[0].Ref)
		e.Ref.ID, e.First, e.Data = fmt.Sprintf("00T%015d", i), true, []byte(`{"a":null}`)
		b.Engagements = append(b.Engagements, e)
		b.Changes = append(b.Changes, conversion.Change{EntityID: g.Entity.ID, Note: "linked", FieldChange: conversion.FieldChange{From: g.Links[0].Ref, At: begun}})
	}
	return b
}

func (f fixture) refused(b conversion.Batch) {
	f.Helper()
	err := f.books.Commit(f.Context(), b)
	if _, stale := errors.AsType[*conversion.StaleError](err); !stale {
		f.Errorf("commit: %v, want a StaleError", err)
	}
	same(f.T, f.openPages()[0].Applied, 0)
}

func pageIsReadBack(f fixture) {
	groups := strangers(60)
	f.commit(f.pageOf(groups...))
	q := conversion.GroupQuery{Kind: conversion.KindContact}
	for _, g := range groups {
		g.Entity.Version = 1
		q.Refs = append(q.Refs, g.Links[0].Ref)
	}
	slices.SortFunc(groups, func(a, b conversion.Group) int { return strings.Compare(a.Entity.ID, b.Entity.ID) })
	same(f.T, must(f.books.Groups(f.Context(), q))(f.T), groups)
	for _, g := range []conversion.Group{groups[0], groups[59]} {
		found, _, err := f.books.Engagements(f.Context(), g.Entity.ID, "Task", "", 10)
		ok(f.T, err)
		if len(found) != 1 || string(found[0].Data) != `{"a":null}` || found[0].Ref.Object != conversion.Task {
			f.Errorf("engagements of %s: %+v", g.Entity.Key, found)
		}
		lines, _, err := f.books.Timeline(f.Context(), g.Entity.ID, "", 10)
		ok(f.T, err)
		if len(lines) != 1 || lines[0].Note != "linked" || lines[0].From != g.Links[0].Ref {
			f.Errorf("timeline of %s: %+v", g.Entity.Key, lines)
		}
	}
}

func linkedInBetween(f fixture) {
	b := f.pageOf(strangers(30)...)
	other := contact("other@example.com", "Other")
	f.have(linked(other, lead(107)))
	f.refused(b)
	owners := must(f.books.EntitiesOf(f.Context(), []conversion.Ref{lead(107), lead(108)}))(f.T)
	same(f.T, owners, map[conversion.Ref]string{lead(107): other.ID})
}

func keyTakenInBetween(f fixture) {
	b := f.pageOf(strangers(30)...)
	f.have(linked(contact("stranger7@example.com", "Other"), lead(1)))
	f.refused(b)
}

func activityInBetween(f fixture) {
	b := f.pageOf(strangers(30)...)
	before := b.Engagements[7]
	before.First = false
	f.commit(conversion.Batch{At: begun, Engagements: []conversion.Engagement{before}})
	f.refused(b)
	same(f.T, len(f.engagements()), 1)
}
