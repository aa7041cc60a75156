package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is what differs between the two databases, apart from opening them.
type dialect struct {
	goose goose.Dialect
	// byteText makes the type CTEXT. SQLite takes any name of a type, compares text by
	// its bytes and has nothing to make.
	byteText string
	// forShare, at the end of a SELECT, keeps its rows as they are until the transaction
	// ends. SQLite's transactions have the whole database to themselves.
	forShare string
	// parameters is about how many a statement that writes many rows should have;
	// BenchmarkCommitFirstSight tells what another number does.
	parameters int
	// unnamed: the parameters of rows and lists are bare question marks. To SQLite $1 is a
	// name like any other, which it looks up among all of the statement's, for each.
	unnamed bool
	// prepares: a statement that runs again and again is prepared first. PostgreSQL's
	// driver does so by itself.
	prepares bool
	// measure tells the database to learn what is in the tables that grow in a load; "": it
	// chooses without.
	measure string
	// clash reports whether a row was refused because another has its unique key.
	clash func(error) bool
	// gaveWay reports whether a transaction was ended so that another could go on.
	gaveWay func(error) bool
	// lockers keep two processes from migrating at once.
	lockers func() ([]goose.ProviderOption, error)
}

var sqliteDialect = dialect{
	goose:      goose.DialectSQLite3,
	parameters: 1000,
	unnamed:    true,
	prepares:   true,
	clash:      func(err error) bool { return sqliteCode(err, sqlite3.SQLITE_CONSTRAINT_UNIQUE) },
	gaveWay:    func(error) bool { return false },
	lockers:    func() ([]goose.ProviderOption, error) { return nil, nil },
}

var postgresDialect = dialect{
	goose:      goose.DialectPostgres,
	byteText:   `CREATE DOMAIN ctext AS text COLLATE "C"`,
	forShare:   ` FOR SHARE`,
	parameters: 500,
	measure: `ANALYZE entities (workspace_id, id, kind, key, deleted), links (workspace_id, object, record_id, entity_id, kind, key, live, state, into_object, into_id),
		engagements (workspace_id, id, object, record_id), engagement_people (workspace_id, engagement_id, object, record_id)`,
	clash:   func(err error) bool { return postgresCode(err, "23505") },
	gaveWay: func(err error) bool { return postgresCode(err, "40P01") || postgresCode(err, "40001") },
	lockers: func() ([]goose.ProviderOption, error) {
		locker, err := lock.NewPostgresSessionLocker()
		return []goose.ProviderOption{goose.WithSessionLocker(locker)}, err
	},
}

func sqliteCode(err error, code int) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == code
}

func postgresCode(err error, code string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == code
}

// openSQLite opens the file three times: one connection that writes, several that read
// beside it, and one for the queue. The caches are in KiB when negative. What is written goes
// from the log into the file each 64 MB: pages that many commits write go there once.
func openSQLite(path string, o Options) (*Store, error) {
	if err := ownFile(path); err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", sqliteName(path, "cache_size(-65536)", "wal_autocheckpoint(16384)"))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	if err := useWAL(write); err != nil {
		return nil, errors.Join(fmt.Errorf("SQLite file %s: %w", path, err), write.Close())
	}
	read, err := sql.Open("sqlite", sqliteName(path, "cache_size(-8192)", "query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(o.Connections)
	read.SetMaxIdleConns(o.Connections)
	queue, err := sql.Open("sqlite", sqliteName(path, "cache_size(-8192)"))
	if err != nil {
		return nil, errors.Join(err, write.Close(), read.Close())
	}
	queue.SetMaxOpenConns(1)
	return &Store{dialect: sqliteDialect, write: write, read: read, queue: queue}, nil
}

// ownFile makes the file, if it is not there, so that nobody else on the machine can read
// it: it holds people's data. The files beside it get the same rights.
func ownFile(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// useWAL lets readers and the writer work side by side; the file remembers it. Of several
// processes that open a new file at once, those that do not come first are refused
// without a wait: they wait for the lock, and look again.
func useWAL(db *sql.DB) error {
	for {
		_, err := db.Exec(`PRAGMA journal_mode = WAL`)
		if !sqliteCode(err, sqlite3.SQLITE_BUSY) {
			return err
		}
		turn, err := db.Begin() // gives up after busy_timeout
		if err != nil {
			return err
		}
		_ = turn.Rollback()
	}
}

// sqliteName is the driver's name for the file. Transactions are immediate: one that
// began to read and then writes would fail where another has written in between.
func sqliteName(path string, pragmas ...string) string {
	pragmas = append([]string{"busy_timeout(30000)", "synchronous(NORMAL)"}, pragmas...)
	query := url.Values{"_txlock": {"immediate"}, "_pragma": pragmas}
	escaped := strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path)
	return "file:" + escaped + "?" + query.Encode()
}

func openPostgres(ctx context.Context, databaseURL string, o Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, errors.New("the postgres:// URL is not valid")
	}
	config.MaxConns = int32(o.Connections)
	config.AfterConnect = planByValues
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("PostgreSQL does not answer: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	return &Store{dialect: postgresDialect, write: db, read: db, pool: pool}, nil
}

// planByValues has statements planned with the values they run with. Plans for any values
// were seen to compare the whole of a long IN list with each row, on tables so new that
// no statistics were kept yet. A page that is not in order costs hardly more than one that
// is: the disk is not one that turns, and what a load looks up it wrote just now.
func planByValues(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SET plan_cache_mode = force_custom_plan; SET random_page_cost = 1.1`)
	return err
}
