package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"conversion"
	"conversion/internal/identity"
	"conversion/internal/reconcile"
)

// intake says how observations are to be taken in.
type intake struct {
	run       string                                     // whose lines and counts they give; "" for none
	beyond    func(r conversion.Reading, id string) bool // whether a skipped record is worth a line; nil: never
	knownOnly bool                                       // leave out records that are not linked
	quiet     bool                                       // the values changed by themselves: the entity was not updated (spec 6)
	unsettled bool                                       // records found by a look-up do not start settled (spec 4.1)
	cycle     conversion.Moment                          // whose reading it is: what is linked now may be placed anew until it is complete; 0: no cycle's
	heirs     bool                                       // records that were asked for as what others became
	granted   bool                                       // of records that an admin let in: nothing of theirs waits
	joining   bool                                       // entities come together: what differs then is no change of a record
}

// taken is what absorbing observations came to: the groups with news, ready to commit.
type taken struct {
	matches    []identity.Match
	groups     []*conversion.Group // every group loaded that a record belongs to
	moves      []conversion.Move   // links that come to their entity again
	news       map[string]bool     // ids of the entities to store
	changes    []conversion.Change
	lines      []conversion.RunLine
	counts     conversion.Counts
	problems   []conversion.Problem
	users      []string             // Salesforce users that records with news name
	back       []conversion.CatchUp // of contacts that came back
	going      []*conversion.Entity // whose last records are gone
	breaking   breaking
	overwrites map[conversion.VarID]int // contacts whose value was overwritten, by variable
}

func (t *taken) empty() bool { return len(t.news) == 0 && len(t.lines) == 0 }

// batch returns the groups with news as a batch.
func (t *taken) batch(runID string) conversion.Batch {
	b := conversion.Batch{RunID: runID, Moves: t.moves, Counts: t.counts, Lines: t.lines, Changes: t.changes, CatchUps: t.back, Replaces: conversion.HeldKeys, Users: t.users}
	for _, g := range t.groups {
		if t.news[g.Entity.ID] {
			b.Plans = append(b.Plans, conversion.Plan{Group: *g, Expect: g.Entity.Version})
			b.Held = append(b.Held, reconcile.HeldKeyRows(*g)...)
		}
	}
	t.breaking.into(&b)
	return b
}

// takeUp takes observations of one kind into the groups they belong to: who is who first,
// then what was seen, then the values (spec 3.5–3.7). Nothing is stored yet.
func (s *session) takeUp(ctx context.Context, kind conversion.Kind, records []conversion.Record, in intake) (*taken, error) {
	groups, err := s.books.Groups(ctx, reachedBy(kind, records))
	if err != nil {
		return nil, fmt.Errorf("load the groups of a page: %w", err)
	}
	if in.knownOnly {
		records = onlyLinked(records, groups)
	}
	now, before := s.now(), summaries(groups)
	if groups, err = s.withAwaited(ctx, kind, records, groups, before); err != nil {
		return nil, err
	}
	who := identity.Resolve(identity.Page{Records: records, Groups: groups, Now: now, NewID: s.cfg.NewID, Cycle: in.cycle, Heirs: in.heirs})
	t := &taken{matches: who.Matches, groups: who.Groups, moves: who.Moves, news: make(map[string]bool), problems: who.Problems}
	for _, m := range who.Matches {
		s.observe(t, m, in, before)
	}
	for _, g := range who.Groups {
		s.resolve(t, g, before[g.Entity.ID], in)
	}
	t.back = t.returned(before, s.now())
	t.skip(in, records, s.now())
	if kind == conversion.KindContact {
		err = s.findCompanies(ctx, t)
	}
	return t, err
}

// reachedBy asks for every group a page can concern.
func reachedBy(kind conversion.Kind, records []conversion.Record) conversion.GroupQuery {
	q := conversion.GroupQuery{Kind: kind}
	for i := range records {
		q.Refs = append(q.Refs, records[i].Ref)
		if records[i].Key != "" {
			q.Keys = append(q.Keys, records[i].Key)
		}
	}
	slices.Sort(q.Keys)
	q.Keys = slices.Compact(q.Keys)
	return q
}

