package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"

	"conversion"
	"conversion/internal/account"
	"conversion/internal/connection"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/web"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) conversion.Moment { return conversion.MomentOf(noon.Add(-d)) }

// world is what stands behind the pages in a test: fields to be set before, and what the
// pages asked for, to be looked at afterwards.
type world struct {
	mu          sync.Mutex
	members     []conversion.Member
	password    string
	keys        []conversion.APIKey
	entities    []directory.View
	variables   []conversion.Variable
	engagements []conversion.Engagement
	timeline    []conversion.Change
	runs        []conversion.Run
	lines       []conversion.RunLine
	held        []conversion.Held
	groups      []conversion.HeldGroup
	approvals   []conversion.Approval
	ignored     []conversion.Ignored
	status      connection.StatusView
	rules       conversion.Rules
	preview     conversion.Preview
	items       []conversion.PreviewItem
	wanted      engine.PreviewRequest
	refusal     error // what the next change is refused with

	begun   connection.BeginInput
	came    connection.CallbackInput
	patched directory.Patch
	drafted []directory.Draft
	deleted string
	asked   conversion.RunFilter
	calls   []string
}

var _ = []any{
	web.People(&world{}), web.Keys(&world{}), web.Directory(&world{}), web.Connections(&world{}), web.Settings(&world{}),
	web.Journal(&world{}), web.People(&account.Service{}), web.Keys(&account.Service{}),
	web.Directory(&directory.Service{}), web.Connections(&connection.Service{}), web.Settings(&connection.Service{}),
}

func newWorld() *world {
	return &world{
		members: []conversion.Member{
			{ID: "admin", WorkspaceID: "w", Name: "Ada Lovelace", Email: "ada@example.com", Role: conversion.RoleAdmin},
			{ID: "member", WorkspaceID: "w", Name: "Grace Hopper", Email: "grace@example.com", Role: conversion.RoleMember},
		},
		password: "correct horse battery",
		rules:    conversion.DefaultRules(),
		status:   connection.StatusView{Status: conversion.StatusNotConnected},
	}
}

// change is how every fake method that changes something begins.
func (w *world) change(call string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, call)
	return w.refusal
}

func (w *world) CheckSetupLink(_ context.Context, token string) error {
	if token != "setup-token" {
		return conversion.Errorf(conversion.CodeNotFound, "This set-up link does not work any more.")
	}
	return nil
}

func (w *world) SetUp(ctx context.Context, token string, a account.Admin) (conversion.Member, error) {
	if err := w.CheckSetupLink(ctx, token); err != nil {
		return conversion.Member{}, err
	}
	if len(a.Password) < account.MinPassword {
		return conversion.Member{}, conversion.Invalid("password", "is shorter than 12 characters")
	}
	return w.members[0], w.change("set up")
}

func (w *world) SignIn(_ context.Context, email, password, _ string) (conversion.Member, error) {
	for _, m := range w.members {
		if m.Email == email && password == w.password {
			return m, nil
		}
	}
	return conversion.Member{}, conversion.Errorf(conversion.CodeUnauthorized, "E-mail or password is wrong.")
}

func (w *world) Member(_ context.Context, id string) (conversion.Member, error) {
	for _, m := range w.members {
		if m.ID == id {
			return m, nil
		}
	}
	return conversion.Member{}, conversion.Errorf(conversion.CodeNotFound, "There is no such member.")
}

func (w *world) Members(context.Context, string) ([]conversion.Member, error) { return w.members, nil }

func (w *world) AddMember(_ context.Context, _ conversion.Actor, n account.NewMember) (conversion.Member, error) {
	return conversion.Member{ID: "new", Name: n.Name}, w.change("add member " + n.Name)
}

func (w *world) Keys(context.Context, string) ([]conversion.APIKey, error) { return w.keys, nil }

func (w *world) CreateKey(_ context.Context, _ conversion.Actor, _, name string) (string, conversion.APIKey, error) {
	return "key-in-clear", conversion.APIKey{}, w.change("create key " + name)
}

func (w *world) RevokeKey(_ context.Context, _ conversion.Actor, _, id string) error {
	return w.change("revoke key " + id)
}

func (w *world) List(_ context.Context, _ string, f conversion.EntityFilter) (directory.Page, error) {
	var found directory.Page
	for _, e := range w.entities {
		if e.Kind == f.Kind && strings.HasPrefix(e.Key, f.Prefix) && (f.Key == "" || e.Key == f.Key) {
			found.Items = append(found.Items, e)
		}
	}
	if f.Limit > 1 && f.After == "" && len(found.Items) > 2 {
		found.Items, found.Next = found.Items[:2], "cursor-2"
	}
	return found, nil
}

