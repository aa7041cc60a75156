package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"conversion"
)

const keyColumns = `id, workspace_id, name, prefix, hash, created, last_used, revoked`

func scanKey(row scanner) (k conversion.APIKey, err error) {
	err = row.Scan(&k.ID, &k.WorkspaceID, &k.Name, &k.Prefix, &k.Hash, &k.Created, &k.LastUsed, &k.Revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return k, notFound("API key")
	}
	return k, err
}

// CreateKey stores a new API key.
func (s *Store) CreateKey(ctx context.Context, k conversion.APIKey) error {
	_, err := exec(ctx, s.write, `INSERT INTO api_keys (`+keyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.ID, k.WorkspaceID, text(k.Name), k.Prefix, k.Hash, k.Created, k.LastUsed, k.Revoked)
	if err != nil {
		return fmt.Errorf("create an API key: %w", err)
	}
	return nil
}

// KeyByHash returns a CodeNotFound error when no key has the hash.
func (s *Store) KeyByHash(ctx context.Context, hash []byte) (conversion.APIKey, error) {
	return scanKey(s.read.QueryRowContext(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE hash = $1`, hash))
}

// KeysOf returns a workspace's keys, newest first.
func (s *Store) KeysOf(ctx context.Context, workspaceID string) ([]conversion.APIKey, error) {
	return all(ctx, s.read, scanKey, `SELECT `+keyColumns+` FROM api_keys
		WHERE workspace_id = $1 ORDER BY created DESC, id DESC`, workspaceID)
}

// RevokeKey keeps the time of the first revocation; a CodeNotFound error when the
// workspace has no such key.
func (s *Store) RevokeKey(ctx context.Context, workspaceID, id string, at conversion.Moment) error {
	n, err := exec(ctx, s.write, `UPDATE api_keys SET revoked = CASE revoked WHEN 0 THEN $3 ELSE revoked END
		WHERE workspace_id = $1 AND id = $2`, workspaceID, text(id), at)
	if err != nil {
		return fmt.Errorf("revoke an API key: %w", err)
	}
	if n == 0 {
		return notFound("API key")
	}
	return nil
}

// KeysUsed stores the last use by key id, never an earlier one than is stored.
func (s *Store) KeysUsed(ctx context.Context, lastUsed map[string]conversion.Moment) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for _, id := range slices.Sorted(maps.Keys(lastUsed)) {
			_, err := exec(ctx, tx, `UPDATE api_keys SET last_used = $2 WHERE id = $1 AND last_used < $2`, id, lastUsed[id])
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store the last use of API keys: %w", err)
	}
	return nil
}
