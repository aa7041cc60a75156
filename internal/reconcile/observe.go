package reconcile

import (
	"slices"

	"conversion"
)

// News says what an observation told.
type News int

// From nothing to a change of what was known.
const (
	Nothing   News = iota // a repeat or a stale one: there is nothing to store
	Refreshed             // newer, or read for the first time
	Changed               // a value that had been seen before is another now
)

// Observe takes an observation of a link's record into what the link remembers: what was
// seen, and the claims that follow from it (spec 3.7).
//
// It is safe to repeat and to call with stale or partial observations: each field's
// reading is compared on its own, and one that is not newer is dropped.
func Observe(l *conversion.Link, r *conversion.Record, s *conversion.Schema) News {
	news := Nothing
	if len(l.Fields) == 0 {
		l.Fields = make([]conversion.FieldState, 0, len(r.Fields))
	}
	for _, f := range r.Fields {
		if v := s.ByID(f.Var); v != nil {
			news = max(news, observeField(l, r, v, f.Value))
		}
	}
	if l.Reading.Compare(r.Reading) < 0 {
		if l.Reading.Modstamp < r.Reading.Modstamp {
			news = max(news, Refreshed)
		}
		l.Reading = r.Reading
		if r.Name != "" {
			l.Name = r.Name
		}
	}
	return news
}

// Awaits reports whether Conversion claimed anything since the link's fields were last read
// that may be settled by what they hold. When they are read next is worth storing then, even
// if they hold what they did (spec 4.1).
func Awaits(e *conversion.Entity, l *conversion.Link) bool {
	return slices.ContainsFunc(e.Own, func(c conversion.OwnClaim) bool {
		state := l.Field(c.Var)
		return l.Live() && state != nil && c.Number > state.Settled && state.Reading.Asked < c.Said
	})
}

func observeField(l *conversion.Link, r *conversion.Record, v *conversion.Variable, value conversion.Value) News {
	state := l.Ensure(v.ID)
	seen, last := state.Seen, state.Reading
	first := seen.Absent()
	if !first && r.Reading.Compare(last) <= 0 {
		return Nothing
	}
	state.Seen, state.Reading = value, r.Reading
	if !first && value == seen {
		if state.Intent.Number > 0 && l.Live() {
			return Refreshed // when it was read tells whether a lost request may still land
		}
		return Nothing
	}
	if isEcho(state, value) {
		settleEcho(state)
		return Refreshed
	}
	if !first && wasOurs(state, seen) {
		noteRewrite(l, v.ID, r.ModifiedBy, r.Reading.Asked)
	}
	state.Claim = conversion.Claim{
		Value: value,
		At:    stampOf(r, v, last, first),
		By:    r.ModifiedBy,
		Weak:  isWeak(l.Ref.Object, v, seen, value),
	}
	if first {
		return Refreshed
	}
	return Changed
}

// stampOf is when the claim was made that a field's new value is. What others work out
// changes without its record: it claims when it is first seen (spec 6).
func stampOf(r *conversion.Record, v *conversion.Variable, last conversion.Reading, first bool) conversion.Moment {
	if f, _ := v.On(r.Ref.Object); f.Derived() && !first {
		return r.FirstSeen(last)
	}
	return r.Stamp(last)
}

// isEcho reports whether the value is the one we sent, or were about to (spec 4.7).
func isEcho(state *conversion.FieldState, value conversion.Value) bool {
	return state.Intent.Number > 0 && alike(state.Intent.Value, value)
}

// settleEcho remembers that Salesforce holds what we sent. When a later claim had been
// settled already, the request took effect late and undid it: the later claim becomes
// unsettled and is sent again (spec 4.3).
func settleEcho(state *conversion.FieldState) {
	state.Settled = state.Intent.Number
	answered(state)
}

// answered ends an intent, unless an earlier request with the same may still take effect.
func answered(state *conversion.FieldState) {
	if !state.Intent.Again {
		state.Intent = conversion.Intent{}
	}
}

// isWeak reports whether a claim yields to any other: at first sight one that may well be
// nobody's choice, and an opt-out's false that changes no true (spec 3.7).
func isWeak(o conversion.Object, v *conversion.Variable, seen, value conversion.Value) bool {
	if v.OptOut {
		return !value.True() && !seen.True()
	}
	if !seen.Absent() {
		return false
	}
	f, _ := v.On(o)
	return value.Blank() || value.False() || value == f.Default
}
