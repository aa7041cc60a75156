package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"conversion"
	"conversion/internal/store"
	"conversion/internal/testkit"
)

func TestSeveralProcessesMayOpenAnEmptyDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				s, err := store.Open(t.Context(), database, store.Options{Connections: 2})
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}

func TestWhatWasStoredIsThereAfterOpeningAgain(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		first, err := store.Open(t.Context(), database, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := first.CreateWorkspace(t.Context(), conversion.Workspace{ID: "w", Name: "W"}); err != nil {
			t.Fatal(err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := open(t, database).Workspaces(t.Context())
		if err != nil || len(again) != 1 || again[0].Name != "W" {
			t.Fatalf("workspaces %v, %v", again, err)
		}
	})
}

func TestTheHandlesForAQueueFitTheDatabase(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		s := open(t, database)
		if s.SQLite() != (s.Pool() == nil) || s.SQLite() != (s.QueueDB() != nil) || s.SQLite() != strings.HasPrefix(database, "sqlite:") {
			t.Errorf("SQLite %v, Pool %v, QueueDB %v", s.SQLite(), s.Pool(), s.QueueDB())
		}
	})
}

func TestTheStoreWritesWhileTheQueueHoldsItsConnection(t *testing.T) {
	t.Parallel()
	s := open(t, testkit.SQLite(t))
	ctx := t.Context()
	held, err := s.QueueDB().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.ExecContext(ctx, `CREATE TABLE of_the_queue (n INT)`); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateWorkspace(ctx, conversion.Workspace{ID: "w", Name: "W"}); err != nil {
		t.Error(err)
	}
	var seen int
	if err := held.QueryRowContext(ctx, `SELECT count(*) FROM workspaces`).Scan(&seen); err != nil || seen != 1 {
		t.Errorf("the queue sees %d workspaces, %v", seen, err)
	}
	if err := held.Close(); err != nil {
		t.Error(err)
	}
}

func TestAFileNameMayHoldWhatURLsGiveAMeaning(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b%20c.db")
	open(t, "sqlite:"+path)
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestADatabaseThatCannotBeOpenedIsRefusedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]string{
		"no such folder":       "sqlite:" + filepath.Join(t.TempDir(), "none", "x.db"),
		"nobody listens":       "postgres://user:hunter2@127.0.0.1:1/x?connect_timeout=2",
		"a port that is none":  "postgres://user:hunter2@127.0.0.1:port/x",
		"neither of the two":   "mysql://user:hunter2@127.0.0.1/x",
		"nothing":              "",
		"a path alone":         "conversion.db",
		"a URL within a URL's": "postgres://user:hunter2@%zz/x",
	} {
		s, err := store.Open(context.Background(), database, store.Options{})
		if err == nil {
			_ = s.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error quotes the password", name)
		}
	}
}
