-- What operators list: records by status, breached and reviewed ones, deliveries that are not done. Found without a walk over all that ever was.
CREATE INDEX IF NOT EXISTS records_status ON records (status, id);
CREATE INDEX IF NOT EXISTS records_breached ON records (id) WHERE breached_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS records_reviewed ON records (id) WHERE review IS NOT NULL;
CREATE INDEX IF NOT EXISTS outbox_not_done ON outbox (state, id) WHERE state <> 'done';
