package store_test

import (
	"testing"

	"conversion/internal/account"
	"conversion/internal/connection"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/store"
	"conversion/internal/store/storetest"
	"conversion/internal/testkit"
)

// The ports that the store implements.
var (
	_ engine.Books          = (*store.Workspace)(nil)
	_ directory.Books       = (*store.Workspace)(nil)
	_ connection.Books      = (*store.Workspace)(nil)
	_ connection.AuthStates = (*store.Store)(nil)
	_ account.Books         = (*store.Store)(nil)
)

func TestStoreOnSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) *store.Store { return open(t, testkit.SQLite(t)) })
}

func TestStoreOnPostgres(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) *store.Store { return open(t, testkit.Postgres(t)) })
}

// open opens the database until the end of the test.
func open(t testing.TB, database string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}
