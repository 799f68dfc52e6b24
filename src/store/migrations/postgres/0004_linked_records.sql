-- Records that may tell of the same event, each pair twice, once from either side. By number, so that the links of new records, which are
-- mostly linked to recent ones, stand side by side instead of all over the table. record_links has those made before; it is read beside.
-- Times are microseconds since 1970, UTC.
CREATE TABLE linked_records (
    record    BIGINT NOT NULL,
    other     BIGINT NOT NULL,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (record, other)
);
