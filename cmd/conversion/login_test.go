package main

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/account"
	"conversion/internal/config"
	"conversion/internal/sandbox"
	"conversion/internal/testkit"
)

// installation is a served app beside a simulated org.
type installation struct {
	*testing.T
	app *app
	url string
	org string
}

func newInstallation(t *testing.T) installation {
	t.Helper()
	org := httptest.NewServer(sandbox.New(sandbox.Options{Seed: 1}).Handler())
	t.Cleanup(org.Close)
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String()
	a, err := open(t.Context(), config.Settings{
		Database: testkit.SQLite(t), SecretKey: filepath.Join(t.TempDir(), "secret.key"),
		AllowHosts: []string{strings.TrimPrefix(org.URL, "http://")}, SyncInterval: 15 * time.Minute, LogFormat: "text", LogLevel: "error",
	}, t.Output(), address)
	must(t, err)
	t.Cleanup(a.close)
	server.Config.Handler, err = a.handler(address, org.URL)
	must(t, err)
	server.Start()
	t.Cleanup(server.Close)
	return installation{t, a, address, org.URL}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (i installation) mainWorkspace() string {
	i.Helper()
	w, err := i.app.workspace(i.Context(), "")
	must(i.T, err)
	return w.ID
}

// browser is one in which the admin is signed in to Conversion.
func (i installation) browser() browser {
	i.Helper()
	const email, password = "ada@example.com", "correct horse battery"
	_, err := i.app.accounts.AddMember(i.Context(), byCommand, account.NewMember{
		WorkspaceID: i.mainWorkspace(), Email: email, Name: "Ada", Password: password, Role: conversion.RoleAdmin,
	})
	must(i.T, err)
	jar, err := cookiejar.New(nil)
	must(i.T, err)
	b := browser{i.T, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	b.post(i.url+"/sign-in", url.Values{"email": {email}, "password": {password}})
	return b
}

// api calls the API with a key of the main workspace.
func (i installation) api(key, method, path, body string) (answer map[string]any) {
	i.Helper()
	request, err := http.NewRequestWithContext(i.Context(), method, i.url+"/api/v1"+path, strings.NewReader(body))
	must(i.T, err)
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	must(i.T, err)
	defer response.Body.Close()
	must(i.T, json.NewDecoder(response.Body).Decode(&answer))
	if response.StatusCode != http.StatusOK {
		i.Fatalf("%s %s: %s: %v", method, path, response.Status, answer)
	}
	return answer
}

// browser keeps cookies and follows no redirect by itself.
type browser struct {
	*testing.T
	http *http.Client
}

func (b browser) get(address string) (location, page string) {
	b.Helper()
	response, err := b.http.Get(address)
	return b.read(response, err)
}

func (b browser) post(address string, form url.Values) (location, page string) {
	b.Helper()
	response, err := b.http.PostForm(address, form)
	return b.read(response, err)
}

func (b browser) read(response *http.Response, err error) (location, page string) {
	b.Helper()
	must(b.T, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(b.T, err)
	if response.StatusCode >= http.StatusBadRequest {
		b.Fatalf("%s answered %s: %s", response.Request.URL, response.Status, text)
	}
	return response.Header.Get("Location"), string(text)
}

// allow logs in to Salesforce at the address, allows what is asked for, and returns where
// Salesforce sends the browser back to.
func (b browser) allow(authorizeURL string) (callback string) {
	b.Helper()
	at, err := url.Parse(authorizeURL)
	must(b.T, err)
	origin := at.Scheme + "://" + at.Host
	_, page := b.get(authorizeURL)
	next, _ := b.post(origin+"/login", url.Values{
		"username": {sandbox.AdminUser}, "password": {sandbox.AdminPassword}, "start": {field(b.T, page, "start")},
	})
	_, page = b.get(origin + next)
	callback, _ = b.post(origin+"/services/oauth2/authorize", url.Values{
		"query": {field(b.T, page, "query")}, "proof": {field(b.T, page, "proof")}, "decision": {"allow"},
	})
	return callback
}

// field is the value of a form's hidden field.
func field(t *testing.T, page, name string) string {
	t.Helper()
	match := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if match == nil {
		t.Fatalf("the page has no field %s: %s", name, page)
	}
	return html.UnescapeString(match[1])
}

func TestALoginThatTheAPIBeganIsFinishedByASignedInAdmin(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	key, _, err := i.app.accounts.CreateKey(t.Context(), byCommand, i.mainWorkspace(), "tests")
	must(t, err)
	begun := i.api(key, "POST", "/integrations/salesforce/connect",
		`{"flow":"web","login_url":"`+i.org+`","client_id":"`+sandbox.ClientID+`","client_secret":"`+sandbox.ClientSecret+`"}`)
	authorize, ok := begun["authorize_url"].(string)
	if !ok {
		t.Fatalf("no authorize_url in %v", begun)
	}
	b := i.browser()
	callback := b.allow(authorize)
	if !strings.HasPrefix(callback, i.url+"/oauth/salesforce/callback?") {
		t.Fatalf("Salesforce sends the browser to %s", callback)
	}
	if place, _ := b.get(callback); place != "/settings/integrations" {
		t.Errorf("the callback leads to %q", place)
	}
	if _, page := b.get(i.url + "/settings/integrations"); !strings.Contains(page, "Connected. The first sync has begun.") {
		t.Errorf("the page does not say that it is connected:\n%s", page)
	}
	if status := i.api(key, "GET", "/integrations/salesforce", "")["status"]; status != "connecting" {
		t.Errorf("the status is %v", status)
	}
}
