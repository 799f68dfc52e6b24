-- What is looked at with every scrape: open safety reports and dead deliveries. Few rows, however many there were.
CREATE INDEX records_open_safety ON records (severity, due_at) WHERE kind = 'compliance' AND status = 'open';
CREATE INDEX outbox_dead ON outbox (target, created_at) WHERE state = 'dead';
