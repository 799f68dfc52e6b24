//! What the store keeps and gives back, as plain data: records, the unit that commits together, filters and pages.
//!
//! The store knows no workflow type: labels are their spellings. `details`, `summary` and `redacted_text` must be
//! redacted already; only [`NewRecord::verbatim`] may hold a customer's own words, and it is sealed before it is queued
//! for the disk.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::reference::RecordKind;

closed_set! {
    /// How far a person got with a record.
    RecordStatus {
        /// Nobody looked yet; the SLA clock runs.
        Open = "open",
        /// Somebody took it; the SLA clock has stopped.
        Acknowledged = "acknowledged",
        /// Done.
        Resolved = "resolved",
    }
}

/// Words the answer to keep anew, once it is known which earlier records the unit's were linked to: their references, those that the
/// message names first, then the newest.
pub type Reword = Box<dyn Fn(&[String]) -> Vec<u8> + Send + Sync>;

/// Everything that becomes durable together, or not at all.
#[derive(Default)]
pub struct Unit {
    /// New records with their jobs; each gets its audit entry.
    pub records: Vec<NewRecord>,
    /// Further audit entries.
    pub audit: Vec<NewAuditEntry>,
    /// The answer to keep for the request's Idempotency-Key.
    pub idempotency: Option<IdempotentAnswer>,
    /// The same answer for when records are linked; without it, the answer is kept as it is.
    pub reword: Option<Reword>,
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unit({} records)", self.records.len())
    }
}

/// What a commit found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Earlier records that the unit's records were linked to: those that the message names first, then the newest.
    pub linked: Vec<String>,
    /// The idempotent answer as it was kept, where [`Unit::reword`] worded it anew.
    pub reworded: Option<Vec<u8>>,
}

/// A record to keep.
#[derive(Debug)]
pub struct NewRecord {
    /// Its public id, unique.
    pub reference: String,
    /// What it is.
    pub kind: RecordKind,
    /// The people it is for, such as `agents` or `safety-officer`.
    pub queue: String,
    /// When the message was received.
    pub received_at: Timestamp,
    /// When a person must have looked.
    pub due_at: Option<Timestamp>,
    /// How fast a person must look, for a safety report.
    pub severity: Option<&'static str>,
    /// The message's category.
    pub category: &'static str,
    /// What the customer wants done.
    pub intent: Option<&'static str>,
    /// Where the message came from.
    pub channel: &'static str,
    /// The request that brought it.
    pub request_id: String,
    /// The caller that brought it.
    pub client_id: String,
    /// One redacted line.
    pub summary: String,
    /// The redacted message.
    pub redacted_text: String,
    /// The customer's own words; sealed before they reach the disk.
    pub verbatim: SecretString,
    /// The workflow's redacted facts: a JSON object as text.
    pub details: String,
    /// What has to be delivered because of it.
    pub jobs: Vec<NewJob>,
    /// By what records of the same event are found; `None`: none are looked for.
    pub same_event: Option<SameEvent>,
}

/// Says what is alike in the new record and an earlier one, given by its details (JSON text), when both may tell of the same event.
pub type CompareDetails = Arc<dyn Fn(&str) -> Option<Value> + Send + Sync>;

/// How records that may tell of the same event as a new one are found.
#[derive(Clone)]
pub struct SameEvent {
    /// Facts of which one in common is worth a comparison, such as whose report it is; kept as keyed hashes only.
    pub facts: Vec<String>,
    /// References of other records that the message names.
    pub named: Vec<String>,
    /// Facts of records received before are not looked for.
    pub since: Timestamp,
    /// Compares the new record with an earlier one.
    pub compare: CompareDetails,
}

impl fmt::Debug for SameEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SameEvent({} facts)", self.facts.len())
    }
}

/// A delivery to make. At most one per record, target and kind: that triple is its idempotency key.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// The outside system, such as `ticketing` or `compliance`.
    pub target: &'static str,
    /// What to do there, such as `create`.
    pub kind: &'static str,
}

/// The answer to keep for a key, given with the unit that it answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentAnswer {
    /// The caller.
    pub client_id: String,
    /// The key.
    pub key: String,
    /// Proof of the [`Hold`](super::Hold).
    pub holder: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Body of the answer; redacted like every answer.
    pub body: Vec<u8>,
    /// How long it is kept.
    pub keep_for: Duration,
}

