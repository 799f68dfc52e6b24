//! The store: records, audit trail, outbox and idempotency keys, in SQLite by default or in PostgreSQL.
//!
//! What it promises: when [`Store::commit`] answers `Ok`, the unit's records, audit entries, jobs and idempotent answer are
//! on disk, all of them; when it answers `Err`, nothing was promised. Verbatim text is sealed before it is queued and is
//! stored nowhere else. Reads do not wait for writes.
//!
//! How it fails: [`StoreError::is_transient`] errors are the caller's 503; the next write tries the database anew, so
//! a disk that has room again or a server that is back needs no restart.
//!
//! [`writer`] is the way to disk, [`queue`] what waits before it, [`transaction`] what goes it; [`commit`] what a request writes, with
//! [`batch`] for many rows at once; [`record`] and [`job`] what is kept, [`reference`](mod@reference) how a record is called; [`audit`] the
//! trail, and [`verify`] whether it holds; [`links`] which records may tell of one event. Each of the other operations stands in its own file with
//! its method of [`Store`]: [`change`], [`verbatim`], [`scrub`], [`outbox`], [`sla`], [`purge`], [`read`]; [`idempotency`], and [`hold`], a request's
//! way to it. [`heartbeat`] says whether a write reaches the disk now, [`table_lock`] who keeps records out of it, [`clock_skew`] whether our
//! clock can be trusted with due times; [`engine`] is what differs between the databases.

pub mod audit;
mod batch;
mod change;
mod clock_skew;
mod commit;
mod engine;
mod error;
mod heartbeat;
mod hold;
mod idempotency;
mod job;
mod links;
mod outbox;
mod purge;
mod queue;
mod read;
mod record;
mod reference;
mod scrub;
mod sla;
mod sqlite;
mod table_lock;
mod transaction;
mod value;
mod verbatim;
mod verify;
mod writer;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

pub use audit::{AuditEntry, BadEntry, Fault, Head};
pub use clock_skew::ClockSkew;
pub use error::{DatabaseError, StoreError};
pub use hold::{Held, Hold};
pub use idempotency::Taken;
pub use job::{
    COMPLIANCE, CREATE, Decided, Decision, JobRow, JobState, LeasedJob, Routes, Settlement, TICKETING,
};
pub use read::{JobFilter, OpenSafety, OutboxDepth};
pub use record::{
    Change, Committed, CompareDetails, IdempotentAnswer, Listed, NewAuditEntry, NewJob, NewRecord, Page,
    RecordFilter, RecordKind, RecordRow, RecordSort, RecordStatus, Review, Reword, SameEvent, Unit, Verbatim,
};
pub use reference::new_reference;
pub use sla::{BREACH_NOTICE, SlaMark};
pub use table_lock::TableLock;
pub use verbatim::Erased;
pub use verify::{Unsound, Verified};

use crate::clock::Clock;
use crate::config::InvalidSetting;
use crate::config::store::StoreConfig;
use crate::privacy::Sealer;
use crate::privacy::encryption::make_private_dir;
use crate::telemetry::metrics::{Metrics, StoreOperation};
use engine::{Engine, Location, Pool};
use heartbeat::{DiskFull, Heartbeat};
use queue::Queue;
use table_lock::LockSeen;
use transaction::Operation;
use writer::Writer;

/// File name of the SQLite database under the data directory.
pub const DATABASE_FILE: &str = "switchboard.sqlite";
/// A write that succeeded this recently answers [`Store::writable`] without another one.
const WRITABLE_FOR: Duration = Duration::from_secs(1);

/// The readers' connections, and what waits for the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorePool {
    /// Open and in use.
    pub busy: u32,
    /// Open and free.
    pub idle: u32,
    /// Most that are opened.
    pub max: u32,
    /// Writes that wait for the writer.
    pub queued_writes: usize,
}

