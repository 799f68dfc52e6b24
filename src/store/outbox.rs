//! The outbox: deliveries that were committed with their record and are leased, run and acknowledged by workers.
//!
//! A lease is a time until which nobody else may run the job, and a token: a worker that comes back too late finds its
//! token gone and changes nothing. What is due, and what a lease ends by, is the time that all replicas share (PostgreSQL's own): one whose
//! clock is wrong runs nothing that another runs. Tries are counted when a job is leased, so that one which kills its worker ends too. Jobs of
//! one record for one target run in the order in which they were committed; a dead or discarded one lets the next pass. One that waits behind
//! another is never due before it: after a long outage, leasing would walk over all that are due and may not run, each time.
//! Nothing is deleted: a job ends as `done`, `dead` or `discarded`.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::batch::MultiInsert;
use super::engine::{Engine, Row};
use super::error::StoreError;
use super::record::{NewAuditEntry, NewJob, RecordKind};
use super::transaction::{Operation, Transaction};
use super::value::Value;

closed_set! {
    /// Where a job is.
    JobState {
        /// Waiting, or leased.
        Pending = "pending",
        /// Delivered.
        Done = "done",
        /// Given up; an operator may retry or discard it.
        Dead = "dead",
        /// An operator decided against it.
        Discarded = "discarded",
    }
}

/// A job whose lease this worker holds.
#[derive(Debug, Clone, PartialEq)]
pub struct LeasedJob {
    /// Its row.
    pub id: i64,
    /// Its stable idempotency key: the same for every try.
    pub key: String,
    /// The record it belongs to.
    pub reference: String,
    /// The outside system.
    pub target: String,
    /// What to do there.
    pub kind: String,
    /// Which try this is, from 1.
    pub tries: u32,
    /// Whether it was tried before, also before an operator's retry counted from zero again: the outside system may have it.
    pub maybe_sent: bool,
    /// Proof of the lease.
    pub lease: String,
}

/// A job as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct JobRow {
    /// Position in the list.
    pub id: i64,
    /// Its stable idempotency key.
    pub key: String,
    /// The record it belongs to.
    pub reference: String,
    /// The outside system.
    pub target: String,
    /// What to do there.
    pub kind: String,
    /// Where it is.
    pub state: JobState,
    /// Whether a worker holds it.
    pub leased: bool,
    /// How often it was tried.
    pub tries: u32,
    /// When it was committed.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it may run next, or when its lease ends.
    #[schema(value_type = String, format = DateTime)]
    pub run_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// The outside system's id, or the last error's code.
    pub outcome: Option<String>,
}

/// The target of tickets.
pub const TICKETING: &str = "ticketing";
/// The target of safety reports.
pub const COMPLIANCE: &str = "compliance";
/// The kind of the job that tells a target about a new record.
pub const CREATE: &str = "create";

/// Which targets exist: an outside system is configured for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Routes {
    /// [`TICKETING`].
    pub ticketing: bool,
    /// [`COMPLIANCE`].
    pub compliance: bool,
}

impl Routes {
    /// The target of a kind of record; `None` when the record in the store is all there is.
    #[must_use]
    pub const fn target(self, kind: RecordKind) -> Option<&'static str> {
        match kind {
            RecordKind::Ticket if self.ticketing => Some(TICKETING),
            RecordKind::Compliance if self.compliance => Some(COMPLIANCE),
            _ => None,
        }
    }

    /// The jobs that a new record of this kind needs. What is sent is read from the record when it is sent.
    #[must_use]
    pub fn jobs(self, kind: RecordKind) -> Vec<NewJob> {
        let job = |target| NewJob { target, kind: CREATE };
        self.target(kind).map(job).into_iter().collect()
    }
}

/// A job's idempotency key: unique, stable over tries, and readable.
pub(crate) fn job_key(reference: &str, target: &str, kind: &str) -> String {
    format!("{reference}:{target}:{kind}")
}

/// What [`JOBS`] gives the column `payload`, which no version reads any more and an earlier one, beside this while replicas are replaced,
/// reads as JSON.
pub(crate) const NO_PAYLOAD: &str = "null";

pub(crate) static JOBS: MultiInsert = MultiInsert::new(
    "outbox",
    &[
        "job_key",
        "reference",
        "target",
        "kind",
        "payload",
        "created_at",
        "run_at",
    ],
);

/// Leases up to `limit` due jobs of a target.
pub(crate) struct Lease {
    pub(crate) target: String,
    pub(crate) limit: u32,
    pub(crate) lease: String,
    pub(crate) lease_for: Duration,
}

/// Written once for both engines; `FOR UPDATE SKIP LOCKED` lets PostgreSQL's workers pass each other, SQLite has one writer.
macro_rules! lease_sql {
    ($lock:literal) => {
        concat!(
            "WITH due AS (SELECT o.id FROM outbox o
               WHERE o.state = 'pending' AND o.target = $1 AND o.run_at <= $2
                 AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.reference = o.reference AND e.target = o.target
                                   AND e.state = 'pending' AND e.id < o.id)
               ORDER BY o.run_at, o.id LIMIT $3 ",
            $lock,
            ") UPDATE outbox SET lease = $4, run_at = $5, tries = tries + 1 WHERE id IN (SELECT id FROM due)
             RETURNING id, job_key, reference, target, kind, tries, outcome"
        )
    };
}

