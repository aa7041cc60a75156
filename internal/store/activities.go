package store

import (
	"context"
	"fmt"

	"conversion"
)

// EntitiesOf returns the ids of the live entities that the records are linked to, by
// record; ended links count, ignored ones do not. The sum keeps PostgreSQL from an index of
// all that is live, which it was seen to go through for every link on tables too new for
// statistics.
func (w *Workspace) EntitiesOf(ctx context.Context, refs []conversion.Ref) (map[conversion.Ref]string, error) {
	ids := make(map[conversion.Ref]string, len(refs))
	scan := func(row scanner) (r conversion.Ref, err error) {
		var id string
		err = row.Scan(&r.Object, &r.ID, &id)
		ids[r] = id
		return r, err
	}
	for object, records := range byObject(refs) {
		err := w.store.dialect.inChunks(records, 3, func(list string, args []any) error {
			_, err := all(ctx, w.store.read, scan, `SELECT l.object, l.record_id, l.entity_id FROM links l
				JOIN entities e ON e.workspace_id = l.workspace_id AND e.id = l.entity_id AND e.deleted + 0 = 0
				WHERE l.workspace_id = $1 AND l.object = $2 AND l.record_id IN (`+list+`) AND l.state <> 'ignored' AND `+belongs,
				append([]any{w.id, object}, args...)...)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("find the entities of records: %w", err)
		}
	}
	return ids, nil
}

// KnownActivities returns what the engagements hold of the activities, for those there are.
// Whom they are about is asked of those alone: in a first load there are none.
func (w *Workspace) KnownActivities(ctx context.Context, refs []conversion.Ref) (map[conversion.Ref]conversion.KnownActivity, error) {
	known := make(map[conversion.Ref]conversion.KnownActivity)
	byID := make(map[string]conversion.Ref)
	scan := func(row scanner) (id string, err error) {
		var r conversion.Ref
		var at conversion.Moment
		err = row.Scan(&id, &r.Object, &r.ID, &at)
		known[r], byID[id] = conversion.KnownActivity{Modstamp: at}, r
		return id, err
	}
	for object, records := range byObject(refs) {
		err := w.store.dialect.inChunks(records, 3, func(list string, args []any) error {
			found, err := all(ctx, w.store.read, scan, `SELECT id, object, record_id, modstamp FROM engagements
				WHERE workspace_id = $1 AND object = $2 AND record_id IN (`+list+`) AND record_id <> ''`, append([]any{w.id, object}, args...)...)
			if err != nil {
				return err
			}
			return w.addPeople(ctx, found, byID, known)
		})
		if err != nil {
			return nil, fmt.Errorf("find known activities: %w", err)
		}
	}
	return known, nil
}

// addPeople adds to the known activities whom they are about, the primary one first.
func (w *Workspace) addPeople(ctx context.Context, ids []string, byID map[string]conversion.Ref, known map[conversion.Ref]conversion.KnownActivity) error {
	scan := func(row scanner) (id string, err error) {
		var who conversion.Ref
		err = row.Scan(&id, &who.Object, &who.ID)
		k := known[byID[id]]
		k.People = append(k.People, who)
		known[byID[id]] = k
		return id, err
	}
	return w.store.dialect.inChunks(ids, 2, func(list string, args []any) error {
		_, err := all(ctx, w.store.read, scan, `SELECT engagement_id, object, record_id FROM engagement_people
			WHERE workspace_id = $1 AND engagement_id IN (`+list+`) ORDER BY engagement_id, place`, append([]any{w.id}, args...)...)
		return err
	})
}

var catchUpRows = bulk{
	into:    "catch_ups",
	columns: columns("workspace_id, activity, object, record_id, asked"),
	then:    overwrite("workspace_id, activity, object, record_id", columns("asked")),
}

// catchUps stores whose activities are to be read, and forgets those that were.
func (c committing) catchUps(ctx context.Context) error {
	for _, done := range c.batch.CaughtUp {
		_, err := exec(ctx, c.tx, `DELETE FROM catch_ups
			WHERE workspace_id = $1 AND activity = $2 AND object = $3 AND record_id = $4 AND asked <= $5`,
			c.id, done.Activity, done.Who.Object, done.Who.ID, done.Asked)
		if err != nil {
			return fmt.Errorf("forget whose activities were read: %w", err)
		}
	}
	rows := make([][]any, len(c.batch.CatchUps))
	for i, n := range c.batch.CatchUps {
		rows[i] = []any{n.Activity, n.Who.Object, n.Who.ID, n.Asked}
	}
	_, err := c.insert(ctx, c.tx, catchUpRows, rows)
	return err
}

// CatchUps returns people whose activities of the object are to be read, at most limit.
func (w *Workspace) CatchUps(ctx context.Context, activity conversion.Object, limit int) ([]conversion.CatchUp, error) {
	scan := func(row scanner) (n conversion.CatchUp, err error) {
		n.Activity = activity
		err = row.Scan(&n.Who.Object, &n.Who.ID, &n.Asked)
		return n, err
	}
	found, err := all(ctx, w.store.read, scan, `SELECT object, record_id, asked FROM catch_ups
		WHERE workspace_id = $1 AND activity = $2 ORDER BY object, record_id LIMIT $3`, w.id, activity, limit)
	if err != nil {
		return nil, fmt.Errorf("find whose activities are to be read: %w", err)
	}
	return found, nil
}
