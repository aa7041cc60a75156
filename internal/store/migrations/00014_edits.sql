-- +goose Up

-- Of how many contacts a program or an import changed a variable, for the breaker to count.
CREATE TABLE edits (
    workspace_id CTEXT  NOT NULL,
    slot         BIGINT NOT NULL,
    var          BIGINT NOT NULL,
    actor_kind   CTEXT  NOT NULL,
    actor_id     CTEXT  NOT NULL,
    contacts     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, slot, var, actor_kind, actor_id)
);

-- The breaker weighs deletions against what was linked when the day began.
CREATE INDEX entities_deleted ON entities (workspace_id, kind, deleted) WHERE deleted <> 0;

-- +goose Down

DROP INDEX entities_deleted;
DROP TABLE edits;
