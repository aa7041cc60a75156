package identity

import (
	"slices"
	"strings"

	"conversion"
)

// Separation is how records of an entity come to one of their own, by hand (spec 3.12).
type Separation struct {
	Links []*conversion.Link // those that go, by Ref
	Key   string             // the e-mail or domain of the entity that gets them
	Stays string             // that of the entity they leave
}

// RecordIDs is what callers name the records that are to be separated.
const RecordIDs = "record_ids"

// Separate decides how the records with the ids come to an entity of their own. Each keeps
// the e-mail (website) that it carries; the entity gets that of the one where it was changed
// last. The entity they leave keeps its own unless that goes with them; then it takes the one
// of a record that stays, or the one that was last given to it in Conversion.
//
// A CodeInvalid error naming record_ids when a record is not the entity's, or none of them
// can stand for somebody; a CodeConflict one when a record that stays has the same e-mail or
// domain, for two such are always one (spec 3.5, 3.6), or a contact would be left without
// an e-mail.
func Separate(g conversion.Group, ids []string) (Separation, error) {
	links, err := named(g, ids)
	if err != nil {
		return Separation{}, err
	}
	going, staying := liveAmong(links), liveAmong(g.Links)
	staying = slices.DeleteFunc(staying, func(l *conversion.Link) bool { return slices.Contains(links, l) })
	if len(going) == 0 {
		return Separation{}, conversion.Invalid(RecordIDs, "at least one must be there in Salesforce")
	}
	words := wordsOf(g.Entity.Kind)
	for _, l := range going {
		for _, other := range staying {
			if l.Key != "" && l.Key == other.Key {
				return Separation{}, words.same(l.Ref, other.Ref)
			}
		}
	}
	s := Separation{Links: links, Key: newestKey(going)}
	if s.Key == "" && g.Entity.Kind == conversion.KindContact {
		return Separation{}, conversion.Invalid(RecordIDs, "none of them has an e-mail address in Salesforce")
	}
	if s.Stays = keyOfRest(g.Entity, going, staying); s.Stays == "" && g.Entity.Kind == conversion.KindContact {
		return Separation{}, &conversion.Error{
			Code: conversion.CodeConflict, Message: "The contact would be left without an e-mail address.",
			Hint: "Leave it a record that has another one.",
		}
	}
	return s, nil
}

// named returns the entity's links to the records with the ids.
func named(g conversion.Group, ids []string) ([]*conversion.Link, error) {
	if len(ids) == 0 {
		return nil, conversion.Invalid(RecordIDs, "name at least one of its records")
	}
	var links []*conversion.Link
	for _, id := range ids {
		at := slices.IndexFunc(g.Links, func(l *conversion.Link) bool { return l.Ref.ID == id && l.State != conversion.LinkMoved })
		if at < 0 {
			return nil, conversion.Invalid(RecordIDs, "%s is no record of this %s", id, g.Entity.Kind)
		}
		if !slices.Contains(links, g.Links[at]) {
			links = append(links, g.Links[at])
		}
	}
	slices.SortFunc(links, func(a, b *conversion.Link) int { return a.Ref.Compare(b.Ref) })
	return links, nil
}

func liveAmong(links []*conversion.Link) []*conversion.Link {
	return slices.DeleteFunc(slices.Clone(links), func(l *conversion.Link) bool { return !l.Live() })
}

// newestKey returns the key that was changed last, "" when none of the records has one.
func newestKey(links []*conversion.Link) string {
	links = slices.Clone(links)
	slices.SortFunc(links, newestFirst)
	for _, l := range links {
		if l.Key != "" {
			return l.Key
		}
	}
	return ""
}

// keyOfRest returns what the entity is known by once records have gone: nothing that one of
// these carries.
func keyOfRest(e *conversion.Entity, going, staying []*conversion.Link) string {
	keys := []string{e.Key, newestKey(staying)}
	if own := e.OwnClaim(conversion.EmailVar); own != nil { // WebsiteVar has the same number
		keys = append(keys, keyOf(e.Kind, own.Value.String()))
	}
	for _, key := range keys {
		if key != "" && !slices.ContainsFunc(going, func(l *conversion.Link) bool { return l.Key == key }) {
			return key
		}
	}
	return ""
}

// keyOf is the key that an e-mail or website gives.
func keyOf(k conversion.Kind, text string) string {
	if k == conversion.KindCompany {
		return conversion.Domain(text)
	}
	return conversion.Email(text)
}

// words are what people call the key of a kind.
type words struct{ has, correct, kind string }

func wordsOf(k conversion.Kind) words {
	if k == conversion.KindCompany {
		return words{"a website of the same domain", "the website", "company"}
	}
	return words{"the same e-mail address", "the e-mail address", "contact"}
}

func (w words) same(a, b conversion.Ref) error {
	return &conversion.Error{
		Code:    conversion.CodeConflict,
		Message: strings.Join([]string{string(a.Object), a.ID, "has", w.has, "as", string(b.Object), b.ID + ":", "two such records are always one", w.kind + "."}, " "),
		Hint:    "Correct " + w.correct + " of one of them in Salesforce, and sync; or separate both.",
	}
}
