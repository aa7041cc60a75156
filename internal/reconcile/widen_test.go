package reconcile_test

import (
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

func TestApplyToExistingWidensWhatWasSaidButNotWhatOptedOut(t *testing.T) {
	t.Parallel()
	const now = conversion.CreateLead | conversion.UpdateLead | conversion.UpdateContact | conversion.DeleteLead
	for because, row := range map[string]struct {
		origin             conversion.Origin
		was                conversion.Reach
		deleted            bool
		claim, birth, dies conversion.Reach
	}{
		"said while all rules were off": {conversion.OriginUser, 0, false, now, conversion.CreateLead, 0},
		"said under another rule":       {conversion.OriginUser, conversion.UpdateAccount, false, now | conversion.UpdateAccount, conversion.CreateLead | conversion.UpdateAccount, conversion.UpdateAccount},
		"born in Salesforce":            {conversion.OriginSalesforce, 0, false, now, 0, 0},
		"deleted while rules were off":  {conversion.OriginUser, 0, true, now, conversion.CreateLead, conversion.DeleteLead},
		"opted out":                     {conversion.OriginUser, conversion.LocalOnly, true, conversion.LocalOnly, conversion.LocalOnly, conversion.LocalOnly},
	} {
		e := &conversion.Entity{Kind: conversion.KindContact, Origin: row.origin, Birth: row.was, Death: row.was}
		e.Own = []conversion.OwnClaim{{Var: title, Reach: row.was}}
		if row.deleted {
			e.Deleted = second(1)
		}
		reconcile.Widen(e, now)
		if e.Own[0].Reach != row.claim || e.Birth != row.birth || e.Death != row.dies {
			t.Errorf("%s: claim %b, birth %b, death %b", because, e.Own[0].Reach, e.Birth, e.Death)
		}
	}
}
