package store

import (
	"context"
	"fmt"
	"strings"
)

// erase removes what is known of the batch's erased entities beside their own rows, which
// come with its plans: links, timeline, what is held, engagements that are nobody else's
// too, and what runs say of them (spec 3.11).
func (c committing) erase(ctx context.Context) error {
	if len(c.batch.Erased) == 0 {
		return nil
	}
	if err := c.eraseEngagements(ctx); err != nil {
		return fmt.Errorf("erase engagements: %w", err)
	}
	for _, table := range []string{"links", "changes", "held", "withheld"} {
		if err := c.remove(ctx, table, "entity_id", c.batch.Erased); err != nil {
			return fmt.Errorf("erase %s: %w", table, err)
		}
	}
	return c.each(ctx, `UPDATE run_lines SET message = '' WHERE workspace_id = $1 AND entity_id IN (LIST) AND entity_id <> '' AND message <> ''`)
}

// eraseEngagements deletes the entities' engagements. Of one that is others' too only the
// erased person goes.
func (c committing) eraseEngagements(ctx context.Context) error {
	const theirs = `SELECT p.engagement_id FROM engagement_people p
		JOIN links l ON l.workspace_id = p.workspace_id AND l.object = p.object AND l.record_id = p.record_id AND ` + belongs + `
		WHERE p.workspace_id = $1 AND l.entity_id IN (LIST)`
	const others = `EXISTS (SELECT 1 FROM engagement_people p
		JOIN links l ON l.workspace_id = p.workspace_id AND l.object = p.object AND l.record_id = p.record_id AND ` + belongs + `
		JOIN entities c ON c.workspace_id = l.workspace_id AND c.id = l.entity_id AND c.deleted = 0
		WHERE p.workspace_id = engagements.workspace_id AND p.engagement_id = engagements.id)` // an erased one is deleted
	for _, statement := range []string{
		`DELETE FROM engagements WHERE workspace_id = $1 AND id IN (` + theirs + `) AND NOT ` + others,
		`DELETE FROM engagements WHERE workspace_id = $1 AND entity_id IN (LIST)`,
		`DELETE FROM engagement_people WHERE workspace_id = $1 AND engagement_id IN (` + theirs + `)
			AND NOT EXISTS (SELECT 1 FROM engagements e WHERE e.workspace_id = engagement_people.workspace_id AND e.id = engagement_people.engagement_id)`,
		`DELETE FROM engagement_people WHERE workspace_id = $1 AND EXISTS (SELECT 1 FROM links l
			WHERE l.workspace_id = engagement_people.workspace_id AND l.object = engagement_people.object
			AND l.record_id = engagement_people.record_id AND l.entity_id IN (LIST) AND ` + belongs + `)`,
		`DELETE FROM catch_ups WHERE workspace_id = $1 AND EXISTS (SELECT 1 FROM links l
			WHERE l.workspace_id = catch_ups.workspace_id AND l.object = catch_ups.object AND l.record_id = catch_ups.record_id AND l.entity_id IN (LIST))`,
	} {
		if err := c.each(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// each runs the statement for the erased entities, whose ids take the place of LIST.
func (c committing) each(ctx context.Context, statement string) error {
	return c.store.dialect.inChunks(c.batch.Erased, 2, func(list string, args []any) error {
		_, err := exec(ctx, c.tx, strings.ReplaceAll(statement, "LIST", list), append([]any{c.id}, args...)...)
		return err
	})
}
