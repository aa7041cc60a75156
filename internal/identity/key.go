package identity

import (
	"cmp"
	"maps"
	"slices"

	"conversion"
)

// followKeys decides what an e-mail (website domain) that was changed in Salesforce means
// for the contacts (companies) of a page, each over all its live links (spec 3.12). One
// takes the newest of its records' when none of them carries its own any more and nobody
// else has it, or its holder gives it up in the same step; of several takers the older. A
// record that went to a key of somebody else's is held, and stays where it is.
func (r *resolver) followKeys() {
	var groups []*conversion.Group
	for _, id := range slices.Sorted(maps.Keys(r.met)) {
		if g := r.met[id]; g.Entity.Live() {
			groups = append(groups, g)
		}
	}
	for again := true; again; { // a key that was given up may be somebody's to take
		again = false
		for _, g := range groups {
			if key := r.newKey(g); key != "" {
				r.index.rename(g, key)
				again = true
			}
		}
	}
	for _, g := range groups {
		for _, l := range g.Links {
			if l.Live() {
				r.settleKey(g, l)
			}
		}
	}
}

// newKey returns the key the entity takes, "" when it keeps its own. Only a record whose
// key was changed since it was placed counts: an e-mail edited in Conversion moves nobody.
func (r *resolver) newKey(g *conversion.Group) string {
	var changed []*conversion.Link
	for _, l := range g.Links {
		switch {
		case !l.Live():
		case l.Key == g.Entity.Key:
			return ""
		case l.Key != l.Placed && l.Key != "" && !r.overruled(g.Entity, l):
			changed = append(changed, l)
		}
	}
	slices.SortFunc(changed, func(a, b *conversion.Link) int {
		return cmp.Or(-cmp.Compare(r.changedAt(a).Second(), r.changedAt(b).Second()), cmp.Compare(a.Ref.ID, b.Ref.ID))
	})
	for _, l := range changed {
		if r.index.free(l.Key, g) {
			return l.Key
		}
	}
	return ""
}

// overruled reports whether Conversion's own edit of the e-mail or website is newer than
// the record's.
func (r *resolver) overruled(e *conversion.Entity, l *conversion.Link) bool {
	own := e.OwnClaim(conversion.EmailVar) // WebsiteVar has the same number
	return own != nil && own.At.Second() > r.changedAt(l).Second()
}

// changedAt is when the record's key became what it is: as this page tells, or as the
// claim that it made then does.
func (r *resolver) changedAt(l *conversion.Link) conversion.Moment {
	if at, ok := r.changed[l]; ok {
		return at
	}
	if f := l.Field(conversion.EmailVar); f != nil && f.Claim.Made() {
		return f.Claim.At
	}
	return l.Reading.Modified
}

// settleKey brings a live link's state in line with its key after the entity's was
// decided.
func (r *resolver) settleKey(g *conversion.Group, l *conversion.Link) {
	switch k := g.Entity.Kind; {
	case l.Key == g.Entity.Key:
		r.stay(g, l)
	case l.Key != "" && r.index.elsewhere(l.Key, g):
		hold(l, elsewhere(k))
	case l.Key == l.Placed || r.overruled(g.Entity, l):
		r.stay(g, l)
	case l.Key == "":
		hold(l, emptied(k))
	default: // nobody has it but a tombstone
		hold(l, elsewhere(k))
	}
}

// stay notes that the record belongs where it is, with the key it carries.
func (r *resolver) stay(g *conversion.Group, l *conversion.Link) {
	l.State, l.Hold = conversion.LinkLive, ""
	if l.Key != "" {
		l.Placed = l.Key
	}
	r.index.carry(g, l)
}

func hold(l *conversion.Link, why string) { l.State, l.Hold = conversion.LinkHeld, why }

func emptied(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "Its website was emptied in Salesforce; the company keeps its domain until there is one again."
	}
	return "Its e-mail address was emptied in Salesforce; the contact keeps its own until there is one again."
}

func elsewhere(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "Its website was changed in Salesforce to a domain that this company cannot take."
	}
	return "Its e-mail address was changed in Salesforce to one that this contact cannot take."
}
