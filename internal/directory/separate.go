package directory

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"conversion"
	"conversion/internal/identity"
	"conversion/internal/reconcile"
)

// Separate takes a combination apart by hand (spec 3.12): the records with the ids go from
// the contact or company to one of their own, with what they claim, their opt-outs and their
// activities, as any record does that moves; the entity they leave keeps what was edited in
// Conversion. Theirs is a new one or, when the given id is that of one that was combined, that
// one again: from then on its id is its own. Nothing is written to Salesforce by it, and the
// next sync leaves both as they are. It shows the one that the records are of then.
//
// A CodeNotFound error when there is no such live entity; a CodeInvalid one naming
// "record_ids" when they are not its records; a CodeConflict one when two records would be
// on two entities although their e-mails or domains are the same, when another has it (see
// TakenBy), or a contact would be left without an e-mail.
func (s *Service) Separate(ctx context.Context, workspaceID string, kind conversion.Kind, id string, recordIDs []string, actor conversion.Actor) (View, error) {
	return s.changed(ctx, workspaceID, kind, func(set settings, books Books) (conversion.Group, bool, error) {
		return set.separate(ctx, books, id, recordIDs, actor)
	})
}

func (s settings) separate(ctx context.Context, books Books, id string, recordIDs []string, actor conversion.Actor) (own conversion.Group, sends bool, err error) {
	rest, err := load(ctx, books, s.schema.Kind, id)
	if err != nil {
		return own, false, err
	}
	if !rest.Entity.Live() {
		return own, false, notFound(s.schema.Kind)
	}
	rest = rest.Clone()
	who, err := identity.Separate(rest, recordIDs)
	if err != nil {
		return own, false, err
	}
	desk, err := readDesk(ctx, books, s.schema.Kind, []string{id, rest.Entity.ID}, []string{who.Key, who.Stays})
	if err != nil {
		return own, false, err
	}
	from, to := desk.files[rest.Entity.ID], desk.files[id]
	if from == nil || from.expect != rest.Entity.Version {
		return own, false, &conversion.StaleError{EntityIDs: []string{rest.Entity.ID}}
	}
	for _, key := range []string{who.Key, who.Stays} {
		if by := desk.taken(key, rest.Entity); by != nil {
			return own, false, keyTaken(by)
		}
	}
	if to == nil || to == from {
		to = &file{}
	}
	own = s.standAlone(to.group, who.Key)
	desk.moves = movesOf(who.Links, rest.Entity.ID, own.Entity.ID)
	reconcile.Separate(&rest, &own, who.Links, s.schema, s.now)
	left, arrived := s.leftBehind(rest, own, who, actor), s.arrived(own, rest, who, actor)
	rest.Entity.Key = who.Stays
	if err := s.companiesAfter(ctx, books, desk, rest, own); err != nil {
		return own, false, err
	}
	desk.put(from, rest, rest.Entity.Dirty != 0, left...)
	desk.put(to, own, false, arrived...)
	sends, err = desk.commit(ctx, books, s.now)
	return own, sends, err
}

// standAlone returns the group of the entity that gets the records: a new one, or one that
// was combined and is itself again.
func (s settings) standAlone(former conversion.Group, key string) conversion.Group {
	if former.Entity != nil {
		g := former.Clone()
		g.Entity.Into, g.Entity.Deleted, g.Entity.Key, g.Entity.Updated = "", 0, key, s.now
		return g
	}
	return conversion.Group{Entity: &conversion.Entity{
		ID: uuid.Must(uuid.NewV7()).String(), Kind: s.schema.Kind, Key: key, Origin: conversion.OriginSalesforce,
		Created: s.now, Updated: s.now,
	}}
}

func movesOf(links []*conversion.Link, from, to string) []conversion.Move {
	moves := make([]conversion.Move, len(links))
	for i, l := range links {
		moves[i] = conversion.Move{Ref: l.Ref, From: from, To: to}
	}
	return moves
}

