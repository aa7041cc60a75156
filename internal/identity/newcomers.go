package identity

import (
	"slices"

	"conversion"
)

// newcomer is a record that the cycle met first. Where a page put it depends on what was
// read before, so it counts as placed nowhere until it is decided.
type newcomer struct {
	link *conversion.Link
	from *unit // where its link is until the steps are carried out
	why  Reason
}

// newTo returns what tells the links of a group that the cycle's pages made. On an entity
// that somebody edited since a page made it they stay: the edit was of what was shown.
func (s *settling) newTo(g *conversion.Group) func(*conversion.Link) bool {
	isNew := func(l *conversion.Link) bool {
		return s.Cycle != 0 && l.Met == s.Cycle && (l.Live() || l.State == conversion.LinkIgnored)
	}
	if len(g.Entity.Own) > 0 && s.madeFor(&conversion.Group{Entity: &conversion.Entity{Origin: g.Entity.Origin}, Links: g.Links}, isNew) {
		return func(*conversion.Link) bool { return false }
	}
	return isNew
}

// madeFor reports whether a group is there only because a page made it for newcomers.
func (s *settling) madeFor(g *conversion.Group, isNew func(*conversion.Link) bool) bool {
	e := g.Entity
	return e.Live() && e.Origin == conversion.OriginSalesforce && len(e.Own) == 0 && len(g.Links) > 0 &&
		!slices.ContainsFunc(g.Links, func(l *conversion.Link) bool { return !isNew(l) })
}

// inOrder returns the newcomers by their records.
func (s *settling) inOrder() []*newcomer {
	all := make([]*newcomer, 0, len(s.newcomers))
	for _, n := range s.newcomers {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *newcomer) int { return a.link.Ref.Compare(b.link.Ref) })
	return all
}

// admitAll places the newcomers that nothing became, by their keys. One whose e-mail was
// emptied meanwhile goes by the one it came with, and is held.
func (s *settling) admitAll() {
	for _, n := range s.inOrder() {
		l := n.link
		if s.at[l] != nil {
			continue
		}
		key := l.Key
		if key == "" {
			key = l.Placed
		}
		s.admit(n, s.home(key, l.Ref, n.from))
	}
}

// admit places a newcomer on a unit. It is ignored where the entity was deleted in
// Conversion (spec 3.11), and brings one back that went with its last record (spec 3.10).
func (s *settling) admit(n *newcomer, to *unit) {
	l := n.link
	s.at[l], s.touched[to.group], s.touched[n.from.group] = to, true, true
	to.links = append(slices.Clone(to.links), l)
	slices.SortFunc(to.links, func(a, b *conversion.Link) int { return a.Ref.Compare(b.Ref) })
	if to.entity().Gone {
		s.raise(to)
	}
	if l.State = conversion.LinkLive; l.Key != "" || l.Placed == "" {
		l.Place()
	}
	if l.Met = 0; !to.entity().Live() {
		l.State, l.Pending = conversion.LinkIgnored, false
	}
}

// open lets newcomers be on an entity that a page made.
func (s *settling) open(u *unit, key string) *unit {
	u.vacant, u.over, u.key = false, false, key
	return u
}

// seat lets the newcomers go where they belong. An entity that a page made and nobody is on
// is combined into where the newest of its records went, for its id may have been seen.
func (s *settling) seat() {
	all := s.inOrder()
	for _, u := range s.units {
		if u.vacant {
			s.vacate(u, all)
		}
	}
	for _, n := range all {
		s.carry(n)
	}
}

func (s *settling) vacate(u *unit, all []*newcomer) {
	mine := slices.DeleteFunc(slices.Clone(all), func(n *newcomer) bool { return n.from != u })
	slices.SortFunc(mine, func(a, b *newcomer) int { return newestFirst(a.link, b.link) })
	to := s.at[mine[0].link]
	for _, n := range mine[1:] {
		if s.at[n.link] != to {
			s.carry(n)
		}
	}
	u.vacant = false
	s.combine(to, u, reasonOf(mine[0]), mine[0].link.Ref)
}

// carry tells that a newcomer goes to where it belongs, if it is not there.
func (s *settling) carry(n *newcomer) {
	to := s.at[n.link]
	if n.from == to {
		return
	}
	s.out.Steps = append(s.out.Steps, Step{Link: n.link, From: n.from.group, To: to.group, Why: reasonOf(n), By: n.link.Ref, New: true})
	s.touched[to.group], s.touched[n.from.group] = true, true
	n.from = to
}

func reasonOf(n *newcomer) Reason {
	if n.why == "" {
		return Rekeyed
	}
	return n.why
}