impl Operation for Lease {
    type Reply = Vec<LeasedJob>;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Self::Reply, StoreError> {
        let now = tx.shared_us();
        let sql = match tx.connection.engine() {
            Engine::Sqlite => lease_sql!(""),
            Engine::Postgres => lease_sql!("FOR UPDATE OF o SKIP LOCKED"),
        };
        let values = [
            (&self.target).into(),
            now.into(),
            i64::from(self.limit).into(),
            (&self.lease).into(),
            tx.shared_after_us(self.lease_for).into(),
        ];
        let mut jobs = Vec::new();
        for row in tx.connection.fetch(sql, &values).await? {
            let tries = tries(&row, 5)?;
            jobs.push(LeasedJob {
                tries,
                maybe_sent: tries > 1 || row.get::<Option<String>>(6)?.is_some(),
                id: row.get(0)?,
                key: row.get(1)?,
                reference: row.get(2)?,
                target: row.get(3)?,
                kind: row.get(4)?,
                lease: self.lease.clone(),
            });
        }
        // RETURNING promises no order.
        jobs.sort_by_key(|job| job.id);
        Ok(jobs)
    }
}

/// How a leased job's try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Delivered; the outside system's id for it.
    Done {
        /// Such as a ticket number.
        outcome: String,
    },
    /// Not yet: again after this long.
    Retry {
        /// The delay.
        after: Duration,
        /// Stable code of the error.
        error: String,
    },
    /// Never: an operator must look.
    Dead {
        /// Stable code of the error.
        error: String,
    },
}

/// Ends a lease. Replies false, and changes nothing, when the lease is not held any more.
pub(crate) struct Settle {
    pub(crate) job: LeasedJob,
    pub(crate) settlement: Settlement,
}

impl Operation for Settle {
    type Reply = bool;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<bool, StoreError> {
        let now = tx.now_us();
        let job = &self.job;
        let held = [Value::from(job.id), (&job.lease).into()];
        let (sql, values, audited) = match &self.settlement {
            Settlement::Done { outcome } => (
                "UPDATE outbox SET state = 'done', lease = NULL, finished_at = $3, outcome = $4
                 WHERE id = $1 AND lease = $2 AND state = 'pending'",
                vec![held[0], held[1], now.into(), outcome.into()],
                Some(("outbox.delivered", outcome)),
            ),
            Settlement::Dead { error } => (
                "UPDATE outbox SET state = 'dead', lease = NULL, finished_at = $3, outcome = $4
                 WHERE id = $1 AND lease = $2 AND state = 'pending'",
                vec![held[0], held[1], now.into(), error.into()],
                Some(("outbox.dead", error)),
            ),
            Settlement::Retry { after: delay, error } => (
                "UPDATE outbox SET lease = NULL, run_at = $3, outcome = $4
                 WHERE id = $1 AND lease = $2 AND state = 'pending'",
                vec![held[0], held[1], tx.shared_after_us(*delay).into(), error.into()],
                None,
            ),
        };
        if tx.connection.execute(sql, &values).await? == 0 {
            return Ok(false);
        }
        if let Settlement::Retry { after: delay, .. } = &self.settlement {
            let behind = [
                Value::from(&job.reference),
                (&job.target).into(),
                job.id.into(),
                tx.shared_after_us(*delay).into(),
            ];
            tx.connection.execute(DELAY_NEXT, &behind).await?;
        }
        if let Some((action, outcome)) = audited {
            tx.audit(NewAuditEntry::new(
                "system".into(),
                action,
                job.key.clone(),
                &json!({ "outcome": outcome, "tries": job.tries }),
            ));
        }
        Ok(true)
    }
}

/// What waits behind a job that is not due before `$4` is not due before that either.
const DELAY_NEXT: &str = "UPDATE outbox SET run_at = $4
     WHERE reference = $1 AND target = $2 AND state = 'pending' AND id > $3 AND run_at < $4";
/// What waited behind a job that is given up, or due now after all, is due at `$4`.
const ADVANCE_NEXT: &str = "UPDATE outbox SET run_at = $4
     WHERE reference = $1 AND target = $2 AND state = 'pending' AND id > $3 AND run_at > $4 AND lease IS NULL";
/// When the last delivery for a record to a target is due, of those that wait for their next try.
const LAST_DUE: &str = "SELECT MAX(run_at) FROM outbox
     WHERE reference = $1 AND target = $2 AND state = 'pending' AND lease IS NULL";

