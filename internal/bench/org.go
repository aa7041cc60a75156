package bench

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// org is a simulated org in a process of its own.
type org struct {
	*process
	rest  client // as the user whom Conversion is connected as, for floors
	admin client
}

const (
	versioned = "/services/data/v62.0"
	ours      = "Conversion" // as which the request log knows our requests
)

var orgReady = regexp.MustCompile(`access token\s+(\S+)`)

func startOrg(ctx context.Context, binary string, people int) (*org, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p, said, err := start(ctx, orgReady, binary, nil, "sandbox", "--listen", address, "--records", strconv.Itoa(people), "--print-token")
	if err != nil {
		return nil, err
	}
	base := "http://" + address
	return &org{process: p, rest: newClient(base, said[1]), admin: newClient(base+"/__sandbox", "")}, nil
}

// keep remembers the org as it is, and restore puts it back.
func (o *org) keep(ctx context.Context) error {
	return o.admin.call(ctx, "POST", "/snapshots", map[string]string{"name": "start"}, nil)
}

func (o *org) restore(ctx context.Context) error {
	if err := o.admin.call(ctx, "POST", "/snapshots/start/restore", nil, nil); err != nil {
		return err
	}
	return o.admin.call(ctx, "DELETE", "/requests", nil, nil)
}

// asked is how many requests Conversion made since the last restore. The log holds the last
// 10,000.
func (o *org) asked(ctx context.Context) (int, error) {
	var log struct {
		Requests []struct{ Operation string } `json:"requests"`
	}
	err := o.admin.call(ctx, "GET", "/requests?limit=10000&client="+ours, nil, &log)
	return len(log.Requests), err
}

// query returns the records of a query, all of them.
func (o *org) query(ctx context.Context, soql string) (records []map[string]any, err error) {
	next := versioned + "/query?q=" + url.QueryEscape(soql)
	for next != "" {
		var page struct {
			Records []map[string]any `json:"records"`
			Next    string           `json:"nextRecordsUrl"`
		}
		if err := o.rest.call(ctx, "GET", next, nil, &page); err != nil {
			return nil, err
		}
		records, next = append(records, page.Records...), page.Next
	}
	return records, nil
}

// event is what happened to a record, as the commit log tells it.
type event struct {
	Sequence  int64     `json:"sequence"`
	Kind      string    `json:"kind"`
	Object    string    `json:"object"`
	Record    string    `json:"record"`
	Committed time.Time `json:"committed"`
	Client    string    `json:"client"`
	Fields    []struct {
		Field string `json:"field"`
		After any    `json:"after"`
	} `json:"fields"`
}

// history follows the commit log from where it stands.
type history struct {
	org  *org
	next int64
}

// follow begins at the end of the log.
func (o *org) follow(ctx context.Context) (*history, error) {
	h := &history{org: o}
	for {
		events, err := h.read(ctx)
		if err != nil || len(events) == 0 {
			return h, err
		}
	}
}

// read returns what happened since the last reading, as much as comes at once.
func (h *history) read(ctx context.Context) ([]event, error) {
	var page struct {
		Entries []event `json:"entries"`
		Next    int64   `json:"next"`
	}
	if err := h.org.admin.call(ctx, "GET", fmt.Sprintf("/history?since=%d&limit=10000", h.next), nil, &page); err != nil {
		return nil, err
	}
	h.next = page.Next
	return page.Entries, nil
}

// until reads on until so many of Conversion's writes of a kind are committed, to Leads and
// Contacts, and returns them.
func (h *history) until(ctx context.Context, kind string, count int) (done []event, err error) {
	err = await(ctx, 50*time.Millisecond, func() (bool, error) {
		events, err := h.read(ctx)
		for _, e := range events {
			if e.Kind == kind && strings.HasPrefix(e.Client, ours) && (e.Object == "Lead" || e.Object == "Contact") {
				done = append(done, e)
			}
		}
		return len(done) >= count, err
	})
	return done, err
}

// change lets a user of the org edit records, one by one.
func (o *org) change(ctx context.Context, ids []string, fields map[string]string) error {
	for _, id := range ids {
		if err := o.admin.call(ctx, "PATCH", "/records/"+id, fields, nil); err != nil {
			return err
		}
	}
	return nil
}
