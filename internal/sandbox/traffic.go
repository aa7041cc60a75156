package sandbox

import (
	"sync"
	"time"
)

// Request is one line of the request log.
type Request struct {
	At        time.Time `json:"at"` // virtual time
	Method    string    `json:"method"`
	Path      string    `json:"path"` // normalised, without the query string
	Operation string    `json:"operation"`
	Object    string    `json:"object,omitempty"`
	// Records counts the records that a write carries.
	Records int `json:"records,omitempty"`
	// Query is the SOQL text of a query.
	Query string `json:"query,omitempty"`
	// Status is the answer's; 0 when the connection was dropped instead.
	Status int `json:"status"`
}

// writing names the operations that write records, as log and faults call them.
var writing = map[string]bool{
	"create": true, "update": true, "upsert": true, "delete": true,
	"composite": true, "graph": true, "batch": true, "tree": true,
}

// logLength bounds the request log; counts go on beyond it.
const logLength = 10_000

// traffic counts and remembers what clients asked for.
type traffic struct {
	mu     sync.Mutex
	log    []Request
	writes int
	hours  map[int64]int // API requests by hour of virtual time
	faults []*armedFault
	armed  int // faults ever armed
}

func newTraffic() *traffic { return &traffic{hours: map[int64]int{}} }

func (t *traffic) record(r Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if writing[r.Operation] {
		t.writes += r.Records
	}
	if len(t.log) == logLength {
		t.log = append(t.log[:0:0], t.log[logLength/10:]...)
	}
	t.log = append(t.log, r)
}

// charge counts one API request and returns how many the last 24 hours have
// seen.
func (t *traffic) charge(now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hours[now.Unix()/3600]++
	return t.used(now)
}

func (t *traffic) usage(now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.used(now)
}

func (t *traffic) used(now time.Time) int {
	sum, hour := 0, now.Unix()/3600
	for h, n := range t.hours {
		switch {
		case h > hour-24 && h <= hour:
			sum += n
		case h <= hour-48:
			delete(t.hours, h)
		}
	}
	return sum
}

// Requests is the log of what clients asked for, oldest first: the last 10,000
// requests to OAuth, login pages and the REST API, but not to the admin API.
func (o *Org) Requests() []Request {
	o.traffic.mu.Lock()
	defer o.traffic.mu.Unlock()
	return append([]Request(nil), o.traffic.log...)
}

// Writes counts the records that clients sent to be created, updated, upserted
// or deleted since the org was made, whatever the answer was.
func (o *Org) Writes() int {
	o.traffic.mu.Lock()
	defer o.traffic.mu.Unlock()
	return o.traffic.writes
}
