package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"conversion"
	"conversion/internal/reconcile"
)

// bulkEdits are the own claims of a batch of contacts that were made in bulk (spec 4.11).
type bulkEdits struct {
	kept    map[string][]reconcile.WithheldClaim // by entity: not to be sent
	fresh   map[string][]freshEdit               // of these, what nobody was asked about yet
	granted map[string][]conversion.Withheld     // by entity: what an admin let go
}

// freshEdit is an own claim to be asked about.
type freshEdit struct {
	variable conversion.VarID
	mark     string
	again    bool // an earlier one of the contact waits already
}

// editPlace is where an own claim is made.
type editPlace struct {
	entityID string
	variable conversion.VarID
}

// editsInBulk finds out which own claims of the contacts an admin has to let go before they
// take a value from Salesforce: those whose maker changed one variable of too many contacts
// within 24 hours. Without any edit by a program or an import it costs nothing.
func (s *session) editsInBulk(ctx context.Context, groups []conversion.Group) (bulkEdits, error) {
	b := bulkEdits{
		make(map[string][]reconcile.WithheldClaim), make(map[string][]freshEdit), make(map[string][]conversion.Withheld),
	}
	claims := make(map[string][]conversion.OwnClaim)
	for _, g := range groups {
		if found := reconcile.Weighable(g); len(found) > 0 {
			claims[g.Entity.ID] = found
		}
	}
	if len(claims) == 0 {
		return b, nil
	}
	asked, err := s.askedAbout(ctx, claims)
	if err != nil {
		return b, err
	}
	inBulk, err := s.madeInBulk(ctx, claims)
	if err != nil {
		return b, err
	}
	for id, list := range claims {
		for _, c := range list {
			b.sort(id, c, asked[editPlace{id, c.Var}], inBulk)
		}
	}
	return b, nil
}

// sort tells an own claim that was asked about from one that has to be.
func (b bulkEdits) sort(id string, c conversion.OwnClaim, asked []conversion.WithheldState, inBulk func(conversion.OwnClaim) bool) {
	mark := conversion.ClaimMark(c.Number)
	known, refused, again := false, false, false
	for _, h := range asked {
		switch {
		case h.Mark == mark && h.Granted:
			b.granted[id] = append(b.granted[id], h.Withheld)
			return
		case h.Mark == mark:
			known, refused = true, refused || h.Decided
		default:
			again = again || !h.Decided
		}
	}
	if !known && !inBulk(c) {
		return
	}
	b.kept[id] = append(b.kept[id], reconcile.WithheldClaim{Var: c.Var, Number: c.Number, Refused: refused})
	if !known {
		b.fresh[id] = append(b.fresh[id], freshEdit{c.Var, mark, again})
	}
}

// askedAbout returns what was asked about of the entities' own claims, those of now and
// earlier ones.
func (s *session) askedAbout(ctx context.Context, claims map[string][]conversion.OwnClaim) (map[editPlace][]conversion.WithheldState, error) {
	things, err := s.books.Withheld(ctx, slices.Collect(maps.Keys(claims)))
	if err != nil {
		return nil, err
	}
	asked := make(map[editPlace][]conversion.WithheldState)
	for _, h := range things {
		if place := (editPlace{h.EntityID, h.Var}); h.Direction == conversion.Outbound && h.Var != 0 {
			asked[place] = append(asked[place], h)
		}
	}
	return asked, nil
}

// editor is who changes a variable, as it is counted.
type editor struct {
	variable conversion.VarID
	by       conversion.Actor
}

// madeInBulk returns what tells whether an own claim is one of too many.
func (s *session) madeInBulk(ctx context.Context, claims map[string][]conversion.OwnClaim) (func(conversion.OwnClaim) bool, error) {
	first := s.now()
	for _, list := range claims {
		for _, c := range list {
			first = min(first, c.Counted)
		}
	}
	found, err := s.books.Edits(ctx, first.Add(-conversion.BreakerWindow))
	if err != nil {
		return nil, err
	}
	counts := make(map[editor][]conversion.EditCount)
	most := make(map[editor]int)
	for _, e := range found {
		by := editor{e.Var, e.By}
		counts[by], most[by] = append(counts[by], e), most[by]+e.N
	}
	contacts := 0
	if reconcile.ChangesWait(slices.Max(append(slices.Collect(maps.Values(most)), 0)), reconcile.FewestContacts, s.options) {
		if contacts, err = s.books.Count(ctx, conversion.KindContact); err != nil {
			return nil, fmt.Errorf("count the contacts: %w", err)
		}
	}
	return func(c conversion.OwnClaim) bool {
		day := reconcile.BusiestDay(counts[editor{c.Var, c.By}], c.Counted)
		return reconcile.ChangesWait(day, contacts, s.options)
	}, nil
}

// askEdits asks about what the plans of a batch would change in bulk and nobody was asked
// about yet.
func (s *session) askEdits(ctx context.Context, b *conversion.Batch) error {
	things := make(map[conversion.VarID][]conversion.Withheld)
	count := make(map[conversion.VarID]int)
	for _, p := range b.Plans {
		id := p.Group.Entity.ID
		for _, c := range s.edits.fresh[id] {
			if !slices.Contains(p.Left.Withheld, c.variable) {
				continue
			}
			things[c.variable] = append(things[c.variable], conversion.Withheld{EntityID: id, Var: c.variable, Mark: c.mark})
			if !c.again {
				count[c.variable]++
			}
			b.Changes = append(b.Changes, conversion.Change{
				EntityID: id, Note: s.labelOf(c.variable) + " is not sent yet: its change in bulk waits for an approval",
				FieldChange: conversion.FieldChange{At: s.now()},
			})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(things)) {
		reason := fmt.Sprintf("%s of more than %d %% of the contacts was changed here within 24 hours, by one import or API key.",
			s.labelOf(id), s.options.MaxChangedPercent)
		ask, err := s.ask(ctx, topic{conversion.Outbound, conversion.KindContact, id}, reason, count[id], things[id])
		if err != nil {
			return err
		}
		b.Asks = append(b.Asks, ask)
	}
	return nil
}

func (s *session) labelOf(id conversion.VarID) string {
	return s.schemas[conversion.KindContact].ByID(id).Label
}

// editsGone are the granted claims of a group that are dealt with.
func (s *session) editsGone(g conversion.Group) (gone []conversion.Withheld) {
	for _, h := range s.edits.granted[g.Entity.ID] {
		c := g.Entity.OwnClaim(h.Var)
		newer := c == nil || conversion.ClaimMark(c.Number) != h.Mark
		if newer || !reconcile.Outstanding(g, s.schemas[g.Entity.Kind], s.termsFor(g.Entity), h.Var) {
			gone = append(gone, h)
		}
	}
	return gone
}
