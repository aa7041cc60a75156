package sandbox

import (
	"time"
)

// sentFault is a fault as the admin API takes it.
type sentFault struct {
	Method        string    `json:"method"`
	Path          string    `json:"path"`
	Operation     string    `json:"operation"`
	Object        string    `json:"object"`
	Nth           int       `json:"nth"`
	Times         int       `json:"times"`
	Status        int       `json:"status"`
	ErrorCode     string    `json:"errorCode"`
	Message       string    `json:"message"`
	Record        int       `json:"record"`
	Drop          Drop      `json:"drop"`
	ExpireSession bool      `json:"expireSession"`
	Delay         string    `json:"delay"`
	Edit          *sentEdit `json:"edit"`
	Job           sentJob   `json:"job"`
}

// sentEdit is what another user edits before the request is served.
type sentEdit struct {
	ID     string         `json:"id"`
	Fields map[string]any `json:"fields"`
	As     string         `json:"as"`
}

func (c *call) adminFault() *Error {
	var sent sentFault
	if err := c.decode(&sent); err != nil {
		return err
	}
	var delay time.Duration
	var err error
	if sent.Delay != "" {
		delay, err = time.ParseDuration(sent.Delay)
	}
	switch {
	case err != nil:
		return refusal("JSON_PARSER_ERROR", "delay is no duration such as 2s: "+sent.Delay)
	case sent.Drop != DropNever && sent.Drop != DropBefore && sent.Drop != DropAfter:
		return refusal("JSON_PARSER_ERROR", "drop is before or after")
	case sent.Status != 0 && (sent.Status < 200 || sent.Status > 599):
		return refusal("JSON_PARSER_ERROR", "status is an HTTP status from 200 to 599")
	}
	job, refused := sent.Job.fault()
	if refused != nil {
		return refused
	}
	c.org.Fault(Fault{
		Job:   job,
		Match: Match{Method: sent.Method, Path: sent.Path, Operation: sent.Operation, Object: sent.Object},
		Nth:   sent.Nth, Times: sent.Times, Status: sent.Status, ErrorCode: sent.ErrorCode, Message: sent.Message,
		RecordError: sent.Record, Drop: sent.Drop, ExpireSession: sent.ExpireSession, Delay: delay,
		Before: c.org.edit(sent.Edit),
	})
	return c.done(nil)
}

// edit makes a hook of an edit; its failure is logged, for there is nobody to
// tell.
func (o *Org) edit(e *sentEdit) func() {
	if e == nil {
		return nil
	}
	user := e.As
	if user == "" {
		user = SalesUser
	}
	return func() {
		if err := o.Update(o.User(user), e.ID, e.Fields); err != nil {
			o.logger.Error("scripted edit failed", "record", e.ID, "error", err)
		}
	}
}
