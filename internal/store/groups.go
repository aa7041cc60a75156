package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"conversion"
)

// Groups loads every group the query reaches, each once, with all its links; ordered by
// the entities' ids. The number of queries grows with the size of the query in steps of
// hundreds, not one by one.
func (w *Workspace) Groups(ctx context.Context, q conversion.GroupQuery) ([]conversion.Group, error) {
	reached, err := w.reached(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("find groups: %w", err)
	}
	groups, err := w.load(ctx, q.Kind, reached)
	if err != nil {
		return nil, err
	}
	more := combinedInto(groups)
	if len(more) == 0 {
		return groups, nil
	}
	others, err := w.load(ctx, q.Kind, more)
	groups = append(groups, others...)
	slices.SortFunc(groups, func(a, b conversion.Group) int { return strings.Compare(a.Entity.ID, b.Entity.ID) })
	return groups, err
}

// combinedInto returns the entities that some of the groups' were combined into, those left
// out that are among them. An entity that was combined leads to a last one: see follow.
func combinedInto(groups []conversion.Group) []string {
	var ids []string
	for _, g := range groups {
		if g.Entity.Into != "" && !slices.ContainsFunc(groups, func(o conversion.Group) bool { return o.Entity.ID == g.Entity.Into }) {
			ids = append(ids, g.Entity.Into)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// reached returns the ids of the query's entities, among them perhaps some of the
// query's own that do not exist.
func (w *Workspace) reached(ctx context.Context, q conversion.GroupQuery) ([]string, error) {
	ids := slices.Clone(q.IDs)
	find := func(list string, args []any, query string, more ...any) error {
		found, err := all(ctx, w.store.read, scanText, strings.Replace(query, "LIST", list, 1), append(append([]any{w.id}, more...), args...)...)
		ids = append(ids, found...)
		return err
	}
	for object, records := range byObject(q.Refs) {
		err := w.store.dialect.inChunks(records, 3, func(list string, args []any) error {
			return find(list, args, `SELECT entity_id FROM links
				WHERE workspace_id = $1 AND object = $2 AND record_id IN (LIST) AND state <> 'moved'`, object)
		})
		if err != nil {
			return nil, err
		}
		err = w.store.dialect.inChunks(records, 3, func(list string, args []any) error {
			return find(list, args, `SELECT entity_id FROM links
				WHERE workspace_id = $1 AND into_object = $2 AND into_id IN (LIST) AND into_id <> '' AND state <> 'moved'`, object)
		})
		if err != nil {
			return nil, err
		}
	}
	deadKeys, err := w.deadKeys(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, by := range []struct {
		keys  []string
		query string
	}{
		{q.Keys, `SELECT id FROM entities WHERE workspace_id = $1 AND kind = $2 AND key IN (LIST) AND deleted = 0 AND key <> ''`},
		{deadKeys, `SELECT id FROM entities WHERE workspace_id = $1 AND kind = $2 AND key IN (LIST) AND deleted <> 0 AND key <> ''`},
		{q.Keys, `SELECT entity_id FROM links WHERE workspace_id = $1 AND kind = $2 AND key IN (LIST) AND live AND key <> ''`},
	} {
		err := w.store.dialect.inChunks(by.keys, 3, func(list string, args []any) error { return find(list, args, by.query, q.Kind) })
		if err != nil {
			return nil, err
		}
	}
	if q.Creating {
		creating, err := all(ctx, w.store.read, scanText,
			`SELECT id FROM entities WHERE workspace_id = $1 AND kind = $2 AND creating IS NOT NULL`, w.id, q.Kind)
		if err != nil {
			return nil, err
		}
		ids = append(ids, creating...)
	}
	for i, id := range ids {
		ids[i] = text(id)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// deadKeys returns the keys that tombstones are looked up by; none while there is no
// tombstone at all, as in a first load.
func (w *Workspace) deadKeys(ctx context.Context, q conversion.GroupQuery) ([]string, error) {
	if len(q.Keys) == 0 {
		return nil, nil
	}
	some, err := all(ctx, w.store.read, scanText,
		`SELECT id FROM entities WHERE workspace_id = $1 AND kind = $2 AND deleted <> 0 AND key <> '' LIMIT 1`, w.id, q.Kind)
	if err != nil || len(some) == 0 {
		return nil, err
	}
	return withHashes(q.Keys), nil
}

// withHashes adds what erased entities keep of the keys.
func withHashes(keys []string) []string {
	all := slices.Clone(keys)
	for _, key := range keys {
		all = append(all, conversion.KeyHash(key))
	}
	return all
}

func byObject(refs []conversion.Ref) map[conversion.Object][]string {
	records := make(map[conversion.Object][]string)
	for _, r := range refs {
		records[r.Object] = append(records[r.Object], r.ID)
	}
	return records
}

// load reads groups of the kind by the entities' ids. Entities come before links: when
// a group is committed in between, the version that was read is the older one, and a plan
// made on the mixture is refused.
func (w *Workspace) load(ctx context.Context, k conversion.Kind, ids []string) ([]conversion.Group, error) {
	entities := make(map[string]*conversion.Entity, len(ids))
	links := make(map[string][]*conversion.Link, len(ids))
	err := w.store.dialect.inChunks(ids, 3, func(list string, args []any) error {
		found, err := all(ctx, w.store.read, scanEntity, `SELECT `+entityColumns+` FROM entities
			WHERE workspace_id = $1 AND kind = $2 AND id IN (`+list+`)`, append([]any{w.id, k}, args...)...)
		for _, e := range found {
			entities[e.ID] = e
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load entities: %w", err)
	}
	err = w.store.dialect.inChunks(ids, 2, func(list string, args []any) error {
		found, err := all(ctx, w.store.read, scanLink, `SELECT `+linkColumns+` FROM links
			WHERE workspace_id = $1 AND entity_id IN (`+list+`)`, append([]any{w.id}, args...)...)
		for _, l := range found {
			links[l.EntityID] = append(links[l.EntityID], l)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load links: %w", err)
	}
	return assemble(ids, entities, links), nil
}

func assemble(ids []string, entities map[string]*conversion.Entity, links map[string][]*conversion.Link) []conversion.Group {
	groups := make([]conversion.Group, 0, len(entities))
	for _, id := range ids {
		if e := entities[id]; e != nil {
			slices.SortFunc(links[id], func(a, b *conversion.Link) int { return a.Ref.Compare(b.Ref) })
			groups = append(groups, conversion.Group{Entity: e, Links: links[id]})
		}
	}
	return groups
}

const entityColumns = `id, kind, key, name, family_name, origin, company_id, version, revision, numbers, birth, death,
	created, updated, deleted, into_id, gone, erasing, dirty, retry, tries, lane, creating, own, resolved, holds`

func scanEntity(row scanner) (*conversion.Entity, error) {
	e := new(conversion.Entity)
	var creating, own, resolved, holds []byte
	err := row.Scan(&e.ID, &e.Kind, &e.Key, &e.Name, &e.LastName, &e.Origin, &e.Company, &e.Version, &e.Revision, &e.Numbers, &e.Birth, &e.Death,
		&e.Created, &e.Updated, &e.Deleted, &e.Into, &e.Gone, &e.Erasing, &e.Dirty, &e.Retry, &e.Tries, &e.Lane, &creating, &own, &resolved, &holds)
	if err != nil {
		return nil, err
	}
	if e.Creating, err = decodeCreation(creating, e.Key); err != nil {
		return nil, fmt.Errorf("unfinished create of entity %s: %w", e.ID, err)
	}
	if e.Own, err = decodeOwn(own); err != nil {
		return nil, fmt.Errorf("own claims of entity %s: %w", e.ID, err)
	}
	if e.Values, err = decodeResolved(resolved); err != nil {
		return nil, fmt.Errorf("values of entity %s: %w", e.ID, err)
	}
	if e.Holds, _, err = decodeHolds(holds); err != nil {
		return nil, fmt.Errorf("what is held of entity %s: %w", e.ID, err)
	}
	return e, nil
}

const linkColumns = `object, record_id, entity_id, state, key, placed, name, modstamp, asked, modified, linked, hold, met, into_object, into_id, pending, fields, holds`

func scanLink(row scanner) (*conversion.Link, error) {
	l := new(conversion.Link)
	var fields, holds []byte
	err := row.Scan(&l.Ref.Object, &l.Ref.ID, &l.EntityID, &l.State, &l.Key, &l.Placed, &l.Name,
		&l.Reading.Modstamp, &l.Reading.Asked, &l.Reading.Modified, &l.Linked, &l.Hold, &l.Met, &l.Into.Object, &l.Into.ID, &l.Pending, &fields, &holds)
	if err != nil {
		return nil, err
	}
	if l.Fields, err = decodeFields(fields, l.Reading); err != nil {
		return nil, fmt.Errorf("fields of the link to %s: %w", l.Ref, err)
	}
	if l.Holds, l.Rewrites, err = decodeHolds(holds); err != nil {
		return nil, fmt.Errorf("what is held of the link to %s: %w", l.Ref, err)
	}
	return l, nil
}

// Dirty loads groups that may have something to send and whose retry has come: first those
// that never failed, oldest first, then the others by their retry.
func (w *Workspace) Dirty(ctx context.Context, q conversion.DirtyQuery) ([]conversion.Group, error) {
	which := `deleted = 0`
	if q.Deleted {
		which = `deleted <> 0`
	}
	if q.OneLane {
		which += fmt.Sprintf(` AND lane = %d`, q.Lane)
	}
	ids, err := all(ctx, w.store.read, scanText, `SELECT id FROM entities
		WHERE workspace_id = $1 AND kind = $2 AND retry <= $3 AND dirty > 0 AND `+which+`
		ORDER BY retry, dirty, id LIMIT $4`, w.id, q.Kind, q.Now, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("find dirty entities: %w", err)
	}
	groups, err := w.load(ctx, q.Kind, ids)
	slices.SortFunc(groups, func(a, b conversion.Group) int {
		return cmp.Or(cmp.Compare(a.Entity.Retry, b.Entity.Retry), cmp.Compare(a.Entity.Dirty, b.Entity.Dirty), cmp.Compare(a.Entity.ID, b.Entity.ID))
	})
	return groups, err
}
