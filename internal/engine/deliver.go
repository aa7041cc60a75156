package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

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
	stored := s.readBack(ctx, d, outcomes)
	err := settled(func() error { return s.confirm(ctx, d, outcomes, stored) })
	return joinFirst(err, failure)
}

func (s *session) startRuns(ctx context.Context, d *delivery) error {
	for _, w := range d.writes {
		if _, err := d.runs.start(ctx, conversion.Outbound, w.Ref.Object); err != nil {
			return fmt.Errorf("start a run: %w", err)
		}
	}
	return nil
}

// readBack reads what the successful writes left behind. When that fails the intents stay,
// and the next reading of the records tells.
func (s *session) readBack(ctx context.Context, d *delivery, outcomes []conversion.Outcome) map[conversion.Ref]*conversion.Record {
	var refs []conversion.Ref
	for i, w := range d.writes {
		if outcomes[i].ID != "" && w.Action != conversion.ActionDelete {
			refs = append(refs, conversion.Ref{Object: w.Ref.Object, ID: outcomes[i].ID})
		}
	}
	stored := make(map[conversion.Ref]*conversion.Record, len(refs))
	if len(refs) == 0 {
		return stored
	}
	records, err := s.remote.Target.Read(ctx, s.schemas[d.kind], refs)
	if err != nil {
		s.log.Warn("reading back failed; the next pull does it", "error", err)
		return stored
	}
	for i := range records {
		stored[records[i].Ref] = &records[i]
	}
	return stored
}