// leftBehind are the lines of the timeline of the entity that records leave.
func (s settings) leftBehind(rest, own conversion.Group, who identity.Separation, actor conversion.Actor) []conversion.Change {
	var list []conversion.Change
	for _, l := range who.Links {
		c := note(rest.Entity, actor, s.now, fmt.Sprintf("separated by hand: it is %s %s now", own.Entity.Kind, nameOf(own.Entity)))
		c.From = l.Ref
		list = append(list, c)
	}
	if was := rest.Entity.Key; was != who.Stays && rest.Entity.Kind == conversion.KindContact {
		list = append(list, conversion.Change{EntityID: rest.Entity.ID, FieldChange: conversion.FieldChange{
			Var: conversion.EmailVar, Before: conversion.Text(was), After: conversion.Text(who.Stays), By: actor, At: s.now,
		}})
	}
	return append(list, lines(rest.Entity, reconcile.Resolve(rest, s.schema))...)
}

// arrived are the lines of the timeline of the entity that records come to: one each, for
// all their values.
func (s settings) arrived(own, rest conversion.Group, who identity.Separation, actor conversion.Actor) []conversion.Change {
	reconcile.Resolve(own, s.schema)
	var list []conversion.Change
	for _, l := range who.Links {
		c := note(own.Entity, actor, s.now, "separated from "+nameOf(rest.Entity)+" by hand")
		c.From = l.Ref
		list = append(list, c)
	}
	return list
}

// companiesAfter lets the companies of contacts be right after a separation: those of the two
// contacts, or of the contacts of the two companies.
func (s settings) companiesAfter(ctx context.Context, books Books, d *desk, rest, own conversion.Group) error {
	if s.schema.Kind == conversion.KindContact {
		return setCompanies(ctx, books, []conversion.Group{rest, own})
	}
	contacts, err := contactsOf(ctx, books, rest.Entity.ID)
	if err != nil {
		return err
	}
	for _, g := range contacts {
		if !claims(g.Entity, own) {
			continue
		}
		after := g.Clone()
		after.Entity.Company, after.Entity.Updated = own.Entity.ID, s.now
		d.put(&file{group: g, expect: g.Entity.Version}, after, false)
	}
	return nil
}

// claims reports whether a contact's newest claim is for the company: by the id it has, or by
// one of its Accounts.
func claims(contact *conversion.Entity, company conversion.Group) bool {
	id, account := contact.CompanyClaim()
	return id == company.Entity.ID || !account.Zero() && company.Link(account) != nil
}

// contactsOf returns the contacts of which it is said that they are of the company.
func contactsOf(ctx context.Context, books Books, companyID string) ([]conversion.Group, error) {
	var contacts []conversion.Group
	for f := (conversion.EntityFilter{Kind: conversion.KindContact, CompanyID: companyID, Limit: maxLimit}); ; {
		found, next, err := books.List(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("list the company's contacts: %w", err)
		}
		q := conversion.GroupQuery{Kind: conversion.KindContact}
		for _, e := range found {
			if e.Company == companyID {
				q.IDs = append(q.IDs, e.ID)
			}
		}
		groups, err := books.Groups(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("read the company's contacts: %w", err)
		}
		contacts = append(contacts, groups...)
		if f.After = next; next == "" {
			return contacts, nil
		}
	}
}

// setCompanies sets the companies of contacts by their newest claims (spec 3.15).
func setCompanies(ctx context.Context, books Books, contacts []conversion.Group) error {
	q := conversion.GroupQuery{Kind: conversion.KindCompany}
	for _, g := range contacts {
		if _, account := g.Entity.CompanyClaim(); !account.Zero() {
			q.Refs = append(q.Refs, account)
		}
	}
	var companies []conversion.Group
	var err error
	if len(q.Refs) > 0 {
		if companies, err = books.Groups(ctx, q); err != nil {
			return fmt.Errorf("read the companies of contacts: %w", err)
		}
	}
	for _, g := range contacts {
		g.Entity.Company, _ = g.Entity.CompanyClaim()
		at := slices.IndexFunc(companies, func(c conversion.Group) bool { return claims(g.Entity, c) })
		if at >= 0 {
			g.Entity.Company = companies[at].Entity.ID
		}
	}
	return nil
}
