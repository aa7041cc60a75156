package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"conversion/internal/config"
)

// settingsFile writes a settings file and undoes what UseFile sets from it.
func settingsFile(t *testing.T, text string) string {
	t.Helper()
	for _, name := range config.Names() {
		t.Setenv(name, "") // restores the variable after the test
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "settings")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestASettingsFileFillsWhatTheEnvironmentLeavesOpen(t *testing.T) {
	path := settingsFile(t, "# ours\n\nCONVERSION_LISTEN = \":9000\"\nCONVERSION_SYNC_INTERVAL=5m\n")
	t.Setenv("CONVERSION_SYNC_INTERVAL", "1h")
	if err := config.UseFile([]string{"serve", "--config", path}); err != nil {
		t.Fatal(err)
	}
	if got := os.Getenv("CONVERSION_LISTEN"); got != ":9000" {
		t.Errorf("CONVERSION_LISTEN is %q, want the file's", got)
	}
	if got := os.Getenv("CONVERSION_SYNC_INTERVAL"); got != "1h" {
		t.Errorf("CONVERSION_SYNC_INTERVAL is %q, want the environment's", got)
	}
}

func TestTheEnvironmentMayNameTheSettingsFile(t *testing.T) {
	t.Setenv("CONVERSION_CONFIG", settingsFile(t, "CONVERSION_LOG_LEVEL=debug"))
	if err := config.UseFile(nil); err != nil || os.Getenv("CONVERSION_LOG_LEVEL") != "debug" {
		t.Fatalf("log level %q, %v", os.Getenv("CONVERSION_LOG_LEVEL"), err)
	}
}

func TestUseFileRefuses(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"a line without =", "\nserve", "line 2 is not NAME=value"},
		{"a name that is no setting", "CONVERSION_SYNC_INTERVALL=5m", "line 1: CONVERSION_SYNC_INTERVALL names no setting"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := config.UseFile([]string{"--config=" + settingsFile(t, test.text)})
			if err == nil || !strings.HasPrefix(err.Error(), "config: ") || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("UseFile: %v, want %q", err, test.want)
			}
		})
	}
	t.Run("a file that is not there", func(t *testing.T) {
		if err := config.UseFile([]string{"--config", filepath.Join(t.TempDir(), "none")}); err == nil {
			t.Fatal("no error")
		}
	})
	t.Run("a mistyped environment variable", func(t *testing.T) {
		t.Setenv("CONVERSION_DATABSE", "sqlite:a.db")
		if err := config.UseFile(nil); err == nil || err.Error() != "CONVERSION_DATABSE: names no setting" {
			t.Fatalf("UseFile: %v", err)
		}
	})
}

func TestACommandsOwnVariableIsNoMistake(t *testing.T) {
	t.Setenv("CONVERSION_API_KEY", "cvk_x")
	if err := config.UseFile(nil, "CONVERSION_API_KEY"); err != nil {
		t.Fatal(err)
	}
}

func TestEverySettingHasAVariableOfItsOwn(t *testing.T) {
	t.Parallel()
	names := config.Names()
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) || slices.Contains(names, "") {
		t.Fatalf("names: %v", names)
	}
}
