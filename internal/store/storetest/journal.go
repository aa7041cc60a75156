package storetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"conversion"
	"conversion/internal/store"
)

func testJournal(t *testing.T, open func(t *testing.T) *store.Store) {
	s := open(t)
	for name, test := range map[string]func(fixture){
		"a run is queued, works, counts and ends":                    runLives,
		"runs left running are failed, those of one direction":       runsLeftRunning,
		"runs are listed newest first, by direction, object, date":   runsAreListed,
		"a lease is held by one, renewed, released and taken over":   leases,
		"a timeline is read newest first, page by page":              timeline,
		"a timeline of one variable holds nothing else":              timelineOfVariable,
		"the records of a run are read in their order, page by page": linesByPage,
		"what is held is read newest first, page by page":            heldByPage,
		"what is held is told by its contact or company":             heldOfEntity,
		"what is held is chosen by its ids, cause, object or fix":    heldByChoice,
		"what is held of one cause is one group, the largest first":  heldGroups,
		"what is held says who keeps changing it":                    heldByWhom,
		"held rows tell at once that they are tried again":           heldRetried,
		"held fields are woken, held records and others are not":     heldWoken,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newFixture(t, s))
		})
	}
}

// run adds a running run of Leads.
func (f ledger) run(d conversion.Direction) conversion.Run {
	f.Helper()
	r := conversion.Run{ID: uuid.Must(uuid.NewV7()).String(), Direction: d, Object: conversion.Lead, Trigger: "manual", Status: conversion.RunRunning, Created: begun}
	ok(f.T, f.books.AddRuns(f.Context(), []conversion.Run{r}))
	return r
}

func runLives(f fixture) {
	ctx, t := f.Context(), f.T
	first := conversion.Run{ID: "1", Direction: conversion.Inbound, Object: conversion.Lead, Trigger: "schedule", Status: conversion.RunQueued, Created: begun}
	second := first
	second.ID, second.Created = "0", begun+1
	ok(t, f.books.AddRuns(ctx, []conversion.Run{second, first}))
	same(t, must(f.books.QueuedRuns(ctx))(t), []conversion.Run{first, second})

	first.Status, first.Started = conversion.RunRunning, begun+2
	ok(t, f.books.UpdateRun(ctx, first))
	same(t, must(f.books.QueuedRuns(ctx))(t), []conversion.Run{second})
	counts := conversion.Counts{Created: 1, Updated: 2, Deleted: 3, Skipped: 4, Held: 5}
	f.commit(conversion.Batch{RunID: "1", Counts: counts})
	f.commit(conversion.Batch{RunID: "1", Counts: counts})
	first.Status, first.Finished, first.Error = conversion.RunFailed, begun+3, "the org does not answer"
	ok(t, f.books.UpdateRun(ctx, first))
	first.Counts = counts.Plus(counts)
	same(t, must(f.books.Run(ctx, "1"))(t), first)

	_, err := f.books.Run(ctx, "2")
	refuses(t, err, conversion.CodeNotFound)
	refuses(t, f.books.UpdateRun(ctx, conversion.Run{ID: "2"}), conversion.CodeNotFound)
	refuses(t, f.books.Commit(ctx, conversion.Batch{RunID: "2"}), conversion.CodeNotFound)
}

func runsLeftRunning(f fixture) {
	ctx, t := f.Context(), f.T
	in, out := f.run(conversion.Inbound), f.run(conversion.Outbound)
	ok(t, f.books.FailRunning(ctx, conversion.Inbound, begun+5, "The worker stopped."))
	failed := must(f.books.Run(ctx, in.ID))(t)
	same(t, failed.Status, conversion.RunFailed)
	same(t, failed.Finished, begun+5)
	same(t, failed.Error, "The worker stopped.")
	same(t, must(f.books.Run(ctx, out.ID))(t), out)
}

