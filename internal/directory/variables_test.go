package directory_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
)

func TestVariablesOfOnesOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	made, err := h.CreateVariable(ctx, workspace, conversion.KindContact, directory.VariableDraft{Key: "newsletter", Type: conversion.TypeBool, OptOut: true})
	must(t, err)
	if made.ID < conversion.FirstVarID || made.Mode != conversion.ModeTwoWay || made.Label != "newsletter" {
		t.Errorf("made %+v", made)
	}
	got := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com", Values: map[string]any{"newsletter": true}})
	if value(got.View, "newsletter") != conversion.Bool(true) {
		t.Errorf("got %+v", got.View.Values)
	}
	_, err = h.CreateVariable(ctx, workspace, conversion.KindContact, directory.VariableDraft{Key: "newsletter", Type: conversion.TypeText})
	wantFault(t, err, conversion.CodeConflict, "key")
	for field, draft := range map[string]directory.VariableDraft{
		"key":     {Key: "no spaces", Type: conversion.TypeText},
		"type":    {Key: "a", Type: "blob"},
		"opt_out": {Key: "a", Type: conversion.TypeText, OptOut: true},
		"label":   {Key: "a", Type: conversion.TypeText, Label: strings.Repeat("x", 256)},
	} {
		_, err := h.CreateVariable(ctx, workspace, conversion.KindContact, draft)
		wantFault(t, err, conversion.CodeInvalid, field)
	}
}

func TestVariablesMadeAtOnceAreDifferentOnes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keys := []string{"a", "b", "c", "d", "a"}
	made, errs := make([]conversion.Variable, len(keys)), make([]error, len(keys))
	var makers sync.WaitGroup
	for i, key := range keys {
		makers.Go(func() {
			made[i], errs[i] = h.CreateVariable(ctx, workspace, conversion.KindContact, directory.VariableDraft{Key: key, Type: conversion.TypeText})
		})
	}
	makers.Wait()
	if (errs[0] == nil) == (errs[4] == nil) {
		t.Errorf("of two with one key: %v, %v", errs[0], errs[4])
	}
	stored, err := h.Variables(ctx, workspace, conversion.KindContact)
	must(t, err)
	schema := conversion.NewSchema(conversion.KindContact, stored)
	for i, err := range errs {
		if err != nil {
			wantFault(t, err, conversion.CodeConflict, "key")
			continue
		}
		if v := schema.ByID(made[i].ID); v == nil || v.Key != keys[i] {
			t.Errorf("%s was made with number %d, which is %+v", keys[i], made[i].ID, v)
		}
	}
}

func TestPatchVariable(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.define(t, conversion.Variable{Key: "Rank__c", Type: conversion.TypeText, ReadOnly: true, Mode: conversion.ModeAlwaysSalesforce})
	tests := []struct {
		name  string
		key   string
		patch directory.VariablePatch
		field string
	}{
		{"a read-only one may not be synced", "Rank__c", directory.VariablePatch{Mode: pointer(conversion.ModeNone)}, ""},
		{"a read-only one cannot go out", "Rank__c", directory.VariablePatch{Mode: pointer(conversion.ModeTwoWay)}, "mode"},
		{"a mode must be one of the five", "city", directory.VariablePatch{Mode: pointer(conversion.Mode("maybe"))}, "mode"},
		{"the e-mail cannot be left out", "email", directory.VariablePatch{LeftOut: pointer(true)}, "left_out"},
		{"others can", "city", directory.VariablePatch{LeftOut: pointer(true), Label: pointer("Town")}, ""},
		{"text is no opt-out", "city", directory.VariablePatch{OptOut: pointer(true)}, "opt_out"},
		{"a label cannot be blank", "city", directory.VariablePatch{Label: pointer(" ")}, "label"},
	}
	for _, test := range tests {
		_, err := h.PatchVariable(ctx, workspace, conversion.KindContact, test.key, test.patch)
		if test.field == "" {
			must(t, err)
			continue
		}
		wantFault(t, err, conversion.CodeInvalid, test.field)
	}
	if _, err := h.PatchVariable(ctx, workspace, conversion.KindContact, "nope", directory.VariablePatch{}); conversion.ErrorCode(err) != conversion.CodeNotFound {
		t.Errorf("an unknown key: %v", err)
	}
}

func TestEngagements(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.contact(t, "a@example.com").ID
	results, err := h.AddEngagements(ctx, workspace, []directory.EngagementDraft{
		{ContactID: id, Type: "webinar", Subject: "Joined", Data: map[string]any{"minutes": 30}},
		{ContactID: "nobody", Type: "webinar"},
		{ContactID: id},
		{ContactID: id, Type: "webinar", Occurred: time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600))},
		{ContactID: id, Type: "webinar", Occurred: time.Date(0, 12, 31, 23, 59, 59, 0, time.UTC)},
	})
	must(t, err)
	must(t, results[0].Err)
	wantFault(t, results[1].Err, conversion.CodeInvalid, "contact_id")
	wantFault(t, results[2].Err, conversion.CodeInvalid, "type")
	wantFault(t, results[3].Err, conversion.CodeInvalid, "occurred_at")
	wantFault(t, results[4].Err, conversion.CodeInvalid, "occurred_at")
	got, _, err := h.Engagements(ctx, workspace, id, "webinar", "", 0)
	must(t, err)
	if len(got) != 1 || got[0].Subject != "Joined" || string(got[0].Data) != `{"minutes":30}` || got[0].Occurred != conversion.MomentOf(start) {
		t.Errorf("got %+v", got)
	}
}

func TestListsRefuseBadLimitsAndKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.List(ctx, workspace, conversion.EntityFilter{Kind: conversion.KindContact, Limit: 1001})
	wantFault(t, err, conversion.CodeInvalid, "limit")
	_, err = h.List(ctx, workspace, conversion.EntityFilter{Kind: conversion.KindContact, Key: "nobody"})
	wantFault(t, err, conversion.CodeInvalid, "email")
	h.contact(t, "a@example.com")
	page, err := h.List(ctx, workspace, conversion.EntityFilter{Kind: conversion.KindContact, Key: " A@Example.com"})
	must(t, err)
	if len(page.Items) != 1 {
		t.Errorf("got %+v", page)
	}
}

// It applies to what is stored: somebody has to look at once.
func TestAChangeThatDecidesWhoseValueCountsWakesTheSync(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	none, label, out := conversion.ModeNone, "Role", true
	for _, c := range []struct {
		name  string
		patch directory.VariablePatch
		wakes int32
	}{
		{"another mode", directory.VariablePatch{Mode: &none}, 1},
		{"the mode it has", directory.VariablePatch{Mode: &none}, 0},
		{"left out", directory.VariablePatch{LeftOut: &out}, 1},
		{"another label", directory.VariablePatch{Label: &label}, 0},
	} {
		before := h.wakes.Load()
		_, err := h.PatchVariable(ctx, workspace, conversion.KindContact, "job_title", c.patch)
		must(t, err)
		if got := h.wakes.Load() - before; got != c.wakes {
			t.Errorf("%s woke it %d times, want %d", c.name, got, c.wakes)
		}
	}
}
