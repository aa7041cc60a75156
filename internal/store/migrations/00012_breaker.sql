-- +goose Up

-- What an approval is about: in which direction, and of which variable; 0: deletions.
ALTER TABLE approvals ADD COLUMN direction TEXT NOT NULL DEFAULT 'outbound';
ALTER TABLE approvals ADD COLUMN var BIGINT NOT NULL DEFAULT 0;
ALTER TABLE approvals ADD COLUMN used BIGINT NOT NULL DEFAULT 0;

CREATE TABLE withheld (
    workspace_id CTEXT  NOT NULL,
    approval_id  CTEXT  NOT NULL,
    entity_id    CTEXT  NOT NULL,
    object       CTEXT  NOT NULL,
    record_id    CTEXT  NOT NULL,
    var          BIGINT NOT NULL,
    mark         TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, approval_id, entity_id, object, record_id, var)
);
CREATE INDEX withheld_of ON withheld (workspace_id, entity_id);
CREATE INDEX withheld_by_record ON withheld (workspace_id, object, record_id) WHERE record_id <> '';

-- Deletions with what they took along, for the breaker to count.
CREATE TABLE deletions (
    workspace_id CTEXT  NOT NULL,
    direction    CTEXT  NOT NULL,
    kind         CTEXT  NOT NULL,
    at           BIGINT NOT NULL,
    records      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, direction, kind, at)
);

-- What waits by number is asked about anew, record by record.
DELETE FROM approvals WHERE decided = 0;
UPDATE entities SET retry = 0 WHERE retry > 0 AND dirty > 0 AND deleted > 0;

-- Retention looks for what is old.
CREATE INDEX changes_by_time ON changes (workspace_id, at);

-- +goose Down

DROP INDEX changes_by_time;
DROP TABLE deletions;
DROP TABLE withheld;
ALTER TABLE approvals DROP COLUMN used;
ALTER TABLE approvals DROP COLUMN var;
ALTER TABLE approvals DROP COLUMN direction;
