package reconcile

import (
	"slices"

	"conversion"
)

// Confirm takes the answer to a successful update into the link: what Salesforce stored is
// seen and our claim is settled (spec 4.7). stored is the record as read back right after
// the write; nil when it could not be read.
//
// It reports false when the reading tells nothing, because there is none or because
// Salesforce still shows what was there before: the intents then stay, and a later reading
// tells.
func Confirm(g conversion.Group, l *conversion.Link, w conversion.Write, stored *conversion.Record, s *conversion.Schema, t Terms) (shown bool) {
	if stored == nil || isBefore(l, w, stored, s) {
		return false
	}
	for _, f := range w.Fields {
		if v := s.ByID(f.Var); v != nil && f.Number > 0 {
			confirmField(g, l, v, f, stored, t)
		}
	}
	if wroteKey(w) {
		followKey(g.Entity, l, stored, t)
	}
	Observe(l, stored, s)
	Release(g.Entity, l, w)
	return true
}

// isBefore reports whether a reading shows the record as it was before our write: no newer
// than what was last seen of it, and none of what we sent but what was there already.
func isBefore(l *conversion.Link, w conversion.Write, stored *conversion.Record, s *conversion.Schema) bool {
	if stored.Reading.Modstamp > l.Reading.Modstamp {
		return false
	}
	for _, f := range w.Fields {
		v := s.ByID(f.Var)
		if state := l.Field(f.Var); v != nil && f.Number > 0 && state != nil && state.Intent.Number == f.Number && !same(v, stored.Value(f.Var), f.Value) {
			return true
		}
	}
	return false
}

func confirmField(g conversion.Group, l *conversion.Link, v *conversion.Variable, f conversion.FieldWrite, stored *conversion.Record, t Terms) {
	state := l.Ensure(v.ID)
	value := stored.Value(v.ID)
	if value.Absent() || stored.Reading.Compare(state.Reading) < 0 {
		return
	}
	state.Settled = max(state.Settled, f.Number)
	answered(state)
	theirs, differs := stored.ModifiedBy != t.Self, !same(v, value, f.Value)
	if differs && !(theirs && wasOurs(state, state.Seen)) { // else Observe notes it
		noteRewrite(l, v.ID, stored.ModifiedBy, stored.Reading.Asked)
	}
	if theirs && differs {
		return // somebody edited it after us: an observation like any other
	}
	state.Seen, state.Reading = value, stored.Reading
	if same(v, value, f.Value) || !takesAnswers(v.Mode) {
		return
	}
	at := stored.Modified()
	if c := g.Entity.OwnClaim(v.ID); c != nil {
		at = c.At // of a later one too: in one second the answer to an earlier one is below it
	}
	state.Claim = conversion.Claim{Value: value, At: at, By: stored.ModifiedBy, Answers: f.Number}
}

// takesAnswers reports whether what Salesforce stored instead of our value is taken over.
func takesAnswers(m conversion.Mode) bool {
	return m == conversion.ModeTwoWay || m == conversion.ModePreferSalesforce
}

// wroteKey reports whether a write set the e-mail or website.
func wroteKey(w conversion.Write) bool {
	return slices.ContainsFunc(w.Fields, func(f conversion.FieldWrite) bool {
		return f.Var == conversion.EmailVar // WebsiteVar has the same number
	})
}

// followKey places the record anew when our own write set its e-mail or website (spec
// 3.12). What somebody else made of it since is a change like any other.
func followKey(e *conversion.Entity, l *conversion.Link, stored *conversion.Record, t Terms) {
	if !stored.KeyRead || stored.Reading.Compare(l.Reading) < 0 {
		return
	}
	l.Carry(stored.Key)
	switch {
	case stored.Key == e.Key:
		l.Place()
	case stored.ModifiedBy == t.Self: // a trigger's may be another's
		l.Placed, l.Pending = stored.Key, true
	}
}

