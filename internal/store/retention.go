package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"time"

	"conversion"
)

const (
	// What is kept whatever the retention: the breaker and the budget count over 24 hours, and
	// people look at the runs of yesterday.
	leastKept = 48 * time.Hour
	// Edits may wait for weeks before the breaker weighs them: for the connection, or for API
	// requests.
	editsKept = 30 * 24 * time.Hour
)

// pruneBatch is how many rows of a table one transaction removes at most.
const pruneBatch = 2000

// prunes are the statements that remove what is old, each at most $3 rows: of the timeline,
// of runs that ended with their lines, of decided approvals, and of counts.
var prunes = []struct {
	statement string
	kept      time.Duration // of what is there for counting only; 0: the retention decides
}{
	{`DELETE FROM changes WHERE workspace_id = $1 AND (entity_id, at, id) IN
		(SELECT entity_id, at, id FROM changes WHERE workspace_id = $1 AND at < $2 ORDER BY at LIMIT $3)`, 0},
	{`DELETE FROM run_lines WHERE workspace_id = $1 AND (run_id, number) IN
		(SELECT l.run_id, l.number FROM runs r JOIN run_lines l ON l.workspace_id = r.workspace_id AND l.run_id = r.id
		WHERE r.workspace_id = $1 AND r.created < $2 AND r.finished < $2 AND r.status IN ('done', 'failed') LIMIT $3)`, 0},
	{`DELETE FROM runs WHERE workspace_id = $1 AND id IN
		(SELECT r.id FROM runs r WHERE r.workspace_id = $1 AND r.created < $2 AND r.finished < $2 AND r.status IN ('done', 'failed')
		AND NOT EXISTS (SELECT 1 FROM run_lines l WHERE l.workspace_id = r.workspace_id AND l.run_id = r.id) LIMIT $3)`, 0},
	{`DELETE FROM withheld WHERE workspace_id = $1 AND (approval_id, entity_id, object, record_id, var) IN
		(SELECT h.approval_id, h.entity_id, h.object, h.record_id, h.var FROM approvals a
		JOIN withheld h ON h.workspace_id = a.workspace_id AND h.approval_id = a.id
		WHERE a.workspace_id = $1 AND a.decided > 0 AND a.decided < $2 LIMIT $3)`, 0},
	{`DELETE FROM approvals WHERE workspace_id = $1 AND id IN
		(SELECT a.id FROM approvals a WHERE a.workspace_id = $1 AND a.decided > 0 AND a.decided < $2
		AND NOT EXISTS (SELECT 1 FROM withheld h WHERE h.workspace_id = a.workspace_id AND h.approval_id = a.id) LIMIT $3)`, 0},
	{`DELETE FROM api_usage WHERE workspace_id = $1 AND (slot, lane) IN
		(SELECT slot, lane FROM api_usage WHERE workspace_id = $1 AND slot < $2 LIMIT $3)`, leastKept},
	{`DELETE FROM deletions WHERE workspace_id = $1 AND (direction, kind, at) IN
		(SELECT direction, kind, at FROM deletions WHERE workspace_id = $1 AND at < $2 LIMIT $3)`, leastKept},
	{`DELETE FROM edits WHERE workspace_id = $1 AND (slot, var, actor_kind, actor_id) IN
		(SELECT slot, var, actor_kind, actor_id FROM edits WHERE workspace_id = $1 AND slot < $2 LIMIT $3)`, editsKept},
}

// Prune removes what is older than the workspace's retention (spec 7.6), in transactions of
// few rows each, and previews that expired. A stop leaves the rest for the next time.
func (w *Workspace) Prune(ctx context.Context, now conversion.Moment) error {
	options, err := w.Options(ctx)
	if err != nil {
		return fmt.Errorf("read the retention: %w", err)
	}
	keep := max(time.Duration(options.RetentionDays)*24*time.Hour, leastKept)
	for _, p := range prunes {
		if err := w.prune(ctx, p.statement, now.Add(-cmp.Or(p.kept, keep))); err != nil {
			return fmt.Errorf("remove what is old: %w", err)
		}
	}
	return w.store.inTx(ctx, func(tx *sql.Tx) error { return w.dropPreviews(ctx, tx, now) })
}

func (w *Workspace) prune(ctx context.Context, statement string, before conversion.Moment) error {
	for {
		n, err := exec(ctx, w.store.write, statement, w.id, before, pruneBatch)
		if err != nil || n < pruneBatch {
			return err
		}
	}
}
