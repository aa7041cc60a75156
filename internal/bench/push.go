package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// edits edits contacts in Conversion and waits until every record of theirs is written in
// Salesforce. Its floor is a bare loop that writes as many.
func (m *measuring) edits(ctx context.Context) error {
	if err := m.server.letThrough(ctx); err != nil {
		return err
	}
	people, err := m.server.contacts(ctx, m.Edits)
	if err != nil {
		return err
	}
	drafts, records := make([]draft, len(people)), 0
	for i, p := range people {
		drafts[i] = draft{p.Email, map[string]string{"job_title": fmt.Sprintf("Edited %d", i)}}
		records += p.records()
	}
	return m.push(ctx, "push of edits", "update", drafts, records, func(n int) (time.Duration, error) {
		rows, err := m.org.query(ctx, fmt.Sprintf("SELECT Id FROM Lead WHERE IsConverted = false LIMIT %d", n))
		if err != nil {
			return 0, err
		}
		for i := range rows {
			rows[i] = map[string]any{"attributes": map[string]string{"type": "Lead"}, "id": rows[i]["Id"], "Title": fmt.Sprintf("Written %d", i)}
		}
		return m.org.write(ctx, "PATCH", rows)
	})
}

// creates makes contacts in Conversion and waits until each has its Lead.
func (m *measuring) creates(ctx context.Context) error {
	if err := m.server.letThrough(ctx); err != nil {
		return err
	}
	drafts := make([]draft, m.Edits)
	for i := range drafts {
		drafts[i] = draft{fmt.Sprintf("new%d@made.example", i), map[string]string{"last_name": fmt.Sprintf("New %d", i), "job_title": "Made"}}
	}
	return m.push(ctx, "push of new contacts", "create", drafts, len(drafts), func(n int) (time.Duration, error) {
		rows := make([]map[string]any, n)
		for i := range rows {
			rows[i] = map[string]any{
				"attributes": map[string]string{"type": "Lead"}, "LastName": fmt.Sprintf("Bare %d", i), "Company": "Unknown",
				"Email": fmt.Sprintf("bare%d@made.example", i), "Title": "Made",
			}
		}
		return m.org.write(ctx, "POST", rows)
	})
}

// push saves drafts and follows the org until all is written there, then writes as much
// without Conversion.
func (m *measuring) push(ctx context.Context, scenario, kind string, drafts []draft, records int, bare func(n int) (time.Duration, error)) error {
	log, err := m.org.follow(ctx)
	if err != nil {
		return err
	}
	f, err := m.figure(ctx, scenario, func() (int, error) {
		if err := m.server.save(ctx, drafts); err != nil {
			return 0, err
		}
		done, err := log.until(ctx, kind, records)
		return len(done), err
	})
	if err != nil {
		return err
	}
	took, err := bare(records)
	if err != nil {
		return fmt.Errorf("write as much without Conversion: %w", err)
	}
	f.OfFloor = f.Seconds / took.Seconds()
	m.note(f)
	m.note(Figure{
		Scenario: scenario, What: "floor: a bare loop of collections of 200", Database: m.database, People: m.people,
		Count: records, Seconds: took.Seconds(), Requests: (records + 199) / 200,
	})
	return nil
}

// write sends records in collections of 200, one after the other.
func (o *org) write(ctx context.Context, method string, records []map[string]any) (time.Duration, error) {
	began := time.Now()
	for some := range slices.Chunk(records, 200) {
		var outcomes []struct{ Success bool }
		body := map[string]any{"allOrNone": false, "records": some}
		if err := o.rest.call(ctx, method, versioned+"/composite/sobjects", body, &outcomes); err != nil {
			return 0, err
		}
		for i, outcome := range outcomes {
			if !outcome.Success {
				return 0, fmt.Errorf("record %d of a collection was not written", i)
			}
		}
	}
	return time.Since(began), nil
}
