package reconcile

import (
	"cmp"
	"slices"
	"time"

	"conversion"
)

// checkAgain is when a field is looked at again that only a change of its definition lets
// be written: should that change have been missed.
const checkAgain = 24 * time.Hour

// candidate is an own claim that the rule and mode of now let go to a record's field.
type candidate struct {
	conversion.FieldWrite
	field conversion.Field
}

// sift leaves out of what would be written to a record what is held, and returns the rest
// (spec 4.9). A hold ends with its cause: the own claim was replaced, the field's
// definition changed, its time has come, or what it depends on changed. While a refused
// value is tried again its hold is kept, so that it is known since when and how often.
func sift(e *conversion.Entity, l *conversion.Link, wanted []candidate, t Terms, left *conversion.Left) []conversion.FieldWrite {
	s := sieve{link: l, wanted: wanted, now: t.Now, left: left, held: make(map[conversion.VarID]conversion.FieldHold)}
	trials := s.refusedBefore()
	s.blockUnwritable()
	s.blockRewritten(t.Rewrites)
	s.blockWithheld(t)
	s.holdAlong()
	whole := wholeOf(l.Holds)
	if whole != nil && recordStands(*whole, e, l, t.Now) && len(wanted) > 0 {
		waitUntil(left, whole.Retry)
		l.Holds = sorted(append(s.kept(trials), *whole))
		return nil
	}
	l.Holds = sorted(s.kept(trials))
	if whole != nil && len(wanted) > len(s.held) {
		l.Holds = sorted(append(l.Holds, *whole)) // it is tried now
	}
	return s.rest()
}

// sieve is one record's wanted fields on their way through its holds.
type sieve struct {
	link   *conversion.Link
	wanted []candidate
	now    conversion.Moment
	left   *conversion.Left
	held   map[conversion.VarID]conversion.FieldHold // what stays behind
}

// refusedBefore finds out which of Salesforce's refusals still stand, and returns those
// that are tried again. Fields that were held together are let go together.
func (s *sieve) refusedBefore() (trials []conversion.FieldHold) {
	free := make(map[conversion.VarID]bool) // by the variable that was refused
	var stand []conversion.FieldHold
	for _, h := range s.link.Holds {
		c := s.find(h.Var)
		switch {
		case h.Whole() || ours(h.Code):
		case c == nil || c.Number != h.Number: // dealt with, or replaced
			free[root(h)] = true
		default:
			free[root(h)] = free[root(h)] || s.now >= h.Retry || redefined(h, *c) || s.joined(h, c.field)
			stand = append(stand, h)
		}
	}
	for _, h := range stand {
		if free[root(h)] {
			trials = append(trials, h)
		} else {
			s.held[h.Var] = h
		}
	}
	return trials
}

// redefined reports whether the field's definition changed since it refused the value, to
// one that may take it.
func redefined(h conversion.FieldHold, c candidate) bool {
	return c.field.Shape() != h.Shape && c.field.Check(c.Value) == nil
}

// joined reports whether a field that h depends on is to be written now, and was not when
// h was refused.
func (s *sieve) joined(h conversion.FieldHold, field conversion.Field) bool {
	return slices.ContainsFunc(s.wanted, func(c candidate) bool {
		i, held := conversion.FindHold(s.link.Holds, c.Var)
		same := held && s.link.Holds[i].Number == c.Number
		return c.Var != h.Var && !same && field.Together(c.field)
	})
}

// blockUnwritable holds what describe says cannot be written now.
func (s *sieve) blockUnwritable() {
	for _, c := range s.wanted {
		switch {
		case !c.field.Live():
			s.block(c, conversion.FieldHold{
				Code: conversion.HoldFieldGone, Fix: conversion.FixSalesforce, Retry: s.now.Add(checkAgain),
				Message: c.Field + " is no longer there in Salesforce, or is hidden from the connected user.",
				Hint:    "Give the connected user access to it, or leave the variable out of the sync.",
			})
		case !c.field.Updateable:
			s.block(c, conversion.FieldHold{
				Code: conversion.HoldNotWritable, Fix: conversion.FixSalesforce, Retry: s.now.Add(checkAgain),
				Message: "The connected Salesforce user may not edit " + c.Field + ".",
				Hint:    "Give the user edit access to the field, or let Salesforce always win for the variable.",
			})
		}
	}
}

