package reconcile_test

import (
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

func TestNotThereIsSaidOfOneCreateOnly(t *testing.T) {
	t.Parallel()
	told := conversion.Held{Code: conversion.HeldUnanswered, Since: second(5)}
	for _, row := range []struct {
		because string
		open    *conversion.Creation
		held    conversion.Held
		want    bool
	}{
		{"the create that was told of", &conversion.Creation{At: second(4), Lost: second(5)}, told, true},
		{"one of which nobody saw the end", &conversion.Creation{At: second(5)}, told, true},
		{"a later one is under way", &conversion.Creation{At: second(6)}, told, false},
		{"a later one was lost too", &conversion.Creation{At: second(4), Lost: second(6)}, told, false},
		{"it is known by now", nil, told, false},
		{"by our External Id field it is no matter", &conversion.Creation{At: second(4), Lost: second(5), Keyed: true}, told, false},
		{"another problem", &conversion.Creation{At: second(4), Lost: second(5)}, conversion.Held{Code: "X", Since: second(5)}, false},
	} {
		e := &conversion.Entity{Creating: row.open, Retry: conversion.ParkedRetry}
		got := reconcile.NotThere(e, row.held, second(9))
		if got != row.want || (e.Creating == nil) != (row.want || row.open == nil) || got && (e.Dirty != second(9) || e.Retry != 0) {
			t.Errorf("%s: %v, %+v", row.because, got, e)
		}
		if told := reconcile.UnansweredRows(&conversion.Entity{Creating: row.open}); (len(told) == 1) != (row.open != nil && !row.open.Keyed) {
			t.Errorf("%s: told %+v", row.because, told)
		}
	}
}
