package reconcile

import (
	"slices"
	"strings"

	"conversion"
)

// FewestContacts is how many contacts there have to be before changes in bulk are weighed.
const FewestContacts = 1000

// ChangesWait reports whether the change of one variable on so many of the contacts has to
// wait for an approval.
func ChangesWait(changed, contacts int, o conversion.Options) bool {
	return contacts >= FewestContacts && changed*100 > contacts*o.MaxChangedPercent
}

// Overwrites reports whether a change takes something away that was there: filling in what
// was blank does not. What Salesforce computes is changed by nobody, and
// e-mail and website say who it is (spec 3.12).
func Overwrites(v *conversion.Variable, before, after conversion.Value) bool {
	if v == nil || v.ID == conversion.EmailVar || v.ID == conversion.WebsiteVar || calculated(v) {
		return false
	}
	return !before.Blank() && before != after
}

func calculated(v *conversion.Variable) bool {
	for _, f := range v.Fields {
		if !f.Derived() {
			return false
		}
	}
	return len(v.Fields) > 0
}

// WithheldClaim is an own claim that was made in bulk: an admin has to let it go before it
// replaces a value in Salesforce.
type WithheldClaim struct {
	Var     conversion.VarID
	Number  int64
	Refused bool // nobody lets it go any more
}

// CountEdit notes on the entity's newest own claim for a variable whether it is one of a
// change in bulk, and reports whether the contact is to be counted: once in 24 hours for
// each program or import that takes a value away there. before is the value that the claim
// replaces, earlier the own claim that it takes the place of, if there was one. What people
// change one by one, and what is never sent, is not counted.
func CountEdit(e *conversion.Entity, id conversion.VarID, before conversion.Value, earlier conversion.OwnClaim, now conversion.Moment) bool {
	c := e.OwnClaim(id)
	if e.Kind != conversion.KindContact || !c.Reach.Goes() || !inBulk(c.By) {
		return false
	}
	if earlier.Counted > 0 && earlier.By == c.By && now.Sub(earlier.Counted) < conversion.BreakerWindow {
		c.Counted = earlier.Counted
		return false
	}
	if before.Blank() || before == c.Value {
		return false
	}
	c.Counted = now
	return true
}

// inBulk reports whether somebody changes many contacts with one call.
func inBulk(by conversion.Actor) bool {
	return by.Kind == conversion.ActorAPIKey || by.Kind == conversion.ActorImport
}

// Weighable are the entity's own claims that may be of a change in bulk and are not dealt
// with on some live link whose record they would take a value from.
func Weighable(g conversion.Group) (claims []conversion.OwnClaim) {
	for _, c := range g.Entity.Own {
		if c.Counted > 0 && g.Entity.Live() && slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
			state := l.Field(c.Var)
			return l.Live() && state != nil && state.Settled < c.Number && !state.Seen.Blank()
		}) {
			claims = append(claims, c)
		}
	}
	return claims
}

// BusiestDay returns the most that was counted within any 24 hours around a moment; the
// counts are of one maker and variable, oldest first.
func BusiestDay(counts []conversion.EditCount, at conversion.Moment) (most int) {
	at = conversion.SlotOf(at)
	for i, first := range counts {
		if first.At > at || at.Sub(first.At) > conversion.BreakerWindow {
			continue
		}
		n := 0
		for _, c := range counts[i:] {
			if c.At.Sub(first.At) > conversion.BreakerWindow {
				break
			}
			n += c.N
		}
		most = max(most, n)
	}
	return most
}

// Outstanding reports whether the group's own claim for a variable is still to be sent to
// one of its records.
func Outstanding(g conversion.Group, s *conversion.Schema, t Terms, id conversion.VarID) bool {
	g = g.Clone()
	plan := Send(g, s, t)
	return plan.Left.Waiting || slices.ContainsFunc(plan.Writes, func(w conversion.Write) bool {
		return slices.ContainsFunc(w.Fields, func(f conversion.FieldWrite) bool { return f.Var == id })
	}) || slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
		_, held := conversion.FindHold(l.Holds, id)
		return held
	})
}

// withheld returns what of the terms keeps an own claim from a field that holds a value;
// nil when it may go. Filling in a blank waits for nobody.
func (t Terms) withheld(id conversion.VarID, number int64, seen conversion.Value) *WithheldClaim {
	if seen.Blank() {
		return nil
	}
	i := slices.IndexFunc(t.Withheld, func(c WithheldClaim) bool { return c.Var == id && c.Number == number })
	if i < 0 {
		return nil
	}
	return &t.Withheld[i]
}

// blockWithheld keeps back what waits for an approval.
func (s *sieve) blockWithheld(t Terms) {
	for _, c := range s.wanted {
		if t.withheld(c.Var, c.Number, c.Before) != nil {
			s.block(c, conversion.FieldHold{Code: conversion.HoldApproval})
		}
	}
}

// noteWithheld says what of the plan waits for an approval. Nothing is stored of it: what an
// admin decides is found anew whenever it is planned.
func noteWithheld(left *conversion.Left, h conversion.FieldHold) {
	left.Parked = true
	if i, there := slices.BinarySearch(left.Withheld, h.Var); h.With == 0 && !there {
		left.Withheld = slices.Insert(left.Withheld, i, h.Var)
	}
}

// refusedInBulk tells what an admin did not let go: the variables whose claims the plan
// settled unsent.
func refusedInBulk(g conversion.Group, s *conversion.Schema, refused []conversion.VarID) []conversion.Problem {
	if len(refused) == 0 {
		return nil
	}
	var labels []string
	for _, id := range slices.Compact(slices.Sorted(slices.Values(refused))) {
		labels = append(labels, s.ByID(id).Label)
	}
	return []conversion.Problem{{
		EntityID: g.Entity.ID, Code: "refused_in_bulk",
		Message: "Not sent to Salesforce: an admin refused the change in bulk of " + strings.Join(labels, ", ") + ".",
	}}
}

// settleRefused settles on a link what an admin did not let go, unsent, and returns the
// variables.
func settleRefused(g conversion.Group, l *conversion.Link, s *conversion.Schema, t Terms) (refused []conversion.VarID) {
	for _, h := range t.Withheld {
		c, v, state := g.Entity.OwnClaim(h.Var), s.ByID(h.Var), l.Field(h.Var)
		if !h.Refused || c == nil || c.Number != h.Number || v == nil || state == nil || state.Seen.Blank() {
			continue
		}
		value, ok := valueFor(v, *c, t)
		if ok && state.Settled < c.Number && c.Reach.Has(conversion.Updating(l.Ref.Object)) &&
			decide(g, v, *c, value, state, l.Ref.Object) == send {
			state.Settled = c.Number
			refused = append(refused, h.Var)
		}
	}
	return refused
}