// blockRewritten holds what others keep changing after us (spec 4.7).
func (s *sieve) blockRewritten(limit int) {
	for _, c := range s.wanted {
		r := rewritesOf(s.link, c.Var)
		if r == nil || limit == 0 || timesSince(*r, s.now) <= limit {
			continue
		}
		s.block(c, conversion.FieldHold{
			Code: conversion.HoldOscillation, Fix: conversion.FixSalesforce, Retry: calmAt(*r, limit), By: r.By,
			Message: "Somebody else has changed " + c.Field + " after us more than 3 times within 24 hours.",
			Hint:    "Find out which automation or integration writes the field, and let one system own it.",
		})
	}
}

// block holds a field for a reason of ours; since when it has been so is kept.
func (s *sieve) block(c candidate, h conversion.FieldHold) {
	if _, held := s.held[c.Var]; held {
		return
	}
	h.Var, h.Field, h.Number, h.Shape, h.Since, h.Tries = c.Var, c.Field, c.Number, c.field.Shape(), s.now, 1
	if i, ok := conversion.FindHold(s.link.Holds, c.Var); ok {
		if was := s.link.Holds[i]; was.Code == h.Code {
			h.Since, h.Born = was.Since, was.Born
		}
	}
	s.held[c.Var] = h
}

// holdAlong keeps back what depends on a field that is held.
func (s *sieve) holdAlong() {
	for again := true; again; {
		again = false
		for _, c := range s.wanted {
			if _, held := s.held[c.Var]; held {
				continue
			}
			for _, other := range s.wanted {
				if h, held := s.held[other.Var]; held && c.field.Together(other.field) {
					s.held[c.Var], again = along(h, c), true
					break
				}
			}
		}
	}
}

// along is the hold of a field that depends on a held one.
func along(h conversion.FieldHold, c candidate) conversion.FieldHold {
	h.With = root(h)
	h.Var, h.Field, h.Number, h.Shape = c.Var, c.Field, c.Number, c.field.Shape()
	return h
}

// root is the variable that was refused itself.
func root(h conversion.FieldHold) conversion.VarID { return cmp.Or(h.With, h.Var) }

// ours reports whether a hold is found anew whenever it is planned.
func ours(code string) bool {
	return code == conversion.HoldOscillation || code == conversion.HoldNotWritable || code == conversion.HoldFieldGone
}

func (s *sieve) find(id conversion.VarID) *candidate {
	i := slices.IndexFunc(s.wanted, func(c candidate) bool { return c.Var == id })
	if i < 0 {
		return nil
	}
	return &s.wanted[i]
}

// kept are the holds that the link goes on with.
func (s *sieve) kept(trials []conversion.FieldHold) []conversion.FieldHold {
	var kept []conversion.FieldHold
	for _, h := range s.held {
		if h.Code == conversion.HoldApproval {
			noteWithheld(s.left, h)
			continue
		}
		waitUntil(s.left, h.Retry)
		kept = append(kept, h)
	}
	for _, h := range trials {
		if now, held := s.held[h.Var]; !held || now.Code == conversion.HoldApproval {
			kept = append(kept, h)
		}
	}
	return kept
}

// waitUntil notes the earliest time of what is held.
func waitUntil(left *conversion.Left, until conversion.Moment) {
	if left.Held == 0 || until < left.Held {
		left.Held = until
	}
}

func (s *sieve) rest() []conversion.FieldWrite {
	var rest []conversion.FieldWrite
	for _, c := range s.wanted {
		if _, held := s.held[c.Var]; !held {
			rest = append(rest, c.FieldWrite)
		}
	}
	return rest
}

// recordStands reports whether a refusal of the record as a whole still stands: nothing was
// edited here or there since, and its time has not come.
func recordStands(h conversion.FieldHold, e *conversion.Entity, l *conversion.Link, now conversion.Moment) bool {
	return now < h.Retry && e.Numbers == h.Number && uint64(l.Reading.Modstamp) == h.Shape &&
		(e.Live() || h.Since >= e.Deleted)
}
