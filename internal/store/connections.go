package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"conversion"
)

const connectionColumns = `flow, login_url, client_id, client_secret, access_token, refresh_token, instance_url, org_id, org_name,
	sandbox, user_id, user_name, connected, broken, broken_hint, paused, sync_interval, offline, piled`

// syncColumns are those of a connection that the engine writes, apart from the others.
const syncColumns = `clock_offset, last_synced, next_sync, loaded, used, max, measured`

// Connection returns the workspace's tie to its org; one that only names the workspace
// when there is none.
func (w *Workspace) Connection(ctx context.Context) (conversion.Connection, error) {
	c := conversion.Connection{WorkspaceID: w.id}
	var interval, offset int64
	err := w.store.read.QueryRowContext(ctx, `SELECT generation, `+connectionColumns+`, `+syncColumns+`, clock_known
		FROM connections WHERE workspace_id = $1`, w.id).Scan(&c.Generation,
		&c.Flow, &c.LoginURL, &c.ClientID, &c.ClientSecret, &c.AccessToken, &c.RefreshToken, &c.InstanceURL, &c.OrgID, &c.OrgName,
		&c.Sandbox, &c.UserID, &c.UserName, &c.Connected, &c.Broken, &c.BrokenHint, &c.Paused, &interval, &c.Offline, &c.Piled,
		&offset, &c.LastSynced, &c.NextSync, &c.Loaded, &c.Used, &c.Max, &c.Measured, &c.ClockKnown)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return conversion.Connection{}, fmt.Errorf("read the connection: %w", err)
	}
	c.Interval, c.ClockOffset = time.Duration(interval)*time.Microsecond, time.Duration(offset)*time.Microsecond
	return c, nil
}

// ClockOffset returns Salesforce's time minus ours, as last learnt; known is false, and it
// 0, before it ever was.
func (w *Workspace) ClockOffset(ctx context.Context) (offset time.Duration, known bool, err error) {
	c, err := w.Connection(ctx)
	return c.ClockOffset, c.ClockKnown, err
}

// SaveConnection stores the whole row when its Generation still is expect (0: there is
// none), and counts Generation up; a CodeConflict error otherwise. It leaves alone what
// SaveSyncState stores, unless the row is new or reset is true: then the connection is to
// another org, and in the same transaction the tie to the old one ends (see leaveOrg).
func (w *Workspace) SaveConnection(ctx context.Context, c conversion.Connection, expect int64, reset bool) error {
	if reset {
		c.Loaded = false
	}
	names := append(columns("generation"), columns(connectionColumns)...)
	values := append([]any{expect + 1}, connectionValues(c)...)
	if reset || expect == 0 {
		names, values = append(names, columns(syncColumns)...), append(values, syncValues(c)...)
	}
	save := w.updateConnection
	if expect == 0 {
		save = w.insertConnection
	}
	err := w.store.inTx(ctx, func(tx *sql.Tx) error {
		if reset {
			if err := w.leaveOrg(ctx, tx); err != nil {
				return err
			}
		}
		saved, err := save(ctx, tx, names, values)
		if err == nil && saved == 0 {
			err = conversion.Errorf(conversion.CodeConflict, "The connection was changed by somebody else in between.")
		}
		if err != nil {
			return err
		}
		return w.learnClock(ctx, tx, c)
	})
	if err != nil {
		return fmt.Errorf("save the connection: %w", err)
	}
	return nil
}

// leaveOrg ends the tie to the org that the stored connection belongs to, if there is one.
// Nothing is known any more of how far it was read, of what is held or waits for approval
// there, and whoever works on it loses the lease. Its links stay for their claims, under
// record ids that no org has: a copy of the org has the same ids, and must not find them
// (spec 2.4). Plans made on the old links are refused, for every version has moved.
func (w *Workspace) leaveOrg(ctx context.Context, tx *sql.Tx) error {
	left, err := scanText(tx.QueryRowContext(ctx, `SELECT org_id FROM connections WHERE workspace_id = $1`, w.id))
	if errors.Is(err, sql.ErrNoRows) || err == nil && left == "" {
		return nil
	}
	if err != nil {
		return err
	}
	const moveLinks = `UPDATE links SET state = 'moved', live = FALSE, hold = '', record_id = $2 || record_id,
		into_object = '', into_id = '', pending = FALSE
		WHERE workspace_id = $1 AND record_id NOT LIKE '%/%'`
	const movePeople = `UPDATE engagement_people SET record_id = $2 || record_id WHERE workspace_id = $1 AND record_id NOT LIKE '%/%'`
	for _, statement := range []string{
		`UPDATE leases SET owner = '', ends = 0, generation = generation + 1 WHERE workspace_id = $1`,
		`UPDATE entities SET version = version + 1, creating = NULL WHERE workspace_id = $1`,
		moveLinks,
		movePeople,
		`DELETE FROM catch_ups WHERE workspace_id = $1`,
		`DELETE FROM cursors WHERE workspace_id = $1`,
		`DELETE FROM rounds WHERE workspace_id = $1`,
		`DELETE FROM loads WHERE workspace_id = $1`,
		`DELETE FROM load_pages WHERE workspace_id = $1`,
		`DELETE FROM progress WHERE workspace_id = $1`,
		`DELETE FROM held WHERE workspace_id = $1`,
		`DELETE FROM approvals WHERE workspace_id = $1 AND decided = 0`,
		`DELETE FROM waits WHERE workspace_id = $1`,
		`DELETE FROM api_usage WHERE workspace_id = $1`,
	} {
		args := []any{w.id}
		if statement == moveLinks || statement == movePeople {
			args = append(args, left+"/")
		}
		if _, err := exec(ctx, tx, statement, args...); err != nil {
			return fmt.Errorf("leave the org before: %w", err)
		}
	}
	return nil
}

