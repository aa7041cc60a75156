package connection_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"conversion"
	"conversion/internal/connection"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	now := conversion.MomentOf(start)
	connected := conversion.Connection{Connected: 1, Loaded: true, LastSynced: now.Add(-time.Minute), NextSync: now.Add(14 * time.Minute), Interval: 15 * time.Minute}
	with := func(change func(f *connection.Facts)) connection.Facts {
		f := connection.Facts{Connection: connected, SharePercent: 50, Now: now}
		change(&f)
		return f
	}
	reading := []conversion.Progress{{Object: conversion.Lead, Done: 50, Total: 150, Began: now.Add(-10 * time.Second)}}
	tests := []struct {
		name  string
		facts connection.Facts
		want  conversion.Status
	}{
		{"nobody connected", connection.Facts{Now: now}, conversion.StatusNotConnected},
		{"at rest", with(func(*connection.Facts) {}), conversion.StatusSynced},
		{"at rest with something held", with(func(f *connection.Facts) { f.Held = 3 }), conversion.StatusSynced},
		{"connected and nothing read yet", with(func(f *connection.Facts) { f.Connection.Loaded = false }), conversion.StatusConnecting},
		{"the first load is on", with(func(f *connection.Facts) { f.Connection.Loaded, f.Progress = false, reading }), conversion.StatusSyncing},
		{"a later cycle is on", with(func(f *connection.Facts) { f.Progress = reading }), conversion.StatusSyncing},
		{"due, but not for long", with(func(f *connection.Facts) { f.Connection.NextSync = now.Add(-15 * time.Minute) }), conversion.StatusSynced},
		{"a cycle was missed", with(func(f *connection.Facts) { f.Connection.NextSync = now.Add(-16 * time.Minute) }), conversion.StatusBehind},
		{"the org's requests are used up", with(func(f *connection.Facts) { f.Connection.Used, f.Connection.Max = 950, 1000 }), conversion.StatusBehind},
		{"a lane waits for requests", with(func(f *connection.Facts) {
			f.Waits = []conversion.Wait{{Lane: conversion.LaneBackfill, Reason: conversion.WaitsForShare, Since: now}}
		}), conversion.StatusBehind},
		{"changes are gathered", with(func(f *connection.Facts) {
			f.Waits = []conversion.Wait{{Reason: conversion.WaitsForOthers, Since: now}}
		}), conversion.StatusSynced},
		{"the breaker waits", with(func(f *connection.Facts) { f.Approvals = []conversion.Approval{{ID: "a"}} }), conversion.StatusApproval},
		{"the breaker was answered", with(func(f *connection.Facts) { f.Approvals = []conversion.Approval{{ID: "a", Decided: 1}} }), conversion.StatusSynced},
		{"too much piled up", with(func(f *connection.Facts) { f.Connection.Piled = 1001 }), conversion.StatusApproval},
		{"paused", with(func(f *connection.Facts) { f.Connection.Paused, f.Progress = true, reading }), conversion.StatusPaused},
		{"the token was revoked", with(func(f *connection.Facts) { f.Connection.Broken, f.Connection.Paused = "revoked", true }), conversion.StatusReconnect},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := connection.StatusOf(test.facts)
			if got.Status != test.want || got.Held != test.facts.Held {
				t.Errorf("got %s with %d held, want %s", got.Status, got.Held, test.want)
			}
		})
	}
}

func TestADecisionEndsTheWaitForApproval(t *testing.T) {
	t.Parallel()
	for name, granted := range map[string]bool{"granted": true, "refused": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			_, url := org(t, 1)
			s := h.process(url)
			must(t, s.ConnectClientCredentials(ctx, workspace, admin, credentials(url)))
			now := conversion.MomentOf(start)
			must(t, h.books.Commit(ctx, conversion.Batch{Asks: []conversion.Ask{{Approval: conversion.Approval{ID: "1", Kind: conversion.KindContact, Created: now}}}}))
			if got := h.status(t, s); got != conversion.StatusApproval {
				t.Errorf("while it waits the status is %s", got)
			}
			must(t, h.books.DecideApproval(ctx, "1", granted, admin, now))
			if got := h.status(t, s); got != conversion.StatusConnecting {
				t.Errorf("once decided the status is %s", got)
			}
		})
	}
}

func TestStatusTellsThePaceAndTheBudget(t *testing.T) {
	t.Parallel()
	now := conversion.MomentOf(start)
	got := connection.StatusOf(connection.Facts{
		Connection: conversion.Connection{Connected: 1, NextSync: now, Used: 10, Max: 1000},
		Progress: []conversion.Progress{
			{Object: conversion.Account, Done: 50, Total: 50, Began: now.Add(-10 * time.Second)},
			{Object: conversion.Lead, Done: 50, Total: 150, Began: now.Add(-5 * time.Second)},
		},
		SharePercent: 50, Now: now,
	})
	if got.PerSecond != 10 || got.ETA != 10*time.Second || !reflect.DeepEqual(got.API, connection.APIUse{Used: 10, Limit: 1000, Budget: 500}) {
		t.Errorf("got %+v", got)
	}
}

func TestRulesAndOptionsAreChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.process()
	rules := conversion.DefaultRules()
	rules.ContactsCreated, rules.Defaults = conversion.TargetLeads, map[string]string{"Lead.Company": "Unknown"}
	must(t, s.SetRules(ctx, workspace, admin, rules))
	got, err := s.Rules(ctx, workspace)
	if err != nil || got.ContactsCreated != conversion.TargetLeads || got.Defaults["Lead.Company"] != "Unknown" {
		t.Errorf("got %+v, %v", got, err)
	}
	for field, spoil := range map[string]func(r *conversion.Rules){
		"contacts_deleted":      func(r *conversion.Rules) { r.ContactsDeleted = conversion.TargetLeads },
		"defaults.Task.Subject": func(r *conversion.Rules) { r.Defaults = map[string]string{"Task.Subject": "x"} },
		"defaults.Lead.":        func(r *conversion.Rules) { r.Defaults = map[string]string{"Lead.": "x"} },
	} {
		bad := conversion.DefaultRules()
		spoil(&bad)
		err := s.SetRules(ctx, workspace, admin, bad)
		if told, ok := errors.AsType[*conversion.Error](err); !ok || told.Code != conversion.CodeInvalid || told.Fields[0].Field != field {
			t.Errorf("got %v, want it to name %s", err, field)
		}
	}

	options, err := s.Options(ctx, workspace)
	if err != nil || options.IntervalMinutes != 15 {
		t.Errorf("got %+v, %v", options, err)
	}
	options.IntervalMinutes = 30
	must(t, s.SetOptions(ctx, workspace, admin, options))
	if options, err = s.Options(ctx, workspace); err != nil || options.IntervalMinutes != 30 || h.row(t).Interval != 30*time.Minute {
		t.Errorf("got %+v, %v", options, err)
	}
	options.IntervalMinutes = 0
	if err := s.SetOptions(ctx, workspace, admin, options); conversion.ErrorCode(err) != conversion.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

func TestAnIntervalIsFromAMinuteToADay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.process()
	options, err := s.Options(t.Context(), workspace)
	must(t, err)
	for minutes, allowed := range map[int]bool{-1: false, 0: false, 1: true, 15: true, 1440: true, 1441: false} {
		before := h.row(t).Interval
		options.IntervalMinutes = minutes
		err := s.SetOptions(t.Context(), workspace, admin, options)
		if allowed {
			if got := h.row(t).Interval; err != nil || got != time.Duration(minutes)*time.Minute {
				t.Errorf("%d minutes: %v, the interval is %v", minutes, err, got)
			}
			continue
		}
		told, ok := errors.AsType[*conversion.Error](err)
		if !ok || told.Code != conversion.CodeInvalid || told.Fields[0].Field != "interval_minutes" {
			t.Errorf("%d minutes: %v, want it to name interval_minutes", minutes, err)
		}
		if got := h.row(t).Interval; got != before {
			t.Errorf("%d minutes were refused and made the interval %v", minutes, got)
		}
	}
}

func TestAShorterIntervalBringsTheNextSyncForward(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, url := org(t, 1)
	s := h.process(url)
	must(t, s.ConnectClientCredentials(t.Context(), workspace, admin, credentials(url)))
	set := func(minutes int) conversion.Moment {
		options, err := s.Options(t.Context(), workspace)
		must(t, err)
		options.IntervalMinutes = minutes
		must(t, s.SetOptions(t.Context(), workspace, admin, options))
		return h.row(t).NextSync
	}
	now := conversion.MomentOf(h.clock.Now())
	must(t, h.store.Workspace(workspace).Awaken(t.Context(), now.Add(20*time.Hour)))
	if got := set(1440); got != now.Add(20*time.Hour) {
		t.Errorf("a longer interval makes the next sync due %v, want it left alone", got)
	}
	if got := set(15); got != now.Add(15*time.Minute) {
		t.Errorf("after a shorter interval the next sync is due %v", got)
	}
}

func TestDefaultsAreForFieldsTheOrgHas(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.process()
	set := func(field, value string) error {
		rules := conversion.DefaultRules()
		rules.Defaults = map[string]string{field: value}
		return s.SetRules(ctx, workspace, admin, rules)
	}
	must(t, set("Lead.Nope", "x")) // nobody knows yet
	must(t, h.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{
		{ID: 20, Kind: conversion.KindContact, Key: "rating", Label: "Rating", Type: conversion.TypeText, Mode: conversion.ModeTwoWay, Fields: []conversion.Field{
			{Object: conversion.Lead, Name: "Rating", Restricted: true, Picklist: []string{"Hot", "Cold"}},
		}},
		{ID: 21, Kind: conversion.KindContact, Key: "employees", Label: "Employees", Type: conversion.TypeNumber, Mode: conversion.ModeTwoWay, Fields: []conversion.Field{
			{Object: conversion.Lead, Name: "NumberOfEmployees", Type: "int", Digits: 9},
			{Object: conversion.Lead, Name: "Gone__c", Gone: 1},
		}},
	}))
	for _, test := range []struct {
		field, value string
		refused      bool
	}{
		{"Lead.Rating", "Hot", false},
		{"Lead.Rating", "Warm", true},
		{"Lead.NumberOfEmployees", "12", false},
		{"Lead.NumberOfEmployees", "many", true},
		{"Lead.Nope", "x", true},
		{"Lead.Gone__c", "x", true},
		{"Lead.OwnerId", "005000000000001AAA", false},
		{"Contact.Nope", "x", false}, // Contacts were not described yet
	} {
		err := set(test.field, test.value)
		told, ok := errors.AsType[*conversion.Error](err)
		if named := ok && told.Code == conversion.CodeInvalid && told.Fields[0].Field == "defaults."+test.field; named != test.refused || err != nil != test.refused {
			t.Errorf("%s = %q: %v", test.field, test.value, err)
		}
	}
}
