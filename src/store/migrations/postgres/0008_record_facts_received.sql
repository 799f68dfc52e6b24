-- Facts by when their record was received: what is older than the window is forgotten, and those of a record whose text is erased.
-- While it is made, nothing is written to the table: on a large one, make it before the upgrade, with CREATE INDEX CONCURRENTLY.
CREATE INDEX IF NOT EXISTS record_facts_received ON record_facts (received_at, reference);
