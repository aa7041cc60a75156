package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/sandbox"
)

// unanswered returns the held rows about creates of unknown outcome.
func (w *world) unanswered() (rows []conversion.Held) {
	w.t.Helper()
	held, _, err := w.books.Held(w.t.Context(), conversion.HeldFilter{Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range held {
		if h.Code == conversion.HeldUnanswered {
			rows = append(rows, h)
		}
	}
	return rows
}

func TestWhatAPersonSaysIsNotThereIsCreatedAtOnce(t *testing.T) {
	t.Parallel()
	w := creating(t)
	acme := w.company(directory.Draft{Name: "Acme"})
	w.org.Fault(sandbox.Fault{Match: lostCreate, Drop: sandbox.DropBefore})
	w.pushLosing()
	rows := w.unanswered()
	if len(rows) != 1 || rows[0].EntityID != acme.ID || rows[0].Ref.Object != conversion.Account || rows[0].Retry <= w.now() {
		t.Fatalf("held: %+v", rows)
	}
	w.later(time.Second)
	w.push()
	if n := w.made("Account"); n != 0 {
		t.Fatalf("%d Accounts were made before anybody said so", n)
	}
	n, err := w.directory.NotThere(t.Context(), workspace, []string{rows[0].ID}, user)
	if err != nil || n != 1 {
		t.Fatalf("%d, %v", n, err)
	}
	w.push()
	company := w.list(conversion.KindCompany)[0]
	if n := w.made("Account"); n != 1 || len(company.Links) != 1 || len(w.unanswered()) != 0 {
		t.Errorf("%d Accounts were made, the company is %+v, held %+v", n, company, w.unanswered())
	}
	history, _, err := w.directory.Timeline(t.Context(), workspace, conversion.KindCompany, acme.ID, "", 100)
	said := false
	for _, c := range history {
		said = said || strings.HasPrefix(c.Note, "said not to be in Salesforce") && c.By == user
	}
	if err != nil || !said {
		t.Errorf("the timeline does not say who said so: %+v, %v", history, err)
	}
	if n, err := w.directory.NotThere(t.Context(), workspace, []string{rows[0].ID}, user); err != nil || n != 0 {
		t.Errorf("said again: %d, %v", n, err)
	}
}

func TestOnlyACreateOfUnknownOutcomeCanBeSaidNotToBeThere(t *testing.T) {
	t.Parallel()
	w := creating(t)
	w.org.Fault(sandbox.Fault{Match: lostCreate, Drop: sandbox.DropBefore})
	w.company(directory.Draft{Name: "Acme"})
	w.pushLosing()
	open := w.unanswered()[0]
	w.rules(func(r *conversion.Rules) { createLeads(r); r.Defaults = nil })
	w.create(directory.Draft{Key: "no.name@acme.example"}) // a Lead without its required fields
	w.push()
	held, _, err := w.books.Held(t.Context(), conversion.HeldFilter{Object: conversion.Lead, Limit: 10})
	if err != nil || len(held) != 1 {
		t.Fatalf("held: %+v, %v", held, err)
	}
	for name, ids := range map[string][]string{"another row": {held[0].ID, open.ID}, "none": nil} {
		if _, err := w.directory.NotThere(t.Context(), workspace, ids, user); conversion.ErrorCode(err) != conversion.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.unanswered()) != 1 || w.made("Account") != 0 {
		t.Error("something was done all the same")
	}
}

func TestACreateOfAStoppedProcessIsSaidToBeOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	w := creating(t)
	w.company(directory.Draft{Name: "Acme"})
	w.step = func(name string) error {
		if name == "write" {
			return errors.New("stop")
		}
		return nil
	}
	if err := w.engine.Push(t.Context(), workspace); err == nil {
		t.Fatal("it was not stopped")
	}
	w.step = nil
	w.later(2 * time.Minute)
	w.push()
	if rows := w.unanswered(); len(rows) != 1 {
		t.Errorf("held: %+v", rows)
	}
	for range 12 {
		w.later(time.Minute)
		w.push()
	}
	if rows := w.unanswered(); len(rows) != 0 || w.made("Account") != 1 {
		t.Errorf("held: %+v, %d Accounts", rows, w.made("Account"))
	}
}
