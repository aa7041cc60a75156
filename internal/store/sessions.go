package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"conversion"
)

// Sessions keeps the sessions of signed-in browsers by token, in the form that scs asks
// of a store. Those that have ended are not found, and go when another is stored.
type Sessions struct {
	store *Store
	now   func() time.Time
}

// Sessions returns the store of sessions; now is its clock.
func (s *Store) Sessions(now func() time.Time) *Sessions { return &Sessions{s, now} }

// FindCtx returns the data of a session; found is false when there is none or it ended.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.store.read.QueryRowContext(ctx, `SELECT data FROM sessions WHERE token = $1 AND expires > $2`,
		text(token), conversion.MomentOf(s.now())).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find a session: %w", err)
	}
	return data, true, nil
}

// CommitCtx stores a session, in place of one with the same token.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	err := s.store.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := exec(ctx, tx, `DELETE FROM sessions WHERE expires <= $1`, conversion.MomentOf(s.now())); err != nil {
			return err
		}
		_, err := exec(ctx, tx, `INSERT INTO sessions (token, data, expires) VALUES ($1, $2, $3)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires = excluded.expires`,
			text(token), blob(data), conversion.MomentOf(expiry))
		return err
	})
	if err != nil {
		return fmt.Errorf("store a session: %w", err)
	}
	return nil
}

// DeleteCtx removes a session; nothing happens when there is none.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	if _, err := exec(ctx, s.store.write, `DELETE FROM sessions WHERE token = $1`, text(token)); err != nil {
		return fmt.Errorf("delete a session: %w", err)
	}
	return nil
}

// Find is FindCtx without a context.
func (s *Sessions) Find(token string) (data []byte, found bool, err error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
