-- +goose Up

-- Types, read alike by both databases: TEXT, BIGINT, BOOLEAN, BYTEA and CTEXT, which is
-- text that compares by its bytes (see dialect.go). Times are UTC microseconds, 0 for
-- never. Tables of a workspace lead with workspace_id.

-- The installation's.

CREATE TABLE workspaces (
    id      CTEXT  NOT NULL PRIMARY KEY,
    name    TEXT   NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE members (
    id            CTEXT  NOT NULL PRIMARY KEY,
    workspace_id  CTEXT  NOT NULL,
    email         CTEXT  NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    role          TEXT   NOT NULL,
    created       BIGINT NOT NULL
);
CREATE INDEX members_of ON members (workspace_id, email);

CREATE TABLE sessions (
    token   CTEXT  NOT NULL PRIMARY KEY,
    data    BYTEA  NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_by_end ON sessions (expires);

CREATE TABLE api_keys (
    id           CTEXT  NOT NULL PRIMARY KEY,
    workspace_id CTEXT  NOT NULL,
    name         TEXT   NOT NULL,
    prefix       TEXT   NOT NULL,
    hash         BYTEA  NOT NULL UNIQUE,
    created      BIGINT NOT NULL,
    last_used    BIGINT NOT NULL,
    revoked      BIGINT NOT NULL
);
CREATE INDEX api_keys_of ON api_keys (workspace_id, created, id);

CREATE TABLE setup_links (
    hash    BYTEA  NOT NULL PRIMARY KEY,
    expires BIGINT NOT NULL,
    used    BIGINT NOT NULL
);

CREATE TABLE audit (
    workspace_id CTEXT  NOT NULL,
    at           BIGINT NOT NULL,
    id           BYTEA  NOT NULL,
    actor_kind   TEXT   NOT NULL,
    actor_id     TEXT   NOT NULL,
    action       TEXT   NOT NULL,
    detail       TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, at, id)
);

CREATE TABLE auth_states (
    hash          BYTEA   NOT NULL PRIMARY KEY,
    workspace_id  CTEXT   NOT NULL,
    session_hash  BYTEA   NOT NULL,
    login_url     TEXT    NOT NULL,
    client_id     TEXT    NOT NULL,
    client_secret BYTEA   NOT NULL,
    verifier      BYTEA   NOT NULL,
    confirm_org   BOOLEAN NOT NULL,
    expires       BIGINT  NOT NULL
);

-- A workspace's people and organisations.

CREATE TABLE entities (
    workspace_id CTEXT  NOT NULL,
    id           CTEXT  NOT NULL,
    kind         CTEXT  NOT NULL,
    key          CTEXT  NOT NULL,
    name         TEXT   NOT NULL,
    origin       TEXT   NOT NULL,
    company_id   CTEXT  NOT NULL,
    version      BIGINT NOT NULL,
    numbers      BIGINT NOT NULL,
    birth        BIGINT NOT NULL,
    death        BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    deleted      BIGINT NOT NULL,
    dirty        BIGINT NOT NULL, -- since when there may be something to send; 0: nothing
    retry        BIGINT NOT NULL, -- not before
    tries        BIGINT NOT NULL,
    whole_name   CTEXT  NOT NULL, -- for prefix search, in lower case
    later_names  CTEXT  NOT NULL, -- the last name, or the name from its second word on
    last_name    CTEXT  NOT NULL, -- a word of it, when it is neither of the two
    key_domain   CTEXT  NOT NULL, -- of a contact's e-mail
    creating     BYTEA,
    own          BYTEA,
    resolved     BYTEA,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX entities_by_key ON entities (workspace_id, kind, key) WHERE deleted = 0 AND key <> '';
CREATE INDEX tombstones_by_key ON entities (workspace_id, kind, key) WHERE deleted <> 0 AND key <> '';
CREATE INDEX entities_by_created ON entities (workspace_id, kind, created, id) WHERE deleted = 0;
CREATE INDEX entities_by_updated ON entities (workspace_id, kind, updated, id) WHERE deleted = 0;
CREATE INDEX entities_by_whole_name ON entities (workspace_id, kind, whole_name, id) WHERE deleted = 0 AND whole_name <> '';
CREATE INDEX entities_by_later_names ON entities (workspace_id, kind, later_names, id) WHERE deleted = 0 AND later_names <> '';
CREATE INDEX entities_by_last_name ON entities (workspace_id, kind, last_name, id) WHERE deleted = 0 AND last_name <> '';
CREATE INDEX entities_by_company ON entities (workspace_id, company_id, created, id) WHERE deleted = 0 AND company_id <> '';
CREATE INDEX entities_by_domain ON entities (workspace_id, key_domain, created, id) WHERE deleted = 0 AND company_id = '' AND key_domain <> '';
CREATE INDEX entities_dirty ON entities (workspace_id, kind, retry, dirty, id) WHERE dirty > 0;

CREATE TABLE links (
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
CREATE INDEX links_of ON links (workspace_id, entity_id);
CREATE INDEX live_links_by_key ON links (workspace_id, kind, key) WHERE live;

CREATE TABLE engagements (
    workspace_id CTEXT   NOT NULL,
    id           CTEXT   NOT NULL,
    entity_id    CTEXT   NOT NULL,
    type         CTEXT   NOT NULL,
    object       CTEXT   NOT NULL,
    record_id    CTEXT   NOT NULL,
    subject      TEXT    NOT NULL,
    occurred     BIGINT  NOT NULL,
    data         BYTEA,
    modstamp     BIGINT  NOT NULL,
    deleted      BOOLEAN NOT NULL,
    created      BIGINT  NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX engagements_by_record ON engagements (workspace_id, object, record_id) WHERE record_id <> '';
CREATE INDEX engagements_of ON engagements (workspace_id, entity_id, occurred, id);
CREATE INDEX engagements_by_type ON engagements (workspace_id, type, occurred, id);
CREATE INDEX engagements_by_time ON engagements (workspace_id, occurred, id);

CREATE TABLE changes (
    workspace_id CTEXT  NOT NULL,
    entity_id    CTEXT  NOT NULL,
    at           BIGINT NOT NULL,
    id           BYTEA  NOT NULL,
    var          BIGINT NOT NULL,
    before       BYTEA  NOT NULL,
    after        BYTEA  NOT NULL,
    object       TEXT   NOT NULL,
    record_id    TEXT   NOT NULL,
    actor_kind   TEXT   NOT NULL,
    actor_id     TEXT   NOT NULL,
    run_id       TEXT   NOT NULL,
    rule         TEXT   NOT NULL,
    note         TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, entity_id, at, id)
);

CREATE TABLE held (
    workspace_id CTEXT  NOT NULL,
    id           CTEXT  NOT NULL,
    entity_id    CTEXT  NOT NULL,
    object       TEXT   NOT NULL,
    record_id    TEXT   NOT NULL,
    code         TEXT   NOT NULL,
    message      TEXT   NOT NULL,
    hint         TEXT   NOT NULL,
    since        BIGINT NOT NULL,
    retry        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX held_of ON held (workspace_id, entity_id);
CREATE INDEX held_by_time ON held (workspace_id, since, id);

-- A workspace's variables, settings and tie to its org.

CREATE TABLE variables (
    workspace_id CTEXT   NOT NULL,
    kind         CTEXT   NOT NULL,
    id           BIGINT  NOT NULL,
    key          CTEXT   NOT NULL,
    label        TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    mode         TEXT    NOT NULL,
    read_only    BOOLEAN NOT NULL,
    left_out     BOOLEAN NOT NULL,
    opt_out      BOOLEAN NOT NULL,
    fields       TEXT    NOT NULL, -- JSON
    PRIMARY KEY (workspace_id, kind, id),
    UNIQUE (workspace_id, kind, key)
);

CREATE TABLE rules (
    workspace_id CTEXT NOT NULL PRIMARY KEY,
    document     TEXT  NOT NULL -- JSON
);

CREATE TABLE options (
    workspace_id CTEXT NOT NULL PRIMARY KEY,
    document     TEXT  NOT NULL -- JSON
);

CREATE TABLE connections (
    workspace_id  CTEXT   NOT NULL PRIMARY KEY,
    flow          TEXT    NOT NULL,
    login_url     TEXT    NOT NULL,
    client_id     TEXT    NOT NULL,
    client_secret BYTEA,
    access_token  BYTEA,
    refresh_token BYTEA,
    instance_url  TEXT    NOT NULL,
    org_id        TEXT    NOT NULL,
    org_name      TEXT    NOT NULL,
    sandbox       BOOLEAN NOT NULL,
    user_id       TEXT    NOT NULL,
    user_name     TEXT    NOT NULL,
    connected     BIGINT  NOT NULL,
    broken        TEXT    NOT NULL,
    broken_hint   TEXT    NOT NULL,
    paused        BOOLEAN NOT NULL,
    generation    BIGINT  NOT NULL,
    sync_interval BIGINT  NOT NULL, -- microseconds, as clock_offset
    clock_offset  BIGINT  NOT NULL,
    last_synced   BIGINT  NOT NULL,
    next_sync     BIGINT  NOT NULL,
    loaded        BOOLEAN NOT NULL,
    used          BIGINT  NOT NULL,
    max           BIGINT  NOT NULL
);

CREATE TABLE cursors (
    workspace_id CTEXT  NOT NULL,
    object       CTEXT  NOT NULL,
    modstamp     BIGINT NOT NULL,
    record_id    TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, object)
);

CREATE TABLE progress (
    workspace_id CTEXT  NOT NULL,
    object       CTEXT  NOT NULL,
    place        BIGINT NOT NULL, -- in the order of reading
    done         BIGINT NOT NULL,
    total        BIGINT NOT NULL,
    began        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, object)
);

CREATE TABLE sf_users (
    workspace_id CTEXT NOT NULL,
    id           CTEXT NOT NULL,
    name         TEXT  NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- A workspace's work.

CREATE TABLE runs (
    workspace_id    CTEXT  NOT NULL,
    id              CTEXT  NOT NULL,
    direction       CTEXT  NOT NULL,
    object          CTEXT  NOT NULL,
    cause           TEXT   NOT NULL,
    status          TEXT   NOT NULL,
    created         BIGINT NOT NULL,
    started         BIGINT NOT NULL,
    finished        BIGINT NOT NULL,
    records_created BIGINT NOT NULL,
    records_updated BIGINT NOT NULL,
    records_deleted BIGINT NOT NULL,
    records_skipped BIGINT NOT NULL,
    records_held    BIGINT NOT NULL,
    lines           BIGINT NOT NULL, -- how many there are: the number of the last
    error           TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX runs_by_time ON runs (workspace_id, created, id);
CREATE INDEX runs_by_object ON runs (workspace_id, object, created, id);
CREATE INDEX runs_unfinished ON runs (workspace_id, status, created, id) WHERE status IN ('queued', 'running');

CREATE TABLE run_lines (
    workspace_id CTEXT  NOT NULL,
    run_id       CTEXT  NOT NULL,
    number       BIGINT NOT NULL,
    object       TEXT   NOT NULL,
    record_id    TEXT   NOT NULL,
    entity_id    TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    message      TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, run_id, number)
);
CREATE INDEX run_lines_deleted ON run_lines (workspace_id, at, run_id) WHERE outcome = 'deleted';

CREATE TABLE leases (
    workspace_id CTEXT  NOT NULL,
    name         CTEXT  NOT NULL,
    owner        TEXT   NOT NULL,
    ends         BIGINT NOT NULL,
    generation   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, name)
);

CREATE TABLE approvals (
    workspace_id CTEXT   NOT NULL,
    id           CTEXT   NOT NULL,
    kind         TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    count        BIGINT  NOT NULL,
    created      BIGINT  NOT NULL,
    decided      BIGINT  NOT NULL,
    granted      BOOLEAN NOT NULL,
    actor_kind   TEXT    NOT NULL,
    actor_id     TEXT    NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- +goose Down

DROP TABLE approvals;
DROP TABLE leases;
DROP TABLE run_lines;
DROP TABLE runs;
DROP TABLE sf_users;
DROP TABLE progress;
DROP TABLE cursors;
DROP TABLE connections;
DROP TABLE options;
DROP TABLE rules;
DROP TABLE variables;
DROP TABLE held;
DROP TABLE changes;
DROP TABLE engagements;
DROP TABLE links;
DROP TABLE entities;
DROP TABLE auth_states;
DROP TABLE audit;
DROP TABLE setup_links;
DROP TABLE api_keys;
DROP TABLE sessions;
DROP TABLE members;
DROP TABLE workspaces;
