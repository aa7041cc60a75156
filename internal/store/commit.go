package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"conversion"
)

// Commit applies the batch in one transaction: all of it, or nothing and an error.
// conversion.ErrLeaseLost tells that another owner has the batch's lease, a
// *conversion.StaleError that groups changed since they were read or that a key was taken.
// A batch whose lease still holds is safe from takers of the lease until it is through.
func (w *Workspace) Commit(ctx context.Context, b conversion.Batch) error {
	err := w.store.inConn(ctx, func(conn *sql.Conn, tx *sql.Tx) error {
		c := committing{w, conn, tx, b}
		for _, step := range []func(context.Context) error{
			c.fence, c.entities, c.revised, c.links, c.outdate, c.follow, c.letGo, c.held, c.engagements, c.catchUps, c.changes, c.run, c.reading, c.load, c.gone, c.round, c.users, c.preview, c.breaker, c.erase,
		} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	w.store.measure(ctx, b)
	return nil
}

// committing is a batch on its way into the database.
type committing struct {
	*Workspace
	conn  *sql.Conn // that tx is on
	tx    *sql.Tx
	batch conversion.Batch
}

// fence checks that the lease is still the batch's.
func (c committing) fence(ctx context.Context) error {
	l := c.batch.Lease
	if l == nil {
		return nil
	}
	var held int
	err := c.tx.QueryRowContext(ctx, `SELECT 1 FROM leases
		WHERE workspace_id = $1 AND name = $2 AND owner = $3 AND generation = $4`+c.store.dialect.forShare,
		c.id, l.Name, l.Owner, l.Generation).Scan(&held)
	if errors.Is(err, sql.ErrNoRows) {
		return conversion.ErrLeaseLost
	}
	return err
}

// entities checks the versions of the plans' entities and stores them.
func (c committing) entities(ctx context.Context) error {
	entities := c.planned()
	stored, err := c.storedEntities(ctx)
	if err != nil {
		return fmt.Errorf("read the entities' versions: %w", err)
	}
	if stale := c.stale(stored); len(stale) > 0 {
		return &conversion.StaleError{EntityIDs: stale}
	}
	if err := c.freeKeys(ctx, entities, stored); err != nil {
		return fmt.Errorf("free keys: %w", err)
	}
	leads, err := c.combinedCompanies(ctx, entities)
	if err != nil {
		return fmt.Errorf("read what companies were combined into: %w", err)
	}
	var fresh, known [][]any
	for _, e := range entities {
		if into := leads[e.Company]; into != "" {
			e.Company = into
		}
		if was, ok := stored[e.ID]; ok {
			known = append(known, entityRow(e, was.version+1))
		} else {
			fresh = append(fresh, entityRow(e, 1))
		}
	}
	written, err := c.insert(ctx, c.tx, entityRows, known)
	if err == nil {
		err = c.add(ctx, entityRows, fresh)
	}
	if err == nil && written < len(known) { // a version moved after it was checked
		return &conversion.StaleError{}
	}
	return c.taken(err)
}

// taken says of a row that another has the key of that the batch was made on what is no
// longer so.
func (c committing) taken(err error) error {
	if err != nil && c.store.dialect.clash(err) {
		return &conversion.StaleError{}
	}
	return err
}

// combinedCompanies returns what the entities' companies were combined into: claims may
// name them by the ids they had. One that the batch makes itself again is no such company.
func (c committing) combinedCompanies(ctx context.Context, entities []*conversion.Entity) (map[string]string, error) {
	var ids []string
	again := make(map[string]bool)
	for _, e := range entities {
		again[e.ID] = e.Into == ""
	}
	for _, e := range entities {
		if e.Company != "" && !again[e.Company] {
			ids = append(ids, e.Company)
		}
	}
	into := make(map[string]string)
	scan := func(row scanner) (id string, err error) {
		var leads string
		err = row.Scan(&id, &leads)
		into[id] = leads
		return id, err
	}
	slices.Sort(ids)
	err := c.store.dialect.inChunks(slices.Compact(ids), 2, func(list string, args []any) error {
		_, err := all(ctx, c.tx, scan, `SELECT id, into_id FROM entities
			WHERE workspace_id = $1 AND id IN (`+list+`) AND into_id <> ''`, append([]any{c.id}, args...)...)
		return err
	})
	return into, err
}

// planned returns the plans' entities in the order of their keys: two transactions that
// write the same keys at once, of new entities too, then never wait for each other in a
// circle.
func (c committing) planned() []*conversion.Entity {
	entities := make([]*conversion.Entity, len(c.batch.Plans))
	for i, p := range c.batch.Plans {
		entities[i] = p.Group.Entity
	}
	slices.SortFunc(entities, func(a, b *conversion.Entity) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.ID, b.ID))
	})
	return entities
}

