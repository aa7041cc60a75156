package store

import (
	"context"
	"fmt"

	"conversion"
)

// Ignored returns records that belong to deleted entities, those linked last first.
func (w *Workspace) Ignored(ctx context.Context, after string, limit int) (page []conversion.Ignored, next string, err error) {
	from, err := parsePosition(after, "ignored")
	if err != nil {
		return nil, "", err
	}
	if err := limited(limit); err != nil {
		return nil, "", err
	}
	type row struct {
		conversion.Ignored
		linked int64
	}
	scan := func(s scanner) (r row, err error) {
		err = s.Scan(&r.Ref.Object, &r.Ref.ID, &r.Name, &r.EntityID, &r.Kind, &r.Key, &r.Deleted, &r.linked)
		return r, err
	}
	q := newQuery(`SELECT l.object, l.record_id, l.name, l.entity_id, l.kind, e.key, e.deleted, l.linked FROM links l
		JOIN entities e ON e.workspace_id = l.workspace_id AND e.id = l.entity_id AND e.deleted <> 0
		WHERE l.workspace_id = ? AND l.state = 'ignored'`, w.id)
	if after != "" {
		q.add(` AND (l.linked, l.record_id) < (?, ?)`, from.Number, from.ID)
	}
	q.add(` ORDER BY l.linked DESC, l.record_id DESC LIMIT ?`, limit+1)
	rows, err := all(ctx, w.store.read, scan, q.text(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list ignored records: %w", err)
	}
	rows, next = cut(rows, limit, func(r row) position { return position{List: "ignored", Number: r.linked, ID: r.Ref.ID} })
	page = make([]conversion.Ignored, len(rows))
	for i, r := range rows {
		page[i] = r.Ignored
	}
	return page, next, nil
}