/// An audit entry to append.
#[derive(Debug, Clone)]
pub struct NewAuditEntry {
    /// Who: `client:<id>`, `operator:<id>`, `system` or a command, as `cli:uid-<number>`.
    pub actor: String,
    /// What, such as `record.created`.
    pub action: &'static str,
    /// On what: a reference, a job key, a setting.
    pub subject: String,
    /// Redacted facts, before and after, as JSON text.
    pub detail: String,
}

/// A record as it is kept, without its verbatim text.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RecordRow {
    /// Position in the list; grows with every record.
    #[serde(skip)]
    pub id: i64,
    /// Public id.
    pub reference: String,
    /// What it is.
    pub kind: RecordKind,
    /// The people it is for.
    pub queue: String,
    /// How far a person got.
    pub status: RecordStatus,
    /// Grows with every change; the ETag.
    pub version: i64,
    /// When the message was received.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// When a person must have looked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// When the SLA clock marked it as due soon.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_soon_at: Option<Timestamp>,
    /// When the SLA clock marked it as breached.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub breached_at: Option<Timestamp>,
    /// How fast a person must look.
    pub severity: Option<String>,
    /// The message's category.
    pub category: String,
    /// What the customer wants done.
    pub intent: Option<String>,
    /// Where the message came from.
    pub channel: String,
    /// The request that brought it.
    pub request_id: String,
    /// The caller that brought it.
    pub client_id: String,
    /// One redacted line.
    pub summary: String,
    /// The redacted message.
    pub redacted_text: String,
    /// The workflow's redacted facts.
    #[schema(value_type = Object)]
    pub details: Value,
    /// References of records that may tell of the same event, in alphabetical order; a person decides.
    pub linked_reports: Vec<String>,
    /// When the verbatim text was erased.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub erased_at: Option<Timestamp>,
    /// What a reviewer said it should have been.
    pub review: Option<Review>,
}

/// A reviewer's labels, kept for training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Review {
    /// The right category.
    pub category: String,
    /// The right severity, for a safety report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// The right intent, for a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
}

closed_set! {
    /// Which records come first in a list.
    RecordSort {
        /// The newest.
        Newest = "newest",
        /// Of what nobody acknowledged that which is due the soonest. What is not open is left out.
        Due = "due",
    }
}

/// Which records to list, and in which order; `None` lets all pass.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    /// Newest first when left out.
    pub sort: Option<RecordSort>,
    /// Of this kind.
    pub kind: Option<RecordKind>,
    /// In this status.
    pub status: Option<RecordStatus>,
    /// In this queue.
    pub queue: Option<String>,
    /// Of this severity.
    pub severity: Option<String>,
    /// Of this category.
    pub category: Option<String>,
    /// Brought by this caller.
    pub client_id: Option<String>,
    /// Breached (true) or not (false).
    pub breached: Option<bool>,
    /// Reviewed (true) or not (false).
    pub reviewed: Option<bool>,
}

/// A page of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Only what comes behind the row of this [`RecordRow::id`].
    pub before: Option<i64>,
    /// At most this many, 1..=[`Page::MAX`]; clamped.
    pub limit: u32,
}

impl Page {
    /// Most rows in a page.
    pub const MAX: u32 = 500;
}

/// A page's rows, and where the next one begins.
#[derive(Debug, Clone)]
pub struct Listed<R> {
    /// In the order that was asked for; newest first where there is but one.
    pub items: Vec<R>,
    /// [`Page::before`] of the next page; `None` at the end.
    pub next: Option<i64>,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            before: None,
            limit: 50,
        }
    }
}

/// A customer's own words, read from a record.
pub enum Verbatim {
    /// The text.
    Text(SecretString),
    /// It was erased then.
    Erased(Timestamp),
}

impl fmt::Debug for Verbatim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(..)"),
            Self::Erased(at) => write!(f, "Erased({at})"),
        }
    }
}

/// A person's change to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Open -> acknowledged: stops the SLA clock.
    Acknowledge,
    /// Open or acknowledged -> resolved, with a note that must hold no customer's data.
    Resolve {
        /// Why, redacted.
        note: String,
    },
    /// Keeps a reviewer's labels.
    Reclassify(Review),
}
