package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"conversion"
	"conversion/internal/reconcile"
)

// maxAttempts bounds how often a change is made anew because somebody else changed the
// same entities in between.
const maxAttempts = 8

// desk holds the groups that a batch works on, found by key, until they are committed
// together.
type desk struct {
	holders  map[string]*file  // by the key of a live entity
	carriers map[string]*file  // by the key that a live linked record carries
	tombs    map[string]*file  // by the key of a deleted entity, the one deleted last
	files    map[string]*file  // by entity id
	order    []*file           // those that were changed, in the order of their first change
	erased   []string          // ids of entities of which only the tombstone stays
	moves    []conversion.Move // records that go from one entity to another by hand
}

// file is one group on the desk.
type file struct {
	group    conversion.Group
	expect   int64 // the version it was read in; 0: it is new
	changes  []conversion.Change
	catchUps []conversion.CatchUp
	counted  []conversion.VarID // of which the breaker counts one more contact
	changed  bool
	sends    bool
}

func newDesk(groups []conversion.Group) *desk {
	d := &desk{
		holders: make(map[string]*file), carriers: make(map[string]*file),
		tombs: make(map[string]*file), files: make(map[string]*file),
	}
	for _, g := range groups {
		d.add(&file{group: g, expect: g.Entity.Version})
	}
	return d
}

// readDesk reads every group that the ids and keys reach.
func readDesk(ctx context.Context, books Books, kind conversion.Kind, ids, keys []string) (*desk, error) {
	groups, err := books.Groups(ctx, conversion.GroupQuery{Kind: kind, IDs: distinct(ids), Keys: distinct(keys)})
	if err != nil {
		return nil, fmt.Errorf("read the %s's records: %w", kind, err)
	}
	return newDesk(groups), nil
}

// file returns the file of the entity with the id, or that it was combined into; nil when
// there is none.
func (d *desk) file(id string) *file {
	f := d.files[id]
	if f != nil && f.group.Entity.Into != "" {
		return d.files[f.group.Entity.Into]
	}
	return f
}

func (d *desk) add(f *file) {
	e := f.group.Entity
	d.files[e.ID] = f
	if !e.Live() {
		if old := d.tombs[e.Key]; e.Key != "" && (old == nil || cmp.Less(old.group.Entity.Deleted, e.Deleted)) {
			d.tombs[e.Key] = f
		}
		return
	}
	if e.Key != "" {
		d.holders[e.Key] = f
	}
	for _, l := range f.group.Links {
		if l.Live() && l.Key != "" {
			d.carriers[l.Key] = f
		}
	}
}

// match finds whom a key means: the entity that has it, the one with a live record that
// carries it, or the one that was deleted with it; nil when it is nobody's.
func (d *desk) match(key string) *file {
	for _, files := range []map[string]*file{d.holders, d.carriers, d.tombs} {
		if f := files[key]; f != nil && key != "" {
			return f
		}
	}
	return nil
}

// taken returns the entity, other than e, that has the key or a live record with it.
func (d *desk) taken(key string, e *conversion.Entity) *conversion.Entity {
	for _, files := range []map[string]*file{d.holders, d.carriers} {
		if f := files[key]; f != nil && key != "" && f.group.Entity.ID != e.ID {
			return f.group.Entity
		}
	}
	return nil
}

// put replaces a file's group after a change of it.
func (d *desk) put(f *file, after conversion.Group, sends bool, changes ...conversion.Change) {
	if before := f.group.Entity; before != nil {
		d.forget(before.Key, f)
		if !before.Live() && before.Into == "" && after.Entity.Live() {
			f.catchUps = passedOver(after)
		}
	}
	if !f.changed {
		f.changed = true
		d.order = append(d.order, f)
	}
	f.group, f.sends = after, f.sends || sends
	f.changes = append(f.changes, changes...)
	d.add(f)
}

