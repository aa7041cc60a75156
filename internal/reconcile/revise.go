package reconcile

import (
	"slices"
	"time"

	"conversion"
)

// Clock is what is known of Salesforce's.
type Clock struct {
	Offset time.Duration // its time minus ours
	Known  bool
}

// Revision is what a later revision of the variables makes of a group.
type Revision struct {
	Changes []conversion.FieldChange // of values, as Resolve gives them
	Timed   []conversion.VarID       // own claims whose stamps were put right, ascending
	Differs bool                     // something of the group is otherwise than it was stored
}

// Revise brings what is stored of a group in line with the variables as they are: claims are
// recorded whatever the mode, so that another mode only lets others of them count (spec 6).
// Own claims that were stamped by our clock are put into Salesforce's time once that is known
// (spec 3.7). It is safe to repeat.
func Revise(g conversion.Group, s *conversion.Schema, c Clock) Revision {
	e := g.Entity
	was := *e
	r := Revision{Timed: tellTime(e, c)}
	r.Changes = Resolve(g, s)
	e.Revision = s.Revision
	r.Differs = len(r.Timed) > 0 || e.Name != was.Name || e.LastName != was.LastName || !slices.Equal(e.Values, was.Values)
	return r
}

// tellTime puts the claims that our own clock stamped into Salesforce's time. Their order
// among each other is that of their numbers, before and after.
func tellTime(e *conversion.Entity, c Clock) (timed []conversion.VarID) {
	if !c.Known {
		return nil
	}
	for i := range e.Own {
		if own := &e.Own[i]; own.Local {
			own.At, own.Local = own.At.Add(c.Offset), false
			timed = append(timed, own.Var)
		}
	}
	return timed
}

func isLocal(c conversion.OwnClaim) bool { return c.Local }
