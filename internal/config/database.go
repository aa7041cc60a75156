package config

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// DatabaseKind tells the two supported databases apart.
type DatabaseKind string

// The kinds of database.
const (
	SQLite   DatabaseKind = "sqlite"
	Postgres DatabaseKind = "postgres"
)

// Database is the parsed --database setting.
type Database struct {
	Kind DatabaseKind
	Path string // SQLite: the file; "" for Postgres
	URL  string // Postgres: the URL, which may hold a password; "" for SQLite
}

// ParseDatabase reads sqlite:PATH or postgres://…. Its errors do not quote the
// setting, which may hold a password.
func ParseDatabase(setting string) (Database, error) {
	if path, ok := strings.CutPrefix(setting, "sqlite:"); ok {
		return parseSQLite(path)
	}
	if strings.HasPrefix(setting, "postgres://") || strings.HasPrefix(setting, "postgresql://") {
		return parsePostgres(setting)
	}
	return Database{}, errors.New("must start with sqlite: or postgres://")
}

// parseSQLite refuses what SQLite's driver would take for something else than
// a file: a query after the name, and the database in memory, which would
// forget everything.
func parseSQLite(path string) (Database, error) {
	switch {
	case path == "" || strings.HasSuffix(path, string(filepath.Separator)):
		return Database{}, errors.New("sqlite: must be followed by the path of a file")
	case strings.ContainsAny(path, "?#") || strings.HasPrefix(path, ":"):
		return Database{}, errors.New("the path after sqlite: must be a plain file name, without ? and #")
	}
	return Database{Kind: SQLite, Path: filepath.Clean(path)}, nil
}

func parsePostgres(setting string) (Database, error) {
	u, err := url.Parse(setting)
	if err != nil {
		return Database{}, errors.New("not a valid postgres:// URL")
	}
	if u.Host == "" && !u.Query().Has("host") {
		return Database{}, errors.New("the postgres:// URL names no host")
	}
	if strings.Trim(u.Path, "/") == "" {
		return Database{}, errors.New("the postgres:// URL names no database")
	}
	return Database{Kind: Postgres, URL: setting}, nil
}

// String describes the database for logs and pages, without a password.
func (d Database) String() string {
	if d.Kind == SQLite {
		return "sqlite:" + d.Path
	}
	u, err := url.Parse(d.URL)
	if err != nil {
		return string(d.Kind)
	}
	u.RawQuery = ""
	return u.Redacted()
}

// DataFolder returns the folder for a user's data where no other is named:
// conversion under XDG_DATA_HOME or ~/.local/share. It does not make it.
func DataFolder() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "conversion"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("neither XDG_DATA_HOME nor HOME names a folder for the data; set the database")
	}
	return filepath.Join(home, ".local", "share", "conversion"), nil
}
