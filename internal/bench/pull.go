package bench

import (
	"context"
	"fmt"
	"time"
)

// firstLoad connects, and reads all of the org.
func (m *measuring) firstLoad(ctx context.Context, floor time.Duration) error {
	f, err := m.figure(ctx, "first load", func() (int, error) { return m.people, m.server.connect(ctx) })
	if err != nil {
		return err
	}
	f.OfFloor = f.Seconds / floor.Seconds()
	m.note(f)
	return nil
}

// idle is a cycle in which nothing changed: the second of two, for the first may have to read
// once more what was committed while the load ran.
func (m *measuring) idle(ctx context.Context) error {
	if err := m.server.sync(ctx); err != nil {
		return err
	}
	f, err := m.figure(ctx, "idle cycle", func() (int, error) { return 0, m.server.sync(ctx) })
	if err != nil {
		return err
	}
	m.note(f)
	return nil
}

// changes is a cycle that finds some records changed, among as many as there are.
func (m *measuring) changes(ctx context.Context) error {
	records, err := m.org.query(ctx, fmt.Sprintf("SELECT Id FROM Lead WHERE IsConverted = false LIMIT %d", m.Changes))
	if err != nil {
		return err
	}
	ids := make([]string, len(records))
	for i, r := range records {
		ids[i], _ = r["Id"].(string)
	}
	if err := m.org.change(ctx, ids, map[string]string{"Title": "Changed at " + time.Now().Format(time.TimeOnly)}); err != nil {
		return err
	}
	f, err := m.figure(ctx, "cycle with changes", func() (int, error) { return len(ids), m.server.sync(ctx) })
	if err != nil {
		return err
	}
	m.note(f)
	return nil
}
