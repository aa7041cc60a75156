package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"conversion"
	"conversion/internal/engine"
	"conversion/internal/gateway"
	"conversion/internal/salesforce"
	"conversion/internal/store"
	"conversion/internal/testkit"
)

// errand is what a child process of the tests does: one cycle, or a first load with all the
// cycles it takes, killed at a point.
type errand struct {
	Load     bool // objects of a few records are read by bulk jobs, in small pages
	Database string
	Instance string
	Token    string
	Now      time.Time
	DieAt    int64 // the point at which it is killed, counted from 1; 0: none
}

// errandVar holds the errand of a child; without it the binary runs its tests.
const errandVar = "CONVERSION_TEST_ERRAND"

func TestMain(m *testing.M) {
	if text := os.Getenv(errandVar); text != "" {
		os.Exit(runErrand(text))
	}
	os.Exit(m.Run())
}

// runErrand prints how many points the cycle passed, when it lives to tell.
func runErrand(text string) int {
	var e errand
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return complain("read the errand", err)
	}
	points := &mortality{dieAt: e.DieAt}
	if err := e.cycle(context.Background(), points); err != nil {
		return complain("cycle", err)
	}
	fmt.Println(points.passed.Load())
	return 0
}

func complain(doing string, err error) int {
	fmt.Fprintf(os.Stderr, "%s: %v\n", doing, err)
	return 1
}

