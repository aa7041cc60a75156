package engine_test

import (
	"fmt"
	"testing"
	"time"

	"conversion"
	"conversion/internal/testkit"
)

func TestTheNextCycleIsDueAfterExactlyTheInterval(t *testing.T) {
	t.Parallel()
	for _, minutes := range []int{1, 15, 1440} {
		t.Run(fmt.Sprintf("%d minutes", minutes), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, testkit.SQLite(t))
			interval := time.Duration(minutes) * time.Minute
			c, err := w.books.Connection(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c.Interval = interval
			if err := w.books.SaveConnection(t.Context(), c, c.Generation, false); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				w.sync()
				w.later(interval - time.Microsecond)
				w.due(false)
				w.later(time.Microsecond)
				w.due(true)
			}
		})
	}
}

// due checks whether the workspace has a cycle to run now.
func (w *world) due(want bool) {
	w.t.Helper()
	found, err := w.store.Due(w.t.Context(), w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	got := false
	for _, d := range found {
		got = got || d.WorkspaceID == workspace && d.Cycle
	}
	if got != want {
		w.t.Errorf("at %v a cycle is due: %v, want %v", conversion.MomentOf(w.clock.Now()), got, want)
	}
}
