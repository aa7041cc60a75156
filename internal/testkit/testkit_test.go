package testkit_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"conversion/internal/testkit"
)

func TestPostgresDatabasesAreEmptyApartAndSortByBytes(t *testing.T) {
	t.Parallel()
	first, second := connect(t, testkit.Postgres(t)), connect(t, testkit.Postgres(t))
	ctx := t.Context()
	if _, err := first.Exec(ctx, `CREATE TABLE words (word text)`); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Exec(ctx, `CREATE TABLE words (word text)`); err != nil {
		t.Fatalf("the second database is not one of its own: %v", err)
	}
	var byBytes bool
	if err := first.QueryRow(ctx, `SELECT 'Z'::text < 'a'::text`).Scan(&byBytes); err != nil || !byBytes {
		t.Fatalf("'Z' < 'a' is %v, %v; C collation says true", byBytes, err)
	}
}

func connect(t *testing.T, database string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestDatabasesNamesEachKindOnceInTheFormOfTheSetting(t *testing.T) {
	seen := make(chan string, 2)
	t.Run("kinds", func(t *testing.T) {
		testkit.Databases(t, func(_ *testing.T, database string) { seen <- database })
	})
	close(seen)
	kinds := map[string]int{}
	for database := range seen {
		kind, _, _ := strings.Cut(database, ":")
		kinds[kind]++
	}
	if kinds["sqlite"] != 1 || kinds["postgres"] != 1 || len(kinds) != 2 {
		t.Fatalf("kinds of databases: %v", kinds)
	}
}

func TestSQLiteNamesAFileThatDoesNotExistYet(t *testing.T) {
	t.Parallel()
	path := strings.TrimPrefix(testkit.SQLite(t), "sqlite:")
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Fatalf("stat %s: %v, want that it does not exist", path, err)
	}
}

func TestClockMovesOnlyWhenTold(t *testing.T) {
	t.Parallel()
	start := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	clock := testkit.NewClock(start)
	if got := clock.Now(); !got.Equal(start) {
		t.Fatalf("Now = %v, want %v", got, start)
	}
	if got := clock.Advance(15 * time.Minute); !got.Equal(start.Add(15*time.Minute)) || !clock.Now().Equal(got) {
		t.Fatalf("Advance = %v, Now = %v", got, clock.Now())
	}
	clock.Set(start)
	if got := clock.Now(); !got.Equal(start) {
		t.Fatalf("after Set, Now = %v, want %v", got, start)
	}
}

func TestGoldenAcceptsWhatTheFileHolds(t *testing.T) {
	t.Parallel()
	testkit.Golden(t, "greeting.golden", []byte("hello\n"))
}
