-- +goose Up

-- Creates whose outcome is not known are few, and are asked for while records come in. What
-- is to be deleted in Salesforce waits for everything else.
CREATE INDEX entities_creating ON entities (workspace_id, kind) WHERE creating IS NOT NULL;
CREATE INDEX entities_to_delete ON entities (workspace_id, kind, retry, dirty, id) WHERE dirty > 0 AND deleted <> 0;

-- +goose Down

DROP INDEX entities_to_delete;
DROP INDEX entities_creating;
