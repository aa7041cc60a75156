package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"conversion"
)

// Config is what an engine needs.
type Config struct {
	Books func(workspaceID string) Books
	Dial  func(ctx context.Context, workspaceID string) (Remote, error) // opens the workspace's org
	Now   func() time.Time
	NewID func() string
	Owner string // names this process in leases; unique among those that share a database
	Page  int    // records a page; 0: 2,000
	// LoadAbove is how many records of an object make its first reading a bulk job; 0:
	// 10,000. LoadPage is how many records a page of such a job has; 0: 20,000.
	LoadAbove, LoadPage int
	Logger              *slog.Logger
	// Finished is told of every run that ended; nil: nobody asks.
	Finished func(r conversion.Run)
	// Step is called before every durable step and every remote call, by name; an error
	// stops the work there, as a crash would. nil: nothing.
	Step func(name string) error
}

// Engine syncs workspaces. It keeps nothing between calls but what an org was last
// described as: everything else is in the books, so any process can go on where another stopped.
type Engine struct {
	cfg Config

	mu        sync.Mutex
	described map[string]description // by workspace
}

// New returns an engine.
func New(cfg Config) *Engine {
	cfg.Page = cmp.Or(cfg.Page, 2000)
	cfg.LoadAbove, cfg.LoadPage = cmp.Or(cfg.LoadAbove, 10_000), cmp.Or(cfg.LoadPage, 20_000)
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Finished == nil {
		cfg.Finished = func(conversion.Run) {}
	}
	if cfg.Step == nil {
		cfg.Step = func(string) error { return nil }
	}
	return &Engine{cfg: cfg, described: make(map[string]description)}
}

// session is one piece of work on one workspace: its settings as read at the start, its
// org, and the lease that fences what it commits.
type session struct {
	*Engine
	workspace string
	books     Books
	remote    Remote // pays for each request
	org       Remote // the same, without
	conn      conversion.Connection
	rules     conversion.Rules
	options   conversion.Options
	schemas   map[conversion.Kind]*conversion.Schema
	loads     map[conversion.Object]conversion.Load // first readings by jobs, as the cycle knows them
	keyed     map[conversion.Object]bool            // objects whose creates are upserts by our External Id field
	lease     conversion.Lease
	trial     *trial // the session is of a preview: nothing of it is carried out
	purse     *purse
	lane      conversion.Lane                       // of what is done now
	resting   map[conversion.Lane]conversion.Reason // lanes that wait; nil: not looked yet
	asked     map[topic]string                      // questions of the breaker that this piece of work put
	bulks     map[string]*bulk                      // what runs changed in bulk, by run
	due       map[conversion.Kind]int               // deletions that were due when the first was weighed
	edits     bulkEdits                             // of the batch that is planned
	log       *slog.Logger
}

// ErrBusy reports that another worker does this work of the workspace already.
var ErrBusy = errors.New("another worker is on it")

const (
	leaseTerm  = 15 * time.Second // after its last sign of life what a process had in hand is another's
	staleTries = 8                // how often a batch is planned again when others changed its entities
)

// with runs work under the workspace's lease of that name, which is kept alive meanwhile.
// The context work gets ends when the lease is lost. Each piece of work is an owner of its
// own: two of one process must not take the lease from each other either.
func (e *Engine) with(ctx context.Context, workspaceID, name string, work func(context.Context, *session) error) error {
	s := e.newSession(workspaceID, name)
	now := e.now()
	lease, ok, err := s.books.Acquire(ctx, name, e.cfg.Owner+"/"+e.cfg.NewID(), now, now.Add(leaseTerm))
	if err != nil {
		return fmt.Errorf("acquire the %s lease: %w", name, err)
	}
	if !ok {
		return ErrBusy
	}
	s.lease = lease
	ctx, stop := s.keepLease(context.WithValue(ctx, purseKey{}, s.purse))
	err = work(ctx, s)
	stop()
	if err := s.giveBack(context.WithoutCancel(ctx)); err != nil {
		s.log.Warn("settling what was reserved failed", "error", err)
	}
	if err := s.books.Release(context.WithoutCancel(ctx), lease); err != nil {
		s.log.Warn("releasing a lease failed", "error", err)
	}
	return err
}

// newSession returns a session without a lease, which can commit nothing.
func (e *Engine) newSession(workspaceID, work string) *session {
	return &session{
		Engine: e, workspace: workspaceID, books: e.cfg.Books(workspaceID),
		purse: new(purse), lane: conversion.LanePull,
		log: e.cfg.Logger.With("workspace", workspaceID, "work", work),
	}
}

// keepLease renews the lease, four times in its term, until stop is called, and cancels the
// context when it cannot.
func (s *session) keepLease(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(leaseTerm / 4)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if err := s.books.Renew(ctx, s.lease, s.now().Add(leaseTerm)); err != nil {
					cancel(fmt.Errorf("renew the lease: %w", err))
					return
				}
			}
		}
	}()
	return ctx, func() { cancel(nil); <-done }
}

// connect reads the settings and opens the org.
func (s *session) connect(ctx context.Context) (err error) {
	if err := s.readSettings(ctx); err != nil {
		return err
	}
	return s.openOrg(ctx)
}

func (s *session) openOrg(ctx context.Context) error {
	if !s.conn.Live() {
		return errNotConnected()
	}
	org, err := s.cfg.Dial(ctx, s.workspace)
	if err != nil {
		return fmt.Errorf("open the org: %w", err)
	}
	s.use(org)
	return nil
}

func errNotConnected() error {
	return &conversion.Error{Code: conversion.CodeReconnect, Message: "Salesforce is not connected, or paused."}
}

// readSettings reads the connection and everything that is decided under.
func (s *session) readSettings(ctx context.Context) (err error) {
	if s.conn, err = s.books.Connection(ctx); err != nil {
		return fmt.Errorf("read the connection: %w", err)
	}
	if s.rules, err = s.books.Rules(ctx); err != nil {
		return fmt.Errorf("read the rules: %w", err)
	}
	if s.options, err = s.books.Options(ctx); err != nil {
		return fmt.Errorf("read the options: %w", err)
	}
	return s.readSchemas(ctx)
}

func (s *session) readSchemas(ctx context.Context) error {
	s.schemas = make(map[conversion.Kind]*conversion.Schema)
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		schema, err := s.books.Schema(ctx, kind)
		if err != nil {
			return fmt.Errorf("read the variables: %w", err)
		}
		s.schemas[kind] = schema
	}
	return nil
}

func (e *Engine) now() conversion.Moment { return conversion.MomentOf(e.cfg.Now()) }

// commit applies a batch under the session's lease.
func (s *session) commit(ctx context.Context, b conversion.Batch) error {
	if err := s.cfg.Step("commit"); err != nil {
		return err
	}
	b.Lease, b.At = &s.lease, s.now()
	b.Erased = append(b.Erased, keptOut(b)...)
	return s.books.Commit(ctx, b)
}

// settled runs plan-and-commit again while others change the entities in between.
func settled(try func() error) error {
	var err error
	for range staleTries {
		err = try()
		if _, stale := errors.AsType[*conversion.StaleError](err); !stale {
			return err
		}
	}
	return err
}
