package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"conversion"
	"conversion/internal/account"
	"conversion/internal/api"
	"conversion/internal/connection"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/salesforce"
	"conversion/internal/sandbox"
	"conversion/internal/secret"
	"conversion/internal/store"
	"conversion/internal/testkit"
)

var (
	start  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	system = conversion.Actor{Kind: conversion.ActorSystem}
)

// house is an installation whose API is served: the real services on a real database,
// with a simulated org.
type house struct {
	t        *testing.T
	store    *store.Store
	accounts *account.Service
	clock    *testkit.Clock
	handler  http.Handler
	url      string  // of the API, without /api/v1
	org      string  // address of the simulated Salesforce
	home     *client // the main workspace's
}

// client is a program with a key of one workspace.
type client struct {
	house
	workspace string
	keyID     string
	key       string
}

func newHouse(t *testing.T) house {
	t.Helper()
	return newHouseOn(t, testkit.SQLite(t))
}

func newHouseOn(t *testing.T, database string) house {
	t.Helper()
	ctx, log := t.Context(), slog.New(slog.DiscardHandler)
	s, err := store.Open(ctx, database, store.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	keeper, err := secret.Open(filepath.Join(t.TempDir(), "secret.key"))
	must(t, err)
	clock := testkit.NewClock(start)
	org := httptest.NewServer(sandbox.New(sandbox.Options{Seed: 1}).Handler())
	t.Cleanup(org.Close)
	accounts := account.New(s, clock.Now, log)
	must(t, accounts.Prepare(ctx))
	entities := directory.New(func(id string) directory.Books { return s.Workspace(id) }, clock.Now, func(string) {})
	ties := connection.New(connection.Config{
		Open:   func(id string) connection.Books { return s.Workspace(id) },
		States: s, Audit: s, Keeper: keeper, Hosts: salesforce.Hosts{Extra: []string{strings.TrimPrefix(org.URL, "http://")}},
		PublicURL: "http://127.0.0.1:8080", Interval: 15 * time.Minute, Now: clock.Now, Logger: log,
	})
	planner := engine.New(engine.Config{
		Books: func(id string) engine.Books { return s.Workspace(id) }, Now: clock.Now, NewID: func() string { return uuid.Must(uuid.NewV7()).String() },
	})
	handler := api.New(api.Config{
		Keys: accounts, Entities: entities, Endings: entities, Engagements: entities, Variables: entities, Quarantine: entities,
		Connections: ties, Settings: ties,
		Syncer: planner, Planner: planner,
		Books: func(id string) api.Books { return s.Workspace(id) }, Now: clock.Now, Log: log,
	})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	h := house{t: t, handler: handler, store: s, accounts: accounts, clock: clock, url: server.URL, org: org.URL}
	h.home = h.client(account.MainWorkspace)
	return h
}

// client makes a key of the workspace.
func (h house) client(workspace string) *client {
	h.t.Helper()
	key, made, err := h.accounts.CreateKey(h.t.Context(), system, workspace, "tests")
	must(h.t, err)
	return &client{h, workspace, made.ID, key}
}

// in is the client within a subtest.
func (c client) in(t *testing.T) *client {
	c.t = t
	return &c
}

// reply is what the API answered.
type reply struct {
	t      *testing.T
	call   string
	status int
	header http.Header
	text   string
	body   map[string]any
}

// call sends a request with a body as it stands, "" for none.
func (c *client) call(method, path, body string) reply {
	c.t.Helper()
	return c.send(method, path, body, http.Header{"Authorization": {"Bearer " + c.key}})
}

func (h house) send(method, path, body string, header http.Header) reply {
	h.t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(h.t.Context()), method, h.url+api.Prefix+path, strings.NewReader(body))
	must(h.t, err)
	request.Header = header.Clone()
	if body != "" && header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	must(h.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(h.t, err)
	r := reply{h.t, method + " " + path, response.StatusCode, response.Header, string(text), nil}
	if len(text) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&r.body); err != nil {
			h.t.Fatalf("%s answered no JSON object: %v\n%s", r.call, err, text)
		}
	}
	return r
}

// is checks the status, and ends the test when it is another.
func (r reply) is(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s answered %d, want %d\n%s", r.call, r.status, status, r.text)
	}
	return r
}

// at follows keys of objects and places of lists, "data.0.email", to a value.
func (r reply) at(path string) any {
	r.t.Helper()
	var value any = r.body
	for step := range strings.SplitSeq(path, ".") {
		switch in := value.(type) {
		case map[string]any:
			inner, ok := in[step]
			if !ok {
				r.t.Fatalf("%s answered nothing at %s\n%s", r.call, path, r.text)
			}
			value = inner
		case []any:
			i := int(step[0] - '0')
			if i >= len(in) {
				r.t.Fatalf("%s answered nothing at %s\n%s", r.call, path, r.text)
			}
			value = in[i]
		default:
			r.t.Fatalf("%s answered nothing at %s\n%s", r.call, path, r.text)
		}
	}
	return value
}

// text is at for a text.
func (r reply) textAt(path string) string {
	r.t.Helper()
	text, ok := r.at(path).(string)
	if !ok {
		r.t.Fatalf("%s answered no text at %s\n%s", r.call, path, r.text)
	}
	return text
}

// says checks values by path. Numbers are written as json.Number or as their text.
func (r reply) says(want map[string]any) reply {
	r.t.Helper()
	for path, value := range want {
		if number, ok := value.(int); ok {
			value = json.Number(json.Number(itoa(number)))
		}
		if got := r.at(path); got != value {
			r.t.Errorf("%s answered %v at %s, want %v\n%s", r.call, got, path, value, r.text)
		}
	}
	return r
}

// length is how many items a list has.
func (r reply) length(path string) int {
	r.t.Helper()
	items, ok := r.at(path).([]any)
	if !ok {
		r.t.Fatalf("%s answered no list at %s\n%s", r.call, path, r.text)
	}
	return len(items)
}

func itoa(n int) string { text, _ := json.Marshal(n); return string(text) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