// confirm stores the outcomes on the groups as they are now: what was sent is settled,
// what was refused is held, and what is left is scheduled (spec 4.7, 4.9).
func (s *session) confirm(ctx context.Context, d *delivery, outcomes []conversion.Outcome, stored map[conversion.Ref]*conversion.Record) error {
	groups, err := s.books.Groups(ctx, conversion.GroupQuery{Kind: d.kind, IDs: d.entityIDs(), Refs: d.made(outcomes)})
	if err != nil {
		return fmt.Errorf("load what was sent: %w", err)
	}
	c := confirmation{session: s, d: d, counts: make(map[string]conversion.Counts), delays: make(map[string]conversion.Moment)}
	byID := make(map[string]conversion.Group, len(groups))
	for _, g := range groups {
		byID[g.Entity.ID] = g
	}
	for i, w := range d.writes {
		if g, ok := byID[w.EntityID]; ok && g.Entity.Into != "" {
			w.EntityID = g.Entity.Into // combined meanwhile
		}
		if g, ok := byID[w.EntityID]; ok {
			if w.Action == conversion.ActionCreate && outcomes[i].ID != "" {
				g = c.reclaim(g, conversion.Ref{Object: w.Ref.Object, ID: outcomes[i].ID}, byID)
			}
			g = c.take(g, w, outcomes[i], stored)
			byID[w.EntityID] = g
		}
	}
	for _, g := range byID {
		c.finish(g)
	}
	return c.commit(ctx)
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

// reclaim takes a record that was made for g from another entity: a pull that ran beside
// the request met the record first, could not tell whose it is, and made a company for it.
// One that is left with nothing is gone again.
func (c *confirmation) reclaim(g conversion.Group, ref conversion.Ref, byID map[string]conversion.Group) conversion.Group {
	for id, other := range byID {
		l := other.Link(ref)
		if l == nil || id == g.Entity.ID {
			continue
		}
		other.Links = slices.DeleteFunc(slices.Clone(other.Links), func(l *conversion.Link) bool { return l.Ref == ref })
		if len(other.Links) == 0 && len(other.Entity.Own) == 0 {
			other.Entity.Deleted, other.Entity.Key, other.Entity.Into = c.now(), "", g.Entity.ID
		}
		byID[id] = other
	}
	return g
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
	d      *delivery
	batch  conversion.Batch
	counts map[string]conversion.Counts // by run
	delays map[string]conversion.Moment // by entity: not before
}

// take applies one outcome to its group.
func (c *confirmation) take(g conversion.Group, w conversion.Write, o conversion.Outcome, stored map[conversion.Ref]*conversion.Record) conversion.Group {
	gone := o.Failure != nil && o.Failure.Gone && w.Action != conversion.ActionCreate
	switch {
	case o.Unknown:
		c.delay(g.Entity, quickBackoff)
	case gone:
		c.lost(g, w)
	case o.Failure != nil:
		c.refuse(g, w, o.Failure)
	case o.ID == "":
		c.unsent(g, w)
	case w.Action == conversion.ActionCreate:
		g = c.created(g, w, conversion.Ref{Object: w.Ref.Object, ID: o.ID}, stored)
	case w.Action == conversion.ActionDelete:
		c.lost(g, w)
	default:
		if l := g.Link(w.Ref); l != nil {
			reconcile.Confirm(g, l, w, stored[w.Ref], c.schemas[c.d.kind], c.terms())
			if stored[w.Ref] == nil {
				c.delays[g.Entity.ID] = c.now().Add(unconfirmedAfter)
			}
			c.done(g, w, w.Ref, outcomeUpdated)
		}
	}
	return g
}

// created links the record that a create made, unless a pull was faster.
func (c *confirmation) created(g conversion.Group, w conversion.Write, ref conversion.Ref, stored map[conversion.Ref]*conversion.Record) conversion.Group {
	schema := c.schemas[c.d.kind]
	if l := g.Link(ref); l != nil {
		g.Entity.Creating = nil
		reconcile.Confirm(g, l, w, stored[ref], schema, c.terms())
	} else {
		began := c.now()
		if g.Entity.Creating != nil {
			began = g.Entity.Creating.At
		}
		l = reconcile.Created(g, ref.ID, w, stored[ref], schema, c.terms())
		if l.Linked = began; !g.Entity.Live() { // deleted meanwhile: its deletion goes there too
			l.State = conversion.LinkIgnored
		}
		at, _ := slices.BinarySearchFunc(g.Links, ref, func(l *conversion.Link, r conversion.Ref) int { return compareRefs(l.Ref, r) })
		g.Links = slices.Insert(g.Links, at, l)
	}
	c.done(g, w, ref, outcomeCreated)
	return g
}

// lost ends the link of a record that is gone from Salesforce: because we deleted it, or
// because somebody did before us.
func (c *confirmation) lost(g conversion.Group, w conversion.Write) {
	if l := g.Link(w.Ref); l != nil {
		reconcile.Refuse(l, w)
		l.State = conversion.LinkDeleted
	}
	if w.Action != conversion.ActionDelete {
		c.line(g, w, w.Ref, outcomeSkipped, "It was deleted in Salesforce meanwhile.")
		return
	}
	c.done(g, w, w.Ref, outcomeDeleted)
}

// done notes a write that took effect.
func (c *confirmation) done(g conversion.Group, w conversion.Write, ref conversion.Ref, outcome string) {
	c.line(g, w, ref, outcome, "")
	verb := map[string]string{outcomeCreated: "created as ", outcomeUpdated: "sent to ", outcomeDeleted: "deleted: "}[outcome]
	c.batch.Changes = append(c.batch.Changes, conversion.Change{
		EntityID: g.Entity.ID, RunID: c.runOf(w), Rule: ruleOf(g.Entity.Kind, w.Action), Note: noteOf(verb, ref.Object, w.Fields),
		FieldChange: conversion.FieldChange{From: ref, At: c.now()},
	})
}

func noteOf(verb string, o conversion.Object, fields []conversion.FieldWrite) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Field)
	}
	if len(names) == 0 {
		return verb + string(o)
	}
	return verb + string(o) + " (" + strings.Join(names, ", ") + ")"
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
	c.batch.Plans = append(c.batch.Plans, conversion.Plan{Group: g, Expect: e.Version})
	c.batch.Held = append(c.batch.Held, c.heldRows(g)...)
}

// rest looks whether more is to be sent, edits that were made meanwhile among it.
func (c *confirmation) rest(g conversion.Group) {
	plan := reconcile.Send(g.Clone(), c.schemas[c.d.kind], c.terms())
	object, _ := c.createAs(g)
	if held := reconcile.CreateHeld(g.Entity, c.now()); object != "" && held > 0 {
		plan.Left.Held = held
	} else if len(plan.Writes) > 0 || object != "" {
		g.Entity.Retry = 0
		return
	}
	c.schedule(g.Entity, plan.Left, false, false)
}

// commit stores everything, and the counts of the runs.
func (c *confirmation) commit(ctx context.Context) error {
	slices.SortFunc(c.batch.Plans, func(a, b conversion.Plan) int { return cmp.Compare(a.Group.Entity.ID, b.Group.Entity.ID) })
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
