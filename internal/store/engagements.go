package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"conversion"
)

var engagementRows = func() bulk {
	changing := columns(`entity_id, type, subject, occurred, data, modstamp, deleted`)
	return bulk{
		into:    "engagements",
		columns: append(columns("workspace_id, id, object, record_id, created"), changing...),
		then: strings.Replace(overwrite("workspace_id, object, record_id", changing), "DO UPDATE", "WHERE record_id <> '' DO UPDATE", 1) +
			" WHERE engagements.modstamp <= excluded.modstamp",
	}
}()

// engagements inserts what is new, and updates by record what is not older than what is
// stored; its id and the time of its making stay.
func (c committing) engagements(ctx context.Context) error {
	list := newestByRecord(c.batch.Engagements)
	rows := make([][]any, len(list))
	for i, g := range list {
		if g.ID == "" {
			g.ID = newID()
		}
		if g.Created == 0 {
			g.Created = c.batch.At
		}
		rows[i] = []any{
			g.ID, g.Ref.Object, g.Ref.ID, g.Created,
			g.EntityID, text(g.Type), text(g.Subject), g.Occurred, g.Data, g.Modstamp, g.Deleted,
		}
	}
	_, err := c.insert(ctx, c.tx, engagementRows, rows)
	return err
}

// newestByRecord leaves one engagement of each record, in the order of the records.
func newestByRecord(engagements []conversion.Engagement) []conversion.Engagement {
	list := slices.Clone(engagements)
	slices.SortStableFunc(list, func(a, b conversion.Engagement) int { return a.Ref.Compare(b.Ref) })
	kept := list[:0]
	for _, g := range list {
		last := len(kept) - 1
		switch {
		case g.Ref.Zero() || last < 0 || kept[last].Ref != g.Ref:
			kept = append(kept, g)
		case g.Modstamp >= kept[last].Modstamp:
			kept[last] = g
		}
	}
	return kept
}

// Engagements returns custom engagements, newest first, of one contact and of one type
// when these are given.
func (w *Workspace) Engagements(ctx context.Context, contactID, typ, after string, limit int) (page []conversion.Engagement, next string, err error) {
	from, err := parsePosition(after, "engagements")
	if err != nil {
		return nil, "", err
	}
	if err := limited(limit); err != nil {
		return nil, "", err
	}
	q := newQuery(`SELECT id, entity_id, type, object, record_id, subject, occurred, data, modstamp, deleted, created
		FROM engagements WHERE workspace_id = ?`, w.id)
	if contactID != "" {
		q.add(` AND entity_id = ?`, contactID)
	}
	if typ != "" {
		q.add(` AND type = ?`, typ)
	}
	if after != "" {
		q.add(` AND (occurred, id) < (?, ?)`, from.Number, from.ID)
	}
	q.add(` ORDER BY occurred DESC, id DESC LIMIT ?`, limit+1)
	page, err = all(ctx, w.store.read, scanEngagement, q.text(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list engagements: %w", err)
	}
	page, next = cut(page, limit, func(g conversion.Engagement) position {
		return position{List: "engagements", Number: int64(g.Occurred), ID: g.ID}
	})
	return page, next, nil
}

func scanEngagement(row scanner) (g conversion.Engagement, err error) {
	err = row.Scan(&g.ID, &g.EntityID, &g.Type, &g.Ref.Object, &g.Ref.ID, &g.Subject, &g.Occurred, &g.Data,
		&g.Modstamp, &g.Deleted, &g.Created)
	return g, err
}
