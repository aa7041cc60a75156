package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"conversion/internal/store"
)

// loaded are the tables that a first load fills.
var loaded = []string{"entities", "links", "changes", "run_lines", "engagements", "engagement_people"}

// floorRows is how many rows are written in a transaction (SQLite) or sent (PostgreSQL).
const floorRows = 10_000

// rowsFloor writes the rows that a first load left into an empty database with the same
// tables and indexes, without any logic, and tells how long the writing took.
func (w *world) rowsFloor(database string) (took time.Duration) {
	w.t.Helper()
	empty, err := store.Open(w.t.Context(), database, store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = empty.Close() }()
	for _, table := range loaded {
		write := writeSQLite
		read := readSQLite
		if !empty.SQLite() {
			write, read = writePostgres, readPostgres
		}
		err := read(w.t.Context(), w.store, table, func(columns []string, rows [][]any) error {
			began := time.Now()
			err := write(w.t.Context(), empty, table, columns, rows)
			took += time.Since(began)
			return err
		})
		if err != nil {
			w.t.Fatalf("%s: %v", table, err)
		}
	}
	return took
}

type taker func(columns []string, rows [][]any) error

func readSQLite(ctx context.Context, s *store.Store, table string, take taker) error {
	rows, err := s.QueueDB().QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	var some [][]any
	for err == nil && rows.Next() {
		row, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			places[i] = &row[i]
		}
		if err = rows.Scan(places...); err == nil {
			some, err = full(columns, append(some, row), take)
		}
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		return err
	}
	return take(columns, some)
}

func readPostgres(ctx context.Context, s *store.Store, table string, take taker) error {
	rows, err := s.Pool().Query(ctx, "SELECT * FROM "+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	var columns []string
	for _, d := range rows.FieldDescriptions() {
		columns = append(columns, d.Name)
	}
	var some [][]any
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			return err
		}
		if some, err = full(columns, append(some, row), take); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return take(columns, some)
}

// full hands the rows over once there are enough.
func full(columns []string, rows [][]any, take taker) ([][]any, error) {
	if len(rows) < floorRows {
		return rows, nil
	}
	return nil, take(columns, rows)
}

func writePostgres(ctx context.Context, s *store.Store, table string, columns []string, rows [][]any) error {
	_, err := s.Pool().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
	return err
}

func writeSQLite(ctx context.Context, s *store.Store, table string, columns []string, rows [][]any) error {
	db := s.QueueDB()
	if _, err := db.ExecContext(ctx, "PRAGMA cache_size = -65536"); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	size := 1000 / len(columns)
	whole := len(rows) - len(rows)%size
	if err := insertBy(ctx, tx, table, columns, rows[:whole], size); err != nil {
		return err
	}
	if err := insertBy(ctx, tx, table, columns, rows[whole:], 1); err != nil {
		return err
	}
	return tx.Commit()
}

// insertBy inserts so many rows a statement.
func insertBy(ctx context.Context, tx *sql.Tx, table string, columns []string, rows [][]any, size int) error {
	one := "(" + strings.Repeat("?, ", len(columns)-1) + "?)"
	statement, err := tx.PrepareContext(ctx,
		"INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES "+strings.Repeat(one+", ", size-1)+one)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	for some := range slices.Chunk(rows, size) {
		if _, err := statement.ExecContext(ctx, slices.Concat(some...)...); err != nil {
			return err
		}
	}
	return nil
}

// watchMemory tells by how much the memory of this process grew at most until stop is called.
// What the simulated org holds is there before.
func watchMemory(b *testing.B) (stop func() (megabytes float64)) {
	b.Helper()
	before, most := resident(b), 0.0
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		look := time.NewTicker(20 * time.Millisecond)
		defer look.Stop()
		for {
			most = max(most, resident(b)-before)
			select {
			case <-end:
				return
			case <-look.C:
			}
		}
	}()
	return func() float64 { close(end); <-ended; return most }
}

// resident is how much memory of this process is in use, in megabytes; 0 where the system
// does not tell.
func resident(b *testing.B) float64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, pages int
	if _, err := fmt.Sscan(string(data), &size, &pages); err != nil {
		b.Error(err)
	}
	return float64(pages*os.Getpagesize()) / 1e6
}
