package reconcile

import (
	"cmp"

	"conversion"
)

// Combine makes one entity of two (spec 3.8, 3.9, 3.12; by hand: 8.2): into gets what from
// has, its links with what they claim and its own claims, and the id of from leads to into
// from then on. into keeps its key; it takes that of from when it has none.
//
// The own claims of from are numbered after those of into; of each variable the newer stays.
// Each record is settled for the own claims that were not its entity's before, so that
// combining sends nothing by itself; what from still has to send goes on being sent (spec
// 4.1). The values are to be resolved afterwards.
func Combine(into, from *conversion.Group, s *conversion.Schema, now conversion.Moment) {
	for _, g := range []*conversion.Group{into, from} {
		for _, c := range g.Entity.Own {
			stand(*g, c.Var)
		}
	}
	renumber(from, into.Entity.Numbers)
	if into.Entity.Key == "" {
		into.Entity.Key = from.Entity.Key
	}
	takesKey := into.Entity.Key == from.Entity.Key
	for _, c := range from.Entity.Own {
		if !takesKey && c.Var == conversion.EmailVar { // WebsiteVar has the same number
			continue // into stays who it is
		}
		takeOwn(into.Entity, c, s.ByID(c.Var))
	}
	settleOthers(into, func(number int64) bool { return number > into.Entity.Numbers })
	settleOthers(&conversion.Group{Entity: into.Entity, Links: from.Links}, func(number int64) bool { return number <= into.Entity.Numbers })
	into.Entity.Numbers += from.Entity.Numbers
	takeLinks(into, from.Links)
	takeWork(into.Entity, from.Entity)
	into.Entity.Updated = now
	e := from.Entity
	*e = conversion.Entity{
		ID: e.ID, Kind: e.Kind, Origin: e.Origin, Version: e.Version, Created: e.Created,
		Updated: now, Deleted: now, Into: into.Entity.ID,
	}
	from.Links = nil
}

// renumber lets the numbers of the group's own claims begin after the given one, wherever
// they are remembered.
func renumber(g *conversion.Group, after int64) {
	later := func(number *int64) {
		if *number > 0 {
			*number += after
		}
	}
	for i := range g.Entity.Own {
		later(&g.Entity.Own[i].Number)
	}
	if c := g.Entity.Creating; c != nil {
		later(&c.Number)
		for i := range c.Sent {
			later(&c.Sent[i].Number)
		}
	}
	for _, l := range g.Links {
		for i := range l.Fields {
			later(&l.Fields[i].Settled)
			later(&l.Fields[i].Intent.Number)
			later(&l.Fields[i].Claim.Answers)
		}
		for i := range l.Holds {
			later(&l.Holds[i].Number)
		}
	}
}

// takeOwn gives the entity an own claim of another's, its number with it, unless its own
// is newer.
func takeOwn(e *conversion.Entity, c conversion.OwnClaim, v *conversion.Variable) {
	numbers := e.Numbers
	if mine := e.OwnClaim(c.Var); mine != nil {
		theirs, ours := contender{value: c.Value, stamp: c.Stamp()}, contender{value: mine.Value, stamp: mine.Stamp()}
		if v != nil && compare(v, theirs, ours) > 0 || v == nil && theirs.stamp.Compare(ours.stamp) > 0 {
			*mine = c
		}
		return
	}
	e.Claim(c)
	e.Numbers = numbers
	e.OwnClaim(c.Var).Number = c.Number
}

// settleOthers settles the group's links for the own claims of its entity that were not
// theirs before, told by their numbers.
func settleOthers(g *conversion.Group, others func(number int64) bool) {
	for _, c := range g.Entity.Own {
		if !others(c.Number) {
			continue
		}
		for _, l := range g.Links {
			if l.State != conversion.LinkMoved {
				state := l.Ensure(c.Var)
				state.Settled = max(state.Settled, c.Number)
			}
		}
	}
}

// takeLinks adds another entity's links to the group. What a record left behind is dropped
// where the record itself comes to be: it took its claims along.
func takeLinks(into *conversion.Group, links []*conversion.Link) {
	for _, l := range links {
		if l.Met = 0; l.State != conversion.LinkMoved {
			into.Put(l)
			continue
		}
		if into.Link(l.Ref) != nil {
			continue
		}
		for _, mine := range into.Links {
			if mine.Ref == l.Ref {
				keepOptOuts(l, mine)
			}
		}
		into.Put(l)
	}
}

// keepOptOuts adds what a record left on one entity to what it left on another.
func keepOptOuts(l, other *conversion.Link) {
	for _, f := range other.Fields {
		if state := l.Ensure(f.Var); !state.Claim.Made() || state.Claim.At < f.Claim.At {
			state.Claim = f.Claim
		}
	}
}

// takeWork lets an entity go on with what another had begun or has still to send.
func takeWork(into, from *conversion.Entity) {
	into.Created = min(into.Created, from.Created)
	into.Birth |= from.Birth
	into.Company = cmp.Or(into.Company, from.Company)
	into.Revision = min(into.Revision, from.Revision)
	if into.Creating == nil {
		into.Creating = from.Creating
	}
	switch {
	case from.Dirty == 0:
	case into.Dirty == 0:
		into.Dirty, into.Retry, into.Tries = from.Dirty, from.Retry, from.Tries
	default:
		into.Dirty, into.Retry, into.Tries = min(into.Dirty, from.Dirty), min(into.Retry, from.Retry), min(into.Tries, from.Tries)
	}
}

// Move lets a record go from one entity to another, with what it claims. It leaves its name
// and its opt-outs behind (spec 3.7). Own claims of the entity it leaves are none of its
// business any more; for those of the other it is settled (spec 4.1). The values of both are
// to be resolved afterwards.
func Move(from, to *conversion.Group, l *conversion.Link, s *conversion.Schema, now conversion.Moment) {
	from.Put(l.Ghost(s))
	transfer(from, to, l, now)
}

// Seat lets a record go from where a page put it to where it belongs: it never was the
// first entity's, and leaves nothing there. Else it is like Move.
func Seat(from, to *conversion.Group, l *conversion.Link, now conversion.Moment) {
	from.Drop(l)
	transfer(from, to, l, now)
}

func transfer(from, to *conversion.Group, l *conversion.Link, now conversion.Moment) {
	for i := range l.Fields {
		standFor(from.Entity.OwnClaim(l.Fields[i].Var), l.Ref.ID, &l.Fields[i])
		l.Fields[i].Settled, l.Fields[i].Claim.Answers = 0, 0
	}
	l.Linked, l.Met, l.Holds = now, 0, nil
	to.Put(l)
	SettleUpTo(to.Entity, l, to.Entity.Numbers)
	for i := range l.Fields {
		if f := &l.Fields[i]; f.Intent.Number > 0 { // its echo is still to be known for what it is
			f.Intent.Number = max(1, f.Settled)
			to.Entity.Mark(conversion.LaneEdits, now) // until it is known
		}
	}
	from.Entity.Updated, to.Entity.Updated = now, now
}
