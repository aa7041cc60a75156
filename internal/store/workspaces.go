package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

// Due returns the workspaces that have something to do now, one row each: a cycle when
// their next sync is due or a pull is queued, a push when something may be sent or a push
// is queued or stored values are to be recomputed, a load when pages of one are to be
// applied. What somebody holds the lease for is not due, nor what a lane holds that waits
// for API requests (spec 4.10). Without a connection over which requests may be sent only
// the recomputing is due.
func (s *Store) Due(ctx context.Context, now conversion.Moment) ([]conversion.Due, error) {
	scan := func(row scanner) (d conversion.Due, err error) {
		err = row.Scan(&d.WorkspaceID, &d.Cycle, &d.Push, &d.Load)
		return d, err
	}
	found, err := all(ctx, s.read, scan, dueQuery, now)
	if err != nil {
		return nil, fmt.Errorf("find workspaces with something to do: %w", err)
	}
	return slices.DeleteFunc(found, func(d conversion.Due) bool { return !d.Cycle && !d.Push && !d.Load }), nil
}

// dueQuery asks of one lane and kind at a time: each is one look into an index.
var dueQuery = func() string {
	const idle = `NOT EXISTS (SELECT 1 FROM leases l WHERE l.workspace_id = c.workspace_id AND l.ends > $1 AND l.name = `
	const queued = `EXISTS (SELECT 1 FROM runs r WHERE r.workspace_id = c.workspace_id AND r.status = 'queued' AND r.direction `
	rests := func(l conversion.Lane) string {
		return fmt.Sprintf(`EXISTS (SELECT 1 FROM waits w WHERE w.workspace_id = c.workspace_id AND w.lane = %d AND w.until > $1)`, l)
	}
	const outdated = `EXISTS (SELECT 1 FROM revisions v JOIN entities e ON e.workspace_id = v.workspace_id AND e.kind = v.kind
		AND e.revision < v.revision AND e.deleted = 0 WHERE v.workspace_id = c.workspace_id)`
	var sends, rested []string
	for _, l := range conversion.PushLanes {
		waits := fmt.Sprintf(`EXISTS (SELECT 1 FROM entities e WHERE e.workspace_id = c.workspace_id AND e.lane = %d
			AND e.retry <= $1 AND e.dirty > 0 AND e.kind = `, l)
		sends = append(sends, `(`+waits+`'contact') OR `+waits+`'company')) AND NOT `+rests(l))
		rested = append(rested, `NOT `+rests(l))
	}
	const live = `c.connected <> 0 AND c.broken = '' AND NOT c.paused`
	return `SELECT c.workspace_id,
		` + live + ` AND (c.next_sync <= $1 OR ` + queued + `<> 'outbound')) AND NOT ` + rests(conversion.LanePull) + ` AND ` + idle + `'cycle'),
		(` + live + ` AND (` + strings.Join(sends, ` OR `) + ` OR ` + queued + `= 'outbound') AND ` + strings.Join(rested, ` AND `) + `)
			OR ` + outdated + `) AND ` + idle + `'push'),
		` + live + ` AND NOT ` + rests(conversion.LanePull) + ` AND EXISTS
			(SELECT 1 FROM load_pages p WHERE p.workspace_id = c.workspace_id AND NOT p.done AND ` + idle + `'load ' || p.job_id || ' ' || CAST(p.number AS TEXT)))
		FROM connections c ORDER BY c.next_sync, c.workspace_id`
}()
