package testkit

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Databases runs test once per supported database, as parallel subtests
// "sqlite" and "postgres". Each gets a database of its own, empty, in the form
// of the --database setting: sqlite:PATH or postgres://….
func Databases(t *testing.T, test func(t *testing.T, database string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

// SQLite returns sqlite:PATH for a file that does not exist yet, in a folder
// that is removed with the test.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "conversion.db")
}

// Postgres returns the postgres:// URL of a new, empty database (UTF-8, C
// collation) that is dropped with the test. It lives on the server that
// DATABASE_URL names, else on one that the test binary starts for itself and
// that ends with it. Without either the test fails.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("DATABASE_URL")
	if server == "" {
		own, err := startOnce()
		if err != nil {
			t.Fatalf("start PostgreSQL for the tests: %v", err)
		}
		server = own.url
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := administer(server, createDatabase(name)); err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := administer(server, dropDatabase(name)); err != nil {
			t.Errorf("drop a test database: %v", err)
		}
	})
	return onDatabase(t, server, name)
}

// createDatabase copies template0, the only template that may be given another
// encoding and collation than the server's own.
func createDatabase(name string) string {
	return fmt.Sprintf(`CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`, name)
}

// dropDatabase disconnects what a failed test left connected.
func dropDatabase(name string) string {
	return fmt.Sprintf(`DROP DATABASE IF EXISTS %s WITH (FORCE)`, name)
}

func administer(server, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	return err
}

func onDatabase(t testing.TB, server, name string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil || u.Scheme == "" {
		t.Fatal("DATABASE_URL is not a postgres:// URL")
	}
	u.Path = "/" + name
	return u.String()
}
