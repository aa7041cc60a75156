package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"conversion"
)

const (
	loadTries   = 3 // jobs that may come to nothing before an object is read without one
	pollFirst   = time.Second
	pollLongest = 30 * time.Second
	// othersFor is when it is looked again whether others are through with their pages.
	othersFor = time.Second
)

// LaterError reports that work goes on by itself at a later time. Nothing failed.
type LaterError struct {
	Until conversion.Moment
	Err   *conversion.Error // what a person is told
}

// Error implements error.
func (e *LaterError) Error() string { return "later: " + e.Err.Message }

// Unwrap returns what a person is told.
func (e *LaterError) Unwrap() error { return e.Err }

func (s *session) later(after time.Duration, message string) error {
	return &LaterError{s.now().Add(after), &conversion.Error{Code: conversion.CodeUnavailable, Message: message}}
}

// laterIn returns the *LaterError that the error is, nil when it is another.
func laterIn(err error) *LaterError {
	later, _ := errors.AsType[*LaterError](err)
	return later
}

// readLoads reads the loads that are under way.
func (s *session) readLoads(ctx context.Context) error {
	loads, err := s.books.Loads(ctx)
	if err != nil {
		return err
	}
	s.loads = make(map[conversion.Object]conversion.Load, len(loads))
	for _, l := range loads {
		s.loads[l.Object] = l
	}
	return nil
}

// beginLoads has Salesforce gather the records of all objects that have many to be read,
// all at once, while the first are read.
func (s *session) beginLoads(ctx context.Context, progress map[conversion.Object]*conversion.Progress) error {
	if s.remote.Loader == nil {
		return nil
	}
	for _, o := range inbound {
		p := progress[o]
		if _, known := s.loads[o]; known || p == nil || p.Total-p.Done <= s.cfg.LoadAbove {
			continue
		}
		wanted := conversion.Load{Object: o, Total: p.Total - p.Done}
		if err := s.onFieldsChanged(ctx, func() error { return s.beginLoad(ctx, wanted) }); err != nil {
			return fmt.Errorf("begin the load of %s: %w", o, err)
		}
	}
	return nil
}

// beginLoad makes a job for the object's records and stores it. One whose making is not
// stored for a crash stays in Salesforce for its days, and nothing else. An object of which
// Salesforce makes no job is read without one.
func (s *session) beginLoad(ctx context.Context, wanted conversion.Load) error {
	o := wanted.Object
	cursor, err := s.books.Cursor(ctx, o)
	if err != nil {
		return fmt.Errorf("read the cursor: %w", err)
	}
	l := wanted
	if wanted.Failures < loadTries {
		if err := s.cfg.Step("begin a load"); err != nil {
			return err
		}
		reading := objectPull{session: s, object: o, known: cursor}
		l, err = s.remote.Loader.BeginLoad(ctx, s.schemas[o.Kind()], o, reading.from())
		if err != nil && !refusesJobs(err) {
			return err
		}
		l.Object, l.RunID, l.Total, l.Failures = o, wanted.RunID, wanted.Total, wanted.Failures
	}
	if l.JobID == "" {
		s.log.Warn("an object is read without a bulk job", "object", o, "failures", l.Failures, "error", err)
	}
	if err := s.commit(ctx, conversion.Batch{Load: &conversion.LoadStep{Load: &l}}); err != nil {
		return fmt.Errorf("store the load: %w", err)
	}
	s.loads[o] = l
	return nil
}

// refusesJobs reports whether Salesforce makes no job of an object at all: asking again
// would not help.
func refusesJobs(err error) bool {
	switch conversion.ErrorCode(err) {
	case conversion.CodeForbidden, conversion.CodeNotFound, conversion.CodeInternal:
		_, changed := errors.AsType[*conversion.FieldsChangedError](err)
		return !changed && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	}
	return false
}

