-- +goose Up

-- First readings of objects by jobs of Salesforce's Bulk API.
CREATE TABLE loads (
    workspace_id CTEXT   NOT NULL,
    object       CTEXT   NOT NULL,
    job_id       CTEXT   NOT NULL, -- Salesforce's; '': read without one
    run_id       CTEXT   NOT NULL,
    asked        BIGINT  NOT NULL, -- by our clock
    began        BIGINT  NOT NULL, -- by Salesforce's
    ready        BOOLEAN NOT NULL,
    total        BIGINT  NOT NULL,
    polls        BIGINT  NOT NULL,
    failures     BIGINT  NOT NULL,
    PRIMARY KEY (workspace_id, object)
);

-- Their pages, each under a lease of its own while somebody applies it.
CREATE TABLE load_pages (
    workspace_id CTEXT   NOT NULL,
    job_id       CTEXT   NOT NULL,
    number       BIGINT  NOT NULL,
    object       CTEXT   NOT NULL,
    locator      TEXT    NOT NULL,
    applied      BIGINT  NOT NULL,
    done         BOOLEAN NOT NULL,
    PRIMARY KEY (workspace_id, job_id, number)
);
CREATE INDEX load_pages_open ON load_pages (workspace_id, object, number) WHERE NOT done;

-- +goose Down

DROP TABLE load_pages;
DROP TABLE loads;