/// The open store. Clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    queue: Queue,
    pool: Pool,
    location: Location,
    sealer: Sealer,
    clock: Clock,
    hold_for: Duration,
    keep_for: Duration,
    /// When, on the clock, the last write became durable.
    written: Mutex<Option<Duration>>,
    max_clock_skew: Option<Duration>,
    /// How far our clock is from the database's, and when they were compared.
    clock_skew: Mutex<Option<(Duration, ClockSkew)>>,
    jobs: Notify,
    disk_full: DiskFull,
    lock_seen: LockSeen,
    metrics: Arc<Metrics>,
    read_connections: u32,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?})", self.0.location.engine())
    }
}

fn unusable(data_dir: &Path, error: &std::io::Error) -> InvalidSetting {
    let problem = format!("cannot be used: {}: {error}", data_dir.display());
    InvalidSetting::new("store.data_dir", problem)
}

fn location(config: &StoreConfig) -> Result<Location, StoreError> {
    match &config.database_url {
        Some(url) => Location::postgres(url),
        None => Ok(Location::sqlite(config.data_dir.join(DATABASE_FILE))),
    }
}

impl Store {
    /// What [`Store::open`] would refuse for a setting, as far as that can be known without making or reaching anything.
    ///
    /// # Errors
    /// [`InvalidSetting`] for `store.database_url` or `store.data_dir`.
    pub fn check(config: &StoreConfig) -> Result<(), InvalidSetting> {
        if let Some(url) = &config.database_url {
            return Location::postgres(url).map(drop).map_err(|_| {
                // Not the parser's own words, which may repeat a part of the URL.
                InvalidSetting::new(
                    "store.database_url",
                    "must be a URL such as postgres://user:password@host:5432/database (DATABASE_URL)",
                )
            });
        }
        match std::fs::metadata(&config.data_dir) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(unusable(&config.data_dir, &ErrorKind::NotADirectory.into())),
            // It would be made.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(unusable(&config.data_dir, &error)),
        }
    }

    /// The same, with `store.data_dir` made where the database goes there: before anything is bound.
    ///
    /// # Errors
    /// As [`Store::check`].
    pub fn prepare(config: &StoreConfig) -> Result<(), InvalidSetting> {
        Self::check(config)?;
        match config.database_url {
            Some(_) => Ok(()),
            None => make_private_dir(&config.data_dir).map_err(|error| unusable(&config.data_dir, &error)),
        }
    }

    /// Whether the service keeps its records there already. Makes nothing: who asks for records in the wrong place is to be told so, not shown
    /// an empty list.
    ///
    /// # Errors
    /// [`StoreError::BadUrl`] or [`StoreError::Unavailable`].
    pub async fn exists(config: &StoreConfig) -> Result<bool, StoreError> {
        location(config)?.holds_records().await
    }

    /// Opens the database, makes it where it does not exist, and brings its schema up to date. Operations are counted and timed in `metrics`.
    ///
    /// # Errors
    /// [`StoreError::BadUrl`], [`StoreError::Directory`], [`StoreError::Migration`] or [`StoreError::Unavailable`].
    #[expect(
        clippy::disallowed_methods,
        reason = "the store owns its writer: `close` lets it finish and waits for it"
    )]
    pub async fn open(
        config: &StoreConfig,
        sealer: Sealer,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StoreError> {
        let location = location(config)?;
        if config.database_url.is_none() {
            make_private_dir(&config.data_dir).map_err(|source| StoreError::Directory {
                path: config.data_dir.clone(),
                source: Arc::new(source),
            })?;
        }
        location.migrate().await?;
        let pool = location.pool(config.read_connections);
        let engine = location.engine();
        let disk_full = DiskFull::default();
        let lock_seen = LockSeen::default();
        let (queue, writing) = Writer::start(
            location.clone(),
            pool.clone(),
            clock.clone(),
            config,
            metrics.clone(),
            disk_full.clone(),
            lock_seen.clone(),
        );
        let writer = match engine {
            // Its connection blocks: a thread of its own.
            Engine::Sqlite => {
                let runtime = tokio::runtime::Handle::current();
                tokio::task::spawn_blocking(move || runtime.block_on(writing))
            }
            Engine::Postgres => tokio::spawn(writing),
        };
        Ok(Self(Arc::new(Inner {
            queue,
            pool,
            location,
            sealer,
            clock,
            hold_for: config.idempotency_hold(),
            keep_for: config.idempotency_keep(),
            written: Mutex::new(None),
            max_clock_skew: config.max_clock_skew(),
            clock_skew: Mutex::new(None),
            jobs: Notify::new(),
            disk_full,
            lock_seen,
            metrics,
            read_connections: config.read_connections,
            writer: Mutex::new(Some(writer)),
        })))
    }

    /// The readers' connections and the writer's queue now.
    #[must_use]
    pub fn pool(&self) -> StorePool {
        let (busy, idle) = self.0.pool.connections();
        StorePool {
            busy,
            idle,
            max: self.0.read_connections,
            queued_writes: self.0.queue.waiting(),
        }
    }

    /// Keeps the unit's records, jobs, audit entries and idempotent answer; answers when they are durable, with what the records
    /// were linked to.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was kept then, unless a connection to PostgreSQL broke while it committed.
    pub async fn commit(&self, unit: Unit) -> Result<Committed, StoreError> {
        let has_jobs = unit.records.iter().any(|record| !record.jobs.is_empty());
        let unit = commit::SealedUnit::seal(unit, &self.0.sealer)?;
        let (grows, has_records) = (unit.grows(), unit.has_records());
        let committed = self
            .timed(StoreOperation::Commit, self.0.queue.commit(unit))
            .await?;
        if grows {
            self.note_write();
        }
        if has_records {
            self.0.lock_seen.set(None);
        }
        if has_jobs {
            self.0.jobs.notify_waiters();
        }
        Ok(committed)
    }

    /// Whether a write reaches the disk now. Writes one itself unless another succeeded within the last second.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn writable(&self) -> Result<(), StoreError> {
        let now = self.0.clock.elapsed();
        let last = *self.0.written.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = last.is_some_and(|last| now.saturating_sub(last) < WRITABLE_FOR);
        // What was written need not have been a record: only a look says that a lock is gone.
        if lately && self.0.lock_seen.get().is_none() {
            return Ok(());
        }
        let lock = self.run(Heartbeat::of(&self.0.disk_full)).await??;
        self.0.lock_seen.set(lock);
        self.note_write();
        Ok(())
    }

    /// The lock that kept records from being kept when [`Store::writable`] or a write last looked, whatever else can be written.
    #[must_use]
    pub fn table_lock(&self) -> Option<TableLock> {
        self.0.lock_seen.get()
    }

    /// Appends an audit entry by itself; answers when it is durable.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit(&self, entry: NewAuditEntry) -> Result<(), StoreError> {
        self.commit(Unit {
            audit: vec![entry],
            ..Unit::default()
        })
        .await
        .map(drop)
    }

    /// The store's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Finishes the writes that wait, refuses later ones, and closes every connection.
    pub async fn close(&self) {
        self.0.queue.close().await;
        let writer = self
            .0
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            // A writer that panicked has nothing left to finish.
            let _ = writer.await;
        }
        self.0.pool.close().await;
    }

    async fn run<O: Operation>(&self, operation: O) -> Result<O::Reply, StoreError> {
        self.timed(StoreOperation::Write, self.0.queue.run(operation))
            .await
    }

    async fn timed<T>(
        &self,
        operation: StoreOperation,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let began = self.0.clock.elapsed();
        let result = work.await;
        let took = self.0.clock.elapsed().saturating_sub(began);
        self.0.metrics.store_operation(operation, result.is_ok(), took);
        result
    }

    /// Only for a write that surely changed something: an empty transaction succeeds on a full disk.
    fn note_write(&self) {
        let now = self.0.clock.elapsed();
        *self.0.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}
