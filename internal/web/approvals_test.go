package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"conversion"
)

func TestAnAdminDecidesWhatWaits(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.status = connected(conversion.StatusApproval)
	w.status.Message, w.status.Hint = "Deletions wait for an admin's approval.", "Look at what would be deleted."
	w.approvals = []conversion.Approval{
		{ID: "a1", Kind: conversion.KindContact, Reason: "120 records would be deleted.", Count: 120, Created: ago(5 * time.Minute)},
		{ID: "a2", Direction: conversion.Outbound, Var: 7, Kind: conversion.KindContact, Reason: "By one API key.", Count: 500, Created: ago(4 * time.Minute)},
		{ID: "a0", Kind: conversion.KindCompany, Reason: "Decided yesterday.", Count: 3, Created: ago(time.Hour), Decided: ago(time.Minute)},
	}
	v := w.asAdmin(t)
	shown := v.get("/settings/integrations")
	shown.wants(t, http.StatusOK, `href="#approvals"`, `id="approvals"`, "120 deletions of contacts wait", "500 contacts changed here wait", "By one API key.", "120 records would be deleted.", "5 min ago",
		`method="post" action="/settings/approvals/a1"`, `name="decision" value="approve"`, `name="decision" value="refuse"`)
	if strings.Contains(shown.body, "Decided yesterday.") {
		t.Error("what was decided is shown as waiting")
	}
	for decision, want := range map[string][2]string{
		"approve": {"decide a1: true by admin", "Approved."},
		"refuse":  {"decide a1: false by admin", "Refused."},
	} {
		v.post("/settings/approvals/a1", "decision", decision).leads(t, "/settings/integrations")
		v.get("/settings/integrations").wants(t, http.StatusOK, `role="status"`, want[1])
		if last := w.calls[len(w.calls)-1]; last != want[0] {
			t.Errorf("%s called %q", decision, last)
		}
	}
	w.refusal = conversion.Errorf(conversion.CodeConflict, "This was decided before.")
	v.post("/settings/approvals/a1", "decision", "approve").leads(t, "/settings/integrations")
	v.get("/settings/integrations").wants(t, http.StatusOK, `role="alert"`, "This was decided before.")
}

func TestOnlyAnAdminDecidesAndOnlyByAWord(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.as(t, "grace@example.com").post("/settings/approvals/a1", "decision", "approve").wants(t, http.StatusForbidden)
	w.asAdmin(t).post("/settings/approvals/a1", "decision", "maybe").wants(t, http.StatusUnprocessableEntity)
	if len(w.calls) > 0 {
		t.Errorf("decided: %v", w.calls)
	}
}

func TestWithoutAnythingToDecideThereIsNoCard(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.status = connected(conversion.StatusSynced)
	if a := w.asAdmin(t).get("/settings/integrations"); strings.Contains(a.body, "approvals") {
		t.Error("the page speaks of approvals")
	}
}