/// When a new job for `target` about a record that was told of before is due: not before those that it waits for.
pub(crate) async fn due_behind(
    tx: &mut Transaction<'_>,
    reference: &str,
    target: &str,
) -> Result<i64, StoreError> {
    let rows = tx
        .connection
        .fetch(LAST_DUE, &[reference.into(), target.into()])
        .await?;
    let last: Option<i64> = rows.first().map_or(Ok(None), |row| row.get(0))?;
    Ok(last.unwrap_or_default().max(tx.shared_us()))
}

/// What an operator decides about a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Dead -> pending, with its tries counted from zero. Pending and not leased, and not due yet -> due now, with those that wait behind it:
    /// one of those cannot be brought forward by itself.
    Retry,
    /// Dead, or pending and not leased -> discarded.
    Discard,
}

/// What became of an operator's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Done and audited.
    Done,
    /// No such job.
    NotFound,
    /// Its state does not allow it.
    NotAllowed(JobState),
}

macro_rules! decided_sql {
    ($lock:literal) => {
        concat!(
            "SELECT state, outcome, tries, reference, target, id FROM outbox WHERE job_key = $1",
            $lock
        )
    };
}

/// Applies an operator's [`Decision`], audited.
pub(crate) struct Decide {
    pub(crate) key: String,
    pub(crate) actor: String,
    pub(crate) decision: Decision,
}

impl Operation for Decide {
    type Reply = Decided;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Decided, StoreError> {
        let now = tx.shared_us();
        let (sql, action, to) = match self.decision {
            Decision::Retry => (
                "UPDATE outbox SET state = 'pending', tries = CASE state WHEN 'dead' THEN 0 ELSE tries END, run_at = $2,
                     finished_at = NULL, lease = NULL
                 WHERE job_key = $1 AND (state = 'dead' OR (state = 'pending' AND lease IS NULL AND run_at > $2
                     AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.reference = outbox.reference AND e.target = outbox.target
                                       AND e.state = 'pending' AND e.id < outbox.id)))",
                "outbox.retried",
                JobState::Pending,
            ),
            Decision::Discard => (
                "UPDATE outbox SET state = 'discarded', finished_at = $2, lease = NULL
                 WHERE job_key = $1 AND (state = 'dead' OR (state = 'pending' AND (lease IS NULL OR run_at <= $2)))",
                "outbox.discarded",
                JobState::Discarded,
            ),
        };
        // Locked: what the trail says was before is what the decision finds.
        let found = match tx.connection.engine() {
            Engine::Sqlite => decided_sql!(""),
            Engine::Postgres => decided_sql!(" FOR UPDATE"),
        };
        let found = tx.connection.fetch(found, &[(&self.key).into()]).await?;
        let Some(row) = found.first() else {
            return Ok(Decided::NotFound);
        };
        let before = state(row, 0)?;
        let detail = json!({
            "before": { "state": before, "outcome": row.get::<Option<String>>(1)?, "tries": tries(row, 2)? },
            "after": { "state": to },
        });
        if tx
            .connection
            .execute(sql, &[(&self.key).into(), now.into()])
            .await?
            == 0
        {
            return Ok(Decided::NotAllowed(before));
        }
        // A dead one held nobody back.
        if before == JobState::Pending {
            let (reference, target): (String, String) = (row.get(3)?, row.get(4)?);
            let behind = [
                Value::from(&reference),
                (&target).into(),
                row.get::<i64>(5)?.into(),
                now.into(),
            ];
            tx.connection.execute(ADVANCE_NEXT, &behind).await?;
        }
        tx.audit(NewAuditEntry::new(
            self.actor.clone(),
            action,
            self.key.clone(),
            &detail,
        ));
        Ok(Decided::Done)
    }
}

/// Columns of [`JobRow`], in the order that [`job_row`] reads.
pub(crate) const COLUMNS: &str =
    "id, job_key, reference, target, kind, state, lease, tries, created_at, run_at, finished_at, outcome";

pub(crate) fn job_row(row: &Row) -> Result<JobRow, StoreError> {
    let time = |us| Timestamp::from_microsecond(us).map_err(|_| StoreError::Corrupt { what: "outbox times" });
    Ok(JobRow {
        id: row.get(0)?,
        key: row.get(1)?,
        reference: row.get(2)?,
        target: row.get(3)?,
        kind: row.get(4)?,
        state: state(row, 5)?,
        leased: row.get::<Option<String>>(6)?.is_some(),
        tries: tries(row, 7)?,
        created_at: time(row.get(8)?)?,
        run_at: time(row.get(9)?)?,
        finished_at: row.get::<Option<i64>>(10)?.map(time).transpose()?,
        outcome: row.get(11)?,
    })
}

fn state(row: &Row, column: usize) -> Result<JobState, StoreError> {
    JobState::parse(&row.get::<String>(column)?).ok_or(StoreError::Corrupt { what: "outbox.state" })
}

fn tries(row: &Row, column: usize) -> Result<u32, StoreError> {
    u32::try_from(row.get::<i64>(column)?).map_err(|_| StoreError::Corrupt { what: "outbox.tries" })
}
