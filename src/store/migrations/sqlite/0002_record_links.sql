-- Records that may tell of the same event. Times are microseconds since 1970, UTC.

-- By what they are found: keyed hashes (HMAC-SHA-256, 16 bytes) of facts that reports of one event share.
CREATE TABLE record_facts (
    fact        BLOB    NOT NULL,
    received_at INTEGER NOT NULL,
    reference   TEXT    NOT NULL,
    PRIMARY KEY (fact, received_at, reference)
) WITHOUT ROWID;

-- Each link twice, once from either side.
CREATE TABLE record_links (
    reference TEXT    NOT NULL,
    other     TEXT    NOT NULL,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (reference, other)
) WITHOUT ROWID;
