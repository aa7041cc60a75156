package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"conversion"
)

func testCommit(t *testing.T, open func(t *testing.T) Books) {
	for name, test := range map[string]func(ledger){
		"the version counts up, and an old one is refused by name":      versionsCount,
		"a new entity that is there already is refused":                 newEntityIsThere,
		"an entity that is not there is not updated":                    missingEntity,
		"a key that somebody has is refused":                            takenKey,
		"a key that a tombstone has is free":                            tombstonesKeyIsFree,
		"entities swap their keys in one batch":                         swappedKeys,
		"a key passes from a deleted entity to a new one":               keyPassesOn,
		"companies without a domain do not clash":                       companiesWithoutDomain,
		"a link moves to another entity":                                linkMoves,
		"what a record leaves behind stays, until it comes back":        ghostStays,
		"what is a combined entity's follows":                           combinedFollows,
		"a combined entity is itself again, its company's contacts too": combinedIsItselfAgain,
		"what is held of a record that moved is let go":                 heldOfMovedLinks,
		"a link in two groups is refused":                               linkInTwoGroups,
		"of two writers of one entity one is refused":                   twoWriters,
		"nothing of a refused batch is stored":                          nothingOfARefusedBatch,
		"a lease that another took refuses the batch":                   lostLease,
		"more rows than a statement holds are all stored":               manyRows,
		"what is held replaces what was, and keeps since when it is":    heldIsReplaced,
		"the cursor and the progress are stored with the page":          cursorAndProgress,
		"an engagement is updated by its record unless it is older":     engagementsByRecord,
		"activities that are gone are flagged, and no other":            goneActivities,
		"text that PostgreSQL would refuse is stored without the NUL":   oddText,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(ledger{t, open(t)})
		})
	}
}

// stale checks that the commit was refused for the entities.
func (f ledger) stale(b conversion.Batch, want ...string) {
	f.Helper()
	err := f.books.Commit(f.Context(), b)
	refused, ok := errors.AsType[*conversion.StaleError](err)
	if !ok {
		f.Fatalf("commit: %v, want a StaleError", err)
	}
	same(f.T, refused.EntityIDs, want)
}

func versionsCount(f ledger) {
	g := f.have(linked(contact("a@example.com", "A"), lead(1)))[0]
	other := f.have(linked(contact("b@example.com", "B")))[0]
	g.Entity.Name = "Second"
	f.commit(conversion.Batch{Plans: plans(g)})
	same(f.T, f.group(g.Entity).Entity.Version, int64(2))

	g.Entity.Name = "Third" // still planned on version 1
	f.stale(conversion.Batch{Plans: plans(g, other)}, g.Entity.ID)
	same(f.T, f.group(g.Entity).Entity.Name, "Second")
	same(f.T, f.group(other.Entity).Entity.Version, int64(1))
}

func newEntityIsThere(f ledger) {
	e := contact("a@example.com", "A")
	f.have(linked(e))
	err := f.books.Commit(f.Context(), conversion.Batch{Plans: plans(linked(e))})
	if _, refused := errors.AsType[*conversion.StaleError](err); !refused {
		f.Errorf("commit: %v, want a StaleError", err)
	}
}

func missingEntity(f ledger) {
	e := contact("a@example.com", "A")
	e.Version = 3
	f.stale(conversion.Batch{Plans: plans(linked(e))}, e.ID)
	same(f.T, len(f.groups(conversion.GroupQuery{Kind: e.Kind, IDs: []string{e.ID}})), 0)
}

func takenKey(f ledger) {
	f.have(linked(contact("a@example.com", "A")))
	f.stale(conversion.Batch{Plans: plans(linked(contact("a@example.com", "another")))})
}

func tombstonesKeyIsFree(f ledger) {
	dead := contact("a@example.com", "A")
	dead.Deleted = begun
	f.have(linked(dead), linked(contact("a@example.com", "another")))
}

func swappedKeys(f ledger) {
	stored := f.have(linked(contact("a@example.com", "A")), linked(contact("b@example.com", "B")))
	a, b := stored[0].Entity, stored[1].Entity
	a.Key, b.Key = b.Key, a.Key
	f.commit(conversion.Batch{Plans: plans(stored...)})
	same(f.T, f.group(a).Entity.Key, "b@example.com")
	same(f.T, f.group(b).Entity.Key, "a@example.com")
}

