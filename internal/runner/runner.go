package runner

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"conversion"
)

// Engine is the work there is.
type Engine interface {
	Cycle(ctx context.Context, workspaceID string) error
	Push(ctx context.Context, workspaceID string) error
	Help(ctx context.Context, workspaceID string) error // with a first load, whoever's cycle it is
}

// Config is what a runner needs.
type Config struct {
	SQLite *sql.DB       // the database that holds the queue: this,
	Pool   *pgxpool.Pool // or this
	Engine Engine
	Due    func(ctx context.Context, now conversion.Moment) ([]conversion.Due, error)
	Now    func() time.Time
	Busy   error // what Engine answers when another worker does the work already
	// Waits tells work that waits for its time from work that failed; nil: none waits.
	Waits func(err error) bool
	// Tidy removes what is old of a workspace, once a night; nil: nothing is removed.
	Tidy       func(ctx context.Context, workspaceID string, now conversion.Moment) error
	Workspaces func(ctx context.Context) ([]conversion.Workspace, error) // all of them, for Tidy
	Workers    int                                                       // jobs at a time; 0: 4
	// Lost is after how long a job that another process began, and whose lease is free, is
	// taken for that of a dead one; 0: 15 s.
	Lost   time.Duration
	Logger *slog.Logger
}

// Runner looks for due work and works it off until it is stopped.
type Runner struct {
	cfg    Config
	queue  queue
	id     string // River's name for this process
	epoch  string // tells this runner's jobs from those a dead one left behind as running
	wake   chan struct{}
	tidied string // the day whose tidying is queued

	mu     sync.Mutex
	delays map[string]delay // by job key
}

// queue is River's client, on either database.
type queue interface {
	Start(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
	InsertMany(ctx context.Context, params []river.InsertManyParams) ([]*insertResult, error)
}

const (
	lookEvery  = time.Second // how long a wake-up that was lost is late
	coalesce   = 300 * time.Millisecond
	jobTimeout = 45 * time.Minute // below the hour after which River rescues a job
	stopWithin = 20 * time.Second
)

// New prepares the queue's tables and returns a runner.
func New(ctx context.Context, cfg Config) (*Runner, error) {
	if cfg.Workers == 0 {
		cfg.Workers = 4
	}
	if cfg.Lost == 0 {
		cfg.Lost = 15 * time.Second
	}
	r := &Runner{cfg: cfg, id: rand.Text(), epoch: rand.Text(), wake: make(chan struct{}, 1), delays: make(map[string]delay)}
	var err error
	if cfg.Pool != nil {
		r.queue, err = open[pgx.Tx](ctx, riverpgxv5.New(cfg.Pool), r)
	} else {
		r.queue, err = open[*sql.Tx](ctx, riversqlite.New(cfg.SQLite), r)
	}
	if err != nil {
		return nil, fmt.Errorf("prepare the job queue: %w", err)
	}
	return r, nil
}

func open[T any](ctx context.Context, driver riverdriver.Driver[T], r *Runner) (queue, error) {
	quiet := slog.New(warnings{r.cfg.Logger.Handler()})
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return nil, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker[cycleJob]{runner: r})
	river.AddWorker(workers, &worker[pushJob]{runner: r})
	river.AddWorker(workers, &worker[loadJob]{runner: r})
	river.AddWorker(workers, &worker[tidyJob]{runner: r})
	client, err := river.NewClient(driver, &river.Config{
		ID:                          r.id,
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: r.cfg.Workers}},
		Workers:                     workers,
		JobTimeout:                  jobTimeout,
		FetchPollInterval:           500 * time.Millisecond,
		CompletedJobRetentionPeriod: time.Hour,
		Logger:                      quiet,
	})
	if err != nil {
		return nil, err
	}
	return client, nil
}

// Run looks and works until the context ends, then lets jobs wind up. What they had not
// finished goes on from the books.
func (r *Runner) Run(ctx context.Context) error {
	if err := r.queue.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the job queue: %w", err)
	}
	r.look(ctx)
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := r.queue.StopAndCancel(stopping); err != nil {
		return fmt.Errorf("stop the job queue: %w", err)
	}
	return nil
}

