package store

import (
	"context"
	"database/sql"
	"fmt"

	"conversion"
)

const approvalColumns = `id, kind, reason, count, created, decided, granted, actor_kind, actor_id`

func scanApproval(row scanner) (a conversion.Approval, err error) {
	err = row.Scan(&a.ID, &a.Kind, &a.Reason, &a.Count, &a.Created, &a.Decided, &a.Granted, &a.By.Kind, &a.By.ID)
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

// AddApproval stores something that waits for an admin.
func (w *Workspace) AddApproval(ctx context.Context, a conversion.Approval) error {
	row := bulk{into: "approvals", columns: append([]string{"workspace_id"}, columns(approvalColumns)...)}
	_, err := w.insert(ctx, w.store.write, row, [][]any{{
		a.ID, a.Kind, text(a.Reason), a.Count, a.Created, a.Decided, a.Granted, a.By.Kind, a.By.ID,
	}})
	if err != nil {
		return fmt.Errorf("add an approval: %w", err)
	}
	return nil
}

// DecideApproval stores an admin's decision on what waits; a CodeNotFound error when
// there is no such thing, a CodeConflict error when it was decided before. Once granted,
// the deletions of its kind are looked at again at once; refused, they stay parked.
func (w *Workspace) DecideApproval(ctx context.Context, id string, granted bool, by conversion.Actor, at conversion.Moment) error {
	err := w.store.inTx(ctx, func(tx *sql.Tx) error {
		kinds, err := all(ctx, tx, scanText, `UPDATE approvals SET decided = $3, granted = $4, actor_kind = $5, actor_id = $6
			WHERE workspace_id = $1 AND id = $2 AND decided = 0 RETURNING kind`, w.id, text(id), at, granted, by.Kind, by.ID)
		if err != nil {
			return err
		}
		if len(kinds) == 0 {
			return w.whyUndecidable(ctx, tx, id)
		}
		if !granted {
			return nil
		}
		_, err = exec(ctx, tx, `UPDATE entities SET retry = 0
			WHERE workspace_id = $1 AND kind = $2 AND retry > 0 AND dirty > 0 AND deleted > 0`, w.id, kinds[0])
		return err
	})
	if err != nil {
		return fmt.Errorf("decide an approval: %w", err)
	}
	return nil
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
