-- +goose Up

-- A contact's last name as it is written, for the search: its words cannot be told from
-- those of the first name.
ALTER TABLE entities ADD COLUMN family_name TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE entities DROP COLUMN family_name;
