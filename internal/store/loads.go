package store

import (
	"context"
	"fmt"

	"conversion"
)

// Loads returns the loads that are under way, and those that were given up for reading
// without a job.
func (w *Workspace) Loads(ctx context.Context) ([]conversion.Load, error) {
	scan := func(row scanner) (l conversion.Load, err error) {
		err = row.Scan(&l.Object, &l.JobID, &l.RunID, &l.Asked, &l.Began, &l.Ready, &l.Total, &l.Polls, &l.Failures, &l.Pages, &l.Open, &l.Applied)
		return l, err
	}
	loads, err := all(ctx, w.store.read, scan, `SELECT `+loadColumns+`,
		(SELECT count(*) FROM load_pages p WHERE p.workspace_id = l.workspace_id AND p.job_id = l.job_id),
		(SELECT count(*) FROM load_pages p WHERE p.workspace_id = l.workspace_id AND p.job_id = l.job_id AND NOT p.done),
		(SELECT COALESCE(SUM(p.applied), 0) FROM load_pages p WHERE p.workspace_id = l.workspace_id AND p.job_id = l.job_id)
		FROM loads l WHERE l.workspace_id = $1 ORDER BY l.object`, w.id)
	if err != nil {
		return nil, fmt.Errorf("read the loads: %w", err)
	}
	return loads, nil
}

// OpenPages returns the pages of loads that are not wholly applied, in their order.
func (w *Workspace) OpenPages(ctx context.Context) ([]conversion.LoadPage, error) {
	scan := func(row scanner) (p conversion.LoadPage, err error) {
		err = row.Scan(&p.Object, &p.JobID, &p.Number, &p.Locator, &p.Applied, &p.Done)
		return p, err
	}
	pages, err := all(ctx, w.store.read, scan, `SELECT object, job_id, number, locator, applied, done FROM load_pages
		WHERE workspace_id = $1 AND NOT done ORDER BY object, number`, w.id)
	if err != nil {
		return nil, fmt.Errorf("read the pages of loads: %w", err)
	}
	return pages, nil
}

const loadColumns = `object, job_id, run_id, asked, began, ready, total, polls, failures`

var loadRows = func() bulk {
	cols := columns(loadColumns)
	return bulk{
		into:    "loads",
		columns: append([]string{"workspace_id"}, cols...),
		then:    overwrite("workspace_id, object", cols[1:]),
	}
}()

var loadPageRows = bulk{
	into:    "load_pages",
	columns: columns(`workspace_id, job_id, number, object, locator, applied, done`),
	then:    "ON CONFLICT (workspace_id, job_id, number) DO NOTHING",
}

// load stores what the batch does to the load of an object.
func (c committing) load(ctx context.Context) error {
	step := c.batch.Load
	if step == nil {
		return nil
	}
	if l := step.Load; l != nil {
		if err := c.storeLoad(ctx, *l); err != nil {
			return fmt.Errorf("store a load: %w", err)
		}
	}
	if p := step.Next; p != nil {
		_, err := c.insert(ctx, c.tx, loadPageRows, [][]any{{p.JobID, p.Number, p.Object, text(p.Locator), 0, false}})
		if err != nil {
			return fmt.Errorf("store where a page begins: %w", err)
		}
	}
	if p := step.Page; p != nil {
		if err := c.applied(ctx, *p); err != nil {
			return fmt.Errorf("store how far a page was applied: %w", err)
		}
	}
	if step.Over == "" {
		return nil
	}
	if err := c.forgetPages(ctx, step.Over, ""); err != nil {
		return fmt.Errorf("end a load: %w", err)
	}
	_, err := exec(ctx, c.tx, `DELETE FROM loads WHERE workspace_id = $1 AND object = $2`, c.id, step.Over)
	return err
}

func (c committing) storeLoad(ctx context.Context, l conversion.Load) error {
	if err := c.forgetPages(ctx, l.Object, l.JobID); err != nil {
		return err
	}
	_, err := c.insert(ctx, c.tx, loadRows, [][]any{{
		l.Object, l.JobID, l.RunID, l.Asked, l.Began, l.Ready, l.Total, l.Polls, l.Failures,
	}})
	return err
}

// forgetPages removes the pages of the object's load, but for those of the job, and the
// leases on them: whoever is at work on one has lost it.
func (c committing) forgetPages(ctx context.Context, o conversion.Object, but string) error {
	jobs, err := all(ctx, c.tx, scanText, `SELECT job_id FROM loads
		WHERE workspace_id = $1 AND object = $2 AND job_id <> $3 AND job_id <> ''`, c.id, o, but)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if _, err := exec(ctx, c.tx, `DELETE FROM load_pages WHERE workspace_id = $1 AND job_id = $2`, c.id, job); err != nil {
			return err
		}
		leases := conversion.LoadLeases(job)
		_, err := exec(ctx, c.tx, `DELETE FROM leases WHERE workspace_id = $1 AND name >= $2 AND name < $3`, c.id, leases, leases+"~")
		if err != nil {
			return err
		}
	}
	return nil
}

// applied notes how far a page has come, and adds what is new to the progress.
func (c committing) applied(ctx context.Context, p conversion.LoadPage) error {
	pages, err := all(ctx, c.tx, func(row scanner) (n int, err error) { return n, row.Scan(&n) },
		`SELECT applied FROM load_pages WHERE workspace_id = $1 AND job_id = $2 AND number = $3 AND NOT done`, c.id, p.JobID, p.Number)
	if err != nil {
		return err
	}
	if len(pages) == 0 {
		return conversion.ErrLeaseLost // the load was begun anew, or is another org's
	}
	more := max(0, p.Applied-pages[0])
	if _, err := exec(ctx, c.tx, `UPDATE load_pages SET applied = applied + $4, done = $5
		WHERE workspace_id = $1 AND job_id = $2 AND number = $3`, c.id, p.JobID, p.Number, more, p.Done); err != nil {
		return err
	}
	_, err = exec(ctx, c.tx, `UPDATE progress SET done = CASE WHEN done + $3 < total THEN done + $3 ELSE total END
		WHERE workspace_id = $1 AND object = $2`, c.id, p.Object, more)
	return err
}
