package main

import (
	"os"
	"strings"
	"time"
)

// clockFile is the environment variable that names a file with a duration, "15m", by which
// this process's clock is ahead. It lets tests of the whole binary make hours pass; it is
// read anew each time, so that the clock can be moved while the process runs.
const clockFile = "CONVERSION_TEST_CLOCK_FILE"

// ownVariables are the environment variables besides the settings'.
var ownVariables = []string{clockFile, benchPostgres}

// clock returns the process's clock.
func clock() func() time.Time {
	path := os.Getenv(clockFile)
	if path == "" {
		return time.Now
	}
	return func() time.Time {
		text, err := os.ReadFile(path)
		if err != nil {
			return time.Now()
		}
		ahead, err := time.ParseDuration(strings.TrimSpace(string(text)))
		if err != nil {
			return time.Now()
		}
		return time.Now().Add(ahead)
	}
}
