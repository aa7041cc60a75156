package salesforce

import (
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// Usage is the org's API traffic of the last 24 hours against its limit.
type Usage struct {
	Used int
	Max  int
	At   time.Time // when we were told, by our clock
}

// usagePattern reads "api-usage=1042/115000", whatever follows; a figure of one
// app ("per-app-api-usage=…") is not the org's.
var usagePattern = regexp.MustCompile(`(?:^|[;,\s])api-usage=(\d+)/(\d+)`)

// usageMeter keeps the latest reading.
type usageMeter struct {
	mu    sync.Mutex
	usage Usage
	known bool
}

func (m *usageMeter) read(header http.Header, now time.Time) {
	match := usagePattern.FindStringSubmatch(header.Get("Sforce-Limit-Info"))
	if match == nil {
		return
	}
	used, err := strconv.Atoi(match[1])
	if err != nil {
		return
	}
	most, err := strconv.Atoi(match[2])
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage, m.known = Usage{Used: used, Max: most, At: now}, true
}

func (m *usageMeter) last() (Usage, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.usage, m.known
}
