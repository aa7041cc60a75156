package runner_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"conversion"
	"conversion/internal/runner"
	"conversion/internal/testkit"
)

func TestEveryWorkspaceIsTidiedOnceANight(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		s := open(t, database)
		clock := testkit.NewClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
		tidied := make(chan string, 100)
		r, err := runner.New(t.Context(), runner.Config{
			SQLite: s.QueueDB(), Pool: s.Pool(), Engine: newWorks(), Now: clock.Now, Busy: errBusy, Logger: slog.New(slog.DiscardHandler),
			Due: func(context.Context, conversion.Moment) ([]conversion.Due, error) { return nil, nil },
			Workspaces: func(context.Context) ([]conversion.Workspace, error) {
				return []conversion.Workspace{{ID: "a"}, {ID: "b"}}, nil
			},
			Tidy: func(_ context.Context, id string, now conversion.Moment) error {
				tidied <- id + now.Time().Format(" 2006-01-02")
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		for _, day := range []string{" 2026-03-02", " 2026-03-03"} {
			got := map[string]bool{<-tidied: true, <-tidied: true}
			if !got["a"+day] || !got["b"+day] {
				t.Errorf("tidied %v, want both workspaces of%s", got, day)
			}
			clock.Advance(24 * time.Hour)
			r.Wake()
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}
