package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"conversion"
	"conversion/internal/reconcile"
)

// deliver sends the writes whose intents are stored, reads back what Salesforce made of
// them, and stores the outcome.
func (s *session) deliver(ctx context.Context, d *delivery) error {
	if err := s.startRuns(ctx, d); err != nil {
		return err
	}
	if err := s.cfg.Step("write"); err != nil {
		return err
	}
	outcomes, failure := s.remote.Target.Write(ctx, d.writes, conversion.WriteOptions{AssignmentRules: s.options.AssignmentRules})
	for len(outcomes) < len(d.writes) {
		outcomes = append(outcomes, conversion.Outcome{})
	}
	if err := s.cfg.Step("read back"); err != nil {
		return err
	}
	c := confirmation{session: s, d: d, outcomes: outcomes}
	c.stored, c.blind = s.readBack(ctx, d, outcomes)
	matches, err := s.readMatches(ctx, d, outcomes)
	failure = joinFirst(failure, err)
	c.matches = byRef(matches)
	if err := settled(func() error { return c.confirm(ctx) }); err != nil {
		return err
	}
	return joinFirst(s.takeIn(ctx, d.kind, c.gone, intake{}), failure)
}

func byRef(records []conversion.Record) map[conversion.Ref]*conversion.Record {
	all := make(map[conversion.Ref]*conversion.Record, len(records))
	for i := range records {
		all[records[i].Ref] = &records[i]
	}
	return all
}

func (s *session) startRuns(ctx context.Context, d *delivery) error {
	for _, w := range d.writes {
		if _, err := d.runs.start(ctx, conversion.Outbound, w.Ref.Object); err != nil {
			return fmt.Errorf("start a run: %w", err)
		}
	}
	return nil
}

// readBack reads what the successful writes left behind, and what became of records that
// could not be written because they are gone or converted. When that fails the intents
// stay, and the next reading of the records tells.
func (s *session) readBack(ctx context.Context, d *delivery, outcomes []conversion.Outcome) (stored map[conversion.Ref]*conversion.Record, blind bool) {
	var refs []conversion.Ref
	for i, w := range d.writes {
		switch o := outcomes[i]; {
		case w.Action == conversion.ActionDelete:
		case o.ID != "":
			refs = append(refs, conversion.Ref{Object: w.Ref.Object, ID: o.ID})
		case isGone(w, o):
			refs = append(refs, w.Ref)
		}
	}
	if len(refs) == 0 {
		return nil, false
	}
	records, err := s.remote.Target.Read(ctx, s.schemas[d.kind], refs)
	if err != nil {
		s.log.Warn("reading back failed; the next pull does it", "error", err)
	}
	return byRef(records), err != nil
}

// isGone reports whether a write found its record deleted, converted or out of sight.
func isGone(w conversion.Write, o conversion.Outcome) bool {
	return w.Action != conversion.ActionCreate && o.Failure != nil && o.Failure.Gone
}

// confirm stores the outcomes on the groups as they are now: what was sent is settled,
// what was refused is held, and what is left is scheduled (spec 4.7, 4.9).
func (c *confirmation) confirm(ctx context.Context) error {
	made := c.d.made(c.outcomes)
	groups, err := c.books.Groups(ctx, conversion.GroupQuery{
		Kind: c.d.kind, IDs: c.d.entityIDs(), Refs: append(made, slices.Collect(maps.Keys(c.matches))...),
	})
	if err != nil {
		return fmt.Errorf("load what was sent: %w", err)
	}
	c.begin(groups)
	for i, w := range c.d.writes {
		if g, ok := c.groups[w.EntityID]; ok && g.Entity.Into != "" {
			w.EntityID = g.Entity.Into // combined meanwhile
		}
		g, ok := c.groups[w.EntityID]
		if !ok {
			continue
		}
		if w.Action == conversion.ActionCreate && c.outcomes[i].ID != "" {
			g = c.reclaim(g, conversion.Ref{Object: w.Ref.Object, ID: c.outcomes[i].ID})
		}
		c.groups[w.EntityID] = c.take(g, w, c.outcomes[i])
		c.touched[w.EntityID] = true
	}
	for id := range c.touched {
		c.finish(c.groups[id])
	}
	return c.commit(ctx)
}

// begin forgets what an earlier try came to.
func (c *confirmation) begin(groups []conversion.Group) {
	c.batch, c.gone, c.deleted = conversion.Batch{}, nil, 0
	c.counts, c.delays = make(map[string]conversion.Counts), make(map[string]conversion.Moment)
	c.taken = make(map[conversion.Ref]conversion.Write)
	c.groups, c.touched = make(map[string]conversion.Group, len(groups)), make(map[string]bool)
	for _, g := range groups {
		c.groups[g.Entity.ID] = g
	}
}

// made returns the records that were created.
func (d *delivery) made(outcomes []conversion.Outcome) []conversion.Ref {
	var refs []conversion.Ref
	for i, w := range d.writes {
		if w.Action == conversion.ActionCreate && outcomes[i].ID != "" {
			refs = append(refs, conversion.Ref{Object: w.Ref.Object, ID: outcomes[i].ID})
		}
	}
	return refs
}