// load goes on with the object's load, if it has one, to its end: a job that is lost is made
// anew, and what was applied stays. A *LaterError while Salesforce gathers the records, or
// others have pages in hand.
func (p *objectPull) load(ctx context.Context) error {
	for p.loads[p.object].UnderWay() {
		err := p.goOnLoading(ctx)
		lost, isLost := errors.AsType[*conversion.LoadLostError](err)
		if isLost {
			l := p.loads[p.object]
			p.log.Warn("a load is begun anew", "object", p.object, "error", lost.Err)
			again := conversion.Load{Object: p.object, RunID: p.run.ID, Total: l.Total, Failures: l.Failures + 1}
			err = p.onFieldsChanged(ctx, func() error { return p.beginLoad(ctx, again) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *objectPull) goOnLoading(ctx context.Context) error {
	if err := p.gathered(ctx); err != nil {
		return err
	}
	for {
		took, err := p.takePage(ctx)
		if err != nil {
			return err
		}
		if !took {
			break
		}
	}
	if err := p.readLoads(ctx); err != nil {
		return err
	}
	l := p.loads[p.object]
	switch {
	case !l.UnderWay():
		return &conversion.LoadLostError{Object: p.object, Err: errors.New("it is no longer there")}
	case !l.Through():
		return p.later(othersFor, "Other workers are reading the rest of the records.")
	case l.Applied < l.Total:
		return &conversion.LoadLostError{Object: p.object, Err: fmt.Errorf("%d records came of %d", l.Applied, l.Total)}
	}
	return p.endLoad(ctx, l)
}

// gathered makes sure that the job is through, that its first page is there to be taken,
// and that its run is this one.
func (p *objectPull) gathered(ctx context.Context) error {
	l := p.loads[p.object]
	if l.Ready && l.RunID == p.run.ID {
		return nil
	}
	l.RunID = p.run.ID
	step := conversion.LoadStep{Load: &l}
	b := conversion.Batch{Load: &step}
	if !l.Ready {
		if err := p.cfg.Step("ask for a load"); err != nil {
			return err
		}
		asked, err := p.remote.Loader.AskLoad(ctx, l)
		if err != nil {
			return err
		}
		asked.Polls++
		if l = asked; l.Ready {
			step.Next = &conversion.LoadPage{Object: p.object, JobID: l.JobID}
			if p.progress != nil {
				b.Progress = &conversion.Progress{Object: p.object, Total: l.Total, Began: p.progress.Began}
			}
		}
	}
	if err := p.commit(ctx, b); err != nil {
		return fmt.Errorf("store how far the load is: %w", err)
	}
	p.loads[p.object] = l
	if !l.Ready {
		return p.later(min(pollFirst<<min(l.Polls-1, 10), pollLongest), "Salesforce is gathering the records.")
	}
	return nil
}

// endLoad moves the cursor to where the load began: what has changed since is read as ever.
// Who was added to shared activities is told apart from them, from the same moment on.
func (p *objectPull) endLoad(ctx context.Context, l conversion.Load) error {
	began := conversion.Cursor{Modstamp: l.Began}
	if relation := relationsOf[p.object]; relation != "" {
		if err := p.commit(ctx, conversion.Batch{Cursor: &conversion.CursorMove{Object: relation, To: began}}); err != nil {
			return fmt.Errorf("store the cursor of %s: %w", relation, err)
		}
	}
	end := conversion.Batch{Cursor: &conversion.CursorMove{Object: p.object, To: began}, Load: &conversion.LoadStep{Over: p.object}}
	if p.progress != nil { // what it was measured at may be from before others applied their pages
		p.progress.Total, p.progress.Done = l.Total, l.Total
		done := *p.progress
		end.Progress = &done
	}
	if err := p.commit(ctx, end); err != nil {
		return fmt.Errorf("end the load: %w", err)
	}
	delete(p.loads, p.object)
	if err := p.cfg.Step("remove a bulk job"); err != nil {
		return err
	}
	if err := p.remote.Loader.EndLoad(ctx, l); err != nil { // Salesforce removes it by itself, later
		p.log.Info("removing a bulk job failed", "object", p.object, "error", err)
	}
	return nil
}

// forgetRefused takes off what was noted of objects of which Salesforce made no job: they
// are in.
func (s *session) forgetRefused(ctx context.Context) error {
	for o := range s.loads {
		if err := s.commit(ctx, conversion.Batch{Load: &conversion.LoadStep{Over: o}}); err != nil {
			return fmt.Errorf("end the load of %s: %w", o, err)
		}
	}
	return nil
}
