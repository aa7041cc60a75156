package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"conversion"
)

const runColumns = `id, direction, object, cause, status, created, started, finished,
	records_created, records_updated, records_deleted, records_skipped, records_held, error, note`

func scanRun(row scanner) (r conversion.Run, err error) {
	n := &r.Counts
	err = row.Scan(&r.ID, &r.Direction, &r.Object, &r.Trigger, &r.Status, &r.Created, &r.Started, &r.Finished,
		&n.Created, &n.Updated, &n.Deleted, &n.Skipped, &n.Held, &r.Error, &r.Note)
	return r, err
}

var runRows = bulk{
	into:    "runs",
	columns: append([]string{"workspace_id"}, append(columns(runColumns), "lines")...),
}

// AddRuns stores new runs, with the counts they have.
func (w *Workspace) AddRuns(ctx context.Context, runs []conversion.Run) error {
	rows := make([][]any, len(runs))
	for i, r := range runs {
		rows[i] = []any{
			r.ID, r.Direction, r.Object, r.Trigger, r.Status, r.Created, r.Started, r.Finished,
			r.Counts.Created, r.Counts.Updated, r.Counts.Deleted, r.Counts.Skipped, r.Counts.Held, text(r.Error), text(r.Note), 0,
		}
	}
	err := w.store.inTx(ctx, func(tx *sql.Tx) error {
		_, err := w.insert(ctx, tx, runRows, rows)
		return err
	})
	if err != nil {
		return fmt.Errorf("add runs: %w", err)
	}
	return nil
}

// QueuedRuns returns the runs that wait, oldest first.
func (w *Workspace) QueuedRuns(ctx context.Context) ([]conversion.Run, error) {
	return all(ctx, w.store.read, scanRun, `SELECT `+runColumns+` FROM runs
		WHERE workspace_id = $1 AND status = 'queued' ORDER BY created, id`, w.id)
}

// UpdateRun stores status, times, error and note; counts are added by Commit.
func (w *Workspace) UpdateRun(ctx context.Context, r conversion.Run) error {
	n, err := exec(ctx, w.store.write, `UPDATE runs SET status = $3, started = $4, finished = $5, error = $6, note = $7
		WHERE workspace_id = $1 AND id = $2`, w.id, r.ID, r.Status, r.Started, r.Finished, text(r.Error), text(r.Note))
	if err == nil && n == 0 {
		err = notFound("run")
	}
	if err != nil {
		return fmt.Errorf("update run %s: %w", r.ID, err)
	}
	return nil
}

// FailRunning marks runs left running by an owner that died as failed.
func (w *Workspace) FailRunning(ctx context.Context, d conversion.Direction, at conversion.Moment, reason string) error {
	_, err := exec(ctx, w.store.write, `UPDATE runs SET status = 'failed', finished = $3, error = $4
		WHERE workspace_id = $1 AND direction = $2 AND status = 'running'`, w.id, d, at, text(reason))
	if err != nil {
		return fmt.Errorf("fail runs left running: %w", err)
	}
	return nil
}

// Runs returns a page of runs, newest first, and the cursor of the next one, "" at the
// end; a bad cursor is a CodeInvalid error naming "cursor".
func (w *Workspace) Runs(ctx context.Context, f conversion.RunFilter) (page []conversion.Run, next string, err error) {
	from, err := parsePosition(f.After, "runs")
	if err != nil {
		return nil, "", err
	}
	if err := limited(f.Limit); err != nil {
		return nil, "", err
	}
	q := newQuery(`SELECT `+runColumns+` FROM runs WHERE workspace_id = ? AND created >= ?`, w.id, f.Since)
	if f.Until != 0 {
		q.add(` AND created < ?`, f.Until)
	}
	if f.Direction != "" {
		q.add(` AND direction = ?`, f.Direction)
	}
	if f.Object != "" {
		q.add(` AND object = ?`, f.Object)
	}
	if f.After != "" {
		q.add(` AND (created, id) < (?, ?)`, from.Number, from.ID)
	}
	q.add(` ORDER BY created DESC, id DESC LIMIT ?`, f.Limit+1)
	page, err = all(ctx, w.store.read, scanRun, q.text(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list runs: %w", err)
	}
	page, next = cut(page, f.Limit, func(r conversion.Run) position {
		return position{List: "runs", Number: int64(r.Created), ID: r.ID}
	})
	return page, next, nil
}

// Run returns one run; a CodeNotFound error when there is none.
func (w *Workspace) Run(ctx context.Context, id string) (conversion.Run, error) {
	r, err := scanRun(w.store.read.QueryRowContext(ctx, `SELECT `+runColumns+` FROM runs
		WHERE workspace_id = $1 AND id = $2`, w.id, text(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return conversion.Run{}, notFound("run")
	}
	return r, err
}

// RunLines returns a page of a run's records, in the order in which they were done.
func (w *Workspace) RunLines(ctx context.Context, runID, after string, limit int) (page []conversion.RunLine, next string, err error) {
	from, err := parsePosition(after, "run lines "+runID)
	if err != nil {
		return nil, "", err
	}
	if err := limited(limit); err != nil {
		return nil, "", err
	}
	numbers := make(map[int]int64, limit)
	scan := func(row scanner) (l conversion.RunLine, err error) {
		var number int64
		err = row.Scan(&number, &l.RunID, &l.Ref.Object, &l.Ref.ID, &l.EntityID, &l.Outcome, &l.Message, &l.At)
		numbers[len(numbers)] = number
		return l, err
	}
	page, err = all(ctx, w.store.read, scan, `SELECT number, run_id, object, record_id, entity_id, outcome, message, at FROM run_lines
		WHERE workspace_id = $1 AND run_id = $2 AND number > $3 ORDER BY number LIMIT $4`, w.id, text(runID), from.Number, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("list the records of run %s: %w", runID, err)
	}
	page, next = cut(page, limit, func(conversion.RunLine) position {
		return position{List: "run lines " + runID, Number: numbers[limit-1], ID: runID}
	})
	return page, next, nil
}
