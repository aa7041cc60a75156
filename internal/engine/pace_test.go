package engine_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/testkit"
)

// The figure is printed, never judged: machines differ.
func TestTenThousandPeopleSync(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	if err := w.org.Generate(10_000); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	w.sync()
	took := time.Since(began)
	contacts, err := w.directory.Count(t.Context(), workspace, conversion.KindContact)
	if err != nil {
		t.Fatal(err)
	}
	if contacts < 5_000 {
		t.Fatalf("%d contacts came of 10,000 people", contacts)
	}
	t.Logf("10,000 people with their companies and activities: %v, %.0f people/s, %d contacts", took.Round(time.Millisecond), 10_000/took.Seconds(), contacts)
}
