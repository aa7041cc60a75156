package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"conversion"
)

var linkColumnsWritten = columns(`kind, state, live, key, placed, name, modstamp, asked, modified, linked, hold, met,
	into_object, into_id, pending, fields, holds`)

// linkRows writes the one link that is a record's own: from wherever it was, the row moves
// to its entity.
var linkRows = bulk{
	into:    "links",
	columns: append(columns("workspace_id, object, record_id, entity_id"), linkColumnsWritten...),
	then: strings.Replace(overwrite("workspace_id, object, record_id", append(columns("entity_id"), linkColumnsWritten...)),
		"DO UPDATE", "WHERE state <> 'moved' DO UPDATE", 1),
}

// ghostRows writes what records left where they were.
var ghostRows = bulk{
	into:    "links",
	columns: linkRows.columns,
	then:    overwrite("workspace_id, object, record_id, entity_id", linkColumnsWritten),
}

// links stores the links of the plans' groups; one that another entity had moves.
func (c committing) links(ctx context.Context) error {
	fresh, own, ghosts, err := c.plannedLinks()
	if err != nil {
		return err
	}
	if err := c.clearGhosts(ctx); err != nil {
		return fmt.Errorf("clear what moved records left: %w", err)
	}
	if _, err := c.insert(ctx, c.tx, linkRows, own); err != nil {
		return err
	}
	if _, err = c.insert(ctx, c.tx, ghostRows, ghosts); err != nil {
		return err
	}
	return c.taken(c.add(ctx, linkRows, fresh))
}

// plannedLinks returns the rows of the plans' links: those of records that nobody had met
// when a page of a load was read, the others that are records' own, and what records left
// where they were; each in the order of the records, so that no two transactions wait for
// each other's.
func (c committing) plannedLinks() (fresh, own, ghosts [][]any, err error) {
	var links []*conversion.Link
	loading := c.batch.Load != nil && len(c.batch.Moves) == 0
	unmet := make(map[string]bool)
	for _, p := range c.batch.Plans {
		unmet[p.Group.Entity.ID] = loading && p.Expect == 0
		for _, l := range p.Group.Links {
			if l.EntityID != p.Group.Entity.ID {
				return nil, nil, nil, fmt.Errorf("the link to %s names entity %s, its group is that of %s", l.Ref, l.EntityID, p.Group.Entity.ID)
			}
			links = append(links, l)
		}
	}
	slices.SortFunc(links, func(a, b *conversion.Link) int {
		return cmp.Or(a.Ref.Compare(b.Ref), cmp.Compare(a.EntityID, b.EntityID))
	})
	var last conversion.Ref
	for _, l := range links {
		if l.State == conversion.LinkMoved {
			ghosts = append(ghosts, linkRow(l))
			continue
		}
		if l.Ref == last {
			return nil, nil, nil, fmt.Errorf("the link to %s is in two groups", l.Ref)
		}
		last = l.Ref
		if unmet[l.EntityID] {
			fresh = append(fresh, linkRow(l))
		} else {
			own = append(own, linkRow(l))
		}
	}
	return fresh, own, ghosts, nil
}

// clearGhosts removes what records left on the entities that get links from others: one that
// comes back is itself again. What is still left there is in the plans' groups.
func (c committing) clearGhosts(ctx context.Context) error {
	var ids []string
	for _, m := range c.batch.Moves {
		ids = append(ids, m.To)
	}
	for _, p := range c.batch.Plans {
		if e := p.Group.Entity; e.Into != "" {
			ids = append(ids, e.ID, e.Into)
		}
	}
	slices.Sort(ids)
	return c.store.dialect.inChunks(slices.Compact(ids), 2, func(list string, args []any) error {
		_, err := exec(ctx, c.tx, `DELETE FROM links WHERE workspace_id = $1 AND entity_id IN (`+list+`) AND state = 'moved'`,
			append([]any{c.id}, args...)...)
		return err
	})
}

// letGo removes what is held of records that went to other entities: there it is found out
// anew, if it is still so.
func (c committing) letGo(ctx context.Context) error {
	var left []string
	for _, m := range c.batch.Moves {
		if m.From != "" {
			left = append(left, m.From)
		}
	}
	slices.Sort(left)
	err := c.store.dialect.inChunks(slices.Compact(left), 2, func(list string, args []any) error {
		_, err := exec(ctx, c.tx, `DELETE FROM held WHERE workspace_id = $1 AND entity_id IN (`+list+`) AND EXISTS
			(SELECT 1 FROM links l WHERE l.workspace_id = held.workspace_id AND l.entity_id = held.entity_id
				AND l.object = held.object AND l.record_id = held.record_id AND l.state = 'moved')`, append([]any{c.id}, args...)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("let go what is held of moved records: %w", err)
	}
	return nil
}

// follow lets what belongs to an entity that was combined go to the one it was combined
// into: its history, its engagements, what is held, the contacts of a company, and the ids
// that led to it.
func (c committing) follow(ctx context.Context) error {
	for _, p := range c.batch.Plans {
		e := p.Group.Entity
		if e.Into == "" {
			continue
		}
		for _, statement := range []string{
			`UPDATE changes SET entity_id = $3 WHERE workspace_id = $1 AND entity_id = $2`,
			`UPDATE engagements SET entity_id = $3 WHERE workspace_id = $1 AND entity_id = $2`,
			`UPDATE held SET entity_id = $3 WHERE workspace_id = $1 AND entity_id = $2`,
			`UPDATE entities SET into_id = $3 WHERE workspace_id = $1 AND into_id = $2 AND into_id <> ''`,
			`UPDATE entities SET company_id = $3, version = version + 1
				WHERE workspace_id = $1 AND company_id = $2 AND company_id <> '' AND deleted = 0`,
		} {
			if _, err := exec(ctx, c.tx, statement, c.id, e.ID, e.Into); err != nil {
				return fmt.Errorf("let what is entity %s's follow: %w", e.ID, err)
			}
		}
	}
	return nil
}

func linkRow(l *conversion.Link) []any {
	return []any{
		l.Ref.Object, l.Ref.ID, l.EntityID, l.Ref.Object.Kind(), l.State, l.Live(), text(l.Key), text(l.Placed), text(l.Name),
		l.Reading.Modstamp, l.Reading.Asked, l.Reading.Modified, l.Linked, text(l.Hold), l.Met,
		l.Into.Object, l.Into.ID, l.Pending, encodeFields(l.Fields, l.Reading),
		encodeHolds(l.Holds, l.Rewrites),
	}
}
