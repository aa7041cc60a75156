package config_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"conversion/internal/config"
)

// valid returns settings as the command's parser leaves them when nothing but
// the database is given.
func valid() config.Settings {
	return config.Settings{
		Database: "sqlite:/data/conversion.db", Listen: "127.0.0.1:8080",
		SyncInterval: 15 * time.Minute, LogFormat: "text", LogLevel: "info",
	}
}

func TestASettingIsRefusedByItsNameInOneLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		change  func(*config.Settings)
		setting string
		reason  string
	}{
		{"a database of another kind", func(s *config.Settings) { s.Database = "mysql://root:hunter2@db/x" }, "database", "sqlite: or postgres://"},
		{"SQLite without a path", func(s *config.Settings) { s.Database = "sqlite:" }, "database", "path of a file"},
		{"SQLite in memory", func(s *config.Settings) { s.Database = "sqlite::memory:" }, "database", "plain file name"},
		{"SQLite with options", func(s *config.Settings) { s.Database = "sqlite:/a.db?mode=ro" }, "database", "plain file name"},
		{"Postgres without a database", func(s *config.Settings) { s.Database = "postgres://u:hunter2@db" }, "database", "names no database"},
		{"Postgres without a host", func(s *config.Settings) { s.Database = "postgres:///conversion" }, "database", "names no host"},
		{"Postgres with a bad port", func(s *config.Settings) { s.Database = "postgres://u:hunter2@db:x/y" }, "database", "not a valid"},
		{"a listen address without port", func(s *config.Settings) { s.Listen = "localhost" }, "listen", "HOST:PORT"},
		{"a port that is none", func(s *config.Settings) { s.Listen = ":99999" }, "listen", "65535"},
		{"a public URL without scheme", func(s *config.Settings) { s.PublicURL = "crm.example.com" }, "public-url", "http:// or https://"},
		{"a public URL with a path", func(s *config.Settings) { s.PublicURL = "https://example.com/crm" }, "public-url", "without path"},
		{"a client secret without id", func(s *config.Settings) { s.ClientSecret = "hunter2" }, "salesforce-client-secret", "salesforce-client-id"},
		{"an allowed host that is a URL", func(s *config.Settings) { s.AllowHosts = []string{"http://localhost:9080"} }, "salesforce-allow-host", "HOST:PORT"},
		{"an empty allowed host", func(s *config.Settings) { s.AllowHosts = []string{""} }, "salesforce-allow-host", "HOST:PORT"},
		{"an interval below a minute", func(s *config.Settings) { s.SyncInterval = 59 * time.Second }, "sync-interval", "59s is outside 1m to 24h"},
		{"an interval above a day", func(s *config.Settings) { s.SyncInterval = 24*time.Hour + 1 }, "sync-interval", "outside 1m to 24h"},
		{"an unknown log format", func(s *config.Settings) { s.LogFormat = "xml" }, "log-format", "text nor json"},
		{"an unknown log level", func(s *config.Settings) { s.LogLevel = "loud" }, "log-level", "debug, info"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings := valid()
			test.change(&settings)
			err := settings.Complete()
			wrong, ok := errors.AsType[*config.Error](err)
			if !ok || wrong.Setting != test.setting || !strings.Contains(wrong.Reason, test.reason) {
				t.Fatalf("Complete: %v; want %s and a reason with %q", err, test.setting, test.reason)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error shows a secret or has several lines: %q", err)
			}
		})
	}
}

func TestSettingsAtTheirLimitsAreAccepted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*config.Settings)
	}{
		{"an interval of a minute", func(s *config.Settings) { s.SyncInterval = time.Minute }},
		{"an interval of a day", func(s *config.Settings) { s.SyncInterval = 24 * time.Hour }},
		{"any free port", func(s *config.Settings) { s.Listen = "127.0.0.1:0" }},
		{"Postgres over a socket", func(s *config.Settings) { s.Database = "postgres://u@/conversion?host=/run/pg" }},
		{"a relative SQLite path", func(s *config.Settings) { s.Database = "sqlite:conversion.db" }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings := valid()
			test.change(&settings)
			if err := settings.Complete(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestCompleteNormalises(t *testing.T) {
	t.Parallel()
	settings := valid()
	settings.PublicURL = "https://crm.example.com/"
	settings.AllowHosts = []string{" LocalHost:9080 ", "sandbox.test"}
	if err := settings.Complete(); err != nil {
		t.Fatal(err)
	}
	if settings.PublicURL != "https://crm.example.com" {
		t.Errorf("public URL %q", settings.PublicURL)
	}
	if got := strings.Join(settings.AllowHosts, " "); got != "localhost:9080 sandbox.test" {
		t.Errorf("allowed hosts %q", got)
	}
	if settings.SecretKey != "/data/secret.key" {
		t.Errorf("key file %q, want it beside the database", settings.SecretKey)
	}
}

func TestUnsetPathsGoToTheUsersDataFolder(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("XDG_DATA_HOME", folder)
	tests := []struct{ name, set, database, key string }{
		{"without a database", "", "sqlite:" + filepath.Join(folder, "conversion/conversion.db"), filepath.Join(folder, "conversion/secret.key")},
		{"on Postgres, the key", "postgres://db/x", "postgres://db/x", filepath.Join(folder, "conversion/secret.key")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := valid()
			settings.Database = test.set
			if err := settings.Complete(); err != nil {
				t.Fatal(err)
			}
			if settings.Database != test.database || settings.SecretKey != test.key {
				t.Errorf("database %q, key %q", settings.Database, settings.SecretKey)
			}
		})
	}
}

func TestPublicURLForAnAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080",
		":8080":          "http://localhost:8080",
		"0.0.0.0:80":     "http://localhost:80",
		"[::]:80":        "http://localhost:80",
		"crm.lan:80":     "http://crm.lan:80",
	} {
		if got := config.PublicURLFor(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

func TestADatabaseIsDescribedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"sqlite:./a.db": "sqlite:a.db",
		"postgres://u:hunter2@db:5432/x?password=hunter2": "postgres://u:xxxxx@db:5432/x",
	} {
		database, err := config.ParseDatabase(setting)
		if err != nil || database.String() != want {
			t.Errorf("%s is described as %s, %v; want %s", setting, database, err, want)
		}
	}
}
