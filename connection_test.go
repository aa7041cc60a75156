package conversion_test

import (
	"testing"
	"time"

	"conversion"
)

// TestWhatHoldsUntilAnAdminChooses is about the defaults that the contract names.
func TestWhatHoldsUntilAnAdminChooses(t *testing.T) {
	t.Parallel()
	o := conversion.DefaultOptions()
	for _, row := range []struct {
		rule, says string
		got, want  any
	}{
		{"3.1", "a cycle every 15 minutes", o.IntervalMinutes, 15},
		{"3.9", "contacts of merged records are kept", o.OnMerge, conversion.MergeKeep},
		{"3.10", "a deletion in Salesforce deletes nothing here", o.DeleteInConversion, conversion.GoneWith{}},
		{"3.16", "an overlap of 15 minutes", o.Overlap(), 15 * time.Minute},
		{"4.2", "everybody may be created", len(o.OutboundFilter.Contacts) + len(o.OutboundFilter.Companies), 0},
		{"4.3", "Salesforce's longest transaction takes 10 minutes", o.UnknownOutcome(), 10 * time.Minute},
		{"4.4", "assignment rules do not run", o.AssignmentRules, false},
		{"4.8", "siblings are left alone", o.AlignDuplicates, false},
		{"4.10", "half of the org's requests may be ours", o.APISharePercent, 50},
		{"4.11", "100 deletions need no approval", o.MaxDeletions, 100},
		{"4.11", "nor do 5 % of the linked records", o.MaxDeletionsPercent, 5},
		{"4.11", "nor a field that changes on 10 % of the contacts", o.MaxChangedPercent, 10},
		{"6", "formulas are refreshed once a day", o.RefreshHours, 24},
	} {
		if row.got != row.want {
			t.Errorf("%s, %s: %v, want %v", row.rule, row.says, row.got, row.want)
		}
	}
}

// TestADeletionInSalesforceCountsForItsOwnObject holds that the option of 3.10 is one for
// each object.
func TestADeletionInSalesforceCountsForItsOwnObject(t *testing.T) {
	t.Parallel()
	for o, with := range map[conversion.Object]conversion.GoneWith{
		conversion.Lead: {Lead: true}, conversion.Contact: {Contact: true}, conversion.Account: {Account: true},
	} {
		for _, other := range []conversion.Object{conversion.Lead, conversion.Contact, conversion.Account, conversion.Task} {
			if got := with.Has(other); got != (other == o) {
				t.Errorf("chosen for %s, it is %v for %s", o, got, other)
			}
		}
	}
}
