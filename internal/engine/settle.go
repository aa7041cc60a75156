package engine

import (
	"context"
	"fmt"
	"slices"

	"conversion"
	"conversion/internal/identity"
	"conversion/internal/reconcile"
)

// settleBatch is how many pending records are settled in one transaction, with all that
// depends on them.
const settleBatch = 500

// settleWho decides what is pending: conversions, merges, records that came back, and
// e-mails and websites that were changed (spec 3.8, 3.9, 3.12). Without any it costs one
// query. A stop leaves the rest pending for the next cycle.
func (s *session) settleWho(ctx context.Context, rs *runs) error {
	asked := make(map[conversion.Ref]bool)
	var before []conversion.Ref
	for {
		pending, err := s.books.Pending(ctx, settleBatch)
		if err != nil || len(pending) == 0 {
			return err
		}
		if slices.Equal(pending, before) {
			return fmt.Errorf("%d records stay pending after they were decided about, the first %s", len(pending), pending[0])
		}
		before = pending
		for _, kind := range []conversion.Kind{conversion.KindCompany, conversion.KindContact} {
			seeds := slices.DeleteFunc(slices.Clone(pending), func(r conversion.Ref) bool { return r.Object.Kind() != kind })
			if len(seeds) == 0 {
				continue
			}
			if err := settled(func() error { return s.settle(ctx, rs, kind, seeds, asked) }); err != nil {
				return err
			}
		}
	}
}

// settle decides about some pending records of one kind, and all that depends on them, in
// one transaction.
func (s *session) settle(ctx context.Context, rs *runs, kind conversion.Kind, seeds []conversion.Ref, asked map[conversion.Ref]bool) error {
	if err := s.cfg.Step("settle who is who"); err != nil {
		return err
	}
	groups, err := s.component(ctx, kind, seeds)
	if err != nil {
		return err
	}
	read, err := s.readHeirs(ctx, kind, groups, asked)
	if err != nil {
		return err
	}
	if read {
		if groups, err = s.component(ctx, kind, seeds); err != nil {
			return err
		}
	}
	t, err := s.decide(ctx, rs, kind, groups)
	if err != nil {
		return err
	}
	if err := s.commit(ctx, t.batch("")); err != nil {
		return err
	}
	return s.countHeld(ctx, t)
}

// countHeld adds the records that are held now to the counts of their objects' runs.
func (s *session) countHeld(ctx context.Context, t *taken) error {
	counts := make(map[string]conversion.Counts)
	for _, l := range t.lines {
		counts[l.RunID] = tally(counts[l.RunID], l.Outcome)
	}
	for run, n := range counts {
		if err := s.commit(ctx, conversion.Batch{RunID: run, Counts: n}); err != nil {
			return fmt.Errorf("count a run: %w", err)
		}
	}
	return nil
}

// cycleID names the cycle that is under way until it is complete, however often it stops.
func (s *session) cycleID() conversion.Moment { return s.conn.LastSynced + 1 }

// component loads the groups of the records and all that a decision about them can reach:
// what their records became, those that have, carry or want their keys, and so on from
// every one of these that has something pending.
func (s *session) component(ctx context.Context, kind conversion.Kind, seeds []conversion.Ref) ([]conversion.Group, error) {
	reach := reaching{byID: make(map[string]bool), refs: make(map[conversion.Ref]bool), keys: make(map[string]bool)}
	q := conversion.GroupQuery{Kind: kind, Refs: seeds}
	for len(q.Refs)+len(q.Keys) > 0 {
		found, err := s.books.Groups(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("load what is pending: %w", err)
		}
		q = reach.add(kind, found)
	}
	return reach.groups, nil
}

// reaching is a component on its way.
type reaching struct {
	groups []conversion.Group
	byID   map[string]bool
	refs   map[conversion.Ref]bool
	keys   map[string]bool
}

// add takes groups in, and returns what they reach that was not asked for yet.
func (r *reaching) add(kind conversion.Kind, found []conversion.Group) conversion.GroupQuery {
	q := conversion.GroupQuery{Kind: kind}
	want := func(key string) {
		if key != "" && !r.keys[key] {
			r.keys[key], q.Keys = true, append(q.Keys, key)
		}
	}
	for _, g := range found {
		if r.byID[g.Entity.ID] {
			continue
		}
		r.byID[g.Entity.ID], r.groups = true, append(r.groups, g)
		for _, l := range g.Links {
			if !l.Pending {
				continue
			}
			want(l.Key)
			want(l.Placed)
			want(g.Entity.Key)
			if !l.Into.Zero() && !r.refs[l.Into] {
				r.refs[l.Into], q.Refs = true, append(q.Refs, l.Into)
			}
		}
	}
	return q
}

