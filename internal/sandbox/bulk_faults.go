package sandbox

import (
	"cmp"
	"time"

	"conversion/internal/sandbox/bulk"
)

// JobFault is what goes wrong with a bulk job after the request that created
// (query) or closed (ingest) it was answered.
type JobFault struct {
	// Fail ends the job in the state Failed with this message.
	Fail string
	// After is how many records are dealt with before it fails.
	After int
	// Hold keeps the job InProgress for that long in virtual time, for ever
	// when negative.
	Hold time.Duration
}

// script is what the fault does to the job that the request is about. The
// scripted error of a record fails that record of the upload.
func (f *Fault) script() bulk.Script {
	if f == nil {
		return bulk.Script{}
	}
	s := bulk.Script{Fail: f.Job.Fail, FailAfter: f.Job.After, Hold: f.Job.Hold, CommitAfter: f.CommitAfter}
	if f.RecordError > 0 {
		s.Record = f.RecordError
		s.RecordError = bulkError(refusal(f.ErrorCode, cmp.Or(f.Message, "a scripted fault")))
	}
	return s
}

// sentJob is a JobFault as the admin API takes it.
type sentJob struct {
	Fail  string `json:"fail,omitempty"`
	After int    `json:"after,omitempty"`
	Hold  string `json:"hold,omitempty"` // a duration, or "forever"
}

func (s sentJob) fault() (JobFault, *Error) {
	j := JobFault{Fail: s.Fail, After: s.After}
	var err error
	switch s.Hold {
	case "":
	case "forever":
		j.Hold = -1
	default:
		j.Hold, err = time.ParseDuration(s.Hold)
	}
	if err != nil || j.After < 0 || j.After > 0 && j.Fail == "" {
		return j, refusal("JSON_PARSER_ERROR", "a job's hold is a duration such as 5m or forever; after goes with fail")
	}
	return j, nil
}
