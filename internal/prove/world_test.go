package prove_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/sandbox"
	"conversion/internal/testkit"
)

// place is where worlds are made, one after the other: an org is dear to make, and cheap to
// empty.
type place struct {
	org   *sandbox.Org
	clock *testkit.Clock
}

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newPlace() *place {
	p := &place{clock: testkit.NewClock(begin)}
	p.org = sandbox.New(sandbox.Options{Seed: 7, Now: p.clock.Now})
	if err := p.org.Snapshot("empty"); err != nil {
		panic(err)
	}
	return p
}

// world is an org and a Conversion tied to it, and the model that watches both.
type world struct {
	*place
	wire      *wire
	truth     *truth
	model     *model
	books     *books
	engine    *engine.Engine
	directory *directory.Service
	sales     sandbox.Actor
	ids       int
	lives     int // engines there were: each after a crash is another process

	// What goes wrong: the engine stops for good before the step of that number from now
	// on; 0: it does not. Between steps others do things.
	crashIn int
	between func(step string)
	crashes int

	overdue    bool  // something was committed later than a pull looks back, and not swept for yet
	lossy      *bool // whether a trigger of the org writes phone numbers in its own way; nil: it never did
	stubborn   bool  // nobody takes an opt-out back
	deviations map[deviation]int
}

const workspace = "w"

func newWorld(p *place) *world {
	p.clock.Set(begin)
	if err := p.org.Restore("empty", sandbox.RestoreOptions{Clock: true}); err != nil {
		panic(err)
	}
	w := &world{place: p, books: newBooks(), truth: newTruth(p.org), sales: p.org.User("sales@sandbox.test")}
	w.deviations = make(map[deviation]int)
	w.model = newModel(w)
	w.truth.model = w.model
	w.books.committed = w.model.committed
	w.wire = &wire{org: p.org, now: p.clock.Now, self: p.org.Admin(), truth: w.truth, made: make(map[keyedBy]conversion.Ref), past: make(map[conversion.Ref][]conversion.Record)}
	w.books.connection = conversion.Connection{
		WorkspaceID: workspace, Connected: w.now(), InstanceURL: "https://org.test", OrgID: p.org.ID(), UserID: w.wire.self.ID(), ClockKnown: true,
	}
	w.books.rules.Defaults = map[string]string{"Lead.Company": "Unknown", "Lead.LastName": "Unknown", "Contact.LastName": "Unknown", "Account.Name": "Unknown"}
	w.directory = directory.New(func(string) directory.Books { return w.books }, p.clock.Now, func(string) {})
	w.start()
	return w
}

// start begins another process.
func (w *world) start() {
	w.lives++
	w.books.dead = false
	w.engine = engine.New(engine.Config{
		Books: func(string) engine.Books { return w.books },
		Dial:  func(context.Context, string) (engine.Remote, error) { return w.wire.remote(), nil },
		Now:   w.clock.Now,
		NewID: func() string { w.ids++; return fmt.Sprintf("id-%06d", w.ids) },
		Owner: fmt.Sprintf("process %d", w.lives),
		Step:  w.step,
	})
}

func (w *world) now() conversion.Moment { return conversion.MomentOf(w.clock.Now()) }

var (
	errCrash    = errors.New("the process was killed")
	errRestless = errors.New("something is tried for hours, and comes to no end")
)

// rewritePhones turns the trigger on or off. An org that has one is slower, so that no other
// gets it; the next world is without it again.
func (w *world) rewritePhones() {
	if w.lossy != nil {
		*w.lossy = !*w.lossy
		return
	}
	on := true
	w.lossy = &on
	for _, o := range []string{"Lead", "Contact", "Account"} {
		if err := w.org.OnSave(o, func(_, after map[string]any) {
			if phone, _ := after["Phone"].(string); on && strings.HasPrefix(phone, "+") {
				after["Phone"] = "00" + phone[1:]
			}
		}); err != nil {
			panic(err)
		}
	}
}

// step is called by the engine before each durable step and each remote call.
func (w *world) step(name string) error {
	if w.between != nil {
		w.between(name)
	}
	if w.crashIn > 0 {
		if w.crashIn--; w.crashIn == 0 {
			w.books.dead = true // from here on nothing of this process is stored
			w.crashes++
			return errCrash
		}
	}
	return nil
}

// cycle and push let the engine work once, as far as it comes. After a crash another
// process goes on, once the leases of the first have ended.
func (w *world) cycle() error { return w.work(w.engine.Cycle) }
func (w *world) push() error  { return w.work(w.engine.Push) }

func (w *world) work(what func(context.Context, string) error) error {
	err := what(context.Background(), workspace)
	w.crashIn = 0
	if w.books.dead {
		w.start()
		w.wait(2 * time.Minute)
		return nil
	}
	if err != nil && !errors.Is(err, errNoAnswer) && !errors.Is(err, engine.ErrBusy) {
		return err
	}
	return nil
}

// wait lets time pass, and what was under way land in its time.
func (w *world) wait(d time.Duration) {
	until := w.clock.Now().Add(d)
	for {
		at, ok := w.wire.next()
		if !ok || at.After(until) {
			break
		}
		w.clock.Set(at)
		w.wire.land()
	}
	w.clock.Set(until)
}

// rest lets the engine work until nothing is under way any more.
func (w *world) rest() error {
	w.wire.answers, w.between, w.crashIn = nil, nil, 0
	for range 12 {
		w.wait(11 * time.Minute)
		if err := w.cycle(); err != nil {
			return err
		}
		if len(w.wire.landing) > 0 || w.busy() {
			continue
		}
		w.wait(16 * time.Minute)
		if err := w.cycle(); err != nil || !w.overdue {
			return err
		}
		w.overdue = false
		w.wait(25 * time.Hour) // the next cycle sweeps
	}
	return errRestless
}

// busy reports whether anything waits for nothing but its time.
func (w *world) busy() bool {
	for _, e := range w.books.entities {
		if e.Dirty > 0 && e.Retry < w.now().Add(time.Hour) {
			return true
		}
	}
	return false
}

// entities of the kind, live ones or all, in the order in which they were made.
func (w *world) entities(k conversion.Kind, live bool) []*conversion.Entity {
	var list []*conversion.Entity
	for _, e := range w.books.entities {
		if e.Kind == k && (e.Live() || !live) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b *conversion.Entity) int { return strings.Compare(a.ID, b.ID) })
	return list
}

var user = conversion.Actor{Kind: conversion.ActorUser, ID: "u"}
