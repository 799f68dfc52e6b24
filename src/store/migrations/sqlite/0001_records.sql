-- Records, outbox, audit chains and idempotency keys. Times are microseconds since 1970, UTC.

CREATE TABLE records (
    id            INTEGER PRIMARY KEY,
    reference     TEXT    NOT NULL UNIQUE,
    kind          TEXT    NOT NULL,
    queue         TEXT    NOT NULL,
    status        TEXT    NOT NULL DEFAULT 'open',
    version       INTEGER NOT NULL DEFAULT 1,
    received_at   INTEGER NOT NULL,
    due_at        INTEGER,
    -- When the SLA clock has something to mark next: due soon, then breached. NULL: nothing any more.
    clock_at      INTEGER,
    due_soon_at   INTEGER,
    breached_at   INTEGER,
    severity      TEXT,
    category      TEXT    NOT NULL,
    intent        TEXT,
    channel       TEXT    NOT NULL,
    request_id    TEXT    NOT NULL,
    client_id     TEXT    NOT NULL,
    summary       TEXT    NOT NULL,
    redacted_text TEXT    NOT NULL,
    details       TEXT    NOT NULL,
    verbatim      BLOB,
    verbatim_key  BLOB,
    data_key_id   TEXT,
    erased_at     INTEGER,
    review        TEXT
);
CREATE INDEX records_clock ON records (clock_at) WHERE clock_at IS NOT NULL;

CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY,
    job_key     TEXT    NOT NULL UNIQUE,
    reference   TEXT    NOT NULL,
    target      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    payload     TEXT    NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'pending',
    tries       INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL,
    -- When it may run; while it is leased, when the lease ends.
    run_at      INTEGER NOT NULL,
    lease       TEXT,
    finished_at INTEGER,
    outcome     TEXT
);
CREATE INDEX outbox_due ON outbox (target, run_at) WHERE state = 'pending';
CREATE INDEX outbox_order ON outbox (reference, target, id) WHERE state = 'pending';

CREATE TABLE audit_chains (
    chain      TEXT    NOT NULL PRIMARY KEY,
    seq        INTEGER NOT NULL,
    hash       BLOB    NOT NULL,
    -- The last entry that a later chain's first entry vouches for.
    joined_seq INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE audit_entries (
    chain   TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    hash    BLOB    NOT NULL,
    PRIMARY KEY (chain, seq)
) WITHOUT ROWID;

CREATE TABLE idempotency (
    client_id   TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    -- Who holds it while the request runs; NULL once the answer is stored.
    holder      TEXT,
    -- While it is held, when the hold lapses; then, when the answer is forgotten.
    expires_at  INTEGER NOT NULL,
    status      INTEGER,
    answer      BLOB,
    PRIMARY KEY (client_id, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE heartbeat (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
);
INSERT INTO heartbeat (id, at) VALUES (1, 0);