func keyPassesOn(f ledger) {
	heir := contact("a@example.com", "heir") // its id comes first
	stored := f.have(linked(contact("a@example.com", "A")))
	stored[0].Entity.Deleted = begun
	f.commit(conversion.Batch{Plans: plans(linked(heir), stored[0])})
	same(f.T, f.group(stored[0].Entity).Entity.Key, "a@example.com")
}

func companiesWithoutDomain(f ledger) {
	f.have(linked(company("", "A")), linked(company("", "B")))
	same(f.T, len(f.groups(conversion.GroupQuery{Kind: conversion.KindCompany, Keys: []string{""}})), 0)
}

func linkMoves(f ledger) {
	stored := f.have(linked(contact("a@example.com", "A"), lead(1), lead(2)), linked(contact("b@example.com", "B")))
	from, to := &stored[0], &stored[1]
	moving := from.Links[0]
	from.Links, to.Links = from.Links[1:], []*conversion.Link{moving}
	moving.EntityID = to.Entity.ID
	f.commit(conversion.Batch{Plans: plans(stored...)})
	same(f.T, len(f.group(from.Entity).Links), 1)
	same(f.T, f.group(to.Entity).Links[0].Ref, lead(1))
}

func ghostStays(f ledger) {
	stored := f.have(linked(contact("a@example.com", "A"), lead(1), lead(2)), linked(contact("b@example.com", "B"), lead(3)))
	a, b := &stored[0], &stored[1]
	move := func(from, to *conversion.Group) {
		l := from.Link(lead(1))
		from.Put(&conversion.Link{Ref: l.Ref, EntityID: from.Entity.ID, State: conversion.LinkMoved, Name: "its name", Fields: l.Fields})
		to.Put(l)
		f.commit(conversion.Batch{Plans: plans(*a, *b), Moves: []conversion.Move{{Ref: l.Ref, From: from.Entity.ID, To: to.Entity.ID}}})
		*a, *b = f.group(a.Entity), f.group(b.Entity)
	}
	move(a, b)
	same(f.T, a.Links[0].State, conversion.LinkMoved)
	same(f.T, a.Links[0].Name, "its name")
	same(f.T, len(a.Links[0].Fields), 1)
	same(f.T, b.Link(lead(1)).State, conversion.LinkLive)
	same(f.T, must(f.books.EntitiesOf(f.Context(), []conversion.Ref{lead(1)}))(f.T), map[conversion.Ref]string{lead(1): b.Entity.ID})
	same(f.T, ids(f.groups(conversion.GroupQuery{Kind: conversion.KindContact, Refs: []conversion.Ref{lead(1)}})), []string{b.Entity.ID})

	move(b, a)
	same(f.T, a.Link(lead(1)).State, conversion.LinkLive)
	same(f.T, len(a.Links), 2)
	same(f.T, b.Links[0].State, conversion.LinkMoved)
}

