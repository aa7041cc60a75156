package reconcile_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"conversion"
	"conversion/internal/reconcile"
)

func TestWhichDeletionsWaitForAnApproval(t *testing.T) {
	t.Parallel()
	options := conversion.DefaultOptions()
	for _, row := range []struct {
		says  string
		d     reconcile.Deletions
		waits bool
	}{
		{"no deletion never waits, whatever was deleted before", reconcile.Deletions{Earlier: 5000, Linked: 100}, false},
		{"ten of a handful need no approval", reconcile.Deletions{Records: 10, Linked: 12}, false},
		{"eleven of a handful wait", reconcile.Deletions{Records: 11, Linked: 12}, true},
		{"5 % of the linked records need no approval", reconcile.Deletions{Records: 50, Linked: 1000}, false},
		{"more than 5 % of the linked records wait", reconcile.Deletions{Records: 51, Linked: 1000}, true},
		{"100 of very many need no approval", reconcile.Deletions{Records: 100, Linked: 1_000_000}, false},
		{"101 of very many wait", reconcile.Deletions{Records: 101, Linked: 1_000_000}, true},
		{"what goes along counts", reconcile.Deletions{Records: 1, Along: 100, Linked: 1_000_000}, true},
		{"what went within 24 hours counts", reconcile.Deletions{Records: 1, Earlier: 100, Linked: 1_000_000}, true},
		{"what waits already counts", reconcile.Deletions{Records: 1, Asked: 100, Linked: 1_000_000}, true},
		{"one Account with Opportunities waits", reconcile.Deletions{Records: 1, WithOpportunities: 1, Linked: 1_000_000}, true},
		{"one Account with a Contact whose deletion was refused waits", reconcile.Deletions{Records: 1, WithRefused: 1, Linked: 1_000_000}, true},
		{"in Conversion 5 % need no approval", reconcile.Deletions{Direction: conversion.Inbound, Records: 50, Linked: 1000}, false},
		{"in Conversion more than 5 % wait", reconcile.Deletions{Direction: conversion.Inbound, Records: 51, Linked: 1000}, true},
	} {
		if row.d.Direction == "" {
			row.d.Direction = conversion.Outbound
		}
		reason := reconcile.DeletionsWait(row.d, options)
		if (reason != "") != row.waits || row.waits && strings.Contains(reason, "in Conversion") != (row.d.Direction == conversion.Inbound) {
			t.Errorf("%s: %q", row.says, reason)
		}
	}
}

func TestWhoeverAdmitsMoreDeletionsAdmitsFewer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 300)
		d := reconcile.Deletions{
			Direction: rapid.SampledFrom([]conversion.Direction{conversion.Inbound, conversion.Outbound}).Draw(t, "direction"),
			Records:   count.Draw(t, "records"), Along: count.Draw(t, "along"), Earlier: count.Draw(t, "earlier"),
			Asked: count.Draw(t, "asked"), Linked: rapid.IntRange(0, 5000).Draw(t, "linked"),
		}
		o := conversion.DefaultOptions()
		o.MaxDeletions, o.MaxDeletionsPercent = count.Draw(t, "max"), rapid.IntRange(0, 100).Draw(t, "percent")
		sum := d.Records + d.Along + d.Earlier + d.Asked
		waits := reconcile.DeletionsWait(d, o) != ""
		switch {
		case waits && d.Records > 0 && sum <= 10:
			t.Fatal("fewer than eleven wait")
		case !waits && d.Records > 0 && sum > 10 && (sum > o.MaxDeletions || sum*100 > d.Linked*o.MaxDeletionsPercent):
			t.Fatalf("%d go, beyond a limit", sum)
		}
		fewer := d
		fewer.Records = rapid.IntRange(0, d.Records).Draw(t, "fewer")
		if !waits && reconcile.DeletionsWait(fewer, o) != "" {
			t.Fatal("fewer wait where more go")
		}
	})
}

func TestWhichChangesInBulkWaitForAnApproval(t *testing.T) {
	t.Parallel()
	o := conversion.DefaultOptions()
	for _, row := range []struct {
		says              string
		changed, contacts int
		waits             bool
	}{
		{"all of 999 contacts may change", 999, 999, false},
		{"10 % of 1,000 may change", 100, 1000, false},
		{"more than 10 % of 1,000 wait", 101, 1000, true},
		{"10 % of many may change", 5000, 50_000, false},
		{"one more than that waits", 5001, 50_000, true},
	} {
		if got := reconcile.ChangesWait(row.changed, row.contacts, o); got != row.waits {
			t.Errorf("%s: waits %v", row.says, got)
		}
	}
}

func TestWhatCountsAsAChangeInBulk(t *testing.T) {
	t.Parallel()
	title := &conversion.Variable{ID: 100, Fields: []conversion.Field{{Object: conversion.Lead, Name: "Title"}}}
	formula := &conversion.Variable{ID: 101, Fields: []conversion.Field{{Object: conversion.Lead, Name: "Age__c", Calculated: true}}}
	email := &conversion.Variable{ID: conversion.EmailVar}
	clerk, head := conversion.Text("Clerk"), conversion.Text("Head")
	for _, row := range []struct {
		says          string
		v             *conversion.Variable
		before, after conversion.Value
		counts        bool
	}{
		{"another value counts", title, clerk, head, true},
		{"a blanked one counts", title, clerk, conversion.Null, true},
		{"filling in a blank does not", title, conversion.Null, head, false},
		{"a first value does not", title, conversion.Value{}, head, false},
		{"the same value does not", title, clerk, clerk, false},
		{"what Salesforce computes does not", formula, clerk, head, false},
		{"an e-mail does not: it says who it is", email, clerk, head, false},
	} {
		if got := reconcile.Overwrites(row.v, row.before, row.after); got != row.counts {
			t.Errorf("%s: %v", row.says, got)
		}
	}
}
