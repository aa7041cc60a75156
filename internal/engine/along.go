package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"conversion"
)

// afterContacts returns the companies of a delivery whose Accounts must not be deleted yet:
// Salesforce would delete Contacts along whose own deletion waits for an approval. It notes
// those with Contacts whose deletion was refused: these are asked about.
func (s *session) afterContacts(ctx context.Context, d *delivery) (later []string, err error) {
	if d.kind != conversion.KindCompany {
		return nil, nil
	}
	owner := make(map[string]string) // company by Account
	for _, w := range d.writes {
		if isDeletion(w) {
			owner[w.Ref.ID] = w.EntityID
		}
	}
	d.refused = make(map[string]bool)
	q := conversion.WalkQuery{Kind: conversion.KindContact, Dirty: true, Limit: previewPage}
	for {
		groups, err := s.books.Walk(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("load the contacts whose deletion waits: %w", err)
		}
		if len(groups) == 0 {
			slices.Sort(later)
			return slices.Compact(later), nil
		}
		q.After = groups[len(groups)-1].Entity.ID
		waits, err := s.undecidedAmong(ctx, d, owner, groups)
		if err != nil {
			return nil, err
		}
		later = append(later, waits...)
	}
}

// undecidedAmong returns the companies of the Accounts that deleted contacts are in and of
// which nobody decided yet whether they go, and notes those of refused ones.
func (s *session) undecidedAmong(ctx context.Context, d *delivery, owner map[string]string, groups []conversion.Group) (waits []string, err error) {
	contacts := make(map[string]conversion.Group)
	companies := make(map[string][]string) // by contact
	for _, g := range groups {
		for _, l := range g.Links {
			state := l.Field(conversion.AccountVar)
			if g.Entity.Live() || !deletable(l) || state == nil || owner[state.Seen.String()] == "" {
				continue
			}
			contacts[g.Entity.ID] = g
			companies[g.Entity.ID] = append(companies[g.Entity.ID], owner[state.Seen.String()])
		}
	}
	if len(contacts) == 0 {
		return nil, nil
	}
	things, err := s.books.Withheld(ctx, slices.Collect(maps.Keys(contacts)))
	if err != nil {
		return nil, err
	}
	for _, h := range things {
		if h.Direction != conversion.Outbound || h.Granted || h.Var != 0 || h.Mark != conversion.DeletionMark(contacts[h.EntityID].Entity) {
			continue
		}
		if !h.Decided {
			waits = append(waits, companies[h.EntityID]...)
			continue
		}
		for _, company := range companies[h.EntityID] {
			d.refused[company] = true
		}
	}
	return waits, nil
}
