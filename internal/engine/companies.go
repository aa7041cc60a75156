package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"conversion"
)

// company is what a contact's records get of its company.
type company struct{ name, accountID string }

// companiesOf loads the companies of contacts, by id: their name, and their most recently
// updated Account (spec 4.4, 4.5).
func (s *session) companiesOf(ctx context.Context, kind conversion.Kind, contacts []conversion.Group) (map[string]company, error) {
	if kind != conversion.KindContact {
		return nil, nil
	}
	groups, err := s.companyGroups(ctx, contacts)
	if err != nil {
		return nil, err
	}
	found := make(map[string]company)
	for _, g := range groups {
		if g.Entity.Live() {
			c := s.companyAs(g)
			found[g.Entity.ID], found[derivedBy+g.Entity.Key] = c, c
		}
	}
	return found, nil
}

// companyGroups loads the companies that contacts have, by claim or by their e-mail's domain.
func (s *session) companyGroups(ctx context.Context, contacts []conversion.Group) ([]conversion.Group, error) {
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
	return groups, nil
}

// companyAs is what the contacts of a company get of it.
func (s *session) companyAs(g conversion.Group) company {
	if s.trial != nil {
		return s.trial.company(g)
	}
	return company{sendableName(g.Entity), newestAccount(g)}
}

// sendableName is the company's name, "" when it is ours alone: a value that was made with
// sync_to_crm: false is not sent as Lead.Company either (spec 5.4).
func sendableName(e *conversion.Entity) string {
	name, own := e.Resolved(conversion.NameVar), e.OwnClaim(conversion.NameVar)
	if name != nil && name.From.Zero() && own != nil && !own.Reach.Goes() {
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
		if l.Live() && (newest == nil || updated(l) > updated(newest)) {
			newest = l
		}
	}
	if newest == nil {
		return ""
	}
	return newest.Ref.ID
}

// updated is when the record was last modified; a date that was set by hand to a time to
// come does not count.
func updated(l *conversion.Link) conversion.Moment {
	return min(l.Reading.Modified, l.Reading.Modstamp)
}

// findCompanies sets the company of contacts whose newest claim names an Account (spec
// 3.15).
func (s *session) findCompanies(ctx context.Context, t *taken) error {
	var groups []conversion.Group
	for _, g := range t.groups {
		if t.news[g.Entity.ID] {
			groups = append(groups, *g)
		}
	}
	named := namedAccounts(groups)
	if len(named) == 0 {
		return nil
	}
	companies, err := s.companiesOfAccounts(ctx, accountsOf(named))
	if err != nil {
		return fmt.Errorf("find the companies of contacts: %w", err)
	}
	for ref, entities := range named {
		for _, e := range entities {
			e.Company = companies[ref]
		}
	}
	return nil
}

// namedAccounts returns the contacts whose company is that of an Account, by the Account. It
// sets that of the others.
func namedAccounts(groups []conversion.Group) map[conversion.Ref][]*conversion.Entity {
	named := make(map[conversion.Ref][]*conversion.Entity)
	for _, g := range groups {
		id, account := g.Entity.CompanyClaim()
		if account.Zero() {
			g.Entity.Company = id
			continue
		}
		named[account] = append(named[account], g.Entity)
	}
	return named
}

func accountsOf(named map[conversion.Ref][]*conversion.Entity) []conversion.Ref {
	return slices.SortedFunc(maps.Keys(named), compareRefs)
}

// companiesOfAccounts returns the ids of the Accounts' companies. An Account that nobody
// has met, made after the Accounts of a cycle were read, is taken in now: when the next
// cycle meets it, its contacts have no news any more.
func (s *session) companiesOfAccounts(ctx context.Context, accounts []conversion.Ref) (map[conversion.Ref]string, error) {
	companies, err := s.books.EntitiesOf(ctx, accounts)
	if err != nil {
		return nil, err
	}
	unknown := slices.DeleteFunc(slices.Clone(accounts), func(r conversion.Ref) bool { return companies[r] != "" })
	if len(unknown) == 0 {
		return companies, nil
	}
	records, err := s.remote.Target.Read(ctx, s.schemas[conversion.KindCompany], unknown)
	if err != nil {
		return nil, fmt.Errorf("read unknown accounts: %w", err)
	}
	if err := s.takeIn(ctx, conversion.KindCompany, records, intake{}); err != nil {
		return nil, err
	}
	return s.books.EntitiesOf(ctx, accounts)
}
