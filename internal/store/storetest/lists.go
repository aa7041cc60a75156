package storetest

import (
	"fmt"
	"testing"

	"conversion"
	"conversion/internal/store"
)

func testLists(t *testing.T, open func(t *testing.T) *store.Store) {
	s := open(t)
	for name, test := range map[string]func(fixture){
		"entities are listed newest first, page by page":          newestFirst,
		"with a date those updated since come by their update":    updatedSince,
		"a key finds its entity alone":                            exactKey,
		"a prefix finds e-mail, first and last names, each once":  prefixes,
		"a prefix finds a company by its domain and name":         companyPrefix,
		"contacts of a company are those by claim and by domain":  contactsOfCompany,
		"a deleted company has no contacts":                       deletedCompany,
		"companies are found by domain":                           companiesByDomain,
		"a list leaves own claims out and keeps values":           listedEntity,
		"limits out of bounds are refused":                        badLimits,
		"a cursor serves only the list that it came from":         cursorOfAnotherList,
		"custom engagements are listed by contact and type":       engagementLists,
		"a prefix of percent signs and wildcards is only a text":  wildcards,
		"what is deleted is in no list, and is not counted":       deletedIsNotListed,
		"names of Salesforce users are found and replaced by id":  userNames,
		"text is ordered by its bytes, whatever the database is":  byteOrder,
		"a page of a search that ends within a phase goes on so":  searchAcrossPhases,
		"combined filters narrow what is found, whichever drives": combinedFilters,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newFixture(t, s))
		})
	}
}

// names lists what the filter selects, in pages of the size, by name.
func (f fixture) names(filter conversion.EntityFilter, size int) []string {
	f.Helper()
	filter.Limit = size
	return f.pages(func(after string) (page []string, next string, err error) {
		filter.After = after
		found, next, err := f.books.List(f.Context(), filter)
		for _, e := range found {
			page = append(page, e.Name)
		}
		return page, next, err
	})
}

func newestFirst(f fixture) {
	var groups []conversion.Group
	var want []string
	for i := range 7 {
		e := contact(fmt.Sprintf("p%d@example.com", i), fmt.Sprint("P", i))
		e.Created = begun + conversion.Moment(i/2) // pairs of one moment: then by id
		groups = append(groups, linked(e))
		want = append([]string{e.Name}, want...)
	}
	f.have(append(groups, linked(company("example.com", "not a contact")))...)
	for _, size := range []int{1, 2, 3, 100} {
		same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindContact}, size), want)
	}
	same(f.T, must(f.books.Count(f.Context(), conversion.KindContact))(f.T), 7)
}

func updatedSince(f fixture) {
	var groups []conversion.Group
	for i, name := range []string{"old", "second", "third", "first"} {
		e := contact(name+"@example.com", name)
		e.Updated = begun + []conversion.Moment{0, 5, 4, 6}[i]
		groups = append(groups, linked(e))
	}
	f.have(groups...)
	same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindContact, UpdatedSince: begun + 4}, 2), []string{"first", "second", "third"})
}

func exactKey(f fixture) {
	f.have(linked(contact("a@example.com", "A")), linked(contact("ab@example.com", "AB")))
	same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindContact, Key: "a@example.com"}, 5), []string{"A"})
	same(f.T, len(f.names(conversion.EntityFilter{Kind: conversion.KindContact, Key: "a"}, 5)), 0)
}

func prefixes(f fixture) {
	maria, twoFirst := contact("x5@example.com", "María José de la Cruz y Pérez"), contact("x6@example.com", "Otto Emil Ende")
	maria.LastName, twoFirst.LastName = "de la Cruz y Pérez", "Ende"
	f.have(
		linked(maria), linked(twoFirst),
		linked(contact("x1@example.com", "Anna Maria Smith")),
		linked(contact("smart@example.com", "Bo Smith")),
		linked(contact("x2@example.com", "Ludwig van der Berg")),
		linked(contact("x3@example.com", "Éva Özil")),
		linked(contact("x4@example.com", "Cher")),
	)
	for prefix, want := range map[string][]string{
		"sm":                    {"Bo Smith", "Anna Maria Smith"},
		"smith":                 {"Bo Smith", "Anna Maria Smith"},
		"anna":                  {"Anna Maria Smith"},
		"anna maria":            {"Anna Maria Smith"},
		"maria s":               {"Anna Maria Smith"},
		"van der":               {"Ludwig van der Berg"},
		"berg":                  {"Ludwig van der Berg"},
		"der":                   {},
		"éva":                   {"Éva Özil"},
		"öz":                    {"Éva Özil"},
		"cher":                  {"Cher"},
		"x1@":                   {"Anna Maria Smith"},
		"de la":                 {"María José de la Cruz y Pérez"},
		"de la cruz y pérez":    {"María José de la Cruz y Pérez"},
		"maría josé de la cruz": {"María José de la Cruz y Pérez"},
		"pérez":                 {"María José de la Cruz y Pérez"},
		"ende":                  {"Otto Emil Ende"},
		"emil e":                {"Otto Emil Ende"},
		"example":               {},
	} {
		got := f.names(conversion.EntityFilter{Kind: conversion.KindContact, Prefix: prefix}, 1)
		if len(got) != len(want) {
			f.Errorf("%q finds %v, want %v", prefix, got, want)
			continue
		}
		same(f.T, got, want)
	}
}

