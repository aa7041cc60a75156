package sandbox

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// Match selects requests; an empty field matches every request.
type Match struct {
	Method string
	// Path is the beginning of the normalised path.
	Path string
	// Operation is the name under which the request log shows the request:
	// query, queryMore, describe, create, update, upsert, delete, retrieve, token …
	Operation string
	// Object is the object in the path, or of the first record in the body.
	Object string
}

func (m Match) accepts(c *call) bool {
	return (m.Method == "" || strings.EqualFold(m.Method, c.request.Method)) &&
		strings.HasPrefix(c.path, m.Path) &&
		(m.Operation == "" || strings.EqualFold(m.Operation, c.operation)) &&
		(m.Object == "" || strings.EqualFold(m.Object, c.objectName()))
}

// Drop says when a connection is cut without an answer.
type Drop string

// A request is dropped before anything is done, or after it was committed.
const (
	DropNever  Drop = ""
	DropBefore Drop = "before"
	DropAfter  Drop = "after"
)

// Fault is one thing that goes wrong, once or several times.
type Fault struct {
	Match Match
	// Nth is the first matching request to fail, counted from now; 0 means 1.
	Nth int
	// Times is how many matching requests in a row fail; 0 means 1, -1 all.
	Times int

	// Status and ErrorCode answer instead of serving; Message explains. On its
	// own a Status of 420 answers an HTML page, as the edge does.
	Status             int
	ErrorCode, Message string
	// RecordError makes one record of a write fail with ErrorCode, inside an
	// answer of 200 when it is a collection: its position from 1, 0 for none.
	RecordError int
	// Job is what happens to the bulk job that the request creates or closes.
	Job JobFault
	// Drop cuts the connection.
	Drop Drop
	// ExpireSession ends the session the request uses, before it is served.
	ExpireSession bool
	// Delay holds the answer back, in real time, after the request was served.
	Delay time.Duration
	// Hold keeps the request from being served until it is closed.
	Hold <-chan struct{}
	// CommitAfter makes a write commit only after so much virtual time: everything
	// is checked and stamped now, but nobody sees it, and what it changed is
	// locked. The connection is cut, as after a time-out, unless Answer is set. A
	// write that is refused is answered.
	CommitAfter time.Duration
	Answer      bool
	// Before runs before the request is served: "another user edits Title before
	// the client looks". It may call the org.
	Before func()
}

type armedFault struct {
	Fault
	wait int // matching requests still to pass
	left int // failures still to come, negative for no end
}

// Fault arms a scripted fault. Faults are tried in the order they were armed and
// at most one hits a request.
func (o *Org) Fault(f Fault) {
	armed := &armedFault{Fault: f, wait: max(f.Nth, 1) - 1, left: f.Times}
	if armed.left == 0 {
		armed.left = 1
	}
	o.traffic.mu.Lock()
	defer o.traffic.mu.Unlock()
	o.traffic.faults = append(o.traffic.faults, armed)
}

// Before runs fn once, before the next matching request is served.
func (o *Org) Before(match Match, fn func()) { o.Fault(Fault{Match: match, Before: fn}) }

// ClearFaults disarms all faults.
func (o *Org) ClearFaults() {
	o.traffic.mu.Lock()
	defer o.traffic.mu.Unlock()
	o.traffic.faults = nil
}

// strike finds the fault that hits a request, if any, and uses it up.
func (t *traffic) strike(c *call) *Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, f := range t.faults {
		if !f.Match.accepts(c) {
			continue
		}
		if f.wait > 0 {
			f.wait--
			continue
		}
		if f.left--; f.left == 0 {
			t.faults = append(t.faults[:i:i], t.faults[i+1:]...)
		}
		return &f.Fault
	}
	return nil
}

// serve serves a request as the fault lets it: dropped says that there is to be
// no answer.
func (f *Fault) serve(c *call, next func()) (dropped bool) {
	if f == nil {
		next()
		return false
	}
	if f.Hold != nil {
		wait(c.request.Context(), f.Hold)
	}
	if f.Before != nil {
		f.Before()
	}
	if f.ExpireSession {
		c.org.sessions.expire(c.token())
	}
	if f.Drop == DropBefore {
		return true
	}
	if f.Status != 0 {
		f.answer(c)
	} else {
		c.fault = f
		next()
	}
	if f.Delay > 0 {
		pause(c.request.Context(), f.Delay)
	}
	return f.Drop == DropAfter || f.CommitAfter > 0 && !f.Answer && c.status < http.StatusBadRequest
}

// late is how long after its end a write is committed.
func (f *Fault) late() time.Duration {
	if f == nil {
		return 0
	}
	return f.CommitAfter
}

// answer is the fault's own answer in place of the served one.
func (f *Fault) answer(c *call) {
	if f.ErrorCode == "" && f.Status == statusNoRoute {
		_ = c.html(f.Status, []byte("<html><body>URL No Longer Exists</body></html>"))
		return
	}
	e := &Error{Status: f.Status, Code: f.ErrorCode, Message: f.Message}
	if e.Code == "" {
		e.Code = "UNKNOWN_EXCEPTION"
		if f.Status == http.StatusServiceUnavailable {
			e.Code = "SERVER_UNAVAILABLE"
		}
	}
	if e.Message == "" {
		e.Message = "a scripted fault"
	}
	if strings.HasPrefix(c.path, "/services/oauth2/") {
		_ = c.oauthError(f.Status, e.Code, e.Message)
		return
	}
	c.refuse(e)
}

// statusNoRoute is what the edge answers for a host that it cannot route.
const statusNoRoute = 420

// record is the error scripted for the record at a position (from 0) of a write.
func (f *Fault) record(position int) *Error {
	if f == nil || f.RecordError != position+1 {
		return nil
	}
	message := f.Message
	if message == "" {
		message = "a scripted fault"
	}
	return refusal(f.ErrorCode, message)
}

func wait(ctx context.Context, latch <-chan struct{}) {
	select {
	case <-latch:
	case <-ctx.Done():
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
