//! A job of the outbox as plain data: what it is, how it is committed with its record, what may become of it.
//!
//! Nothing here runs: [`outbox`](super::outbox) leases and settles jobs, and lets operators decide about them.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::batch::MultiInsert;
use super::engine::Row;
use super::error::StoreError;
use super::record::{NewJob, RecordKind};

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

/// What [`JOBS`] writes to `payload`: unused now, but an earlier version running beside this one during an upgrade parses it as JSON.
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

/// Columns of [`JobRow`], in the order that [`job_row`] reads.
pub(crate) const COLUMNS: &str =
    "id, job_key, reference, target, kind, state, lease, tries, created_at, run_at, finished_at, outcome";

pub(crate) fn job_row(row: &Row) -> Result<JobRow, StoreError> {
    const TIMES: &str = "outbox times";
    Ok(JobRow {
        id: row.get(0)?,
        key: row.get(1)?,
        reference: row.get(2)?,
        target: row.get(3)?,
        kind: row.get(4)?,
        state: state(row, 5)?,
        leased: row.get::<Option<String>>(6)?.is_some(),
        tries: tries(row, 7)?,
        created_at: row.time(8, TIMES)?,
        run_at: row.time(9, TIMES)?,
        finished_at: row.time_if_any(10, TIMES)?,
        outcome: row.get(11)?,
    })
}

pub(super) fn state(row: &Row, column: usize) -> Result<JobState, StoreError> {
    row.label(column, JobState::parse, "outbox.state")
}

pub(super) fn tries(row: &Row, column: usize) -> Result<u32, StoreError> {
    u32::try_from(row.get::<i64>(column)?).map_err(|_| StoreError::Corrupt { what: "outbox.tries" })
}
