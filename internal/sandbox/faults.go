package sandbox

import (
	"slices"
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
	// Record is a record id that the path or the body names, in either length.
	Record string
	// User is the name of the user whose session the request uses.
	User string
	// Writes leaves out whatever only reads.
	Writes bool
}

// Drop says when a connection is cut without a whole answer.
type Drop string

// A request is dropped before anything is done, or after it was committed; or half
// of its answer's body is sent, and then the connection is reset.
const (
	DropNever  Drop = ""
	DropBefore Drop = "before"
	DropAfter  Drop = "after"
	DropHalf   Drop = "half"
)

// Fault is one thing that goes wrong, once or several times. All its effects
// happen together.
type Fault struct {
	Match Match
	// Nth is the first matching request to fail, counted from now; 0 means 1.
	Nth int
	// Times is how many matching requests in a row fail; 0 means 1, -1 all.
	Times int
	// Also lets the fault strike a request that an earlier one strikes too. Without
	// it the fault waits for the next matching request.
	Also bool
	// AfterRead is the id of a record: the fault is armed only once the record was
	// in an answer to somebody who read, and then strikes that user's next write
	// that names it, unless Match says something else.
	AfterRead string

	// Status and ErrorCode answer instead of serving; Message explains. A known
	// ErrorCode has its own status and message. On its own a Status of 420 answers
	// an HTML page, as the edge does.
	Status             int
	ErrorCode, Message string
	// Body answers instead of serving, as it is, with Status; ContentType is
	// text/html if empty.
	Body, ContentType string
	// RecordError makes one record of a write fail with ErrorCode, inside an
	// answer of 200 when it is a collection: its position from 1, 0 for none, -1
	// for every record.
	RecordError int
	// NoCreates makes every new record fail with ErrorCode while others are saved.
	NoCreates bool
	// Drop cuts the connection.
	Drop Drop
	// ExpireSession ends the session the request uses, before it is served.
	ExpireSession bool
	// Delay holds the answer back, in real time, after the request was served.
	Delay time.Duration
	// Advance moves the org's clock before the answer, as if serving took so long.
	Advance time.Duration
	// CommitAfter makes a write commit only after so much virtual time: everything
	// is checked and stamped now, but nobody sees it, and what it changed is
	// locked. The connection is cut, as after a time-out, unless Answer is set. A
	// write that is refused is answered.
	CommitAfter time.Duration
	Answer      bool
	// Job makes a bulk job go wrong that the request creates or closes.
	Job JobFault
	// Hold keeps the request from being served until it is closed.
	Hold <-chan struct{}
	// Before runs before the request is served: "another user edits Title before
	// the client looks". It may call the org. Inside the transaction of a composite
	// request it does not run.
	Before func()
}

// ArmedFault is a fault as it stands.
type ArmedFault struct {
	ID int
	Fault
	// Struck is how often it has struck.
	Struck int
	// Left is how often it will still strike: 0 when it is used up, negative for
	// no end.
	Left int
	// Waiting is how many matching requests pass before it strikes.
	Waiting int
}

type armedFault struct {
	ArmedFault
	reader string // id of the user who read the record of AfterRead
}

// spentFaults is how many faults that are used up can still be looked at.
const spentFaults = 100

// Fault arms a scripted fault and returns its id. Of the faults that match a
// request the one armed first strikes, and those that strike also.
func (o *Org) Fault(f Fault) (id int) {
	if f.AfterRead != "" && f.Match.Operation == "" && f.Match.Record == "" {
		f.Match.Writes, f.Match.Record = true, f.AfterRead
	}
	if f.Match.User != "" {
		// Before the traffic is locked: a transaction that a fault is about to strike
		// holds the org and waits for the traffic.
		f.Match.User = o.User(f.Match.User).id
	}
	t := o.traffic
	t.mu.Lock()
	defer t.mu.Unlock()
	t.armed++
	armed := &armedFault{ArmedFault: ArmedFault{ID: t.armed, Fault: f, Waiting: max(f.Nth, 1) - 1, Left: f.Times}}
	if armed.Left == 0 {
		armed.Left = 1
	}
	t.faults = append(t.faults, armed)
	return armed.ID
}

// Before runs fn once, before the next matching request is served.
func (o *Org) Before(match Match, fn func()) { o.Fault(Fault{Match: match, Before: fn}) }

// Faults lists the armed faults and the last hundred that are used up, in the
// order they were armed.
func (o *Org) Faults() []ArmedFault {
	o.traffic.mu.Lock()
	defer o.traffic.mu.Unlock()
	list := make([]ArmedFault, 0, len(o.traffic.faults))
	for _, f := range o.traffic.faults {
		list = append(list, f.ArmedFault)
	}
	return list
}

