package main

import (
	"slices"
	"testing"

	"conversion"
)

func TestStatusNamesOnlyWhatThereIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fact statusFact
		want []string
	}{
		"nobody is connected":           {statusFact{Status: conversion.StatusNotConnected}, []string{"not_connected"}},
		"some are held":                 {statusFact{Status: conversion.StatusSynced, Held: 3, NextSyncAt: "soon"}, []string{"synced", "next sync soon", "held 3"}},
		"an admin's approval is needed": {statusFact{Status: conversion.StatusApproval, Message: "Deletions wait.", Approvals: 1}, []string{"approval", "Deletions wait.", "approvals that wait 1"}},
		"a field is gone":               {statusFact{Status: conversion.StatusSynced, Problems: []problemFact{{Message: "It is gone.", Hint: "Look for it."}}}, []string{"synced", "problem It is gone. Look for it."}},
	} {
		if got := test.fact.lines(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