func (w *Workspace) insertConnection(ctx context.Context, q querier, names []string, values []any) (saved int, err error) {
	row := bulk{into: "connections", columns: append(columns("workspace_id"), names...), then: "ON CONFLICT (workspace_id) DO NOTHING"}
	return w.insert(ctx, q, row, [][]any{values})
}

// updateConnection sets the row of the generation before; the first value is the new one.
func (w *Workspace) updateConnection(ctx context.Context, q querier, names []string, values []any) (saved int, err error) {
	update := newQuery(`UPDATE connections SET workspace_id = ?`, w.id)
	for i, name := range names {
		update.add(`, `+name+` = ?`, values[i])
	}
	update.add(` WHERE workspace_id = ? AND generation = ? - 1`, w.id, values[0])
	return exec(ctx, q, update.text(), update.args...)
}

func connectionValues(c conversion.Connection) []any {
	return []any{
		c.Flow, c.LoginURL, c.ClientID, c.ClientSecret, c.AccessToken, c.RefreshToken, c.InstanceURL, c.OrgID, text(c.OrgName),
		c.Sandbox, c.UserID, text(c.UserName), c.Connected, text(c.Broken), text(c.BrokenHint), c.Paused, c.Interval.Microseconds(),
		c.Offline, c.Piled,
	}
}

func syncValues(c conversion.Connection) []any {
	return []any{c.ClockOffset.Microseconds(), c.LastSynced, c.NextSync, c.Loaded, c.Used, c.Max, c.Measured}
}

// SaveSyncState stores LastSynced, NextSync, Loaded, Used, Max, Measured, ClockOffset and
// that it is known of a connection that is there and still is to the same org; nothing else,
// and no generation.
func (w *Workspace) SaveSyncState(ctx context.Context, c conversion.Connection) error {
	err := w.store.inTx(ctx, func(tx *sql.Tx) error {
		saved, err := exec(ctx, tx, `UPDATE connections
			SET clock_offset = $2, last_synced = $3, next_sync = $4, loaded = $5, used = $6, max = $7, measured = $8
			WHERE workspace_id = $1 AND org_id = $9`, append(append([]any{w.id}, syncValues(c)...), c.OrgID)...)
		if err != nil || saved == 0 {
			return err
		}
		return w.learnClock(ctx, tx, c)
	})
	if err != nil {
		return fmt.Errorf("save the state of the sync: %w", err)
	}
	return nil
}

// learnClock notes the first that is known of Salesforce's clock. What was edited here before
// was stamped by ours, and is put right with all that is recomputed (spec 3.7).
func (w *Workspace) learnClock(ctx context.Context, tx *sql.Tx, c conversion.Connection) error {
	if !c.ClockKnown {
		return nil
	}
	first, err := exec(ctx, tx, `UPDATE connections SET clock_known = TRUE, clock_offset = $2
		WHERE workspace_id = $1 AND NOT clock_known`, w.id, c.ClockOffset.Microseconds())
	if err != nil || first == 0 {
		return err
	}
	for _, k := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		if err := w.revise(ctx, tx, k); err != nil {
			return err
		}
	}
	return nil
}

// Awaken makes the next sync due at the moment. It touches nothing else of what the engine
// stores, which may be at work.
func (w *Workspace) Awaken(ctx context.Context, at conversion.Moment) error {
	_, err := exec(ctx, w.store.write, `UPDATE connections SET next_sync = $2 WHERE workspace_id = $1`, w.id, at)
	if err != nil {
		return fmt.Errorf("make the next sync due: %w", err)
	}
	return nil
}

// SaveAuthState keeps a started login until its callback comes.
func (w *Workspace) SaveAuthState(ctx context.Context, a conversion.AuthState) error {
	_, err := exec(ctx, w.store.write, `INSERT INTO auth_states
		(workspace_id, hash, session_hash, login_url, client_id, client_secret, verifier, confirm_org, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, w.id, blob(a.Hash), blob(a.SessionHash), a.LoginURL, a.ClientID,
		blob(a.ClientSecret), blob(a.Verifier), a.ConfirmOrg, a.Expires)
	if err != nil {
		return fmt.Errorf("save a started login: %w", err)
	}
	return nil
}

// TakeAuthState returns and removes the unexpired state of the hash, and with it all that
// have expired; a CodeNotFound error when there is none.
func (s *Store) TakeAuthState(ctx context.Context, hash []byte, now conversion.Moment) (conversion.AuthState, error) {
	taken, err := all(ctx, s.write, scanAuthState, `DELETE FROM auth_states WHERE hash = $1 OR expires <= $2
		RETURNING workspace_id, hash, session_hash, login_url, client_id, client_secret, verifier, confirm_org, expires`, hash, now)
	if err != nil {
		return conversion.AuthState{}, fmt.Errorf("take a started login: %w", err)
	}
	for _, a := range taken {
		if a.Expires > now {
			return a, nil
		}
	}
	return conversion.AuthState{}, notFound("started login")
}

func scanAuthState(row scanner) (a conversion.AuthState, err error) {
	err = row.Scan(&a.WorkspaceID, &a.Hash, &a.SessionHash, &a.LoginURL, &a.ClientID, &a.ClientSecret, &a.Verifier, &a.ConfirmOrg, &a.Expires)
	return a, err
}

// blob makes nil bytes empty ones, for columns that are never NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
