package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
)

// endings are the world's.
type endings struct{ *world }

func (e endings) Combine(_ context.Context, _ string, k conversion.Kind, id, into string, by conversion.Actor) (directory.View, error) {
	return directory.View{ID: into, Kind: k}, e.change(fmt.Sprintf("combine %s into %s by %s", id, into, by.ID))
}

func (e endings) Separate(_ context.Context, _ string, k conversion.Kind, id string, records []string, by conversion.Actor) (directory.View, error) {
	return directory.View{ID: "own", Kind: k}, e.change(fmt.Sprintf("separate %v from %s by %s", records, id, by.ID))
}

func (e endings) Erase(_ context.Context, _ string, _ conversion.Kind, id string, by conversion.Actor, there bool) (bool, error) {
	return !there, e.change(fmt.Sprintf("erase %s there %t by %s", id, there, by.ID))
}

func (e endings) Restore(_ context.Context, _ string, k conversion.Kind, id string, by conversion.Actor) (directory.View, error) {
	return directory.View{ID: id, Kind: k}, e.change(fmt.Sprintf("restore %s by %s", id, by.ID))
}

func (e endings) Ignored(_ context.Context, _, after string, _ int) ([]conversion.Ignored, string, error) {
	if after != "" {
		return nil, "", nil
	}
	return e.ignored, "more", nil
}

// withBob is Ada's world with two records of hers, and another contact.
func withBob() *world {
	w := withAda()
	w.entities[0].Links = []directory.LinkView{
		{Ref: conversion.Ref{Object: conversion.Lead, ID: "00Q1"}, Name: "Ada L", Status: conversion.LinkLive},
		{Ref: conversion.Ref{Object: conversion.Contact, ID: "0031"}, Name: "Ada C", Status: conversion.LinkLive},
		{Ref: conversion.Ref{Object: conversion.Lead, ID: "00Q9"}, Status: conversion.LinkMoved},
	}
	w.entities = append(w.entities, directory.View{ID: "bob", Kind: conversion.KindContact, Key: "bob@example.com", Name: "Bob"})
	return w
}

func (w *world) called(t *testing.T, want string) {
	t.Helper()
	if len(w.calls) == 0 || w.calls[len(w.calls)-1] != want {
		t.Errorf("called %q, want %q", w.calls, want)
	}
}

func TestCombiningAsksIntoWhomAndThenWhether(t *testing.T) {
	t.Parallel()
	w := withBob()
	v := w.asAdmin(t)
	v.get("/contacts/ada").wants(t, http.StatusOK, `href="/contacts/ada/combine"`, `href="/contacts/ada/separate"`, `href="/contacts/ada/erase"`)
	v.get("/contacts/ada/combine").wants(t, http.StatusOK, `method="get"`, `name="into"`)
	v.get("/contacts/ada/combine?into=nobody").wants(t, http.StatusUnprocessableEntity, "There is no such contact.", `value="nobody"`)
	v.get("/contacts/ada/combine?into=ada").wants(t, http.StatusUnprocessableEntity, "That is the same contact.")
	shown := v.get("/contacts/ada/combine?into=bob")
	shown.wants(t, http.StatusOK, "Bob stays", "nothing is written or deleted", "Ada L", `name="into" value="bob"`, `method="post" action="/contacts/ada/combine"`)
	if len(w.calls) > 0 {
		t.Errorf("asking did %q", w.calls)
	}
	v.post("/contacts/ada/combine", "into", "bob").leads(t, "/contacts/bob")
	w.called(t, "combine ada into bob by admin")
	w.refusal = &conversion.Error{Code: conversion.CodeConflict, Message: "Both are being created in Salesforce."}
	v.post("/contacts/ada/combine", "into", "bob").wants(t, http.StatusConflict, "Both are being created in Salesforce.")
	v.get("/contacts/none/combine").wants(t, http.StatusNotFound)
}

func TestRecordsAreSeparatedOnAPage(t *testing.T) {
	t.Parallel()
	w := withBob()
	v := w.asAdmin(t)
	shown := v.get("/contacts/ada/separate")
	shown.wants(t, http.StatusOK, `name="record_ids" value="00Q1"`, `name="record_ids" value="0031"`, "nothing is written")
	if strings.Contains(shown.body, "00Q9") {
		t.Error("a record that moved can be separated")
	}
	v.post("/contacts/ada/separate", "record_ids", "00Q1", "record_ids", "0031").leads(t, "/contacts/own")
	w.called(t, "separate [00Q1 0031] from ada by admin")
	w.refusal = &conversion.Error{Code: conversion.CodeConflict, Message: "Lead 00Q1 has the same e-mail address.", Hint: "Correct it."}
	v.post("/contacts/ada/separate", "record_ids", "00Q1").wants(t, http.StatusConflict, "has the same e-mail address", "Correct it.", `value="00Q1" checked`)
	w.entities[0].Links = w.entities[0].Links[:1]
	v.get("/contacts/ada/separate").wants(t, http.StatusOK, "no two records")
	if strings.Contains(v.get("/contacts/ada").body, "/contacts/ada/separate") {
		t.Error("the only record can be separated")
	}
}

func TestErasingSaysWhatHappensInSalesforceFirst(t *testing.T) {
	t.Parallel()
	w := withBob()
	v := w.asAdmin(t)
	v.get("/contacts/ada/erase").wants(t, http.StatusOK, "nothing is deleted there", `name="salesforce" value="true"`, "Ada L")
	v.get("/contacts/bob/erase").wants(t, http.StatusOK, "no record is linked")
	v.post("/contacts/ada/erase").leads(t, "/contacts")
	w.called(t, "erase ada there false by admin")
	v.post("/contacts/ada/erase", "salesforce", "true").leads(t, "/contacts")
	w.called(t, "erase ada there true by admin")
	v.get("/contacts").wants(t, http.StatusOK, "once its records are deleted in Salesforce")
}

func TestIgnoredRecordsAreListedAndRestored(t *testing.T) {
	t.Parallel()
	w := withBob()
	v := w.asAdmin(t)
	v.get("/held").wants(t, http.StatusOK, `href="/ignored"`)
	v.get("/ignored").wants(t, http.StatusOK, "Nothing is ignored")
	w.ignored = []conversion.Ignored{{
		Ref: conversion.Ref{Object: conversion.Account, ID: "0011"}, Name: "<b>Acme</b>", EntityID: "acme", Kind: conversion.KindCompany, Deleted: ago(time.Hour),
	}}
	v.get("/ignored").wants(t, http.StatusOK, "&lt;b&gt;Acme", "0011", `href="/companies/acme/restore"`, "a company without a domain", "/ignored?after=more")
	v.get("/companies/acme/restore").wants(t, http.StatusOK, "not sent yet is cancelled", `method="post" action="/companies/acme/restore"`)
	v.post("/companies/acme/restore").leads(t, "/companies/acme")
	w.called(t, "restore acme by admin")
	w.refusal = &conversion.Error{Code: conversion.CodeConflict, Message: "Another company has this domain."}
	v.post("/companies/acme/restore").wants(t, http.StatusConflict, "Another company has this domain.")
}
