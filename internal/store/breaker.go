package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"conversion"
)

// breaker stores what the breaker of a batch asks, counts and lets go.
func (c committing) breaker(ctx context.Context) error {
	for _, a := range c.batch.Asks {
		if err := c.ask(ctx, a); err != nil {
			return fmt.Errorf("ask for an approval: %w", err)
		}
	}
	for _, d := range c.batch.Deletions {
		_, err := exec(ctx, c.tx, `INSERT INTO deletions (workspace_id, direction, kind, at, records) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (workspace_id, direction, kind, at) DO UPDATE SET records = deletions.records + excluded.records`,
			c.id, d.Direction, d.Kind, c.batch.At, d.N)
		if err != nil {
			return fmt.Errorf("count deletions: %w", err)
		}
	}
	if err := c.edits(ctx); err != nil {
		return fmt.Errorf("count edits: %w", err)
	}
	return c.went(ctx)
}

var editRows = bulk{
	into:    "edits",
	columns: columns(`workspace_id, slot, var, actor_kind, actor_id, contacts`),
	then:    `ON CONFLICT (workspace_id, slot, var, actor_kind, actor_id) DO UPDATE SET contacts = edits.contacts + excluded.contacts`,
}

// edits counts what the batch edited, always in one order: others count the same rows.
func (c committing) edits(ctx context.Context) error {
	counts := slices.SortedFunc(slices.Values(c.batch.Edits), func(a, b conversion.EditCount) int {
		return cmp.Or(cmp.Compare(a.Var, b.Var), cmp.Compare(a.By.Kind, b.By.Kind), cmp.Compare(a.By.ID, b.By.ID))
	})
	rows := make([][]any, len(counts))
	for i, e := range counts {
		rows[i] = []any{conversion.SlotOf(c.batch.At), e.Var, e.By.Kind, e.By.ID, e.N}
	}
	_, err := c.insert(ctx, c.tx, editRows, rows)
	return err
}

var approvalRows = bulk{
	into:    "approvals",
	columns: append([]string{"workspace_id"}, columns(approvalColumns)...),
	then:    "ON CONFLICT (workspace_id, id) DO UPDATE SET count = approvals.count + excluded.count WHERE approvals.decided = 0",
}

var withheldRows = bulk{
	into:    "withheld",
	columns: columns(`workspace_id, approval_id, entity_id, object, record_id, var, mark`),
	then:    `ON CONFLICT (workspace_id, approval_id, entity_id, object, record_id, var) DO UPDATE SET mark = excluded.mark`,
}

// ask puts a question or adds to the one that waits.
func (c committing) ask(ctx context.Context, ask conversion.Ask) error {
	a := ask.Approval
	written, err := c.insert(ctx, c.tx, approvalRows, [][]any{{
		a.ID, a.Direction, a.Kind, a.Var, text(a.Reason), a.Count, a.Used, a.Created, a.Decided, a.Granted, a.By.Kind, a.By.ID,
	}})
	switch {
	case err != nil:
		return err
	case written == 0: // it was decided meanwhile
		return &conversion.StaleError{}
	}
	rows := make([][]any, len(ask.Withheld))
	for i, h := range ask.Withheld {
		rows[i] = []any{a.ID, h.EntityID, h.Ref.Object, h.Ref.ID, h.Var, h.Mark}
	}
	_, err = c.insert(ctx, c.tx, withheldRows, rows)
	return err
}

// went takes what was let go off its approvals.
func (c committing) went(ctx context.Context) error {
	used := make(map[string]int)
	for _, h := range c.batch.Went {
		n, err := exec(ctx, c.tx, `DELETE FROM withheld WHERE workspace_id = $1 AND approval_id = $2 AND entity_id = $3
			AND object = $4 AND record_id = $5 AND var = $6`, c.id, h.Approval, h.EntityID, h.Ref.Object, h.Ref.ID, h.Var)
		if err != nil {
			return fmt.Errorf("take something off its approval: %w", err)
		}
		used[h.Approval] += n
	}
	for id, n := range used {
		if _, err := exec(ctx, c.tx, `UPDATE approvals SET used = used + $3 WHERE workspace_id = $1 AND id = $2`, c.id, id, n); err != nil {
			return fmt.Errorf("count what an approval let go: %w", err)
		}
	}
	return nil
}

