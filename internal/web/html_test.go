package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"conversion"
	"conversion/internal/directory"
)

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>'`

// hostileWorld holds what an attacker would write wherever they could.
func hostileWorld() *world {
	w := withAda()
	w.members[0].Name = hostile
	ada := &w.entities[0]
	ada.Name, ada.CompanyID, ada.Links[0].Name, ada.Links[0].Hold = hostile, "acme", hostile, hostile
	ada.Values[0].Value, ada.Values[0].ByName = conversion.Text(hostile), hostile
	w.variables[0].Label = hostile
	w.entities = append(w.entities, directory.View{ID: "acme", Kind: conversion.KindCompany, Key: hostile, Name: hostile})
	w.engagements = []conversion.Engagement{{Type: hostile, Subject: hostile, Occurred: ago(time.Hour)}}
	w.timeline = []conversion.Change{{Note: hostile, Rule: hostile, RunID: "run-1"}, {FieldChange: conversion.FieldChange{Var: 10, Before: conversion.Text(hostile), After: conversion.Text(hostile)}}}
	w.runs = []conversion.Run{{ID: "run-1", Object: hostile, Trigger: hostile, Error: hostile, Status: conversion.RunFailed}}
	w.lines = []conversion.RunLine{{Ref: conversion.Ref{Object: conversion.Lead, ID: hostile}, Message: hostile, Outcome: "held"}}
	w.held = []conversion.Held{{ID: hostile, Name: hostile, Field: hostile, Cause: hostile, UserName: hostile, Message: hostile, Hint: hostile}}
	w.groups = []conversion.HeldGroup{{Cause: hostile, Field: hostile, Fix: conversion.FixSalesforce, Message: hostile, Hint: hostile, Count: 1}}
	w.keys = []conversion.APIKey{{ID: "k", Name: hostile, Prefix: hostile}}
	w.rules.Defaults = map[string]string{"Lead." + hostile: hostile}
	w.status.Org.Name, w.status.Org.UserName, w.status.Message, w.status.Hint = hostile, hostile, hostile, hostile
	w.status.Progress = []conversion.Progress{{Object: hostile, Total: 1}}
	return w
}

var allPages = []string{
	"/contacts", "/contacts?q=" + "%22%3E%3Cscript%3E", "/contacts/new", "/contacts/ada", "/contacts/ada/edit", "/companies", "/companies/acme", "/companies/acme/edit",
	"/activity", "/activity/run-1", "/held", "/held?cause=%22%3E%3Cscript%3E", "/settings/integrations", "/settings/integrations/rules", "/settings/members", "/settings/keys", "/nowhere",
}

// TestPagesHoldNothingInline is what lets the content security policy be strict, and with
// hostile values everywhere it shows that all of them are escaped.
func TestPagesHoldNothingInline(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]*world{"hostile": hostileWorld(), "syncing": syncingWorld(), "not connected": newWorld()} {
		v := w.asAdmin(t)
		for _, path := range allPages {
			for _, e := range elements(t, v.get(path).body) {
				if e.Data == "style" || e.Data == "script" && attribute(e, "src") == "" || e.Data == "img" && attribute(e, "src") == "x" {
					t.Errorf("%s, %s: an inline <%s>", name, path, e.Data)
				}
				for _, a := range e.Attr {
					if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
						t.Errorf("%s, %s: <%s %s=%q>", name, path, e.Data, a.Key, a.Val)
					}
				}
			}
		}
	}
}

func syncingWorld() *world {
	w := withAda()
	w.status.Status = conversion.StatusSyncing
	w.status.Progress = []conversion.Progress{{Object: conversion.Lead, Done: 1, Total: 2}}
	return w
}

func TestPagesCanBeReadAloud(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]*world{"connected": withAda(), "syncing": syncingWorld(), "not connected": newWorld()} {
		v := w.asAdmin(t)
		for _, path := range allPages {
			checkAccess(t, name+", "+path, elements(t, v.get(path).body))
		}
	}
	nobody := newWorld().open(t)
	for _, path := range []string{"/sign-in", "/setup/setup-token", "/setup/spent"} {
		checkAccess(t, path, elements(t, nobody.get(path).body))
	}
}

// checkAccess wants one <h1>, ids used once and only where they exist, and a name for
// every control.
func checkAccess(t *testing.T, where string, page []*html.Node) {
	t.Helper()
	ids, labelled, headings := map[string]bool{}, map[string]bool{}, 0
	for _, e := range page {
		if id := attribute(e, "id"); id != "" {
			if ids[id] {
				t.Errorf("%s: two elements have the id %s", where, id)
			}
			ids[id] = true
		}
		if e.Data == "label" {
			labelled[attribute(e, "for")] = true
		}
		if e.Data == "h1" {
			headings++
		}
	}
	if headings != 1 {
		t.Errorf("%s: %d <h1>", where, headings)
	}
	for _, e := range page {
		for _, key := range []string{"aria-describedby", "aria-labelledby", "commandfor", "popovertarget", "form"} {
			if id := attribute(e, key); id != "" && !ids[id] {
				t.Errorf("%s: %s=%s leads nowhere", where, key, id)
			}
		}
		if !named(e, labelled) {
			t.Errorf("%s: <%s name=%q> has no name", where, e.Data, attribute(e, "name"))
		}
	}
}

func named(e *html.Node, labelled map[string]bool) bool {
	switch e.Data {
	case "input", "select", "textarea":
		inLabel := e.Parent.Data == "label"
		return attribute(e, "type") == "hidden" || inLabel || attribute(e, "aria-label") != "" || labelled[attribute(e, "id")]
	case "button", "a":
		return attribute(e, "aria-label") != "" || strings.TrimSpace(text(e)) != ""
	case "progress", "dialog":
		return attribute(e, "aria-labelledby") != ""
	}
	return true
}

func TestStaticFilesAreServedToAnybody(t *testing.T) {
	t.Parallel()
	v := newWorld().open(t)
	for _, e := range elements(t, v.get("/sign-in").body) {
		for _, path := range []string{attribute(e, "src"), attribute(e, "href")} {
			if strings.HasPrefix(path, "/static/") {
				v.get(path).wants(t, http.StatusOK)
			}
		}
	}
}

// elements parses a page and returns its elements in order; none for a redirect.
func elements(t *testing.T, body string) []*html.Node {
	t.Helper()
	if !strings.HasPrefix(body, "<!doctype html>") {
		return nil
	}
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var list []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			list = append(list, n)
		}
	}
	return list
}

func attribute(e *html.Node, key string) string {
	for _, a := range e.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(e *html.Node) string {
	var b strings.Builder
	for n := range e.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}
