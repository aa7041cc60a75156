package sandbox

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strings"
	"time"
)

// serve serves a request as the fault lets it: dropped says that there is to be
// no answer.
func (f *Fault) serve(c *call, next func()) (dropped bool) {
	if f == nil {
		next()
		return false
	}
	f.prepare(c)
	if f.Drop == DropBefore {
		return true
	}
	if f.answers() {
		f.answer(c)
	} else {
		c.fault = f
		next()
	}
	if f.Advance > 0 {
		c.org.clock.Advance(f.Advance)
	}
	if f.Delay > 0 {
		pause(c.request.Context(), f.Delay)
	}
	if c.cut = f.Drop == DropHalf; c.cut {
		c.gather()
	}
	return f.Drop == DropAfter || f.CommitAfter > 0 && !f.Answer && c.status < http.StatusBadRequest
}

// prepare does what happens before the request is served.
func (f *Fault) prepare(c *call) {
	if f.Hold != nil {
		wait(c.request.Context(), f.Hold)
	}
	if f.Before != nil && c.tx == nil {
		f.Before()
	}
	if f.ExpireSession {
		c.org.sessions.expire(c.token())
	}
}

// answers says whether the fault answers instead of the org.
func (f *Fault) answers() bool {
	ofRecords := f.RecordError != 0 || f.NoCreates
	return f.Status != 0 || f.Body != "" || f.ErrorCode != "" && !ofRecords
}

// answer is the fault's own answer in place of the served one.
func (f *Fault) answer(c *call) {
	e := f.refusal()
	switch {
	case f.Body != "":
		_ = c.html(e.Status, []byte(f.Body))
		if f.ContentType != "" {
			c.header.Set("Content-Type", f.ContentType)
		}
	case f.ErrorCode == "" && f.Status == statusNoRoute:
		_ = c.html(f.Status, []byte("<html><body>URL No Longer Exists</body></html>"))
	case strings.HasPrefix(c.path, "/services/oauth2/"):
		_ = c.oauthError(e.Status, e.Code, e.Message)
	default:
		c.refuse(e)
	}
}

// statusNoRoute is what the edge answers for a host that it cannot route.
const statusNoRoute = 420

// refusal is the error that the fault answers with, completed from what is known
// of its code.
func (f *Fault) refusal() *Error {
	e := &Error{Status: f.Status, Code: f.ErrorCode, Message: f.Message}
	if e.Code == "" {
		e.Code = "UNKNOWN_EXCEPTION"
		if f.Status == http.StatusServiceUnavailable {
			e.Code = "SERVER_UNAVAILABLE"
		}
	}
	known := knownErrors[e.Code]
	if e.Message == "" {
		e.Message = known.message
	}
	if e.Message == "" {
		e.Message = "a scripted fault"
	}
	if e.Status == 0 {
		e.Status = known.status
	}
	if e.Status == 0 {
		e.Status = http.StatusBadRequest
	}
	return e
}

// record is the error scripted for the record at a position (from 0) of a write.
func (f *Fault) record(position int) *Error {
	if f == nil || f.RecordError != position+1 && f.RecordError != everyRecord {
		return nil
	}
	return f.refusal()
}

const everyRecord = -1

// create is the error scripted for new records.
func (f *Fault) create() *Error {
	if f == nil || !f.NoCreates {
		return nil
	}
	return f.refusal()
}

// late is how long after its end a write is committed.
func (f *Fault) late() time.Duration {
	if f == nil {
		return 0
	}
	return f.CommitAfter
}

// strikeWithin lets a fault hit a subrequest, which has its operation and object
// by now. True means that it is answered.
func (c *call) strikeWithin() (answered bool) {
	f := c.org.traffic.strike(c, true)
	if f == nil {
		return false
	}
	f.prepare(c)
	if f.answers() {
		f.answer(c)
		return true
	}
	c.fault = f
	return false
}

// writes says whether a request changes records.
func (c *call) writes() bool {
	if c.operation == "retrieve" || strings.Contains(c.path, "/jobs/query") {
		return false
	}
	return writing[c.operation] || c.version != "" && c.method() != http.MethodGet && c.method() != http.MethodHead
}

// sessionUser is the id of the user whose session the request uses, "" if none.
func (c *call) sessionUser() string {
	if c.user == "" {
		session, _ := c.org.sessions.find(c.token(), false)
		return session.user
	}
	return c.user
}

// mentions says whether the path or the body names a record.
func (c *call) mentions(id string) bool {
	full, ok := normaliseID(id)
	return ok && (strings.Contains(c.path, shortID(full)) || bytes.Contains(c.body, []byte(shortID(full))))
}

// answers says whether the answer holds a record.
func (c *call) answers(id string) bool {
	full, ok := normaliseID(id)
	return ok && c.status < http.StatusBadRequest && bytes.Contains(c.answer, []byte(shortID(full)))
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

// arrival is how long the client has to take what was sent before a reset, which
// would throw away what it has not read.
const arrival = 100 * time.Millisecond

// gather writes a streamed answer into memory, for a fault that looks at it.
func (c *call) gather() {
	if c.stream == nil {
		return
	}
	var b bytes.Buffer
	_, _ = c.stream.WriteTo(&b) // a buffer never fails
	c.stream, c.answer = nil, b.Bytes()
}

// reset sends what was written so far and resets the connection. It does not
// return.
func (c *call) reset(w http.ResponseWriter) {
	control := http.NewResponseController(w)
	_ = control.Flush()
	pause(c.request.Context(), arrival)
	if conn, _, err := control.Hijack(); err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // closing then resets instead of ending
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}
