package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"conversion"
	"conversion/internal/reconcile"
)

// pushBatch is how many entities are pushed together: a collection's worth (spec 4.1).
const pushBatch = 200

// Push sends what changed in Conversion, if the rules allow any of it. ErrBusy: another
// worker is pushing already.
func (e *Engine) Push(ctx context.Context, workspaceID string) error {
	return e.with(ctx, workspaceID, "push", func(ctx context.Context, s *session) error {
		if err := s.connect(ctx); err != nil {
			return err
		}
		rs := newRuns(s, "change")
		err := s.push(ctx, rs)
		if err != nil {
			rs.fail(context.WithoutCancel(ctx), err)
		}
		return err
	})
}

// pushUnder pushes as a part of a cycle, under the push's own lease. When a push is
// running already, that one does the work.
func (s *session) pushUnder(ctx context.Context, rs *runs) error {
	err := s.with(ctx, s.workspace, "push", func(ctx context.Context, p *session) error {
		p.remote, p.conn, p.rules, p.options, p.schemas = s.remote, s.conn, s.rules, s.options, s.schemas
		return p.push(ctx, rs)
	})
	if errors.Is(err, ErrBusy) {
		err = nil
	}
	return joinFirst(err, rs.settleOutbound(ctx))
}

// push drains the dirty entities, companies before contacts (spec 4.5), in batches that are
// each planned, stored, sent and confirmed before the next.
func (s *session) push(ctx context.Context, rs *runs) error {
	const died = "The process stopped before it was done; what was unfinished is planned again."
	if err := s.books.FailRunning(ctx, conversion.Outbound, s.now(), died); err != nil {
		return fmt.Errorf("close abandoned runs: %w", err)
	}
	for _, kind := range []conversion.Kind{conversion.KindCompany, conversion.KindContact} {
		for {
			groups, err := s.books.Dirty(ctx, kind, s.now(), pushBatch)
			if err != nil {
				return fmt.Errorf("load what waits to be sent: %w", err)
			}
			if len(groups) == 0 {
				break
			}
			work := func() error { return s.pushGroups(ctx, rs, kind, groups) }
			if err := s.onFieldsChanged(ctx, work); err != nil {
				return fmt.Errorf("push: %w", err)
			}
		}
	}
	return rs.settleOutbound(ctx)
}

// pushGroups brings one batch as far as it can go. Every group of it is stored in the end,
// with what is left to do and when.
func (s *session) pushGroups(ctx context.Context, rs *runs, kind conversion.Kind, groups []conversion.Group) error {
	ids := entityIDs(groups)
	companies, err := s.companiesOf(ctx, kind, groups)
	if err != nil {
		return err
	}
	var known present
	if s.wouldWrite(groups, companies) {
		if known, err = s.readPresent(ctx, rs, kind, groups); err != nil {
			return err
		}
	}
	var d *delivery
	err = settled(func() (err error) {
		d, err = s.plan(ctx, rs, kind, ids, known)
		return err
	})
	if err != nil || len(d.writes) == 0 {
		return err
	}
	return s.deliver(ctx, d)
}

// wouldWrite reports whether anything of the batch might be written by the rules of now:
// without, Salesforce need not be asked.
func (s *session) wouldWrite(groups []conversion.Group, companies map[string]company) bool {
	return slices.ContainsFunc(groups, func(g conversion.Group) bool {
		g = g.Clone()
		if o, _ := s.createAs(g); o != "" {
			return true
		}
		terms := s.terms()
		terms.AccountID = companies[companyKey(g.Entity)].accountID
		plan := reconcile.Send(g, s.schemas[g.Entity.Kind], terms)
		return len(plan.Writes) > 0 || plan.Left.Waiting
	})
}

// present is what was asked for just before a write.
type present struct {
	refs map[conversion.Ref]bool // records whose values were read
	keys map[string]bool         // e-mails or domains that were looked up
}

func newPresent(refs []conversion.Ref, keys []string, found []conversion.Record) present {
	p := present{make(map[conversion.Ref]bool), make(map[string]bool)}
	for _, r := range refs {
		p.refs[r] = true
	}
	for _, key := range keys {
		p.keys[key] = true
	}
	for i := range found {
		p.refs[found[i].Ref] = true
	}
	return p
}

// covers reports whether everything that the plan writes was asked for: an edit that came
// in between may want more.
func (p present) covers(plan conversion.Plan) bool {
	return !slices.ContainsFunc(plan.Writes, func(w conversion.Write) bool {
		if w.Action == conversion.ActionCreate {
			key := plan.Group.Entity.Key
			return key != "" && !p.keys[key]
		}
		return !p.refs[w.Ref]
	})
}

