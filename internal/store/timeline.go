package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"

	"conversion"
)

// Timeline returns the changes of an entity, newest first.
func (w *Workspace) Timeline(ctx context.Context, entityID, after string, limit int) (page []conversion.Change, next string, err error) {
	return w.TimelineOf(ctx, entityID, 0, after, limit)
}

// TimelineOf returns the changes of one variable of an entity, newest first; of all when it
// is 0.
func (w *Workspace) TimelineOf(ctx context.Context, entityID string, of conversion.VarID, after string, limit int) (page []conversion.Change, next string, err error) {
	list := "timeline " + entityID
	if of != 0 {
		list += " " + strconv.Itoa(int(of))
	}
	from, err := parsePosition(after, list)
	if err != nil {
		return nil, "", err
	}
	if err := limited(limit); err != nil {
		return nil, "", err
	}
	q := newQuery(`SELECT id, entity_id, at, var, before, after, object, record_id, actor_kind, actor_id, run_id, rule, note, sent
		FROM changes WHERE workspace_id = ? AND entity_id = ?`, w.id, text(entityID))
	if of != 0 {
		q.add(` AND var = ?`, of)
	}
	if after != "" {
		id, err := hex.DecodeString(from.ID)
		if err != nil {
			return nil, "", badCursor()
		}
		q.add(` AND (at, id) < (?, ?)`, from.Number, id)
	}
	q.add(` ORDER BY at DESC, id DESC LIMIT ?`, limit+1)
	lines, err := all(ctx, w.store.read, scanChange, q.text(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("read a timeline: %w", err)
	}
	lines, next = cut(lines, limit, func(l timelineLine) position {
		return position{List: list, Number: int64(l.At), ID: hex.EncodeToString(l.id)}
	})
	for _, l := range lines {
		page = append(page, l.Change)
	}
	return page, next, nil
}

// timelineLine is a change with its place among those of one moment.
type timelineLine struct {
	conversion.Change
	id []byte
}

func scanChange(row scanner) (l timelineLine, err error) {
	var before, after, sent []byte
	err = row.Scan(&l.id, &l.EntityID, &l.At, &l.Var, &before, &after, &l.From.Object, &l.From.ID,
		&l.By.Kind, &l.By.ID, &l.RunID, &l.Rule, &l.Note, &sent)
	if err != nil {
		return l, err
	}
	if l.Before, err = decodeValue(before); err != nil {
		return l, fmt.Errorf("value before a change: %w", err)
	}
	if l.After, err = decodeValue(after); err != nil {
		return l, fmt.Errorf("value after a change: %w", err)
	}
	if l.Sent, err = decodeWrites(sent); err != nil {
		return l, fmt.Errorf("what a line says was sent: %w", err)
	}
	return l, nil
}
