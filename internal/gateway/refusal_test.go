package gateway

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"conversion"
	"conversion/internal/salesforce"
)

func TestRefusalsAreExplained(t *testing.T) {
	t.Parallel()
	for code := range explanations {
		r := refusal([]salesforce.Error{{Code: code, Message: "its own words", Fields: []string{"Phone"}, Class: salesforce.FixInSalesforce}})
		if r.Message == "" || r.Hint == "" || strings.Contains(r.Message+r.Hint, "{") || r.Code != code {
			t.Errorf("%s: %+v", code, r)
		}
	}
	for class := range classExplanations {
		r := refusal([]salesforce.Error{{Code: "NEW_CODE", Message: "its own words", Class: class}})
		if r.Message == "" || r.Hint == "" || strings.Contains(r.Message+r.Hint, "{") {
			t.Errorf("%s: %+v", class, r)
		}
	}
	if r := refusal(nil); r.Message == "" || r.Hint == "" || r.Retry {
		t.Errorf("no reason: %+v", r)
	}
}

func TestWhatARefusalMeans(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because string
		errs    []salesforce.Error
		want    conversion.RemoteError
		says    string
	}{
		{"a missing field is named",
			[]salesforce.Error{{Code: "REQUIRED_FIELD_MISSING", Fields: []string{"LastName", "Company"}, Class: salesforce.FixInConversion}},
			conversion.RemoteError{Fields: []string{"Company", "LastName"}}, "Company, LastName"},
		{"a lock goes away",
			[]salesforce.Error{{Code: "UNABLE_TO_LOCK_ROW", Class: salesforce.Retry}},
			conversion.RemoteError{Retry: true}, "Somebody else"},
		{"a lock beside a mistake does not",
			[]salesforce.Error{{Code: "UNABLE_TO_LOCK_ROW", Class: salesforce.Retry}, {Code: "STRING_TOO_LONG", Fields: []string{"Title"}, Class: salesforce.FixInConversion}},
			conversion.RemoteError{Fields: []string{"Title"}}, ""},
		{"a deleted record is gone",
			[]salesforce.Error{{Code: "ENTITY_IS_DELETED", Class: salesforce.NotFound}},
			conversion.RemoteError{Gone: true}, "deleted"},
		{"a converted lead is gone",
			[]salesforce.Error{{Code: "CANNOT_UPDATE_CONVERTED_LEAD", Class: salesforce.FixInConversion}},
			conversion.RemoteError{Gone: true}, "converted"},
		{"a duplicate names the other record",
			[]salesforce.Error{{Code: "DUPLICATES_DETECTED", Message: "Use one of these?", Class: salesforce.Duplicate, Matches: []salesforce.Match{{ID: "00QKB000002vPqN"}}}},
			conversion.RemoteError{Duplicates: []conversion.Ref{{Object: conversion.Lead, ID: "00QKB000002vPqN2AU"}}}, "Use one of these?"},
		{"a validation rule speaks for itself",
			[]salesforce.Error{{Code: "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message: "Phone must have 10 digits", Class: salesforce.FixInSalesforce}},
			conversion.RemoteError{}, "Phone must have 10 digits"},
	} {
		got := refusal(test.errs)
		if got.Retry != test.want.Retry || got.Gone != test.want.Gone || !slices.Equal(got.Fields, test.want.Fields) || !slices.Equal(got.Duplicates, test.want.Duplicates) {
			t.Errorf("%s: %+v", test.because, got)
		}
		if !strings.Contains(got.Message, test.says) {
			t.Errorf("%s: says %q", test.because, got.Message)
		}
	}
}

func TestErrorsOfTheOrgHaveCodes(t *testing.T) {
	t.Parallel()
	for class, want := range map[salesforce.Class]conversion.Code{
		salesforce.Retry: conversion.CodeUnavailable, salesforce.Unreachable: conversion.CodeUnavailable,
		salesforce.Limit: conversion.CodeLimit, salesforce.Reconnect: conversion.CodeReconnect,
		salesforce.FixInSalesforce: conversion.CodeForbidden, salesforce.NotFound: conversion.CodeNotFound,
		salesforce.FixInConversion: conversion.CodeInternal,
	} {
		err := orgError(conversion.Lead, &salesforce.Error{Code: "X", Message: "m", Class: class})
		if got := conversion.ErrorCode(err); got != want {
			t.Errorf("%s: %s, want %s", class, got, want)
		}
		if salesforce.ClassOf(err) != class {
			t.Errorf("%s: the cause is lost", class)
		}
	}
}

func TestAnUntrustedHostIsNamedWithTheSettingThatAllowsIt(t *testing.T) {
	t.Parallel()
	_, err := salesforce.Hosts{}.Trusted("http://127.0.0.1:9080")
	told, ok := errors.AsType[*conversion.Error](orgError(conversion.Lead, err))
	if !ok || told.Code != conversion.CodeUnavailable || !strings.Contains(told.Hint, "--salesforce-allow-host") || !strings.Contains(told.Hint, "127.0.0.1:9080") {
		t.Fatalf("told %+v", told)
	}
}
