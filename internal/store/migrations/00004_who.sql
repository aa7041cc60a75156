-- +goose Up

-- What became of an entity besides being deleted: it was combined into another, or is gone
-- with its last record.
ALTER TABLE entities ADD COLUMN into_id CTEXT NOT NULL DEFAULT '';
ALTER TABLE entities ADD COLUMN gone BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX entities_combined ON entities (workspace_id, into_id) WHERE into_id <> '';

-- A record that moves leaves something on the entity it was on, so that it may have several
-- links; one of them is its own. SQLite cannot change a primary key: the table is made anew.
CREATE TABLE links_of_records (
    workspace_id CTEXT   NOT NULL,
    object       CTEXT   NOT NULL,
    record_id    CTEXT   NOT NULL,
    entity_id    CTEXT   NOT NULL,
    kind         CTEXT   NOT NULL,
    state        TEXT    NOT NULL,
    live         BOOLEAN NOT NULL,
    key          CTEXT   NOT NULL,
    placed       TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    modstamp     BIGINT  NOT NULL,
    asked        BIGINT  NOT NULL,
    modified     BIGINT  NOT NULL,
    linked       BIGINT  NOT NULL,
    hold         TEXT    NOT NULL,
    fields       BYTEA,
    into_object  CTEXT   NOT NULL DEFAULT '',
    into_id      CTEXT   NOT NULL DEFAULT '',
    pending      BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (workspace_id, object, record_id, entity_id)
);
INSERT INTO links_of_records (workspace_id, object, record_id, entity_id, kind, state, live, key, placed, name,
    modstamp, asked, modified, linked, hold, fields)
SELECT workspace_id, object, record_id, entity_id, kind, state, live, key, placed, name,
    modstamp, asked, modified, linked, hold, fields FROM links;
DROP TABLE links;
ALTER TABLE links_of_records RENAME TO links;
CREATE UNIQUE INDEX links_by_record ON links (workspace_id, object, record_id) WHERE state <> 'moved';
CREATE INDEX links_of ON links (workspace_id, entity_id);
CREATE INDEX live_links_by_key ON links (workspace_id, kind, key) WHERE live;
CREATE INDEX links_into ON links (workspace_id, into_object, into_id) WHERE into_id <> '';
CREATE INDEX links_pending ON links (workspace_id, object, record_id) WHERE pending;

-- What was held under the rules before this is decided anew.
UPDATE links SET pending = TRUE WHERE state = 'held';

-- +goose Down

CREATE TABLE links_of_records (
    workspace_id CTEXT   NOT NULL,
    object       CTEXT   NOT NULL,
    record_id    CTEXT   NOT NULL,
    entity_id    CTEXT   NOT NULL,
    kind         CTEXT   NOT NULL,
    state        TEXT    NOT NULL,
    live         BOOLEAN NOT NULL,
    key          CTEXT   NOT NULL,
    placed       TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    modstamp     BIGINT  NOT NULL,
    asked        BIGINT  NOT NULL,
    modified     BIGINT  NOT NULL,
    linked       BIGINT  NOT NULL,
    hold         TEXT    NOT NULL,
    fields       BYTEA,
    PRIMARY KEY (workspace_id, object, record_id)
);
INSERT INTO links_of_records (workspace_id, object, record_id, entity_id, kind, state, live, key, placed, name,
    modstamp, asked, modified, linked, hold, fields)
SELECT workspace_id, object, record_id, entity_id, kind, state, live, key, placed, name,
    modstamp, asked, modified, linked, hold, fields FROM links WHERE state <> 'moved';
DROP TABLE links;
ALTER TABLE links_of_records RENAME TO links;
CREATE INDEX links_of ON links (workspace_id, entity_id);
CREATE INDEX live_links_by_key ON links (workspace_id, kind, key) WHERE live;
DROP INDEX entities_combined;
ALTER TABLE entities DROP COLUMN gone;
ALTER TABLE entities DROP COLUMN into_id;
