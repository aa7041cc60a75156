package store

import (
	"context"
	"fmt"

	"conversion"
)

const heldColumns = `id, entity_id, object, record_id, field, cause, fix, code, message, hint, user_id, since, retry`

func scanHeld(row scanner) (h conversion.Held, err error) {
	err = row.Scan(heldFields(&h)...)
	return h, err
}

// namedHeld reads held rows with what their entities, and the users to blame, are called.
const namedHeld = `SELECT held.id, held.entity_id, held.object, held.record_id, held.field, held.cause, held.fix, held.code,
	held.message, held.hint, held.user_id, held.since, held.retry,
	COALESCE(CASE WHEN entities.kind = 'company' AND entities.name <> '' THEN entities.name ELSE entities.key END, ''),
	COALESCE(sf_users.name, '')
	FROM held LEFT JOIN entities ON entities.workspace_id = held.workspace_id AND entities.id = held.entity_id
	LEFT JOIN sf_users ON sf_users.workspace_id = held.workspace_id AND sf_users.id = held.user_id
	WHERE held.workspace_id = ?`

func scanNamedHeld(row scanner) (h conversion.Held, err error) {
	err = row.Scan(append(heldFields(&h), &h.Name, &h.UserName)...)
	return h, err
}

// heldFields are the places of heldColumns.
func heldFields(h *conversion.Held) []any {
	return []any{
		&h.ID, &h.EntityID, &h.Ref.Object, &h.Ref.ID, &h.Field, &h.Cause, &h.Fix, &h.Code,
		&h.Message, &h.Hint, &h.UserID, &h.Since, &h.Retry,
	}
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
	q := newQuery(namedHeld, w.id)
	if after != "" {
		q.add(` AND (held.since, held.id) < (?, ?)`, from.Number, from.ID)
	}
	q.add(` ORDER BY held.since DESC, held.id DESC LIMIT ?`, limit+1)
	page, err = all(ctx, w.store.read, scanNamedHeld, q.text(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list what is held: %w", err)
	}
	page, next = cut(page, limit, func(h conversion.Held) position {
		return position{List: "held", Number: int64(h.Since), ID: h.ID}
	})
	return page, next, nil
}

// maxHeldOf bounds what is told of one entity: its records are few.
const maxHeldOf = 100

// HeldOf returns what of the entity could not be synced, newest first.
func (w *Workspace) HeldOf(ctx context.Context, entityID string) ([]conversion.Held, error) {
	q := newQuery(namedHeld, w.id)
	q.add(` AND held.entity_id = ? ORDER BY held.since DESC, held.id DESC LIMIT ?`, text(entityID), maxHeldOf)
	found, err := all(ctx, w.store.read, scanNamedHeld, q.text(), q.args...)
	if err != nil {
		return nil, fmt.Errorf("list what is held of an entity: %w", err)
	}
	return found, nil
}

// HeldCount returns how many records and fields could not be synced.
func (w *Workspace) HeldCount(ctx context.Context) (int, error) {
	var n int
	err := w.store.read.QueryRowContext(ctx, `SELECT count(*) FROM held WHERE workspace_id = $1`, w.id).Scan(&n)
	return n, err
}