const withheldColumns = `h.approval_id, h.entity_id, h.object, h.record_id, h.var, h.mark, a.direction, a.decided <> 0, a.granted`

func scanWithheld(row scanner) (h conversion.WithheldState, err error) {
	err = row.Scan(&h.Approval, &h.EntityID, &h.Ref.Object, &h.Ref.ID, &h.Var, &h.Mark, &h.Direction, &h.Decided, &h.Granted)
	return h, err
}

const withheldFrom = ` FROM withheld h JOIN approvals a ON a.workspace_id = h.workspace_id AND a.id = h.approval_id
	WHERE h.workspace_id = $1 AND `

// Withheld returns what is withheld of the entities, whatever became of the approvals.
func (w *Workspace) Withheld(ctx context.Context, entityIDs []string) ([]conversion.WithheldState, error) {
	return w.withheld(ctx, entityIDs, `h.entity_id IN `)
}

// WithheldFrom returns what is withheld of the records' values.
func (w *Workspace) WithheldFrom(ctx context.Context, refs []conversion.Ref) ([]conversion.WithheldState, error) {
	byObject := make(map[conversion.Object][]string)
	for _, r := range refs {
		byObject[r.Object] = append(byObject[r.Object], r.ID)
	}
	var found []conversion.WithheldState
	for o, ids := range byObject {
		some, err := w.withheld(ctx, ids, `h.object = '`+string(o)+`' AND h.record_id <> '' AND h.record_id IN `)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

func (w *Workspace) withheld(ctx context.Context, ids []string, where string) (found []conversion.WithheldState, err error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	err = w.store.dialect.inChunks(slices.Compact(ids), 2, func(list string, args []any) error {
		some, err := all(ctx, w.store.read, scanWithheld, `SELECT `+withheldColumns+withheldFrom+where+`(`+list+`)`,
			append([]any{w.id}, args...)...)
		found = append(found, some...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what is withheld: %w", err)
	}
	return found, nil
}

// Released returns what was granted of a direction and has not gone yet, at most limit.
func (w *Workspace) Released(ctx context.Context, d conversion.Direction, limit int) ([]conversion.WithheldState, error) {
	found, err := all(ctx, w.store.read, scanWithheld, `SELECT `+withheldColumns+withheldFrom+`a.direction = $2 AND a.granted
		ORDER BY h.approval_id, h.entity_id, h.object, h.record_id, h.var LIMIT $3`, w.id, d, limit)
	if err != nil {
		return nil, fmt.Errorf("read what was granted: %w", err)
	}
	return found, nil
}

// Deletions counts what was deleted in a direction since the moment, with what went along.
func (w *Workspace) Deletions(ctx context.Context, d conversion.Direction, k conversion.Kind, since conversion.Moment) (int, error) {
	var n int
	err := w.store.read.QueryRowContext(ctx, `SELECT CAST(coalesce(sum(records), 0) AS BIGINT) FROM deletions
		WHERE workspace_id = $1 AND direction = $2 AND kind = $3 AND at >= $4`, w.id, d, k, since).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count deletions: %w", err)
	}
	return n, nil
}

// Edits returns the counts of edits of the slots that end after the moment, oldest first.
func (w *Workspace) Edits(ctx context.Context, since conversion.Moment) ([]conversion.EditCount, error) {
	scan := func(row scanner) (e conversion.EditCount, err error) {
		err = row.Scan(&e.At, &e.Var, &e.By.Kind, &e.By.ID, &e.N)
		return e, err
	}
	found, err := all(ctx, w.store.read, scan, `SELECT slot, var, actor_kind, actor_id, contacts FROM edits
		WHERE workspace_id = $1 AND slot >= $2 ORDER BY slot, var, actor_kind, actor_id`, w.id, conversion.SlotOf(since))
	if err != nil {
		return nil, fmt.Errorf("read the counts of edits: %w", err)
	}
	return found, nil
}
