-- Records that may tell of the same event, each pair twice, once from either side. By number, so that the links of new records, which are
-- mostly linked to recent ones, stand side by side instead of all over the table. record_links has those made before; it is read beside.
-- Times are microseconds since 1970, UTC.
CREATE TABLE linked_records (
    record    INTEGER NOT NULL,
    other     INTEGER NOT NULL,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (record, other)
) WITHOUT ROWID;
