package api_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/api"
	"conversion/internal/httpx"
)

func TestOnlyAKeyOpensTheAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	good, revoked := h.home, h.client(h.home.workspace)
	must(t, h.accounts.RevokeKey(t.Context(), system, revoked.workspace, revoked.keyID))
	for _, row := range []struct {
		name   string
		header http.Header
		status int
	}{
		{"no key", http.Header{}, 401},
		{"an empty key", http.Header{"Authorization": {"Bearer "}}, 401},
		{"a wrong key", http.Header{"Authorization": {"Bearer cvk_wrong"}}, 401},
		{"a wrong key in the other header", http.Header{"X-Api-Key": {"cvk_wrong"}}, 401},
		{"a revoked key", http.Header{"Authorization": {"Bearer " + revoked.key}}, 401},
		{"the key as a password", http.Header{"Authorization": {"Basic " + good.key}}, 401},
		{"the key as a bearer", http.Header{"Authorization": {"Bearer " + good.key}}, 200},
		{"the key as a bearer in small letters", http.Header{"Authorization": {"bearer " + good.key}}, 200},
		{"the key in the other header", http.Header{"X-Api-Key": {good.key}}, 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := h.send("GET", "/contacts", "", row.header).is(row.status)
			if row.status == 401 && (r.header.Get("WWW-Authenticate") != "Bearer" || r.body["code"] != "unauthorized") {
				t.Errorf("a refusal without what is needed\n%s", r.text)
			}
		})
	}
	h.send("GET", "/nope", "", http.Header{}).is(401)
}

func TestAKeySeesNothingOfOtherWorkspaces(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other, err := h.accounts.CreateWorkspace(t.Context(), system, "Other")
	must(t, err)
	stranger := h.client(other.ID)
	contact := h.home.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id")
	company := h.home.call("POST", "/companies", `{"domain":"acme.com"}`).is(201).textAt("id")
	books := h.store.Workspace(h.home.workspace)
	must(t, books.AddRuns(t.Context(), []conversion.Run{{ID: "run-1", Direction: conversion.Inbound, Object: conversion.Lead, Created: 1, Status: conversion.RunDone}}))
	must(t, books.Commit(t.Context(), conversion.Batch{Asks: []conversion.Ask{{Approval: conversion.Approval{ID: "approval-1", Kind: conversion.KindContact, Created: 1}}}}))
	for call, body := range map[string]string{
		"GET /contacts/" + contact:                  "",
		"PATCH /contacts/" + contact:                `{"variables":{"city":"x"}}`,
		"DELETE /contacts/" + contact:               "",
		"POST /contacts/" + contact + "/combine":    `{"into":"x"}`,
		"POST /contacts/" + contact + "/erase":      "",
		"POST /contacts/" + contact + "/restore":    "",
		"GET /contacts/" + contact + "/timeline":    "",
		"GET /contacts/" + contact + "/engagements": "",
		"GET /engagements?contact_id=" + contact:    "",
		"GET /companies/" + company:                 "",
		"PATCH /companies/" + company:               `{"name":"x"}`,
		"DELETE /companies/" + company:              "",
		"POST /companies/" + company + "/combine":   `{"into":"x"}`,
		"POST /companies/" + company + "/erase":     "",
		"POST /companies/" + company + "/restore":   "",
		"GET /companies/" + company + "/timeline":   "",
		"GET /runs/run-1":                           "",
		"GET /runs/run-1/records":                   "",
		"POST /approvals/approval-1":                `{"approve":true}`,
	} {
		method, path, _ := strings.Cut(call, " ")
		stranger.call(method, path, body).is(404)
	}
	stranger.call("POST", "/contacts", `{"email":"bob@example.org","company_id":"`+company+`"}`).is(422)
	stranger.call("POST", "/engagements", `{"contact_id":"`+contact+`","type":"Call"}`).is(422)
	for _, path := range []string{"/contacts", "/companies", "/engagements", "/runs", "/held", "/approvals", "/ignored"} {
		if n := stranger.call("GET", path, "").is(200).length("data"); n != 0 {
			t.Errorf("a stranger sees %d of %s", n, path)
		}
	}
	h.home.call("GET", "/contacts/"+contact, "").is(200)
}

func TestTheAccessLogCountsByRouteNotByAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	proxied := http.NewServeMux()
	proxied.Handle(api.Prefix+"/", h.handler)
	var routes []string
	logged := httpx.Chain(httpx.Routes(proxied), httpx.AccessLog(slog.New(slog.DiscardHandler), func(method, route string, _ int, _ time.Duration) {
		routes = append(routes, method+" "+route)
	}))
	for _, path := range []string{"/contacts/some-id", "/nope"} {
		request := httptest.NewRequestWithContext(t.Context(), "GET", api.Prefix+path, nil)
		request.Header.Set("X-API-Key", h.home.key)
		logged.ServeHTTP(httptest.NewRecorder(), request)
	}
	if want := []string{"GET /api/v1/contacts/{id}", "GET /api/v1/"}; !slices.Equal(routes, want) {
		t.Errorf("counted are %q, want %q", routes, want)
	}
}
