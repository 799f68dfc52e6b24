-- Records that may tell of the same event. Times are microseconds since 1970, UTC.

-- By what they are found: keyed hashes (HMAC-SHA-256, 16 bytes) of facts that reports of one event share.
CREATE TABLE record_facts (
    fact        BYTEA   NOT NULL,
    received_at BIGINT  NOT NULL,
    reference   TEXT    NOT NULL,
    PRIMARY KEY (fact, received_at, reference)
);

-- Each link twice, once from either side.
CREATE TABLE record_links (
    reference TEXT    NOT NULL,
    other     TEXT    NOT NULL,
    linked_at BIGINT  NOT NULL,
    PRIMARY KEY (reference, other)
);