// known returns the ids of the plans' entities that were there when they were planned. Of
// the others nothing is stored; should one be by now, writing it tells.
func (c committing) known() []string {
	var ids []string
	for _, p := range c.batch.Plans {
		if p.Expect > 0 {
			ids = append(ids, p.Group.Entity.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// storedEntity is what the database has of an entity before the batch.
type storedEntity struct {
	version int64
	liveKey string // "" of a deleted one
}

func (c committing) storedEntities(ctx context.Context) (map[string]storedEntity, error) {
	stored := make(map[string]storedEntity)
	scan := func(row scanner) (string, error) {
		var id string
		var s storedEntity
		err := row.Scan(&id, &s.version, &s.liveKey)
		stored[id] = s
		return id, err
	}
	err := c.store.dialect.inChunks(c.known(), 2, func(list string, args []any) error {
		_, err := all(ctx, c.tx, scan, `SELECT id, version, CASE deleted WHEN 0 THEN key ELSE '' END FROM entities
			WHERE workspace_id = $1 AND id IN (`+list+`)`, append([]any{c.id}, args...)...)
		return err
	})
	return stored, err
}

// stale returns the entities that are not at the version their plan was made on.
func (c committing) stale(stored map[string]storedEntity) []string {
	var stale []string
	for _, p := range c.batch.Plans {
		if stored[p.Group.Entity.ID].version != p.Expect {
			stale = append(stale, p.Group.Entity.ID)
		}
	}
	return stale
}

// freeKeys takes the keys from the entities that give theirs up, so that others of the
// batch can have them whatever the order of the rows; two may even swap theirs.
func (c committing) freeKeys(ctx context.Context, entities []*conversion.Entity, stored map[string]storedEntity) error {
	var giving []string
	for _, e := range entities {
		if had := stored[e.ID].liveKey; had != "" && (had != text(e.Key) || !e.Live()) {
			giving = append(giving, e.ID)
		}
	}
	return c.store.dialect.inChunks(giving, 2, func(list string, args []any) error {
		_, err := exec(ctx, c.tx, `UPDATE entities SET key = '' WHERE workspace_id = $1 AND id IN (`+list+`)`,
			append([]any{c.id}, args...)...)
		return err
	})
}

var entityRows = func() bulk {
	cols := columns(`kind, key, name, family_name, origin, company_id, version, revision, numbers, birth, death, created, updated, deleted,
		into_id, gone, dirty, retry, tries, lane, whole_name, later_names, last_name, key_domain, creating, own, resolved, holds, erasing`)
	return bulk{
		into:    "entities",
		columns: append([]string{"workspace_id", "id"}, cols...),
		then:    overwrite("workspace_id, id", cols) + " WHERE entities.version = excluded.version - 1",
	}
}()

func entityRow(e *conversion.Entity, version int64) []any {
	terms := searchTerms(e)
	return []any{
		e.ID, e.Kind, text(e.Key), text(e.Name), text(e.LastName), e.Origin, e.Company, version, e.Revision, e.Numbers, int64(e.Birth), int64(e.Death),
		e.Created, e.Updated, e.Deleted, e.Into, e.Gone, e.Dirty, e.Retry, e.Tries, e.Lane,
		terms.whole, terms.last, terms.inner, keyDomain(e),
		encodeCreation(e.Creating), encodeOwn(e.Own), encodeResolved(e.Values), encodeHolds(e.Holds, nil), e.Erasing,
	}
}
