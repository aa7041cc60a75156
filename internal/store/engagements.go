package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"conversion"
)

var engagementRows = func() bulk {
	changing := columns(`type, subject, occurred, data, modstamp, deleted`)
	return bulk{
		into:    "engagements",
		columns: append(columns("workspace_id, id, object, record_id, created, entity_id"), changing...),
		then: strings.Replace(overwrite("workspace_id, object, record_id", changing), "DO UPDATE", "WHERE record_id <> '' DO UPDATE", 1) +
			" WHERE engagements.modstamp <= excluded.modstamp",
	}
}()

// engagements inserts what is new, and updates by record what is not older than what is
// stored; its id and the time of its making stay.
func (c committing) engagements(ctx context.Context) error {
	var fresh, known []conversion.Engagement
	for _, g := range newestByRecord(c.batch.Engagements) {
		if g.ID == "" {
			g.ID = newID()
		}
		if g.Created == 0 {
			g.Created = c.batch.At
		}
		if g.First {
			fresh = append(fresh, g)
		} else {
			known = append(known, g)
		}
	}
	if err := c.taken(c.add(ctx, engagementRows, rowsOf(fresh))); err != nil {
		return err
	}
	if err := c.add(ctx, peopleRows, peopleOf(fresh)); err != nil {
		return err
	}
	if _, err := c.insert(ctx, c.tx, engagementRows, rowsOf(known)); err != nil {
		return err
	}
	return c.people(ctx, known)
}

func rowsOf(list []conversion.Engagement) [][]any {
	rows := make([][]any, len(list))
	for i, g := range list {
		rows[i] = []any{
			g.ID, g.Ref.Object, g.Ref.ID, g.Created, g.EntityID,
			text(g.Type), text(g.Subject), g.Occurred, g.Data, g.Modstamp, g.Deleted,
		}
	}
	return rows
}

