package reconcile

import (
	"slices"
	"time"

	"conversion"
)

// rewriteWindow is the day over which changes back are counted (spec 4.7).
const rewriteWindow = 24 * time.Hour

// noteRewrite remembers that a value we had written to a record's field is another now:
// the user by changed it, or an automation did in the same breath.
func noteRewrite(l *conversion.Link, id conversion.VarID, by string, at conversion.Moment) {
	l.Rewrites = slices.DeleteFunc(l.Rewrites, func(r conversion.Rewrites) bool {
		return r.Var != id && timesSince(r, at) == 0
	})
	i, there := slices.BinarySearchFunc(l.Rewrites, id, func(r conversion.Rewrites, id conversion.VarID) int { return int(r.Var - id) })
	if !there {
		l.Rewrites = slices.Insert(l.Rewrites, i, conversion.Rewrites{Var: id})
	}
	r := &l.Rewrites[i]
	copy(r.At[:], r.At[1:])
	r.At[len(r.At)-1], r.By = at, by
}

// wasOurs reports whether what a field was last seen to hold is what we wrote to it: no
// claim of the record's own stands for it but one that nobody there made.
func wasOurs(state *conversion.FieldState, seen conversion.Value) bool {
	return state.Settled > 0 && (state.Claim.Value != seen || state.Claim.By == "")
}

func rewritesOf(l *conversion.Link, id conversion.VarID) *conversion.Rewrites {
	i := slices.IndexFunc(l.Rewrites, func(r conversion.Rewrites) bool { return r.Var == id })
	if i < 0 {
		return nil
	}
	return &l.Rewrites[i]
}

// timesSince counts the changes back within a day before now.
func timesSince(r conversion.Rewrites, now conversion.Moment) int {
	n := 0
	for _, at := range r.At {
		if at > 0 && now.Sub(at) < rewriteWindow {
			n++
		}
	}
	return n
}

// calmAt is when no more than limit changes back will be within a day.
func calmAt(r conversion.Rewrites, limit int) conversion.Moment {
	return r.At[max(0, len(r.At)-1-limit)].Add(rewriteWindow)
}