func combinedFollows(f ledger) {
	ctx, t := f.Context(), f.T
	stored := f.have(linked(company("a.example", "A"), lead(1)), linked(company("b.example", "B"), lead(2)), linked(company("c.example", "C")))
	a, b, c := stored[0], stored[1], stored[2]
	worker := contact("w@example.com", "W")
	worker.Company = a.Entity.ID
	f.have(linked(worker))
	f.commit(conversion.Batch{At: begun, Plans: plans(f.group(a.Entity)),
		Changes:     []conversion.Change{{EntityID: a.Entity.ID, Note: "of old"}},
		Held:        []conversion.Held{{EntityID: a.Entity.ID, Ref: lead(1), Code: "X"}},
		Engagements: []conversion.Engagement{{EntityID: a.Entity.ID, Type: "Task", Occurred: begun}},
	})
	combine := func(from, into conversion.Group) {
		from, into = f.group(from.Entity), f.group(into.Entity)
		for _, l := range from.Links {
			into.Put(l)
		}
		from.Links, from.Entity.Key, from.Entity.Deleted, from.Entity.Into = nil, "", begun, into.Entity.ID
		f.commit(conversion.Batch{At: begun, Plans: plans(from, into), Replaces: conversion.HeldKeys})
	}
	combine(a, b)
	combine(b, c)

	found := f.groups(conversion.GroupQuery{Kind: conversion.KindCompany, IDs: []string{a.Entity.ID}})
	same(t, ids(found), []string{a.Entity.ID, c.Entity.ID})
	same(t, found[0].Entity.Into, c.Entity.ID)
	same(t, len(f.group(c.Entity).Links), 2)
	same(t, f.group(worker).Entity.Company, c.Entity.ID)
	changes, _, err := f.books.Timeline(ctx, c.Entity.ID, "", 10)
	same(t, must(changes, err)(t)[0].Note, "of old")
	engagements, _, err := f.books.Engagements(ctx, c.Entity.ID, "", "", 10)
	same(t, len(must(engagements, err)(t)), 1)
	held, _, err := f.books.Held(ctx, conversion.HeldFilter{Limit: 10})
	same(t, must(held, err)(t)[0].EntityID, c.Entity.ID)
}

func combinedIsItselfAgain(f ledger) {
	stored := f.have(linked(company("a.example", "A"), lead(1)), linked(company("b.example", "B")))
	from, into := &stored[0], &stored[1]
	worker := contact("w@example.com", "W")
	worker.Company = from.Entity.ID
	f.have(linked(worker))
	into.Put(from.Links[0])
	from.Links, from.Entity.Key, from.Entity.Deleted, from.Entity.Into = nil, "", begun, into.Entity.ID
	f.commit(conversion.Batch{Plans: plans(*from, *into)})

	both := f.groups(conversion.GroupQuery{Kind: conversion.KindCompany, IDs: []string{from.Entity.ID}})
	again, rest, of := both[0], both[1], f.group(worker)
	same(f.T, of.Entity.Company, into.Entity.ID)
	again.Put(rest.Links[0])
	rest.Links = nil
	again.Entity.Into, again.Entity.Deleted, again.Entity.Key, of.Entity.Company = "", 0, "a.example", again.Entity.ID
	f.commit(conversion.Batch{
		Plans: plans(again, rest, of), Moves: []conversion.Move{{Ref: lead(1), From: rest.Entity.ID, To: again.Entity.ID}},
	})
	same(f.T, f.group(worker).Entity.Company, again.Entity.ID)
	same(f.T, ids(f.groups(conversion.GroupQuery{Kind: conversion.KindCompany, IDs: []string{again.Entity.ID}})), []string{again.Entity.ID})
	same(f.T, len(f.group(again.Entity).Links), 1)
}

func heldOfMovedLinks(f ledger) {
	stored := f.have(linked(contact("a@example.com", "A"), lead(1), lead(2)), linked(contact("b@example.com", "B")))
	from, to := &stored[0], &stored[1]
	f.commit(conversion.Batch{Plans: plans(*from), Held: []conversion.Held{
		{EntityID: from.Entity.ID, Ref: lead(1), Code: "X"}, {EntityID: from.Entity.ID, Ref: lead(2), Code: "X"},
	}})
	*from = f.group(from.Entity)
	l := from.Link(lead(1))
	from.Put(&conversion.Link{Ref: l.Ref, EntityID: from.Entity.ID, State: conversion.LinkMoved})
	to.Put(l)
	f.commit(conversion.Batch{
		Plans: plans(*from, *to), Replaces: conversion.HeldNone, Moves: []conversion.Move{{Ref: l.Ref, From: from.Entity.ID, To: to.Entity.ID}},
	})
	held, _, err := f.books.Held(f.Context(), conversion.HeldFilter{Limit: 10})
	same(f.T, len(must(held, err)(f.T)), 1)
	same(f.T, held[0].Ref, lead(2))
}

func linkInTwoGroups(f ledger) {
	err := f.books.Commit(f.Context(), conversion.Batch{
		Plans: plans(linked(contact("a@example.com", "A"), lead(1)), linked(contact("b@example.com", "B"), lead(1))),
	})
	refuses(f.T, err, conversion.CodeInternal)
}

