package store

import (
	"context"
	"fmt"

	"conversion"
)

// Workspaces returns all of them, oldest first.
func (s *Store) Workspaces(ctx context.Context) ([]conversion.Workspace, error) {
	scan := func(row scanner) (w conversion.Workspace, err error) {
		err = row.Scan(&w.ID, &w.Name, &w.Created)
		return w, err
	}
	return all(ctx, s.read, scan, `SELECT id, name, created FROM workspaces ORDER BY created, id`)
}

// CreateWorkspace stores a new workspace.
func (s *Store) CreateWorkspace(ctx context.Context, w conversion.Workspace) error {
	_, err := exec(ctx, s.write, `INSERT INTO workspaces (id, name, created) VALUES ($1, $2, $3)`, w.ID, text(w.Name), w.Created)
	if err != nil {
		return fmt.Errorf("create a workspace: %w", err)
	}
	return nil
}

// Due returns the ids of the workspaces that have something to do now: those whose next
// sync is due, and those that may have something to send. Only workspaces with a
// connection over which requests may be sent are among them.
func (s *Store) Due(ctx context.Context, now conversion.Moment) (sync, dirty []string, err error) {
	type due struct {
		id          string
		sync, dirty bool
	}
	scan := func(row scanner) (d due, err error) {
		err = row.Scan(&d.id, &d.sync, &d.dirty)
		return d, err
	}
	const waits = `EXISTS (SELECT 1 FROM entities e WHERE e.workspace_id = c.workspace_id AND e.retry <= $1 AND e.dirty > 0 AND e.kind = `
	found, err := all(ctx, s.read, scan, `SELECT c.workspace_id, c.next_sync <= $1, `+waits+`'contact') OR `+waits+`'company')
		FROM connections c WHERE c.connected <> 0 AND c.broken = '' AND NOT c.paused ORDER BY c.next_sync, c.workspace_id`, now)
	if err != nil {
		return nil, nil, fmt.Errorf("find workspaces with something to do: %w", err)
	}
	for _, d := range found {
		if d.sync {
			sync = append(sync, d.id)
		}
		if d.dirty {
			dirty = append(dirty, d.id)
		}
	}
	return sync, dirty, nil
}
