package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"conversion"
)

// Acquire takes the lease when it is free or has ended, and counts its generation up; ok
// is false when another holds it. An owner that still holds it gets it anew.
func (w *Workspace) Acquire(ctx context.Context, name, owner string, now, until conversion.Moment) (lease conversion.Lease, ok bool, err error) {
	lease = conversion.Lease{WorkspaceID: w.id, Name: name, Owner: owner, Until: until}
	err = w.store.write.QueryRowContext(ctx, `INSERT INTO leases (workspace_id, name, owner, ends, generation)
		VALUES ($1, $2, $3, $4, 1)
		ON CONFLICT (workspace_id, name) DO UPDATE
		SET owner = excluded.owner, ends = excluded.ends, generation = leases.generation + 1
		WHERE leases.ends <= $5 OR leases.owner = excluded.owner
		RETURNING generation`, w.id, name, owner, until, now).Scan(&lease.Generation)
	if errors.Is(err, sql.ErrNoRows) {
		return conversion.Lease{}, false, nil
	}
	if err != nil {
		return conversion.Lease{}, false, fmt.Errorf("acquire lease %s: %w", name, err)
	}
	return lease, true, nil
}

// Renew moves the end of the lease; conversion.ErrLeaseLost when another took it.
func (w *Workspace) Renew(ctx context.Context, l conversion.Lease, until conversion.Moment) error {
	n, err := exec(ctx, w.store.write, `UPDATE leases SET ends = $5
		WHERE workspace_id = $1 AND name = $2 AND owner = $3 AND generation = $4`, w.id, l.Name, l.Owner, l.Generation, until)
	if err != nil {
		return fmt.Errorf("renew lease %s: %w", l.Name, err)
	}
	if n == 0 {
		return conversion.ErrLeaseLost
	}
	return nil
}

// Release ends the lease; nothing happens when another took it. The row stays, so that
// no generation comes twice.
func (w *Workspace) Release(ctx context.Context, l conversion.Lease) error {
	_, err := exec(ctx, w.store.write, `UPDATE leases SET ends = 0, owner = ''
		WHERE workspace_id = $1 AND name = $2 AND owner = $3 AND generation = $4`, w.id, l.Name, l.Owner, l.Generation)
	if err != nil {
		return fmt.Errorf("release lease %s: %w", l.Name, err)
	}
	return nil
}
