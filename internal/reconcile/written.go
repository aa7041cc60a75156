package reconcile

import (
	"slices"

	"conversion"
)

// What Conversion wrote to a record is no claim of the record's: Conversion's own stands for
// it (spec 4.7). Where that goes away, because it is replaced or the record leaves it, the
// record stands for what it holds itself, as old as it was. Without, what the record held
// before our write would count again.

// stand lets the group's records claim what they hold of the entity's own claim for the
// variable, which is about to go.
func stand(g conversion.Group, id conversion.VarID) {
	c := g.Entity.OwnClaim(id)
	for _, l := range g.Links {
		if state := l.Field(id); state != nil {
			standFor(c, l.Ref.ID, state)
		}
	}
}

// standFor is that, of one field of a record.
func standFor(c *conversion.OwnClaim, recordID string, state *conversion.FieldState) {
	if c == nil || !holds(state, *c) {
		return
	}
	written := conversion.Claim{Value: state.Seen, At: c.At, Weak: c.Weak, Answers: c.Number}
	if !state.Claim.Made() || written.Stamp(recordID).Compare(state.Claim.Stamp(recordID)) > 0 {
		state.Claim = written
	}
}

// holds reports whether a record's field holds an own claim's value because that was written:
// the record itself claims another.
func holds(state *conversion.FieldState, c conversion.OwnClaim) bool {
	return !state.Seen.Absent() && state.Settled == c.Number && !alike(state.Claim.Value, state.Seen) && alike(state.Seen, c.Value)
}

// alike reports whether Salesforce would show both values the same: it has one blank.
func alike(a, b conversion.Value) bool { return a == b || a.Blank() && b.Blank() }

// holdsOurs reports whether one of the group's records holds our own by now, and none claims
// anything newer: then that is what Salesforce says, too.
func holdsOurs(g conversion.Group, v *conversion.Variable, record, own contender) bool {
	c := g.Entity.OwnClaim(v.ID)
	return c != nil && compare(v, own, record) >= 0 && slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
		state := l.Field(v.ID)
		return state != nil && l.State != conversion.LinkMoved && holds(state, *c)
	})
}
