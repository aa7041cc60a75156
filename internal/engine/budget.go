package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"conversion"
)

const (
	// purseful is how many requests are reserved at once: most pieces of work then ask the
	// database once, and give back what they did not need.
	purseful = 16
	// budgetLook is when a lane that waits is tried again: the window frees a slot at a time.
	budgetLook = conversion.BudgetSlot
	// orgStale is how old an answer about the org's requests may be to stop us: afterwards
	// one request asks anew.
	orgStale = conversion.BudgetSlot - time.Minute
)

// ShortError reports that work waits for API requests. Nothing failed, nothing is lost: it
// is tried again by itself.
type ShortError struct {
	conversion.Wait
	Err *conversion.Error // what a person is told, with what Salesforce refused as its cause
}

// Error implements error.
func (e *ShortError) Error() string {
	return fmt.Sprintf("the lane %s waits: %v", e.Lane, e.Err)
}

// Unwrap returns what a person is told.
func (e *ShortError) Unwrap() error { return e.Err }

func newShortError(w conversion.Wait, cause error) *ShortError {
	told := &conversion.Error{
		Code: conversion.CodeLimit, Message: "Our share of the org's API requests of the day is used up.",
		Hint: "It goes on by itself as requests are free again. An admin can allow a larger share.", Err: cause,
	}
	switch w.Reason {
	case conversion.WaitsForOrg:
		told.Message, told.Hint = "The org's API requests of the day are nearly used up.", "It goes on by itself as requests are free again."
	case conversion.WaitsForLimit:
		told.Message, told.Hint = "Salesforce takes no more API requests of the org today.", "It goes on by itself as requests are free again."
	}
	return &ShortError{w, told}
}

// Waits reports whether the error says that work waits for API requests, or goes on by
// itself later.
func Waits(err error) bool { return shortIn(err) != nil || laterIn(err) != nil }

// shortIn returns the *ShortError that the error is, nil when it is another.
func shortIn(err error) *ShortError {
	short, _ := errors.AsType[*ShortError](err)
	return short
}

// purse holds requests that a session has reserved. The client counts into it what is
// really sent; what is left over is given back.
type purse struct {
	asking sync.Mutex // one that asks for more at a time

	mu       sync.Mutex
	lane     conversion.Lane
	at       conversion.Moment // when the requests were reserved
	reserved int
	sent     int
}

type purseKey struct{}

// Sent is to be told of every request that counts against the budget of the workspace's
// org. Those of a piece of work are paid from what it reserved; others are counted as they
// are.
func (e *Engine) Sent(ctx context.Context, workspaceID string, requests int) {
	if p, ok := ctx.Value(purseKey{}).(*purse); ok {
		p.pay(requests)
		return
	}
	err := e.cfg.Books(workspaceID).Spend(context.WithoutCancel(ctx), conversion.LaneEdits, e.now(), requests)
	if err != nil {
		e.cfg.Logger.Warn("counting a request failed", "workspace", workspaceID, "error", err)
	}
}

func (p *purse) pay(requests int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent += requests
}

// holds reports whether n requests of the lane are left.
func (p *purse) holds(l conversion.Lane, n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lane == l && p.reserved-p.sent >= n
}

func (p *purse) fill(r conversion.Reservation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lane, p.at, p.reserved = r.Lane, r.At, p.reserved+r.N
}

// empty takes everything out, and returns by how much more was sent than reserved.
func (p *purse) empty() (l conversion.Lane, at conversion.Moment, over int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, at, over = p.lane, p.at, p.sent-p.reserved
	p.reserved, p.sent = 0, 0
	return l, at, over
}

// giveBack settles what was reserved with what was sent.
func (s *session) giveBack(ctx context.Context) error {
	l, at, over := s.purse.empty()
	if over == 0 {
		return nil
	}
	if at == 0 {
		at = s.now()
	}
	return s.books.Spend(ctx, l, at, over)
}

// afford makes sure that n requests of the lane may be sent, before they are: from what
// the session has reserved, or by reserving more. A *ShortError when they may not; the
// lane then rests until it is worth another look.
func (s *session) afford(ctx context.Context, l conversion.Lane, n int) error {
	s.purse.asking.Lock()
	defer s.purse.asking.Unlock()
	if s.purse.holds(l, n) {
		return nil
	}
	if err := s.cfg.Step("reserve requests"); err != nil {
		return err
	}
	if err := s.giveBack(ctx); err != nil {
		return err
	}
	b, err := s.budget(ctx)
	if err != nil {
		return s.shortOf(ctx, l, err)
	}
	for _, want := range []int{max(n, purseful), n} {
		r := conversion.Reservation{Lane: l, At: s.now(), N: want, Most: b.Most(l)}
		ok, err := s.books.Reserve(ctx, r)
		if err != nil {
			return err
		}
		if ok {
			s.purse.fill(r)
			return s.awake(ctx, l)
		}
	}
	if b.OrgFull(n) {
		return s.rest(ctx, l, conversion.WaitsForOrg, nil)
	}
	return s.rest(ctx, l, conversion.WaitsForShare, nil)
}

