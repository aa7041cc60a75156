-- +goose Up

-- Counts what makes stored values be recomputed: changes of the modes of variables, of what is
-- left out and what is an opt-out, and that Salesforce's clock became known.
CREATE TABLE revisions (
    workspace_id CTEXT  NOT NULL,
    kind         CTEXT  NOT NULL,
    revision     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, kind)
);

-- Nobody knows under which modes values were stored so far: all are recomputed once.
INSERT INTO revisions (workspace_id, kind, revision) SELECT DISTINCT workspace_id, kind, 1 FROM variables;

-- The revision that an entity's values were recomputed under.
ALTER TABLE entities ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
CREATE INDEX entities_by_revision ON entities (workspace_id, kind, revision, id) WHERE deleted = 0;

-- Whether Salesforce's clock was ever heard of. Whoever was connected has heard of it.
ALTER TABLE connections ADD COLUMN clock_known BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE connections SET clock_known = TRUE WHERE org_id <> '';

-- What a line of a timeline says was sent, field by field.
ALTER TABLE changes ADD COLUMN sent BYTEA;

-- +goose Down

ALTER TABLE changes DROP COLUMN sent;
ALTER TABLE connections DROP COLUMN clock_known;
DROP INDEX entities_by_revision;
ALTER TABLE entities DROP COLUMN revision;
DROP TABLE revisions;
