//! The one writer of a process: takes what waits, writes it in one transaction, answers everybody after the flush.
//!
//! Group commit: while one transaction is being flushed the next ones queue up and go to disk together, so durability
//! costs a flush per batch, not per request. One writer also gives each process one audit chain and keeps SQLite, which
//! knows one writer, from ever waiting for itself.
//!
//! Failure policy. An operation that the database refuses is isolated: the batch is rolled back and each operation tried alone, so that one
//! bad record harms nobody else's; so it is where PostgreSQL waited for a row that somebody else had locked. Where a whole table is locked,
//! records are refused at once until it is not, because they would wait for it one by one, and everything else behind them. When the
//! database itself fails (disk full, read-only, connection lost) everybody in the batch is told [`StoreError::Unavailable`], the connection
//! is thrown away, and the next batch makes a new one: recovery needs no restart. PostgreSQL's serialization failures are retried. An
//! operation that panics is isolated like one that is refused, and the writer goes on: without it nothing would be kept until somebody
//! restarts the process. A key that is given back while the database is away, or while the queue is full, is given back with the next batch: its
//! caller was told to try again, and must not find it taken. A write whose caller has gone by its turn is skipped: that caller was told that nothing was
//! promised.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::sync::mpsc;

use super::audit::Chain;
use super::commit;
use super::engine::{Connection, Engine, Location, Pool};
use super::error::{Contention, DatabaseError, StoreError, is_disk_full, is_out_of_connections};
use super::heartbeat::DiskFull;
use super::idempotency;
use super::queue::{Command, MAX_OWED, Overflow, Queue};
use super::record::{Committed, IdempotentAnswer};
use super::table_lock::{self, LockSeen};
use super::transaction::Transaction;
use crate::clock::Clock;
use crate::config::store::StoreConfig;
use crate::telemetry::metrics::Metrics;

/// Most operations in one transaction: bounds how long the first one waits for the last.
const MAX_BATCH: usize = 256;
/// How long a batch on PostgreSQL may take, over its own statement timeouts: a silent network must not hang the queue.
const BATCH_LIMIT: Duration = Duration::from_secs(15);
/// What else wants to write waits so long for a lock while a table is locked, in the words of `lock_timeout`: longer would be the queue's time.
const LOCKED_PATIENCE: &str = "SET LOCAL lock_timeout = '100ms'";
/// How often a single operation is tried when PostgreSQL reports a serialization failure or a deadlock.
const TRIES: usize = 5;

/// The writer's own state.
pub(crate) struct Writer {
    location: Location,
    readers: Pool,
    clock: Clock,
    /// Whether leases and holds end by our clock, whatever the database's says.
    trusts_own_clock: bool,
    connection: Option<Connection>,
    chain: Option<Chain>,
    /// Unattended operations that the database failed.
    owed: Vec<Command>,
    overflow: Overflow,
    metrics: Arc<Metrics>,
    disk_full: DiskFull,
    lock_seen: LockSeen,
    /// What records are refused with, while a table that they go into is locked.
    locked: Option<StoreError>,
    /// Whether the last write reached the disk.
    writable: bool,
}

impl Writer {
    /// A writer and the queue in front of it, which holds at most `store.write_queue` writes.
    pub(crate) fn start(
        location: Location,
        readers: Pool,
        clock: Clock,
        config: &StoreConfig,
        metrics: Arc<Metrics>,
        disk_full: DiskFull,
        lock_seen: LockSeen,
    ) -> (Queue, impl Future<Output = ()> + Send + use<>) {
        let (queue, receiver, overflow) = Queue::bounded(config.write_queue);
        let writer = Self {
            location,
            readers,
            clock,
            trusts_own_clock: config.max_clock_skew().is_none(),
            connection: None,
            chain: None,
            owed: Vec::new(),
            overflow,
            metrics,
            disk_full,
            lock_seen,
            locked: None,
            writable: true,
        };
        (queue, writer.run(receiver))
    }

