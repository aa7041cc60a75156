package store

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate applies the migrations that are missing. SQLite has no lock for it: of two
// processes that begin together one finds the other's tables there. By then the other has
// committed that migration, so that trying again goes on behind it.
func (s *Store) migrate(ctx context.Context) error {
	provider, err := s.migrations()
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	for range provider.ListSources() {
		if err == nil || !s.SQLite() {
			break
		}
		_, err = provider.Up(ctx)
	}
	return err
}

func (s *Store) migrations() (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	options, err := s.dialect.lockers()
	if err != nil {
		return nil, err
	}
	types := goose.NewGoMigration(1, &goose.GoFunc{RunTx: s.makeTypes}, nil)
	options = append(options, goose.WithGoMigrations(types), goose.WithDisableGlobalRegistry(true))
	return goose.NewProvider(s.dialect.goose, s.write, files, options...)
}

// makeTypes is the first migration, the only one that differs between the databases.
func (s *Store) makeTypes(ctx context.Context, tx *sql.Tx) error {
	if s.dialect.byteText == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, s.dialect.byteText)
	return err
}
