-- +goose Up

-- In which lane a dirty entity waits for its share of the API budget.
ALTER TABLE entities ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;
CREATE INDEX entities_dirty_by_lane ON entities (workspace_id, kind, lane, retry, dirty, id) WHERE dirty > 0;

-- Our API requests, by slots of ten minutes.
CREATE TABLE api_usage (
    workspace_id CTEXT  NOT NULL,
    slot         BIGINT NOT NULL, -- when it begins
    lane         BIGINT NOT NULL,
    requests     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, slot, lane)
);

-- Lanes that rest, and until when.
CREATE TABLE waits (
    workspace_id CTEXT  NOT NULL,
    lane         BIGINT NOT NULL,
    reason       TEXT   NOT NULL,
    since        BIGINT NOT NULL,
    until        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, lane)
);

-- When Salesforce told how much of the org's requests is used.
ALTER TABLE connections ADD COLUMN measured BIGINT NOT NULL DEFAULT 0;

-- +goose Down

ALTER TABLE connections DROP COLUMN measured;
DROP TABLE waits;
DROP TABLE api_usage;
DROP INDEX entities_dirty_by_lane;
ALTER TABLE entities DROP COLUMN lane;
