package store

import (
	"context"
	"fmt"
	"strings"

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

// maxHeldIDs bounds how many rows may be asked for by their ids.
const maxHeldIDs = 1000

// Held returns what could not be synced, newest first.
func (w *Workspace) Held(ctx context.Context, f conversion.HeldFilter) (page []conversion.Held, next string, err error) {
	from, err := parsePosition(f.After, "held")
	if err != nil {
		return nil, "", err
	}
	if err := limited(f.Limit); err != nil {
		return nil, "", err
	}
	if len(f.IDs) > maxHeldIDs {
		return nil, "", fmt.Errorf("list what is held: %d ids are more than %d", len(f.IDs), maxHeldIDs)
	}
	q := newQuery(namedHeld, w.id)
	q.heldBy(f)
	if f.After != "" {
		q.add(` AND (held.since, held.id) < (?, ?)`, from.Number, from.ID)
	}
	q.add(` ORDER BY held.since DESC, held.id DESC LIMIT ?`, f.Limit+1)
	page, err = all(ctx, w.store.read, scanNamedHeld, q.text(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list what is held: %w", err)
	}
	page, next = cut(page, f.Limit, func(h conversion.Held) position {
		return position{List: "held", Number: int64(h.Since), ID: h.ID}
	})
	return page, next, nil
}

// heldBy adds a filter's conditions.
func (q *query) heldBy(f conversion.HeldFilter) {
	if len(f.IDs) > 0 {
		ids := make([]any, len(f.IDs))
		for i, id := range f.IDs {
			ids[i] = text(id)
		}
		q.add(` AND held.id IN (?`+strings.Repeat(`, ?`, len(ids)-1)+`)`, ids...)
	}
	if f.Cause != "" {
		q.add(` AND held.cause = ?`, text(f.Cause))
	}
	if f.Object != "" {
		q.add(` AND held.object = ?`, f.Object)
	}
	if f.Fix != "" {
		q.add(` AND held.fix = ?`, f.Fix)
	}
}

// HeldGroups returns what is held by its causes, the largest first.
func (w *Workspace) HeldGroups(ctx context.Context, after string, limit int) (page []conversion.HeldGroup, next string, err error) {
	from, err := parsePosition(after, "held groups")
	if err != nil {
		return nil, "", err
	}
	if err := limited(limit); err != nil {
		return nil, "", err
	}
	q := newQuery(`SELECT cause, min(code), min(object), min(field), min(fix), min(message), min(hint), count(*), min(since), min(retry)
		FROM held WHERE workspace_id = ? GROUP BY cause`, w.id)
	if after != "" {
		q.add(` HAVING count(*) < ? OR (count(*) = ? AND cause > ?)`, from.Number, from.Number, from.ID)
	}
	q.add(` ORDER BY count(*) DESC, cause LIMIT ?`, limit+1)
	scan := func(row scanner) (g conversion.HeldGroup, err error) {
		err = row.Scan(&g.Cause, &g.Code, &g.Object, &g.Field, &g.Fix, &g.Message, &g.Hint, &g.Count, &g.Since, &g.Retry)
		if at := strings.LastIndexByte(g.Cause, '.'); at >= 0 {
			g.Field = g.Cause[at+1:] // of what is held along, the field to blame
		}
		return g, err
	}
	page, err = all(ctx, w.store.read, scan, q.text(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("group what is held: %w", err)
	}
	page, next = cut(page, limit, func(g conversion.HeldGroup) position {
		return position{List: "held groups", Number: int64(g.Count), ID: g.Cause}
	})
	return page, next, nil
}

// RetriedHeld notes on held rows that they are tried again now.
func (w *Workspace) RetriedHeld(ctx context.Context, ids []string, now conversion.Moment) error {
	err := w.store.dialect.inChunks(ids, 3, func(list string, args []any) error {
		_, err := exec(ctx, w.store.write, `UPDATE held SET retry = $2 WHERE workspace_id = $1 AND id IN (`+list+`)`,
			append([]any{w.id, now}, args...)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("note what is retried: %w", err)
	}
	return nil
}

// WakeHeld lets the entities of a kind that have a held field be planned again now: the
// definition of a field changed (spec 4.9).
func (w *Workspace) WakeHeld(ctx context.Context, k conversion.Kind, now conversion.Moment) error {
	_, err := exec(ctx, w.store.write, `UPDATE entities SET retry = 0
		WHERE workspace_id = $1 AND kind = $2 AND dirty > 0 AND retry > $3 AND id IN
			(SELECT entity_id FROM held WHERE workspace_id = $1 AND field <> '')`, w.id, k, now)
	if err != nil {
		return fmt.Errorf("wake what is held: %w", err)
	}
	return nil
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
