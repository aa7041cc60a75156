package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// sentFault is a fault as the admin API takes and shows it; durations are texts
// such as "5m".
type sentFault struct {
	Preset        string    `json:"preset,omitempty"`
	Method        string    `json:"method,omitempty"`
	Path          string    `json:"path,omitempty"`
	Operation     string    `json:"operation,omitempty"`
	Object        string    `json:"object,omitempty"`
	MatchRecord   string    `json:"of,omitempty"`
	User          string    `json:"user,omitempty"`
	Writes        bool      `json:"writes,omitempty"`
	Nth           int       `json:"nth,omitempty"`
	Times         int       `json:"times,omitempty"`
	Also          bool      `json:"also,omitempty"`
	AfterRead     string    `json:"afterRead,omitempty"`
	Status        int       `json:"status,omitempty"`
	ErrorCode     string    `json:"errorCode,omitempty"`
	Message       string    `json:"message,omitempty"`
	Body          string    `json:"body,omitempty"`
	ContentType   string    `json:"contentType,omitempty"`
	Record        int       `json:"record,omitempty"`
	NoCreates     bool      `json:"noCreates,omitempty"`
	Drop          Drop      `json:"drop,omitempty"`
	ExpireSession bool      `json:"expireSession,omitempty"`
	Delay         string    `json:"delay,omitempty"`
	Advance       string    `json:"advance,omitempty"`
	CommitAfter   string    `json:"commitAfter,omitempty"`
	Answer        bool      `json:"answer,omitempty"`
	Job           *sentJob  `json:"job,omitempty"`
	Edit          *sentEdit `json:"edit,omitempty"`
}

// sentEdit is what another user edits before the request is served; without an id
// the record of afterRead.
type sentEdit struct {
	ID     string         `json:"id,omitempty"`
	Fields map[string]any `json:"fields"`
	As     string         `json:"as,omitempty"`
}

func (c *call) adminFault() *Error {
	var sent sentFault
	if err := c.decode(&sent); err != nil {
		return err
	}
	f, err := sent.fault()
	if err != nil {
		return err
	}
	if err := c.org.checkFault(sent, f); err != nil {
		return err
	}
	f.Before = c.org.edit(sent.Edit, sent.AfterRead)
	return c.json(http.StatusCreated, map[string]int{"id": c.org.Fault(f)})
}

// fault reads what was sent. A preset gives what the request leaves out.
func (sent sentFault) fault() (Fault, *Error) {
	f, err := sent.base()
	if err != nil {
		return f, err
	}
	sent.match(&f.Match)
	f.Nth, f.Times, f.Also, f.AfterRead = sent.Nth, sent.Times, sent.Also, sent.AfterRead
	sent.answer(&f)
	if sent.Drop != DropNever {
		f.Drop = sent.Drop
	}
	f.ExpireSession = f.ExpireSession || sent.ExpireSession
	f.Answer = sent.Answer
	if f.Delay, f.Advance, f.CommitAfter, err = sent.times(); err != nil {
		return f, err
	}
	if sent.Job != nil {
		f.Job, err = sent.Job.fault()
	}
	return f, err
}

func (sent sentFault) base() (Fault, *Error) {
	var f Fault
	known := true
	if sent.Preset != "" {
		f, known = Preset(sent.Preset)
	}
	switch {
	case !known:
		return f, refusal("JSON_PARSER_ERROR", "preset is one of those that GET /__sandbox/faults lists: "+sent.Preset)
	case !slices.Contains([]Drop{DropNever, DropBefore, DropAfter, DropHalf}, sent.Drop):
		return f, refusal("JSON_PARSER_ERROR", "drop is before, after or half")
	case sent.Status != 0 && (sent.Status < 200 || sent.Status > 599):
		return f, refusal("JSON_PARSER_ERROR", "status is an HTTP status from 200 to 599")
	}
	return f, nil
}

func (sent sentFault) match(m *Match) {
	for _, given := range []struct {
		text string
		into *string
	}{{sent.Method, &m.Method}, {sent.Path, &m.Path}, {sent.Operation, &m.Operation}, {sent.Object, &m.Object}, {sent.MatchRecord, &m.Record}, {sent.User, &m.User}} {
		if given.text != "" {
			*given.into = given.text
		}
	}
	m.Writes = m.Writes || sent.Writes
}

