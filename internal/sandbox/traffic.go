package sandbox

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one line of the request log.
type Request struct {
	// Number counts requests from 1, in the order in which they came.
	Number    int64     `json:"number"`
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
	// Client is what the client calls itself, User the id of the session's user.
	Client string `json:"client,omitempty"`
	User   string `json:"user,omitempty"`
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
	number int64 // of the last request
	log    []Request
	writes int
	counts counts
	api    apiUsage
	faults []*armedFault
	armed  int // faults ever armed
}

// counts are totals since the log was last reset.
type counts struct {
	operations map[string]int
	statuses   map[int]int
	writes     map[string]int // records sent to be written, by client
}

func newCounts() counts {
	return counts{operations: map[string]int{}, statuses: map[int]int{}, writes: map[string]int{}}
}

func newTraffic() *traffic { return &traffic{counts: newCounts()} }

func (t *traffic) next() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.number++
	return t.number
}

func (t *traffic) record(r Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.operations[r.Operation]++
	t.counts.statuses[r.Status]++
	if writing[r.Operation] {
		t.writes += r.Records
		t.counts.writes[r.Client] += r.Records
	}
	if len(t.log) == logLength {
		t.log = append(t.log[:0:0], t.log[logLength/10:]...)
	}
	t.log = append(t.log, r)
}

// apiUsage counts API requests of the last 24 hours, by the minute.
type apiUsage struct {
	minutes []minuteUsage // oldest first
	sum     int
}

type minuteUsage struct {
	minute int64
	n      int
}

const dayOfMinutes = 24 * 60

// used counts the requests of the 24 hours before now. Those of a time that the
// clock was set back from still count.
func (u *apiUsage) used(now time.Time) int {
	past := now.Unix()/60 - dayOfMinutes
	for len(u.minutes) > 0 && u.minutes[0].minute <= past {
		u.sum -= u.minutes[0].n
		u.minutes = u.minutes[1:]
	}
	return u.sum
}

func (u *apiUsage) add(now time.Time) {
	minute := now.Unix() / 60
	if n := len(u.minutes); n > 0 && u.minutes[n-1].minute >= minute {
		u.minutes[n-1].n++
	} else {
		u.minutes = append(u.minutes, minuteUsage{minute, 1})
	}
	u.sum++
}

// charge counts one API request unless the limit is reached, and returns how many
// the last 24 hours have seen.
func (t *traffic) charge(now time.Time, limit int) (used int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if used = t.api.used(now); used >= limit {
		return used, false
	}
	t.api.add(now)
	return t.api.sum, true
}

func (t *traffic) usage(now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.api.used(now)
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

// ResetRequests empties the request log and its counts. The day's API usage and
// the numbers of requests go on.
func (o *Org) ResetRequests() {
	o.traffic.mu.Lock()
	defer o.traffic.mu.Unlock()
	o.traffic.log, o.traffic.writes, o.traffic.counts = nil, 0, newCounts()
}

// Counts are the totals of the request log since it was last reset, also of what
// the log itself has forgotten.
type Counts struct {
	Operations map[string]int `json:"operations"`
	Statuses   map[int]int    `json:"statuses"`
	// WritesByClient counts the records sent to be written.
	WritesByClient map[string]int `json:"writesByClient"`
	// APIUsed are the API requests of the last 24 hours of virtual time, as
	// Sforce-Limit-Info tells them; APILimit is how many are allowed.
	APIUsed  int `json:"apiUsed"`
	APILimit int `json:"apiLimit"`
}

// Counts returns the totals of the request log.
func (o *Org) Counts() Counts {
	now := o.clock.Now()
	o.traffic.mu.Lock()
	defer o.traffic.mu.Unlock()
	t := o.traffic
	return Counts{
		Operations: maps.Clone(t.counts.operations), Statuses: maps.Clone(t.counts.statuses), WritesByClient: maps.Clone(t.counts.writes),
		APIUsed: t.api.used(now), APILimit: o.limit,
	}
}

// clientName is what a client calls itself: the name in Sforce-Call-Options, else
// the first word of its User-Agent.
func (c *call) clientName() string {
	if name := option(c.request.Header.Get("Sforce-Call-Options"), ",", "client"); name != "" {
		return name
	}
	name, _, _ := strings.Cut(c.request.UserAgent(), " ")
	return name
}

// RequestFilter selects lines of the request log; the zero value selects all.
type RequestFilter struct {
	Operation, Object, Method, Client string
	Status                            int
	// Since leaves out requests up to this number.
	Since int64
	// Limit keeps only the last so many, 0 for all.
	Limit int
}

func (f RequestFilter) selects(r Request) bool {
	return (f.Operation == "" || strings.EqualFold(f.Operation, r.Operation)) &&
		(f.Object == "" || strings.EqualFold(f.Object, r.Object)) &&
		(f.Method == "" || strings.EqualFold(f.Method, r.Method)) &&
		(f.Client == "" || f.Client == r.Client) &&
		(f.Status == 0 || f.Status == r.Status) && r.Number > f.Since
}

// RequestsLike lists the lines of the request log that a filter selects.
func (o *Org) RequestsLike(f RequestFilter) []Request {
	log := slices.DeleteFunc(o.Requests(), func(r Request) bool { return !f.selects(r) })
	if f.Limit > 0 && len(log) > f.Limit {
		log = log[len(log)-f.Limit:]
	}
	return log
}