func twoWriters(f ledger) {
	g := f.have(linked(contact("a@example.com", "A"), lead(1)))[0]
	const writers = 4
	errs := make([]error, writers)
	var done sync.WaitGroup
	for i := range writers {
		mine := g.Clone()
		mine.Entity.Name = fmt.Sprintf("by writer %d", i)
		done.Go(func() { errs[i] = f.books.Commit(f.Context(), conversion.Batch{Plans: plans(mine)}) })
	}
	done.Wait()

	won := -1
	for i, err := range errs {
		_, refused := errors.AsType[*conversion.StaleError](err)
		switch {
		case err == nil && won < 0:
			won = i
		case err == nil:
			f.Errorf("writers %d and %d both committed", won, i)
		case !refused:
			f.Errorf("writer %d: %v, want a StaleError", i, err)
		}
	}
	stored := f.group(g.Entity).Entity
	same(f.T, stored.Name, fmt.Sprintf("by writer %d", won))
	same(f.T, stored.Version, int64(2))
}

func nothingOfARefusedBatch(f ledger) {
	g := f.have(linked(contact("a@example.com", "A"), lead(1)))[0]
	run := f.run(conversion.Outbound)
	e := contact("new@example.com", "New")
	err := f.books.Commit(f.Context(), conversion.Batch{
		RunID: run.ID, At: begun, Plans: plans(g, linked(e, lead(2))), Counts: conversion.Counts{Created: 1},
		Changes:     []conversion.Change{{EntityID: g.Entity.ID, Note: "linked"}},
		Held:        []conversion.Held{{EntityID: g.Entity.ID, Code: "X"}},
		Engagements: []conversion.Engagement{{EntityID: g.Entity.ID, Type: "Task"}},
		Cursor:      &conversion.CursorMove{Object: conversion.Lead, To: conversion.Cursor{Modstamp: 5}},
		Lines:       []conversion.RunLine{{RunID: "no such run", Ref: lead(1)}},
	})
	refuses(f.T, err, conversion.CodeNotFound)

	ctx, s := f.Context(), f.T
	same(s, f.group(g.Entity).Entity.Version, int64(1))
	same(s, len(f.groups(conversion.GroupQuery{Kind: e.Kind, IDs: []string{e.ID}, Refs: []conversion.Ref{lead(2)}})), 0)
	same(s, must(f.books.Run(ctx, run.ID))(s).Counts, conversion.Counts{})
	same(s, must(f.books.HeldCount(ctx))(s), 0)
	same(s, must(f.books.Cursor(ctx, conversion.Lead))(s), conversion.Cursor{})
	changes, _, err := f.books.Timeline(ctx, g.Entity.ID, "", 10)
	same(s, len(must(changes, err)(s)), 0)
	engagements, _, err := f.books.Engagements(ctx, "", "", "", 10)
	same(s, len(must(engagements, err)(s)), 0)
}

func lostLease(f ledger) {
	ctx := f.Context()
	mine, ok, err := f.books.Acquire(ctx, "pull", "me", 100, 200)
	same(f.T, must(ok, err)(f.T), true)
	g := linked(contact("a@example.com", "A"))
	f.commit(conversion.Batch{Lease: &mine, Plans: plans(g)})

	_, ok, err = f.books.Acquire(ctx, "pull", "you", 150, 300)
	same(f.T, must(ok, err)(f.T), false)
	yours, ok, err := f.books.Acquire(ctx, "pull", "you", 200, 300)
	same(f.T, must(ok, err)(f.T), true)

	stored := f.group(g.Entity)
	err = f.books.Commit(ctx, conversion.Batch{Lease: &mine, Plans: plans(stored)})
	if !errors.Is(err, conversion.ErrLeaseLost) {
		f.Errorf("commit under a lost lease: %v, want ErrLeaseLost", err)
	}
	f.commit(conversion.Batch{Lease: &yours, Plans: plans(stored)})
}

