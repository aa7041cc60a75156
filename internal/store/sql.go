package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"conversion"
)

// querier is a database handle or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// scanner is a row of a result.
type scanner interface{ Scan(dest ...any) error }

// all runs the query and scans every row.
func all[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []T
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// exec runs the statement and returns how many rows it changed.
func exec(ctx context.Context, q querier, statement string, args ...any) (int, error) {
	return affected(q.ExecContext(ctx, statement, args...))
}

func affected(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

func scanText(row scanner) (text string, err error) {
	err = row.Scan(&text)
	return text, err
}

// listSizes are the lengths an IN list may have: few, so that databases meet the same
// statements again and again.
var listSizes = []int{1, 10, 100, 500}

// inChunks calls do with a list of parameters for a part of the values, which follow the
// query's others up to first, and with the arguments for it, made fit for both databases,
// until all have been used. A list that would have an odd length repeats its last value.
// The others have to stand before the list.
func (d dialect) inChunks(values []string, first int, do func(list string, args []any) error) error {
	for chunk := range slices.Chunk(values, listSizes[len(listSizes)-1]) {
		i, _ := slices.BinarySearch(listSizes, len(chunk))
		args := make([]any, listSizes[i])
		for j := range args {
			args[j] = text(chunk[min(j, len(chunk)-1)])
		}
		if err := do(d.placeholders(first, len(args)), args); err != nil {
			return err
		}
	}
	return nil
}

// placeholders gives "$4, $5, $6" for 4 and 3, or "?, ?, ?".
func (d dialect) placeholders(first, n int) string {
	if d.unnamed {
		return strings.Repeat("?, ", n-1) + "?"
	}
	b := make([]byte, 0, 6*n)
	for i := range n {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, '$')
		b = strconv.AppendInt(b, int64(first+i), 10)
	}
	return string(b)
}

// bulk is an INSERT of many rows.
type bulk struct {
	into    string   // the table
	columns []string // beginning with workspace_id
	then    string   // "ON CONFLICT …" or ""
}

// insert writes the rows, each without its workspace_id, and returns how many were
// inserted or updated. Statements come in two lengths only, as lists do.
func (w *Workspace) insert(ctx context.Context, q querier, b bulk, rows [][]any) (changed int, err error) {
	long := max(1, w.store.dialect.parameters/len(b.columns))
	whole := len(rows) - len(rows)%long
	for _, part := range []struct {
		rows [][]any
		size int
	}{{rows[:whole], long}, {rows[whole:], 1}} {
		n, err := w.insertBy(ctx, q, b, part.rows, part.size)
		if err != nil {
			return 0, fmt.Errorf("write %s: %w", b.into, err)
		}
		changed += n
	}
	return changed, nil
}

// insertBy writes rows by statements of that size.
func (w *Workspace) insertBy(ctx context.Context, q querier, b bulk, rows [][]any, size int) (changed int, err error) {
	if len(rows) == 0 {
		return 0, nil
	}
	statement := b.statement(w.store.dialect, size)
	run := func(args []any) (sql.Result, error) { return q.ExecContext(ctx, statement, args...) }
	if w.store.dialect.prepares && len(rows) > size {
		prepared, err := q.PrepareContext(ctx, statement)
		if err != nil {
			return 0, err
		}
		defer func() { _ = prepared.Close() }()
		run = func(args []any) (sql.Result, error) { return prepared.ExecContext(ctx, args...) }
	}
	for chunk := range slices.Chunk(rows, size) {
		n, err := affected(run(b.arguments(w.store.dialect, w.id, chunk)))
		if err != nil {
			return 0, err
		}
		changed += n
	}
	return changed, nil
}

func (b bulk) statement(d dialect, rows int) string {
	var text strings.Builder
	fmt.Fprintf(&text, "INSERT INTO %s (%s) VALUES ", b.into, strings.Join(b.columns, ", "))
	width := len(b.columns) - 1
	for i := range rows {
		if i > 0 {
			text.WriteString(", ")
		}
		if d.unnamed {
			text.WriteString("(" + d.placeholders(1, 1+width) + ")")
		} else {
			text.WriteString("($1, " + d.placeholders(2+i*width, width) + ")")
		}
	}
	text.WriteString(" " + b.then)
	return text.String()
}

func (b bulk) arguments(d dialect, workspaceID string, rows [][]any) []any {
	args := make([]any, 0, 1+len(rows)*len(b.columns))
	for i, row := range rows {
		if i == 0 || d.unnamed {
			args = append(args, workspaceID)
		}
		args = append(args, row...)
	}
	return args
}

// overwrite gives "ON CONFLICT (key) DO UPDATE SET column = excluded.column, …" for the
// columns after the key's.
func overwrite(key string, columns []string) string {
	sets := make([]string, len(columns))
	for i, c := range columns {
		sets[i] = c + " = excluded." + c
	}
	return "ON CONFLICT (" + key + ") DO UPDATE SET " + strings.Join(sets, ", ")
}

// columns splits a list of columns written as one text.
func columns(list string) []string { return strings.Fields(strings.ReplaceAll(list, ",", " ")) }

// text makes a text from outside fit for both databases: PostgreSQL takes neither NUL nor
// what is not UTF-8.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// limited checks the length of a page.
func limited(limit int) error {
	if limit < 1 || limit > 1000 {
		return conversion.Invalid("limit", "must be between 1 and 1,000")
	}
	return nil
}
