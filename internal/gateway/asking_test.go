package gateway

import (
	"testing"

	"conversion"
)

// What is made of a LastModifiedDate to come is decided where claims are stamped: were it
// cut here, it would seem to move with every reading.
func TestAReadingKeepsTheRecordsDatesAsTheyStand(t *testing.T) {
	t.Parallel()
	at := asking{ours: 500, theirs: 100}
	for _, modified := range []conversion.Moment{30, 900} {
		want := conversion.Reading{Modstamp: 40, Asked: 500, Modified: modified}
		if got := at.reading(40, modified); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