func manyRows(f ledger) {
	const n = 237
	run := f.run(conversion.Inbound)
	b := conversion.Batch{RunID: run.ID, At: begun}
	for i := range n {
		g := linked(contact(fmt.Sprintf("p%d@example.com", i), "P"), lead(i))
		b.Plans = append(b.Plans, plan(g))
		b.Lines = append(b.Lines, conversion.RunLine{Ref: lead(i), EntityID: g.Entity.ID, Outcome: "created"})
		b.Held = append(b.Held, conversion.Held{EntityID: g.Entity.ID, Ref: lead(i), Code: "X"})
		b.Engagements = append(b.Engagements, conversion.Engagement{EntityID: g.Entity.ID, Type: "Task", Occurred: begun,
			Ref: conversion.Ref{Object: conversion.Task, ID: fmt.Sprint(i)}})
		b.Changes = append(b.Changes, conversion.Change{EntityID: b.Plans[0].Group.Entity.ID, Note: fmt.Sprint(i)})
	}
	f.commit(b)

	ctx, t := f.Context(), f.T
	same(t, must(f.books.LiveLinks(ctx, conversion.KindContact))(t), n)
	same(t, must(f.books.HeldCount(ctx))(t), n)
	lines, next, err := f.books.RunLines(ctx, run.ID, "", 1000)
	same(t, len(must(lines, err)(t)), n)
	same(t, next, "")
	for i, l := range lines {
		same(t, l, conversion.RunLine{RunID: run.ID, Ref: lead(i), EntityID: b.Plans[i].Group.Entity.ID, Outcome: "created", At: begun})
	}
	engagements, _, err := f.books.Engagements(ctx, "", "Task", "", 1000)
	same(t, len(must(engagements, err)(t)), n)
	changes, _, err := f.books.Timeline(ctx, b.Plans[0].Group.Entity.ID, "", 1000)
	same(t, len(must(changes, err)(t)), n)
	same(t, changes[0].Note, fmt.Sprint(n-1))
}

func heldIsReplaced(f ledger) {
	stored := f.have(linked(contact("a@example.com", "A"), lead(1)), linked(contact("b@example.com", "B"), lead(2)))
	a, b := stored[0].Entity, stored[1].Entity
	problem := conversion.Held{EntityID: a.ID, Ref: lead(1), Field: "Title", Fix: conversion.FixConversion, Code: "STRING_TOO_LONG", Message: "too long", Hint: "shorten", Retry: begun + 9}
	f.commit(conversion.Batch{At: begun, Plans: plans(stored...), Held: []conversion.Held{problem,
		{EntityID: a.ID, Ref: lead(1), Code: "SOLVED"}, {EntityID: b.ID, Ref: lead(2), Code: "OTHERS"}}})
	before := f.held()

	problem.Message = "still too long"
	f.commit(conversion.Batch{At: begun + 5, Plans: plans(f.group(a)), Held: []conversion.Held{problem}})

	after := f.held()
	same(f.T, len(after), 2)
	problem.ID, problem.Since, problem.Name = before["STRING_TOO_LONG"].ID, begun, a.Key
	problem.Cause = "STRING_TOO_LONG:Lead.Title"
	same(f.T, after["STRING_TOO_LONG"], problem)
	same(f.T, after["OTHERS"], before["OTHERS"])

	f.commit(conversion.Batch{At: begun + 6, Plans: plans(f.group(a), f.group(b))})
	same(f.T, len(f.held()), 0)
}

// held returns what is held, by code.
func (f ledger) held() map[string]conversion.Held {
	f.Helper()
	list, _, err := f.books.Held(f.Context(), conversion.HeldFilter{Limit: 100})
	ok(f.T, err)
	byCode := make(map[string]conversion.Held, len(list))
	for _, h := range list {
		byCode[h.Code] = h
	}
	return byCode
}

