package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"conversion"
)

// SaveSetupLink stores the link and removes all others.
func (s *Store) SaveSetupLink(ctx context.Context, l conversion.SetupLink) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := exec(ctx, tx, `DELETE FROM setup_links`); err != nil {
			return err
		}
		_, err := exec(ctx, tx, `INSERT INTO setup_links (hash, expires, used) VALUES ($1, $2, $3)`, l.Hash, l.Expires, l.Used)
		return err
	})
	if err != nil {
		return fmt.Errorf("save the set-up link: %w", err)
	}
	return nil
}

// SetupLink returns a CodeNotFound error when no link has the hash.
func (s *Store) SetupLink(ctx context.Context, hash []byte) (conversion.SetupLink, error) {
	var l conversion.SetupLink
	err := s.read.QueryRowContext(ctx, `SELECT hash, expires, used FROM setup_links WHERE hash = $1`, hash).Scan(&l.Hash, &l.Expires, &l.Used)
	if errors.Is(err, sql.ErrNoRows) {
		return l, notFound("set-up link")
	}
	return l, err
}

// CreateFirstMember creates m and marks the link used, in one transaction. It returns a
// CodeConflict error, and changes nothing, when the link is gone or was used, or when
// there is any member.
func (s *Store) CreateFirstMember(ctx context.Context, link []byte, m conversion.Member, at conversion.Moment) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		used, err := exec(ctx, tx, `UPDATE setup_links SET used = $2 WHERE hash = $1 AND used = 0`, link, at)
		if err != nil {
			return fmt.Errorf("use the set-up link: %w", err)
		}
		settled, err := anyMember(ctx, tx)
		if err != nil {
			return fmt.Errorf("look for members: %w", err)
		}
		if used == 0 || settled {
			return conversion.Errorf(conversion.CodeConflict, "This installation was set up before.")
		}
		return s.createMember(ctx, tx, m)
	})
}
