//! What a workflow is given and what it returns: a case, and a decision, as data.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::details::{RecordDetails, StepDetails};
use super::priority::Priority;
use super::safety_compliance::duplicates;
use crate::classify::{Classification, Intent, Severity};
use crate::message::{Channel, Metadata};
use crate::privacy::Redacted;
pub use crate::reference::RecordKind;

/// What the caller is told to do next.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NextStep {
    /// Machine name of the step; listed in `docs/workflows.md`.
    pub action: String,
    /// The same for the customer, in sentences.
    pub description: String,
    /// How soon.
    pub priority: Priority,
    /// A person has to look before anything is relied on.
    pub requires_human_review: bool,
    /// The system the record goes to, when there is one.
    pub external_system: Option<String>,
    /// The record's public id, when there is one.
    pub reference: Option<String>,
    /// Until when a person has looked (RFC 3339, UTC).
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// What belongs to this step; depends on `action`.
    pub details: StepDetails,
}

/// A record that has to be on disk before the answer is given.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordDraft {
    /// Its public id.
    pub reference: String,
    /// What kind it is.
    pub kind: RecordKind,
    /// The system it is delivered to.
    pub system: String,
    /// The queue (ticket) or escalation target (safety report) there.
    pub queue: String,
    /// How soon.
    pub priority: Priority,
    /// Of a safety report.
    pub severity: Option<Severity>,
    /// Of a ticket.
    pub intent: Option<Intent>,
    /// Until when a person has looked.
    pub due_at: Option<Timestamp>,
    /// One line, redacted.
    pub summary: String,
    /// What the agent or safety officer needs, redacted.
    pub details: RecordDetails,
    /// By what earlier reports of the same event are found; of a safety report that has something to go by.
    pub same_event: Option<duplicates::Lookup>,
}

/// What a workflow decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// For the caller.
    pub next_step: NextStep,
    /// For the store, in the order in which they were made.
    pub records: Vec<RecordDraft>,
    /// For `decision_path`.
    pub path: Vec<String>,
}

/// A message with what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What it is.
    pub classification: &'a Classification,
    /// Its redacted text.
    pub redacted: &'a Redacted,
    /// Where it came from.
    pub channel: Channel,
    /// What the caller knows besides.
    pub metadata: &'a Metadata,
    /// When it was received: every due time counts from here.
    pub received_at: Timestamp,
}

/// Makes the public id of a new record.
pub type NewReference<'a> = &'a mut dyn FnMut(RecordKind) -> String;

/// `minutes` after `received_at`. Saturates at the end of time, which configuration limits keep far away.
pub(super) fn due(received_at: Timestamp, minutes: u32) -> Timestamp {
    received_at
        .saturating_add(SignedDuration::from_mins(i64::from(minutes)))
        .unwrap_or(Timestamp::MAX)
}