    async fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        let mut batch = Vec::new();
        while queue.recv_many(&mut batch, MAX_BATCH).await > 0 {
            gather(self.location.engine(), &mut batch, &mut queue).await;
            if batch.iter().any(|command| matches!(command, Command::Close)) {
                // What is queued behind still comes out, and then the end of the queue.
                queue.close();
            }
            // Before those that were abandoned are found: what gives a key back was put there after its request had gone.
            self.owed.append(&mut self.overflow.lock());
            batch.retain(|command| !command.is_abandoned());
            // First, for whoever asks for a key that one of them gives back.
            let owed = self.owed.len().min(MAX_BATCH);
            batch.splice(0..0, self.owed.drain(..owed));
            self.write(std::mem::take(&mut batch)).await;
        }
        if let Some(connection) = self.connection.take() {
            connection.close().await;
        }
    }

    async fn write(&mut self, mut batch: Vec<Command>) {
        if let Some(error) = self.locked.clone() {
            self.look_for_lock(&error).await;
            batch = self.refuse_locked(batch);
        }
        if batch.is_empty() {
            return;
        }
        let outcome = self.attempt(&mut batch).await;
        let alone = outcome.as_ref().is_err_and(|error| {
            let contention = Contention::of(error);
            let others = batch.len() > 1 && (!error.is_transient() || contention.is_some());
            others || contention == Some(Contention::Repeat)
        });
        if !alone {
            return self.finish_all(batch, &outcome);
        }
        let mut left = batch.into_iter();
        while let Some(command) = left.next() {
            if command.is_abandoned() {
                continue;
            }
            let Some(command) = self.refuse_locked(vec![command]).pop() else {
                continue;
            };
            let outcome = self.write_alone(command).await;
            if outcome.as_ref().is_err_and(is_outage) {
                // The rest would wait for it one by one.
                return self.finish_all(left.collect(), &outcome);
            }
        }
    }

    /// Answers those with records at once, where their table is locked; what is left is for the database.
    fn refuse_locked(&self, batch: Vec<Command>) -> Vec<Command> {
        let Some(error) = &self.locked else { return batch };
        let (refused, left): (Vec<_>, Vec<_>) = batch.into_iter().partition(Command::has_records);
        for command in refused {
            command.finish(Err(error.clone()));
        }
        left
    }

    async fn write_alone(&mut self, command: Command) -> Result<(), StoreError> {
        let mut one = vec![command];
        let mut outcome = self.attempt(&mut one).await;
        for _ in 1..TRIES {
            match &outcome {
                Err(error) if Contention::of(error) == Some(Contention::Repeat) => {
                    outcome = self.attempt(&mut one).await;
                }
                _ => break,
            }
        }
        self.finish_all(one, &outcome);
        outcome
    }

    fn finish_all(&mut self, batch: Vec<Command>, outcome: &Result<(), StoreError>) {
        let failed = outcome.as_ref().is_err_and(StoreError::is_transient);
        for command in batch {
            if failed && command.is_unattended() && self.owed.len() < MAX_OWED {
                self.owed.push(command);
            } else {
                command.finish(outcome.clone());
            }
        }
    }

    /// One transaction with the whole batch; everything is rolled back on an error.
    async fn attempt(&mut self, batch: &mut [Command]) -> Result<(), StoreError> {
        let outcome = match self.location.engine() {
            Engine::Sqlite => self.guarded(batch).await,
            Engine::Postgres => {
                let clock = self.clock.clone();
                match clock.timeout(BATCH_LIMIT, self.guarded(batch)).await {
                    Ok(outcome) => outcome,
                    Err(_) => Err(StoreError::Unavailable(Arc::new(DatabaseError::TimedOut(
                        BATCH_LIMIT,
                    )))),
                }
            }
        };
        if let Err(error) = &outcome
            && is_outage(error)
        {
            // Also where there was no connection to lose: why none can be made is what somebody has to know.
            tracing::warn!(
                code = error.code(),
                error = error as &dyn std::error::Error,
                "write failed; the next one makes a new connection"
            );
            // Without a goodbye, for which a silent network would be waited for once more.
            if self.connection.take().is_some() {
                // A commit whose answer was lost may have happened: a new chain joins on to whatever is there.
                self.chain = None;
            }
        }
        if let Err(error) = &outcome
            && Contention::of(error) == Some(Contention::Locked)
        {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "a write was given up: the database let it wait for a lock, or work, for too long"
            );
            self.look_for_lock(error).await;
        }
        match &outcome {
            // None of them shows whether a record can be kept.
            Ok(()) if self.disk_full.get() && !batch.iter().any(Command::takes_room) => {}
            Ok(()) if self.locked.is_some() => {}
            Ok(()) => {
                self.disk_full.set(false);
                self.note_writable(true);
            }
            Err(error) if is_outage(error) => {
                if is_disk_full(error) {
                    self.disk_full.set(true);
                }
                self.note_writable(false);
            }
            // The database refused a statement or had a row locked, and works.
            Err(_) => {}
        }
        outcome
    }

    /// After `error`, which a lock may have caused, and before each batch while a table is locked. One line for each change.
    async fn look_for_lock(&mut self, error: &StoreError) {
        // Where it cannot be asked, the next batch hears why.
        let lock = match &mut self.connection {
            Some(connection) => {
                let looked = self.clock.timeout(BATCH_LIMIT, table_lock::look(connection));
                looked.await.ok().and_then(Result::ok).flatten()
            }
            None => None,
        };
        self.lock_seen.set(lock.clone());
        self.metrics.store_table_locked(lock.is_some());
        match lock {
            Some(lock) if self.locked.is_none() => {
                self.locked = Some(error.clone());
                tracing::error!(
                    table = lock.table,
                    pid = lock.pid,
                    "a table of ours is locked by another session of the database: no record can be kept"
                );
                self.note_writable(false);
            }
            Some(_) => {}
            None => self.locked = None,
        }
    }

    /// One line for each change between writable and not.
    fn note_writable(&mut self, writable: bool) {
        if self.writable == writable {
            return;
        }
        self.writable = writable;
        self.metrics.store_writable(writable);
        if writable {
            tracing::info!("the store takes writes again");
        } else {
            tracing::error!(
                "the store does not take writes: requests that need a record are refused with 503"
            );
        }
    }

    /// [`Self::transact`], of which a panic is an error like any other.
    async fn guarded(&mut self, batch: &mut [Command]) -> Result<(), StoreError> {
        // What it left half done goes with the connection; an operation is applied anew from its start.
        match AssertUnwindSafe(self.transact(batch)).catch_unwind().await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.connection = None;
                self.chain = None;
                Err(StoreError::Panicked)
            }
        }
    }

    async fn transact(&mut self, batch: &mut [Command]) -> Result<(), StoreError> {
        let locked = self.locked.is_some();
        let (connection, theirs) = begun(&mut self.connection, &self.location, &self.readers).await?;
        let theirs = theirs.filter(|_| !self.trusts_own_clock);
        if locked {
            connection.execute(LOCKED_PATIENCE, &[]).await?;
        }
        let mut chain = self.chain.clone();
        let outcome = apply(connection, &mut chain, self.clock.now(), theirs, batch).await;
        match outcome {
            Ok(()) => {
                // From here on a failure leaves it open whether the transaction is there.
                if let Err(error) = connection.commit().await {
                    self.chain = None;
                    let _ = connection.rollback().await;
                    return Err(error);
                }
                self.chain = chain;
                Ok(())
            }
            Err(error) => {
                // Fails where the engine rolled back by itself or the connection is gone: both are what is wanted.
                let _ = connection.rollback().await;
                Err(error)
            }
        }
    }
}

