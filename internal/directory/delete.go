package directory

import (
	"context"

	"conversion"
)

// Delete deletes a contact or company in Conversion and leaves its tombstone (spec 3.11).
// Its deletion goes to the records the rules allow now, to none when localOnly is set. A
// CodeNotFound error when there is no such live entity.
func (s *Service) Delete(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor, localOnly bool) error {
	books := s.open(workspaceID)
	return s.attempt(workspaceID, func() (bool, error) {
		set, err := s.settings(ctx, books, kind)
		if err != nil {
			return false, err
		}
		desk, err := readDesk(ctx, books, kind, []string{id}, nil)
		if err != nil {
			return false, err
		}
		f := desk.file(id)
		if f == nil || !f.group.Entity.Live() {
			return false, notFound(kind)
		}
		after := f.group.Clone()
		sends := set.bury(after, set.reachOf(!localOnly))
		desk.put(f, after, sends, note(after.Entity, actor, set.now, "deleted"))
		return desk.commit(ctx, books, set.now)
	})
}

// bury turns a live entity into its tombstone, and reports whether its deletion may go to
// a record. A create that is under way may still bring one.
func (s settings) bury(g conversion.Group, reach conversion.Reach) (sends bool) {
	e := g.Entity
	e.Deleted, e.Updated, e.Death = s.now, s.now, reach
	for _, l := range g.Links {
		switch {
		case !l.Live():
		case reach.Has(conversion.Deleting(l.Ref.Object)):
			sends = true
		default:
			l.State = conversion.LinkIgnored
		}
	}
	sends = sends || e.Creating != nil
	if sends {
		markDirty(e, s.now)
	}
	return sends
}

// Restore brings a deleted contact or company back; its deletion, if it was not sent yet,
// is cancelled (spec 3.11). Records that were ignored belong to it again. Restoring a live
// one changes nothing. A CodeConflict error when another has its e-mail or domain now (see
// TakenBy).
func (s *Service) Restore(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor) (View, error) {
	return s.changed(ctx, workspaceID, kind, func(set settings, books Books) (conversion.Group, bool, error) {
		return set.restore(ctx, books, id, actor)
	})
}

func (s settings) restore(ctx context.Context, books Books, id string, actor conversion.Actor) (g conversion.Group, sends bool, err error) {
	g, err = load(ctx, books, s.schema.Kind, id)
	if err != nil || g.Entity.Live() {
		return g, false, err
	}
	if g.Entity.Erased() {
		return g, false, notFound(s.schema.Kind)
	}
	id = g.Entity.ID
	desk, err := readDesk(ctx, books, s.schema.Kind, []string{id}, carriedKeys(g))
	if err != nil {
		return g, false, err
	}
	f := desk.files[id]
	if f == nil || f.group.Entity.Version != g.Entity.Version {
		return g, false, &conversion.StaleError{EntityIDs: []string{id}}
	}
	if by := desk.taken(g.Entity.Key, g.Entity); by != nil {
		return g, false, keyTaken(by)
	}
	s.lift(g, desk)
	desk.put(f, g, true, note(g.Entity, actor, s.now, "restored"))
	sends, err = desk.commit(ctx, books, s.now)
	return g, sends, err
}

// carriedKeys returns the entity's key and those of its records.
func carriedKeys(g conversion.Group) []string {
	keys := []string{g.Entity.Key}
	for _, l := range g.Links {
		keys = append(keys, l.Key)
	}
	return keys
}

// lift makes a tombstone a live entity again. A record whose e-mail or domain has become
// somebody else's meanwhile stays ignored: it is not this entity's any more (spec 3.5).
func (s settings) lift(g conversion.Group, d *desk) {
	e := g.Entity
	e.Deleted, e.Death, e.Gone, e.Erasing, e.Updated = 0, 0, false, false, s.now
	for _, l := range g.Links {
		if l.State != conversion.LinkIgnored || d.taken(l.Key, e) != nil {
			continue
		}
		l.State = conversion.LinkLive
		if l.Hold != "" {
			l.State = conversion.LinkHeld
		}
		l.Pending = l.Pending || l.Key != l.Placed // changed while it was ignored
	}
	markDirty(e, s.now)
}
