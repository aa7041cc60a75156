package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
)

func variable(id conversion.VarID, key, label string, typ conversion.Type) conversion.Variable {
	return conversion.Variable{ID: id, Kind: conversion.KindContact, Key: key, Label: label, Type: typ, Mode: conversion.ModeTwoWay}
}

// withAda is a world with one contact, linked to a Lead.
func withAda() *world {
	w := newWorld()
	w.variables = []conversion.Variable{
		variable(10, "job_title", "Title", conversion.TypeText),
		variable(11, "city", "City", conversion.TypeText),
		variable(12, "employees", "Employees", conversion.TypeNumber),
		variable(13, "do_not_call", "Do Not Call", conversion.TypeBool),
		{ID: 14, Kind: conversion.KindContact, Key: "score", Label: "Score", Type: conversion.TypeNumber, Mode: conversion.ModeAlwaysSalesforce, ReadOnly: true},
	}
	lead := conversion.Ref{Object: conversion.Lead, ID: "00Q000000000001AAA"}
	w.entities = []directory.View{{
		ID: "ada", Kind: conversion.KindContact, Key: "ada@example.com", Name: "Ada Lovelace", Updated: ago(time.Hour),
		Values: []directory.VariableValue{
			{Variable: &w.variables[0], Value: conversion.Text("Engineer"), At: ago(26 * time.Hour), From: lead, ByName: "Grace Hopper"},
			{Variable: &w.variables[3], Value: conversion.Bool(true), At: ago(time.Hour), By: conversion.Actor{Kind: conversion.ActorUser, ID: "admin"}},
		},
		Links: []directory.LinkView{{Ref: lead, Name: "Ada Lovelace", Status: conversion.LinkLive}},
	}}
	w.status = connected(conversion.StatusSynced)
	return w
}

func TestAContactIsShownWithWhereItsValuesComeFrom(t *testing.T) {
	t.Parallel()
	w := withAda()
	w.engagements = []conversion.Engagement{{Type: "Task", Subject: "Call about prices", Occurred: ago(time.Hour)}}
	w.timeline = []conversion.Change{
		{FieldChange: conversion.FieldChange{Var: 10, Before: conversion.Text("Clerk"), After: conversion.Text("Engineer"), At: ago(time.Hour), By: conversion.Actor{Kind: conversion.ActorUser, ID: "admin"}}},
		{FieldChange: conversion.FieldChange{At: ago(time.Hour)}, Note: "sent to Lead", RunID: "run-1", Rule: "contacts_updated",
			Sent: []conversion.FieldWrite{{Field: "Title", Before: conversion.Text("Apprentice"), Value: conversion.Text("Engineer")}}},
		{FieldChange: conversion.FieldChange{Var: 10, After: conversion.Text("Scribe"), At: ago(time.Hour), By: conversion.Actor{Kind: conversion.ActorSystem, ID: "mode"}}, Note: "The mode was changed."},
	}
	w.asAdmin(t).get("/contacts/ada").wants(t, http.StatusOK,
		"<h1>Ada Lovelace</h1>", "ada@example.com",
		"Engineer", "From Salesforce Lead 00Q000000000001AAA, changed by Grace Hopper, 1 day ago (22 November 2026, 10:00:00 UTC)",
		"Set in Conversion, 1 h ago", `tabindex="0" data-variable="job_title" aria-describedby="source-10"`,
		"3 empty variables",
		`href="https://acme.my.salesforce.com/lightning/r/Lead/00Q000000000001AAA/view"`, "</i>Linked",
		"Call about prices", "Clerk", "Sent to Lead.", "1 field", "<code>Title</code>", "Apprentice", "Scribe", "The mode was changed.", `href="/activity/run-1"`, "rule Contacts updated")
}

func TestAFormulaShowsItsAge(t *testing.T) {
	t.Parallel()
	w := withAda()
	ada := &w.entities[0]
	ada.Values = append(ada.Values, directory.VariableValue{Variable: &w.variables[4], Value: conversion.Text("7"), At: ago(26 * time.Hour), From: ada.Links[0].Ref, Read: ago(2 * time.Hour)})
	page := w.asAdmin(t).get("/contacts/ada")
	page.wants(t, http.StatusOK, "1 day ago (22 November 2026, 10:00:00 UTC). A formula, last read 2 h ago (23 November 2026, 10:00:00 UTC)")
	if n := strings.Count(page.body, "last read"); n != 1 {
		t.Errorf("%d values say when they were last read, want the formula alone", n)
	}
}

