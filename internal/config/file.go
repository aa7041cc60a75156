package config

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
)

const prefix = "CONVERSION_"

// UseFile reads the settings file that args (--config FILE or --config=FILE)
// or CONVERSION_CONFIG names, if any, into the environment, where variables
// already set win. It then refuses CONVERSION_… variables that name no
// setting, so that a mistyped name never goes unnoticed; others lists the
// variables that single commands take besides the settings. Call it before
// the flags are parsed.
func UseFile(args []string, others ...string) error {
	known := append(Names(), others...)
	if path := filePath(args); path != "" {
		if err := useFile(path, known); err != nil {
			return err
		}
	}
	return checkNames(os.Environ(), known)
}

func filePath(args []string) string {
	for i, arg := range args {
		if path, ok := strings.CutPrefix(arg, "--config="); ok {
			return path
		}
		if arg == "--config" && i+1 < len(args) {
			return args[i+1]
		}
		if arg == "--" {
			break
		}
	}
	return os.Getenv(prefix + "CONFIG")
}

func useFile(path string, known []string) error {
	file, err := os.Open(path)
	if err != nil {
		return wrong("config", "%v", err)
	}
	defer func() { _ = file.Close() }()
	lines, err := parseFile(file, known)
	if err != nil {
		return wrong("config", "%s: %v", path, err)
	}
	for _, line := range lines {
		if _, set := os.LookupEnv(line.name); set {
			continue
		}
		if err := os.Setenv(line.name, line.value); err != nil {
			return wrong("config", "%s: %s: %v", path, line.name, err)
		}
	}
	return nil
}

type setting struct{ name, value string }

// parseFile reads lines of NAME=value. Blank lines and those that start with #
// are left out; a value may stand in double quotes.
func parseFile(r io.Reader, known []string) ([]setting, error) {
	var lines []setting
	scanner := bufio.NewScanner(r)
	for n := 1; scanner.Scan(); n++ {
		text := strings.TrimSpace(scanner.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, fmt.Errorf("line %d is not NAME=value", n)
		}
		name = strings.TrimSpace(name)
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("line %d: %s names no setting", n, name)
		}
		lines = append(lines, setting{name, unquote(strings.TrimSpace(value))})
	}
	return lines, scanner.Err()
}

func unquote(value string) string {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		return value[1 : len(value)-1]
	}
	return value
}

func checkNames(environ, known []string) error {
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, prefix) && !slices.Contains(known, name) {
			return wrong(name, "names no setting")
		}
	}
	return nil
}

// Names returns the environment variables of all settings, in the order of
// Settings.
func Names() []string {
	t := reflect.TypeFor[Settings]()
	names := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		names = append(names, t.Field(i).Tag.Get("env"))
	}
	return names
}
