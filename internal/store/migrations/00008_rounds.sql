-- +goose Up

-- How far passes over all records of an object have come.
CREATE TABLE rounds (
    workspace_id CTEXT  NOT NULL,
    work         CTEXT  NOT NULL,
    object       CTEXT  NOT NULL,
    why          TEXT   NOT NULL,
    scope        TEXT   NOT NULL,
    after_id     TEXT   NOT NULL,
    began        BIGINT NOT NULL,
    ended        BIGINT NOT NULL,
    compared     BIGINT NOT NULL,
    unknown      BIGINT NOT NULL,
    gone         BIGINT NOT NULL,
    stale        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, work, object)
);

-- What a run found, in words.
ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';

-- What is wrong with the fields of a variable, as JSON.
ALTER TABLE variables ADD COLUMN problems TEXT NOT NULL DEFAULT '[]';

-- When a Salesforce user's name was last asked for; 0: never, it was only met.
ALTER TABLE sf_users ADD COLUMN asked BIGINT NOT NULL DEFAULT 0;

-- +goose Down

ALTER TABLE sf_users DROP COLUMN asked;
ALTER TABLE variables DROP COLUMN problems;
ALTER TABLE runs DROP COLUMN note;
DROP TABLE rounds;