func companyPrefix(f fixture) {
	f.have(linked(company("acme.example", "Zenith Works")), linked(company("", "Acme Two")), linked(company("works.example", "Other")))
	same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindCompany, Prefix: "acme"}, 1), []string{"Zenith Works", "Acme Two"})
	same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindCompany, Prefix: "works"}, 1), []string{"Other"})
}

// people returns contacts of the company acme.com: two by claim, two by domain, and those
// that are not its.
func people(acme *conversion.Entity) []conversion.Group {
	claimed, claimed2 := contact("1@elsewhere.com", "claimed"), contact("2@acme.com", "claimed with its domain")
	claimed.Company, claimed2.Company = acme.ID, acme.ID
	other := contact("5@acme.com", "of another by claim")
	other.Company = "another"
	return []conversion.Group{
		linked(claimed), linked(claimed2), linked(contact("3@acme.com", "derived")), linked(contact("4@acme.com", "derived too")),
		linked(other), linked(contact("6@sub.acme.com", "of another domain")),
	}
}

func contactsOfCompany(f fixture) {
	acme, gmail := company("acme.com", "Acme"), company("gmail.com", "Free mail")
	f.have(append(people(acme), linked(acme), linked(gmail), linked(contact("7@gmail.com", "of nobody")))...)
	same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindContact, CompanyID: acme.ID}, 1),
		[]string{"derived too", "derived", "claimed with its domain", "claimed"})
	same(f.T, len(f.names(conversion.EntityFilter{Kind: conversion.KindContact, CompanyID: gmail.ID}, 1)), 0)
	same(f.T, len(f.names(conversion.EntityFilter{Kind: conversion.KindContact, CompanyID: "nobody"}, 1)), 0)
}

func combinedFilters(f fixture) {
	acme := company("acme.com", "Acme")
	groups := people(acme)
	groups[3].Entity.Updated = begun + 9
	f.have(append(groups, linked(acme))...)
	same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindContact, CompanyID: acme.ID, Prefix: "derived"}, 1), []string{"derived", "derived too"})
	same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindContact, CompanyID: acme.ID, Prefix: "cl"}, 1), []string{"claimed", "claimed with its domain"})
	same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindContact, CompanyID: acme.ID, UpdatedSince: begun + 9}, 1), []string{"derived too"})
	same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindContact, Prefix: "derived", UpdatedSince: begun + 9}, 1), []string{"derived too"})
	same(f.T, len(f.names(conversion.EntityFilter{Kind: conversion.KindContact, Prefix: "derived", Key: "1@elsewhere.com"}, 1)), 0)
}

func deletedCompany(f fixture) {
	acme, live := company("acme.com", "Acme"), company("live.com", "Live")
	stored := f.have(append(people(acme), linked(acme), linked(live))...)
	gone := stored[len(stored)-2]
	gone.Entity.Deleted = begun
	f.commit(conversion.Batch{Plans: plans(gone)})
	for _, prefix := range []string{"", "cl"} {
		same(f.T, len(f.names(conversion.EntityFilter{Kind: conversion.KindContact, CompanyID: acme.ID, Prefix: prefix}, 5)), 0)
	}
	same(f.T, must(f.books.LiveCompanies(f.Context(), []string{acme.ID, live.ID, stored[0].Entity.ID, "nobody"}))(f.T), map[string]bool{live.ID: true})
}

func companiesByDomain(f fixture) {
	acme := company("acme.com", "Acme")
	dead := company("dead.com", "Dead")
	dead.Deleted = begun
	f.have(linked(acme), linked(dead), linked(contact("acme.com", "a contact's key is no domain")))
	found := must(f.books.CompaniesByKey(f.Context(), []string{"acme.com", "dead.com", "none.com"}))(f.T)
	same(f.T, len(found), 1)
	same(f.T, found["acme.com"].Name, "Acme")
}

func listedEntity(f fixture) {
	e := contact("a@example.com", "A")
	e.Own = []conversion.OwnClaim{{Var: 12, Value: conversion.Text("x"), At: begun, Number: 1}}
	e.Values = []conversion.Resolved{{Var: 12, Value: conversion.Text("x"), At: begun}}
	f.have(linked(e, lead(1)))
	page, _, err := f.books.List(f.Context(), conversion.EntityFilter{Kind: conversion.KindContact, Limit: 1})
	ok(f.T, err)
	e.Own, e.Version = nil, 1
	same(f.T, page, []conversion.Entity{*e})
}

func badLimits(f fixture) {
	for _, limit := range []int{-1, 0, 1001} {
		_, _, err := f.books.List(f.Context(), conversion.EntityFilter{Kind: conversion.KindContact, Limit: limit})
		refusesField(f.T, err, "limit")
		_, _, err = f.books.Engagements(f.Context(), "", "", "", limit)
		refusesField(f.T, err, "limit")
		_, _, err = f.books.Runs(f.Context(), conversion.RunFilter{Limit: limit})
		refusesField(f.T, err, "limit")
	}
}

