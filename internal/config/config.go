// Package config holds the settings of an installation (spec 8.1): their
// names, defaults and what is wrong with them, in one line.
//
// It must never print the value of a setting that may hold a secret. The
// command parses the flags; the struct tags here are read by its parser.
package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Bounds of the sync interval (spec 3.1, 8.1).
const (
	MinSyncInterval = time.Minute
	MaxSyncInterval = 24 * time.Hour
)

// Settings are those of spec 8.1. The command embeds them; each is set by its
// flag, by its environment variable, by the settings file (see UseFile) or by
// its default, in that order. Call Complete before use.
type Settings struct {
	Database     string        `help:"Where the data is: sqlite:PATH or postgres://…. Default: a file in the data folder." placeholder:"URL" env:"CONVERSION_DATABASE"`
	Listen       string        `help:"Address of the web UI and the API." default:"127.0.0.1:8080" placeholder:"HOST:PORT" env:"CONVERSION_LISTEN"`
	PublicURL    string        `name:"public-url" help:"Where users reach the web UI, used in links and for Salesforce's redirect. Default: the address it listens on." placeholder:"URL" env:"CONVERSION_PUBLIC_URL"`
	ClientID     string        `name:"salesforce-client-id" help:"Client id of the connected app; may be entered when connecting instead." placeholder:"ID" env:"CONVERSION_SALESFORCE_CLIENT_ID"`
	ClientSecret string        `name:"salesforce-client-secret" help:"Client secret of the connected app." placeholder:"SECRET" env:"CONVERSION_SALESFORCE_CLIENT_SECRET"`
	AllowHosts   []string      `name:"salesforce-allow-host" help:"Login or instance host trusted besides Salesforce's own domains; repeatable." placeholder:"HOST[:PORT]" env:"CONVERSION_SALESFORCE_ALLOW_HOST"`
	SyncInterval time.Duration `help:"Time between two syncs, 1m to 24h, for workspaces that set none." default:"15m" env:"CONVERSION_SYNC_INTERVAL"`
	NoWork       bool          `name:"no-work" help:"serve: serve only, and leave the syncing to conversion worker processes; PostgreSQL only." env:"CONVERSION_NO_WORK"`
	SecretKey    string        `name:"secret-key-file" help:"File with the key that seals tokens; made if absent. Default: secret.key beside the database." placeholder:"FILE" env:"CONVERSION_SECRET_KEY_FILE"`
	LogFormat    string        `help:"Form of the log lines: text or json." default:"text" placeholder:"FORMAT" env:"CONVERSION_LOG_FORMAT"`
	LogLevel     string        `help:"Least level logged: debug, info, warn or error." default:"info" placeholder:"LEVEL" env:"CONVERSION_LOG_LEVEL"`
	File         string        `name:"config" help:"File of CONVERSION_…=value lines; flags and the environment win over it." placeholder:"FILE" env:"CONVERSION_CONFIG"`
}

// Error says in one line which setting is wrong, by the name of its flag, and
// why. A command that meets one stops with exit code 2.
type Error struct {
	Setting string // "sync-interval", or the environment variable's name
	Reason  string
}

// Error returns "setting: reason".
func (e *Error) Error() string { return e.Setting + ": " + e.Reason }

func wrong(setting, format string, args ...any) error {
	return &Error{Setting: setting, Reason: fmt.Sprintf(format, args...)}
}

// Complete fills the defaults that depend on other settings or on the machine
// and checks everything. It returns the first *Error it finds.
func (s *Settings) Complete() error {
	for _, step := range []func() error{
		s.completeDatabase, s.checkListen, s.checkPublicURL,
		s.checkClient, s.checkAllowHosts, s.checkSyncInterval, s.checkLog,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// ForWorkers refuses a database that only one process at a time may sync over: the
// *Error is the named setting's.
func (s *Settings) ForWorkers(setting string) error {
	database, err := ParseDatabase(s.Database)
	if err != nil {
		return wrong("database", "%v", err)
	}
	if database.Kind != Postgres {
		return wrong(setting, "workers need a postgres:// database; with SQLite, conversion serve does the syncing itself")
	}
	return nil
}

// completeDatabase also places the key file: beside an SQLite file, else in
// the data folder. The folder is asked for only when something goes there.
func (s *Settings) completeDatabase() error {
	folder := ""
	if s.Database == "" || (s.SecretKey == "" && !strings.HasPrefix(s.Database, "sqlite:")) {
		var err error
		if folder, err = DataFolder(); err != nil {
			return wrong("database", "%v", err)
		}
	}
	if s.Database == "" {
		s.Database = "sqlite:" + filepath.Join(folder, "conversion.db")
	}
	database, err := ParseDatabase(s.Database)
	if err != nil {
		return wrong("database", "%v", err)
	}
	if s.SecretKey == "" {
		if database.Kind == SQLite {
			folder = filepath.Dir(database.Path)
		}
		s.SecretKey = filepath.Join(folder, "secret.key")
	}
	return nil
}

func (s *Settings) checkListen() error {
	_, port, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return wrong("listen", "%q is not HOST:PORT", s.Listen)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return wrong("listen", "%q is not a port from 0 to 65535", port)
	}
	return nil
}

// checkPublicURL wants an origin: the routes start at the root. Unset, it stays
// so: only the server knows the port that listening on port 0 gives.
func (s *Settings) checkPublicURL() error {
	if s.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(s.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return wrong("public-url", "%q is not an http:// or https:// URL", s.PublicURL)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return wrong("public-url", "%q must be scheme and host alone, without path, query or user", s.PublicURL)
	}
	s.PublicURL = u.Scheme + "://" + u.Host
	return nil
}

// PublicURLFor returns what PublicURL is when unset: the URL at which this
// machine reaches a server that listens on address (HOST:PORT). An unspecified
// host becomes localhost.
func PublicURLFor(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || (ip != nil && ip.IsUnspecified())) {
		address = net.JoinHostPort("localhost", port)
	}
	return "http://" + address
}

func (s *Settings) checkClient() error {
	if s.ClientSecret != "" && s.ClientID == "" {
		return wrong("salesforce-client-secret", "is set without salesforce-client-id")
	}
	return nil
}

func (s *Settings) checkAllowHosts() error {
	for i, host := range s.AllowHosts {
		host = strings.ToLower(strings.TrimSpace(host))
		u, err := url.Parse("https://" + host)
		if err != nil || host == "" || u.Host != host || u.Hostname() == "" {
			return wrong("salesforce-allow-host", "%q is not HOST or HOST:PORT", s.AllowHosts[i])
		}
		s.AllowHosts[i] = host
	}
	return nil
}

func (s *Settings) checkSyncInterval() error {
	if s.SyncInterval < MinSyncInterval || s.SyncInterval > MaxSyncInterval {
		return wrong("sync-interval", "%v is outside 1m to 24h", s.SyncInterval)
	}
	return nil
}

func (s *Settings) checkLog() error {
	switch s.LogFormat {
	case "text", "json":
	default:
		return wrong("log-format", "%q is neither text nor json", s.LogFormat)
	}
	switch s.LogLevel {
	case "debug", "info", "warn", "error":
		return nil
	}
	return wrong("log-level", "%q is none of debug, info, warn, error", s.LogLevel)
}
