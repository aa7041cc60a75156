package engine

import (
	"context"
	"errors"
	"fmt"

	"conversion"
)

// runs are the rows of one cycle or push: those that were queued for it, and those it adds
// as it goes.
type runs struct {
	s       *session
	trigger string
	first   bool // the first load of a connection
	queued  map[runKey]*conversion.Run
	open    map[runKey]*conversion.Run
}

type runKey struct {
	direction conversion.Direction
	object    conversion.Object
}

func newRuns(s *session, trigger string) *runs {
	return &runs{s: s, trigger: trigger, queued: map[runKey]*conversion.Run{}, open: map[runKey]*conversion.Run{}}
}

// takeRuns takes over the runs of a direction that were queued, or wait to go on. Those an
// owner that died left running are closed first: the lease says nobody works on them.
func (s *session) takeRuns(ctx context.Context, d conversion.Direction, trigger string) (*runs, error) {
	const died = "The process stopped before it was done; what was unfinished is done in the next run."
	if err := s.books.FailRunning(ctx, d, s.now(), died); err != nil {
		return nil, fmt.Errorf("close abandoned runs: %w", err)
	}
	waiting, err := s.books.QueuedRuns(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the queued runs: %w", err)
	}
	rs := newRuns(s, trigger)
	for _, r := range waiting {
		if r.Direction == d {
			rs.queued[runKey{r.Direction, r.Object}] = &r
		}
	}
	return rs, nil
}

// start returns the run for the object, made on first use.
func (rs *runs) start(ctx context.Context, d conversion.Direction, o conversion.Object) (*conversion.Run, error) {
	key := runKey{d, o}
	if r := rs.open[key]; r != nil {
		return r, nil
	}
	r := rs.queued[key]
	if r == nil {
		made := rs.s.newRun(d, o, rs.trigger)
		if r = &made; rs.first {
			r.Trigger = "first"
		}
	}
	added := rs.queued[key] == nil
	delete(rs.queued, key)
	rs.open[key] = r
	r.Status, r.Note = conversion.RunRunning, ""
	if r.Started == 0 {
		r.Started = rs.s.now()
	}
	if added {
		return r, rs.s.books.AddRuns(ctx, []conversion.Run{*r})
	}
	return r, rs.s.books.UpdateRun(ctx, *r)
}

// finish closes the run as done.
func (rs *runs) finish(ctx context.Context, d conversion.Direction, o conversion.Object) error {
	key := runKey{d, o}
	r := rs.open[key]
	if r == nil {
		return nil
	}
	delete(rs.open, key)
	r.Status, r.Finished = conversion.RunDone, rs.s.now()
	rs.s.cfg.Finished(*r)
	return rs.s.books.UpdateRun(ctx, *r)
}

// block closes the inbound run of an object that the connected user may not read.
func (rs *runs) block(ctx context.Context, o conversion.Object, reason error) error {
	key := runKey{conversion.Inbound, o}
	r := rs.open[key]
	if r == nil {
		return reason
	}
	delete(rs.open, key)
	rs.s.log.Warn("an object cannot be read", "object", o, "error", reason)
	return rs.end(ctx, r, personMessage(reason))
}

// end stores a run that failed.
func (rs *runs) end(ctx context.Context, r *conversion.Run, message string) error {
	r.Status, r.Finished, r.Error = conversion.RunFailed, rs.s.now(), message
	rs.s.cfg.Finished(*r)
	return rs.s.books.UpdateRun(ctx, *r)
}

// settleOutbound closes the outbound runs: those that were open, and those that were
// queued and found nothing to do.
func (rs *runs) settleOutbound(ctx context.Context) error {
	for _, o := range outbound {
		key := runKey{conversion.Outbound, o}
		if rs.queued[key] != nil {
			if _, err := rs.start(ctx, key.direction, key.object); err != nil {
				return err
			}
		}
		if err := rs.finish(ctx, key.direction, key.object); err != nil {
			return err
		}
	}
	return nil
}

// wait queues everything that is open again, with what it waits for: a run is not done
// while work is left (spec 4.10).
func (rs *runs) wait(ctx context.Context, message string) error {
	for _, rows := range []map[runKey]*conversion.Run{rs.open, rs.queued} {
		for key, r := range rows {
			delete(rows, key)
			r.Status, r.Note = conversion.RunQueued, message
			if err := rs.s.books.UpdateRun(ctx, *r); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave closes what a piece of work that ended with the error leaves behind: queued again
// when it waits, failed when it failed.
func (rs *runs) leave(ctx context.Context, err error) error {
	if Waits(err) {
		return rs.wait(ctx, "Waits: "+personMessage(err))
	}
	if err != nil {
		rs.fail(ctx, err)
	}
	return nil
}

// fail closes everything that is open or still queued with the reason.
func (rs *runs) fail(ctx context.Context, reason error) {
	message := personMessage(reason)
	for _, rows := range []map[runKey]*conversion.Run{rs.open, rs.queued} {
		for key, r := range rows {
			delete(rows, key)
			if err := rs.end(ctx, r, message); err != nil {
				rs.s.log.Warn("storing a failed run failed", "error", err)
			}
		}
	}
}

// personMessage is what a person is told of an error.
func personMessage(err error) string {
	if e, ok := errors.AsType[*conversion.Error](err); ok {
		if e.Hint != "" {
			return e.Message + " " + e.Hint
		}
		return e.Message
	}
	if errors.Is(err, context.Canceled) {
		return "It was stopped; the next cycle goes on from there."
	}
	return "It failed for a reason that is in the log; it is tried again by itself."
}
