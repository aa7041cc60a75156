package engine

import (
	"context"
	"fmt"
	"slices"

	"conversion"
	"conversion/internal/reconcile"
)

// readMatches reads the records that Salesforce took creates for duplicates of.
func (s *session) readMatches(ctx context.Context, d *delivery, outcomes []conversion.Outcome) ([]conversion.Record, error) {
	var refs []conversion.Ref
	for _, o := range outcomes {
		if o.Failure == nil {
			continue
		}
		for _, ref := range o.Failure.Duplicates {
			if ref.Object.Kind() == d.kind && !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
	}
	if len(refs) == 0 {
		return nil, nil
	}
	if err := s.cfg.Step("read duplicates"); err != nil {
		return nil, err
	}
	records, err := s.remote.Target.Read(ctx, s.schemas[d.kind], refs)
	if err != nil {
		return nil, fmt.Errorf("read what was found in the way: %w", err)
	}
	return records, nil
}

// duplicate deals with a create that Salesforce refused because of records it found: one
// that is nobody else's is linked (spec 4.2), else the entity is held and both are named.
func (c *confirmation) duplicate(g conversion.Group, w conversion.Write, f *conversion.RemoteError) conversion.Group {
	if rec := c.nobodysMatch(g, f.Duplicates); rec != nil {
		g.Entity.Creating, g.Entity.Holds = nil, nil // and what was held of creating it
		l := reconcile.NewLink(g, rec.Ref, rec.Key, c.now())
		reconcile.Observe(l, rec, c.schemas[c.d.kind])
		c.line(g, w, rec.Ref, outcomeSkipped, "Salesforce has it already, by its duplicate rules: it was linked, not created.")
		c.batch.Changes = append(c.batch.Changes, conversion.Change{
			EntityID: g.Entity.ID, RunID: c.runOf(w), Note: notes[conversion.LinkLive],
			FieldChange: conversion.FieldChange{From: rec.Ref, At: c.now()},
		})
		return c.withLink(g, l)
	}
	named := *f
	for _, ref := range f.Duplicates {
		if whose := c.whose(ref); whose != "" {
			named.Message = fmt.Sprintf("Salesforce takes it for a duplicate of %s, which is that of %s here.", ref, whose)
			named.Hint = "Merge the two in Salesforce or combine them here, or let the duplicate rule allow the connected user."
			break
		}
	}
	c.refuse(g, w, &named)
	return g
}

// nobodysMatch returns the match to link: the one of the entity's own key, else the only one
// there is without a key. Another's key makes it another's.
func (c *confirmation) nobodysMatch(g conversion.Group, matches []conversion.Ref) *conversion.Record {
	var without []*conversion.Record
	for _, ref := range matches {
		rec := c.matches[ref]
		switch {
		case rec == nil || !rec.Live() || rec.Person && c.d.kind == conversion.KindCompany || c.linked(ref):
		case rec.Key == g.Entity.Key:
			return rec
		case rec.Key == "" && rec.KeyRead:
			without = append(without, rec)
		}
	}
	if len(without) == 1 {
		return without[0]
	}
	return nil
}

func (c *confirmation) linked(ref conversion.Ref) bool {
	for _, g := range c.groups {
		if g.Link(ref) != nil {
			return true
		}
	}
	return false
}

// whose names the entity that the record belongs to, or will once it is read: by its e-mail
// or domain, or its name.
func (c *confirmation) whose(ref conversion.Ref) string {
	for _, g := range c.groups {
		if g.Link(ref) != nil {
			if g.Entity.Key != "" {
				return g.Entity.Key
			}
			return g.Entity.Name
		}
	}
	if rec := c.matches[ref]; rec != nil {
		return rec.Key
	}
	return ""
}
