package store

import (
	"context"
	"database/sql"
	"fmt"

	"conversion"
)

const approvalColumns = `id, direction, kind, var, reason, count, used, created, decided, granted, actor_kind, actor_id`

func scanApproval(row scanner) (a conversion.Approval, err error) {
	err = row.Scan(&a.ID, &a.Direction, &a.Kind, &a.Var, &a.Reason, &a.Count, &a.Used, &a.Created, &a.Decided, &a.Granted, &a.By.Kind, &a.By.ID)
	return a, err
}

// Approvals returns those that wait or were decided since the moment, oldest first.
func (w *Workspace) Approvals(ctx context.Context, since conversion.Moment) ([]conversion.Approval, error) {
	found, err := all(ctx, w.store.read, scanApproval, `SELECT `+approvalColumns+` FROM approvals
		WHERE workspace_id = $1 AND (decided = 0 OR decided >= $2) ORDER BY created, id`, w.id, since)
	if err != nil {
		return nil, fmt.Errorf("read approvals: %w", err)
	}
	return found, nil
}

// DecideApproval stores an admin's decision on what waits; a CodeNotFound error when
// there is no such thing, a CodeConflict error when it was decided before. Once granted,
// what it is about is looked at again at once: by a push, or by a cycle. So is a refused
// change of ours, to be told and left alone; refused deletions stay parked.
func (w *Workspace) DecideApproval(ctx context.Context, id string, granted bool, by conversion.Actor, at conversion.Moment) error {
	err := w.store.inTx(ctx, func(tx *sql.Tx) error {
		decided, err := all(ctx, tx, scanApproval, `UPDATE approvals SET decided = $3, granted = $4, actor_kind = $5, actor_id = $6
			WHERE workspace_id = $1 AND id = $2 AND decided = 0 RETURNING `+approvalColumns, w.id, text(id), at, granted, by.Kind, by.ID)
		if err != nil {
			return err
		}
		if len(decided) == 0 {
			return w.whyUndecidable(ctx, tx, id)
		}
		if a := decided[0]; granted || a.Direction == conversion.Outbound && a.Var != 0 {
			return w.wakeDecided(ctx, tx, a, at)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("decide an approval: %w", err)
	}
	return nil
}

// wakeDecided lets what was decided go on soon.
func (w *Workspace) wakeDecided(ctx context.Context, tx *sql.Tx, a conversion.Approval, at conversion.Moment) error {
	if a.Direction == conversion.Inbound {
		_, err := exec(ctx, tx, `UPDATE connections SET next_sync = $2 WHERE workspace_id = $1 AND next_sync > $2`, w.id, at)
		return err
	}
	_, err := exec(ctx, tx, `UPDATE entities SET retry = 0 WHERE workspace_id = $1 AND retry > 0 AND dirty > 0
		AND id IN (SELECT entity_id FROM withheld WHERE workspace_id = $1 AND approval_id = $2)`, w.id, a.ID)
	return err
}

func (w *Workspace) whyUndecidable(ctx context.Context, tx *sql.Tx, id string) error {
	var known int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM approvals WHERE workspace_id = $1 AND id = $2`, w.id, text(id)).Scan(&known)
	switch {
	case err != nil:
		return err
	case known == 0:
		return notFound("approval")
	}
	return conversion.Errorf(conversion.CodeConflict, "This was decided before.")
}