// readHeirs reads what pending records became and nobody has met: Contacts that leads were
// converted into and winners of merges that have no e-mail, or that came late. They are
// taken in like any other record. So are held records without an e-mail or website that
// somebody wants to be decided about anew. What was asked for once is not asked for again.
func (s *session) readHeirs(ctx context.Context, kind conversion.Kind, groups []conversion.Group, asked map[conversion.Ref]bool) (bool, error) {
	var unknown []conversion.Ref
	for _, g := range groups {
		for _, l := range g.Links {
			if l.Pending && !l.Into.Zero() && !asked[l.Into] && !linkedIn(groups, l.Into) {
				asked[l.Into], unknown = true, append(unknown, l.Into)
			}
			if l.Pending && l.State == conversion.LinkHeld && l.Key == "" && !asked[l.Ref] {
				asked[l.Ref], unknown = true, append(unknown, l.Ref)
			}
		}
	}
	if len(unknown) == 0 {
		return false, nil
	}
	records, err := s.remote.Target.Read(ctx, s.schemas[kind], unknown)
	if conversion.ErrorCode(err) == conversion.CodeForbidden {
		return false, nil // an object that cannot be read stops no other (spec 2.2)
	}
	if err != nil {
		return false, fmt.Errorf("read what records became: %w", err)
	}
	return true, s.takeIn(ctx, kind, records, intake{heirs: true, cycle: s.cycleID()})
}

func linkedIn(groups []conversion.Group, ref conversion.Ref) bool {
	return slices.ContainsFunc(groups, func(g conversion.Group) bool { return g.Link(ref) != nil })
}

// decide settles the groups and carries out what comes of it. Nothing is stored yet.
func (s *session) decide(ctx context.Context, rs *runs, kind conversion.Kind, groups []conversion.Group) (*taken, error) {
	before := summaries(groups)
	component := make([]*conversion.Group, len(groups))
	for i := range groups {
		component[i] = &groups[i]
	}
	who := identity.Settle(identity.Component{
		Groups: component, OnMerge: s.options.OnMerge, Offset: s.conn.ClockOffset, Cycle: s.cycleID(), Now: s.now(), NewID: s.cfg.NewID,
	})
	in := intake{run: rs.inboundOf(kind), joining: true}
	t := &taken{groups: who.Groups, news: make(map[string]bool)}
	s.carryOut(t, kind, who, before, in)
	for _, g := range who.Groups {
		t.news[g.Entity.ID] = true
		if g.Entity.Into != "" {
			continue
		}
		t.noteHeld(rs, g, before[g.Entity.ID], s.now())
		s.resolve(t, g, before[g.Entity.ID], in)
	}
	if err := s.leave(ctx, kind, t.going, &t.breaking); err != nil {
		return nil, err
	}
	t.back = t.returned(before, s.now())
	if kind != conversion.KindContact {
		return t, nil
	}
	return t, s.findCompanies(ctx, t)
}

// carryOut lets claims follow what identity decided, and notes it.
func (s *session) carryOut(t *taken, kind conversion.Kind, who identity.Settlement, before map[string]*summary, in intake) {
	schema, now := s.schemas[kind], s.now()
	into := make(map[string]string)
	for _, step := range who.Steps {
		t.noteStep(step, in.run, now)
		switch {
		case step.New:
			reconcile.Seat(step.From, step.To, step.Link, now)
			if e := step.From.Entity; len(step.From.Links) == 0 && len(e.Own) > 0 {
				e.Mark(conversion.LaneNews, now) // it has no record after all, and may want one
			}
		case step.Link != nil:
			reconcile.Move(step.From, step.To, step.Link, schema, now)
		default:
			adopt := slices.Clone(step.From.Links)
			reconcile.Combine(step.To, step.From, schema, now)
			into[step.From.Entity.ID] = step.To.Entity.ID
			knowLinks(before[step.To.Entity.ID], adopt...)
			continue
		}
		knowLinks(before[step.To.Entity.ID], step.Link)
		t.moves = append(t.moves, conversion.Move{Ref: step.Link.Ref, From: step.From.Entity.ID, To: step.To.Entity.ID})
	}
	heirs := make(map[string]bool)
	for _, i := range who.Inherited {
		reconcile.Inherit(i.Contact, i.Lead, s.conn.ClockOffset)
		heirs[i.Contact.EntityID] = true
	}
	for _, g := range who.Groups {
		if e := g.Entity; heirs[e.ID] && len(e.Own) > 0 { // what was to go to the lead may be left
			e.Dirty, e.Retry, e.Tries = now, 0, 0
		}
	}
	for _, g := range who.Groups {
		for next := into[g.Entity.Into]; next != ""; next = into[next] {
			g.Entity.Into = next // it leads to the last one
		}
	}
}

// knowLinks lets what became of links that came from elsewhere be told once, by how they
// came.
func knowLinks(sum *summary, links ...*conversion.Link) {
	if sum == nil {
		return
	}
	for _, l := range links {
		sum.links[l.Ref] = linkSummary{state: l.State}
	}
}

// noteHeld notes the records that are held or ignored now in the runs of their objects.
func (t *taken) noteHeld(rs *runs, g *conversion.Group, before *summary, now conversion.Moment) {
	for _, l := range g.Links {
		held := l.State == conversion.LinkHeld && (before == nil || before.links[l.Ref].state != conversion.LinkHeld)
		if run := rs.open[runKey{conversion.Inbound, l.Ref.Object}]; held && run != nil {
			t.lines = append(t.lines, conversion.RunLine{
				RunID: run.ID, Ref: l.Ref, EntityID: g.Entity.ID, Outcome: outcomeHeld, Message: l.Hold, At: now,
			})
		}
	}
}

// inboundOf is the open inbound run of the kind's records, "" when there is none.
func (rs *runs) inboundOf(kind conversion.Kind) string {
	for _, o := range kind.Objects() {
		if run := rs.open[runKey{conversion.Inbound, o}]; run != nil {
			return run.ID
		}
	}
	return ""
}
