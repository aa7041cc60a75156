package engine

import (
	"conversion"
	"conversion/internal/reconcile"
)

// eraseDone leaves only the tombstone of a group that was to be erased once its records are
// gone from Salesforce, if they are (spec 3.11); any other group stays as it is.
func (s *session) eraseDone(b *conversion.Batch, g conversion.Group) conversion.Group {
	if !reconcile.Erasable(g) {
		return g
	}
	b.Erased = append(b.Erased, g.Entity.ID)
	g.Entity.Erase(s.now())
	g.Links = nil
	return g
}

// keptOut returns erased entities that a record of the batch would come to: they keep
// nothing of it.
func keptOut(b conversion.Batch) (ids []string) {
	for _, p := range b.Plans {
		if p.Group.Entity.Erased() && len(p.Group.Links) > 0 {
			ids = append(ids, p.Group.Entity.ID)
		}
	}
	return ids
}
