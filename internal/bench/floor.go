package bench

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// read is every object that a first load reads.
var read = []string{"Account", "Contact", "Lead", "Task", "Event"}

// floor downloads and parses all records by the Bulk API and throws them away: no first load
// by that way can take less.
func (r *run) floor(ctx context.Context, o *org, people int) (time.Duration, error) {
	began, rows := time.Now(), 0
	for _, object := range read {
		n, err := o.drain(ctx, object)
		if err != nil {
			return 0, fmt.Errorf("read every %s: %w", object, err)
		}
		rows += n
	}
	took := time.Since(began)
	r.note(Figure{
		Scenario: "first load", What: "floor: the same records downloaded, parsed, thrown away", People: people,
		Count: people, Seconds: took.Seconds(), Requests: 0,
	})
	return took, nil
}

// drain reads all records of an object in one query job.
func (o *org) drain(ctx context.Context, object string) (rows int, err error) {
	fields, err := o.fields(ctx, object)
	if err != nil {
		return 0, err
	}
	var job struct{ ID, State string }
	soql := "SELECT " + strings.Join(fields, ", ") + " FROM " + object
	if err := o.rest.call(ctx, "POST", versioned+"/jobs/query", map[string]string{"operation": "queryAll", "query": soql}, &job); err != nil {
		return 0, err
	}
	err = await(ctx, 10*time.Millisecond, func() (bool, error) {
		err := o.rest.call(ctx, "GET", versioned+"/jobs/query/"+job.ID, nil, &job)
		if job.State == "Failed" || job.State == "Aborted" {
			return false, fmt.Errorf("the job is %s", job.State)
		}
		return job.State == "JobComplete", err
	})
	for locator := ""; err == nil && locator != "null"; {
		var n int
		n, locator, err = o.page(ctx, versioned+"/jobs/query/"+job.ID+"/results?maxRecords=20000&locator="+locator)
		rows += n
	}
	return rows, err
}

// page parses one page of results, and returns what leads to the next, "null" after the last.
func (o *org) page(ctx context.Context, path string) (rows int, locator string, err error) {
	response, err := o.rest.send(ctx, "GET", strings.TrimSuffix(path, "&locator="), nil)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	records := csv.NewReader(response.Body)
	records.ReuseRecord = true
	for rows = -1; ; rows++ { // the first line names the columns
		if _, err := records.Read(); errors.Is(err, io.EOF) {
			return max(rows, 0), response.Header.Get("Sforce-Locator"), nil
		} else if err != nil {
			return rows, "", err
		}
	}
}

// fields are those of an object that the Bulk API can read.
func (o *org) fields(ctx context.Context, object string) (names []string, err error) {
	var described struct {
		Fields []struct{ Name, Type string } `json:"fields"`
	}
	err = o.rest.call(ctx, "GET", versioned+"/sobjects/"+object+"/describe", nil, &described)
	for _, f := range described.Fields {
		if f.Type != "address" && f.Type != "location" && f.Type != "base64" {
			names = append(names, f.Name)
		}
	}
	return names, err
}
