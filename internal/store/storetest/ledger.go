package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"conversion"
)

func testLedger(t *testing.T, open func(t *testing.T) Books) {
	for name, test := range map[string]func(ledger){
		"a group is read as it was committed":                          groupIsReadAsCommitted,
		"groups are reached by id, record, key and linked key":         groupsAreReached,
		"an ended link's key reaches nothing, its record does":         endedLinkReachesByRecord,
		"a tombstone is reached by its key beside the new holder":      tombstoneIsReached,
		"what a record became reaches it, and what is pending is told": pendingAndInto,
		"a query of thousands finds each group once":                   largeQuery,
		"dirty groups come oldest first, those that wait do not":       dirtyGroups,
		"creates of unknown outcome are found":                         unansweredCreates,
		"links and entities are found by record":                       foundByRecord,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(ledger{t, open(t)})
		})
	}
}

func groupIsReadAsCommitted(f ledger) {
	e := contact("ann@example.com", "Ann "+long)
	e.Revision = 4
	e.Origin, e.Numbers, e.Company, e.Birth, e.Death = conversion.OriginAPI, 7, "c1", conversion.CreateLead, conversion.DeleteLead
	e.Own = []conversion.OwnClaim{{Var: 12, Value: conversion.Bool(false), At: begun, Number: 7, Reach: 511, Weak: true, Local: true, Counted: begun + 1, Said: begun + 2,
		By: conversion.Actor{Kind: conversion.ActorAPIKey, ID: "k"}}}
	e.Values = []conversion.Resolved{
		{Var: 1, Value: conversion.Text("ann@example.com"), At: begun, From: lead(1), By: conversion.Actor{Kind: conversion.ActorSalesforce, ID: "005"}},
		{Var: 12, Value: conversion.Bool(false), At: begun, By: conversion.Actor{Kind: conversion.ActorAPIKey, ID: "k"}},
	}
	e.Creating = &conversion.Creation{Object: conversion.Lead, At: begun, Lost: begun + 1, Number: 7, Keyed: true, Key: "ann@example.com", Name: "Ann",
		Sent: []conversion.Sent{{Var: 12, Value: conversion.Bool(false), Number: 7}}}
	e.Dirty, e.Retry, e.Tries, e.Lane = begun+1, conversion.ParkedRetry, 3, conversion.LaneBackfill
	e.Deleted, e.Gone, e.Erasing = begun+1, true, true
	want := linked(e, lead(1), lead(2))
	hold := conversion.FieldHold{Var: 12, Field: "Title", Number: 3, Code: "TOO_LONG", Fix: conversion.FixConversion, Since: begun, Retry: begun + 5, Tries: 2}
	want.Links[0].Holds, want.Entity.Holds = []conversion.FieldHold{hold}, []conversion.FieldHold{hold, {Var: 13}}
	want.Links[0].Rewrites = []conversion.Rewrites{{Var: 12, At: [conversion.RewriteLimit + 1]conversion.Moment{0, 0, 1, begun}, By: "005A"}}
	want.Links[0].State, want.Links[0].Hold, want.Links[0].Pending = conversion.LinkHeld, "no e-mail", true
	want.Links[0].Met = begun
	want.Links[1].State, want.Links[1].Into = conversion.LinkConverted, conversion.Ref{Object: conversion.Contact, ID: "003000000000001AAA"}
	want.Links[1].Fields[0].Intent = conversion.Intent{Value: conversion.Text("x"), Number: 7, At: begun, Again: true}

	f.commit(conversion.Batch{Plans: plans(want)})

	want.Entity.Version = 1
	same(f.T, f.group(e), want)
}

func groupsAreReached(f ledger) {
	byID, byRecord, byKey, byLink := contact("a@example.com", "A"), contact("b@example.com", "B"), contact("c@example.com", "C"), contact("d@example.com", "D")
	carrier := linked(byLink, lead(4))
	carrier.Links[0].Key = "other@example.com"
	f.have(linked(byID), linked(byRecord, lead(2), lead(3)), linked(byKey), carrier, linked(contact("z@example.com", "Z"), lead(9)))

	found := f.groups(conversion.GroupQuery{
		Kind: conversion.KindContact,
		IDs:  []string{byID.ID, "no such id", "no\x00body", "\xff"},
		Refs: []conversion.Ref{lead(2), lead(3), lead(5), {Object: conversion.Lead, ID: "00Q\x00"}},
		Keys: []string{"c@example.com", "other@example.com", "nobody@example.com", "", "with\x00nul"},
	})

	same(f.T, ids(found), []string{byID.ID, byRecord.ID, byKey.ID, byLink.ID})
	same(f.T, len(found[1].Links), 2)
	same(f.T, f.groups(conversion.GroupQuery{Kind: conversion.KindCompany, IDs: []string{byID.ID}, Keys: []string{"c@example.com"}}), []conversion.Group{})
}

func endedLinkReachesByRecord(f ledger) {
	g := linked(contact("a@example.com", "A"), lead(1))
	g.Links[0].State, g.Links[0].Key = conversion.LinkDeleted, "gone@example.com"
	f.have(g)
	same(f.T, len(f.groups(conversion.GroupQuery{Kind: conversion.KindContact, Keys: []string{"gone@example.com"}})), 0)
	same(f.T, len(f.groups(conversion.GroupQuery{Kind: conversion.KindContact, Refs: []conversion.Ref{lead(1)}})), 1)
}

