package conversion_test

import (
	"testing"

	"conversion"
)

func TestNoChangeIsLaterThanItWasRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because                        string
		modstamp, modified, read, want conversion.Moment
	}{
		{"a usual record", 40, 30, 100, 30},
		{"a LastModifiedDate that was set to a time to come", 40, 900, 100, 100},
		{"an estimate that runs behind: the SystemModstamp is right", 120, 120, 100, 120},
		{"a reading of unknown time", 40, 30, 0, 30},
	} {
		r := conversion.Record{Read: test.read, Reading: conversion.Reading{Modstamp: test.modstamp, Modified: test.modified}}
		if got := r.Stamp(conversion.Reading{}); got != test.want {
			t.Errorf("%s: stamped %d, want %d", test.because, got, test.want)
		}
		if got := r.Modified(); got != test.want {
			t.Errorf("%s: modified %d, want %d", test.because, got, test.want)
		}
	}
}

func TestADateToComeThatStandsStillIsNoModification(t *testing.T) {
	t.Parallel()
	before := conversion.Reading{Modstamp: 40, Asked: 100, Modified: 900}
	automated := conversion.Record{Read: 300, Reading: conversion.Reading{Modstamp: 200, Asked: 300, Modified: 900}}
	if got := automated.Stamp(before); got != 200 {
		t.Errorf("stamped %d, want the SystemModstamp: nobody modified the record", got)
	}
}

func TestWhatOthersWorkOutClaimsWhenItIsFirstSeen(t *testing.T) {
	t.Parallel()
	before := conversion.Reading{Modstamp: 40, Asked: 50, Modified: 30}
	for _, test := range []struct {
		because        string
		modstamp, read conversion.Moment
		want           conversion.Moment
	}{
		{"the record stood still", 40, 500, 500},
		{"the record was modified too", 60, 500, 60},
		{"it was read by a clock that runs behind", 40, 20, 40},
	} {
		r := conversion.Record{Read: test.read, Reading: conversion.Reading{Modstamp: test.modstamp, Asked: 600, Modified: test.modstamp}}
		if got := r.FirstSeen(before); got != test.want {
			t.Errorf("%s: %d, want %d", test.because, got, test.want)
		}
	}
}
