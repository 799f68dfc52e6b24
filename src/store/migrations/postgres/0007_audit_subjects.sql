-- What the audit trail says of one record and its deliveries, found without a walk over all of it. References begin with their time, so that new
-- entries stand together at the end.
-- While it is made, nothing is written to the table: on a large one, make it before the upgrade, with CREATE INDEX CONCURRENTLY.
CREATE INDEX IF NOT EXISTS audit_entries_subject ON audit_entries (subject COLLATE "C");