// passedOver asks for the activities that came while a contact was deleted.
func passedOver(g conversion.Group) (list []conversion.CatchUp) {
	for _, l := range g.Links {
		if !l.Live() || l.Ref.Object.Kind() != conversion.KindContact {
			continue
		}
		for _, o := range []conversion.Object{conversion.Task, conversion.Event} {
			list = append(list, conversion.CatchUp{Activity: o, Who: l.Ref, Asked: g.Entity.Updated})
		}
	}
	return list
}

func (d *desk) forget(key string, f *file) {
	for _, files := range []map[string]*file{d.holders, d.tombs} {
		if files[key] == f {
			delete(files, key)
		}
	}
}

// commit stores every change in one transaction.
func (d *desk) commit(ctx context.Context, books Books, at conversion.Moment) (sends bool, err error) {
	if len(d.order) == 0 {
		return false, nil
	}
	batch := conversion.Batch{At: at, Replaces: conversion.HeldNone, Erased: d.erased, Moves: d.moves} // what was refused is the engine's
	if len(d.moves) > 0 {
		batch.Replaces = conversion.HeldKeys
	}
	for _, f := range d.order {
		if e := f.group.Entity; !e.Live() && e.Into == "" {
			batch.Replaces = conversion.HeldAll // nothing of it is held any more
		}
		if len(d.moves) > 0 {
			batch.Held = append(batch.Held, reconcile.HeldKeyRows(f.group)...)
		}
		batch.Plans = append(batch.Plans, conversion.Plan{Group: f.group, Expect: f.expect})
		batch.Changes = append(batch.Changes, f.changes...)
		batch.CatchUps = append(batch.CatchUps, f.catchUps...)
		sends = sends || f.sends
	}
	batch.Edits = d.edits()
	return sends, books.Commit(ctx, batch)
}

// edits counts for the breaker of how many contacts a variable was changed in bulk (spec 4.11).
func (d *desk) edits() (list []conversion.EditCount) {
	counts := make(map[conversion.EditCount]int)
	for _, f := range d.order {
		for _, id := range f.counted {
			counts[conversion.EditCount{Var: id, By: f.group.Entity.OwnClaim(id).By}]++
		}
	}
	for c, n := range counts {
		c.N = n
		list = append(list, c)
	}
	return list
}

// changed makes a change of one contact or company, as attempt does, and shows the one that
// the change is of then.
func (s *Service) changed(ctx context.Context, workspaceID string, kind conversion.Kind, change func(settings, Books) (g conversion.Group, sends bool, err error)) (View, error) {
	books := s.open(workspaceID)
	var shown View
	err := s.attempt(workspaceID, func() (bool, error) {
		set, err := s.settings(ctx, books, kind)
		if err != nil {
			return false, err
		}
		g, sends, err := change(set, books)
		if err != nil {
			return false, err
		}
		shown, err = viewGroup(ctx, books, set.schema, g)
		return sends, err
	})
	return shown, err
}

// attempt runs change, which reads, decides and commits, again as long as somebody else
// was quicker; then it wakes the engine when there is something to send.
func (s *Service) attempt(workspaceID string, change func() (sends bool, err error)) error {
	for range maxAttempts {
		sends, err := change()
		if _, stale := errors.AsType[*conversion.StaleError](err); stale {
			continue
		}
		if err == nil && sends {
			s.wake(workspaceID)
		}
		return err
	}
	return &conversion.Error{
		Code: conversion.CodeUnavailable, Message: "Others keep changing the same records.", Hint: "Try again in a moment.",
	}
}

// note is a line of the timeline that is no value.
func note(e *conversion.Entity, by conversion.Actor, at conversion.Moment, text string) conversion.Change {
	return conversion.Change{EntityID: e.ID, FieldChange: conversion.FieldChange{By: by, At: at}, Note: text}
}

// lines are the timeline's of changed values.
func lines(e *conversion.Entity, changes []conversion.FieldChange) []conversion.Change {
	list := make([]conversion.Change, len(changes))
	for i, c := range changes {
		list[i] = conversion.Change{EntityID: e.ID, FieldChange: c}
	}
	return list
}