// Announce is Run for a process that does not work: until the context ends it looks when it
// is woken, and only then, and puts what is due into the queue. On PostgreSQL River notifies
// (NOTIFY) all that work of a job that is put there, so an edit is worked off at once by
// whoever is free. It costs a look for all edits of 300 ms together, and nothing while
// nobody edits. A notification that is lost, or an edit that is due later, is found by the
// look that each worker takes every second.
func (r *Runner) Announce(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
			r.gather(ctx)
		}
		if err := r.enqueueDue(ctx); err != nil && ctx.Err() == nil {
			r.cfg.Logger.Error("announcing due work failed", "error", err)
		}
	}
}

// Wake makes the runner look soon. It returns at once.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Runner) look(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if err := r.enqueueDue(ctx); err != nil && ctx.Err() == nil {
			r.cfg.Logger.Error("looking for due work failed", "error", err)
		}
		if err := r.enqueueNightly(ctx); err != nil && ctx.Err() == nil {
			r.cfg.Logger.Error("queueing the night's work failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-r.wake:
			r.gather(ctx)
		}
	}
}

// gather waits a little, so that changes made together go together.
func (r *Runner) gather(ctx context.Context) {
	timer := time.NewTimer(coalesce)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// enqueueDue puts one job for each thing that is due into the queue; River leaves out those
// that this runner has in it already. A cycle begins with a push of its own; while one
// runs it is not due, and a push goes beside it. With the pages of a first load every
// runner helps that finds one free, its own beside its cycle among them.
func (r *Runner) enqueueDue(ctx context.Context) error {
	due, err := r.cfg.Due(ctx, conversion.MomentOf(r.cfg.Now()))
	if err != nil {
		return err
	}
	var jobs []river.InsertManyParams
	for _, d := range due {
		if job := (cycleJob{d.WorkspaceID, r.epoch}); d.Cycle && r.mayTry(job) {
			jobs = append(jobs, river.InsertManyParams{Args: job})
		}
		if job := (pushJob{d.WorkspaceID, r.epoch}); d.Push && !d.Cycle && r.mayTry(job) {
			jobs = append(jobs, river.InsertManyParams{Args: job})
		}
		if job := (loadJob{d.WorkspaceID, r.epoch}); d.Load && r.mayTry(job) {
			jobs = append(jobs, river.InsertManyParams{Args: job})
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	queued, err := r.queue.InsertMany(ctx, jobs)
	if slices.ContainsFunc(queued, r.lost) {
		r.epoch = rand.Text() // the next look puts it into the queue anew
	}
	return err
}

// lost reports whether what is due is in the queue already as a job that another process
// began and will not end: while it is worked on, its lease is held and it is not due. Where
// the other lives after all, it helps with a first load, and one more may help.
func (r *Runner) lost(q *insertResult) bool {
	return q.UniqueSkippedAsDuplicate && q.Job.State == rivertype.JobStateRunning && !slices.Contains(q.Job.AttemptedBy, r.id) &&
		q.Job.AttemptedAt != nil && time.Since(*q.Job.AttemptedAt) > r.cfg.Lost
}

// delay keeps work that fails from being tried in a tight loop.
type delay struct {
	until    time.Time
	failures int
}

func (r *Runner) mayTry(j job) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.cfg.Now().Before(r.delays[j.key()].until)
}

// failed reports whether a job that ended so has failed.
func (r *Runner) failed(err error) bool {
	return err != nil && !errors.Is(err, r.cfg.Busy) && (r.cfg.Waits == nil || !r.cfg.Waits(err))
}

// ended notes how a job went: after a failure its work rests for 2 s, doubling to a minute.
func (r *Runner) ended(j job, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.failed(err) {
		delete(r.delays, j.key())
		return
	}
	d := r.delays[j.key()]
	d.failures++
	d.until = r.cfg.Now().Add(min(time.Second<<min(d.failures, 6), time.Minute))
	r.delays[j.key()] = d
}
