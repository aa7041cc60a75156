package runner_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"conversion"
	"conversion/internal/runner"
	"conversion/internal/store"
	"conversion/internal/testkit"
)

var errBusy = errors.New("busy")

// works is an engine that reports what it is asked to do and waits until it may go on.
type works struct {
	asked chan string
	hold  chan struct{} // closed: nothing waits
}

func newWorks() *works { return &works{make(chan string, 100), make(chan struct{})} }

func (w *works) Cycle(ctx context.Context, id string) error { return w.work(ctx, "cycle "+id) }

func (w *works) Push(ctx context.Context, id string) error { return w.work(ctx, "push "+id) }

func (w *works) Help(ctx context.Context, id string) error { return w.work(ctx, "help "+id) }

func (w *works) work(ctx context.Context, what string) error {
	w.asked <- what
	select {
	case <-w.hold:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start runs a runner with so many workers over the database until the test ends.
func start(t *testing.T, s *store.Store, workers int, w *works, due ...conversion.Due) {
	t.Helper()
	r, err := runner.New(t.Context(), runner.Config{
		SQLite: s.QueueDB(), Pool: s.Pool(), Engine: w, Workers: workers, Now: time.Now, Busy: errBusy, Logger: slog.New(slog.DiscardHandler),
		Due: func(context.Context, conversion.Moment) ([]conversion.Due, error) { return due, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

func open(t *testing.T, database string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// next waits for what the engine is asked to do next.
func (w *works) next(t *testing.T) string {
	t.Helper()
	select {
	case what := <-w.asked:
		return what
	case <-time.After(time.Minute):
		t.Fatal("nothing was asked for")
		return ""
	}
}

func TestWhatIsDueIsDone(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorks()
		close(w.hold)
		start(t, open(t, database), 2, w, conversion.Due{WorkspaceID: "a", Cycle: true, Push: true}, conversion.Due{WorkspaceID: "b", Push: true})
		seen := map[string]bool{}
		for len(seen) < 2 {
			seen[w.next(t)] = true
		}
		if !seen["cycle a"] || !seen["push b"] {
			t.Errorf("done: %v; a cycle pushes by itself", seen)
		}
	})
}

func TestALoadIsHelpedBesideItsCycle(t *testing.T) {
	t.Parallel()
	w := newWorks()
	start(t, open(t, testkit.SQLite(t)), 2, w, conversion.Due{WorkspaceID: "a", Cycle: true, Load: true}, conversion.Due{WorkspaceID: "b", Load: true})
	seen := map[string]bool{w.next(t): true, w.next(t): true}
	close(w.hold)
	for len(seen) < 3 {
		seen[w.next(t)] = true
	}
	if !seen["cycle a"] || !seen["help a"] || !seen["help b"] {
		t.Errorf("done: %v", seen)
	}
}

func TestOneThingIsDoneOnceAtATime(t *testing.T) {
	t.Parallel()
	w := newWorks()
	start(t, open(t, testkit.SQLite(t)), 4, w, conversion.Due{WorkspaceID: "a", Push: true}, conversion.Due{WorkspaceID: "b", Push: true})
	first, second := w.next(t), w.next(t)
	if first == second {
		t.Errorf("%s was begun twice", first)
	}
	close(w.hold)
}

func TestTheJobOfADeadProcessHoldsNothingUp(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		s := open(t, database)
		dead, alive := newWorks(), newWorks()
		close(alive.hold)
		start(t, s, 1, dead, conversion.Due{WorkspaceID: "a", Cycle: true})
		dead.next(t) // and never comes back: its only worker is lost, its job stays in the queue as running
		start(t, s, 1, alive, conversion.Due{WorkspaceID: "a", Cycle: true})
		if got := alive.next(t); got != "cycle a" {
			t.Errorf("the next process does %s", got)
		}
	})
}

// runnerOver returns a runner that is not running.
func runnerOver(t *testing.T, s *store.Store, w *works, due ...conversion.Due) *runner.Runner {
	t.Helper()
	r, err := runner.New(t.Context(), runner.Config{
		SQLite: s.QueueDB(), Pool: s.Pool(), Engine: w, Now: time.Now, Busy: errBusy, Logger: slog.New(slog.DiscardHandler), Lost: time.Nanosecond,
		Due: func(context.Context, conversion.Moment) ([]conversion.Due, error) { return due, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// announce has the runner announce, until the test ends.
func announce(t *testing.T, r *runner.Runner) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Announce(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("announce: %v", err)
		}
	})
}

func TestWhatIsAnnouncedIsDoneByAnother(t *testing.T) {
	t.Parallel()
	s := open(t, testkit.Postgres(t))
	server, worker := newWorks(), newWorks()
	close(worker.hold)
	r := runnerOver(t, s, server, conversion.Due{WorkspaceID: "a", Push: true})
	announce(t, r)
	start(t, s, 1, worker) // it finds nothing due by itself
	r.Wake()
	if got := worker.next(t); got != "push a" {
		t.Errorf("the worker does %s", got)
	}
	if len(server.asked) != 0 {
		t.Errorf("the server works: %s", <-server.asked)
	}
}

func TestAJobThatAnotherProcessDiedOverIsQueuedAnew(t *testing.T) {
	t.Parallel()
	s := open(t, testkit.Postgres(t))
	dead, alive := newWorks(), newWorks()
	close(alive.hold)
	r := runnerOver(t, s, newWorks(), conversion.Due{WorkspaceID: "a", Cycle: true})
	announce(t, r)
	start(t, s, 1, dead)
	r.Wake()
	dead.next(t) // and never comes back, with a job in hand that the other runner put there
	start(t, s, 1, alive)
	deadline := time.After(time.Minute)
	for {
		r.Wake()
		select {
		case <-alive.asked:
			return
		case <-deadline:
			t.Fatal("nobody else does it")
		case <-time.After(100 * time.Millisecond): // the books say that it is due for as long as it is
		}
	}
}