// budget returns what is known now. When an old answer about the org is all that stops us,
// one request asks anew.
func (s *session) budget(ctx context.Context) (conversion.Budget, error) {
	if err := s.learnUsage(ctx); err != nil {
		return conversion.Budget{}, err
	}
	if s.budgetOf(0).OrgFull(1) && s.now().Sub(s.conn.Measured) >= orgStale {
		if err := s.remote.Describer.Measure(ctx); err != nil {
			return conversion.Budget{}, fmt.Errorf("ask for the org's use: %w", err)
		}
		if err := s.learnUsage(ctx); err != nil {
			return conversion.Budget{}, err
		}
	}
	spent, err := s.books.Spent(ctx, s.now())
	return s.budgetOf(spent), err
}

func (s *session) budgetOf(spent int) conversion.Budget {
	return conversion.Budget{Ours: spent, Used: s.conn.Used, Max: s.conn.Max, Percent: s.options.APISharePercent}
}

// learnUsage takes over what Salesforce last told of the org's requests.
func (s *session) learnUsage(ctx context.Context) error {
	used, limit, at := s.remote.Describer.Usage()
	if limit == 0 || at <= s.conn.Measured {
		return nil
	}
	s.conn.Used, s.conn.Max, s.conn.Measured = used, limit, at
	return s.books.Measured(ctx, used, limit, at)
}

// rest lets the lane wait and returns why. When Salesforce itself takes no more, all lanes
// do.
func (s *session) rest(ctx context.Context, l conversion.Lane, why conversion.Reason, cause error) error {
	now := s.now()
	short := newShortError(conversion.Wait{Lane: l, Reason: why, Since: now, Until: now.Add(budgetLook)}, cause)
	s.log.Info("work waits for API requests", "lane", l.String(), "reason", string(why))
	if err := s.knowWaits(ctx); err != nil {
		return err
	}
	lanes := []conversion.Lane{l}
	if why == conversion.WaitsForLimit {
		lanes = conversion.Lanes
	}
	for _, l := range lanes {
		wait := short.Wait
		wait.Lane = l
		if err := s.books.Rest(context.WithoutCancel(ctx), wait); err != nil {
			return err
		}
		s.resting[l] = why
	}
	return short
}

// awake ends the lane's wait, if it has one, and those of all lanes that Salesforce refused
// together: should it still refuse, they are told anew.
func (s *session) awake(ctx context.Context, l conversion.Lane) error {
	if err := s.knowWaits(ctx); err != nil {
		return err
	}
	for other, why := range s.resting {
		if other != l && why != conversion.WaitsForLimit {
			continue
		}
		delete(s.resting, other)
		if err := s.books.Resume(ctx, other); err != nil {
			return err
		}
	}
	return nil
}

// knowWaits reads which lanes wait, once a session.
func (s *session) knowWaits(ctx context.Context) error {
	if s.resting != nil {
		return nil
	}
	waits, err := s.books.Waits(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	s.resting = make(map[conversion.Lane]conversion.Reason, len(waits))
	for _, w := range waits {
		s.resting[w.Lane] = w.Reason
	}
	return nil
}

// shortOf returns the error as that of work that waits: our own, or Salesforce's that the
// day's requests are used up.
func (s *session) shortOf(ctx context.Context, l conversion.Lane, err error) error {
	if shortIn(err) != nil || conversion.ErrorCode(err) != conversion.CodeLimit {
		return err
	}
	return s.rest(ctx, l, conversion.WaitsForLimit, err)
}

// inLane does the work in another lane than the session's own.
func (s *session) inLane(l conversion.Lane, work func() error) error {
	before := s.lane
	s.lane = l
	defer func() { s.lane = before }()
	return work()
}

// gather lets the lanes of a push rest after it, so that the next changes share requests:
// the longer, the less of the budget is left (spec 4.1).
func (s *session) gather(ctx context.Context) error {
	b, err := s.budget(ctx)
	if err != nil || b.Window() == 0 {
		return err
	}
	for _, l := range conversion.PushLanes {
		if s.resting[l] != "" && s.resting[l] != conversion.WaitsForOthers {
			continue // for want of requests
		}
		err := s.books.Rest(ctx, conversion.Wait{Lane: l, Reason: conversion.WaitsForOthers, Since: s.now(), Until: s.now().Add(b.Window())})
		if err != nil {
			return err
		}
	}
	return nil
}
