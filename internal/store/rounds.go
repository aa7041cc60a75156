package store

import (
	"context"
	"fmt"
	"slices"

	"conversion"
)

// Rounds returns the last round of each work and object.
func (w *Workspace) Rounds(ctx context.Context) ([]conversion.Round, error) {
	scan := func(row scanner) (r conversion.Round, err error) {
		f := &r.Found
		err = row.Scan(&r.Work, &r.Object, &r.Why, &r.Scope, &r.After, &r.Began, &r.Ended, &f.Compared, &f.Unknown, &f.Gone, &f.Stale)
		return r, err
	}
	rounds, err := all(ctx, w.store.read, scan, `SELECT `+roundColumns+` FROM rounds WHERE workspace_id = $1 ORDER BY work, object`, w.id)
	if err != nil {
		return nil, fmt.Errorf("read the rounds: %w", err)
	}
	return rounds, nil
}

const roundColumns = `work, object, why, scope, after_id, began, ended, compared, unknown, gone, stale`

var roundRows = func() bulk {
	cols := columns(roundColumns)
	return bulk{
		into:    "rounds",
		columns: append([]string{"workspace_id"}, cols...),
		then:    overwrite("workspace_id, work, object", cols[2:]),
	}
}()

// round stores how far a round has come.
func (c committing) round(ctx context.Context) error {
	r := c.batch.Round
	if r == nil {
		return nil
	}
	_, err := c.insert(ctx, c.tx, roundRows, [][]any{{
		r.Work, r.Object, text(r.Why), text(r.Scope), r.After, r.Began, r.Ended, r.Found.Compared, r.Found.Unknown, r.Found.Gone, r.Found.Stale,
	}})
	return err
}

// gone flags the engagements of activities that are gone from Salesforce.
func (c committing) gone(ctx context.Context) error {
	for object, records := range byObject(c.batch.Gone) {
		err := c.store.dialect.inChunks(records, 3, func(list string, args []any) error {
			_, err := exec(ctx, c.tx, `UPDATE engagements SET deleted = TRUE
				WHERE workspace_id = $1 AND object = $2 AND record_id IN (`+list+`) AND record_id <> ''`,
				append([]any{c.id, object}, args...)...)
			return err
		})
		if err != nil {
			return fmt.Errorf("flag activities: %w", err)
		}
	}
	return nil
}

// Known returns what is known of the object's records after the id, ascending by id:
// linked ones of every state but moved, activities that are engagements.
func (w *Workspace) Known(ctx context.Context, o conversion.Object, after string, limit int) ([]conversion.Known, error) {
	query := `SELECT record_id, modstamp, state FROM links
		WHERE workspace_id = $1 AND object = $2 AND record_id > $3 AND state <> 'moved' ORDER BY record_id LIMIT $4`
	if o.Kind() == "" {
		query = `SELECT record_id, modstamp, CASE WHEN deleted THEN 'deleted_in_salesforce' ELSE 'linked' END FROM engagements
			WHERE workspace_id = $1 AND object = $2 AND record_id <> '' AND record_id > $3 ORDER BY record_id LIMIT $4`
	}
	scan := func(row scanner) (k conversion.Known, err error) {
		err = row.Scan(&k.ID, &k.Modstamp, &k.State)
		return k, err
	}
	known, err := all(ctx, w.store.read, scan, query, w.id, o, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read what is known of %s: %w", o, err)
	}
	return known, nil
}

var metUserRows = bulk{
	into:    "sf_users",
	columns: columns(`workspace_id, id, name, asked`),
	then:    "ON CONFLICT (workspace_id, id) DO NOTHING",
}

// users notes Salesforce users that were met, whose names are to be learnt.
func (c committing) users(ctx context.Context) error {
	ids := slices.Compact(slices.Sorted(slices.Values(c.batch.Users)))
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{text(id), "", 0}
	}
	_, err := c.insert(ctx, c.tx, metUserRows, rows)
	return err
}

// UsersToName returns the ids of Salesforce users that were met and whose names were not
// asked for since the moment.
func (w *Workspace) UsersToName(ctx context.Context, since conversion.Moment, limit int) ([]string, error) {
	ids, err := all(ctx, w.store.read, scanText, `SELECT id FROM sf_users
		WHERE workspace_id = $1 AND asked < $2 ORDER BY asked, id LIMIT $3`, w.id, since, limit)
	if err != nil {
		return nil, fmt.Errorf("read the users without a name: %w", err)
	}
	return ids, nil
}
