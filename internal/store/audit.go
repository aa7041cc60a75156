package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"

	"conversion"
)

// AppendAudit adds entries to the logs of their workspaces.
func (s *Store) AppendAudit(ctx context.Context, entries []conversion.AuditEntry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for _, e := range entries {
			if err := audit(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func audit(ctx context.Context, q querier, e conversion.AuditEntry) error {
	id := uuid.Must(uuid.NewV7())
	_, err := exec(ctx, q, `INSERT INTO audit (workspace_id, at, id, actor_kind, actor_id, action, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, e.WorkspaceID, e.At, id[:], e.Actor.Kind, e.Actor.ID, e.Action, text(e.Detail))
	if err != nil {
		return fmt.Errorf("append to the audit log: %w", err)
	}
	return nil
}

// auditLine is an entry with its place among those of one moment.
type auditLine struct {
	conversion.AuditEntry
	id []byte
}

// AuditLog returns a page, newest first, and the cursor of the next one, "" at the end; a
// bad cursor is a CodeInvalid error naming "cursor".
func (s *Store) AuditLog(ctx context.Context, workspaceID, after string, limit int) (page []conversion.AuditEntry, next string, err error) {
	list := "audit " + workspaceID
	from, err := parsePosition(after, list)
	if err != nil {
		return nil, "", err
	}
	if err := limited(limit); err != nil {
		return nil, "", err
	}
	q := newQuery(`SELECT id, workspace_id, at, actor_kind, actor_id, action, detail FROM audit WHERE workspace_id = ?`, workspaceID)
	if after != "" {
		id, err := hex.DecodeString(from.ID)
		if err != nil {
			return nil, "", badCursor()
		}
		q.add(` AND (at, id) < (?, ?)`, from.Number, id)
	}
	q.add(` ORDER BY at DESC, id DESC LIMIT ?`, limit+1)
	scan := func(row scanner) (l auditLine, err error) {
		err = row.Scan(&l.id, &l.WorkspaceID, &l.At, &l.Actor.Kind, &l.Actor.ID, &l.Action, &l.Detail)
		return l, err
	}
	lines, err := all(ctx, s.read, scan, q.text(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("read the audit log: %w", err)
	}
	lines, next = cut(lines, limit, func(l auditLine) position {
		return position{List: list, Number: int64(l.At), ID: hex.EncodeToString(l.id)}
	})
	for _, l := range lines {
		page = append(page, l.AuditEntry)
	}
	return page, next, nil
}