/// Lets requests that are just behind join the batch: where several came at once, more are coming, and a flush costs as much for one as for
/// fifty. It goes on as long as some come while the processor is given to whoever waits for it. A lone request is never held up.
async fn gather(engine: Engine, batch: &mut Vec<Command>, queue: &mut mpsc::Receiver<Command>) {
    while batch.len() > 1 {
        match engine {
            // The writer has a thread of its own.
            Engine::Sqlite => std::thread::yield_now(),
            Engine::Postgres => tokio::task::yield_now().await,
        }
        let before = batch.len();
        while batch.len() < MAX_BATCH
            && let Ok(command) = queue.try_recv()
        {
            batch.push(command);
        }
        if batch.len() == before || batch.len() == MAX_BATCH {
            return;
        }
    }
}

/// The connection, in a new transaction. One that has died since the last batch (a restarted server, an idle limit) is
/// replaced before anybody's write is lost on it. Where the server has no more, a reader's makes room. With the database's time.
async fn begun<'c>(
    kept: &'c mut Option<Connection>,
    location: &Location,
    readers: &Pool,
) -> Result<(&'c mut Connection, Option<i64>), StoreError> {
    if let Some(mut connection) = kept.take() {
        match connection.begin().await {
            Ok(theirs) => return Ok((kept.insert(connection), theirs)),
            Err(error) if error.is_transient() => connection.close().await,
            Err(error) => return Err(error),
        }
    }
    let connected = match location.connect().await {
        // Its place may be free only after this try: then it is for the next one.
        Err(error) if is_out_of_connections(&error) && readers.give_one_up().await => {
            location.connect().await
        }
        connected => connected,
    };
    let connection = kept.insert(connected?);
    let theirs = connection.begin().await?;
    Ok((connection, theirs))
}

async fn apply(
    connection: &mut Connection,
    chain: &mut Option<Chain>,
    now: Timestamp,
    theirs: Option<i64>,
    batch: &mut [Command],
) -> Result<(), StoreError> {
    let mut tx = Transaction::new(connection, now, theirs);
    // Answers first: who asks for a key in the same batch finds it answered.
    let answers: Vec<&IdempotentAnswer> = batch
        .iter()
        .filter_map(|command| match command {
            Command::Commit(command) => command.unit.idempotency(),
            Command::Other(_) | Command::Close => None,
        })
        .collect();
    let mut kept = idempotency::complete(&mut tx, &answers).await?.into_iter();
    let mut units = Vec::new();
    for command in batch.iter_mut() {
        match command {
            Command::Commit(command) => {
                command.refused = None;
                if command.unit.idempotency().is_some() && kept.next() == Some(false) {
                    command.refused = Some(StoreError::HoldLost);
                } else {
                    units.push(&command.unit);
                }
            }
            Command::Other(pending) => pending.apply(&mut tx).await?,
            Command::Close => {}
        }
    }
    let mut replies = Vec::with_capacity(units.len());
    for (unit, linked) in units.iter().zip(commit::insert(&mut tx, &units).await?) {
        let mut reworded = None;
        if let Some((answer, body)) = unit.reworded(&linked) {
            idempotency::replace(&mut tx, answer, &body).await?;
            reworded = Some(body);
        }
        replies.push(Committed { linked, reworded });
    }
    let (connection, drafts) = tx.into_drafts();
    Chain::append(chain, connection, now, drafts).await?;
    let mut replies = replies.into_iter();
    for command in batch {
        if let Command::Commit(command) = command
            && command.refused.is_none()
        {
            command.reply = replies.next().unwrap_or_default();
        }
    }
    Ok(())
}

/// Whether it is the database that failed.
fn is_outage(error: &StoreError) -> bool {
    error.is_transient() && Contention::of(error).is_none()
}
