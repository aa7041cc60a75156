package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"conversion"
)

// revise makes a new revision of the variables of a kind.
func (w *Workspace) revise(ctx context.Context, tx *sql.Tx, k conversion.Kind) error {
	return w.countRevision(ctx, tx, k, 1)
}

// countRevision adds to the revision of a kind. Whoever comes next with the kind waits for the
// end of the transaction.
func (w *Workspace) countRevision(ctx context.Context, tx *sql.Tx, k conversion.Kind, n int64) error {
	_, err := exec(ctx, tx, `INSERT INTO revisions (workspace_id, kind, revision) VALUES ($1, $2, $3)
		ON CONFLICT (workspace_id, kind) DO UPDATE SET revision = revisions.revision + excluded.revision`, w.id, k, n)
	if err != nil {
		return fmt.Errorf("make a revision of the variables: %w", err)
	}
	return nil
}

// reviseFor makes a new revision if one of the variables, which are about to be stored, is
// there already and decides otherwise.
func (w *Workspace) reviseFor(ctx context.Context, tx *sql.Tx, k conversion.Kind, variables []conversion.Variable) error {
	if err := w.countRevision(ctx, tx, k, 0); err != nil {
		return err
	}
	scan := func(row scanner) (v conversion.Variable, err error) {
		err = row.Scan(&v.ID, &v.Mode, &v.LeftOut, &v.OptOut)
		return v, err
	}
	stored, err := all(ctx, tx, scan, `SELECT id, mode, left_out, opt_out FROM variables
		WHERE workspace_id = $1 AND kind = $2 ORDER BY id`, w.id, k)
	if err != nil {
		return fmt.Errorf("read the variables: %w", err)
	}
	for _, v := range variables {
		i, found := slices.BinarySearchFunc(stored, v.ID, func(s conversion.Variable, id conversion.VarID) int { return int(s.ID - id) })
		if found && stored[i].Decides() != v.Decides() {
			return w.revise(ctx, tx, k)
		}
	}
	return nil
}

// Outdated loads live groups of the kind whose values were recomputed under an earlier
// revision of the variables, at most limit.
func (w *Workspace) Outdated(ctx context.Context, k conversion.Kind, revision int64, limit int) ([]conversion.Group, error) {
	ids, err := all(ctx, w.store.read, scanText, outdatedQuery, w.id, k, revision, limit)
	if err != nil {
		return nil, fmt.Errorf("find outdated entities: %w", err)
	}
	slices.Sort(ids)
	return w.load(ctx, k, ids)
}

const outdatedQuery = `SELECT id FROM entities
	WHERE workspace_id = $1 AND kind = $2 AND revision < $3 AND deleted = 0 ORDER BY revision, id LIMIT $4`

// outdate lets the contacts of a company be brought up to date whose Account goes to
// another: it is theirs too if they claim the Account (spec 3.15).
func (c committing) outdate(ctx context.Context) error {
	for _, m := range c.batch.Moves {
		if m.Ref.Object != conversion.Account || m.From == "" {
			continue
		}
		_, err := exec(ctx, c.tx, `UPDATE entities SET revision = -1, version = version + 1
			WHERE workspace_id = $1 AND company_id = $2 AND company_id <> '' AND deleted = 0`, c.id, m.From)
		if err != nil {
			return fmt.Errorf("note the contacts of a company that an account left: %w", err)
		}
	}
	return nil
}

// revised notes the revision of entities that are otherwise as they were.
func (c committing) revised(ctx context.Context) error {
	r := c.batch.Revised
	if r == nil {
		return nil
	}
	ids := slices.Sorted(maps.Keys(r.Versions))
	if err := c.unmoved(ctx, ids, r.Versions); err != nil {
		return err
	}
	err := c.store.dialect.inChunks(ids, 3, func(list string, args []any) error {
		_, err := exec(ctx, c.tx, `UPDATE entities SET revision = $2 WHERE workspace_id = $1 AND id IN (`+list+`)`,
			append([]any{c.id, r.To}, args...)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("note a revision: %w", err)
	}
	return nil
}

// unmoved checks that the entities are at the versions, and keeps them there until the
// transaction ends. The order is that of every commit, so that no two wait for each other.
func (c committing) unmoved(ctx context.Context, ids []string, versions map[string]int64) error {
	var stale []string
	scan := func(row scanner) (id string, err error) {
		var version int64
		if err = row.Scan(&id, &version); err == nil && version != versions[id] {
			stale = append(stale, id)
		}
		return id, err
	}
	err := c.store.dialect.inChunks(ids, 2, func(list string, args []any) error {
		_, err := all(ctx, c.tx, scan, `SELECT id, version FROM entities
			WHERE workspace_id = $1 AND id IN (`+list+`) ORDER BY id`+c.store.dialect.forShare, append([]any{c.id}, args...)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("read versions: %w", err)
	}
	if len(stale) > 0 {
		return &conversion.StaleError{EntityIDs: stale}
	}
	return nil
}
