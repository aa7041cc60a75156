package page

import (
	"testing"
	"time"

	"conversion"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestTimesAreToldFromNow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		passed time.Duration
		want   string
	}{
		{0, "just now"},
		{-9 * time.Second, "just now"},
		{59 * time.Second, "59 s ago"},
		{61 * time.Minute, "1 h ago"},
		{26 * time.Hour, "1 day ago"},
		{29 * 24 * time.Hour, "29 days ago"},
		{40 * 24 * time.Hour, "14 Oct 2026"},
		{-13 * time.Minute, "in 13 min"},
	} {
		if got := ago(noon, conversion.MomentOf(noon.Add(-test.passed))); got != test.want {
			t.Errorf("%v: %q, want %q", test.passed, got, test.want)
		}
	}
	if got := ago(noon, 0); got != "never" {
		t.Errorf("the zero moment: %q", got)
	}
}

func TestARunSaysHowLongItTook(t *testing.T) {
	t.Parallel()
	began := conversion.MomentOf(noon)
	for lasted, want := range map[time.Duration]string{
		400 * time.Millisecond: "0.4 s", 14 * time.Second: "14 s", 185 * time.Second: "3 min 5 s", 2*time.Hour + 5*time.Minute: "2 h 5 min",
	} {
		if got := took(began, began.Add(lasted)); got != want {
			t.Errorf("%v: %q, want %q", lasted, got, want)
		}
	}
	if got := took(began, 0); got != "–" {
		t.Errorf("a run that goes on: %q", got)
	}
}

func TestNumbersHaveSeparators(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -12345: "-12,345"} {
		if got := count(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestEveryRuleAndOptionHasItsWords(t *testing.T) {
	t.Parallel()
	if len(ruleTexts) != len(conversion.RuleSettings) {
		t.Fatalf("%d rules have words, want %d", len(ruleTexts), len(conversion.RuleSettings))
	}
	for i, setting := range conversion.RuleSettings {
		text := ruleTexts[i]
		if text.key != setting.Key || len(text.options) != len(setting.Options) {
			t.Errorf("%s: words of %s with %d options", setting.Key, text.key, len(text.options))
			continue
		}
		for j, option := range setting.Options {
			if said := text.options[j]; said.value != option || said.title == "" || said.effect == "" {
				t.Errorf("%s: option %s has the words %+v", setting.Key, option, said)
			}
		}
	}
}

func TestDefaultsListWhatEveryOrgTheOrgAndTheAdminDemand(t *testing.T) {
	t.Parallel()
	got := Defaults(
		[]conversion.Field{{Object: conversion.Lead, Name: "Company", Label: "Company"}, {Object: conversion.Lead, Name: "Region__c", Label: "Region"}},
		map[string]string{"Lead.Company": "Unknown", "Lead.Status": "Open"},
	)
	want := []Default{
		{"Lead.LastName", "Lead: Last Name", ""}, {"Lead.Company", "Lead: Company", "Unknown"}, {"Contact.LastName", "Contact: Last Name", ""},
		{"Account.Name", "Account: Name", ""}, {"Lead.Region__c", "Lead: Region", ""}, {"Lead.Status", "Lead: Status", "Open"},
	}
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestBarsAreAsHighAsTheirRunsTouchedRecords(t *testing.T) {
	t.Parallel()
	drawn := bars([]conversion.Run{
		{Direction: conversion.Outbound, Object: conversion.Lead, Counts: conversion.Counts{Created: 50}},
		{Direction: conversion.Inbound, Object: conversion.Lead, Counts: conversion.Counts{Updated: 100}},
		{Direction: conversion.Inbound, Object: conversion.Lead},
	})
	if len(drawn) != 3 || drawn[0].Height != "2.0" || drawn[1].Height != "56.0" || drawn[2].Height != "28.0" {
		t.Errorf("drawn %+v", drawn)
	}
	if drawn[2].Class != "out" || drawn[2].Title != "Leads, outbound: 50 records" || drawn[2].X != "575.0" {
		t.Errorf("the newest is %+v", drawn[2])
	}
}
