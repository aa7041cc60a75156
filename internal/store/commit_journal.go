package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"conversion"
)

// heldKey tells held rows of one entity apart: the same problem again keeps its id and
// the time since when it has been there.
type heldKey struct {
	entityID string
	ref      conversion.Ref
	field    string
	code     string
}

func keyOfHeld(h conversion.Held) heldKey { return heldKey{h.EntityID, h.Ref, h.Field, h.Code} }

var heldRows = bulk{
	into:    "held",
	columns: append([]string{"workspace_id"}, columns(heldColumns)...),
}

// held replaces the held rows of the plans' entities that the batch deals with.
func (c committing) held(ctx context.Context) error {
	if c.batch.Replaces == conversion.HeldNone {
		return nil
	}
	before, err := c.takeHeld(ctx)
	if err != nil {
		return fmt.Errorf("replace what is held: %w", err)
	}
	rows := make([][]any, len(c.batch.Held))
	for i, h := range c.batch.Held {
		if was, ok := before[keyOfHeld(h)]; ok {
			h.ID, h.Since = was.ID, was.Since
		}
		if h.Cause == "" {
			h.Cause = conversion.Cause(h.Code, h.Ref.Object, h.Field)
		}
		if h.ID == "" {
			h.ID = newID()
		}
		if h.Since == 0 {
			h.Since = c.batch.At
		}
		rows[i] = []any{
			h.ID, h.EntityID, h.Ref.Object, h.Ref.ID, h.Field, h.Cause, h.Fix, h.Code,
			text(h.Message), text(h.Hint), h.UserID, h.Since, h.Retry,
		}
	}
	_, err = c.insert(ctx, c.tx, heldRows, rows)
	return err
}

// takeHeld removes the held rows that are replaced and returns them.
func (c committing) takeHeld(ctx context.Context) (map[heldKey]conversion.Held, error) {
	taken := make(map[heldKey]conversion.Held)
	scope := ""
	if c.batch.Replaces == conversion.HeldKeys {
		scope = `code = '` + conversion.HeldKeyChanged + `' AND `
	}
	err := c.store.dialect.inChunks(c.known(), 2, func(list string, args []any) error {
		rows, err := all(ctx, c.tx, scanHeld, `DELETE FROM held
			WHERE `+scope+`workspace_id = $1 AND entity_id IN (`+list+`) RETURNING `+heldColumns, append([]any{c.id}, args...)...)
		for _, h := range rows {
			taken[keyOfHeld(h)] = h
		}
		return err
	})
	return taken, err
}

var changeRows = bulk{
	into: "changes",
	columns: columns(`workspace_id, entity_id, at, id, var, before, after, object, record_id,
		actor_kind, actor_id, run_id, rule, note, sent`),
}

// changes adds to the timelines. Lines of one moment keep the order they came in.
func (c committing) changes(ctx context.Context) error {
	rows := make([][]any, len(c.batch.Changes))
	for i, ch := range c.batch.Changes {
		if ch.At == 0 {
			ch.At = c.batch.At
		}
		if ch.RunID == "" {
			ch.RunID = c.batch.RunID
		}
		id := uuid.Must(uuid.NewV7())
		rows[i] = []any{
			ch.EntityID, ch.At, id[:], ch.Var, encodeValue(ch.Before), encodeValue(ch.After), ch.From.Object, ch.From.ID,
			ch.By.Kind, ch.By.ID, ch.RunID, ch.Rule, text(ch.Note), encodeWrites(ch.Sent),
		}
	}
	return c.add(ctx, changeRows, rows)
}

var lineRows = bulk{
	into:    "run_lines",
	columns: columns(`workspace_id, run_id, number, object, record_id, entity_id, outcome, message, at`),
}

// run adds the counts to the batch's run, and the lines to theirs.
func (c committing) run(ctx context.Context) error {
	if c.batch.RunID != "" {
		if err := c.count(ctx); err != nil {
			return fmt.Errorf("count in run %s: %w", c.batch.RunID, err)
		}
	}
	rows := make([][]any, len(c.batch.Lines))
	next := make(map[string]int)
	for i, l := range c.batch.Lines {
		if l.RunID == "" {
			l.RunID = c.batch.RunID
		}
		if l.At == 0 {
			l.At = c.batch.At
		}
		if _, ok := next[l.RunID]; !ok {
			first, err := c.numberLines(ctx, l.RunID)
			if err != nil {
				return fmt.Errorf("number the lines of run %s: %w", l.RunID, err)
			}
			next[l.RunID] = first
		}
		rows[i] = []any{l.RunID, next[l.RunID], l.Ref.Object, l.Ref.ID, l.EntityID, l.Outcome, text(l.Message), l.At}
		next[l.RunID]++
	}
	return c.add(ctx, lineRows, rows)
}

func (c committing) count(ctx context.Context) error {
	n := c.batch.Counts
	found, err := exec(ctx, c.tx, `UPDATE runs SET records_created = records_created + $3, records_updated = records_updated + $4,
		records_deleted = records_deleted + $5, records_skipped = records_skipped + $6, records_held = records_held + $7
		WHERE workspace_id = $1 AND id = $2`, c.id, c.batch.RunID, n.Created, n.Updated, n.Deleted, n.Skipped, n.Held)
	if err == nil && found == 0 {
		return notFound("run")
	}
	return err
}

// numberLines reserves numbers for the batch's lines of the run and returns the first.
func (c committing) numberLines(ctx context.Context, runID string) (first int, err error) {
	n := 0
	for _, l := range c.batch.Lines {
		if l.RunID == runID || (l.RunID == "" && runID == c.batch.RunID) {
			n++
		}
	}
	var last int
	err = c.tx.QueryRowContext(ctx, `UPDATE runs SET lines = lines + $3 WHERE workspace_id = $1 AND id = $2 RETURNING lines`,
		c.id, runID, n).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, notFound("run")
	}
	return last - n + 1, err
}

// reading stores how far an object was read, and how much of it there is.
func (c committing) reading(ctx context.Context) error {
	if m := c.batch.Cursor; m != nil {
		_, err := exec(ctx, c.tx, `INSERT INTO cursors (workspace_id, object, modstamp, record_id) VALUES ($1, $2, $3, $4)
			ON CONFLICT (workspace_id, object) DO UPDATE SET modstamp = excluded.modstamp, record_id = excluded.record_id`,
			c.id, m.Object, m.To.Modstamp, m.To.ID)
		if err != nil {
			return fmt.Errorf("move the cursor: %w", err)
		}
	}
	if p := c.batch.Progress; p != nil {
		_, err := exec(ctx, c.tx, `INSERT INTO progress (workspace_id, object, place, done, total, began)
			VALUES ($1, $2, (SELECT count(*) FROM progress WHERE workspace_id = $6), $3, $4, $5)
			ON CONFLICT (workspace_id, object) DO UPDATE SET done = excluded.done, total = excluded.total, began = excluded.began`,
			c.id, p.Object, p.Done, p.Total, p.Began, c.id)
		if err != nil {
			return fmt.Errorf("store the progress: %w", err)
		}
	}
	return nil
}

// newID returns a UUID of version 7, whose order is that of its making.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
