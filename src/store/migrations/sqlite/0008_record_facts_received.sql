-- Facts by when their record was received: what is older than the window is forgotten, and those of a record whose text is erased.
CREATE INDEX IF NOT EXISTS record_facts_received ON record_facts (received_at, reference);