func tombstoneIsReached(f ledger) {
	dead, heir := contact("a@example.com", "A"), contact("a@example.com", "A again")
	dead.Deleted = begun + 1
	f.have(linked(dead), linked(heir))
	found := f.groups(conversion.GroupQuery{Kind: conversion.KindContact, Keys: []string{"a@example.com"}})
	same(f.T, ids(found), []string{dead.ID, heir.ID})
}

func pendingAndInto(f ledger) {
	into := conversion.Ref{Object: conversion.Contact, ID: "003000000000001AAA"}
	g := linked(contact("a@example.com", "A"), lead(1), lead(2), lead(3))
	g.Links[0].State, g.Links[0].Into = conversion.LinkConverted, into
	g.Links[1].Pending, g.Links[2].Pending = true, true
	f.have(g)
	same(f.T, len(f.groups(conversion.GroupQuery{Kind: conversion.KindContact, Refs: []conversion.Ref{into}})), 1)
	same(f.T, must(f.books.Pending(f.Context(), 10))(f.T), []conversion.Ref{lead(2), lead(3)})
	same(f.T, must(f.books.Pending(f.Context(), 1))(f.T), []conversion.Ref{lead(2)})
}

func largeQuery(f ledger) {
	const n = 1234
	var groups []conversion.Group
	q := conversion.GroupQuery{Kind: conversion.KindContact}
	for i := range n {
		e := contact(fmt.Sprintf("p%d@example.com", i), "P")
		groups = append(groups, linked(e, lead(i)))
		q.IDs, q.Refs, q.Keys = append(q.IDs, e.ID), append(q.Refs, lead(i)), append(q.Keys, e.Key)
	}
	f.commit(conversion.Batch{Plans: plans(groups...)})
	same(f.T, ids(f.groups(q)), q.IDs)
}

func dirtyGroups(f ledger) {
	at := func(dirty, retry conversion.Moment) *conversion.Entity {
		e := contact(fmt.Sprintf("%d-%d@example.com", dirty, retry), "A")
		e.Dirty, e.Retry = dirty, retry
		return e
	}
	second, first, third := at(20, 0), at(10, 0), at(5, 30)
	f.have(linked(second), linked(first, lead(1)), linked(third), linked(at(0, 0)), linked(at(1, 31)), linked(at(2, conversion.ParkedRetry)))

	gone := at(6, 0)
	gone.Deleted = 6
	f.have(linked(gone))

	q := conversion.DirtyQuery{Kind: conversion.KindContact, Now: 30, Limit: 10}
	found := f.due(q)
	same(f.T, ids(found), []string{first.ID, second.ID, third.ID})
	same(f.T, len(found[0].Links), 1)
	q.Limit = 2
	same(f.T, len(f.due(q)), 2)
	q.Deleted = true
	same(f.T, ids(f.due(q)), []string{gone.ID})
	same(f.T, len(f.due(conversion.DirtyQuery{Kind: conversion.KindCompany, Now: 30})), 0)
}

// due returns what waits to be sent, by begun and up to ten unless the query says
// otherwise.
func (f ledger) due(q conversion.DirtyQuery) []conversion.Group {
	f.Helper()
	q.Now, q.Limit = cmp.Or(q.Now, begun), cmp.Or(q.Limit, 10)
	return must(f.books.Dirty(f.Context(), q))(f.T)
}

func unansweredCreates(f ledger) {
	creating := func(e *conversion.Entity) *conversion.Entity {
		e.Creating = &conversion.Creation{Object: conversion.Lead, At: begun}
		return e
	}
	live, gone := creating(contact("a@example.com", "A")), creating(contact("b@example.com", "B"))
	gone.Deleted = begun
	f.have(linked(live), linked(gone), linked(contact("c@example.com", "C")), linked(creating(company("d.example", "D"))))
	found := must(f.books.Groups(f.Context(), conversion.GroupQuery{Kind: conversion.KindContact, Creating: true}))(f.T)
	same(f.T, ids(found), slices.Sorted(slices.Values([]string{live.ID, gone.ID})))
}

func foundByRecord(f ledger) {
	live, dead := contact("a@example.com", "A"), contact("b@example.com", "B")
	dead.Deleted = begun
	g := linked(live, lead(1), lead(2), lead(3))
	g.Links[1].State, g.Links[2].State = conversion.LinkConverted, conversion.LinkIgnored
	f.have(g, linked(dead, lead(4)))

	refs := []conversion.Ref{lead(1), lead(2), lead(3), lead(4), lead(5)}
	same(f.T, must(f.books.EntitiesOf(f.Context(), refs))(f.T), map[conversion.Ref]string{lead(1): live.ID, lead(2): live.ID})
	same(f.T, must(f.books.LiveLinks(f.Context(), conversion.KindContact))(f.T), 2)
	same(f.T, must(f.books.LiveLinks(f.Context(), conversion.KindCompany))(f.T), 0)
	same(f.T, must(f.books.ObjectCounts(f.Context()))(f.T), map[conversion.Object]int{conversion.Lead: 2})

	links := must(f.books.LinksOf(f.Context(), []string{live.ID, dead.ID, live.ID, "nobody"}))(f.T)
	same(f.T, len(links[live.ID]), 3)
	same(f.T, links[live.ID][1].State, conversion.LinkConverted)
	same(f.T, links[dead.ID][0].Ref, lead(4))
	same(f.T, len(links[dead.ID][0].Fields), 0)
}
