package identity

import (
	"slices"

	"conversion"
)

// end decides what conversions and merges mean for the entities of their records.
func (s *settling) end() {
	var ended []*conversion.Link
	for _, u := range s.units {
		for _, l := range u.links {
			if l.Pending && !l.Into.Zero() && s.refs[l.Into] != nil {
				ended = append(ended, l)
			}
		}
	}
	slices.SortFunc(ended, func(a, b *conversion.Link) int { return a.Ref.Compare(b.Ref) }) // however their contacts were numbered
	for _, l := range ended {
		if heir := s.refs[l.Into]; s.at[heir] == nil {
			s.admitHeir(s.newcomers[heir], l)
		}
		switch l.State {
		case conversion.LinkConverted:
			s.convert(l, s.refs[l.Into])
		case conversion.LinkMerged:
			s.merge(l, s.refs[l.Into])
		}
	}
}

// convert lets the Contact that a lead became join the lead's contact, whatever its e-mail;
// the two contacts are combined if they are two (spec 3.8). One that was deleted in
// Conversion is not brought back by it (spec 3.11).
func (s *settling) convert(lead, contact *conversion.Link) {
	from, to := s.at[contact], s.at[lead]
	if contact.Live() && from.entity().Live() {
		contact.Place()
		s.touched[from.group] = true
		s.out.Inherited = append(s.out.Inherited, Inheritance{Contact: contact, Lead: lead})
	}
	switch {
	case from == to || from.entity().Tombstone():
	case to.entity().Live() || s.founded(from, contact, lead):
		s.combine(to, from, Converted, lead.Ref)
	}
}

// merge decides about the contacts of two records that were merged (spec 3.9): they are
// kept, or combined if the admin wants that. A winner that nobody knew before the merge
// joins the loser's contact.
func (s *settling) merge(loser, winner *conversion.Link) {
	from, to := s.at[loser], s.at[winner]
	switch {
	case from == to || to.entity().Tombstone():
	case s.founded(to, winner, loser):
		s.combine(from, to, Merged, loser.Ref)
	case s.OnMerge == conversion.MergeCombine && from.entity().Live():
		s.combine(to, from, Merged, loser.Ref)
	}
}

// founded reports whether an entity is there only because the record was read a cycle before
// it was known what it had been: nothing else belongs to it, and it was linked after the
// other record had ended.
func (s *settling) founded(u *unit, l, ended *conversion.Link) bool {
	e := u.entity()
	return e.Origin == conversion.OriginSalesforce && len(e.Own) == 0 && len(u.links) == 1 && u.links[0] == l &&
		s.since(l, ended.Reading.Modified)
}

// admitHeir places a record of this cycle that another became: where its e-mail is, so that
// records of one e-mail stay together, else on the contact of the one that became it.
func (s *settling) admitHeir(n *newcomer, was *conversion.Link) {
	n.why = Merged
	if was.State == conversion.LinkConverted {
		n.why = Converted
	}
	to := s.standing(n.link.Key)
	if to == nil {
		to = s.at[was]
		if to.key == "" {
			to.key = n.link.Key
		}
	}
	s.admit(n, to)
}

// standing returns where a key is before anybody follows a change of it; nil: nowhere. An
// entity whose records all left the key does not count.
func (s *settling) standing(key string) *unit {
	if key == "" {
		return nil
	}
	x := s.claims()
	if units := x.carriers[key]; len(units) > 0 {
		return units[0]
	}
	if h := x.holders[key]; h != nil && !h.forsaken() {
		return h
	}
	return s.ended(key)
}

// forsaken reports whether a record of the unit left its key by a change, and none carries it.
func (u *unit) forsaken() bool {
	return slices.ContainsFunc(u.links, func(l *conversion.Link) bool {
		return moved(l) && l.Key != "" && !overruled(u.entity(), l)
	}) && !slices.ContainsFunc(u.links, func(l *conversion.Link) bool { return l.Live() && l.Key == u.key })
}

// ended returns, of those that were deleted here or went with their last record and had a
// key, the latest; nil when there is none.
func (s *settling) ended(key string) *unit {
	var latest *unit
	for _, u := range s.dead[conversion.KeyHash(key)] {
		if !u.over && !u.entity().Live() && (latest == nil || latest.entity().Deleted <= u.entity().Deleted) {
			latest = u
		}
	}
	return latest
}