// readPresent takes in what the records hold right now, so that a change made there is
// never overwritten unseen (spec 4.6), and links records that are there already to entities
// that would be created (spec 4.2).
func (s *session) readPresent(ctx context.Context, rs *runs, kind conversion.Kind, groups []conversion.Group) (present, error) {
	refs, keys := s.toRead(groups)
	var records, found []conversion.Record
	var err error
	if len(refs) > 0 {
		if err := s.cfg.Step("read before write"); err != nil {
			return present{}, err
		}
		if records, err = s.remote.Target.Read(ctx, s.schemas[kind], refs); err != nil {
			return present{}, fmt.Errorf("read before writing: %w", err)
		}
	}
	if len(keys) > 0 {
		if err := s.cfg.Step("look up"); err != nil {
			return present{}, err
		}
		if found, err = s.remote.Lookup.ByKey(ctx, s.schemas[kind], keys); err != nil {
			return present{}, fmt.Errorf("look up before creating: %w", err)
		}
	}
	if err := s.takeIn(ctx, kind, records, intake{}); err != nil {
		return present{}, err
	}
	return newPresent(refs, keys, found), s.takeIn(ctx, kind, found, intake{unsettled: true})
}

// takeIn stores observations made on the way to a write.
func (s *session) takeIn(ctx context.Context, kind conversion.Kind, records []conversion.Record, in intake) error {
	if len(records) == 0 {
		return nil
	}
	return settled(func() error {
		t, err := s.absorb(ctx, kind, records, in)
		if err != nil || t.empty() {
			return err
		}
		return s.commit(ctx, t.batch(""))
	})
}

// toRead lists the records of a batch that may be written, and the keys to look up before
// anything is created.
func (s *session) toRead(groups []conversion.Group) (refs []conversion.Ref, keys []string) {
	for _, g := range groups {
		for _, l := range g.Links {
			if l.Live() || (!g.Entity.Live() && l.State == conversion.LinkIgnored) {
				refs = append(refs, l.Ref)
			}
		}
		if o, _ := s.createAs(g); o != "" && g.Entity.Key != "" {
			keys = append(keys, g.Entity.Key)
		}
	}
	slices.Sort(keys)
	return refs, slices.Compact(keys)
}

// delivery is a batch whose intents are stored: what is sent, and for whom.
type delivery struct {
	runs   *runs
	kind   conversion.Kind
	groups map[string]conversion.Group // by entity id, as committed
	writes []conversion.Write
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
	d := &delivery{runs: rs, kind: kind, groups: make(map[string]conversion.Group)}
	var b conversion.Batch
	for _, g := range groups {
		before := g.Clone()
		p := s.planGroup(g, companies[companyKey(g.Entity)])
		if !known.covers(p) {
			s.wait(before.Entity, s.now().Add(lookAgain))
			p = conversion.Plan{Group: before, Expect: before.Entity.Version}
		}
		d.add(&b, p)
	}
	if err := s.guard(ctx, d, &b); err != nil {
		return nil, err
	}
	if err := s.commit(ctx, b); err != nil {
		return nil, err
	}
	for _, p := range b.Plans {
		p.Group.Entity.Version = p.Expect + 1
		d.groups[p.Group.Entity.ID] = p.Group
	}
	return d, nil
}

