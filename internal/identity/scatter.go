package identity

import (
	"slices"

	"conversion"
)

// homes is where records of a key belong, once it is known which unit has which.
type homes struct {
	holders  map[string]*unit
	carriers map[string]*unit
}

// index finds the homes of keys. Of several units with records of a key the one that had
// its record all the time counts, then the one that has the key, then the oldest.
func (s *settling) index(x claims) {
	s.homes = homes{make(map[string]*unit), make(map[string]*unit)}
	rank := make(map[string]int)
	for _, u := range s.units {
		switch {
		case !u.stands() || u.key == "":
		case u.takes() || !x.leaves(u):
			s.homes.holders[u.key] = u
		}
		for _, l := range u.links {
			if u.stands() && s.settled(u, l) {
				if r := s.rank(u, l); r > rank[l.Key] {
					rank[l.Key], s.homes.carriers[l.Key] = r, u
				}
			}
		}
	}
}

// settled reports whether a record stays where it is by its key.
func (s *settling) settled(u *unit, l *conversion.Link) bool {
	return carries(l) || moved(l) && l.Key != "" && l.Key == u.key
}

func (s *settling) rank(u *unit, l *conversion.Link) int {
	rank := 1
	if l.Key == u.key {
		rank += 1
	}
	if !l.Pending {
		rank += 2
	}
	return rank
}

// reunite lets live records of one key be on one entity: one that came back goes to the one
// that has the others by now (spec 3.5).
func (s *settling) reunite() {
	for _, u := range s.units {
		if !u.stands() {
			continue
		}
		for _, l := range u.links {
			if home := s.homes.carriers[l.Key]; s.settled(u, l) && home != nil && home != u {
				s.leave(l, home, Returned)
			}
		}
	}
}

// scatter lets records go whose key is not that with which they were placed and not their
// entity's; first those that count, then those that Conversion's own edit overrules, which go
// only to other live records that were known before.
func (s *settling) scatter() {
	for _, u := range s.units {
		if !u.stands() {
			continue
		}
		for _, l := range u.changed {
			if s.at[l] == u && l.Key != u.key {
				s.send(u, l, s.home(l.Key, l.Ref, nil))
			}
		}
	}
	for _, u := range s.units {
		if !u.stands() {
			continue
		}
		for _, l := range u.overruled() {
			if s.homes.carriers[l.Key] == nil {
				s.homes.carriers[l.Key] = u
			}
			s.send(u, l, s.homes.carriers[l.Key])
		}
	}
}

// send lets a record of the unit go to its home.
func (s *settling) send(u *unit, l *conversion.Link, home *unit) {
	if home == u {
		return
	}
	s.leave(l, home, Rekeyed)
	if home.entity().Live() {
		s.homes.carriers[l.Key] = home
	}
}

// overruled are the unit's records whose key was changed and is not followed.
func (u *unit) overruled() []*conversion.Link {
	return slices.DeleteFunc(slices.Clone(u.links), func(l *conversion.Link) bool {
		return !moved(l) || l.Key == "" || slices.Contains(u.changed, l)
	})
}

// home returns where a record belongs by a key: where a live record carries it, with the
// entity that has it, with the last that had it and is deleted, or with a new one; for that,
// one that a page made for the key is taken first, then the one that it made for the record.
func (s *settling) home(key string, ref conversion.Ref, from *unit) *unit {
	if key == "" {
		return s.found(key, ref, from)
	}
	if u := s.homes.carriers[key]; u != nil {
		return u
	}
	if u := s.homes.holders[key]; u != nil {
		return u
	}
	u := s.ended(key)
	if u == nil {
		u = s.found(key, ref, from)
	} else if u.entity().Gone {
		s.raise(u)
	}
	if u.stands() {
		s.homes.holders[key] = u
	}
	return u
}

// found returns an entity for a key that is nobody's.
func (s *settling) found(key string, ref conversion.Ref, from *unit) *unit {
	for _, u := range s.units {
		if u.vacant && key != "" && u.entity().Key == key {
			return s.open(u, key)
		}
	}
	if from != nil && from.vacant {
		return s.open(from, key)
	}
	u := &unit{key: key, group: &conversion.Group{Entity: &conversion.Entity{
		ID: s.NewID(), Kind: ref.Object.Kind(), Key: key, Origin: conversion.OriginSalesforce, Created: s.Now,
	}}}
	s.units = append(s.units, u)
	return u
}

// leave lets a record go, and notes what it may leave empty.
func (s *settling) leave(l *conversion.Link, to *unit, why Reason) {
	from := s.at[l]
	s.move(l, to, why)
	s.left = append(s.left, departure{from, l})
}

type departure struct {
	from *unit
	link *conversion.Link
}

// close combines entities that lost their last live record into where the newest of those
// went. What is ignored under a tombstone takes nobody along.
func (s *settling) close() {
	slices.SortStableFunc(s.left, func(a, b departure) int { return newestFirst(a.link, b.link) })
	for _, d := range s.left {
		to := s.at[d.link]
		if !d.from.stands() || !to.stands() || slices.ContainsFunc(d.from.links, (*conversion.Link).Live) {
			continue
		}
		s.goAlong(d.from, to)
		s.combine(to, d.from, Rekeyed, d.link.Ref)
	}
}

// goAlong lets the records that left an entity for where it is combined into go there with
// it: what the entity has still to send to them stays theirs (spec 4.1).
func (s *settling) goAlong(from, to *unit) {
	steps := make(map[*conversion.Link]int)
	for _, step := range s.out.Steps {
		if step.Link != nil {
			steps[step.Link]++
		}
	}
	s.out.Steps = slices.DeleteFunc(s.out.Steps, func(step Step) bool {
		return step.From == from.group && step.Link != nil && s.at[step.Link] == to && steps[step.Link] == 1
	})
}