func runsAreListed(f fixture) {
	var runs []conversion.Run
	for i, of := range []struct {
		direction conversion.Direction
		object    conversion.Object
	}{{conversion.Inbound, conversion.Lead}, {conversion.Outbound, conversion.Lead}, {conversion.Inbound, conversion.Task}} {
		runs = append(runs, conversion.Run{ID: string(rune('c' - i)), Direction: of.direction, Object: of.object, Status: conversion.RunDone, Created: begun + conversion.Moment(i/2)})
	}
	ok(f.T, f.books.AddRuns(f.Context(), runs))
	for name, c := range map[string]struct {
		filter conversion.RunFilter
		want   []string
	}{
		"all":                     {conversion.RunFilter{}, []string{"a", "c", "b"}},
		"of a direction":          {conversion.RunFilter{Direction: conversion.Inbound}, []string{"a", "c"}},
		"of an object":            {conversion.RunFilter{Object: conversion.Lead}, []string{"c", "b"}},
		"since a time":            {conversion.RunFilter{Since: begun + 1}, []string{"a"}},
		"until a time, excluded":  {conversion.RunFilter{Until: begun + 1}, []string{"c", "b"}},
		"between two times":       {conversion.RunFilter{Since: begun, Until: begun + 2}, []string{"a", "c", "b"}},
		"between, of a direction": {conversion.RunFilter{Direction: conversion.Outbound, Since: begun, Until: begun + 1}, []string{"b"}},
	} {
		got := f.pages(func(after string) (page []string, next string, err error) {
			c.filter.After, c.filter.Limit = after, 1
			found, next, err := f.books.Runs(f.Context(), c.filter)
			for _, r := range found {
				page = append(page, r.ID)
			}
			return page, next, err
		})
		if len(got) != len(c.want) {
			f.Errorf("%s: %v, want %v", name, got, c.want)
			continue
		}
		same(f.T, got, c.want)
	}
}

// pages reads a list to its end, and checks that another's cursor and damaged ones are
// refused.
func (f fixture) pages(read func(after string) (page []string, next string, err error)) []string {
	f.Helper()
	var got []string
	after := ""
	for range 100 {
		page, next, err := read(after)
		ok(f.T, err)
		got = append(got, page...)
		if next == "" {
			break
		}
		for _, bad := range []string{next + "A", next[:len(next)-2], "e30", "!", "eyJsIjoib3RoZXIiLCJpIjoieCJ9"} {
			_, _, err := read(bad)
			refusesField(f.T, err, "cursor")
		}
		after = next
	}
	return got
}

// refusesField checks for a CodeInvalid error that names the field.
func refusesField(t *testing.T, err error, field string) {
	t.Helper()
	refuses(t, err, conversion.CodeInvalid)
	if e, is := errors.AsType[*conversion.Error](err); is && (len(e.Fields) != 1 || e.Fields[0].Field != field) {
		t.Errorf("the error names %v, want %s", e.Fields, field)
	}
}

func leases(f fixture) {
	ctx, t := f.Context(), f.T
	take := func(owner string, now, until conversion.Moment) (conversion.Lease, bool) {
		t.Helper()
		l, got, err := f.books.Acquire(ctx, "push", owner, now, until)
		ok(t, err)
		return l, got
	}
	mine, got := take("me", 10, 20)
	same(t, got, true)
	same(t, mine.Until, conversion.Moment(20))
	_, got = take("you", 19, 30)
	same(t, got, false)

	ok(t, f.books.Renew(ctx, mine, 40))
	_, got = take("you", 39, 50)
	same(t, got, false)
	ok(t, f.books.Release(ctx, mine))
	yours, got := take("you", 11, 50)
	same(t, got, true)
	if yours.Generation <= mine.Generation {
		t.Errorf("generation %d after %d", yours.Generation, mine.Generation)
	}
	same(t, f.books.Renew(ctx, mine, 60), error(conversion.ErrLeaseLost))
	ok(t, f.books.Release(ctx, mine)) // of no effect
	ok(t, f.books.Renew(ctx, yours, 60))

	again, got := take("you", 12, 60)
	same(t, got, true)
	same(t, f.books.Renew(ctx, yours, 70), error(conversion.ErrLeaseLost))
	ok(t, f.books.Renew(ctx, again, 70))
}

func timeline(f fixture) {
	e := contact("a@example.com", "A")
	f.have(linked(e), linked(contact("b@example.com", "B")))
	full := conversion.Change{
		EntityID: e.ID, RunID: "r", Rule: "contacts_updated", Note: "sent to Lead",
		FieldChange: conversion.FieldChange{Var: 12, Before: conversion.Null, After: conversion.Text(long), From: lead(1),
			By: conversion.Actor{Kind: conversion.ActorSalesforce, ID: "005"}, At: begun + 2},
	}
	bare := conversion.Change{EntityID: e.ID, Note: "linked"}
	f.commit(conversion.Batch{RunID: "", At: begun + 1, Changes: []conversion.Change{full, bare, {EntityID: "another", Note: "not this"}}})
	f.commit(conversion.Batch{At: begun + 1, Changes: []conversion.Change{{EntityID: e.ID, Note: "moved"}}})

	page, _, err := f.books.Timeline(f.Context(), e.ID, "", 10)
	ok(f.T, err)
	bare.At = begun + 1
	moved := bare
	moved.Note = "moved"
	same(f.T, page, []conversion.Change{full, moved, bare})
	notes := f.pages(func(after string) (page []string, next string, err error) {
		found, next, err := f.books.Timeline(f.Context(), e.ID, after, 1)
		for _, c := range found {
			page = append(page, c.Note)
		}
		return page, next, err
	})
	same(f.T, notes, []string{"sent to Lead", "moved", "linked"})
}

