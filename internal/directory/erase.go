package directory

import (
	"context"

	"github.com/google/uuid"

	"conversion"
)

// Erase removes for good what is known of a contact or company, live or deleted, and leaves
// the hash of its e-mail or domain, from which a record that still has it is known again and
// passed over (spec 3.11). Whoever made it deleted before stays deleted.
//
// With inSalesforce its records are deleted there first, whatever the rules, the way any
// deletion goes; it is erased once they are gone, and done tells whether it is already. A
// CodeNotFound error when there is no such entity, or nothing left of it.
func (s *Service) Erase(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor, inSalesforce bool) (done bool, err error) {
	books := s.open(workspaceID)
	err = s.attempt(workspaceID, func() (bool, error) {
		set, err := s.settings(ctx, books, kind)
		if err != nil {
			return false, err
		}
		g, err := load(ctx, books, kind, id)
		if err != nil {
			return false, err
		}
		desk, err := readDesk(ctx, books, kind, []string{g.Entity.ID}, carriedKeys(g))
		if err != nil {
			return false, err
		}
		f := desk.files[g.Entity.ID]
		if f == nil || f.group.Entity.Erased() {
			return false, notFound(kind)
		}
		after := f.group.Clone()
		if done = !inSalesforce || !set.eraseThere(after); done {
			set.erase(desk, f, after)
		} else {
			desk.put(f, after, true, note(after.Entity, actor, set.now, "to be erased once its records are deleted in Salesforce"))
		}
		return desk.commit(ctx, books, set.now)
	})
	return done && err == nil, err
}

// eraseThere marks an entity so that its records are deleted in Salesforce before it is
// erased, and reports whether it has any. A create that is under way may still bring one.
func (s settings) eraseThere(g conversion.Group) bool {
	e := g.Entity
	there := e.Creating != nil
	for _, l := range g.Links {
		there = there || l.Live() || l.State == conversion.LinkIgnored
	}
	if !there {
		return false
	}
	e.Erasing, e.Deleted, e.Updated, e.Gone = true, s.now, s.now, false
	for _, o := range e.Kind.Objects() {
		e.Death |= conversion.Deleting(o)
	}
	markDirty(e, s.now)
	return true
}

// erase leaves only hashes: of the entity's key, and of every other one that a record of its
// carries and nobody else has.
func (s settings) erase(d *desk, f *file, after conversion.Group) {
	e := after.Entity
	for _, l := range after.Links {
		there := l.Live() || l.State == conversion.LinkIgnored
		if !there || l.Key == "" || l.Key == e.Key || d.taken(l.Key, e) != nil || d.tombs[conversion.KeyHash(l.Key)] != nil {
			continue
		}
		other := &conversion.Entity{ID: uuid.Must(uuid.NewV7()).String(), Kind: e.Kind, Key: l.Key, Origin: e.Origin, Created: s.now}
		other.Erase(s.now)
		d.put(&file{}, conversion.Group{Entity: other}, false)
	}
	e.Erase(s.now)
	after.Links = nil
	d.put(f, after, false)
	d.erased = append(d.erased, e.ID)
}
