package storetest

import (
	"errors"
	"testing"

	"conversion"
	"conversion/internal/store"
)

// testLoads is about the first readings of objects, page by page.
func testLoads(t *testing.T, open func(t *testing.T) *store.Store) {
	for name, test := range map[string]func(t *testing.T, f fixture){
		"a load is stored, and its state follows from its pages": aLoadHasPages,
		"a page that is known stays as it is":                    aPageIsAddedOnce,
		"what is applied counts once":                            appliedCountsOnce,
		"a load begun anew fences those at work on the old one":  anotherJobFences,
		"a load that is over leaves nothing":                     anOverLoadIsGone,
		"the loads of another org are forgotten":                 loadsOfAnotherOrg,
		"a page that nobody applies is due":                      freePagesAreDue,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newFixture(t, open(t)))
		})
	}
}

const jobOne, jobTwo = "750000000000001AAA", "750000000000002AAA"

func theLoad() conversion.Load {
	return conversion.Load{
		Object: conversion.Lead, JobID: jobOne, RunID: "r", Asked: begun, Began: begun + 1, Ready: true, Total: 30, Polls: 2, Failures: 1,
	}
}

func page(number int, locator string) *conversion.LoadPage {
	return &conversion.LoadPage{Object: conversion.Lead, JobID: jobOne, Number: number, Locator: locator}
}

// at returns the page as applied up to n.
func at(p *conversion.LoadPage, n int, done bool) *conversion.LoadPage {
	p.Applied, p.Done = n, done
	return p
}

func (f fixture) load(step conversion.LoadStep) {
	f.Helper()
	f.commit(conversion.Batch{At: begun, Load: &step})
}

func (f fixture) loads() []conversion.Load {
	f.Helper()
	return must(f.books.Loads(f.Context()))(f.T)
}

func (f fixture) openPages() []conversion.LoadPage {
	f.Helper()
	return must(f.books.OpenPages(f.Context()))(f.T)
}

func aLoadHasPages(t *testing.T, f fixture) {
	same(t, f.loads(), []conversion.Load{})
	l := theLoad()
	f.load(conversion.LoadStep{Load: &l})
	same(t, f.loads(), []conversion.Load{l})
	f.load(conversion.LoadStep{Next: page(0, "")})
	f.load(conversion.LoadStep{Next: page(1, "b")})
	f.load(conversion.LoadStep{Page: at(page(0, ""), 10, true)})
	f.load(conversion.LoadStep{Page: at(page(1, "b"), 4, false)})
	l.Polls, l.LoadState = 3, conversion.LoadState{Pages: 2, Open: 1, Applied: 14}
	f.load(conversion.LoadStep{Load: &l}) // the same job: its pages stay
	same(t, f.loads(), []conversion.Load{l})
	same(t, f.openPages(), []conversion.LoadPage{*at(page(1, "b"), 4, false)})
}

func aPageIsAddedOnce(t *testing.T, f fixture) {
	l := theLoad()
	f.load(conversion.LoadStep{Load: &l, Next: page(0, "")})
	f.load(conversion.LoadStep{Page: at(page(0, ""), 5, false)})
	f.load(conversion.LoadStep{Next: page(0, "")})
	same(t, f.openPages(), []conversion.LoadPage{*at(page(0, ""), 5, false)})
}

func appliedCountsOnce(t *testing.T, f fixture) {
	ok(t, f.books.SaveProgress(f.Context(), []conversion.Progress{{Object: conversion.Lead, Total: 12, Done: 1}}))
	done := func() int { return must(f.books.Progress(f.Context()))(t)[0].Done }
	l := theLoad()
	f.load(conversion.LoadStep{Load: &l, Next: page(0, "")})
	f.load(conversion.LoadStep{Page: at(page(0, ""), 5, false)})
	f.load(conversion.LoadStep{Page: at(page(0, ""), 3, false)}) // applied again, after a stop
	same(t, done(), 6)
	f.load(conversion.LoadStep{Page: at(page(0, ""), 8, false)})
	same(t, done(), 9)
	f.load(conversion.LoadStep{Page: at(page(0, ""), 20, true)}) // more than was counted
	same(t, done(), 12)
	same(t, f.loads()[0].Applied, 20)
}

func anotherJobFences(t *testing.T, f fixture) {
	ctx := f.Context()
	l := theLoad()
	f.load(conversion.LoadStep{Load: &l, Next: page(0, "")})
	lease, got, err := f.books.Acquire(ctx, page(0, "").Lease(), "me", begun, begun+100)
	same(t, must(got, err)(t), true)
	l.JobID, l.Failures = jobTwo, 2
	f.load(conversion.LoadStep{Load: &l})
	same(t, f.openPages(), []conversion.LoadPage{})
	if err := f.books.Renew(ctx, lease, begun+200); !errors.Is(err, conversion.ErrLeaseLost) {
		t.Errorf("the lease of a page that is gone: %v", err)
	}
	err = f.books.Commit(ctx, conversion.Batch{At: begun, Load: &conversion.LoadStep{Page: at(page(0, ""), 5, false)}})
	if !errors.Is(err, conversion.ErrLeaseLost) {
		t.Errorf("a page of the old job was applied: %v", err)
	}
}

func anOverLoadIsGone(t *testing.T, f fixture) {
	l := theLoad()
	other := conversion.Load{Object: conversion.Contact, JobID: jobTwo}
	f.load(conversion.LoadStep{Load: &l, Next: page(0, "")})
	f.load(conversion.LoadStep{Load: &other, Next: &conversion.LoadPage{Object: conversion.Contact, JobID: jobTwo}})
	f.load(conversion.LoadStep{Over: conversion.Lead})
	other.LoadState = conversion.LoadState{Pages: 1, Open: 1}
	same(t, f.loads(), []conversion.Load{other})
	same(t, len(f.openPages()), 1)
}

func loadsOfAnotherOrg(t *testing.T, f fixture) {
	ctx := t.Context()
	first := conversion.Connection{WorkspaceID: "w", Connected: begun, OrgID: "00D000000000000AAA"}
	ok(t, f.books.SaveConnection(ctx, first, 0, false))
	l := theLoad()
	f.load(conversion.LoadStep{Load: &l, Next: page(0, "")})
	first.OrgID = "00D000000000001AAA"
	ok(t, f.books.SaveConnection(ctx, first, 1, true))
	same(t, f.loads(), []conversion.Load{})
	same(t, f.openPages(), []conversion.LoadPage{})
}

func freePagesAreDue(t *testing.T, f fixture) {
	ctx := t.Context()
	c := conversion.Connection{WorkspaceID: "w", Connected: begun, OrgID: "00D000000000000AAA"}
	ok(t, f.books.SaveConnection(ctx, c, 0, false))
	c.NextSync = begun + 1000
	ok(t, f.books.SaveSyncState(ctx, c))
	due := func(now conversion.Moment) bool {
		for _, d := range must(f.store.Due(ctx, now))(t) {
			if d.WorkspaceID == workspaceOf(f) {
				return d.Load
			}
		}
		return false
	}
	l := theLoad()
	f.load(conversion.LoadStep{Load: &l})
	same(t, due(begun), false)
	f.load(conversion.LoadStep{Next: page(0, "")})
	same(t, due(begun), true)
	_, got, err := f.books.Acquire(ctx, page(0, "").Lease(), "me", begun, begun+10)
	same(t, must(got, err)(t), true)
	same(t, due(begun+9), false)
	same(t, due(begun+10), true)
	f.load(conversion.LoadStep{Page: at(page(0, ""), 1, true)})
	same(t, due(begun+10), false)
}
