package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"conversion"
)

const memberColumns = `id, workspace_id, email, name, password_hash, role, created`

func scanMember(row scanner) (m conversion.Member, err error) {
	err = row.Scan(&m.ID, &m.WorkspaceID, &m.Email, &m.Name, &m.PasswordHash, &m.Role, &m.Created)
	if errors.Is(err, sql.ErrNoRows) {
		return m, notFound("member")
	}
	return m, err
}

// MemberByEmail takes a canonical e-mail; a CodeNotFound error when nobody has it.
func (s *Store) MemberByEmail(ctx context.Context, email string) (conversion.Member, error) {
	return scanMember(s.read.QueryRowContext(ctx, `SELECT `+memberColumns+` FROM members WHERE email = $1`, text(email)))
}

// Member returns one by id; a CodeNotFound error when there is none.
func (s *Store) Member(ctx context.Context, id string) (conversion.Member, error) {
	return scanMember(s.read.QueryRowContext(ctx, `SELECT `+memberColumns+` FROM members WHERE id = $1`, text(id)))
}

// MembersOf returns a workspace's members ordered by e-mail.
func (s *Store) MembersOf(ctx context.Context, workspaceID string) ([]conversion.Member, error) {
	return all(ctx, s.read, scanMember, `SELECT `+memberColumns+` FROM members WHERE workspace_id = $1 ORDER BY email`, workspaceID)
}

// AnyMember reports whether anybody may sign in yet.
func (s *Store) AnyMember(ctx context.Context) (bool, error) {
	return anyMember(ctx, s.read)
}

func anyMember(ctx context.Context, q querier) (any bool, err error) {
	err = q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM members)`).Scan(&any)
	return any, err
}

// CreateMember returns a CodeConflict error when the e-mail is taken.
func (s *Store) CreateMember(ctx context.Context, m conversion.Member) error {
	return s.createMember(ctx, s.write, m)
}

func (s *Store) createMember(ctx context.Context, q querier, m conversion.Member) error {
	_, err := exec(ctx, q, `INSERT INTO members (`+memberColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		m.ID, m.WorkspaceID, text(m.Email), text(m.Name), m.PasswordHash, m.Role, m.Created)
	if err != nil && s.dialect.clash(err) {
		return conversion.Errorf(conversion.CodeConflict, "There is a member with this e-mail address.")
	}
	if err != nil {
		return fmt.Errorf("create a member: %w", err)
	}
	return nil
}

// SaveMember stores name, password hash and role of the member with m's workspace and
// id; a CodeNotFound error when there is none, a CodeConflict error when the workspace
// would be left without an admin.
func (s *Store) SaveMember(ctx context.Context, m conversion.Member) error {
	return s.changeMember(ctx, m.WorkspaceID, `UPDATE members SET name = $3, password_hash = $4, role = $5
		WHERE workspace_id = $1 AND id = $2`, m.WorkspaceID, m.ID, text(m.Name), m.PasswordHash, m.Role)
}

// DeleteMember returns errors like those of SaveMember.
func (s *Store) DeleteMember(ctx context.Context, workspaceID, id string) error {
	return s.changeMember(ctx, workspaceID, `DELETE FROM members WHERE workspace_id = $1 AND id = $2`, workspaceID, text(id))
}

func (s *Store) changeMember(ctx context.Context, workspaceID, statement string, args ...any) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		// The workspace's row makes changes of its members wait for each other: two admins
		// could otherwise make each other the last.
		if _, err := exec(ctx, tx, `UPDATE workspaces SET name = name WHERE id = $1`, workspaceID); err != nil {
			return fmt.Errorf("lock the workspace: %w", err)
		}
		n, err := exec(ctx, tx, statement, args...)
		if err != nil {
			return fmt.Errorf("change a member: %w", err)
		}
		if n == 0 {
			return notFound("member")
		}
		var admins int
		err = tx.QueryRowContext(ctx, `SELECT count(*) FROM members WHERE workspace_id = $1 AND role = 'admin'`, workspaceID).Scan(&admins)
		if err != nil {
			return fmt.Errorf("count admins: %w", err)
		}
		if admins == 0 {
			return conversion.Errorf(conversion.CodeConflict, "A workspace needs at least one admin.")
		}
		return nil
	})
}
