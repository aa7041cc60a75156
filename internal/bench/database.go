package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// database is an empty one, in the form of the --database setting.
type database struct {
	name, url string
	drop      func()
}

// databases makes one of each sort.
func (r *run) databases(ctx context.Context) ([]database, error) {
	name := "bench_" + strings.ToLower(rand.Text())
	list := []database{{"sqlite", "sqlite:" + filepath.Join(r.folder, name+".db"), func() {}}}
	if r.Postgres == "" {
		return list, nil
	}
	where, err := url.Parse(r.Postgres)
	if err != nil {
		return nil, fmt.Errorf("the address of PostgreSQL: %w", err)
	}
	if err := r.administer(ctx, `CREATE DATABASE `+name+` TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`); err != nil {
		return nil, fmt.Errorf("make a database on PostgreSQL: %w", err)
	}
	where.Path = "/" + name
	drop := func() {
		if err := r.administer(context.WithoutCancel(ctx), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			r.Say("the database " + name + " is left behind: " + err.Error())
		}
	}
	return append(list, database{"postgres", where.String(), drop}), nil
}

func (r *run) administer(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, r.Postgres)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	return err
}
