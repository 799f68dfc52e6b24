//! Whether another session of PostgreSQL holds, or waits for, a lock on a table that every record goes into: then none can be kept, though the database
//! works. Somebody's `ALTER TABLE`, `CREATE INDEX` or `LOCK TABLE`, and whoever waits for one behind a long query, are in everybody's way.
//!
//! The writer looks when a write ran into a lock, and until the lock is gone; the heartbeat looks each time. Nothing here waits for a lock.
//! SQLite has no locks on tables; that its file is locked is an error of every write.

use std::sync::{Arc, Mutex, PoisonError};

use super::engine::{Connection, Engine};
use super::error::StoreError;

/// A lock that is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLock {
    /// The table.
    pub table: String,
    /// The session that has it, as PostgreSQL numbers them; `None` for a transaction that was prepared and left.
    pub pid: Option<i64>,
}

/// The modes that keep rows from being inserted (<https://www.postgresql.org/docs/15/explicit-locking.html>). A session that still
/// waits for one counts too: later ones queue behind it.
const LOCKS: &str = "SELECT l.relation::regclass::text, l.pid::bigint FROM pg_locks l
     WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.relation = ANY ('{records,outbox,audit_chains,audit_entries,record_facts,linked_records}'::regclass[])
       AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
       AND l.pid IS DISTINCT FROM pg_backend_pid()
     ORDER BY l.granted DESC LIMIT 1";

/// Looks for one, outside a transaction or in one.
pub(super) async fn look(connection: &mut Connection) -> Result<Option<TableLock>, StoreError> {
    if connection.engine() == Engine::Sqlite {
        return Ok(None);
    }
    let rows = connection.fetch(LOCKS, &[]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(TableLock {
        table: row.get(0)?,
        pid: row.get(1)?,
    }))
}

/// The lock that was seen last, where it was not seen to be gone. Clones share it.
#[derive(Clone, Default)]
pub(super) struct LockSeen(Arc<Mutex<Option<TableLock>>>);

impl LockSeen {
    pub(super) fn get(&self) -> Option<TableLock> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, lock: Option<TableLock>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = lock;
    }
}
