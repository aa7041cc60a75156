-- +goose Up

-- What a change of rules or modes would do, as the planner says it (spec 5.5).
CREATE TABLE previews (
    workspace_id CTEXT  NOT NULL,
    id           CTEXT  NOT NULL,
    scope        TEXT   NOT NULL,
    rules        TEXT   NOT NULL, -- JSON
    modes        TEXT   NOT NULL, -- JSON
    basis        TEXT   NOT NULL, -- hash of what it was made under
    creates      BIGINT NOT NULL,
    updates      BIGINT NOT NULL,
    deletes      BIGINT NOT NULL,
    holds        BIGINT NOT NULL,
    entities     BIGINT NOT NULL,
    listed       BIGINT NOT NULL, -- items there are rows of
    created      BIGINT NOT NULL, -- 0: it is being made
    expires      BIGINT NOT NULL,
    begun        BIGINT NOT NULL, -- since when it is being applied
    applied      BIGINT NOT NULL,
    done         BIGINT NOT NULL, -- entities that applying dealt with
    skipped      BIGINT NOT NULL, -- those of them that had changed
    actor_kind   TEXT   NOT NULL,
    actor_id     TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX previews_by_end ON previews (workspace_id, expires);

-- Whom a preview is about: hash is what would be written.
CREATE TABLE preview_entities (
    workspace_id CTEXT   NOT NULL,
    preview_id   CTEXT   NOT NULL,
    number       BIGINT  NOT NULL,
    entity_id    CTEXT   NOT NULL,
    kind         TEXT    NOT NULL,
    hash         TEXT    NOT NULL,
    skipped      BOOLEAN NOT NULL,
    PRIMARY KEY (workspace_id, preview_id, number)
);

-- The records a preview shows: the first of them, each with before and after.
CREATE TABLE preview_items (
    workspace_id CTEXT  NOT NULL,
    preview_id   CTEXT  NOT NULL,
    number       BIGINT NOT NULL,
    entity       BIGINT NOT NULL, -- number of the preview_entities row
    entity_id    CTEXT  NOT NULL,
    kind         TEXT   NOT NULL,
    action       TEXT   NOT NULL,
    object       TEXT   NOT NULL,
    record_id    TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    fields       BYTEA,
    reason       TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, preview_id, number)
);

-- Dirty entities in the order of their ids, for walks over all of them.
CREATE INDEX entities_dirty_by_id ON entities (workspace_id, kind, id) WHERE dirty > 0;

-- Since when a workspace's connection carries nothing; 0: what piled up meanwhile was
-- dealt with. piled is how much of it waits for a preview.
ALTER TABLE connections ADD COLUMN offline BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN piled BIGINT NOT NULL DEFAULT 0;

-- +goose Down

ALTER TABLE connections DROP COLUMN piled;
ALTER TABLE connections DROP COLUMN offline;
DROP INDEX entities_dirty_by_id;
DROP TABLE preview_items;
DROP TABLE preview_entities;
DROP TABLE previews;
