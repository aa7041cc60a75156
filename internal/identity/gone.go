package identity

import (
	"cmp"

	"conversion"
)

// GoneWithLast reports whether an entity is to be deleted in Conversion because the last
// record it was linked to is deleted in Salesforce (spec 3.10): none of its records is left,
// and the option is on for the object of the one that was deleted last. Records that were
// converted or merged away, or that moved, delete nothing.
func GoneWithLast(g conversion.Group, with conversion.GoneWith) bool {
	if !g.Entity.Live() || g.Entity.Creating != nil {
		return false
	}
	var last *conversion.Link
	for _, l := range g.Links {
		switch {
		case l.Live():
			return false
		case l.State != conversion.LinkMoved && (last == nil || endedBefore(last, l)):
			last = l
		}
	}
	return last != nil && last.State == conversion.LinkDeleted && with.Has(last.Ref.Object)
}

// endedBefore orders links by when their records were read last; of one second the lower id
// is the later, as everywhere.
func endedBefore(a, b *conversion.Link) bool {
	return cmp.Or(cmp.Compare(a.Reading.Modstamp, b.Reading.Modstamp), cmp.Compare(b.Ref.ID, a.Ref.ID)) < 0
}
