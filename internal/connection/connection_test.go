package connection_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"conversion"
	"conversion/internal/connection"
	"conversion/internal/salesforce"
	"conversion/internal/sandbox"
	"conversion/internal/secret"
	"conversion/internal/store"
	"conversion/internal/testkit"
)

const workspace = "w1"

var (
	ctx     = context.Background()
	admin   = conversion.Actor{Kind: conversion.ActorUser, ID: "u1"}
	session = []byte("the browser's session")
	start   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// house is an installation: a database and a key, and any number of processes on them.
type house struct {
	store  *store.Store
	books  *store.Workspace
	keeper *secret.Keeper
	clock  *testkit.Clock
	log    *journal
}

// journal is what processes log, which may do so at once.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func newHouse(t testing.TB) house {
	t.Helper()
	s, err := store.Open(ctx, testkit.SQLite(t), store.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	keeper, err := secret.Open(filepath.Join(t.TempDir(), "secret.key"))
	must(t, err)
	return house{s, s.Workspace(workspace), keeper, testkit.NewClock(start), new(journal)}
}

// process is a process of the installation that trusts the hosts.
func (h house) process(hosts ...string) *connection.Service {
	for i, host := range hosts {
		hosts[i] = strings.TrimPrefix(host, "http://")
	}
	return connection.New(connection.Config{
		Open:   func(id string) connection.Books { return h.store.Workspace(id) },
		States: h.store, Audit: h.store, Keeper: h.keeper, Hosts: salesforce.Hosts{Extra: hosts},
		PublicURL: "http://127.0.0.1:8080", Interval: 15 * time.Minute, Now: h.clock.Now,
		Logger: slog.New(slog.NewTextHandler(h.log, nil)),
	})
}

func (h house) row(t testing.TB) conversion.Connection {
	t.Helper()
	c, err := h.books.Connection(ctx)
	must(t, err)
	return c
}

func (h house) status(t testing.TB, s *connection.Service) conversion.Status {
	t.Helper()
	view, err := s.Status(ctx, workspace)
	must(t, err)
	return view.Status
}

// linkSomebody gives the workspace a contact with a live link.
func (h house) linkSomebody(t testing.TB) {
	t.Helper()
	must(t, h.books.Commit(ctx, conversion.Batch{At: 1, Plans: []conversion.Plan{{Group: conversion.Group{
		Entity: &conversion.Entity{ID: "c1", Kind: conversion.KindContact, Key: "a@example.com"},
		Links: []*conversion.Link{{
			Ref: conversion.Ref{Object: conversion.Lead, ID: "00Q000000000001AAA"}, EntityID: "c1", State: conversion.LinkLive,
		}},
	}}}}))
}

// org serves a sandbox org.
func org(t testing.TB, seed int64) (*sandbox.Org, string) {
	t.Helper()
	o := sandbox.New(sandbox.Options{Seed: seed})
	server := httptest.NewServer(o.Handler())
	t.Cleanup(server.Close)
	return o, server.URL
}

func credentials(url string) connection.CredentialsInput {
	return connection.CredentialsInput{LoginURL: url, ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError checks the code of an error for a person, and the field it names, if any.
func wantError(t testing.TB, err error, code conversion.Code, field string) {
	t.Helper()
	if conversion.ErrorCode(err) != code {
		t.Fatalf("got error %v, want one of code %s", err, code)
	}
	told, ok := errors.AsType[*conversion.Error](err)
	if !ok || told.Message == "" || told.Hint == "" {
		t.Errorf("the error does not say what happened and what to do: %#v", err)
	}
	if field != "" && (len(told.Fields) != 1 || told.Fields[0].Field != field) {
		t.Errorf("got faults %v, want one of %s", told.Fields, field)
	}
}
