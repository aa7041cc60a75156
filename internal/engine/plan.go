package engine

import (
	"context"
	"fmt"

	"conversion"
	"conversion/internal/reconcile"
)

// delivery is a batch whose intents are stored: what is sent, and for whom.
type delivery struct {
	runs   *runs
	kind   conversion.Kind
	writes []conversion.Write
	along  int // records that Salesforce deletes along
	// refused are the companies whose Accounts have Contacts that an admin wants to stay.
	refused map[string]bool
}

// plan decides what the entities need and stores it: intents, settled claims, and for
// those that need nothing now, when to look again. Nothing is sent before this is
// committed.
func (s *session) plan(ctx context.Context, rs *runs, kind conversion.Kind, ids []string, known present) (*delivery, error) {
	groups, err := s.books.Groups(ctx, conversion.GroupQuery{Kind: kind, IDs: ids})
	if err != nil {
		return nil, fmt.Errorf("load what is pushed: %w", err)
	}
	companies, err := s.companiesOf(ctx, kind, groups)
	if err != nil {
		return nil, err
	}
	if s.edits, err = s.editsInBulk(ctx, groups); err != nil {
		return nil, err
	}
	d := &delivery{runs: rs, kind: kind}
	var b conversion.Batch
	for _, g := range groups {
		before := g.Clone()
		p := s.planGroup(g, companies[companyKey(g.Entity)], known)
		if !known.covers(p) {
			before.Entity.Retry = s.now().Add(lookAgain)
			p = conversion.Plan{Group: before, Expect: before.Entity.Version}
		}
		p.Group = s.eraseDone(&b, p.Group)
		d.add(&b, p)
		b.Held = append(b.Held, s.heldRows(p.Group)...)
		if len(p.Writes) == 0 {
			b.Held = append(b.Held, reconcile.UnansweredRows(p.Group.Entity)...)
		}
	}
	if err := s.guard(ctx, d, &b); err != nil {
		return nil, err
	}
	if err := s.askEdits(ctx, &b); err != nil {
		return nil, err
	}
	return d, s.commit(ctx, b)
}

func (d *delivery) add(b *conversion.Batch, p conversion.Plan) {
	d.writes = append(d.writes, p.Writes...)
	b.Plans = append(b.Plans, p)
	for _, problem := range p.Problems {
		if problem.Held {
			b.Held = append(b.Held, heldRow(p.Group.Entity, problem))
		} else {
			b.Changes = append(b.Changes, conversion.Change{
				EntityID: p.Group.Entity.ID, Note: problem.Message,
				FieldChange: conversion.FieldChange{At: p.Group.Entity.Dirty},
			})
		}
	}
}

// planGroup decides about one entity, and when it is looked at next. While a create of its
// may still take effect it waits; once that is over, and nothing was found that it made, it
// is as if it had never been.
func (s *session) planGroup(g conversion.Group, c company, known present) conversion.Plan {
	e := g.Entity
	switch {
	case s.open(e):
		e.Retry = s.closes(e)
		return conversion.Plan{Group: g, Expect: e.Version}
	case e.Creating != nil && !known.made[e.ID]:
		e.Retry = s.now().Add(lookAgain)
		return conversion.Plan{Group: g, Expect: e.Version}
	case s.pending(e):
		return s.planAgain(g, c, known)
	}
	e.Creating = nil
	return s.planNext(g, c, known)
}

// planAgain repeats a create by our External Id field that may still take effect. Only the
// same is sent: of two that differ nobody could tell which is carried out last.
func (s *session) planAgain(g conversion.Group, c company, known present) conversion.Plan {
	before, earlier := g.Clone(), g.Entity.Creating
	g.Entity.Creating = nil
	plan := s.planNext(g, c, known)
	if now := plan.Group.Entity.Creating; reconcile.Repeats(earlier, now) {
		now.Again = true
		return plan
	}
	e := before.Entity
	e.Retry = s.closes(e)
	if held := plan.Group.Entity.Retry; len(plan.Writes) == 0 && held > s.now() {
		e.Retry = min(e.Retry, held)
	}
	return conversion.Plan{Group: before, Expect: e.Version}
}

// planNext decides about an entity of which no create is under way.
func (s *session) planNext(g conversion.Group, c company, known present) conversion.Plan {
	e := g.Entity
	schema := s.schemas[e.Kind]
	terms := s.termsFor(e)
	terms.CompanyName, terms.AccountID = c.name, c.accountID
	object, createParked := s.createAs(g)
	if object == "" {
		plan := reconcile.Send(g, schema, terms)
		filtered := s.filteredOut(g)
		plan.Left.Parked = plan.Left.Parked || createParked || len(filtered) > 0
		s.schedule(e, plan.Left, len(plan.Writes) > 0, false)
		if e.Tries == 0 { // else it was said already
			plan.Problems = append(plan.Problems, filtered...)
			e.Tries = min(len(filtered), 1)
		}
		return plan
	}
	if known.open[e.Key] {
		s.schedule(e, conversion.Left{Lacking: true}, false, false)
		return conversion.Plan{Group: g, Expect: e.Version}
	}
	if ref, taken := known.elsewhere[e.Key]; taken && e.Key != "" {
		s.schedule(e, conversion.Left{}, false, true)
		return conversion.Plan{Group: g, Expect: e.Version, Problems: []conversion.Problem{elsewhere(e, object, ref)}}
	}
	if until := reconcile.CreateHeld(e, s.rules, s.now()); until > 0 {
		s.schedule(e, conversion.Left{Held: until}, false, false)
		return conversion.Plan{Group: g, Expect: e.Version}
	}
	plan := reconcile.Create(g, schema, object, terms)
	s.schedule(e, plan.Left, len(plan.Writes) > 0, len(plan.Problems) > 0)
	return plan
}

// elsewhere says why an entity is not created whose key a record of another's carries.
func elsewhere(e *conversion.Entity, object conversion.Object, ref conversion.Ref) conversion.Problem {
	p := conversion.Problem{
		EntityID: e.ID, Ref: conversion.Ref{Object: object}, Held: true, Code: "key_elsewhere",
		Message: fmt.Sprintf("The %s %s has this e-mail address already and belongs to another contact, whose address was changed here.", ref.Object, ref.ID),
		Hint:    "Change the address in Salesforce, or combine the two contacts.",
	}
	if e.Kind == conversion.KindCompany {
		p.Message = fmt.Sprintf("The %s %s has this website already and belongs to another company, whose domain was changed here.", ref.Object, ref.ID)
		p.Hint = "Change the website in Salesforce, or combine the two companies."
	}
	return p
}

// createAs is reconcile's answer for those that the outbound filter admits (spec 4.2).
func (s *session) createAs(g conversion.Group) (o conversion.Object, parked bool) {
	o, parked = reconcile.CreateAs(g, s.rules)
	if o != "" && !s.admitted(g.Entity) {
		return "", false
	}
	return o, parked
}

func (s *session) admitted(e *conversion.Entity) bool {
	return s.options.OutboundFilter.For(e.Kind).Admits(e, s.schemas[e.Kind])
}

// filteredOut says in the timeline why nothing is created. It waits for another filter.
func (s *session) filteredOut(g conversion.Group) []conversion.Problem {
	if o, _ := reconcile.CreateAs(g, s.rules); o == "" || s.admitted(g.Entity) {
		return nil
	}
	return []conversion.Problem{{
		EntityID: g.Entity.ID, Code: "filtered_out", Message: "Not created in Salesforce: the outbound filter leaves it out.",
	}}
}