func onlyLinked(records []conversion.Record, groups []conversion.Group) []conversion.Record {
	linked := make(map[conversion.Ref]bool)
	for _, g := range groups {
		for _, l := range g.Links {
			linked[l.Ref] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(records), func(r conversion.Record) bool { return !linked[r.Ref] })
}

// summary is what of a group is compared to tell whether it has to be stored.
type summary struct {
	key   string
	gone  bool // it was deleted
	links map[conversion.Ref]linkSummary
}

type linkSummary struct {
	state       conversion.LinkState
	key, placed string
	pending     bool
	into        conversion.Ref
}

func summaryOf(l *conversion.Link) linkSummary {
	return linkSummary{l.State, l.Key, l.Placed, l.Pending, l.Into}
}

func summaries(groups []conversion.Group) map[string]*summary {
	all := make(map[string]*summary, len(groups))
	for _, g := range groups {
		sum := &summary{key: g.Entity.Key, gone: !g.Entity.Live(), links: make(map[conversion.Ref]linkSummary, len(g.Links))}
		for _, l := range g.Links {
			sum.links[l.Ref] = summaryOf(l)
		}
		all[g.Entity.ID] = sum
	}
	return all
}

// observe takes one observation into its link and counts it.
func (s *session) observe(t *taken, m identity.Match, in intake, before map[string]*summary) {
	e := m.Group.Entity
	switch {
	case m.First && !in.unsettled:
		reconcile.SettleUpTo(e, m.Link, e.Numbers)
	case m.First && len(e.Own) > 0:
		e.Mark(conversion.LaneEdits, s.now()) // whoever it was looked up for
	}
	awaited := reconcile.Awaits(e, m.Link)
	news := reconcile.Observe(m.Link, m.Record, s.schemas[e.Kind])
	if awaited {
		news = max(news, reconcile.Refreshed)
	}
	wakeHeld(m.Group, m.Link, news)
	if m.First || news > reconcile.Nothing {
		t.news[e.ID] = true
		t.users = append(t.users, s.usersOf(m.Record)...)
	}
	if in.run == "" {
		return
	}
	if outcome := outcomeOf(m, news, before[e.ID]); outcome != "" {
		t.counts = tally(t.counts, outcome)
		t.lines = append(t.lines, conversion.RunLine{
			RunID: in.run, Ref: m.Record.Ref, EntityID: e.ID, Outcome: outcome, Message: m.Link.Hold, At: s.now(),
		})
	}
}

// outcomeOf is the word for what a record's observation did, "" for nothing.
func outcomeOf(m identity.Match, news reconcile.News, before *summary) string {
	var was linkSummary
	if before != nil {
		was = before.links[m.Record.Ref]
	}
	switch {
	case m.First && m.Link.State == conversion.LinkIgnored:
		return outcomeSkipped
	case m.First:
		return outcomeCreated
	case m.Link.State == conversion.LinkHeld && was.state != conversion.LinkHeld:
		return outcomeHeld
	case !m.Link.Live() && m.Link.State != was.state:
		return outcomeDeleted
	case m.Link.State != was.state, news == reconcile.Changed, m.Link.Key != was.key:
		return outcomeUpdated
	}
	return ""
}

// resolve recomputes the values of a group and notes what became of it.
func (s *session) resolve(t *taken, g *conversion.Group, before *summary, in intake) {
	e := g.Entity
	for _, l := range g.Links {
		if before == nil || before.links[l.Ref] != summaryOf(l) {
			t.news[e.ID] = true
		}
	}
	if before != nil && before.key != e.Key {
		t.changes = append(t.changes, s.keyChange(g, before.key, in))
	}
	if !t.news[e.ID] {
		return
	}
	for _, c := range reconcile.Resolve(*g, s.schemas[e.Kind]) {
		if before != nil && !c.Before.Absent() && !derived(s.schemas[e.Kind], c) {
			t.changes = append(t.changes, conversion.Change{EntityID: e.ID, FieldChange: c, RunID: in.run})
			if !in.joining {
				s.align(g, c)
			}
		}
	}
	t.noteLinks(g, before, in.run, s.now())
	if len(e.Own) > 0 && cameBack(*g, before) {
		e.Mark(conversion.LaneEdits, s.now()) // what was edited meanwhile is still to be sent to it
	}
	if s.goneWithLast(*g, before) {
		t.going = append(t.going, e)
	}
	if !in.quiet {
		e.Updated = s.now()
	}
}

// cameBack reports whether a record that had gone away is linked again (spec 3.10).
func cameBack(g conversion.Group, before *summary) bool {
	return before != nil && g.Entity.Live() && slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
		was, known := before.links[l.Ref]
		return known && l.Live() && (was.state == conversion.LinkDeleted || was.state == conversion.LinkMerged)
	})
}

// derived reports whether a change came of a formula or roll-up field: such changes are
// told to nobody (spec 6).
func derived(schema *conversion.Schema, c conversion.FieldChange) bool {
	v := schema.ByID(c.Var)
	if v == nil {
		return false
	}
	f, ok := v.On(c.From.Object)
	return ok && f.Derived()
}

// align passes a change that one linked record made on to its siblings, if the admin wants
// them alike (spec 4.8): as a claim of our own right after the record's, which goes out by
// the rules like any other.
func (s *session) align(g *conversion.Group, c conversion.FieldChange) {
	e := g.Entity
	if !s.options.AlignDuplicates || c.From.Zero() || !e.Live() || liveLinks(*g) < 2 {
		return
	}
	if v := s.schemas[e.Kind].ByID(c.Var); v != nil {
		reconcile.Claim(*g, v, c.After, c.At, s.rules.Reach(), conversion.Actor{Kind: conversion.ActorSystem, ID: "align_duplicates"})
		e.Mark(conversion.LaneEdits, s.now())
	}
}

func liveLinks(g conversion.Group) int {
	n := 0
	for _, l := range g.Links {
		if l.Live() {
			n++
		}
	}
	return n
}

func compareRefs(a, b conversion.Ref) int {
	return cmp.Or(cmp.Compare(a.Object, b.Object), cmp.Compare(a.ID, b.ID))
}

// The outcomes of a run's lines.
const (
	outcomeCreated = "created"
	outcomeUpdated = "updated"
	outcomeDeleted = "deleted"
	outcomeSkipped = "skipped"
	outcomeHeld    = "held"
)

// tally returns the counts with one more record of the outcome.
func tally(c conversion.Counts, outcome string) conversion.Counts {
	switch outcome {
	case outcomeCreated:
		c.Created++
	case outcomeUpdated:
		c.Updated++
	case outcomeDeleted:
		c.Deleted++
	case outcomeSkipped:
		c.Skipped++
	case outcomeHeld:
		c.Held++
	}
	return c
}