func cursorAndProgress(f ledger) {
	ctx, t := f.Context(), f.T
	ok(t, f.books.SaveProgress(ctx, []conversion.Progress{{Object: conversion.Lead, Total: 5}, {Object: conversion.Contact, Total: 6}}))
	first, second := conversion.Cursor{Modstamp: 5, ID: "00Q1"}, conversion.Cursor{Modstamp: 6, ID: "00Q2"}
	lead, account := conversion.Progress{Object: conversion.Lead, Done: 2, Total: 5, Began: 3}, conversion.Progress{Object: conversion.Account, Total: 1}
	f.commit(conversion.Batch{Cursor: &conversion.CursorMove{Object: conversion.Lead, To: first}, Progress: &account})
	f.commit(conversion.Batch{Cursor: &conversion.CursorMove{Object: conversion.Lead, To: second}, Progress: &lead})
	same(t, must(f.books.Cursor(ctx, conversion.Lead))(t), second)
	same(t, must(f.books.Progress(ctx))(t), []conversion.Progress{lead, {Object: conversion.Contact, Total: 6}, account})

	ok(t, f.books.SaveProgress(ctx, []conversion.Progress{account}))
	same(t, must(f.books.Progress(ctx))(t), []conversion.Progress{account})
}

func engagementsByRecord(f ledger) {
	e := contact("a@example.com", "A")
	f.have(linked(e))
	task := conversion.Engagement{EntityID: e.ID, Type: "Task", Ref: conversion.Ref{Object: conversion.Task, ID: "00T1"},
		Subject: "Call", Occurred: begun, Data: []byte(`{"Subject":"Call"}`), Modstamp: 20}
	f.commit(conversion.Batch{At: begun, Engagements: []conversion.Engagement{task}})
	stored := f.engagements()[0]
	task.ID, task.Created, task.Contacts = stored.ID, begun, []string{e.ID}
	same(f.T, stored, task)

	older, newer, newest := task, task, task
	older.ID, newer.ID, newest.ID = "", "another id", ""
	older.Subject, older.Modstamp = "older", 19
	newer.Subject, newer.Modstamp = "newer", 21
	newest.Subject, newest.Modstamp, newest.Deleted = "newest", 22, true
	f.commit(conversion.Batch{At: begun + 1, Engagements: []conversion.Engagement{older}})
	same(f.T, f.engagements(), []conversion.Engagement{task})
	f.commit(conversion.Batch{At: begun + 2, Engagements: []conversion.Engagement{newest, newer}})
	newest.ID, newest.Created = task.ID, begun
	same(f.T, f.engagements(), []conversion.Engagement{newest})

	known := must(f.books.KnownActivities(f.Context(), []conversion.Ref{task.Ref, {Object: conversion.Event, ID: "00T1"}}))(f.T)
	same(f.T, known, map[conversion.Ref]conversion.KnownActivity{task.Ref: {Modstamp: 22}})
}

func goneActivities(f ledger) {
	e := contact("a@example.com", "A")
	f.have(linked(e))
	var tasks []conversion.Engagement
	for _, ref := range []conversion.Ref{{Object: conversion.Task, ID: "x1"}, {Object: conversion.Task, ID: "x2"}, {Object: conversion.Event, ID: "x1"}} {
		tasks = append(tasks, conversion.Engagement{EntityID: e.ID, Type: string(ref.Object), Ref: ref, Occurred: begun})
	}
	tasks = append(tasks, conversion.Engagement{EntityID: e.ID, Type: "Webinar", Occurred: begun})
	f.commit(conversion.Batch{At: begun, Engagements: tasks})
	f.commit(conversion.Batch{At: begun + 1, Gone: []conversion.Ref{{Object: conversion.Task, ID: "x1"}, {Object: conversion.Task}, {Object: conversion.Task, ID: "unknown"}}})
	for _, g := range f.engagements() {
		same(f.T, g.Deleted, g.Ref == conversion.Ref{Object: conversion.Task, ID: "x1"})
	}
	same(f.T, len(f.engagements()), 4)
}

func (f ledger) engagements() []conversion.Engagement {
	f.Helper()
	list, _, err := f.books.Engagements(f.Context(), "", "", "", 100)
	return must(list, err)(f.T)
}

func oddText(f ledger) {
	e := contact("a@example.com", "A\x00nn\xff")
	e.Values = []conversion.Resolved{{Var: 12, Value: conversion.Text("N\x00L"), At: begun}}
	f.have(linked(e, lead(1)))
	stored := f.group(e).Entity
	same(f.T, stored.Name, "Ann\uFFFD")
	same(f.T, stored.Value(12), conversion.Text("N\x00L"))
}