func (d *delivery) entityIDs() []string {
	var ids []string
	for _, w := range d.writes {
		ids = append(ids, w.EntityID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// confirmation gathers what the outcomes of one delivery come to.
type confirmation struct {
	*session
	d        *delivery
	outcomes []conversion.Outcome
	stored   map[conversion.Ref]*conversion.Record // as read back
	blind    bool                                  // reading back failed
	matches  map[conversion.Ref]*conversion.Record // what creates were taken for duplicates of
	groups   map[string]conversion.Group           // by entity
	touched  map[string]bool                       // entities to store
	batch    conversion.Batch
	counts   map[string]conversion.Counts        // by run
	delays   map[string]conversion.Moment        // by entity: not before
	taken    map[conversion.Ref]conversion.Write // updates that Salesforce took
	deleted  int                                 // records
	gone     []conversion.Record                 // records that are to be observed: they could not be written any more
}

// take applies one outcome to its group.
func (c *confirmation) take(g conversion.Group, w conversion.Write, o conversion.Outcome) conversion.Group {
	create := w.Action == conversion.ActionCreate
	switch {
	case o.Unknown:
		c.unanswered(g, w)
	case isGone(w, o):
		c.notThere(g, w)
	case create && o.Failure != nil && len(o.Failure.Duplicates) > 0:
		return c.duplicate(g, w, o.Failure)
	case o.Failure != nil:
		c.refuse(g, w, o.Failure)
	case o.ID == "":
		c.unsent(g, w)
	case create:
		return c.created(g, w, conversion.Ref{Object: w.Ref.Object, ID: o.ID})
	case w.Action == conversion.ActionDelete:
		c.lost(g, w)
	default:
		c.updated(g, w)
	}
	return g
}

// unanswered notes when a request ended without an answer: from now on it can take effect
// for no longer than Salesforce's longest transaction (spec 4.3).
func (c *confirmation) unanswered(g conversion.Group, w conversion.Write) {
	if e := g.Entity; w.Action == conversion.ActionCreate && e.Creating != nil {
		e.Creating.Lost = c.now()
	} else if l := g.Link(w.Ref); l != nil {
		reconcile.Unanswered(l, w, c.now())
	}
	c.delay(g.Entity, quickBackoff)
}

// updated takes the answer to an update. While Salesforce does not show it yet, or it could
// not be read back, the intents stay and the record is read again soon.
func (c *confirmation) updated(g conversion.Group, w conversion.Write) {
	l := g.Link(w.Ref)
	if l == nil {
		return
	}
	if !reconcile.Confirm(g, l, w, c.stored[w.Ref], c.schemas[c.d.kind], c.terms()) {
		c.delays[g.Entity.ID] = c.now().Add(unconfirmedAfter)
	}
	c.taken[w.Ref] = w
	c.done(g, w, w.Ref, outcomeUpdated)
}

// created links the record that a create made, unless a pull was faster; one that has moved
// on from the entity since stays where it went.
func (c *confirmation) created(g conversion.Group, w conversion.Write, ref conversion.Ref) conversion.Group {
	schema := c.schemas[c.d.kind]
	if l := g.Link(ref); l == nil && movedOn(g, ref) && c.linked(ref) {
		g.Entity.Creating = nil
	} else if l != nil {
		g.Entity.Creating = nil
		reconcile.Confirm(g, l, w, c.stored[ref], schema, c.terms())
	} else {
		began := c.now()
		if g.Entity.Creating != nil {
			began = g.Entity.Creating.At
		}
		l := reconcile.Created(g, ref.ID, w, c.stored[ref], schema, c.terms())
		if l.Linked = began; !g.Entity.Live() { // deleted meanwhile: its deletion goes there too
			l.State = conversion.LinkIgnored
		}
		g = c.withLink(g, l)
	}
	c.done(g, w, ref, outcomeCreated)
	return g
}

// notThere deals with a record that was deleted or converted between our reading and our
// write: what it is now is observed, and identity decides where its link goes (spec 3.8,
// 3.10).
func (c *confirmation) notThere(g conversion.Group, w conversion.Write) {
	rec := c.stored[w.Ref]
	switch {
	case rec == nil && !c.blind:
		c.lost(g, w)
	case rec == nil || rec.Live(): // it is not known, or it was only for a moment
		c.unsent(g, w)
	default:
		c.drop(g, w)
		c.gone = append(c.gone, *rec)
		c.line(g, w, w.Ref, outcomeSkipped, goneMessage(rec))
	}
}

func goneMessage(rec *conversion.Record) string {
	if rec.Converted {
		return "The lead was converted in Salesforce meanwhile; what it became is written in its place."
	}
	return "It was deleted in Salesforce meanwhile."
}

// lost ends the link of a record that is gone from Salesforce: because we deleted it, or
// because somebody did before us.
func (c *confirmation) lost(g conversion.Group, w conversion.Write) {
	if l := g.Link(w.Ref); l != nil {
		reconcile.Refuse(l, w)
		l.State = conversion.LinkDeleted
		l.Pending = w.Action != conversion.ActionDelete // the next pull tells whether it was the last
	}
	if w.Action != conversion.ActionDelete {
		c.line(g, w, w.Ref, outcomeSkipped, "It was deleted in Salesforce meanwhile.")
		return
	}
	c.deleted++
	c.done(g, w, w.Ref, outcomeDeleted)
}

// done notes a write that took effect.
func (c *confirmation) done(g conversion.Group, w conversion.Write, ref conversion.Ref, outcome string) {
	c.line(g, w, ref, outcome, "")
	verb := map[string]string{outcomeCreated: "created as ", outcomeUpdated: "sent to ", outcomeDeleted: "deleted: "}[outcome]
	c.batch.Changes = append(c.batch.Changes, conversion.Change{
		EntityID: g.Entity.ID, RunID: c.runOf(w), Rule: ruleOf(g.Entity.Kind, w.Action), Note: verb + string(ref.Object), Sent: w.Fields,
		FieldChange: conversion.FieldChange{From: ref, At: c.now()},
	})
}

// ruleOf is the API name of the rule that a write follows.
func ruleOf(k conversion.Kind, a conversion.Action) string {
	noun := map[conversion.Kind]string{conversion.KindContact: "contacts", conversion.KindCompany: "companies"}[k]
	return noun + "_" + map[conversion.Action]string{
		conversion.ActionCreate: "created", conversion.ActionUpdate: "updated", conversion.ActionDelete: "deleted",
	}[a]
}

func (c *confirmation) runOf(w conversion.Write) string {
	return c.d.runs.open[runKey{conversion.Outbound, w.Ref.Object}].ID
}

func (c *confirmation) line(g conversion.Group, w conversion.Write, ref conversion.Ref, outcome, message string) {
	run := c.runOf(w)
	c.counts[run] = tally(c.counts[run], outcome)
	c.batch.Lines = append(c.batch.Lines, conversion.RunLine{
		RunID: run, Ref: ref, EntityID: g.Entity.ID, Outcome: outcome, Message: message, At: c.now(),
	})
}

// finish recomputes a group's values, for an answer may have changed them, and schedules
// what is left.
func (c *confirmation) finish(g conversion.Group) {
	e := g.Entity
	for _, change := range reconcile.Resolve(g, c.schemas[e.Kind]) {
		c.batch.Changes = append(c.batch.Changes, conversion.Change{EntityID: e.ID, FieldChange: change})
	}
	if at, delayed := c.delays[e.ID]; delayed {
		e.Retry = at
	} else {
		c.rest(g)
	}
	c.batch.Went = append(c.batch.Went, c.editsGone(g)...)
	g = c.eraseDone(&c.batch, g)
	c.batch.Plans = append(c.batch.Plans, conversion.Plan{Group: g, Expect: e.Version})
	c.batch.Held = append(append(c.batch.Held, c.heldRows(g)...), reconcile.UnansweredRows(g.Entity)...)
}

// rest looks whether more is to be sent, edits that were made meanwhile among it.
func (c *confirmation) rest(g conversion.Group) {
	plan := reconcile.Send(g.Clone(), c.schemas[c.d.kind], c.termsFor(g.Entity))
	object, _ := c.createAs(g)
	if held := reconcile.CreateHeld(g.Entity, c.rules, c.now()); object != "" && held > 0 {
		plan.Left.Held = held
	} else if c.onlyRepeats(plan.Writes) {
		g.Entity.Retry = c.now().Add(unconfirmedAfter)
		return
	} else if len(plan.Writes) > 0 || object != "" {
		g.Entity.Retry = 0
		return
	}
	c.schedule(g.Entity, plan.Left, false, false)
}

// onlyRepeats reports whether the writes are there and would send just what Salesforce took
// now: what it says of the record is no answer yet, as when its clock was put back.
func (c *confirmation) onlyRepeats(writes []conversion.Write) bool {
	return len(writes) > 0 && !slices.ContainsFunc(writes, func(w conversion.Write) bool {
		return slices.ContainsFunc(w.Fields, func(f conversion.FieldWrite) bool {
			return !slices.ContainsFunc(c.taken[w.Ref].Fields, func(s conversion.FieldWrite) bool { return s.Var == f.Var && s.Number == f.Number })
		})
	})
}

// commit stores everything, and the counts of the runs.
func (c *confirmation) commit(ctx context.Context) error {
	slices.SortFunc(c.batch.Plans, func(a, b conversion.Plan) int { return cmp.Compare(a.Group.Entity.ID, b.Group.Entity.ID) })
	if err := c.breaker(ctx); err != nil {
		return err
	}
	if err := c.session.commit(ctx, c.batch); err != nil {
		return err
	}
	for run, counts := range c.counts {
		if err := c.session.commit(ctx, conversion.Batch{RunID: run, Counts: counts}); err != nil {
			return fmt.Errorf("count a run: %w", err)
		}
	}
	return nil
}
