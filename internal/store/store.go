package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"conversion"
)

// Options are how a store uses its database. The zero value is fit for one machine.
type Options struct {
	// Connections bounds the connections: PostgreSQL's in all, SQLite's that read
	// (one more writes). 0 means 8.
	Connections int
}

// Store is an installation's database. Its own methods reach across workspaces; see
// Workspace for everything else. It is safe for concurrent use.
type Store struct {
	dialect dialect
	write   *sql.DB
	read    *sql.DB       // on PostgreSQL the same as write
	queue   *sql.DB       // nil on PostgreSQL
	pool    *pgxpool.Pool // nil on SQLite
	growth  growth
}

// Open opens the database (sqlite:PATH or postgres://…) and brings its tables up to date;
// several processes may do so at once. Errors never quote the URL, which may hold a
// password.
func Open(ctx context.Context, databaseURL string, o Options) (*Store, error) {
	if o.Connections == 0 {
		o.Connections = 8
	}
	s, err := connect(ctx, databaseURL, o)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the database's tables up to date: %w", err), s.Close())
	}
	return s, nil
}

func connect(ctx context.Context, databaseURL string, o Options) (*Store, error) {
	if path, ok := strings.CutPrefix(databaseURL, "sqlite:"); ok {
		return openSQLite(path, o)
	}
	if strings.HasPrefix(databaseURL, "postgres://") || strings.HasPrefix(databaseURL, "postgresql://") {
		return openPostgres(ctx, databaseURL, o)
	}
	return nil, errors.New("it must start with sqlite: or postgres://")
}

// Close closes all connections.
func (s *Store) Close() error {
	err := s.write.Close()
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	if s.queue != nil {
		err = errors.Join(err, s.queue.Close())
	}
	if s.pool != nil {
		s.pool.Close()
	}
	return err
}

// SQLite reports whether the database is SQLite; else it is PostgreSQL.
func (s *Store) SQLite() bool { return s.pool == nil }

// QueueDB returns a handle to the same SQLite file for a queue that lives in it; nil on
// PostgreSQL. It has a connection of its own, so that the queue and the store never wait
// for each other's connection, only for the file's lock.
func (s *Store) QueueDB() *sql.DB { return s.queue }

// Pool returns PostgreSQL's connections, for a queue too; nil on SQLite.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.read.PingContext(ctx) }

// Workspace returns the handle to the tables of one workspace. It does not ask whether
// there is such a workspace.
func (s *Store) Workspace(id string) *Workspace { return &Workspace{store: s, id: id} }

// Workspace is the way to the records and settings of one workspace; it sees and changes
// no other's. It is safe for concurrent use.
type Workspace struct {
	store *Store
	id    string
}

// inTx runs do in a transaction: committed when do returns nil, else rolled back. When
// two transactions on PostgreSQL lock each other, the one that gave way gets a
// *conversion.StaleError: nothing was done, and it may be done again.
func (s *Store) inTx(ctx context.Context, do func(tx *sql.Tx) error) error {
	return s.within(ctx, s.write, do)
}

// beginner is a database or one of its connections.
type beginner interface {
	BeginTx(ctx context.Context, o *sql.TxOptions) (*sql.Tx, error)
}

func (s *Store) within(ctx context.Context, b beginner, do func(tx *sql.Tx) error) error {
	tx, err := b.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if err = do(tx); err == nil {
		err = tx.Commit()
	}
	if err != nil && s.dialect.gaveWay(err) {
		return &conversion.StaleError{}
	}
	return err
}

func notFound(what string) error {
	return conversion.Errorf(conversion.CodeNotFound, "There is no such %s.", what)
}
