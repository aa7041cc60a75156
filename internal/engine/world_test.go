package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/gateway"
	"conversion/internal/salesforce"
	"conversion/internal/sandbox"
	"conversion/internal/store"
	"conversion/internal/testkit"
)

const workspace = "w1"

// world is a whole Conversion without its edges, tied to a sandbox org over HTTP, with one
// clock for both.
type world struct {
	t         testing.TB
	clock     *testkit.Clock
	org       *sandbox.Org
	store     *store.Store
	books     *store.Workspace
	engine    *engine.Engine
	config    engine.Config // of engine
	directory *directory.Service
	admin     sandbox.Actor
	sales     sandbox.Actor // another user of the org
	user      sandbox.Actor // who is connected: the administrator unless a test says otherwise
	step      func(name string) error
	instance  string // URL of the org
	database  string
	page      int           // records a page; 0: as usual
	loadAbove int           // records that make a bulk job of an object; 0: as usual
	loadPage  int           // records a page of it has; 0: as usual
	skew      time.Duration // by how much our clock is ahead of Salesforce's, which is right
	remote    engine.Remote
	gate      *gateway.Org // of remote
	ids       atomic.Int64
}

func newWorld(t testing.TB, database string) *world {
	t.Helper()
	return newSkewedWorld(t, database, 0)
}

// newSkewedWorld is a world in which our clock is ahead of Salesforce's, of which nothing was
// heard yet.
func newSkewedWorld(t testing.TB, database string, skew time.Duration) *world {
	t.Helper()
	w := &world{t: t, database: database, skew: skew, clock: testkit.NewClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))}
	w.org = sandbox.New(sandbox.Options{Seed: 7, Now: w.clock.Now})
	w.admin, w.sales = w.org.Admin(), w.org.User("sales@sandbox.test")
	w.user = w.admin
	server := httptest.NewServer(w.org.Handler())
	t.Cleanup(server.Close)
	w.instance = server.URL
	s, err := store.Open(t.Context(), database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w.store, w.books = s, s.Workspace(workspace)
	w.setUp(server)
	return w
}

func (w *world) setUp(server *httptest.Server) {
	w.t.Helper()
	ctx := w.t.Context()
	if err := w.store.CreateWorkspace(ctx, conversion.Workspace{ID: workspace, Name: "Test", Created: w.now()}); err != nil {
		w.t.Fatal(err)
	}
	c := conversion.Connection{WorkspaceID: workspace, Connected: w.now(), InstanceURL: server.URL, OrgID: w.org.ID(), UserID: w.admin.ID(), ClockKnown: w.skew == 0}
	if err := w.books.SaveConnection(ctx, c, 0, true); err != nil {
		w.t.Fatal(err)
	}
	w.directory = directory.New(func(id string) directory.Books { return w.store.Workspace(id) }, w.here, func(string) {})
	w.remote = w.dial(server)
	w.build()
}

// build makes the engine, as a process does that starts.
func (w *world) build() {
	w.config = engine.Config{
		Books: func(id string) engine.Books { return w.store.Workspace(id) },
		Dial:  func(context.Context, string) (engine.Remote, error) { return w.remote, nil },
		Now:   w.here,
		NewID: func() string { return fmt.Sprintf("id-%06d", w.ids.Add(1)) },
		Owner: "test",
		Page:  w.page, LoadAbove: w.loadAbove, LoadPage: w.loadPage,
		Step: func(name string) error {
			if w.step != nil {
				return w.step(name)
			}
			return nil
		},
	}
	w.engine = engine.New(w.config)
}

// dial opens the org as the product does, with tokens that are always good.
func (w *world) dial(server *httptest.Server) engine.Remote {
	token := func() salesforce.Token {
		return salesforce.Token{AccessToken: w.org.IssueTokenTo(w.user), InstanceURL: server.URL}
	}
	org := gateway.New(salesforce.New(salesforce.Config{
		Hosts:   salesforce.Hosts{Extra: []string{server.Listener.Addr().String()}},
		Token:   token(),
		Refresh: func(context.Context, salesforce.Token) (salesforce.Token, error) { return token(), nil },
		HTTP:    &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
		Now:     w.here,
		Count:   func(ctx context.Context, n int) { w.engine.Sent(ctx, workspace, n) },
	}), w.here)
	w.gate = org
	return engine.Remote{Source: org, Walker: org, Lookup: org, Target: org, Describer: org, Loader: org}
}

// here is what our clock says.
func (w *world) here() time.Time { return w.clock.Now().Add(w.skew) }

func (w *world) now() conversion.Moment { return conversion.MomentOf(w.clock.Now()) }

// later moves the clock of both sides.
func (w *world) later(d time.Duration) { w.clock.Advance(d) }

// sync runs a full cycle. While it waits for Salesforce to gather records, time passes.
func (w *world) sync() {
	w.t.Helper()
	for {
		err := w.engine.Cycle(w.t.Context(), workspace)
		later, ok := errors.AsType[*engine.LaterError](err)
		if err != nil && !ok {
			w.t.Fatalf("cycle: %v", err)
		}
		if err == nil {
			return
		}
		w.clock.Advance(later.Until.Sub(conversion.MomentOf(w.here())))
	}
}

func (w *world) insert(object string, fields map[string]any) string {
	w.t.Helper()
	id, err := w.org.Insert(w.sales, object, fields)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) update(id string, fields map[string]any) {
	w.t.Helper()
	if err := w.org.Update(w.sales, id, fields); err != nil {
		w.t.Fatal(err)
	}
}

// field returns what a record holds in Salesforce.
func (w *world) field(id, name string) any {
	w.t.Helper()
	record, ok := w.org.Get(id)
	if !ok {
		w.t.Fatalf("no record %s", id)
	}
	return record[name]
}

func (w *world) rules(change func(*conversion.Rules)) {
	w.t.Helper()
	rules := conversion.DefaultRules()
	change(&rules)
	if err := w.books.SaveRules(w.t.Context(), rules, conversion.Actor{Kind: conversion.ActorUser, ID: "u"}, w.now()); err != nil {
		w.t.Fatal(err)
	}
}

// list returns all contacts or companies.
func (w *world) list(k conversion.Kind) []directory.View {
	w.t.Helper()
	page, err := w.directory.List(w.t.Context(), workspace, conversion.EntityFilter{Kind: k, Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Items
}

// contact returns the one contact of an e-mail.
func (w *world) contact(email string) directory.View {
	w.t.Helper()
	page, err := w.directory.List(w.t.Context(), workspace, conversion.EntityFilter{Kind: conversion.KindContact, Key: email, Limit: 10})
	if err != nil {
		w.t.Fatal(err)
	}
	if len(page.Items) != 1 {
		w.t.Fatalf("%d contacts have the e-mail, want 1", len(page.Items))
	}
	return page.Items[0]
}

// value returns a value of a view by its variable's key, "" when it has none.
func value(v directory.View, key string) string {
	for _, item := range v.Values {
		if item.Variable.Key == key {
			return item.Value.String()
		}
	}
	return ""
}

// edit changes a contact as a user would.
func (w *world) edit(id string, values map[string]any) {
	w.t.Helper()
	_, err := w.directory.Update(w.t.Context(), workspace, conversion.KindContact, id, user, directory.Patch{Values: values})
	if err != nil {
		w.t.Fatal(err)
	}
}

var user = conversion.Actor{Kind: conversion.ActorUser, ID: "u"}
