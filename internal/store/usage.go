package store

import (
	"context"
	"database/sql"
	"fmt"

	"conversion"
)

// slotOf is the beginning of the slot a moment falls in.
func slotOf(at conversion.Moment) conversion.Moment {
	size := conversion.Moment(conversion.BudgetSlot.Microseconds())
	return at - at%size
}

// windowFrom is the first slot that is not wholly out of the window before now.
func windowFrom(now conversion.Moment) conversion.Moment {
	return slotOf(now.Add(-conversion.BudgetWindow))
}

// Reserve counts the requests as ours, in one transaction with looking whether they still
// fit; ok false when they do not, and nothing is counted. Of several processes that ask at
// once, each sees what the others got.
func (w *Workspace) Reserve(ctx context.Context, r conversion.Reservation) (ok bool, err error) {
	err = w.store.inTx(ctx, func(tx *sql.Tx) error {
		// The row is what they wait in line for.
		if _, err := exec(ctx, tx, `UPDATE connections SET measured = measured WHERE workspace_id = $1`, w.id); err != nil {
			return err
		}
		spent, err := w.spent(ctx, tx, r.At)
		if ok = err == nil && spent+r.N <= r.Most; !ok {
			return err
		}
		return w.spend(ctx, tx, r.Lane, r.At, r.N)
	})
	if err != nil {
		return false, fmt.Errorf("reserve requests: %w", err)
	}
	return ok, nil
}

// Spend counts n requests of the moment without asking, or takes back -n.
func (w *Workspace) Spend(ctx context.Context, l conversion.Lane, at conversion.Moment, n int) error {
	if err := w.spend(ctx, w.store.write, l, at, n); err != nil {
		return fmt.Errorf("count requests: %w", err)
	}
	return nil
}

func (w *Workspace) spend(ctx context.Context, q querier, l conversion.Lane, at conversion.Moment, n int) error {
	_, err := exec(ctx, q, `INSERT INTO api_usage (workspace_id, slot, lane, requests) VALUES ($1, $2, $3, $4)
		ON CONFLICT (workspace_id, slot, lane) DO UPDATE SET requests = api_usage.requests + excluded.requests`, w.id, slotOf(at), l, n)
	return err
}

// Spent returns how many requests were ours in the window before now.
func (w *Workspace) Spent(ctx context.Context, now conversion.Moment) (int, error) {
	n, err := w.spent(ctx, w.store.read, now)
	if err != nil {
		return 0, fmt.Errorf("read how many requests were ours: %w", err)
	}
	return n, nil
}

func (w *Workspace) spent(ctx context.Context, q querier, now conversion.Moment) (n int, err error) {
	err = q.QueryRowContext(ctx, `SELECT CAST(coalesce(sum(requests), 0) AS BIGINT) FROM api_usage
		WHERE workspace_id = $1 AND slot >= $2`, w.id, windowFrom(now)).Scan(&n)
	return n, err
}

// Measured stores what Salesforce last told of the org's requests, if that is news.
func (w *Workspace) Measured(ctx context.Context, used, limit int, at conversion.Moment) error {
	_, err := exec(ctx, w.store.write, `UPDATE connections SET used = $2, max = $3, measured = $4
		WHERE workspace_id = $1 AND measured < $4`, w.id, used, limit, at)
	if err != nil {
		return fmt.Errorf("store the org's use: %w", err)
	}
	return nil
}

// Rest stores that a lane waits; one that waits already for want of requests keeps its
// Since.
func (w *Workspace) Rest(ctx context.Context, wait conversion.Wait) error {
	_, err := exec(ctx, w.store.write, `INSERT INTO waits (workspace_id, lane, reason, since, until) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, lane) DO UPDATE SET reason = excluded.reason, until = excluded.until,
			since = CASE waits.reason WHEN 'window' THEN excluded.since ELSE waits.since END`,
		w.id, wait.Lane, wait.Reason, wait.Since, wait.Until)
	if err != nil {
		return fmt.Errorf("store that a lane waits: %w", err)
	}
	return nil
}

// Resume ends the lane's wait.
func (w *Workspace) Resume(ctx context.Context, l conversion.Lane) error {
	if _, err := exec(ctx, w.store.write, `DELETE FROM waits WHERE workspace_id = $1 AND lane = $2`, w.id, l); err != nil {
		return fmt.Errorf("end the wait of a lane: %w", err)
	}
	return nil
}

// Waits returns the lanes that wait, the oldest first.
func (w *Workspace) Waits(ctx context.Context) ([]conversion.Wait, error) {
	scan := func(row scanner) (x conversion.Wait, err error) {
		err = row.Scan(&x.Lane, &x.Reason, &x.Since, &x.Until)
		return x, err
	}
	found, err := all(ctx, w.store.read, scan, `SELECT lane, reason, since, until FROM waits
		WHERE workspace_id = $1 ORDER BY since, lane`, w.id)
	if err != nil {
		return nil, fmt.Errorf("read which lanes wait: %w", err)
	}
	return found, nil
}

// mostCounted bounds how many waiting entities are counted: a status need not be exact
// beyond.
const mostCounted = 100_000

// DirtyCounts returns how many entities of each lane wait to be sent, those that wait for
// a person aside.
func (w *Workspace) DirtyCounts(ctx context.Context) (map[conversion.Lane]int, error) {
	counts := make(map[conversion.Lane]int)
	for _, l := range conversion.PushLanes {
		for _, k := range []conversion.Kind{conversion.KindCompany, conversion.KindContact} {
			var n int
			err := w.store.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM entities
				WHERE workspace_id = $1 AND kind = $2 AND lane = $3 AND retry < $4 AND dirty > 0 LIMIT $5) AS waiting`,
				w.id, k, l, conversion.ParkedRetry, mostCounted).Scan(&n)
			if err != nil {
				return nil, fmt.Errorf("count what waits to be sent: %w", err)
			}
			counts[l] += n
		}
	}
	return counts, nil
}