func (w *world) Get(_ context.Context, _ string, kind conversion.Kind, id string) (directory.View, error) {
	for _, e := range w.entities {
		if e.ID == id && e.Kind == kind {
			return e, nil
		}
	}
	return directory.View{}, conversion.Errorf(conversion.CodeNotFound, "There is no such %s.", kind)
}

func (w *world) Variables(_ context.Context, _ string, kind conversion.Kind) ([]conversion.Variable, error) {
	return slices.DeleteFunc(slices.Clone(w.variables), func(v conversion.Variable) bool { return v.Kind != kind }), nil
}

func (w *world) Timeline(context.Context, string, conversion.Kind, string, string, int) ([]conversion.Change, string, error) {
	return w.timeline, "", nil
}

func (w *world) Engagements(context.Context, string, string, string, string, int) ([]conversion.Engagement, string, error) {
	return w.engagements, "", nil
}

func (w *world) Upsert(_ context.Context, _ string, kind conversion.Kind, _ conversion.Actor, drafts []directory.Draft) ([]directory.Result, error) {
	w.drafted = drafts
	return []directory.Result{{View: directory.View{ID: "new", Kind: kind}, Created: true, Err: w.change("create")}}, nil
}

func (w *world) Update(_ context.Context, _ string, _ conversion.Kind, _ string, _ conversion.Actor, p directory.Patch) (directory.View, error) {
	w.patched = p
	return directory.View{}, w.change("update")
}

func (w *world) Delete(_ context.Context, _ string, _ conversion.Kind, id string, _ conversion.Actor, _ bool) error {
	w.deleted = id
	return w.change("delete")
}

func (w *world) Status(context.Context, string) (connection.StatusView, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status, nil
}

func (w *world) Begin(_ context.Context, _ string, in connection.BeginInput) (string, error) {
	w.begun = in
	return "https://login.salesforce.com/services/oauth2/authorize?state=s", w.change("begin")
}

func (w *world) Callback(_ context.Context, _ conversion.Actor, in connection.CallbackInput) (string, error) {
	w.came = in
	return "w", w.change("callback")
}

func (w *world) Disconnect(context.Context, string, conversion.Actor) error {
	return w.change("disconnect")
}
func (w *world) Pause(context.Context, string, conversion.Actor) error  { return w.change("pause") }
func (w *world) Resume(context.Context, string, conversion.Actor) error { return w.change("resume") }
func (w *world) SyncNow(context.Context, string) error                  { return w.change("sync") }

func (w *world) Rules(context.Context, string) (conversion.Rules, error) { return w.rules, nil }

func (w *world) CheckRules(_ context.Context, _ string, r conversion.Rules) error {
	return r.Validate()
}

func (w *world) Preview(_ context.Context, id string, _ conversion.Moment) (conversion.Preview, error) {
	if id != w.preview.ID {
		return conversion.Preview{}, conversion.Errorf(conversion.CodeNotFound, "There is no such preview.")
	}
	return w.preview, nil
}

func (w *world) PreviewItems(_ context.Context, _ string, skippedOnly bool, after string, limit int) ([]conversion.PreviewItem, string, error) {
	items := slices.DeleteFunc(slices.Clone(w.items), func(it conversion.PreviewItem) bool { return skippedOnly && !it.Skipped })
	if after == "" && len(items) > limit {
		return items[:limit], "cursor-2", nil
	}
	return items[min(limit, len(items))*min(len(after), 1):], "", nil
}

// planner is the world's, whose own previews are those that were made.
type planner struct{ *world }

func (p planner) Preview(_ context.Context, _ string, r engine.PreviewRequest) (conversion.Preview, error) {
	p.wanted = r
	return p.preview, p.change("preview")
}

func (p planner) Apply(_ context.Context, _, id string, by conversion.Actor) (engine.Applied, error) {
	return engine.Applied{Skipped: p.preview.Skipped}, p.change("apply " + id + " by " + by.ID)
}

func (w *world) SetRules(_ context.Context, _ string, _ conversion.Actor, r conversion.Rules) error {
	if err := r.Validate(); err != nil {
		return err
	}
	w.rules = r
	return w.change("set rules")
}

