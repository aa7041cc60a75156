// Package storetest is what a store must do, as tests that run on every database it
// supports.
//
// Only tests import it. It must never look into the store's tables: what it cannot see
// through the store's methods, nobody can.
package storetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"conversion"
	"conversion/internal/store"
)

// Run runs every test of the suite. open gives a test an empty store of its own.
func Run(t *testing.T, open func(t *testing.T) *store.Store) {
	t.Run("books", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		RunBooks(t, func(*testing.T) Books { return s.Workspace(uuid.NewString()) })
	})
	for _, part := range []struct {
		name  string
		tests func(t *testing.T, open func(t *testing.T) *store.Store)
	}{
		{"lists", testLists},
		{"activities", testActivities},
		{"journal", testJournal},
		{"previews", testPreviews},
		{"budget", testBudget},
		{"breaker", testBreaker},
		{"retention", testRetention},
		{"settings", testSettings},
		{"rounds", testRounds},
		{"loads", testLoads},
		{"first sight", testFirstSight},
		{"accounts", testAccounts},
		{"isolation", testIsolation},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.tests(t, open)
		})
	}
}

// RunBooks runs the tests of groups and of commits alone, which hold whatever keeps a
// workspace's books. open gives a test empty books of its own.
func RunBooks(t *testing.T, open func(t *testing.T) Books) {
	t.Run("ledger", func(t *testing.T) {
		t.Parallel()
		testLedger(t, open)
	})
	t.Run("commit", func(t *testing.T) {
		t.Parallel()
		testCommit(t, open)
	})
}

// begun is when the suite's world begins.
const begun conversion.Moment = 1_700_000_000_000_000

// Books are what RunBooks needs of a workspace's.
type Books interface {
	groupBooks
	journalBooks
	progressBooks
}

type groupBooks interface {
	Groups(ctx context.Context, q conversion.GroupQuery) ([]conversion.Group, error)
	Commit(ctx context.Context, b conversion.Batch) error
	Dirty(ctx context.Context, q conversion.DirtyQuery) ([]conversion.Group, error)
	EntitiesOf(ctx context.Context, refs []conversion.Ref) (map[conversion.Ref]string, error)
	LinksOf(ctx context.Context, entityIDs []string) (map[string][]conversion.Link, error)
	LiveLinks(ctx context.Context, k conversion.Kind) (int, error)
	ObjectCounts(ctx context.Context) (map[conversion.Object]int, error)
	KnownActivities(ctx context.Context, refs []conversion.Ref) (map[conversion.Ref]conversion.KnownActivity, error)
}

type journalBooks interface {
	Pending(ctx context.Context, limit int) ([]conversion.Ref, error)
	AddRuns(ctx context.Context, runs []conversion.Run) error
	Run(ctx context.Context, id string) (conversion.Run, error)
	RunLines(ctx context.Context, runID, after string, limit int) (page []conversion.RunLine, next string, err error)
	Timeline(ctx context.Context, entityID, after string, limit int) (page []conversion.Change, next string, err error)
	Engagements(ctx context.Context, contactID, typ, after string, limit int) (page []conversion.Engagement, next string, err error)
	Held(ctx context.Context, f conversion.HeldFilter) (page []conversion.Held, next string, err error)
	HeldCount(ctx context.Context) (int, error)
}

type progressBooks interface {
	Acquire(ctx context.Context, name, owner string, now, until conversion.Moment) (lease conversion.Lease, ok bool, err error)
	Cursor(ctx context.Context, o conversion.Object) (conversion.Cursor, error)
	SaveProgress(ctx context.Context, p []conversion.Progress) error
	Progress(ctx context.Context) ([]conversion.Progress, error)
}

// ledger builds groups and commits them to one workspace.
type ledger struct {
	*testing.T
	books Books
}

// fixture is a ledger in a store.
type fixture struct {
	ledger
	store *store.Store
	books *store.Workspace
}

// newFixture gives the test a workspace of its own in the store.
func newFixture(t *testing.T, s *store.Store) fixture {
	t.Helper()
	return fixtureOf(t, s, uuid.NewString())
}

// fixtureOf gives the test the workspace of that id.
func fixtureOf(t *testing.T, s *store.Store, id string) fixture {
	t.Helper()
	books := s.Workspace(id)
	return fixture{ledger{t, books}, s, books}
}

