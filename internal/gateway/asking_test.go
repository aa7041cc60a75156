package gateway

import (
	"testing"

	"conversion"
)

func TestNoChangeIsLaterThanItWasRead(t *testing.T) {
	t.Parallel()
	at := asking{ours: 500, theirs: 100}
	for _, test := range []struct {
		because                  string
		modstamp, modified, want conversion.Moment
	}{
		{"a usual record", 40, 30, 30},
		{"a LastModifiedDate that was set to a time to come", 40, 900, 100},
		{"an estimate that runs behind: the SystemModstamp is right", 120, 120, 120},
	} {
		got := at.reading(test.modstamp, test.modified)
		if got != (conversion.Reading{Modstamp: test.modstamp, Asked: 500, Modified: test.want}) {
			t.Errorf("%s: %+v", test.because, got)
		}
	}
}
