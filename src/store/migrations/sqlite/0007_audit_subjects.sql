-- What the audit trail says of one record and its deliveries, found without a walk over all of it. References begin with their time, so that new
-- entries stand together at the end.
CREATE INDEX IF NOT EXISTS audit_entries_subject ON audit_entries (subject);
