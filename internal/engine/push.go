package engine

import (
	"context"
	"fmt"
	"slices"

	"conversion"
	"conversion/internal/reconcile"
)

// pushBatch is how many entities are pushed together: a collection's worth (spec 4.1).
const pushBatch = 200

// pushGroups brings one batch as far as it can go. Every group of it is stored in the end,
// with what is left to do and when.
func (s *session) pushGroups(ctx context.Context, rs *runs, kind conversion.Kind, groups []conversion.Group) error {
	ids := entityIDs(groups)
	companies, err := s.companiesOf(ctx, kind, groups)
	if err != nil {
		return err
	}
	if err := s.learnKeyed(ctx, groups); err != nil {
		return err
	}
	var known present
	if s.wouldWrite(groups, companies) {
		if err := s.afford(ctx, s.lane, conversion.BatchCost); err != nil {
			return err
		}
		if known, err = s.readPresent(ctx, kind, groups); err != nil {
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
		if o, _ := s.createAs(g); o != "" || g.Entity.Creating != nil {
			return !s.open(g.Entity)
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
	made map[string]bool         // entities whose unanswered creates were looked for
	open map[string]bool         // keys of records that were found, and may be of whoever has the key: see owned
	// elsewhere are records that were found and are another's, by the key they carry.
	elsewhere map[string]conversion.Ref
}

func newPresent(refs []conversion.Ref, keys []string, found []conversion.Record) present {
	p := present{refs: make(map[conversion.Ref]bool), keys: make(map[string]bool)}
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

// notFound is what is known of a group whose create was looked for in vain: what a trial,
// which asks Salesforce nothing, goes by.
func notFound(g conversion.Group) present {
	return present{made: map[string]bool{g.Entity.ID: true}}
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
func (s *session) readPresent(ctx context.Context, kind conversion.Kind, groups []conversion.Group) (present, error) {
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
	made, sought, err := s.seek(ctx, kind, groups)
	if err != nil {
		return present{}, err
	}
	if err := s.takeIn(ctx, kind, append(records, made...), intake{}); err != nil {
		return present{}, err
	}
	known := newPresent(refs, keys, append(found, made...))
	known.made = sought
	if err := s.takeIn(ctx, kind, found, intake{unsettled: true}); err != nil {
		return present{}, err
	}
	return known, s.owned(ctx, kind, found, &known)
}

// owned notes the found records that are linked to an entity of another key. Whose they are
// is decided with the next pull, or was: they stay where an edit here overruled their key
// (spec 3.12), until that is sent. Nothing is created for such a key: the record is there
// already (spec 4.2).
func (s *session) owned(ctx context.Context, kind conversion.Kind, found []conversion.Record, known *present) error {
	if len(found) == 0 {
		return nil
	}
	q := conversion.GroupQuery{Kind: kind}
	for i := range found {
		q.Refs = append(q.Refs, found[i].Ref)
	}
	groups, err := s.books.Groups(ctx, q)
	if err != nil {
		return fmt.Errorf("load who was found: %w", err)
	}
	known.open, known.elsewhere = make(map[string]bool), make(map[string]conversion.Ref)
	for _, g := range groups {
		for _, l := range g.Links {
			switch {
			case !l.Live() || l.Key == g.Entity.Key:
			case l.Pending || s.rekeys(g.Entity, l):
				known.open[l.Key] = true
			default:
				known.elsewhere[l.Key] = l.Ref
			}
		}
	}
	return nil
}

// rekeys reports whether an edit here of the entity's e-mail or website is still to go to the
// record.
func (s *session) rekeys(e *conversion.Entity, l *conversion.Link) bool {
	own, state := e.OwnClaim(conversion.EmailVar), l.Field(conversion.EmailVar) // WebsiteVar has the same number
	return own != nil && state != nil && own.Number > state.Settled && own.Reach&s.rules.Reach()&conversion.Updating(l.Ref.Object) != 0
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
		b := t.batch("")
		if err = s.catchUps(ctx, t, &b); err != nil {
			return err
		}
		return s.commit(ctx, b)
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
		if o, _ := s.createAs(g); o != "" && g.Entity.Key != "" && !s.open(g.Entity) {
			keys = append(keys, g.Entity.Key)
		}
	}
	slices.Sort(keys)
	return refs, slices.Compact(keys)
}

func (s *session) terms() reconcile.Terms {
	return reconcile.Terms{
		Rules: s.rules, Now: s.now(), Wait: s.options.UnknownOutcome(), Self: s.conn.UserID, Keyed: s.keyed,
		Rewrites: conversion.RewriteLimit,
	}
}

// termsFor are the terms of one entity's plan.
func (s *session) termsFor(e *conversion.Entity) reconcile.Terms {
	terms := s.terms()
	terms.Withheld = s.edits.kept[e.ID]
	return terms
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
