package identity

import (
	"cmp"
	"slices"

	"conversion"
)

// followKeys decides what an e-mail (website domain) that was changed in Salesforce means
// for a contact (company), over all its live links (spec 3.12). The entity takes the
// newest of its records' when none of them carries its own any more and nobody else has
// it. A record that went to a key of somebody else's is held, and stays where it is.
func followKeys(g *conversion.Group, x *index) {
	if !g.Entity.Live() {
		return
	}
	if taken := newKey(g, x); taken != "" {
		x.rename(g, taken)
	}
	for _, l := range g.Links {
		if l.Live() {
			settleKey(g.Entity, l)
		}
	}
}

// newKey returns the key the entity takes, "" when it keeps its own. Only a record whose
// key was changed since it was placed counts: an e-mail edited in Conversion moves nobody.
func newKey(g *conversion.Group, x *index) string {
	var changed []*conversion.Link
	for _, l := range g.Links {
		switch {
		case !l.Live():
		case l.Key == g.Entity.Key:
			return ""
		case l.Key != l.Placed && l.Key != "" && !overruled(g.Entity, l):
			changed = append(changed, l)
		}
	}
	slices.SortFunc(changed, func(a, b *conversion.Link) int {
		return cmp.Or(-cmp.Compare(a.Reading.Modified.Second(), b.Reading.Modified.Second()), cmp.Compare(a.Ref.ID, b.Ref.ID))
	})
	for _, l := range changed {
		if x.free(l.Key, g.Entity) {
			return l.Key
		}
	}
	return ""
}

// overruled reports whether Conversion's own edit of the e-mail or website is newer than
// the record's.
func overruled(e *conversion.Entity, l *conversion.Link) bool {
	own := e.OwnClaim(conversion.EmailVar) // WebsiteVar has the same number
	return own != nil && own.At.Second() > l.Reading.Modified.Second()
}

// settleKey brings a live link's state in line with its key after the entity's was
// decided.
func settleKey(e *conversion.Entity, l *conversion.Link) {
	switch {
	case l.Key == e.Key || l.Key == l.Placed || overruled(e, l):
		if l.Key != "" {
			l.Placed = l.Key
		}
		release(l)
	case l.Key == "":
		hold(l, emptied(e.Kind))
	default:
		hold(l, elsewhere(e.Kind))
	}
}

func hold(l *conversion.Link, why string) { l.State, l.Hold = conversion.LinkHeld, why }

func release(l *conversion.Link) { l.State, l.Hold = conversion.LinkLive, "" }

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
