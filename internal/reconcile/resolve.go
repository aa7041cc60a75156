package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"conversion"
)

// Resolve recomputes the entity's values and name from the claims of its links and its
// own, under the schema's modes (spec 3.7, 6), and returns the values that changed. A
// value that appears blank is no change.
//
// The e-mail of a contact is no such value: who a contact is, identity decides.
func Resolve(g conversion.Group, s *conversion.Schema) []conversion.FieldChange {
	var changes []conversion.FieldChange
	values := make([]conversion.Resolved, 0, len(s.Variables))
	for i := range s.Variables {
		v := &s.Variables[i]
		if isKey(v) {
			continue
		}
		now, ok := winner(g, v)
		if ok {
			values = append(values, now)
		}
		before := g.Entity.Value(v.ID)
		if before != now.Value && !(before.Absent() && now.Value.Blank()) {
			changes = append(changes, conversion.FieldChange{
				Var: v.ID, Before: before, After: now.Value, From: now.From, By: now.By, At: now.At,
			})
		}
	}
	g.Entity.Values = values
	if !slices.ContainsFunc(g.Entity.Own, isLocal) { // those are still to be put right: see Revise
		g.Entity.Revision = s.Revision
	}
	g.Entity.Name, g.Entity.LastName = nameOf(g.Entity, s)
	return changes
}

// isKey reports whether the variable is a contact's e-mail, which is the entity's key.
func isKey(v *conversion.Variable) bool {
	return v.Kind == conversion.KindContact && v.ID == conversion.EmailVar
}

// winner returns the value of a variable: the newest claim among those that count under
// its mode. ok is false when nobody claims anything.
func winner(g conversion.Group, v *conversion.Variable) (conversion.Resolved, bool) {
	record, hasRecord := newestRecordClaim(g, v)
	own, hasOwn := ownClaim(g, v.ID)
	switch {
	case !hasOwn && (!hasRecord || v.Mode == conversion.ModeNone):
		return conversion.Resolved{}, false
	case !hasOwn:
		return record.resolved(v.ID), true
	case !hasRecord:
		return own.resolved(v.ID), true
	}
	if ownWins(v, record, own) || preferred(v.Mode) && holdsOurs(g, v, record, own) {
		return own.resolved(v.ID), true
	}
	return record.resolved(v.ID), true
}

// ownWins decides between Conversion's own claim and the newest of the records' (spec 6).
func ownWins(v *conversion.Variable, record, own contender) bool {
	switch v.Mode {
	case conversion.ModeAlwaysSalesforce:
		return false
	case conversion.ModeNone:
		return true
	case conversion.ModeAlwaysConversion: // an opt-out's false that changed no true is no choice
		return !own.stamp.Weak || record.stamp.Weak
	case conversion.ModePreferSalesforce:
		if !record.value.Blank() && !record.stamp.Weak {
			return false
		}
	}
	return compare(v, own, record) > 0
}

// preferred reports whether the mode puts Salesforce first.
func preferred(m conversion.Mode) bool {
	return m == conversion.ModeAlwaysSalesforce || m == conversion.ModePreferSalesforce
}

// contender is one claim in the contest for a variable's value.
type contender struct {
	value conversion.Value
	stamp conversion.Stamp
	from  conversion.Ref
	by    conversion.Actor
}

func (c contender) resolved(id conversion.VarID) conversion.Resolved {
	return conversion.Resolved{Var: id, Value: c.value, At: c.stamp.At, From: c.from, By: c.by}
}

// compare orders contenders from older to newer. Of an opt-out's claims made in one second
// a true is the newer (spec 3.7).
func compare(v *conversion.Variable, a, b contender) int {
	if v.OptOut && a.stamp.Weak == b.stamp.Weak && a.stamp.At.Second() == b.stamp.At.Second() && a.value.True() != b.value.True() {
		if a.value.True() {
			return 1
		}
		return -1
	}
	return a.stamp.Compare(b.stamp)
}

// newestRecordClaim returns the newest claim any link's record ever made, ended links
// included: what they claimed stays with the entity (spec 3.7).
func newestRecordClaim(g conversion.Group, v *conversion.Variable) (newest contender, ok bool) {
	for _, l := range g.Links {
		c, made := linkClaim(l, v.ID)
		if made && (!ok || compare(v, c, newest) > 0) {
			newest, ok = c, true
		}
	}
	return newest, ok
}

// linkClaim returns the newest claim that the link's record made.
func linkClaim(l *conversion.Link, id conversion.VarID) (c contender, made bool) {
	state := l.Field(id)
	if state == nil || !state.Claim.Made() {
		return contender{}, false
	}
	return contender{
		value: state.Claim.Value,
		stamp: state.Claim.Stamp(l.Ref.ID),
		from:  l.Ref,
		by:    conversion.Actor{Kind: conversion.ActorSalesforce, ID: state.Claim.By},
	}, true
}

func ownClaim(g conversion.Group, id conversion.VarID) (contender, bool) {
	c := g.Entity.OwnClaim(id)
	if c == nil {
		return contender{}, false
	}
	return contender{value: c.Value, stamp: c.Stamp(), by: c.By}, true
}

// Claim records an own claim for the variable on the group's entity. Its stamp is now, in
// Salesforce's time, and later than the newest Salesforce claim it replaces (spec 3.7).
//
// It returns the claim, for a maker who has more to say of it.
func Claim(g conversion.Group, v *conversion.Variable, value conversion.Value, now conversion.Moment, reach conversion.Reach, by conversion.Actor) *conversion.OwnClaim {
	stand(g, v.ID)
	if record, ok := newestRecordClaim(g, v); ok && record.stamp.At.Second() >= now.Second() {
		now = conversion.Moment(record.stamp.At.Second()+1) * 1_000_000
	}
	g.Entity.Claim(conversion.OwnClaim{
		Var: v.ID, Value: value, At: now, Reach: reach, By: by,
		Weak: v.OptOut && !value.True() && !holdsTrue(g, v),
	})
	return g.Entity.OwnClaim(v.ID)
}

// holdsTrue reports whether the variable is true now, for the entity or on a live record.
func holdsTrue(g conversion.Group, v *conversion.Variable) bool {
	if now, ok := winner(g, v); ok && now.Value.True() {
		return true
	}
	return slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
		state := l.Field(v.ID)
		return l.Live() && state != nil && state.Seen.True()
	})
}

// nameOf is the name people know the entity by: a company's own, a contact's first and
// last name; and of a contact the last name alone.
func nameOf(e *conversion.Entity, s *conversion.Schema) (name, last string) {
	if e.Kind == conversion.KindCompany {
		return cmp.Or(e.Value(conversion.NameVar).String(), e.Key), ""
	}
	value := func(key string) string {
		if v := s.ByKey(key); v != nil {
			return e.Value(v.ID).String()
		}
		return ""
	}
	first, last := value("first_name"), value("last_name")
	return strings.TrimSpace(first + " " + last), last
}
