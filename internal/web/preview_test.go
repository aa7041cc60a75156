package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"conversion"
)

func previewed() *world {
	w := newWorld()
	w.preview = conversion.Preview{
		ID: "p1", Scope: conversion.ScopeExisting, Counts: conversion.PreviewCounts{Create: 1, Update: 1200, Delete: 0, Hold: 2},
		Listed: 3, Created: ago(time.Minute), Expires: ago(-23 * time.Hour),
	}
	lead := conversion.Ref{Object: conversion.Lead, ID: "00Q000000000001AAA"}
	w.items = []conversion.PreviewItem{
		{Number: 1, EntityID: "c1", Kind: conversion.KindContact, Action: conversion.ActionUpdate, Ref: lead, Key: "jo@acme.example", Reason: "contacts_updated",
			Fields: []conversion.FieldWrite{{Field: "Title", Before: conversion.Text("Clerk"), Value: conversion.Text("<b>Head</b>")}}},
		{Number: 2, EntityID: "c2", Kind: conversion.KindContact, Action: conversion.ActionHold, Ref: conversion.Ref{Object: conversion.Lead}, Key: "al@acme.example", Reason: "Salesforce requires Lead.Company."},
	}
	return w
}

// rulesForm is the form as a browser sends it.
func rulesForm(more ...string) []string {
	form := []string{"contacts_created", "none", "contacts_updated", "all", "contacts_deleted", "none",
		"companies_created", "none", "companies_updated", "none", "companies_deleted", "none"}
	return append(form, more...)
}

func TestRulesAreShownBeforeTheyAreSaved(t *testing.T) {
	t.Parallel()
	w := previewed()
	v := w.asAdmin(t)
	v.get("/settings/integrations").wants(t, http.StatusOK, `formaction="/settings/integrations/rules/preview"`, "Apply to existing")
	v.post("/settings/integrations/rules/preview", rulesForm()...).leads(t, "/settings/integrations/rules/preview/p1")
	if w.wanted.Scope != conversion.ScopePending || w.wanted.Rules.ContactsUpdated != conversion.TargetAll || w.rules.ContactsUpdated != conversion.TargetNone {
		t.Errorf("previewed %+v with the rules %+v", w.wanted, w.rules)
	}
	v.get("/settings/integrations/rules/preview/p1").wants(t, http.StatusOK, "Preview of the rules", `data-figure="updated">1,200`, `data-figure="held">2`,
		"jo@acme.example", "Clerk", "&lt;b&gt;Head&lt;/b&gt;", "Contacts updated", "Salesforce requires Lead.Company.", "The first 3 of 1,203 records are listed.",
		`method="post" action="/settings/integrations/rules/preview/p1/apply"`)
	v.post("/settings/integrations/rules/preview/p1/apply").leads(t, "/settings/integrations")
	if last := w.calls[len(w.calls)-1]; last != "apply p1 by admin" {
		t.Errorf("called %q", last)
	}
}

func TestSavingWithApplyToExistingShowsAPreviewFirst(t *testing.T) {
	t.Parallel()
	w := previewed()
	v := w.asAdmin(t)
	v.post("/settings/integrations/rules", rulesForm("existing", "yes")...).leads(t, "/settings/integrations/rules/preview/p1")
	if w.wanted.Scope != conversion.ScopeExisting || w.rules.ContactsUpdated != conversion.TargetNone {
		t.Errorf("previewed %+v with the rules %+v", w.wanted, w.rules)
	}
}

func TestWhatApplyingSkippedIsListed(t *testing.T) {
	t.Parallel()
	w := previewed()
	w.preview.Skipped, w.items[0].Skipped = 1, true
	v := w.asAdmin(t)
	v.post("/settings/integrations/rules/preview/p1/apply").leads(t, "/settings/integrations/rules/preview/p1?skipped")
	w.preview.Begun = ago(0)
	shown := v.get("/settings/integrations/rules/preview/p1?skipped")
	shown.wants(t, http.StatusOK, "It was applied. 1 contact or company", "Skipped", "jo@acme.example")
	if strings.Contains(shown.body, "al@acme.example") || strings.Contains(shown.body, "/apply") {
		t.Error("what was not skipped is listed, or it can be applied again")
	}
}

func TestAPreviewThatCannotBeMadeOrAppliedSaysWhy(t *testing.T) {
	t.Parallel()
	w := previewed()
	v := w.asAdmin(t)
	v.post("/settings/integrations/rules/preview", "contacts_created", "all").wants(t, http.StatusUnprocessableEntity, "The rules are not valid.")
	w.refusal = &conversion.Error{Code: conversion.CodeConflict, Message: "The settings have changed since the preview was made.", Hint: "Make a new preview."}
	v.post("/settings/integrations/rules/preview/p1/apply").wants(t, http.StatusConflict, "The settings have changed", "Make a new preview.")
	v.get("/settings/integrations/rules/preview/none").wants(t, http.StatusNotFound, "There is no such preview.")
	v.get("/settings/integrations/rules/preview/p1").wants(t, http.StatusOK)
}

func TestAPreviewIsReadPageByPage(t *testing.T) {
	t.Parallel()
	w := previewed()
	for i := range 60 {
		it := w.items[0]
		it.Key = fmt.Sprintf("p%02d@acme.example", i)
		w.items = append(w.items, it)
	}
	v := w.asAdmin(t)
	v.get("/settings/integrations/rules/preview/p1").wants(t, http.StatusOK, "/settings/integrations/rules/preview/p1?after=cursor-2")
	v.get("/settings/integrations/rules/preview/p1?after=cursor-2").wants(t, http.StatusOK, "p59@acme.example", "First page")
}
