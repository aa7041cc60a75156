package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"conversion/internal/store"
)

func TestTheSQLiteFileIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "conversion.db")
	s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if rights := info.Mode().Perm(); rights != 0o600 {
			t.Errorf("%s has the rights %o", filepath.Base(name), rights)
		}
	}
}