func timelineOfVariable(f fixture) {
	e := contact("a@example.com", "A")
	f.have(linked(e))
	for i := range 3 {
		at := begun + conversion.Moment(i)
		f.commit(conversion.Batch{At: at, Changes: []conversion.Change{
			{EntityID: e.ID, FieldChange: conversion.FieldChange{Var: 12, At: at}},
			{EntityID: e.ID, FieldChange: conversion.FieldChange{Var: 13, At: at}},
			{EntityID: e.ID, Note: "linked", FieldChange: conversion.FieldChange{At: at}},
		}})
	}
	times := f.pages(func(after string) (page []string, next string, err error) {
		found, next, err := f.books.TimelineOf(f.Context(), e.ID, 12, after, 2)
		for _, c := range found {
			same(f.T, c.Var, conversion.VarID(12))
			page = append(page, c.At.String())
		}
		return page, next, err
	})
	same(f.T, times, []string{(begun + 2).String(), (begun + 1).String(), begun.String()})
	_, next, err := f.books.Timeline(f.Context(), e.ID, "", 1)
	ok(f.T, err)
	_, _, err = f.books.TimelineOf(f.Context(), e.ID, 12, next, 1)
	refuses(f.T, err, conversion.CodeInvalid) // the cursor of another list
}

func linesByPage(f fixture) {
	run := f.run(conversion.Inbound)
	for i := range 5 {
		f.commit(conversion.Batch{RunID: run.ID, Lines: []conversion.RunLine{{Ref: lead(2 * i), Outcome: "skipped", Message: "no e-mail"}, {Ref: lead(2*i + 1)}}})
	}
	got := f.pages(func(after string) (page []string, next string, err error) {
		found, next, err := f.books.RunLines(f.Context(), run.ID, after, 3)
		for _, l := range found {
			page = append(page, l.Ref.ID)
		}
		return page, next, err
	})
	want := make([]string, 10)
	for i := range want {
		want[i] = lead(i).ID
	}
	same(f.T, got, want)
}

func heldByPage(f fixture) {
	g := f.have(linked(contact("a@example.com", "A")))[0]
	var held []conversion.Held
	for i, code := range []string{"first", "third", "second"} {
		held = append(held, conversion.Held{EntityID: g.Entity.ID, Code: code, Since: begun + []conversion.Moment{3, 1, 2}[i]})
	}
	f.commit(conversion.Batch{Plans: plans(g), Held: held})
	got := f.pages(func(after string) (page []string, next string, err error) {
		found, next, err := f.books.Held(f.Context(), conversion.HeldFilter{After: after, Limit: 1})
		for _, h := range found {
			page = append(page, h.Code)
		}
		return page, next, err
	})
	same(f.T, got, []string{"first", "second", "third"})
}

// heldOfEntity: who it is says the row, for a record that is still to be created has no id.
func heldOfEntity(f fixture) {
	groups := f.have(linked(contact("a@example.com", "A")), linked(company("acme.example", "Acme")), linked(company("other.example", "")))
	var held []conversion.Held
	for i, g := range groups {
		held = append(held, conversion.Held{EntityID: g.Entity.ID, Code: "X", Since: begun - conversion.Moment(i)})
	}
	f.commit(conversion.Batch{Plans: plans(groups...), Held: held})
	for i, want := range []string{"a@example.com", "Acme", "other.example"} {
		found := must(f.books.HeldOf(f.Context(), groups[i].Entity.ID))(f.T)
		if len(found) != 1 || found[0].Name != want || found[0].EntityID != groups[i].Entity.ID {
			f.Errorf("held of %s: %+v", want, found)
		}
	}
	same(f.T, len(must(f.books.HeldOf(f.Context(), "nobody"))(f.T)), 0)
}

// quarantine holds four things of three contacts.
func quarantine(f fixture) []conversion.Group {
	groups := f.have(linked(contact("a@example.com", "A"), lead(1)), linked(contact("b@example.com", "B"), lead(2)), linked(contact("c@example.com", "C")))
	for _, g := range groups {
		g.Entity.Dirty, g.Entity.Retry = begun, begun+100
	}
	id := func(i int) string { return groups[i].Entity.ID }
	f.commit(conversion.Batch{At: begun, Plans: plans(groups...), Held: []conversion.Held{
		{EntityID: id(0), Ref: lead(1), Field: "Title", Code: "TOO_LONG", Fix: conversion.FixConversion, Message: "first", Retry: begun + 100},
		{EntityID: id(1), Ref: lead(2), Field: "Title", Code: "TOO_LONG", Fix: conversion.FixConversion, Message: "second", Retry: begun + 50, UserID: "005A"},
		{EntityID: id(0), Ref: lead(1), Field: "City", Code: "TOO_LONG", Cause: "TOO_LONG:Lead.Country", Fix: conversion.FixSalesforce},
		{EntityID: id(2), Ref: conversion.Ref{Object: conversion.Contact}, Code: "NO", Fix: conversion.FixSalesforce},
	}})
	return groups
}