func cursorOfAnotherList(f fixture) {
	f.have(linked(contact("a@example.com", "A")), linked(contact("b@example.com", "B")))
	_, cursor, err := f.books.List(f.Context(), conversion.EntityFilter{Kind: conversion.KindContact, Limit: 1})
	ok(f.T, err)
	for _, other := range []conversion.EntityFilter{
		{Kind: conversion.KindCompany}, {Kind: conversion.KindContact, Prefix: "a"}, {Kind: conversion.KindContact, UpdatedSince: 1},
	} {
		other.After, other.Limit = cursor, 1
		_, _, err := f.books.List(f.Context(), other)
		refusesField(f.T, err, "cursor")
	}
}

func engagementLists(f fixture) {
	a, b := contact("a@example.com", "A"), contact("b@example.com", "B")
	f.have(linked(a), linked(b))
	f.commit(conversion.Batch{At: begun, Engagements: []conversion.Engagement{
		{EntityID: a.ID, Type: "Webinar", Subject: "1", Occurred: 1}, {EntityID: b.ID, Type: "Webinar", Subject: "4", Occurred: 4},
		{EntityID: a.ID, Type: "Task", Subject: "3", Occurred: 3, Ref: conversion.Ref{Object: conversion.Task, ID: "00T1"}},
		{EntityID: a.ID, Type: "Webinar", Subject: "2", Occurred: 2},
	}})
	for name, c := range map[string]struct {
		contact, typ string
		want         []string
	}{
		"all":                      {"", "", []string{"4", "3", "2", "1"}},
		"of a contact":             {a.ID, "", []string{"3", "2", "1"}},
		"of a type":                {"", "Webinar", []string{"4", "2", "1"}},
		"of a contact and a type":  {a.ID, "Webinar", []string{"2", "1"}},
		"of a type there is not":   {"", "Fair", nil},
		"of a contact there isn't": {"nobody", "", nil},
	} {
		got := f.pages(func(after string) (page []string, next string, err error) {
			found, next, err := f.books.Engagements(f.Context(), c.contact, c.typ, after, 1)
			for _, g := range found {
				page = append(page, g.Subject)
			}
			return page, next, err
		})
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			f.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func wildcards(f fixture) {
	f.have(linked(contact("a@example.com", "100% Sure")), linked(contact("b@example.com", "100 Sure")))
	same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindContact, Prefix: "100%"}, 5), []string{"100% Sure"})
	same(f.T, len(f.names(conversion.EntityFilter{Kind: conversion.KindContact, Prefix: "%"}, 5)), 0)
	same(f.T, len(f.names(conversion.EntityFilter{Kind: conversion.KindContact, Prefix: "_"}, 5)), 0)
}

func deletedIsNotListed(f fixture) {
	e, firm := contact("a@example.com", "A B"), company("", "Firm")
	e.Deleted, e.Company = begun, firm.ID
	f.have(linked(e), linked(firm))
	for _, filter := range []conversion.EntityFilter{{}, {Key: "a@example.com"}, {Prefix: "a"}, {CompanyID: firm.ID}, {UpdatedSince: 1}} {
		filter.Kind = conversion.KindContact
		same(f.T, len(f.names(filter, 5)), 0)
	}
	same(f.T, must(f.books.Count(f.Context(), conversion.KindContact))(f.T), 0)
}

func userNames(f fixture) {
	ctx, t := f.Context(), f.T
	ok(t, f.books.SaveUsers(ctx, map[string]string{"1": "One", "2": "Two"}, begun))
	ok(t, f.books.SaveUsers(ctx, map[string]string{"2": "Second"}, begun))
	same(t, must(f.books.UserNames(ctx, []string{"1", "2", "3"}))(t), map[string]string{"1": "One", "2": "Second"})
}

func byteOrder(f fixture) {
	f.have(
		linked(contact("z-a@example.com", "1")), linked(contact("z.b@example.com", "2")), linked(contact("z_c@example.com", "3")),
		linked(contact("za@example.com", "4")), linked(contact("zä@example.com", "5")),
	)
	same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindContact, Prefix: "z"}, 2), []string{"1", "2", "3", "4", "5"})
}

func searchAcrossPhases(f fixture) {
	var want []string
	var groups []conversion.Group
	for i, name := range []string{"by key 1", "by key 2", "Mo First", "Mo Second", "Bo Mo", "Al Bo Mo", "Co Mo"} {
		email := fmt.Sprintf("x%d@example.com", i)
		if i < 2 {
			email = fmt.Sprintf("mo%d@example.com", i)
		}
		groups = append(groups, linked(contact(email, name)))
		want = append(want, name)
	}
	f.have(groups...)
	want[4], want[5], want[6] = "Bo Mo", "Co Mo", "Al Bo Mo" // later names come before last names
	for size := 1; size <= 8; size++ {
		same(f.T, f.names(conversion.EntityFilter{Kind: conversion.KindContact, Prefix: "mo"}, size), want)
	}
}