func (w *world) Options(context.Context, string) (conversion.Options, error) {
	return conversion.DefaultOptions(), nil
}

func (w *world) Runs(_ context.Context, f conversion.RunFilter) ([]conversion.Run, string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = f
	return w.runs, "", nil
}

func (w *world) Run(_ context.Context, id string) (conversion.Run, error) {
	for _, r := range w.runs {
		if r.ID == id {
			return r, nil
		}
	}
	return conversion.Run{}, conversion.Errorf(conversion.CodeNotFound, "There is no such run.")
}

func (w *world) RunLines(context.Context, string, string, int) ([]conversion.RunLine, string, error) {
	return w.lines, "", nil
}

func (w *world) Held(_ context.Context, f conversion.HeldFilter) (of []conversion.Held, next string, err error) {
	for _, h := range w.held {
		if f.Cause == "" || h.Cause == f.Cause {
			of = append(of, h)
		}
	}
	return of, "", nil
}

func (w *world) HeldGroups(context.Context, string, int) ([]conversion.HeldGroup, string, error) {
	return w.groups, "", nil
}

func (w *world) RetryHeld(_ context.Context, _ string, f conversion.HeldFilter, by conversion.Actor) (int, error) {
	return len(w.held), w.change(fmt.Sprintf("retry ids %v cause %q by %s", f.IDs, f.Cause, by.ID))
}

func (w *world) NotThere(_ context.Context, _ string, ids []string, by conversion.Actor) (int, error) {
	return len(w.held), w.change(fmt.Sprintf("not there %v by %s", ids, by.ID))
}

func (w *world) HeldOf(_ context.Context, entityID string) (of []conversion.Held, err error) {
	for _, h := range w.held {
		if h.EntityID == entityID {
			of = append(of, h)
		}
	}
	return of, nil
}

func (w *world) Approvals(context.Context, conversion.Moment) ([]conversion.Approval, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.approvals), nil
}

func (w *world) DecideApproval(_ context.Context, id string, granted bool, by conversion.Actor, _ conversion.Moment) error {
	return w.change(fmt.Sprintf("decide %s: %t by %s", id, granted, by.ID))
}

// config is the pages over the world.
func (w *world) config() web.Config {
	return web.Config{
		People: w, Keys: w, Directory: w, Endings: endings{w}, Quarantine: w, Connections: w, Settings: w,
		Journal:  func(string) web.Journal { return w },
		Planner:  planner{w},
		Sessions: memstore.NewWithCleanupInterval(0), PublicURL: "http://127.0.0.1:8080",
		Now: func() time.Time { return noon }, Refresh: time.Millisecond, Log: slog.New(slog.DiscardHandler),
	}
}

// visit is a browser on the pages: it keeps cookies, and follows no redirect by itself.
type visit struct {
	t      *testing.T
	base   string
	client *http.Client
}

func (w *world) open(t *testing.T) visit {
	t.Helper()
	return w.serve(t, web.New(w.config()))
}

func (w *world) serve(t *testing.T, handler http.Handler) visit {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	client.Jar = jar
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return visit{t, server.URL, client}
}

// as opens the pages for the member with the e-mail.
func (w *world) as(t *testing.T, email string) visit {
	t.Helper()
	v := w.open(t)
	if a := v.post("/sign-in", "email", email, "password", w.password); a.status != http.StatusSeeOther {
		t.Fatalf("sign-in: %d", a.status)
	}
	return v
}

func (w *world) asAdmin(t *testing.T) visit { t.Helper(); return w.as(t, "ada@example.com") }

type answer struct {
	status int
	header http.Header
	body   string
}

func (v visit) do(r *http.Request, err error) answer {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	response, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		v.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

func (v visit) get(path string) answer {
	v.t.Helper()
	return v.do(http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.base+path, nil))
}

// post sends a form given as names and values by turns.
func (v visit) post(path string, pairs ...string) answer {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return v.do(r, err)
}

// wants fails unless the answer has the status and all the texts.
func (a answer) wants(t *testing.T, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d\n%s", a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%q is missing in\n%s", text, a.body)
		}
	}
}

// leads fails unless the answer sends the browser to the place.
func (a answer) leads(t *testing.T, place string) {
	t.Helper()
	if got := a.header.Get("Location"); a.status != http.StatusSeeOther || got != place {
		t.Errorf("answered %d to %q, want 303 to %q\n%s", a.status, got, place, a.body)
	}
}
