package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"conversion"
)

// LinksOf returns the links of the entities, of every state, for lists: without their
// fields.
func (w *Workspace) LinksOf(ctx context.Context, entityIDs []string) (map[string][]conversion.Link, error) {
	links := make(map[string][]conversion.Link)
	columns := strings.Replace(linkColumns, "fields", "NULL", 1)
	ids := slices.Compact(slices.Sorted(slices.Values(entityIDs)))
	err := w.store.dialect.inChunks(ids, 2, func(list string, args []any) error {
		found, err := all(ctx, w.store.read, scanLink, `SELECT `+columns+` FROM links
			WHERE workspace_id = $1 AND entity_id IN (`+list+`) ORDER BY object, record_id`, append([]any{w.id}, args...)...)
		for _, l := range found {
			links[l.EntityID] = append(links[l.EntityID], *l)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read links: %w", err)
	}
	return links, nil
}

// Pending returns records of which it has to be decided whose they are, in the order of
// their objects and ids.
func (w *Workspace) Pending(ctx context.Context, limit int) ([]conversion.Ref, error) {
	scan := func(row scanner) (r conversion.Ref, err error) {
		err = row.Scan(&r.Object, &r.ID)
		return r, err
	}
	found, err := all(ctx, w.store.read, scan, `SELECT object, record_id FROM links
		WHERE workspace_id = $1 AND pending ORDER BY object, record_id LIMIT $2`, w.id, limit)
	if err != nil {
		return nil, fmt.Errorf("find pending links: %w", err)
	}
	return found, nil
}

// LiveLinks counts the live links of a kind.
func (w *Workspace) LiveLinks(ctx context.Context, k conversion.Kind) (int, error) {
	var n int
	err := w.store.read.QueryRowContext(ctx,
		`SELECT count(*) FROM links WHERE workspace_id = $1 AND kind = $2 AND live`, w.id, k).Scan(&n)
	return n, err
}

// Linked counts the live links of a kind, and those that ended since the moment because
// their entities were deleted.
func (w *Workspace) Linked(ctx context.Context, k conversion.Kind, since conversion.Moment) (int, error) {
	live, err := w.LiveLinks(ctx, k)
	if err != nil {
		return 0, fmt.Errorf("count the live links: %w", err)
	}
	var ended int
	err = w.store.read.QueryRowContext(ctx, `SELECT count(*) FROM entities e
		JOIN links l ON l.workspace_id = e.workspace_id AND l.entity_id = e.id AND NOT l.live
		WHERE e.workspace_id = $1 AND e.kind = $2 AND e.deleted <> 0 AND e.deleted >= $3
		AND l.state IN ('ignored', 'deleted_in_salesforce') AND l.linked <= e.deleted`, w.id, k, since).Scan(&ended)
	if err != nil {
		return 0, fmt.Errorf("count the links that ended: %w", err)
	}
	return live + ended, nil
}

// ObjectCounts counts the live links by object.
func (w *Workspace) ObjectCounts(ctx context.Context) (map[conversion.Object]int, error) {
	counts := make(map[conversion.Object]int)
	scan := func(row scanner) (o conversion.Object, err error) {
		var n int
		err = row.Scan(&o, &n)
		counts[o] = n
		return o, err
	}
	_, err := all(ctx, w.store.read, scan, `SELECT object, count(*) FROM links WHERE workspace_id = $1 AND live GROUP BY object`, w.id)
	return counts, err
}
