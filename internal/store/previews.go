package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"conversion"
)

const previewColumns = `id, scope, rules, modes, basis, creates, updates, deletes, holds, entities, listed, created, expires,
	begun, applied, done, skipped, actor_kind, actor_id`

func scanPreview(row scanner) (p conversion.Preview, err error) {
	var rules, modes string
	err = row.Scan(&p.ID, &p.Scope, &rules, &modes, &p.Basis, &p.Counts.Create, &p.Counts.Update, &p.Counts.Delete, &p.Counts.Hold,
		&p.Entities, &p.Listed, &p.Created, &p.Expires, &p.Begun, &p.Applied, &p.Done, &p.Skipped, &p.By.Kind, &p.By.ID)
	if err != nil {
		return p, err
	}
	return p, errors.Join(json.Unmarshal([]byte(rules), &p.Rules), json.Unmarshal([]byte(modes), &p.Modes))
}

// AddPreview begins a preview that nobody sees before FinishPreview, and removes those of
// the workspace that expired before now. A preview that is being applied stays.
func (w *Workspace) AddPreview(ctx context.Context, p conversion.Preview, now conversion.Moment) error {
	rules, err := json.Marshal(p.Rules)
	if err != nil {
		return fmt.Errorf("encode the rules of a preview: %w", err)
	}
	modes, err := json.Marshal(p.Modes)
	if err != nil {
		return fmt.Errorf("encode the modes of a preview: %w", err)
	}
	row := bulk{into: "previews", columns: append([]string{"workspace_id"}, columns(previewColumns)...)}
	err = w.store.inTx(ctx, func(tx *sql.Tx) error {
		if err := w.dropPreviews(ctx, tx, now); err != nil {
			return err
		}
		_, err := w.insert(ctx, tx, row, [][]any{{
			p.ID, p.Scope, string(rules), string(modes), p.Basis, 0, 0, 0, 0, 0, 0, 0, p.Expires, 0, 0, 0, 0, "", "",
		}})
		return err
	})
	if err != nil {
		return fmt.Errorf("begin a preview: %w", err)
	}
	return nil
}

// dropPreviews removes what expired, but for what is half applied.
func (w *Workspace) dropPreviews(ctx context.Context, tx *sql.Tx, now conversion.Moment) error {
	const expired = `IN (SELECT id FROM previews WHERE workspace_id = $1 AND expires <= $2 AND (begun = 0 OR applied > 0))`
	for _, statement := range []string{
		`DELETE FROM preview_items WHERE workspace_id = $1 AND preview_id ` + expired,
		`DELETE FROM preview_entities WHERE workspace_id = $1 AND preview_id ` + expired,
		`DELETE FROM previews WHERE workspace_id = $1 AND id ` + expired,
	} {
		if _, err := exec(ctx, tx, statement, w.id, now); err != nil {
			return fmt.Errorf("remove expired previews: %w", err)
		}
	}
	return nil
}

var previewEntityRows = bulk{
	into:    "preview_entities",
	columns: columns(`workspace_id, preview_id, number, entity_id, kind, hash, skipped`),
}

var previewItemRows = bulk{
	into: "preview_items",
	columns: columns(`workspace_id, preview_id, number, entity, entity_id, kind, action, object, record_id, key, name,
		fields, reason`),
}

// AddToPreview adds a page to a preview that is being made.
func (w *Workspace) AddToPreview(ctx context.Context, id string, entities []conversion.PreviewEntity, items []conversion.PreviewItem) error {
	entityRows, itemRows := make([][]any, len(entities)), make([][]any, len(items))
	for i, e := range entities {
		entityRows[i] = []any{id, e.Number, e.EntityID, e.Kind, e.Hash, false}
	}
	for i, it := range items {
		itemRows[i] = []any{
			id, it.Number, it.Entity, it.EntityID, it.Kind, it.Action, it.Ref.Object, it.Ref.ID, text(it.Key), text(it.Name),
			encodeWrites(it.Fields), text(it.Reason),
		}
	}
	err := w.store.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := w.insert(ctx, tx, previewEntityRows, entityRows); err != nil {
			return err
		}
		_, err := w.insert(ctx, tx, previewItemRows, itemRows)
		return err
	})
	if err != nil {
		return fmt.Errorf("add to a preview: %w", err)
	}
	return nil
}

