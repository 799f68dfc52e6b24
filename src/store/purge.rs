//! What is kept for a time only: idempotency keys, and the hashes by which reports of one event are found.
//!
//! Deleted a few rows at a time, each time in a write of its own, because a commit may have to wait for it. Replicas that delete at the same time
//! leave each other the rows that they have. What failed is deleted by the next call.

use std::time::Duration;

use sqlx::AssertSqlSafe;

use super::Store;
use super::error::StoreError;
use super::transaction::{Operation, Transaction};

/// Most rows that are deleted at once: milliseconds of work.
const PURGED_AT_ONCE: u64 = 100;

impl Store {
    /// Forgets expired idempotency keys; answers how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purge_idempotency(&self) -> Result<u64, StoreError> {
        self.purge(Purge {
            table: "idempotency",
            key: "client_id, key",
            over: "expires_at <= $1",
            ago: Duration::ZERO,
        })
        .await
    }

    /// Deletes the lookup hashes of records received longer ago than `older_than`, beyond every lookup window; returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_facts(&self, older_than: Duration) -> Result<u64, StoreError> {
        self.purge(Purge {
            table: "record_facts",
            key: "fact, received_at, reference",
            over: "received_at < $1",
            ago: older_than,
        })
        .await
    }

    async fn purge(&self, purge: Purge) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            // One after the other, so that other writes go between.
            let purged = self.run(purge).await?;
            all += purged;
            if purged < PURGED_AT_ONCE {
                return Ok(all);
            }
        }
    }
}

/// Deletes rows whose time is over, at most [`PURGED_AT_ONCE`]; answers how many.
#[derive(Clone, Copy)]
struct Purge {
    table: &'static str,
    /// The columns of its primary key.
    key: &'static str,
    /// Which rows: a condition on the time `$1`.
    over: &'static str,
    /// How long that time is past.
    ago: Duration,
}

impl Operation for Purge {
    type Reply = u64;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<u64, StoreError> {
        let Self {
            table,
            key,
            over,
            ago,
        } = *self;
        let lock = tx.connection.engine().skipping_locked();
        let sql = format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {over} LIMIT {PURGED_AT_ONCE} {lock})"
        );
        let ago = i64::try_from(ago.as_micros()).unwrap_or(i64::MAX);
        let time = tx.shared_us().saturating_sub(ago);
        tx.connection.execute(AssertSqlSafe(sql), &[time.into()]).await
    }
}