func (sent sentFault) answer(f *Fault) {
	if sent.Status != 0 {
		f.Status = sent.Status
	}
	if sent.ErrorCode != "" {
		f.ErrorCode = sent.ErrorCode
	}
	if sent.Message != "" {
		f.Message = sent.Message
	}
	if sent.Body != "" {
		f.Body, f.ContentType = sent.Body, sent.ContentType
	}
	if sent.Record != 0 {
		f.RecordError = sent.Record
	}
	f.NoCreates = f.NoCreates || sent.NoCreates
}

func (sent sentFault) times() (delay, advance, commitAfter time.Duration, err *Error) {
	for _, d := range []struct {
		name, text string
		into       *time.Duration
	}{{"delay", sent.Delay, &delay}, {"advance", sent.Advance, &advance}, {"commitAfter", sent.CommitAfter, &commitAfter}} {
		if *d.into, err = duration(d.name, d.text); err != nil {
			return 0, 0, 0, err
		}
	}
	return delay, advance, commitAfter, nil
}

// duration reads a span of time; an empty text is none.
func duration(name, text string) (time.Duration, *Error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, refusal("JSON_PARSER_ERROR", name+" is no duration such as 2s: "+text)
	}
	return d, nil
}

func shownDuration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// shownFault is a fault as the admin API lists it.
type shownFault struct {
	ID      int `json:"id"`
	Struck  int `json:"struck"`
	Left    int `json:"left"`
	Waiting int `json:"waiting"`
	sentFault
	Hook bool `json:"hook,omitempty"` // an edit, or a function of a Go test
}

func shown(f ArmedFault) shownFault {
	s := shownFault{ID: f.ID, Struck: f.Struck, Left: f.Left, Waiting: f.Waiting, Hook: f.Before != nil}
	s.sentFault = sentFault{
		Method: f.Match.Method, Path: f.Match.Path, Operation: f.Match.Operation, Object: f.Match.Object,
		MatchRecord: f.Match.Record, User: f.Match.User, Writes: f.Match.Writes,
		Nth: f.Nth, Times: f.Times, Also: f.Also, AfterRead: f.AfterRead,
		Status: f.Status, ErrorCode: f.ErrorCode, Message: f.Message, Body: f.Body, ContentType: f.ContentType,
		Record: f.RecordError, NoCreates: f.NoCreates, Drop: f.Drop, ExpireSession: f.ExpireSession,
		Delay: shownDuration(f.Delay), Advance: shownDuration(f.Advance), CommitAfter: shownDuration(f.CommitAfter), Answer: f.Answer,
	}
	if f.Job != (JobFault{}) {
		s.Job = &sentJob{Fail: f.Job.Fail, After: f.Job.After, Hold: shownDuration(f.Job.Hold)}
		if f.Job.Hold < 0 {
			s.Job.Hold = "forever"
		}
	}
	return s
}

func (c *call) adminFaults() *Error {
	faults := []shownFault{}
	for _, f := range c.org.Faults() {
		faults = append(faults, shown(f))
	}
	return c.json(http.StatusOK, map[string]any{"faults": faults, "presets": PresetNames()})
}

func (c *call) adminFaultByID() *Error {
	for _, f := range c.org.Faults() {
		if strconv.Itoa(f.ID) == c.params["id"] {
			return c.json(http.StatusOK, shown(f))
		}
	}
	return notFound()
}

func (c *call) adminDisarm() *Error {
	id, err := strconv.Atoi(c.params["id"])
	if err != nil || !c.org.Disarm(id) {
		return notFound()
	}
	return c.done(nil)
}

// edit makes a hook of an edit; its failure is logged, for there is nobody to
// tell.
func (o *Org) edit(e *sentEdit, afterRead string) func() {
	if e == nil {
		return nil
	}
	id, user := e.ID, e.As
	if id == "" {
		id = afterRead
	}
	if user == "" {
		user = SalesUser
	}
	return func() {
		if err := o.Update(o.User(user), id, e.Fields); err != nil {
			o.logger.Error("scripted edit failed", "record", id, "error", err)
		}
	}
}
