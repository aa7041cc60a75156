package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"conversion"
)

// heldWorld holds two fields of one cause, and one that somebody keeps changing.
func heldWorld() *world {
	w := withAda()
	lead := conversion.Ref{Object: conversion.Lead, ID: "00Q000000000001AAA"}
	row := func(id, field, cause string) conversion.Held {
		return conversion.Held{ID: id, EntityID: "ada", Name: "ada@example.com", Ref: lead, Field: field, Cause: cause, Message: "Too long.", Since: ago(time.Hour), Retry: ago(-time.Hour)}
	}
	w.held = []conversion.Held{row("h1", "Title", "LONG:Lead.Title"), row("h2", "Title", "LONG:Lead.Title"), row("h3", "Phone", "OSCILLATION:Lead.Phone")}
	w.held[2].UserID, w.held[2].UserName, w.held[2].Message = "005A", "Integration User", "=HYPERLINK(1)"
	w.groups = []conversion.HeldGroup{
		{Cause: "LONG:Lead.Title", Object: conversion.Lead, Field: "Title", Fix: conversion.FixConversion, Message: "Too long.", Hint: "Shorten it.", Count: 2},
		{Cause: "OSCILLATION:Lead.Phone", Object: conversion.Lead, Field: "Phone", Fix: conversion.FixSalesforce, Message: "Changed.", Count: 1},
	}
	return w
}

func TestWhatIsHeldIsGroupedByItsCause(t *testing.T) {
	t.Parallel()
	v := heldWorld().as(t, "grace@example.com")
	v.get("/held").wants(t, http.StatusOK, "Lead.Title: 2", "Shorten it.", "Mend in Conversion", "Mend in Salesforce", "By Integration User",
		`href="/held?cause=LONG%3ALead.Title"`, `href="/held/export"`, `name="cause" value="LONG:Lead.Title"`, `name="all" value="true"`, `name="id" value="h3"`)
	one := v.get("/held?cause=LONG%3ALead.Title")
	one.wants(t, http.StatusOK, `name="id" value="h1"`, `name="back" value="/held?cause=LONG%3ALead.Title"`)
	if strings.Contains(one.body, "h3") || strings.Contains(one.body, "causes-title") {
		t.Error("the list of one cause shows others")
	}
	v.get("/held?cause=GONE").wants(t, http.StatusOK, "Nothing of this cause is held", `href="/held"`)
}

func TestWhatIsHeldIsTriedAgainOneACauseOrAll(t *testing.T) {
	t.Parallel()
	w := heldWorld()
	v := w.as(t, "grace@example.com")
	for _, test := range []struct {
		fields []string
		called string
		leads  string
	}{
		{[]string{"id", "h1", "back", "/held?cause=LONG%3ALead.Title"}, `retry ids [h1] cause "" by member`, "/held?cause=LONG%3ALead.Title"},
		{[]string{"cause", "LONG:Lead.Title", "back", "/held"}, `retry ids [] cause "LONG:Lead.Title" by member`, "/held"},
		{[]string{"all", "true", "back", "//evil.example"}, `retry ids [] cause "" by member`, "/held"},
	} {
		v.post("/held/retry", test.fields...).leads(t, test.leads)
		if last := w.calls[len(w.calls)-1]; last != test.called {
			t.Errorf("called %q, want %q", last, test.called)
		}
		v.get("/held").wants(t, http.StatusOK, `role="status"`, "Tried again within seconds.")
	}
	calls := len(w.calls)
	v.post("/held/retry", "back", "/held").wants(t, http.StatusUnprocessableEntity)
	if len(w.calls) != calls {
		t.Errorf("a form that names nothing called %v", w.calls[calls:])
	}
	w.held = nil
	v.post("/held/retry", "id", "h1").leads(t, "/held")
	v.get("/held").wants(t, http.StatusOK, "It is not held any more.")
}

func TestWhatIsHeldIsExportedAsCSV(t *testing.T) {
	t.Parallel()
	a := heldWorld().as(t, "grace@example.com").get("/held/export")
	a.wants(t, http.StatusOK, "id,name,entity_id,object,record_id,field,code,cause,fix,message,hint,user,since,retry_at\n",
		"h1,ada@example.com,ada,Lead,00Q000000000001AAA,Title,,LONG:Lead.Title,,Too long.,,,", ",'=HYPERLINK(1),,Integration User,")
	if lines := strings.Count(a.body, "\n"); lines != 4 {
		t.Errorf("%d lines, want a head and three rows", lines)
	}
}

func TestACreateOfUnknownOutcomeIsSaidNotToBeThere(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.held = []conversion.Held{{ID: "h1", EntityID: "c1", Ref: conversion.Ref{Object: conversion.Account}, Code: conversion.HeldUnanswered, Name: "Acme"}}
	v := w.asAdmin(t)
	shown := v.get("/held")
	shown.wants(t, http.StatusOK, `name="not_there" value="h1"`, "It is not there")
	if strings.Contains(shown.body, `name="id" value="h1"`) {
		t.Error("it can be retried, which does nothing")
	}
	v.post("/held/retry", "not_there", "h1").leads(t, "/held")
	if last := w.calls[len(w.calls)-1]; last != "not there [h1] by admin" {
		t.Errorf("called %q", last)
	}
	w.refusal = conversion.Invalid("ids", "h1 is not about a record that may have been created")
	v.post("/held/retry", "not_there", "h1").wants(t, http.StatusUnprocessableEntity)
}
