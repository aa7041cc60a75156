package store

import (
	"context"
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
// there is no such thing, a CodeConflict error when it was decided before.
func (w *Workspace) DecideApproval(ctx context.Context, id string, granted bool, by conversion.Actor, at conversion.Moment) error {
	n, err := exec(ctx, w.store.write, `UPDATE approvals SET decided = $3, granted = $4, actor_kind = $5, actor_id = $6
		WHERE workspace_id = $1 AND id = $2 AND decided = 0`, w.id, text(id), at, granted, by.Kind, by.ID)
	if err != nil {
		return fmt.Errorf("decide an approval: %w", err)
	}
	if n == 1 {
		return nil
	}
	var known int
	err = w.store.read.QueryRowContext(ctx, `SELECT count(*) FROM approvals WHERE workspace_id = $1 AND id = $2`, w.id, text(id)).Scan(&known)
	switch {
	case err != nil:
		return fmt.Errorf("decide an approval: %w", err)
	case known == 0:
		return notFound("approval")
	}
	return conversion.Errorf(conversion.CodeConflict, "This was decided before.")
}