// contact returns a new contact of that e-mail and name.
func contact(email, name string) *conversion.Entity {
	return &conversion.Entity{
		ID: uuid.Must(uuid.NewV7()).String(), Kind: conversion.KindContact, Key: email, Name: name,
		Origin: conversion.OriginSalesforce, Created: begun, Updated: begun,
	}
}

// company returns a new company of that domain and name.
func company(domain, name string) *conversion.Entity {
	e := contact(domain, name)
	e.Kind = conversion.KindCompany
	return e
}

// linked returns the group of the entity with a live link to each of the records.
func linked(e *conversion.Entity, refs ...conversion.Ref) conversion.Group {
	g := conversion.Group{Entity: e}
	for _, r := range refs {
		reading := conversion.Reading{Modstamp: begun, Asked: begun + 1, Modified: begun}
		g.Links = append(g.Links, &conversion.Link{
			Ref: r, EntityID: e.ID, State: conversion.LinkLive, Key: e.Key, Placed: e.Key, Name: e.Name, Reading: reading, Linked: begun,
			Fields: []conversion.FieldState{{
				Var: conversion.EmailVar, Seen: conversion.Text(e.Key), Reading: reading,
				Claim: conversion.Claim{Value: conversion.Text(e.Key), At: begun, By: "005000000000001AAA"},
			}},
		})
	}
	return g
}

// lead names a Lead by a number.
func lead(n int) conversion.Ref {
	return conversion.Ref{Object: conversion.Lead, ID: fmt.Sprintf("00Q%015d", n)}
}

// plan is one that stores the group as it is.
func plan(g conversion.Group) conversion.Plan {
	return conversion.Plan{Group: g, Expect: g.Entity.Version}
}

func plans(groups ...conversion.Group) []conversion.Plan {
	list := make([]conversion.Plan, len(groups))
	for i, g := range groups {
		list[i] = plan(g)
	}
	return list
}

// commit commits the batch, and fails the test when that fails.
func (f ledger) commit(b conversion.Batch) {
	f.Helper()
	if err := f.books.Commit(f.Context(), b); err != nil {
		f.Fatal(err)
	}
}

// have stores the groups and returns them as they then are.
func (f ledger) have(groups ...conversion.Group) []conversion.Group {
	f.Helper()
	f.commit(conversion.Batch{At: begun, Plans: plans(groups...)})
	stored := make([]conversion.Group, len(groups))
	for i, g := range groups {
		stored[i] = f.group(g.Entity)
	}
	return stored
}

// group loads the group of the entity; the test fails without it.
func (f ledger) group(e *conversion.Entity) conversion.Group {
	f.Helper()
	found := f.groups(conversion.GroupQuery{Kind: e.Kind, IDs: []string{e.ID}})
	if len(found) != 1 {
		f.Fatalf("%d groups of entity %s, want 1", len(found), e.ID)
	}
	return found[0]
}

func (f ledger) groups(q conversion.GroupQuery) []conversion.Group {
	f.Helper()
	found, err := f.books.Groups(f.Context(), q)
	if err != nil {
		f.Fatal(err)
	}
	return found
}

// ids are the groups' entities', in the groups' order.
func ids(groups []conversion.Group) []string {
	list := make([]string, len(groups))
	for i, g := range groups {
		list[i] = g.Entity.ID
	}
	return list
}

// same compares got with want; nil and empty lists are one.
func same(t *testing.T, got, want any) {
	t.Helper()
	values := cmp.Comparer(func(a, b conversion.Value) bool { return a == b })
	schemas := cmpopts.IgnoreUnexported(conversion.Schema{})
	if diff := cmp.Diff(want, got, values, schemas, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}

// refuses checks that the error has the code.
func refuses(t *testing.T, err error, code conversion.Code) {
	t.Helper()
	if got := conversion.ErrorCode(err); got != code {
		t.Errorf("error %v of code %q, want %q", err, got, code)
	}
}

// ok fails the test on an error.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must returns the value, and fails the test on an error.
func must[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return value
	}
}

// long is a text longer than the databases' pages, and hard to compress: nothing of it
// may be cut off.
var long = func() string {
	var b strings.Builder
	for i := range 512 {
		fmt.Fprintf(&b, "%x", sha256.Sum256([]byte{byte(i), byte(i >> 8)}))
	}
	return b.String()
}()
