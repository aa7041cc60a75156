package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// copyFrom is how many rows PostgreSQL is sent as a COPY from: the fewer do not pay for its
// round trips.
const copyFrom = 20

// add writes rows that nobody has: one of them that is there already is an error that
// dialect.clash knows. PostgreSQL takes many as a COPY, which was measured at less than
// half the time of INSERT; SQLite has nothing like it.
func (c committing) add(ctx context.Context, b bulk, rows [][]any) error {
	b.then = ""
	if c.store.SQLite() || len(rows) < copyFrom {
		_, err := c.insert(ctx, c.tx, b, rows)
		return err
	}
	err := c.conn.Raw(func(driver any) error {
		row := make([]any, len(b.columns))
		row[0] = c.id
		source := pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			copy(row[1:], rows[i])
			return row, nil
		})
		_, err := driver.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{b.into}, b.columns, source)
		return err
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", b.into, err)
	}
	return nil
}

// inConn is inTx with the connection that the transaction is on, for what database/sql has no
// words for.
func (s *Store) inConn(ctx context.Context, do func(conn *sql.Conn, tx *sql.Tx) error) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("take a connection: %w", err)
	}
	defer func() { _ = conn.Close() }()
	return s.within(ctx, conn, func(tx *sql.Tx) error { return do(conn, tx) })
}
