package store

import (
	"context"
	"fmt"

	"conversion"
)

const heldColumns = `id, entity_id, object, record_id, code, message, hint, since, retry`

func scanHeld(row scanner) (h conversion.Held, err error) {
	err = row.Scan(&h.ID, &h.EntityID, &h.Ref.Object, &h.Ref.ID, &h.Code, &h.Message, &h.Hint, &h.Since, &h.Retry)
	return h, err
}

// Held returns what could not be synced, newest first.
func (w *Workspace) Held(ctx context.Context, after string, limit int) (page []conversion.Held, next string, err error) {
	from, err := parsePosition(after, "held")
	if err != nil {
		return nil, "", err
	}
	if err := limited(limit); err != nil {
		return nil, "", err
	}
	q := newQuery(`SELECT `+heldColumns+` FROM held WHERE workspace_id = ?`, w.id)
	if after != "" {
		q.add(` AND (since, id) < (?, ?)`, from.Number, from.ID)
	}
	q.add(` ORDER BY since DESC, id DESC LIMIT ?`, limit+1)
	page, err = all(ctx, w.store.read, scanHeld, q.text(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list what is held: %w", err)
	}
	page, next = cut(page, limit, func(h conversion.Held) position {
		return position{List: "held", Number: int64(h.Since), ID: h.ID}
	})
	return page, next, nil
}

// HeldCount returns how many records and fields could not be synced.
func (w *Workspace) HeldCount(ctx context.Context) (int, error) {
	var n int
	err := w.store.read.QueryRowContext(ctx, `SELECT count(*) FROM held WHERE workspace_id = $1`, w.id).Scan(&n)
	return n, err
}
