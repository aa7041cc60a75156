package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"conversion"
)

// Rules returns the workspace's rules, the default ones while none were saved.
func (w *Workspace) Rules(ctx context.Context) (conversion.Rules, error) {
	rules := conversion.DefaultRules()
	err := w.document(ctx, `SELECT document FROM rules WHERE workspace_id = $1`, &rules)
	if err != nil {
		return conversion.Rules{}, fmt.Errorf("read the rules: %w", err)
	}
	return rules, nil
}

// Options returns the workspace's options; what was never saved is as by default.
func (w *Workspace) Options(ctx context.Context) (conversion.Options, error) {
	options := conversion.DefaultOptions()
	err := w.document(ctx, `SELECT document FROM options WHERE workspace_id = $1`, &options)
	if err != nil {
		return conversion.Options{}, fmt.Errorf("read the options: %w", err)
	}
	return options, nil
}

// document decodes the JSON over what into holds; it leaves it alone without a row.
func (w *Workspace) document(ctx context.Context, query string, into any) error {
	var document string
	err := w.store.read.QueryRowContext(ctx, query, w.id).Scan(&document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(document), into)
}

// SaveRules stores the rules, lets every dirty entity be looked at again at once, parked
// ones too, and writes the change into the audit log.
func (w *Workspace) SaveRules(ctx context.Context, r conversion.Rules, by conversion.Actor, at conversion.Moment) error {
	document, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode the rules: %w", err)
	}
	err = w.store.inTx(ctx, func(tx *sql.Tx) error {
		if err := w.putRules(ctx, tx, document); err != nil {
			return err
		}
		for _, k := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
			_, err := exec(ctx, tx, `UPDATE entities SET retry = 0
				WHERE workspace_id = $1 AND kind = $2 AND retry > 0 AND dirty > 0`, w.id, k)
			if err != nil {
				return err
			}
		}
		return audit(ctx, tx, conversion.AuditEntry{
			WorkspaceID: w.id, At: at, Actor: by, Action: "rules.changed", Detail: string(document),
		})
	})
	if err != nil {
		return fmt.Errorf("save the rules: %w", err)
	}
	return nil
}

// putRules stores the rules' document, which is JSON.
func (w *Workspace) putRules(ctx context.Context, tx *sql.Tx, document []byte) error {
	_, err := exec(ctx, tx, `INSERT INTO rules (workspace_id, document) VALUES ($1, $2)
		ON CONFLICT (workspace_id) DO UPDATE SET document = excluded.document`, w.id, string(document))
	return err
}

// SaveOptions stores the options and writes the change into the audit log. With another
// outbound filter whoever waits for a person is looked at again at once: it may be admitted.
func (w *Workspace) SaveOptions(ctx context.Context, o conversion.Options, by conversion.Actor, at conversion.Moment) error {
	document, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode the options: %w", err)
	}
	before, err := w.Options(ctx)
	if err != nil {
		return err
	}
	err = w.store.inTx(ctx, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `INSERT INTO options (workspace_id, document) VALUES ($1, $2)
			ON CONFLICT (workspace_id) DO UPDATE SET document = excluded.document`, w.id, string(document))
		if err != nil {
			return err
		}
		for _, k := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
			if slices.Equal(before.OutboundFilter.For(k), o.OutboundFilter.For(k)) {
				continue
			}
			_, err := exec(ctx, tx, `UPDATE entities SET retry = 0
				WHERE workspace_id = $1 AND kind = $2 AND retry = $3 AND dirty > 0 AND deleted = 0`, w.id, k, conversion.ParkedRetry)
			if err != nil {
				return err
			}
		}
		return audit(ctx, tx, conversion.AuditEntry{
			WorkspaceID: w.id, At: at, Actor: by, Action: "options.changed", Detail: string(document),
		})
	})
	if err != nil {
		return fmt.Errorf("save the options: %w", err)
	}
	return nil
}

// Cursor returns how far the object was read; the zero Cursor at first.
func (w *Workspace) Cursor(ctx context.Context, o conversion.Object) (conversion.Cursor, error) {
	var c conversion.Cursor
	err := w.store.read.QueryRowContext(ctx, `SELECT modstamp, record_id FROM cursors
		WHERE workspace_id = $1 AND object = $2`, w.id, o).Scan(&c.Modstamp, &c.ID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return conversion.Cursor{}, fmt.Errorf("read the cursor of %s: %w", o, err)
	}
	return c, nil
}

var progressRows = bulk{
	into:    "progress",
	columns: columns(`workspace_id, object, place, done, total, began`),
}

// SaveProgress replaces the progress of all objects.
func (w *Workspace) SaveProgress(ctx context.Context, progress []conversion.Progress) error {
	rows := make([][]any, len(progress))
	for i, p := range progress {
		rows[i] = []any{p.Object, i, p.Done, p.Total, p.Began}
	}
	err := w.store.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := exec(ctx, tx, `DELETE FROM progress WHERE workspace_id = $1`, w.id); err != nil {
			return err
		}
		_, err := w.insert(ctx, tx, progressRows, rows)
		return err
	})
	if err != nil {
		return fmt.Errorf("save the progress: %w", err)
	}
	return nil
}

// Progress returns how far the reading of each object has come, in the order in which
// they were saved.
func (w *Workspace) Progress(ctx context.Context) ([]conversion.Progress, error) {
	scan := func(row scanner) (p conversion.Progress, err error) {
		err = row.Scan(&p.Object, &p.Done, &p.Total, &p.Began)
		return p, err
	}
	return all(ctx, w.store.read, scan, `SELECT object, done, total, began FROM progress
		WHERE workspace_id = $1 ORDER BY place`, w.id)
}

var userRows = bulk{
	into:    "sf_users",
	columns: columns(`workspace_id, id, name, asked`),
	then: `ON CONFLICT (workspace_id, id) DO UPDATE SET asked = excluded.asked,
		name = CASE WHEN excluded.name = '' THEN sf_users.name ELSE excluded.name END`,
}

// SaveUsers stores names of Salesforce users by id, and that they were asked for at the
// moment; "" for one that cannot be seen: the name it had stays.
func (w *Workspace) SaveUsers(ctx context.Context, names map[string]string, at conversion.Moment) error {
	rows := make([][]any, 0, len(names))
	for _, id := range slices.Sorted(maps.Keys(names)) {
		rows = append(rows, []any{id, text(names[id]), at})
	}
	err := w.store.inTx(ctx, func(tx *sql.Tx) error {
		_, err := w.insert(ctx, tx, userRows, rows)
		return err
	})
	if err != nil {
		return fmt.Errorf("save names of users: %w", err)
	}
	return nil
}

// UserNames returns the names of Salesforce users by id; unknown ones are left out.
func (w *Workspace) UserNames(ctx context.Context, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	scan := func(row scanner) (id string, err error) {
		var name string
		err = row.Scan(&id, &name)
		names[id] = name
		return id, err
	}
	err := w.store.dialect.inChunks(ids, 2, func(list string, args []any) error {
		_, err := all(ctx, w.store.read, scan, `SELECT id, name FROM sf_users
			WHERE workspace_id = $1 AND id IN (`+list+`) AND name <> ''`, append([]any{w.id}, args...)...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read names of users: %w", err)
	}
	return names, nil
}
