-- +goose Up

-- What Salesforce refused, field by field: of a record, and of one still to be created.
ALTER TABLE links ADD COLUMN holds BYTEA;
ALTER TABLE entities ADD COLUMN holds BYTEA;

-- What held rows are about, and who can end it. Rows of one cause end together.
ALTER TABLE held ADD COLUMN field TEXT NOT NULL DEFAULT '';
ALTER TABLE held ADD COLUMN cause CTEXT NOT NULL DEFAULT '';
ALTER TABLE held ADD COLUMN fix TEXT NOT NULL DEFAULT '';
ALTER TABLE held ADD COLUMN user_id CTEXT NOT NULL DEFAULT '';
UPDATE held SET cause = code || ':' || object;
CREATE INDEX held_by_cause ON held (workspace_id, cause, since, id);

-- +goose Down

DROP INDEX held_by_cause;
ALTER TABLE held DROP COLUMN user_id;
ALTER TABLE held DROP COLUMN fix;
ALTER TABLE held DROP COLUMN cause;
ALTER TABLE held DROP COLUMN field;
ALTER TABLE entities DROP COLUMN holds;
ALTER TABLE links DROP COLUMN holds;
