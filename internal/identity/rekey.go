package identity

import (
	"cmp"
	"slices"

	"conversion"
)

// rekey decides what e-mails (websites) that were changed in Salesforce mean, over all the
// contacts (companies) of the component in one step (spec 3.12). An entity none of whose
// records carries its key any more takes the newest of theirs that it can have. Records whose
// key is another's then go where it is. An entity that loses its last record so is combined
// into where that went.
func (s *settling) rekey() {
	s.weigh()
	s.choose()
	for _, u := range s.units {
		if u.stands() && u.takes() {
			u.key = u.wish()
		}
	}
	s.index(s.claims())
	s.reunite()
	s.scatter()
	s.admitAll()
	s.close()
	s.seat()
	for _, u := range s.units {
		if u.stands() && u.key != u.entity().Key {
			u.entity().Key = u.key
			s.touched[u.group] = true
		}
	}
}

// taker is what a unit that may take another key is weighed by.
type taker struct {
	changed []*conversion.Link // records whose key was changed and counts, the newest first
	may     bool               // none of its records carries its key
	choice  int                // which of the changed it tries to follow
}

// takes reports whether the unit follows one of its records so far.
func (u *unit) takes() bool { return u.may && u.choice < len(u.changed) }

// wish is the key that the unit tries to take.
func (u *unit) wish() string { return u.changed[u.choice].Key }

// moved reports whether a live record's key is not that with which it was placed.
func moved(l *conversion.Link) bool { return l.Live() && l.Key != l.Placed }

// carries reports whether a live record belongs where it is by its key.
func carries(l *conversion.Link) bool { return l.Live() && l.Key != "" && l.Key == l.Placed }

// weigh finds the units that may take another key, and the records they may follow.
func (s *settling) weigh() {
	for _, u := range s.units {
		u.taker = taker{}
		if !u.stands() {
			continue
		}
		for _, l := range u.links {
			if moved(l) && l.Key != "" && !overruled(u.entity(), l) {
				u.changed = append(u.changed, l)
			}
		}
		slices.SortFunc(u.changed, newestFirst)
		u.may = len(u.changed) > 0 && !slices.ContainsFunc(u.links, func(l *conversion.Link) bool {
			return l.Live() && l.Key != "" && l.Key == u.key
		})
	}
}

// overruled reports whether Conversion's own edit of the e-mail or website is newer than
// the record's.
func overruled(e *conversion.Entity, l *conversion.Link) bool {
	own := e.OwnClaim(conversion.EmailVar) // WebsiteVar has the same number
	return own != nil && own.At.Second() > changedAt(l).Second()
}

// changedAt is when the record's key became what it is.
func changedAt(l *conversion.Link) conversion.Moment {
	if f := l.Field(conversion.EmailVar); f != nil && f.Claim.Made() {
		return f.Claim.At
	}
	return l.Reading.Modified
}

// newestFirst orders records by when their keys were changed; of one second those with the
// lower ids first.
func newestFirst(a, b *conversion.Link) int {
	return cmp.Or(-cmp.Compare(changedAt(a).Second(), changedAt(b).Second()), cmp.Compare(a.Ref.ID, b.Ref.ID))
}

// choose lets every unit that may take another key try the newest of its records', all at
// once, and those that cannot have theirs the next, until each has one that it can have or
// none: the most that can be taken together, swaps and chains among it.
func (s *settling) choose() {
	for {
		x := s.claims()
		var fail []*unit
		for _, u := range s.units {
			if u.takes() && !s.free(x, u) {
				fail = append(fail, u)
			}
		}
		if len(fail) == 0 {
			return
		}
		for _, u := range fail {
			u.choice++
		}
	}
}

// claims is who has, carries or wants which key.
type claims struct {
	holders  map[string]*unit
	carriers map[string][]*unit
	tombs    map[string]bool
	takers   map[string]*unit // the oldest that tries to take it
}

func (s *settling) claims() claims {
	x := claims{make(map[string]*unit), make(map[string][]*unit), make(map[string]bool), make(map[string]*unit)}
	for _, u := range s.units {
		switch {
		case u.over || u.entity().Gone:
			continue
		case !u.stands():
			x.tombs[conversion.KeyHash(u.key)] = true
			continue
		}
		x.holders[u.key] = u
		if u.takes() && x.takers[u.wish()] == nil {
			x.takers[u.wish()] = u
		}
		for _, l := range u.links {
			if carries(l) && !slices.Contains(x.carriers[l.Key], u) {
				x.carriers[l.Key] = append(x.carriers[l.Key], u)
			}
		}
	}
	return x
}

// free reports whether a unit can have the key it tries to take: nobody has it, or whoever
// has it gives it up in the same step, and no older one takes it.
func (s *settling) free(x claims, u *unit) bool {
	key := u.wish()
	if x.tombs[conversion.KeyHash(key)] || x.takers[key] != u {
		return false
	}
	for _, other := range x.carriers[key] {
		if other != u {
			return false
		}
	}
	h := x.holders[key]
	return h == nil || h == u || h.takes() || x.leaves(h)
}

// leaves reports whether all live records of a unit that can take none of their keys go to
// others, so that it is combined into one of these and its key is free.
func (x claims) leaves(u *unit) bool {
	if !u.may || slices.ContainsFunc(u.links, func(l *conversion.Link) bool { return l.Live() && !slices.Contains(u.changed, l) }) {
		return false
	}
	return slices.ContainsFunc(u.changed, func(l *conversion.Link) bool {
		return !x.tombs[conversion.KeyHash(l.Key)] || x.holders[l.Key] != nil || len(x.carriers[l.Key]) > 0
	})
}