// peopleOf are the rows of whom the engagements are about.
func peopleOf(list []conversion.Engagement) (rows [][]any) {
	for _, g := range list {
		for place, who := range g.People {
			rows = append(rows, []any{g.ID, place, who.Object, who.ID})
		}
	}
	return rows
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

var peopleRows = bulk{into: "engagement_people", columns: columns("workspace_id, engagement_id, place, object, record_id")}

// people replaces whom the activities are about, where the observation that is stored now
// is the one that says it.
func (c committing) people(ctx context.Context, list []conversion.Engagement) error {
	told := make(map[conversion.Ref]conversion.Engagement)
	var refs []conversion.Ref
	for _, g := range list {
		if g.People != nil && !g.Ref.Zero() {
			told[g.Ref] = g
			refs = append(refs, g.Ref)
		}
	}
	var ids []string
	var rows [][]any
	scan := func(row scanner) (id string, err error) {
		var r conversion.Ref
		var at conversion.Moment
		if err := row.Scan(&id, &r.Object, &r.ID, &at); err != nil || at != told[r].Modstamp {
			return id, err
		}
		ids = append(ids, id)
		for place, who := range told[r].People {
			rows = append(rows, []any{id, place, who.Object, who.ID})
		}
		return id, nil
	}
	for object, records := range byObject(refs) {
		err := c.store.dialect.inChunks(records, 3, func(list string, args []any) error {
			_, err := all(ctx, c.tx, scan, `SELECT id, object, record_id, modstamp FROM engagements
				WHERE workspace_id = $1 AND object = $2 AND record_id IN (`+list+`) AND record_id <> ''`, append([]any{c.id, object}, args...)...)
			return err
		})
		if err != nil {
			return fmt.Errorf("find the engagements of activities: %w", err)
		}
	}
	if err := c.remove(ctx, "engagement_people", "engagement_id", ids); err != nil {
		return err
	}
	return c.add(ctx, peopleRows, rows)
}

// remove deletes the workspace's rows of the table whose column is one of the ids.
func (c committing) remove(ctx context.Context, table, column string, ids []string) error {
	return c.store.dialect.inChunks(ids, 2, func(list string, args []any) error {
		_, err := exec(ctx, c.tx, `DELETE FROM `+table+` WHERE workspace_id = $1 AND `+column+` IN (`+list+`)`, append([]any{c.id}, args...)...)
		return err
	})
}

// belongs is the condition that a record's activities are its link's entity's: not those of
// a record that moved on, unless it is one of an org that the workspace left. What a record
// leaves where it was has no reading.
const belongs = `(l.state <> 'moved' OR l.record_id LIKE '%/%' AND l.modstamp <> 0)`

// Engagements returns custom engagements, newest first, of one contact and of one type
// when these are given. EntityID is the contact that was asked for, else the first of
// Contacts.
func (w *Workspace) Engagements(ctx context.Context, contactID, typ, after string, limit int) (page []conversion.Engagement, next string, err error) {
	from, err := parsePosition(after, "engagements")
	if err != nil {
		return nil, "", err
	}
	if err := limited(limit); err != nil {
		return nil, "", err
	}
	q := newQuery(`SELECT e.id, e.entity_id, e.type, e.object, e.record_id, e.subject, e.occurred, e.data, e.modstamp, e.deleted, e.created FROM `)
	if contactID != "" { // what is the contact's comes first: a cross join keeps the order
		q.add(`(SELECT p.engagement_id AS id FROM links l
			JOIN engagement_people p ON p.workspace_id = l.workspace_id AND p.object = l.object AND p.record_id = l.record_id
			WHERE l.workspace_id = ? AND l.entity_id = ? AND `+belongs, w.id, text(contactID))
		q.add(` UNION SELECT id FROM engagements WHERE workspace_id = ? AND entity_id = ?) mine CROSS JOIN `, w.id, text(contactID))
	}
	q.add(`engagements e WHERE e.workspace_id = ?`, w.id)
	if contactID != "" {
		q.add(` AND e.id = mine.id`)
	}
	if typ != "" {
		q.add(` AND e.type = ?`, text(typ))
	}
	if after != "" {
		q.add(` AND (e.occurred, e.id) < (?, ?)`, from.Number, from.ID)
	}
	q.add(` ORDER BY e.occurred DESC, e.id DESC LIMIT ?`, limit+1)
	page, err = all(ctx, w.store.read, scanEngagement, q.text(), q.args...)
	if err != nil {
		return nil, "", fmt.Errorf("list engagements: %w", err)
	}
	page, next = cut(page, limit, func(g conversion.Engagement) position {
		return position{List: "engagements", Number: int64(g.Occurred), ID: g.ID}
	})
	return page, next, w.findContacts(ctx, page, contactID)
}

func scanEngagement(row scanner) (g conversion.Engagement, err error) {
	err = row.Scan(&g.ID, &g.EntityID, &g.Type, &g.Ref.Object, &g.Ref.ID, &g.Subject, &g.Occurred, &g.Data,
		&g.Modstamp, &g.Deleted, &g.Created)
	return g, err
}

// findContacts fills in whose the engagements are: of those with a record, whoever its
// people are linked to now; the sum is explained at EntitiesOf.
func (w *Workspace) findContacts(ctx context.Context, page []conversion.Engagement, asked string) error {
	ids := make([]string, len(page))
	for i, g := range page {
		ids[i] = g.ID
	}
	contacts := make(map[string][]string)
	scan := func(row scanner) (id string, err error) {
		var contact string
		err = row.Scan(&id, &contact)
		if !slices.Contains(contacts[id], contact) {
			contacts[id] = append(contacts[id], contact)
		}
		return id, err
	}
	err := w.store.dialect.inChunks(ids, 2, func(list string, args []any) error {
		_, err := all(ctx, w.store.read, scan, `SELECT p.engagement_id, l.entity_id FROM engagement_people p
			JOIN links l ON l.workspace_id = p.workspace_id AND l.object = p.object AND l.record_id = p.record_id AND `+belongs+`
			JOIN entities c ON c.workspace_id = l.workspace_id AND c.id = l.entity_id AND c.deleted + 0 = 0
			WHERE p.workspace_id = $1 AND p.engagement_id IN (`+list+`) ORDER BY p.place`, append([]any{w.id}, args...)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("find the contacts of engagements: %w", err)
	}
	for i := range page {
		g := &page[i]
		if g.Contacts = contacts[g.ID]; g.EntityID != "" && !slices.Contains(g.Contacts, g.EntityID) {
			g.Contacts = append(g.Contacts, g.EntityID)
		}
		switch {
		case slices.Contains(g.Contacts, asked):
			g.EntityID = asked
		case len(g.Contacts) > 0:
			g.EntityID = g.Contacts[0]
		}
	}
	return nil
}
