package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"conversion/internal/salesforce/soql"
)

// BulkOptions say what a bulk query reads and how much of it at a time.
type BulkOptions struct {
	Deleted  bool // with deleted and merged records and archived activities
	PageRows int  // rows a page, at most; 0: as many as Salesforce likes
}

// JobState is how far a job of the Bulk API is.
type JobState string

// The states of query jobs.
const (
	JobWaiting  JobState = "UploadComplete"
	JobRunning  JobState = "InProgress"
	JobComplete JobState = "JobComplete"
	JobFailed   JobState = "Failed"
	JobAborted  JobState = "Aborted"
)

// Over reports whether the job changes no more.
func (s JobState) Over() bool { return s == JobComplete || s == JobFailed || s == JobAborted }

// QueryJob is a query that Salesforce runs by itself, and keeps the rows of for seven days.
type QueryJob struct {
	ID      string
	State   JobState
	Rows    int // read so far
	Message string
	Asked   time.Time // when the request that made it began, by our clock: no row is older
	Created time.Time // when Salesforce made it, by its own clock; zero when it did not say
	columns []string
}

// BulkQuery reads a query as a job of the Bulk API 2.0, page by page: the way to read very
// many records, for it takes a few requests whatever their number. The rows are in no
// order, and the query must have none and no limit, which would slow the job down. Compound
// fields cannot be read.
//
// An error ends the sequence. When the caller stops, or ctx ends, the job is given up and
// removed.
func (c *Client) BulkQuery(ctx context.Context, query soql.Query, options BulkOptions) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		job, err := c.StartQueryJob(ctx, query, options.Deleted)
		if err != nil {
			yield(Page{}, err)
			return
		}
		defer func() { c.discard(ctx, job) }()
		if job, err = c.AwaitQueryJob(ctx, job); err != nil {
			yield(Page{}, err)
			return
		}
		for locator := ""; ; {
			page, err := c.QueryJobPage(ctx, job, locator, options.PageRows)
			if !yield(page, err) || err != nil || page.Next == "" {
				return
			}
			locator = page.Next
		}
	}
}

// StartQueryJob makes the job of a query. One whose making had no answer may be made twice:
// that costs a request and changes nothing.
func (c *Client) StartQueryJob(ctx context.Context, query soql.Query, deleted bool) (QueryJob, error) {
	text, err := query.Text()
	if err != nil {
		return QueryJob{}, &Error{Message: err.Error(), Class: FixInConversion, cause: err}
	}
	operation := "query"
	if deleted {
		operation = "queryAll"
	}
	body, err := json.Marshal(map[string]string{
		"operation": operation, "query": text,
		"contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF",
	})
	if err != nil {
		return QueryJob{}, fmt.Errorf("write the job: %w", err)
	}
	job := QueryJob{columns: query.Columns()}
	err = c.job(ctx, call{what: "make a bulk query of " + query.Object(), method: http.MethodPost, path: c.versioned("/jobs/query"), body: body}, &job)
	return job, err
}

// AwaitQueryJob asks how far the job is, less and less often, until it is through. The
// error says so when Salesforce gave it up, with class Retry, or somebody else did, with
// class Restart.
func (c *Client) AwaitQueryJob(ctx context.Context, job QueryJob) (QueryJob, error) {
	waits := waits(c.config.Polling.First, c.config.Polling.Longest)
	for !job.State.Over() {
		if err := sleep(ctx, waits.NextBackOff()); err != nil {
			return job, err
		}
		if err := c.job(ctx, call{what: "ask for a bulk query", method: http.MethodGet, path: c.jobPath(job.ID)}, &job); err != nil {
			return job, err
		}
	}
	return job, job.failure()
}

// AskQueryJob asks once how far the job is. The error is AwaitQueryJob's.
func (c *Client) AskQueryJob(ctx context.Context, id string) (QueryJob, error) {
	job := QueryJob{ID: id}
	if err := c.job(ctx, call{what: "ask for a bulk query", method: http.MethodGet, path: c.jobPath(id)}, &job); err != nil {
		return job, err
	}
	return job, job.failure()
}

// failure says why a job came to nothing; nil when it did not.
func (j QueryJob) failure() error {
	switch j.State {
	case JobFailed:
		return &Error{Status: http.StatusOK, Code: codeOf(j.Message), Message: "the bulk query failed: " + j.Message, Class: Retry}
	case JobAborted:
		return &Error{Status: http.StatusOK, Message: "somebody aborted the bulk query", Class: Restart}
	}
	return nil
}

// codeOf returns the code at the beginning of a job's message, "" when there is none.
func codeOf(message string) string {
	code, _, found := strings.Cut(message, " : ")
	if !found || strings.ContainsAny(code, " \n") {
		return ""
	}
	return code
}

// job sends a call that answers with the job, and takes over what the answer says.
func (c *Client) job(ctx context.Context, call call, job *QueryJob) error {
	call.timeout, call.bound = c.config.Timeouts.Quick, smallBody
	call.read = func(a answer) error {
		var wire struct {
			ID      string   `json:"id"`
			State   JobState `json:"state"`
			Rows    int      `json:"numberRecordsProcessed"`
			Message string   `json:"errorMessage"`
			Created string   `json:"createdDate"`
		}
		if err := json.NewDecoder(a.body).Decode(&wire); err != nil {
			return fmt.Errorf("read the job: %w", err)
		}
		if !strings.HasPrefix(wire.ID, "750") || strings.ContainsFunc(wire.ID, func(r rune) bool { return !isAlphanumeric(r) }) {
			return fmt.Errorf("the job has no id")
		}
		job.ID, job.State, job.Rows, job.Message = wire.ID, wire.State, wire.Rows, wire.Message
		if job.Asked.IsZero() {
			job.Asked = a.asked
		}
		if created, err := ParseTime(wire.Created); err == nil {
			job.Created = created
		}
		return nil
	}
	return c.do(ctx, call)
}

func (c *Client) jobPath(id string) string { return c.versioned("/jobs/query/" + id) }

// discardTime is how long giving up a job may take once nobody waits for it.
const discardTime = 10 * time.Second

// discard removes a job that is not needed any more. That it stays when this fails does no
// harm: Salesforce removes it after seven days.
func (c *Client) discard(ctx context.Context, job QueryJob) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardTime)
	defer cancel()
	if !job.State.Over() {
		_ = c.AbortQueryJob(ctx, job.ID) // refused when it is over by now: then it can be removed
	}
	_ = c.DeleteQueryJob(ctx, job.ID)
}

// AbortQueryJob ends a job that is not over.
func (c *Client) AbortQueryJob(ctx context.Context, id string) error {
	return c.endJob(ctx, call{what: "abort a bulk query", method: http.MethodPatch, path: c.jobPath(id), body: []byte(`{"state":"Aborted"}`)})
}

// DeleteQueryJob removes a job that is over, with its rows.
func (c *Client) DeleteQueryJob(ctx context.Context, id string) error {
	return c.endJob(ctx, call{what: "remove a bulk query", method: http.MethodDelete, path: c.jobPath(id)})
}

func (c *Client) endJob(ctx context.Context, call call) error {
	call.timeout, call.bound = c.config.Timeouts.Quick, smallBody
	call.read = func(answer) error { return nil }
	return c.do(ctx, call)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