// Disarm removes a fault; false means that there is none of that id.
func (o *Org) Disarm(id int) bool {
	t := o.traffic
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(t.faults)
	t.faults = slices.DeleteFunc(t.faults, func(f *armedFault) bool { return f.ID == id })
	return len(t.faults) < n
}

// ClearFaults disarms all faults.
func (o *Org) ClearFaults() {
	o.traffic.mu.Lock()
	defer o.traffic.mu.Unlock()
	o.traffic.faults = nil
}

func (m Match) accepts(c *call) bool {
	return (m.Method == "" || strings.EqualFold(m.Method, c.request.Method)) &&
		strings.HasPrefix(c.path, m.Path) &&
		(m.Operation == "" || strings.EqualFold(m.Operation, c.operation)) &&
		(!m.Writes || c.writes()) &&
		(m.User == "" || m.User == c.sessionUser()) &&
		(m.Record == "" || c.mentions(m.Record)) &&
		(m.Object == "" || strings.EqualFold(m.Object, c.objectName()))
}

// strike finds what hits a request, if anything, and uses it up. A subrequest is
// hit only by what can happen to a part of a request.
func (t *traffic) strike(c *call, within bool) *Fault {
	if !t.anyFaults(func(f *armedFault) bool { return f.Left != 0 }) {
		return nil
	}
	c.objectName() // asks the org, which must not wait for the traffic's lock
	t.mu.Lock()
	defer t.mu.Unlock()
	var struck *Fault
	for _, f := range t.faults {
		switch {
		case f.Left == 0 || within && !f.fitsSubrequest() || !f.armedFor(c) || !f.Match.accepts(c):
		case f.Waiting > 0:
			f.Waiting--
		case struck == nil:
			whole := f.hit()
			struck = &whole
		case f.Also:
			both := struck.and(f.hit())
			struck = &both
		}
	}
	t.forgetSpent()
	return struck
}

func (t *traffic) anyFaults(like func(*armedFault) bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.ContainsFunc(t.faults, like)
}

func (f *armedFault) hit() Fault {
	f.Struck++
	if f.Left > 0 {
		f.Left--
	}
	return f.Fault
}

// armedFor says whether the record that the fault waits for was read.
func (f *armedFault) armedFor(c *call) bool {
	return f.AfterRead == "" || f.reader != "" && f.reader == c.sessionUser()
}

func (t *traffic) forgetSpent() {
	spent := 0
	for _, f := range t.faults {
		if f.Left == 0 {
			spent++
		}
	}
	t.faults = slices.DeleteFunc(t.faults, func(f *armedFault) bool {
		if f.Left == 0 && spent > spentFaults {
			spent--
			return true
		}
		return false
	})
}

// noteRead arms the faults that wait for a record to be read.
func (t *traffic) noteRead(c *call) {
	if c.writes() || !t.anyFaults(func(f *armedFault) bool { return f.awaitsRead() }) {
		return
	}
	c.gather()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.faults {
		if f.awaitsRead() && c.answers(f.AfterRead) {
			f.reader = c.sessionUser()
		}
	}
}

func (f *armedFault) awaitsRead() bool { return f.AfterRead != "" && f.Left != 0 && f.reader == "" }

// fitsSubrequest says whether the fault can strike a part of a request.
func (f *Fault) fitsSubrequest() bool {
	return f.Drop == DropNever && !f.ExpireSession && f.Hold == nil && f.Delay == 0 && (f.CommitAfter == 0 || f.Answer)
}

// and joins two faults that strike one request: the first answers if both would.
func (f Fault) and(g Fault) Fault {
	if f.Status == 0 && f.ErrorCode == "" && f.Body == "" {
		f.Status, f.ErrorCode, f.Message = g.Status, g.ErrorCode, g.Message
		f.Body, f.ContentType, f.RecordError, f.NoCreates = g.Body, g.ContentType, g.RecordError, g.NoCreates
	}
	if f.Drop == DropNever {
		f.Drop = g.Drop
	}
	if f.CommitAfter == 0 {
		f.CommitAfter, f.Answer = g.CommitAfter, g.Answer
	}
	if f.Job == (JobFault{}) {
		f.Job = g.Job
	}
	if f.Hold == nil {
		f.Hold = g.Hold
	}
	f.ExpireSession = f.ExpireSession || g.ExpireSession
	f.Delay += g.Delay
	f.Advance += g.Advance
	f.Before = inTurn(f.Before, g.Before)
	return f
}

func inTurn(first, second func()) func() {
	if first == nil || second == nil {
		if first == nil {
			return second
		}
		return first
	}
	return func() { first(); second() }
}
