package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// latency is how long an edit takes from the answer to it until it is committed in Salesforce,
// at ten edits a second.
func (m *measuring) latency(ctx context.Context) error {
	const pace = 10 // edits a second
	if err := m.server.letThrough(ctx); err != nil {
		return err
	}
	people, err := m.server.contacts(ctx, pace*m.Seconds)
	if err != nil {
		return err
	}
	people = slices.DeleteFunc(people, func(p person) bool { return p.records() == 0 })
	log, err := m.org.follow(ctx)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	edited := make(map[string]time.Time, len(people)) // by the value that was entered
	var waits []time.Duration
	f, err := m.figure(ctx, "latency", func() (int, error) {
		err := steadily(ctx, pace, len(people), func(i int) error {
			title := fmt.Sprintf("Steady %d", i)
			err := m.server.call(ctx, "PATCH", "/contacts/"+people[i].ID, map[string]any{"variables": map[string]string{"job_title": title}}, nil)
			mu.Lock()
			defer mu.Unlock()
			edited[title] = time.Now()
			return err
		})
		if err != nil {
			return 0, err
		}
		waits, err = log.arrivals(ctx, edited)
		return len(waits), err
	})
	if err != nil {
		return err
	}
	f.percentiles(waits)
	m.note(f)
	return nil
}

// arrivals waits until each title is in the org, and returns how long each took; of several
// records that hold it the last counts.
func (h *history) arrivals(ctx context.Context, edited map[string]time.Time) ([]time.Duration, error) {
	arrived := make(map[string]time.Duration)
	err := await(ctx, 100*time.Millisecond, func() (bool, error) {
		events, err := h.read(ctx)
		for _, e := range events {
			for _, f := range e.Fields {
				title, _ := f.After.(string)
				if since, ours := edited[title]; ours && f.Field == "Title" {
					arrived[title] = e.Committed.Sub(since)
				}
			}
		}
		return len(arrived) == len(edited), err
	})
	waits := make([]time.Duration, 0, len(arrived))
	for _, d := range arrived {
		waits = append(waits, d)
	}
	return waits, err
}

// api asks the JSON API at a steady pace, each sort of call by itself.
func (m *measuring) api(ctx context.Context) error {
	const pace = 200 // requests a second
	people, err := m.server.contacts(ctx, 1000)
	if err != nil {
		return err
	}
	for _, call := range []struct {
		what string
		path func(p person) string
		body func(p person) any // nil asks by GET
	}{
		{what: "list", path: func(person) string { return "/contacts?limit=50" }},
		{what: "search by the beginning of an e-mail", path: func(p person) string { return "/contacts?limit=20&q=" + url.QueryEscape(p.Email[:4]) }},
		{what: "one contact", path: func(p person) string { return "/contacts/" + p.ID }},
		{
			what: "an edit by POST /contacts/batch", path: func(person) string { return "/contacts/batch" },
			body: func(p person) any {
				return map[string]any{"contacts": []draft{{p.Email, map[string]string{"phone": p.ID[len(p.ID)-8:]}}}}
			},
		},
	} {
		var mu sync.Mutex
		var waits []time.Duration
		f, err := m.figure(ctx, "API", func() (int, error) {
			return pace * m.Seconds, steadily(ctx, pace, pace*m.Seconds, func(i int) error {
				p, method, began := people[i%len(people)], http.MethodGet, time.Now()
				var body any
				if call.body != nil {
					method, body = http.MethodPost, call.body(p)
				}
				err := m.server.call(ctx, method, call.path(p), body, nil)
				mu.Lock()
				defer mu.Unlock()
				waits = append(waits, time.Since(began))
				return err
			})
		})
		if err != nil {
			return fmt.Errorf("%s: %w", call.what, err)
		}
		f.What = call.what
		f.percentiles(waits)
		m.note(f)
	}
	return nil
}

// steadily does something so often a second, however long each takes, and returns the first
// error once all have ended.
func steadily(ctx context.Context, pace, count int, do func(i int) error) error {
	tick := time.NewTicker(time.Second / time.Duration(pace))
	defer tick.Stop()
	failed := make(chan error, count)
	var all sync.WaitGroup
	for i := range count {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		all.Go(func() {
			if err := do(i); err != nil {
				failed <- err
			}
		})
	}
	all.Wait()
	close(failed)
	return <-failed
}

// percentiles fills in how long half, 95 and 99 of a hundred took at most.
func (f *Figure) percentiles(waits []time.Duration) {
	if len(waits) == 0 {
		return
	}
	slices.Sort(waits)
	at := func(share float64) float64 {
		return float64(waits[int(share*float64(len(waits)-1))]) / float64(time.Millisecond)
	}
	f.P50, f.P95, f.P99 = at(0.50), at(0.95), at(0.99)
}