func TestTheDeleteDialogSaysWhatHappensInSalesforce(t *testing.T) {
	t.Parallel()
	for rule, want := range map[conversion.Target]string{
		conversion.TargetNone: "By the present rules, the linked record stays in Salesforce untouched:",
		conversion.TargetAll:  "By the present rules, the linked record is deleted in Salesforce too:",
	} {
		w := withAda()
		w.rules.ContactsDeleted = rule
		v := w.asAdmin(t)
		v.get("/contacts/ada").wants(t, http.StatusOK, `id="delete-dialog"`, want, "Lead Ada Lovelace")
		v.post("/contacts/ada/delete").leads(t, "/contacts")
		if w.deleted != "ada" {
			t.Errorf("deleted %q", w.deleted)
		}
	}
}

func TestAnEditSendsOnlyWhatWasChangedInTheForm(t *testing.T) {
	t.Parallel()
	w := withAda()
	v := w.asAdmin(t)
	a := v.get("/contacts/ada/edit")
	a.wants(t, http.StatusOK, `name="variables.job_title"`, `name="original.variables.job_title" value="Engineer"`, `id="save"`, `name="email"`, "changes stay in Conversion")
	if strings.Contains(a.body, `name="variables.score"`) {
		t.Error("the form offers a variable that only Salesforce changes")
	}
	v.post("/contacts/ada",
		"email", "ada@example.com", "original.email", "ada@example.com",
		"variables.job_title", "Chief", "original.variables.job_title", "Engineer",
		// Changed by somebody else since the form was shown, not in the form.
		"variables.city", "", "original.variables.city", "",
		"variables.do_not_call", "false", "original.variables.do_not_call", "true",
		"variables.employees", "", "original.variables.employees", "12",
	).leads(t, "/contacts/ada")
	p := w.patched
	if p.Key != nil || p.Name != nil || len(p.Values) != 3 || p.Values["job_title"] != "Chief" || p.Values["do_not_call"] != false || p.Values["employees"] != nil {
		t.Errorf("patched %+v", p)
	}
	v.get("/contacts/ada").wants(t, http.StatusOK, "Saved")
}

func TestAnEditKeepsLineBreaks(t *testing.T) {
	t.Parallel()
	w := withAda()
	w.entities[0].Values[0].Value = conversion.Text("Engineer\nof Engines")
	v := w.asAdmin(t)
	v.get("/contacts/ada/edit").wants(t, http.StatusOK, "<textarea id=\"variables.job_title\"", ">Engineer\nof Engines</textarea>")
	v.post("/contacts/ada", "email", "ada@example.com", "original.email", "ada@example.com",
		"variables.job_title", "Engineer\r\nof Engines", "original.variables.job_title", "Engineer\nof Engines").leads(t, "/contacts/ada")
	if len(w.patched.Values) != 0 {
		t.Errorf("patched %+v, want nothing", w.patched.Values)
	}
}

func TestWhatIsWrongIsSaidBesideItsInput(t *testing.T) {
	t.Parallel()
	w := withAda()
	w.refusal = conversion.Invalid("variables.job_title", "is longer than 128 characters")
	v := w.asAdmin(t)
	v.post("/contacts/ada", "email", "ada@example.com", "variables.job_title", "<b>long</b>", "original.variables.job_title", "Engineer").
		wants(t, http.StatusUnprocessableEntity, "Is longer than 128 characters.", `value="&lt;b&gt;long&lt;/b&gt;"`, `aria-invalid="true"`, `name="original.variables.job_title" value="Engineer"`)
	w.refusal = conversion.Errorf(conversion.CodeConflict, "Another contact has this e-mail.")
	v.post("/contacts/ada", "email", "grace@example.com").wants(t, http.StatusConflict, `role="alert"`, "Another contact has this e-mail.")
}

func TestAContactIsCreated(t *testing.T) {
	t.Parallel()
	w := withAda()
	w.rules.ContactsCreated = conversion.TargetLeads
	v := w.asAdmin(t)
	v.get("/contacts/new").wants(t, http.StatusOK, "<h1>New contact</h1>", "a lead is created in Salesforce too")
	v.post("/contacts", "email", "grace@example.com", "variables.job_title", "Admiral", "variables.city", "").leads(t, "/contacts/new")
	if len(w.drafted) != 1 || w.drafted[0].Key != "grace@example.com" || len(w.drafted[0].Values) != 1 || w.drafted[0].Values["job_title"] != "Admiral" {
		t.Errorf("drafted %+v", w.drafted)
	}
	v.post("/contacts", "email", "ada@example.com", "variables.job_title", "Impostor").
		wants(t, http.StatusUnprocessableEntity, "Is taken: Ada Lovelace has it.", `value="Impostor"`)
}

