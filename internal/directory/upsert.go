package directory

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"conversion"
)

// Upsert makes or updates one entity a draft, matched by e-mail or domain; a company
// without a domain is always made. Drafts are carried out in their order, all in one
// transaction; one that is wrong has its Err set and leaves the others alone. A deleted
// entity of the key is brought back: only a person or an explicit create does that (spec
// 3.11). Values that only Salesforce changes are left out and returned as Ignored.
//
// The error is for what stopped all of them; then nothing was changed.
func (s *Service) Upsert(ctx context.Context, workspaceID string, kind conversion.Kind, actor conversion.Actor, drafts []Draft) ([]Result, error) {
	books := s.open(workspaceID)
	var results []Result
	err := s.attempt(workspaceID, func() (bool, error) {
		set, err := s.settings(ctx, books, kind)
		if err != nil {
			return false, err
		}
		u := upsert{settings: set, results: make([]Result, len(drafts)), files: make([]*file, len(drafts))}
		results = u.results
		return u.run(ctx, books, actor, drafts)
	})
	return results, err
}

// upsert is one try at a batch.
type upsert struct {
	settings
	desk    *desk
	results []Result
	files   []*file // by draft; nil where the draft was refused
}

func (u *upsert) run(ctx context.Context, books Books, actor conversion.Actor, drafts []Draft) (sends bool, err error) {
	wishes, err := u.wishes(ctx, books, actor, drafts)
	if err != nil {
		return false, err
	}
	if err = u.read(ctx, books, keysOf(wishes)); err != nil {
		return false, err
	}
	for i, w := range wishes {
		if u.results[i].Err == nil {
			u.carryOut(i, w)
		}
	}
	if sends, err = u.desk.commit(ctx, books, u.now); err != nil {
		return false, err
	}
	return sends, u.show(ctx, books)
}

// read puts on the desk whom the keys mean, and for those that are brought back who has the
// keys of their records by now.
func (u *upsert) read(ctx context.Context, books Books, wished []string) (err error) {
	for keys := wished; ; {
		if u.desk, err = readDesk(ctx, books, u.schema.Kind, nil, keys); err != nil {
			return err
		}
		var carried []string
		for _, key := range wished {
			if f := u.desk.match(key); f != nil && !f.group.Entity.Live() {
				carried = append(carried, carriedKeys(f.group)...)
			}
		}
		asked := len(distinct(keys))
		if keys = distinct(append(keys[:len(keys):len(keys)], carried...)); len(keys) == asked {
			return nil
		}
	}
}

// wishes checks the drafts, as far as that goes without knowing their entities.
func (u *upsert) wishes(ctx context.Context, books Books, actor conversion.Actor, drafts []Draft) ([]wish, error) {
	wishes := make([]wish, len(drafts))
	for i, d := range drafts {
		wishes[i], u.results[i].Err = u.draftWish(d, actor)
	}
	missing, err := missingCompanies(ctx, books, wishes)
	for i, w := range wishes {
		if u.results[i].Err == nil && w.company != nil && missing[*w.company] {
			u.results[i].Err = noCompany()
		}
	}
	return wishes, err
}

func keysOf(wishes []wish) []string {
	var keys []string
	for _, w := range wishes {
		if w.key != nil && *w.key != "" {
			keys = append(keys, *w.key)
		}
	}
	return keys
}

// missingCompanies returns which of the companies that are wished for do not exist. Wishes
// for one that was combined become wishes for what it was combined into.
func missingCompanies(ctx context.Context, books Books, wishes []wish) (map[string]bool, error) {
	missing := make(map[string]bool)
	var ids []string
	for _, w := range wishes {
		if w.company != nil && *w.company != "" && !missing[*w.company] {
			missing[*w.company] = true
			ids = append(ids, *w.company)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	groups, err := books.Groups(ctx, conversion.GroupQuery{Kind: conversion.KindCompany, IDs: ids})
	if err != nil {
		return nil, fmt.Errorf("read the companies: %w", err)
	}
	desk := newDesk(groups)
	for i, w := range wishes {
		if w.company == nil {
			continue
		}
		if f := desk.file(*w.company); f != nil && f.group.Entity.Live() {
			delete(missing, *w.company)
			wishes[i].company = &f.group.Entity.ID
		}
	}
	return missing, nil
}

func noCompany() error { return conversion.Invalid("company_id", "there is no such company") }

// carryOut makes one wish on the desk, or refuses it and leaves the desk as it was.
func (u *upsert) carryOut(i int, w wish) {
	f, e, created := u.begin(w)
	if err := u.desk.claimKey(e); err != nil {
		u.results[i].Err = err
		return
	}
	ignored, changes, _ := e.make(false)
	if f == nil {
		f = &file{}
	}
	if created || e.changed {
		u.desk.put(f, e.group, e.sends || created && w.reach.Goes(), e.history(created, changes)...)
		f.counted = append(f.counted, e.counted...)
	}
	u.files[i], u.results[i].Created, u.results[i].Ignored = f, created, ignored
}

// begin finds whom a wish is about, brought back if deleted, or makes a new entity: then
// the file is nil.
func (u *upsert) begin(w wish) (f *file, e *edit, created bool) {
	if w.key != nil {
		f = u.desk.match(*w.key)
	}
	if f == nil {
		return nil, &edit{settings: u.settings, wish: w, group: u.newEntity(uuid.Must(uuid.NewV7()).String(), w), changed: true}, true
	}
	e = &edit{settings: u.settings, wish: w, group: f.group.Clone()}
	if !e.group.Entity.Live() {
		u.lift(e.group, u.desk)
		e.bornAgain()
		return f, e, true
	}
	if e.group.Entity.Key != *w.key {
		e.key = nil // met by a record that carries the key: its entity keeps its own
	}
	return f, e, false
}

// bornAgain begins the new life of an entity that was brought back by a create: what it
// was linked to before belongs to the former one. It becomes one of its maker's, unless
// records are still linked to it.
func (e *edit) bornAgain() {
	e.changed, e.group.Entity.Created = true, e.now
	for _, l := range e.group.Links {
		if l.Live() {
			return
		}
	}
	e.group.Entity.Origin, e.group.Entity.Birth = e.actor.Origin(), e.reach
}

// history is what the timeline says of an edit.
func (e *edit) history(created bool, changes []conversion.FieldChange) []conversion.Change {
	lines := lines(e.group.Entity, changes)
	if created {
		lines = append([]conversion.Change{note(e.group.Entity, e.actor, e.now, "created")}, lines...)
	}
	return lines
}

// show fills in the views of what was carried out.
func (u *upsert) show(ctx context.Context, books Books) error {
	var groups []conversion.Group
	at := make(map[*file]int)
	for _, f := range u.files {
		if f == nil {
			continue
		}
		if _, ok := at[f]; !ok {
			at[f] = len(groups)
			groups = append(groups, f.group)
		}
	}
	shown, err := viewGroups(ctx, books, u.schema, groups)
	if err != nil {
		return err
	}
	for i, f := range u.files {
		if f != nil {
			u.results[i].View = shown[at[f]]
		}
	}
	return nil
}
