package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"conversion"
	"conversion/internal/reconcile"
)

// bulk counts, for one run, the contacts whose value of a variable it overwrote, and knows
// which variables it takes over no more (spec 4.11).
type bulk struct {
	changed map[conversion.VarID]int
	waits   map[conversion.VarID]bool
}

// bulkOf returns the counts of a run.
func (s *session) bulkOf(run string) *bulk {
	b := s.bulks[run]
	if b == nil {
		b = &bulk{make(map[conversion.VarID]int), make(map[conversion.VarID]bool)}
		if s.bulks == nil {
			s.bulks = make(map[string]*bulk)
		}
		s.bulks[run] = b
	}
	return b
}

// absorb takes observations in as takeUp does, but for values that wait for an approval:
// those that were asked about, and those of a variable that the run changes in bulk.
// Everything else of their records is taken in.
func (s *session) absorb(ctx context.Context, kind conversion.Kind, records []conversion.Record, in intake) (*taken, error) {
	records, over, err := s.withoutWithheld(ctx, records, in)
	if err != nil {
		return nil, err
	}
	t, err := s.takeUp(ctx, kind, records, in)
	if err != nil {
		return nil, err
	}
	if kind == conversion.KindContact && in.run != "" {
		t, err = s.weighChanges(ctx, t, records, in)
	}
	if err == nil {
		t.breaking.went = append(t.breaking.went, over...)
	}
	return t, err
}

// withoutWithheld leaves the values out that were asked about and not granted, as long as
// the record holds the same. A value that is another by now is no longer what was asked
// about.
func (s *session) withoutWithheld(ctx context.Context, records []conversion.Record, in intake) (rest []conversion.Record, over []conversion.Withheld, err error) {
	if in.granted || len(records) == 0 {
		return records, nil, nil
	}
	refs := make([]conversion.Ref, len(records))
	for i := range records {
		refs[i] = records[i].Ref
	}
	things, err := s.books.WithheldFrom(ctx, refs)
	if err != nil || len(things) == 0 {
		return records, nil, err
	}
	byRef := make(map[conversion.Ref][]conversion.WithheldState)
	for _, h := range things {
		if h.Direction == conversion.Inbound && !h.Granted {
			byRef[h.Ref] = append(byRef[h.Ref], h)
		}
	}
	out := make(map[conversion.Ref][]conversion.VarID)
	for i := range records {
		for _, h := range byRef[records[i].Ref] {
			switch value := records[i].Value(h.Var); {
			case value.Absent():
			case conversion.ChangeMark(value) == h.Mark:
				out[h.Ref] = append(out[h.Ref], h.Var)
			default:
				over = append(over, h.Withheld)
			}
		}
	}
	return without(records, out), over, nil
}

// without returns the records with some of their values left out: they were not read.
func without(records []conversion.Record, out map[conversion.Ref][]conversion.VarID) []conversion.Record {
	if len(out) == 0 {
		return records
	}
	rest := slices.Clone(records)
	for i, r := range rest {
		if vars := out[r.Ref]; vars != nil {
			rest[i].Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(f conversion.FieldValue) bool { return slices.Contains(vars, f.Var) })
		}
	}
	return rest
}

// overwritten returns the contacts of which the observations overwrite a value, by variable.
// A record that is met for the first time brings values of its own: nobody changed any.
func (s *session) overwritten(t *taken) map[conversion.VarID]map[string]bool {
	found := make(map[conversion.VarID]map[string]bool)
	schema := s.schemas[conversion.KindContact]
	first := make(map[conversion.Ref]bool)
	for _, m := range t.matches {
		first[m.Record.Ref] = first[m.Record.Ref] || m.First
	}
	for _, c := range t.changes {
		if c.Var == 0 || c.From.Zero() || first[c.From] || !reconcile.Overwrites(schema.ByID(c.Var), c.Before, c.After) {
			continue
		}
		if found[c.Var] == nil {
			found[c.Var] = make(map[string]bool)
		}
		found[c.Var][c.EntityID] = true
	}
	return found
}

// weighChanges asks about the variables that the run changes on too many contacts, and takes
// the observations in without them.
func (s *session) weighChanges(ctx context.Context, t *taken, records []conversion.Record, in intake) (*taken, error) {
	b := s.bulkOf(in.run)
	found := s.overwritten(t)
	var asked []conversion.Ask
	out := make(map[conversion.Ref][]conversion.VarID)
	for _, id := range slices.Sorted(maps.Keys(found)) {
		waits, err := s.changesWait(ctx, b, id, len(found[id]))
		if err != nil {
			return nil, err
		}
		if !waits {
			continue
		}
		things := t.withhold(id, found[id], out)
		v := s.schemas[conversion.KindContact].ByID(id)
		ask, err := s.ask(ctx, topic{conversion.Inbound, conversion.KindContact, id},
			fmt.Sprintf("Salesforce changed %s of more than %d %% of the contacts at once.", v.Label, s.options.MaxChangedPercent), len(found[id]), things)
		if err != nil {
			return nil, err
		}
		asked = append(asked, ask)
	}
	if len(asked) > 0 {
		var err error
		if t, err = s.takeUp(ctx, conversion.KindContact, without(records, out), in); err != nil {
			return nil, err
		}
		found = s.overwritten(t)
	}
	t.breaking.asks = append(t.breaking.asks, asked...)
	t.overwrites = make(map[conversion.VarID]int, len(found))
	for id, contacts := range found {
		t.overwrites[id] = len(contacts)
	}
	return t, nil
}

// changesWait reports whether so many more changes of a variable have to wait. Once some
// do, all of the run that follow do.
func (s *session) changesWait(ctx context.Context, b *bulk, id conversion.VarID, more int) (bool, error) {
	changed := b.changed[id] + more
	if b.waits[id] || !reconcile.ChangesWait(changed, reconcile.FewestContacts, s.options) {
		return b.waits[id], nil
	}
	contacts, err := s.books.Count(ctx, conversion.KindContact)
	if err != nil {
		return false, fmt.Errorf("count the contacts: %w", err)
	}
	b.waits[id] = reconcile.ChangesWait(changed, contacts, s.options)
	return b.waits[id], nil
}

// withhold lists the values of a variable that the contacts' records were seen with, and
// notes that they are left out.
func (t *taken) withhold(id conversion.VarID, contacts map[string]bool, out map[conversion.Ref][]conversion.VarID) (things []conversion.Withheld) {
	for _, m := range t.matches {
		value := m.Record.Value(id)
		if value.Absent() || !contacts[m.Group.Entity.ID] {
			continue
		}
		out[m.Record.Ref] = append(out[m.Record.Ref], id)
		things = append(things, conversion.Withheld{
			EntityID: m.Group.Entity.ID, Ref: m.Record.Ref, Var: id, Mark: conversion.ChangeMark(value),
		})
	}
	return things
}

// noteBulk counts what a committed batch of the run overwrote.
func (s *session) noteBulk(run string, t *taken) {
	b := s.bulkOf(run)
	for id, n := range t.overwrites {
		b.changed[id] += n
	}
}
