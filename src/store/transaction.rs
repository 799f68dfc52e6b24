//! What changes the database: an operation, inside the writer's transaction.
//!
//! The audit entries of a transaction are appended at its end, to this process's chain: with what they tell of, or not at all.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::audit::Draft;
use super::engine::Connection;
use super::error::StoreError;
use super::record::NewAuditEntry;

/// Something that changes the database inside the writer's transaction.
///
/// `apply` may run several times, each time after a rollback. It answers `Err` only when the transaction must be rolled
/// back; a refusal that changed nothing is part of the reply.
pub(crate) trait Operation: Send + Sync + 'static {
    type Reply: Send + 'static;

    /// Whether it surely took room on the disk, once applied, which a change of what is there need not.
    fn takes_room(&self) -> bool {
        false
    }

    fn apply<'a>(
        &'a self,
        tx: &'a mut Transaction<'_>,
    ) -> impl Future<Output = Result<Self::Reply, StoreError>> + Send + 'a;
}

/// The open transaction, and the audit entries that will be appended at its end.
pub(crate) struct Transaction<'c> {
    pub(crate) connection: &'c mut Connection,
    now: Timestamp,
    shared_us: i64,
    drafts: Vec<Draft>,
}

impl<'c> Transaction<'c> {
    /// A transaction that was begun on `connection`. `theirs` is the database's time, where it has a clock and is to be believed.
    pub(super) fn new(connection: &'c mut Connection, now: Timestamp, theirs: Option<i64>) -> Self {
        Self {
            connection,
            now,
            shared_us: theirs.unwrap_or_else(|| now.as_microsecond()),
            drafts: Vec::new(),
        }
    }

    /// The connection, and the audit entries that are to be appended over it at the transaction's end.
    pub(super) fn into_drafts(self) -> (&'c mut Connection, Vec<Draft>) {
        (self.connection, self.drafts)
    }

    /// Appends an audit entry to this process's chain when the transaction commits.
    pub(crate) fn audit(&mut self, entry: impl Into<Arc<NewAuditEntry>>) {
        self.drafts.push(Draft::new(self.now, entry));
    }

    /// The transaction's time as the schema keeps it: microseconds since 1970, UTC.
    pub(crate) fn now_us(&self) -> i64 {
        self.now.as_microsecond()
    }

    /// The time by which leases and holds end and deliveries are due, whichever replica looks: the database's, where it has a clock and is to be
    /// believed, else ours. Microseconds since 1970, UTC.
    pub(crate) fn shared_us(&self) -> i64 {
        self.shared_us
    }

    /// [`Self::shared_us`] and `duration`.
    pub(crate) fn shared_after_us(&self, duration: Duration) -> i64 {
        let us = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        self.shared_us.saturating_add(us)
    }
}