func TestACompanyIsCreatedByNameAndDomain(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := w.asAdmin(t)
	v.get("/companies/new").wants(t, http.StatusOK, "<h1>New company</h1>", `name="name"`, `name="domain"`)
	v.post("/companies", "name", "Acme Inc", "domain", "acme.example").leads(t, "/companies/new")
	if w.drafted[0].Name != "Acme Inc" || w.drafted[0].Key != "acme.example" {
		t.Errorf("drafted %+v", w.drafted)
	}
}

func TestAListIsSearchedAndPaged(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for _, name := range []string{"ada", "alan", "alonzo", "grace"} {
		w.entities = append(w.entities, directory.View{ID: name, Kind: conversion.KindContact, Key: name + "@example.com", Updated: ago(time.Hour)})
	}
	v := w.asAdmin(t)
	v.get("/contacts?q=al").wants(t, http.StatusOK, `value="al"`, `href="/contacts/alan"`, `href="/contacts/alonzo"`)
	v.get("/contacts").wants(t, http.StatusOK, `id="next" rel="next" href="/contacts?after=cursor-2"`)
	v.get("/contacts?q=a&after=cursor-2").wants(t, http.StatusOK, `href="/contacts?q=a"`, "First page")
	v.get("/contacts?q=zz").wants(t, http.StatusOK, "Nothing begins with “zz”")
	v.get("/companies").wants(t, http.StatusOK, "No companies yet", "/settings/integrations")
}

func TestActivityIsFiltered(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.runs = []conversion.Run{{
		ID: "run-1", Direction: conversion.Inbound, Object: conversion.Lead, Status: conversion.RunDone, Trigger: "manual",
		Started: ago(time.Minute), Finished: ago(46 * time.Second), Counts: conversion.Counts{Created: 1204, Held: 2},
	}}
	w.lines = []conversion.RunLine{{Ref: conversion.Ref{Object: conversion.Lead, ID: "00Q000000000001AAA"}, EntityID: "ada", Outcome: "held", Message: "Too long."}}
	v := w.asAdmin(t)
	v.get("/activity?direction=inbound&object=Lead&since=2026-11-23").wants(t, http.StatusOK,
		`href="/activity/run-1"`, "1,204 created · 2 held", "14 s", "</i>2 held", `href="/activity?direction=outbound&amp;object=Lead&amp;since=2026-11-23"`)
	if w.asked.Direction != conversion.Inbound || w.asked.Object != conversion.Lead || w.asked.Since != ago(12*time.Hour) {
		t.Errorf("asked for %+v", w.asked)
	}
	v.get("/activity?since=2026-11-23&until=2026-11-23").wants(t, http.StatusOK, `name="until" value="2026-11-23"`,
		`href="/activity?direction=outbound&amp;since=2026-11-23&amp;until=2026-11-23"`)
	if w.asked.Since != ago(12*time.Hour) || w.asked.Until != ago(-12*time.Hour) {
		t.Errorf("of one day: asked for %+v", w.asked)
	}
	v.get("/activity/run-1").wants(t, http.StatusOK, "<h1>Inbound run: Leads</h1>", "Sync now", "Too long.", `href="/contacts/ada"`)
	v.get("/activity?since=yesterday").wants(t, http.StatusUnprocessableEntity, "The input is not valid.")
	v.get("/activity?until=2026-02-30").wants(t, http.StatusUnprocessableEntity, "The input is not valid.")
	v.get("/activity?direction=sideways").wants(t, http.StatusUnprocessableEntity)
	v.get("/activity/none").wants(t, http.StatusNotFound, "There is no such run.")
}

func TestHeldRecordsSayWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	w := withAda()
	v := w.as(t, "grace@example.com")
	v.get("/held").wants(t, http.StatusOK, "Nothing is held")
	w.held = []conversion.Held{{Ref: conversion.Ref{Object: conversion.Lead, ID: "00Q000000000001AAA"}, EntityID: "ada", Name: "ada@example.com", Message: "Not a value of the picklist.", Hint: "Add it there.", Since: ago(3 * time.Hour), Retry: ago(-time.Hour)}}
	v.get("/held").wants(t, http.StatusOK, "Not a value of the picklist.", "Add it there.", "3 h ago", "in 1 h", `data-label="Next try"`, `<a class="sub" href="/contacts/ada">ada@example.com</a>`)
	v.get("/contacts/ada").wants(t, http.StatusOK, "Not a value of the picklist.", "Add it there.", "in 1 h")
	w.held[0].Ref.ID = "" // still to be created
	v.get("/contacts/ada").wants(t, http.StatusOK, "Not a value of the picklist.", "Add it there.")
	if a := v.get("/held"); strings.Contains(a.body, "<code></code>") {
		t.Errorf("an empty id is shown:\n%s", a.body)
	}
}
