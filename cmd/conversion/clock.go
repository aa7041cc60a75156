package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// clockFile is the environment variable that names a file with a duration, "15m", by which
// this process's clock is ahead. It lets tests of the whole binary make hours pass; it is
// read anew each time, so that the clock can be moved while the process runs.
const clockFile = "CONVERSION_TEST_CLOCK_FILE"

// loadVariable is the environment variable that lets tests of the whole binary see a first load
// of many pages without an org of millions: "ABOVE,PAGE", from how many records on an object
// is read by a bulk job, and how many a page of it has.
const loadVariable = "CONVERSION_TEST_LOAD"

// loadSizes returns what the tests ask for; 0, 0: the engine's own.
func loadSizes() (above, page int) {
	if _, err := fmt.Sscanf(os.Getenv(loadVariable), "%d,%d", &above, &page); err != nil {
		return 0, 0
	}
	return above, page
}

// ownVariables are the environment variables besides the settings'.
var ownVariables = []string{clockFile, loadVariable, benchPostgres}

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
