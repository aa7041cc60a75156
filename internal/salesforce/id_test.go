package salesforce_test

import (
	"testing"

	"conversion/internal/salesforce"
)

func TestLongID(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"001ak00000OQTie":    "001ak00000OQTieAAH",
		"003ak00000luKU1":    "003ak00000luKU1AAM",
		"750ak000009BWKL":    "750ak000009BWKLAA4",
		"00QKB000002vPqN":    "00QKB000002vPqN2AU",
		"003RO0000035WQg":    "003RO0000035WQgYAM",
		"01gRO0000016PIA":    "01gRO0000016PIAYA2",
		"00D000000000000":    "00D000000000000EAA",
		"000000000000000":    "000000000000000AAA",
		"003RO0000035WQgYAM": "003RO0000035WQgYAM",
		"not an id, is it":   "not an id, is it",
		"00D00000000000!":    "00D00000000000!",
		"":                   "",
	}
	for id, want := range tests {
		if got := salesforce.LongID(id); got != want {
			t.Errorf("%q became %q, want %q", id, got, want)
		}
	}
}