// FinishPreview stores what a preview came to and lets it be seen. held gives the kinds of
// whose entities no deletion would go out, with the reason.
func (w *Workspace) FinishPreview(ctx context.Context, p conversion.Preview, held map[conversion.Kind]string) error {
	err := w.store.inTx(ctx, func(tx *sql.Tx) error {
		for _, kind := range slices.Sorted(maps.Keys(held)) {
			_, err := exec(ctx, tx, `UPDATE preview_items SET action = $5, reason = $6
				WHERE workspace_id = $1 AND preview_id = $2 AND kind = $3 AND action = $4`,
				w.id, p.ID, kind, conversion.ActionDelete, conversion.ActionHold, text(held[kind]))
			if err != nil {
				return err
			}
		}
		n, err := exec(ctx, tx, `UPDATE previews SET creates = $3, updates = $4, deletes = $5, holds = $6, entities = $7, listed = $8,
			created = $9, expires = $10 WHERE workspace_id = $1 AND id = $2`, w.id, p.ID,
			p.Counts.Create, p.Counts.Update, p.Counts.Delete, p.Counts.Hold, p.Entities, p.Listed, p.Created, p.Expires)
		if err == nil && n == 0 {
			err = notFound("preview")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("finish a preview: %w", err)
	}
	return nil
}

// Preview returns a preview that is made and has not expired; a CodeNotFound error when
// there is none.
func (w *Workspace) Preview(ctx context.Context, id string, now conversion.Moment) (conversion.Preview, error) {
	p, err := scanPreview(w.store.read.QueryRowContext(ctx, `SELECT `+previewColumns+` FROM previews
		WHERE workspace_id = $1 AND id = $2 AND created > 0 AND (expires > $3 OR begun > 0)`, w.id, text(id), now))
	if errors.Is(err, sql.ErrNoRows) {
		return p, notFound("preview")
	}
	if err != nil {
		return p, fmt.Errorf("read a preview: %w", err)
	}
	return p, nil
}

// HalfApplied returns the preview whose applying began and did not end; the zero Preview
// when there is none.
func (w *Workspace) HalfApplied(ctx context.Context) (conversion.Preview, error) {
	found, err := all(ctx, w.store.read, scanPreview, `SELECT `+previewColumns+` FROM previews
		WHERE workspace_id = $1 AND begun > 0 AND applied = 0 ORDER BY begun LIMIT 1`, w.id)
	if err != nil || len(found) == 0 {
		return conversion.Preview{}, err
	}
	return found[0], nil
}

// PreviewEntities returns whom a preview is about, in the order of planning, those after
// the number.
func (w *Workspace) PreviewEntities(ctx context.Context, id string, after, limit int) ([]conversion.PreviewEntity, error) {
	scan := func(row scanner) (e conversion.PreviewEntity, err error) {
		err = row.Scan(&e.Number, &e.EntityID, &e.Kind, &e.Hash)
		return e, err
	}
	found, err := all(ctx, w.store.read, scan, `SELECT number, entity_id, kind, hash FROM preview_entities
		WHERE workspace_id = $1 AND preview_id = $2 AND number > $3 ORDER BY number LIMIT $4`, w.id, text(id), after, limit)
	if err != nil {
		return nil, fmt.Errorf("read whom a preview is about: %w", err)
	}
	return found, nil
}

// PreviewItems returns a page of the records that a preview shows, in the order of
// planning; skippedOnly those that applying passed over.
func (w *Workspace) PreviewItems(ctx context.Context, id string, skippedOnly bool, after string, limit int) (page []conversion.PreviewItem, next string, err error) {
	list := "preview\x1f" + text(id) + "\x1f" + strconv.FormatBool(skippedOnly)
	from, err := parsePosition(after, list)
	if err != nil {
		return nil, "", err
	}
	if err := limited(limit); err != nil {
		return nil, "", err
	}
	q := newQuery(`SELECT i.number, i.entity, i.entity_id, i.kind, i.action, i.object, i.record_id, i.key, i.name, i.fields, i.reason, e.skipped
		FROM preview_items i JOIN preview_entities e
		ON e.workspace_id = i.workspace_id AND e.preview_id = i.preview_id AND e.number = i.entity
		WHERE i.workspace_id = ? AND i.preview_id = ? AND i.number > ?`, w.id, text(id), from.Number)
	if skippedOnly {
		q.add(` AND e.skipped`)
	}
	q.add(` ORDER BY i.number LIMIT ?`, limit+1)
	page, err = all(ctx, w.store.read, scanPreviewItem, q.text(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("read the records of a preview: %w", err)
	}
	page, next = cut(page, limit, func(it conversion.PreviewItem) position {
		return position{List: list, Number: int64(it.Number), ID: id}
	})
	return page, next, nil
}

func scanPreviewItem(row scanner) (it conversion.PreviewItem, err error) {
	var fields []byte
	err = row.Scan(&it.Number, &it.Entity, &it.EntityID, &it.Kind, &it.Action, &it.Ref.Object, &it.Ref.ID, &it.Key, &it.Name,
		&fields, &it.Reason, &it.Skipped)
	if err == nil {
		it.Fields, err = decodeWrites(fields)
	}
	return it, err
}

// BeginApplying saves the rules and modes of a preview and begins to apply it, once: a
// CodeConflict error when it was begun before. Entities that wait are not looked at again:
// applying wakes those of the preview. The change goes into the audit log.
func (w *Workspace) BeginApplying(ctx context.Context, p conversion.Preview, by conversion.Actor, at conversion.Moment) error {
	document, err := json.Marshal(p.Rules)
	if err != nil {
		return fmt.Errorf("encode the rules: %w", err)
	}
	err = w.store.inTx(ctx, func(tx *sql.Tx) error {
		n, err := exec(ctx, tx, `UPDATE previews SET begun = $3, actor_kind = $4, actor_id = $5
			WHERE workspace_id = $1 AND id = $2 AND begun = 0 AND created > 0`, w.id, p.ID, at, by.Kind, by.ID)
		if err == nil && n == 0 {
			err = conversion.Errorf(conversion.CodeConflict, "This preview was applied before.")
		}
		if err != nil {
			return err
		}
		if err := w.putRules(ctx, tx, document); err != nil {
			return err
		}
		if err := w.saveModes(ctx, tx, p.Modes); err != nil {
			return err
		}
		return audit(ctx, tx, conversion.AuditEntry{
			WorkspaceID: w.id, At: at, Actor: by, Action: "preview.applied", Detail: string(document),
		})
	})
	if err != nil {
		return fmt.Errorf("begin to apply a preview: %w", err)
	}
	return nil
}

func (w *Workspace) saveModes(ctx context.Context, tx *sql.Tx, modes conversion.Modes) error {
	for kind, byKey := range modes {
		for key, mode := range byKey {
			n, err := exec(ctx, tx, `UPDATE variables SET mode = $4 WHERE workspace_id = $1 AND kind = $2 AND key = $3`, w.id, kind, text(key), mode)
			if err == nil && n == 0 {
				err = notFound("variable")
			}
			if err != nil {
				return fmt.Errorf("save a mode: %w", err)
			}
		}
		if err := w.revise(ctx, tx, kind); err != nil {
			return err
		}
	}
	return nil
}

// preview stores how far the applying of a preview comes.
func (c committing) preview(ctx context.Context) error {
	step := c.batch.Preview
	if step == nil {
		return nil
	}
	var finished conversion.Moment
	if step.Finished {
		finished = c.batch.At
	}
	_, err := exec(ctx, c.tx, `UPDATE previews SET done = $3, skipped = skipped + $4, applied = $5
		WHERE workspace_id = $1 AND id = $2`, c.id, step.PreviewID, step.Done, len(step.Skipped), finished)
	if err != nil {
		return fmt.Errorf("store how far a preview is applied: %w", err)
	}
	for _, number := range step.Skipped {
		_, err := exec(ctx, c.tx, `UPDATE preview_entities SET skipped = TRUE
			WHERE workspace_id = $1 AND preview_id = $2 AND number = $3`, c.id, step.PreviewID, number)
		if err != nil {
			return fmt.Errorf("note whom applying a preview passed over: %w", err)
		}
	}
	return nil
}

// Walk loads groups of the kind in the order of their entities' ids, a page at a time:
// what may have something to send, or whatever Conversion itself ever said something about.
func (w *Workspace) Walk(ctx context.Context, q conversion.WalkQuery) ([]conversion.Group, error) {
	which := `dirty > 0`
	if !q.Dirty {
		which = `(own IS NOT NULL OR origin <> 'salesforce' OR deleted > 0)`
	}
	ids, err := all(ctx, w.store.read, scanText, `SELECT id FROM entities
		WHERE workspace_id = $1 AND kind = $2 AND id > $3 AND `+which+` ORDER BY id LIMIT $4`, w.id, q.Kind, q.After, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("walk over what was said: %w", err)
	}
	return w.load(ctx, q.Kind, ids)
}

// Piled counts what may be sent now and has been waiting since the moment or later, up to
// the limit.
func (w *Workspace) Piled(ctx context.Context, since, now conversion.Moment, limit int) (int, error) {
	var n int
	err := w.store.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 AS one FROM entities
		WHERE workspace_id = $1 AND kind IN ('company', 'contact') AND dirty >= $2 AND dirty > 0 AND retry <= $3 LIMIT $4) AS piled`,
		w.id, since, now, limit).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what piled up: %w", err)
	}
	return n, nil
}

// SavePile stores since when the connection carried nothing, and how much of what piled up
// waits for a preview; zeros: it was dealt with.
func (w *Workspace) SavePile(ctx context.Context, offline conversion.Moment, piled int) error {
	_, err := exec(ctx, w.store.write, `UPDATE connections SET offline = $2, piled = $3 WHERE workspace_id = $1`, w.id, offline, piled)
	if err != nil {
		return fmt.Errorf("store what piled up: %w", err)
	}
	return nil
}
