package reconcile

import (
	"slices"

	"conversion"
)

// Separate lets records go from one entity to another of their own, placed there with the
// keys that they carry (spec 3.12). Each moves like any other record, see Move. Nothing is
// sent because of it: an own claim that yielded to one that goes is no news to the records
// that stay. The values of both are to be resolved afterwards.
func Separate(from, to *conversion.Group, links []*conversion.Link, s *conversion.Schema, now conversion.Moment) {
	settleYielded(from, links)
	for _, l := range links {
		Move(from, to, l, s, now)
		if l.Live() && l.Key != "" {
			l.Place()
		}
	}
}

// settleYielded settles the records that stay for the own claims that yield to one of those
// that go.
func settleYielded(g *conversion.Group, going []*conversion.Link) {
	for _, r := range g.Entity.Values {
		c := g.Entity.OwnClaim(r.Var)
		if c == nil || !slices.ContainsFunc(going, func(l *conversion.Link) bool { return l.Ref == r.From }) {
			continue
		}
		for _, l := range g.Links {
			if state := l.Field(r.Var); state != nil && l.State != conversion.LinkMoved {
				state.Settled = max(state.Settled, c.Number)
			}
		}
	}
}