// Refuse takes a known refusal of an update into the link: nothing was stored, so nothing
// can echo but an earlier request.
func Refuse(l *conversion.Link, w conversion.Write) {
	for _, f := range w.Fields {
		if state := l.Field(f.Var); state != nil && state.Intent.Number == f.Number {
			answered(state)
		}
	}
}

// Unanswered notes when the request of an update ended without an answer: its intents count
// from then.
func Unanswered(l *conversion.Link, w conversion.Write, now conversion.Moment) {
	for _, f := range w.Fields {
		if state := l.Field(f.Var); state != nil && state.Intent.Number == f.Number && f.Number > 0 {
			state.Intent.At = now
		}
	}
}

// Created links the record that a create made to its entity, with what was read back of
// it: ours is settled, what Salesforce stored instead is its answer, and what we did not
// send is seen for the first time. When it could not be read back, or an earlier request with
// the same may still take effect, intents let a later reading know ours for what it is.
func Created(g conversion.Group, id string, w conversion.Write, stored *conversion.Record, s *conversion.Schema, t Terms) *conversion.Link {
	l, again := NewLink(g, conversion.Ref{Object: w.Ref.Object, ID: id}, g.Entity.Key, t.Now), false
	if creating := g.Entity.Creating; creating != nil {
		SettleUpTo(g.Entity, l, creating.Number)
		again, g.Entity.Creating = creating.Again, nil
	}
	carryHolds(g.Entity, l)
	for _, f := range w.Fields {
		v := s.ByID(f.Var)
		if v == nil || f.Number == 0 {
			continue
		}
		if stored == nil || again {
			l.Ensure(v.ID).Intent = conversion.Intent{Value: f.Value, Number: f.Number, At: t.Now, Again: again}
		}
		if stored != nil {
			confirmField(g, l, v, f, stored, t)
		}
	}
	if stored != nil {
		followKey(g.Entity, l, stored, t)
		Observe(l, stored, s)
	}
	return l
}

// Adopt links a record that was found to the entity it was created for, after the answer to
// the create was lost (spec 4.3). What was sent is known again when the record is read, and
// is no claim of its own (spec 4.7).
func Adopt(g conversion.Group, ref conversion.Ref) *conversion.Link {
	creating := g.Entity.Creating
	l := NewLink(g, ref, creating.Key, creating.At)
	l.Pending = creating.Key != g.Entity.Key // others may have come with the key it was made with
	SettleUpTo(g.Entity, l, creating.Number)
	for _, f := range creating.Sent {
		l.Ensure(f.Var).Intent = conversion.Intent{Value: f.Value, Number: f.Number, At: max(creating.At, creating.Lost), Again: creating.Again}
	}
	g.Entity.Creating = nil
	return l
}

// Likeness tells how much a record looks like the work of a request to create: how many of the
// values that were sent it holds, less those that it holds otherwise.
func Likeness(c *conversion.Creation, rec *conversion.Record) int {
	likeness := 0
	for _, sent := range c.Sent {
		switch value := rec.Value(sent.Var); {
		case value.Absent():
		case alike(value, sent.Value):
			likeness++
		default:
			likeness--
		}
	}
	return likeness
}

// NewLink makes a live link of the record to the entity.
func NewLink(g conversion.Group, ref conversion.Ref, key string, now conversion.Moment) *conversion.Link {
	return &conversion.Link{
		Ref: ref, EntityID: g.Entity.ID, State: conversion.LinkLive, Key: key, Placed: key, Linked: now,
	}
}

// SettleUpTo settles a link for the entity's own claims up to a number: all of them when a
// pull made the link (spec 4.1), those in the request when a create did.
func SettleUpTo(e *conversion.Entity, l *conversion.Link, number int64) {
	for _, c := range e.Own {
		if c.Number <= number {
			l.Ensure(c.Var).Settled = c.Number
		}
	}
}