func heldByChoice(f fixture) {
	quarantine(f)
	all, _, err := f.books.Held(f.Context(), conversion.HeldFilter{Limit: 100})
	same(f.T, len(must(all, err)(f.T)), 4)
	var ids []string
	for _, h := range all {
		if h.Field == "City" || h.Code == "NO" {
			ids = append(ids, h.ID)
		}
	}
	for name, c := range map[string]struct {
		filter conversion.HeldFilter
		want   int
	}{
		"ids":             {conversion.HeldFilter{IDs: append(ids, "nobody's")}, 2},
		"a cause":         {conversion.HeldFilter{Cause: "TOO_LONG:Lead.Title"}, 2},
		"another's cause": {conversion.HeldFilter{Cause: "TOO_LONG:Lead.Country"}, 1},
		"no such cause":   {conversion.HeldFilter{Cause: "TOO_LONG"}, 0},
		"an object":       {conversion.HeldFilter{Object: conversion.Contact}, 1},
		"who can end it":  {conversion.HeldFilter{Fix: conversion.FixConversion}, 2},
		"all of it":       {conversion.HeldFilter{Fix: conversion.FixSalesforce, Object: conversion.Lead}, 1},
	} {
		c.filter.Limit = 10
		found, _, err := f.books.Held(f.Context(), c.filter)
		ok(f.T, err)
		if len(found) != c.want {
			f.Errorf("by %s: %d rows, want %d", name, len(found), c.want)
		}
	}
}

func heldGroups(f fixture) {
	quarantine(f)
	var all []conversion.HeldGroup
	causes := f.pages(func(after string) (page []string, next string, err error) {
		found, next, err := f.books.HeldGroups(f.Context(), after, 1)
		for _, g := range found {
			page, all = append(page, g.Cause), append(all, g)
		}
		return page, next, err
	})
	same(f.T, causes, []string{"TOO_LONG:Lead.Title", "NO:Contact", "TOO_LONG:Lead.Country"})
	same(f.T, all[0], conversion.HeldGroup{Cause: "TOO_LONG:Lead.Title", Code: "TOO_LONG", Object: conversion.Lead, Field: "Title",
		Fix: conversion.FixConversion, Message: "first", Count: 2, Since: begun, Retry: begun + 50})
	same(f.T, all[2].Field, "Country")
}

func heldByWhom(f fixture) {
	groups := quarantine(f)
	ok(f.T, f.books.SaveUsers(f.Context(), map[string]string{"005A": "Integration"}, begun))
	found := must(f.books.HeldOf(f.Context(), groups[1].Entity.ID))(f.T)
	same(f.T, found[0].UserName, "Integration")
}

func heldRetried(f fixture) {
	groups := quarantine(f)
	held := must(f.books.HeldOf(f.Context(), groups[1].Entity.ID))(f.T)
	ok(f.T, f.books.RetriedHeld(f.Context(), []string{held[0].ID}, begun+1))
	same(f.T, must(f.books.HeldOf(f.Context(), groups[1].Entity.ID))(f.T)[0].Retry, begun+1)
	for _, other := range must(f.books.HeldOf(f.Context(), groups[0].Entity.ID))(f.T) {
		if other.Retry == begun+1 {
			f.Errorf("another's row is tried again too: %+v", other)
		}
	}
}

func heldWoken(f fixture) {
	groups := quarantine(f)
	ok(f.T, f.books.WakeHeld(f.Context(), conversion.KindCompany, begun))
	same(f.T, len(must(f.books.Dirty(f.Context(), conversion.DirtyQuery{Kind: conversion.KindContact, Now: begun, Limit: 10}))(f.T)), 0)
	ok(f.T, f.books.WakeHeld(f.Context(), conversion.KindContact, begun))
	var woken []string
	for _, g := range must(f.books.Dirty(f.Context(), conversion.DirtyQuery{Kind: conversion.KindContact, Now: begun, Limit: 10}))(f.T) {
		woken = append(woken, g.Entity.Key)
	}
	slices.Sort(woken)
	same(f.T, woken, []string{groups[0].Entity.Key, groups[1].Entity.Key})
}