func (d *delivery) add(b *conversion.Batch, p conversion.Plan) {
	d.writes = append(d.writes, p.Writes...)
	b.Plans = append(b.Plans, p)
	b.Held = append(b.Held, heldLinks(p.Group)...)
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

// planGroup decides about one entity, and when it is looked at next.
func (s *session) planGroup(g conversion.Group, c company) conversion.Plan {
	schema := s.schemas[g.Entity.Kind]
	terms := s.terms()
	terms.CompanyName, terms.AccountID = c.name, c.accountID
	e := g.Entity
	object, createParked := s.createAs(g)
	switch {
	case object == "":
		plan := reconcile.Send(g, schema, terms)
		plan.Left.Parked = plan.Left.Parked || createParked
		plan.Problems = append(plan.Problems, s.filteredOut(g)...)
		s.schedule(e, plan.Left, len(plan.Writes) > 0, false)
		return plan
	case e.Creating.Pending(s.now(), s.options.UnknownOutcome()):
		s.wait(e, e.Creating.At.Add(s.options.UnknownOutcome()))
		return conversion.Plan{Group: g, Expect: e.Version}
	case e.Creating != nil && e.Creating.Sent && e.Key == "":
		return s.undecided(g)
	}
	plan := reconcile.Create(g, schema, object, terms)
	if e.Creating != nil {
		e.Creating.Sent = true
	}
	s.schedule(e, plan.Left, len(plan.Writes) > 0, len(plan.Problems) > 0)
	return plan
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

// filteredOut says in the timeline why nothing is created.
func (s *session) filteredOut(g conversion.Group) []conversion.Problem {
	if o, _ := reconcile.CreateAs(g, s.rules); o == "" || s.admitted(g.Entity) {
		return nil
	}
	return []conversion.Problem{{
		EntityID: g.Entity.ID, Code: "filtered_out", Message: "Not created in Salesforce: the outbound filter leaves it out.",
	}}
}

// undecided holds a create of unknown outcome whose record cannot be looked up: it has no
// domain to be found by. A person decides (spec 4.3).
func (s *session) undecided(g conversion.Group) conversion.Plan {
	g.Entity.Retry = conversion.ParkedRetry
	return conversion.Plan{Group: g, Expect: g.Entity.Version, Problems: []conversion.Problem{{
		EntityID: g.Entity.ID, Ref: conversion.Ref{Object: g.Entity.Creating.Object}, Held: true, Code: "UNKNOWN_OUTCOME",
		Message: "Salesforce did not answer whether it was created, and without a domain it cannot be looked up.",
		Hint:    "Look for it in Salesforce. Giving it a domain here lets the next sync find or create it.",
	}}}
}

// schedule says when a dirty entity is looked at next: soon while something is under way
// (the confirmation brings that forward), never when nothing is left.
func (s *session) schedule(e *conversion.Entity, left conversion.Left, underWay, held bool) {
	switch {
	case underWay || left.Waiting:
		s.wait(e, s.now().Add(unconfirmedAfter))
	case held:
		e.Tries++
		s.wait(e, s.now().Add(slowBackoff(e.Tries)))
	case left.Lacking:
		s.wait(e, s.now().Add(lackingAfter))
	case left.Parked:
		e.Retry = conversion.ParkedRetry
	default:
		e.Dirty, e.Retry, e.Tries = 0, 0, 0
	}
}

func (s *session) wait(e *conversion.Entity, until conversion.Moment) { e.Retry = until }

// lookAgain is when an entity that was edited while Salesforce was asked is planned again.
const lookAgain = time.Second

// unconfirmedAfter is when an entity whose writes were never confirmed is planned again.
const unconfirmedAfter = 30 * time.Second

// lackingAfter is when a contact is looked at again whose company had no Account.
const lackingAfter = 5 * time.Minute

// quickBackoff is for failures that go away by themselves: 15 s, doubling, 15 min at most.
func quickBackoff(tries int) time.Duration {
	return min(15*time.Second<<min(tries-1, 10), 15*time.Minute)
}

// slowBackoff is for those that wait for a person: 1 h, doubling, a day at most.
func slowBackoff(tries int) time.Duration {
	return min(time.Hour<<min(tries-1, 5), 24*time.Hour)
}

func (s *session) terms() reconcile.Terms {
	return reconcile.Terms{Rules: s.rules, Now: s.now(), Wait: s.options.UnknownOutcome(), Self: s.conn.UserID}
}

// company is what a contact's records get of its company.
type company struct{ name, accountID string }

// companiesOf loads the companies of contacts, by id: their name, and their most recently
// updated Account (spec 4.4, 4.5).
func (s *session) companiesOf(ctx context.Context, kind conversion.Kind, contacts []conversion.Group) (map[string]company, error) {
	if kind != conversion.KindContact {
		return nil, nil
	}
	q := conversion.GroupQuery{Kind: conversion.KindCompany}
	for _, g := range contacts {
		key := companyKey(g.Entity)
		if domain, derived := strings.CutPrefix(key, derivedBy); derived {
			q.Keys = append(q.Keys, domain)
		} else if key != "" {
			q.IDs = append(q.IDs, key)
		}
	}
	if len(q.IDs)+len(q.Keys) == 0 {
		return nil, nil
	}
	groups, err := s.books.Groups(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("load the companies of contacts: %w", err)
	}
	found := make(map[string]company)
	for _, g := range groups {
		if g.Entity.Live() {
			c := company{sendableName(g.Entity), newestAccount(g)}
			found[g.Entity.ID], found[derivedBy+g.Entity.Key] = c, c
		}
	}
	return found, nil
}

// sendableName is the company's name, "" when it is ours alone: a value that was made with
// sync_to_crm: false is not sent as Lead.Company either (spec 5.4).
func sendableName(e *conversion.Entity) string {
	name, own := e.Resolved(conversion.NameVar), e.OwnClaim(conversion.NameVar)
	if name != nil && name.From.Zero() && own != nil && own.Reach == 0 {
		return ""
	}
	return e.Name
}

// derivedBy marks the key of a company that only an e-mail's domain tells (spec 3.15).
const derivedBy = "@"

// companyKey says how a contact's company is found: by its id, or by the domain of its
// e-mail; "" when it has none.
func companyKey(e *conversion.Entity) string {
	if e.Company != "" {
		return e.Company
	}
	if domain := conversion.EmailDomain(e.Key); domain != "" && !conversion.FreeMail(domain) {
		return derivedBy + domain
	}
	return ""
}

func newestAccount(g conversion.Group) string {
	var newest *conversion.Link
	for _, l := range g.Links {
		if l.Live() && (newest == nil || l.Reading.Modified > newest.Reading.Modified) {
			newest = l
		}
	}
	if newest == nil {
		return ""
	}
	return newest.Ref.ID
}

func entityIDs(groups []conversion.Group) []string {
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = g.Entity.ID
	}
	return ids
}

func heldRow(e *conversion.Entity, p conversion.Problem) conversion.Held {
	return conversion.Held{
		EntityID: e.ID, Ref: p.Ref, Code: p.Code, Message: p.Message, Hint: p.Hint, Retry: e.Retry,
	}
}