func (e errand) cycle(ctx context.Context, points *mortality) error {
	clock := testkit.NewClock(e.Now)
	s, err := store.Open(ctx, e.Database, store.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	instance, err := url.Parse(e.Instance)
	if err != nil {
		return err
	}
	token := salesforce.Token{AccessToken: e.Token, InstanceURL: e.Instance}
	org := gateway.New(salesforce.New(salesforce.Config{
		Hosts:   salesforce.Hosts{Extra: []string{instance.Host}},
		Token:   token,
		Refresh: func(context.Context, salesforce.Token) (salesforce.Token, error) { return token, nil },
		HTTP:    &http.Client{Transport: mortalTransport{points}},
		Now:     clock.Now,
	}), clock.Now)
	var ids atomic.Int64
	cfg := engine.Config{
		Books: func(id string) engine.Books { return mortalBooks{s.Workspace(id), points} },
		Dial: func(context.Context, string) (engine.Remote, error) {
			return engine.Remote{Source: org, Lookup: org, Target: org, Describer: org, Loader: org}, nil
		},
		Now:   clock.Now,
		NewID: func() string { return fmt.Sprintf("child-%06d", ids.Add(1)) },
		Owner: "child",
	}
	if e.Load {
		cfg.Page, cfg.LoadAbove, cfg.LoadPage = smallPage, smallLoad, smallLoadPage
	}
	worker := engine.New(cfg)
	for {
		err := worker.Cycle(ctx, workspace)
		later, ok := errors.AsType[*engine.LaterError](err)
		if !ok {
			return err
		}
		clock.Advance(later.Until.Sub(conversion.MomentOf(clock.Now())))
	}
}

// mortality counts the points of a process before and after everything that outlives it,
// and kills it at one of them, as a power cut would: nothing is closed, nothing unwinds.
type mortality struct {
	dieAt  int64
	passed atomic.Int64
}

func (m *mortality) point() {
	if m.passed.Add(1) == m.dieAt {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way
	}
}

// around is a point, what outlives the process, and another point.
func (m *mortality) around(do func() error) error {
	m.point()
	defer m.point()
	return do()
}

// mortalTransport has a point before each request leaves, and one after Salesforce has done
// what it asks and before anybody here knows.
type mortalTransport struct{ points *mortality }

func (t mortalTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.points.point()
	defer t.points.point()
	return http.DefaultTransport.RoundTrip(r)
}

// mortalBooks has points around every durable step.
type mortalBooks struct {
	engine.Books
	points *mortality
}

func (b mortalBooks) Commit(ctx context.Context, batch conversion.Batch) error {
	return b.points.around(func() error { return b.Books.Commit(ctx, batch) })
}

func (b mortalBooks) AddRuns(ctx context.Context, runs []conversion.Run) error {
	return b.points.around(func() error { return b.Books.AddRuns(ctx, runs) })
}

func (b mortalBooks) UpdateRun(ctx context.Context, r conversion.Run) error {
	return b.points.around(func() error { return b.Books.UpdateRun(ctx, r) })
}

func (b mortalBooks) FailRunning(ctx context.Context, d conversion.Direction, at conversion.Moment, reason string) error {
	return b.points.around(func() error { return b.Books.FailRunning(ctx, d, at, reason) })
}

func (b mortalBooks) Acquire(ctx context.Context, name, owner string, now, until conversion.Moment) (l conversion.Lease, ok bool, err error) {
	err = b.points.around(func() (err error) {
		l, ok, err = b.Books.Acquire(ctx, name, owner, now, until)
		return err
	})
	return l, ok, err
}

func (b mortalBooks) Release(ctx context.Context, l conversion.Lease) error {
	return b.points.around(func() error { return b.Books.Release(ctx, l) })
}

func (b mortalBooks) SaveVariables(ctx context.Context, k conversion.Kind, variables []conversion.Variable) error {
	return b.points.around(func() error { return b.Books.SaveVariables(ctx, k, variables) })
}

func (b mortalBooks) SaveSyncState(ctx context.Context, c conversion.Connection) error {
	return b.points.around(func() error { return b.Books.SaveSyncState(ctx, c) })
}

func (b mortalBooks) SaveProgress(ctx context.Context, p []conversion.Progress) error {
	return b.points.around(func() error { return b.Books.SaveProgress(ctx, p) })
}

func (b mortalBooks) SaveUsers(ctx context.Context, names map[string]string, at conversion.Moment) error {
	return b.points.around(func() error { return b.Books.SaveUsers(ctx, names, at) })
}

func (b mortalBooks) Reserve(ctx context.Context, r conversion.Reservation) (ok bool, err error) {
	err = b.points.around(func() (err error) {
		ok, err = b.Books.Reserve(ctx, r)
		return err
	})
	return ok, err
}

func (b mortalBooks) Spend(ctx context.Context, l conversion.Lane, at conversion.Moment, n int) error {
	return b.points.around(func() error { return b.Books.Spend(ctx, l, at, n) })
}

func (b mortalBooks) Measured(ctx context.Context, used, limit int, at conversion.Moment) error {
	return b.points.around(func() error { return b.Books.Measured(ctx, used, limit, at) })
}

func (b mortalBooks) Rest(ctx context.Context, w conversion.Wait) error {
	return b.points.around(func() error { return b.Books.Rest(ctx, w) })
}

func (b mortalBooks) Resume(ctx context.Context, l conversion.Lane) error {
	return b.points.around(func() error { return b.Books.Resume(ctx, l) })
}

func (b mortalBooks) AddPreview(ctx context.Context, p conversion.Preview, now conversion.Moment) error {
	return b.points.around(func() error { return b.Books.AddPreview(ctx, p, now) })
}

func (b mortalBooks) AddToPreview(ctx context.Context, id string, entities []conversion.PreviewEntity, items []conversion.PreviewItem) error {
	return b.points.around(func() error { return b.Books.AddToPreview(ctx, id, entities, items) })
}

func (b mortalBooks) FinishPreview(ctx context.Context, p conversion.Preview, held map[conversion.Kind]string) error {
	return b.points.around(func() error { return b.Books.FinishPreview(ctx, p, held) })
}

func (b mortalBooks) BeginApplying(ctx context.Context, p conversion.Preview, by conversion.Actor, at conversion.Moment) error {
	return b.points.around(func() error { return b.Books.BeginApplying(ctx, p, by, at) })
}

func (b mortalBooks) WakeHeld(ctx context.Context, k conversion.Kind, now conversion.Moment) error {
	return b.points.around(func() error { return b.Books.WakeHeld(ctx, k, now) })
}

func (b mortalBooks) SavePile(ctx context.Context, offline conversion.Moment, piled int) error {
	return b.points.around(func() error { return b.Books.SavePile(ctx, offline, piled) })
}
