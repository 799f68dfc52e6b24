//! Whether a record could be kept now: a write of a few bytes, and what a disk that was full makes of it.
//!
//! To SQLite every write takes room, in its log: one that succeeds says that there is some. PostgreSQL changes a row in its place, and
//! would go on doing so on a full disk, while every record is refused. So the writer notes when its disk was full ([`DiskFull`]), and
//! until something has taken room since then, a [`Heartbeat`] takes some for a moment and fails where there is none. It also looks for locks on
//! the tables that it does not touch.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::engine::Engine;
use super::error::StoreError;
use super::table_lock::{self, TableLock};
use super::transaction::{Operation, Transaction};

/// Whether PostgreSQL's disk was full, and nothing has taken room there since: until then a row that is changed in place says nothing about
/// whether a record can be kept. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct DiskFull(Arc<AtomicBool>);

impl DiskFull {
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, full: bool) {
        self.0.store(full, Ordering::Relaxed);
    }
}

/// A write that changes nothing but a time; after the disk was full, one that takes room for a moment too.
pub(crate) struct Heartbeat {
    disk_was_full: bool,
    took_room: AtomicBool,
}

impl Heartbeat {
    /// One for a disk of which so much is known.
    pub(crate) fn of(disk: &DiskFull) -> Self {
        Self {
            disk_was_full: disk.get(),
            took_room: AtomicBool::new(false),
        }
    }
}

/// Some 400 kB in a file of its own: what is free in the files that are there says nothing.
const TAKE_ROOM: &str =
    "CREATE TEMPORARY TABLE switchboard_room ON COMMIT DROP AS SELECT n FROM generate_series(1, 10000) AS n";

impl Operation for Heartbeat {
    /// The inner error says that there was no room: whatever goes to disk in the same transaction may need none, and is not to suffer.
    type Reply = Result<Option<TableLock>, StoreError>;

    fn takes_room(&self) -> bool {
        self.took_room.load(Ordering::Relaxed)
    }

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Self::Reply, StoreError> {
        self.took_room.store(false, Ordering::Relaxed);
        let now = tx.now_us();
        tx.connection
            .execute("UPDATE heartbeat SET at = $1 WHERE id = 1", &[now.into()])
            .await?;
        let lock = table_lock::look(tx.connection).await?;
        // To SQLite every write takes room, in its log.
        if !self.disk_was_full || tx.connection.engine() != Engine::Postgres {
            return Ok(Ok(lock));
        }
        tx.connection.execute("SAVEPOINT room", &[]).await?;
        let taken = tx.connection.execute(TAKE_ROOM, &[]).await;
        tx.connection.execute("ROLLBACK TO room", &[]).await?;
        if let Err(error) = taken
            && error.is_transient()
        {
            return Ok(Err(error));
        }
        // Also for a role that may make no temporary tables: then the next record shows whether there is room.
        self.took_room.store(true, Ordering::Relaxed);
        Ok(Ok(lock))
    }
}
