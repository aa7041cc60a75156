-- +goose Up

-- The cycle whose pages linked a record: where it belongs may still change until that is
-- decided once the people of the cycle are in.
ALTER TABLE links ADD COLUMN met BIGINT NOT NULL DEFAULT 0;

-- +goose Down

ALTER TABLE links DROP COLUMN met;
