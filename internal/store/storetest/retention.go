package storetest

import (
	"testing"

	"conversion"
	"conversion/internal/store"
)

func testRetention(t *testing.T, open func(t *testing.T) *store.Store) {
	s := open(t)
	for name, test := range map[string]func(fixture){
		"old timeline goes, young stays":                      oldTimelineGoes,
		"old runs go with their lines, unfinished ones stay":  oldRunsGo,
		"two days of runs are kept whatever the retention":    twoDaysAreKept,
		"decided approvals go, those that wait stay":          oldApprovalsGo,
		"counts go once nobody counts them":                   oldCountsGo,
		"counts of edits stay for a month":                    editCountsStay,
		"another workspace keeps what it has":                 othersAreLeftAlone,
		"more than fits into one transaction goes in the end": manyGo,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newFixture(t, s))
		})
	}
}

// keeps sets the retention.
func (f fixture) keeps(days int) {
	f.Helper()
	o := conversion.DefaultOptions()
	o.RetentionDays = days
	ok(f.T, f.books.SaveOptions(f.Context(), o, admin, begun))
}

func (f fixture) noted(e *conversion.Entity, at ...conversion.Moment) {
	f.Helper()
	var b conversion.Batch
	for _, m := range at {
		b.Changes = append(b.Changes, conversion.Change{EntityID: e.ID, Note: "noted", FieldChange: conversion.FieldChange{At: m}})
	}
	f.commit(b)
}

func (f fixture) timelineOf(e *conversion.Entity) (at []conversion.Moment) {
	f.Helper()
	page, _, err := f.books.Timeline(f.Context(), e.ID, "", 1000)
	ok(f.T, err)
	for _, c := range page {
		at = append(at, c.At)
	}
	return at
}

func oldTimelineGoes(f fixture) {
	e := contact("a@example.com", "A")
	f.have(linked(e))
	f.keeps(10)
	f.noted(e, begun, begun+day, begun+2*day)
	ok(f.T, f.books.Prune(f.Context(), begun+11*day))
	same(f.T, f.timelineOf(e), []conversion.Moment{begun + 2*day, begun + day})
}

// ended adds a run of the moment with a line.
func (f fixture) ended(id string, status conversion.RunStatus, at conversion.Moment) {
	f.Helper()
	r := conversion.Run{ID: id, Direction: conversion.Inbound, Object: conversion.Lead, Status: status, Created: at, Finished: at}
	ok(f.T, f.books.AddRuns(f.Context(), []conversion.Run{r}))
	f.commit(conversion.Batch{Lines: []conversion.RunLine{{RunID: id, Ref: lead(1), Outcome: "updated", At: at}}})
}

func (f fixture) runIDs() (all []string) {
	f.Helper()
	page, _, err := f.books.Runs(f.Context(), conversion.RunFilter{Limit: 1000})
	ok(f.T, err)
	for _, r := range page {
		all = append(all, r.ID)
	}
	return all
}

func oldRunsGo(f fixture) {
	ctx, t := f.Context(), f.T
	f.keeps(10)
	f.ended("done", conversion.RunDone, begun)
	f.ended("failed", conversion.RunFailed, begun+1)
	f.ended("queued", conversion.RunQueued, begun+2)
	f.ended("young", conversion.RunDone, begun+day)
	ok(t, f.books.Prune(ctx, begun+11*day))
	same(t, f.runIDs(), []string{"young", "queued"})
	lines, _, err := f.books.RunLines(ctx, "done", "", 10)
	ok(t, err)
	same(t, len(lines), 0)
	lines, _, err = f.books.RunLines(ctx, "young", "", 10)
	ok(t, err)
	same(t, len(lines), 1)
}

func twoDaysAreKept(f fixture) {
	f.keeps(1)
	f.ended("old", conversion.RunDone, begun)
	f.ended("kept", conversion.RunDone, begun+day)
	ok(f.T, f.books.Prune(f.Context(), begun+3*day))
	same(f.T, f.runIDs(), []string{"kept"})
}

func oldApprovalsGo(f fixture) {
	ctx, t := f.Context(), f.T
	f.keeps(10)
	e := contact("a@example.com", "A")
	f.commit(conversion.Batch{Asks: []conversion.Ask{question("1", conversion.Outbound, e), question("2", conversion.Outbound, e)}})
	ok(t, f.books.DecideApproval(ctx, "1", false, admin, begun))
	ok(t, f.books.Prune(ctx, begun+11*day))
	left := must(f.books.Approvals(ctx, 0))(t)
	same(t, len(left), 1)
	same(t, left[0].ID, "2")
	same(t, len(must(f.books.Withheld(ctx, []string{e.ID}))(t)), 1)
}

func oldCountsGo(f fixture) {
	ctx, t := f.Context(), f.T
	f.keeps(400)
	count := []conversion.DeletionCount{{Direction: conversion.Outbound, Kind: conversion.KindContact, N: 1}}
	f.commit(conversion.Batch{At: begun, Deletions: count})
	f.commit(conversion.Batch{At: begun + 2*day, Deletions: count})
	ok(t, f.books.Spend(ctx, conversion.LaneNews, begun, 7))
	ok(t, f.books.Prune(ctx, begun+3*day))
	same(t, must(f.books.Deletions(ctx, conversion.Outbound, conversion.KindContact, 0))(t), 1)
	same(t, must(f.books.Spent(ctx, begun))(t), 0)
}

// What was edited may wait for weeks before it is weighed.
func editCountsStay(f fixture) {
	ctx, t := f.Context(), f.T
	f.keeps(1)
	count := []conversion.EditCount{{Var: 7, By: admin, N: 1}}
	f.commit(conversion.Batch{At: begun, Edits: count})
	f.commit(conversion.Batch{At: begun + day, Edits: count})
	ok(t, f.books.Prune(ctx, begun+29*day))
	same(t, len(must(f.books.Edits(ctx, 0))(t)), 2)
	ok(t, f.books.Prune(ctx, begun+30*day+day/2))
	same(t, len(must(f.books.Edits(ctx, 0))(t)), 1)
}

func othersAreLeftAlone(f fixture) {
	f.keeps(10)
	f.ended("old", conversion.RunDone, begun)
	ok(f.T, newFixture(f.T, f.store).books.Prune(f.Context(), begun+1000*day))
	same(f.T, f.runIDs(), []string{"old"})
}

func manyGo(f fixture) {
	e := contact("a@example.com", "A")
	f.have(linked(e))
	f.keeps(10)
	many := make([]conversion.Moment, 4500)
	for i := range many {
		many[i] = begun + conversion.Moment(i)
	}
	f.noted(e, many...)
	ok(f.T, f.books.Prune(f.Context(), begun+12*day))
	same(f.T, len(f.timelineOf(e)), 0)
}
