package identity_test

import (
	"testing"

	"conversion"
	"conversion/internal/identity"
)

func TestAnEntityGoesWithItsLastRecordWhereTheOptionSaysSo(t *testing.T) {
	t.Parallel()
	const (
		live    = conversion.LinkLive
		deleted = conversion.LinkDeleted
	)
	leads, both := conversion.GoneWith{Lead: true}, conversion.GoneWith{Lead: true, Contact: true}
	type end struct {
		object conversion.Object
		state  conversion.LinkState
		at     conversion.Moment
	}
	for name, c := range map[string]struct {
		with   conversion.GoneWith
		links  []end
		change func(*conversion.Entity)
		want   bool
	}{
		"its only lead is deleted":                        {with: leads, links: []end{{conversion.Lead, deleted, 1}}, want: true},
		"the option is off":                               {links: []end{{conversion.Lead, deleted, 1}}},
		"the option is on for another object":             {with: conversion.GoneWith{Contact: true, Account: true}, links: []end{{conversion.Lead, deleted, 1}}},
		"another record is left":                          {with: both, links: []end{{conversion.Lead, deleted, 2}, {conversion.Contact, live, 1}}},
		"another record is left that is held":             {with: both, links: []end{{conversion.Lead, deleted, 2}, {conversion.Contact, conversion.LinkHeld, 1}}},
		"of two that are deleted the later counts":        {with: leads, links: []end{{conversion.Lead, deleted, 2}, {conversion.Contact, deleted, 1}}, want: true},
		"of two that are deleted the earlier is not it":   {with: leads, links: []end{{conversion.Lead, deleted, 1}, {conversion.Contact, deleted, 2}}},
		"it was merged away":                              {with: both, links: []end{{conversion.Lead, conversion.LinkMerged, 1}}},
		"it was converted":                                {with: both, links: []end{{conversion.Lead, conversion.LinkConverted, 1}}},
		"its converted lead ended before":                 {with: both, links: []end{{conversion.Lead, conversion.LinkConverted, 1}, {conversion.Contact, deleted, 2}}, want: true},
		"its record moved":                                {with: both, links: []end{{conversion.Lead, conversion.LinkMoved, 1}}},
		"a record moved before the last was deleted":      {with: both, links: []end{{conversion.Lead, deleted, 1}, {conversion.Contact, conversion.LinkMoved, 2}}, want: true},
		"it never had a record":                           {with: both},
		"it is deleted already":                           {with: both, links: []end{{conversion.Lead, deleted, 1}}, change: func(e *conversion.Entity) { e.Deleted = 1 }},
		"a record is just being made for it":              {with: both, links: []end{{conversion.Lead, deleted, 1}}, change: func(e *conversion.Entity) { e.Creating = &conversion.Creation{} }},
		"of two deleted in one second the lower id is it": {with: leads, links: []end{{conversion.Contact, deleted, 1}, {conversion.Lead, deleted, 1}}},
	} {
		g := conversion.Group{Entity: &conversion.Entity{ID: "e", Kind: conversion.KindContact}}
		for i, l := range c.links {
			ref := conversion.Ref{Object: l.object, ID: string(rune('a' + i))}
			g.Links = append(g.Links, &conversion.Link{Ref: ref, EntityID: "e", State: l.state, Reading: conversion.Reading{Modstamp: l.at}})
		}
		if c.change != nil {
			c.change(g.Entity)
		}
		if got := identity.GoneWithLast(g, c.with); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
