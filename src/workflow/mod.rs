//! What happens with a message once its category is known: a decision, as data.
//!
//! [`Workflows::decide`] reads a [`Case`] and returns a [`Decision`]: the next step that the caller is told, the
//! records that have to be on disk before it is told, and lines for the decision path. It does no I/O beyond the
//! in-memory knowledge base, takes no lock for long, and cannot fail; what can go wrong (templates, patterns) is
//! checked by [`Workflows::new`] at start-up. Time and references are handed in. Where a help centre is configured,
//! [`Workflows::look_up`] asks it beforehand.
//!
//! Only redacted text is read and only redacted text is returned. Facts are read from it too, so no fact can hold
//! what redaction removed.
//!
//! - [`informational`]: an answer from the knowledge base, or how to reach a person.
//! - [`service_action`]: an action from a template, with what is missing asked for.
//! - [`safety_compliance`]: a compliance record, an escalation, what to do now.

mod amounts;
mod date_mentions;
mod details;
mod entities;
mod informational;
mod literals;
mod look_up;
mod order_ids;
mod own_words;
mod patterns;
mod phrases;
mod products;
mod requests;
mod safety_compliance;
mod service_action;
mod templates;
mod wording;

#[cfg(test)]
mod conversations;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::classify::{Category, Classification, Intent, Severity};
use crate::config::WorkflowConfig;
use crate::integrations::knowledge_base::KnowledgeBase;
use crate::message::{Channel, MessageText, Metadata};
use crate::privacy::Redacted;

pub use amounts::Amount;
pub use date_mentions::DateMention;
pub use details::{RecordDetails, StepDetails};
pub use entities::{Entities, Reason};
pub use look_up::LookedUp;
pub use own_words::own_words;
pub use safety_compliance::{case_report, dates, duplicates, export};
pub use templates::{ActionTemplates, TemplateError};

use entities::EntityReader;
use look_up::HelpCentre;
use safety_compliance::SafetyCompliance;

/// The confidence under which a person decides, unless [`Workflows::with_min_confidence`] says otherwise.
const DEFAULT_MIN_CONFIDENCE: f32 = 0.5;

/// How soon something has to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Nobody waits for it.
    Low,
    /// The usual.
    Medium,
    /// Before the usual.
    High,
    /// At once.
    Urgent,
}

impl Priority {
    /// The priority's one spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

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

/// The two kinds of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordKind {
    /// Work for an agent.
    Ticket,
    /// A safety report.
    Compliance,
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
    /// Its verbatim text; no workflow copies from it.
    pub text: &'a MessageText,
    /// Where it came from.
    pub channel: Channel,
    /// What the caller knows besides.
    pub metadata: &'a Metadata,
    /// When it was received: every due time counts from here.
    pub received_at: Timestamp,
}

/// Makes the public id of a new record.
pub type NewReference<'a> = &'a mut dyn FnMut(RecordKind) -> String;

/// Why the workflows cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WorkflowSetupError {
    /// The templates file cannot be read.
    #[error("workflow.templates_path: cannot read {path}")]
    Read {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The templates are broken.
    #[error("workflow.templates_path: {0}")]
    Templates(#[from] TemplateError),
    /// The built-in term lists are broken.
    #[error("safety terms: {0}")]
    Terms(String),
}

/// The three workflows, ready to decide. Build once, share.
#[derive(Debug)]
pub struct Workflows {
    config: WorkflowConfig,
    knowledge_base: Arc<KnowledgeBase>,
    help_centre: Option<HelpCentre>,
    templates: ActionTemplates,
    entities: EntityReader,
    safety: SafetyCompliance,
    min_confidence: f32,
}

impl Workflows {
    /// Reads and checks the templates and term lists.
    ///
    /// # Errors
    /// [`WorkflowSetupError`], naming the setting.
    pub fn new(
        config: &WorkflowConfig,
        knowledge_base: Arc<KnowledgeBase>,
    ) -> Result<Self, WorkflowSetupError> {
        let templates = match &config.templates_path {
            None => ActionTemplates::built_in()?,
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|source| WorkflowSetupError::Read {
                    path: path.clone(),
                    source,
                })?;
                ActionTemplates::parse(&text)?
            }
        };
        let entities = EntityReader::new();
        Ok(Self {
            safety: SafetyCompliance::new()?,
            config: config.clone(),
            knowledge_base,
            help_centre: None,
            templates,
            entities,
            min_confidence: DEFAULT_MIN_CONFIDENCE,
        })
    }

    /// Sets the confidence (0..=1) under which a person decides.
    #[must_use]
    pub fn with_min_confidence(mut self, min_confidence: f32) -> Self {
        self.min_confidence = min_confidence;
        self
    }

    /// Decides what happens with a message; questions are answered from the articles in memory.
    #[must_use]
    pub fn decide(&self, case: &Case<'_>, new_reference: NewReference<'_>) -> Decision {
        self.decide_after(case, None, new_reference)
    }

    /// Decides what happens with a message; questions are answered with what [`Self::look_up`] found, where it was asked.
    #[must_use]
    pub fn decide_after(
        &self,
        case: &Case<'_>,
        looked_up: Option<&LookedUp>,
        new_reference: NewReference<'_>,
    ) -> Decision {
        match case.classification.category {
            // A safety report is never held back for want of confidence.
            Category::SafetyCompliance => self.safety_compliance(case, new_reference),
            Category::Informational if self.is_sure(case) => {
                self.informational(case, looked_up, new_reference)
            }
            Category::ServiceAction if self.is_sure(case) => self.service_action(case, new_reference),
            Category::Informational | Category::ServiceAction => {
                self.escalate(case, looked_up, new_reference)
            }
        }
    }

    /// Whether the classification is sure enough to act on; a confidence that is no number is not.
    fn is_sure(&self, case: &Case<'_>) -> bool {
        case.classification.confidence >= self.min_confidence
    }

    /// Until when a ticket of `priority` has been looked at.
    fn ticket_due(&self, priority: Priority, received_at: Timestamp) -> Timestamp {
        let sla = &self.config.sla;
        let minutes = match priority {
            Priority::Urgent => sla.ticket_urgent_minutes,
            Priority::High => sla.ticket_high_minutes,
            Priority::Medium => sla.ticket_medium_minutes,
            Priority::Low => sla.ticket_low_minutes,
        };
        due(received_at, minutes)
    }
}

/// `minutes` after `received_at`. Saturates at the end of time, which configuration limits keep far away.
fn due(received_at: Timestamp, minutes: u32) -> Timestamp {
    received_at
        .saturating_add(SignedDuration::from_mins(i64::from(minutes)))
        .unwrap_or(Timestamp::MAX)
}
