-- +goose Up

-- Whom a Task or Event is about, by record: it belongs to the contacts that the records are
-- linked to at the time of reading, whatever moved meanwhile.
CREATE TABLE engagement_people (
    workspace_id  CTEXT  NOT NULL,
    engagement_id CTEXT  NOT NULL,
    place         BIGINT NOT NULL, -- 0: the primary one
    object        CTEXT  NOT NULL,
    record_id     CTEXT  NOT NULL,
    PRIMARY KEY (workspace_id, engagement_id, place)
);
CREATE INDEX engagements_of_record ON engagement_people (workspace_id, object, record_id);

-- People whose activities were passed over and are to be read.
CREATE TABLE catch_ups (
    workspace_id CTEXT  NOT NULL,
    activity     CTEXT  NOT NULL,
    object       CTEXT  NOT NULL,
    record_id    CTEXT  NOT NULL,
    asked        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, activity, object, record_id)
);

-- Whom the activities are about that are there already is not known: they are read again.
UPDATE engagements SET modstamp = 1 WHERE record_id <> '';
DELETE FROM cursors WHERE object IN ('Task', 'Event');

-- An entity whose records are to be deleted in Salesforce before it is erased.
ALTER TABLE entities ADD COLUMN erasing BOOLEAN NOT NULL DEFAULT FALSE;

-- What a run says of an entity goes with it.
CREATE INDEX run_lines_told ON run_lines (workspace_id, entity_id) WHERE message <> '' AND entity_id <> '';

-- What is ignored, for its list.
CREATE INDEX links_ignored ON links (workspace_id, linked, record_id) WHERE state = 'ignored';

-- +goose Down

DROP INDEX links_ignored;
DROP INDEX run_lines_told;
ALTER TABLE entities DROP COLUMN erasing;
DROP TABLE catch_ups;
DROP TABLE engagement_people;
