//! What happens with a message once its category is known: a decision, as data.
//!
//! [`Workflows::decide`] reads a [`Case`] and returns a [`Decision`]: the next step that the caller is told, the
//! records that have to be on disk before it is told, and lines for the decision path. It does no I/O beyond the
//! in-memory knowledge base, takes no lock for long, and cannot fail; what can go wrong (templates) is
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
mod bereavement;
mod date_mentions;
mod decision;
mod details;
mod entities;
mod informational;
mod literals;
mod look_up;
mod not_asked;
mod numbers;
mod order_ids;
mod other_languages;
mod patterns;
mod phrases;
mod pressing;
mod priority;
mod products;
mod requests;
mod safety_compliance;
mod service_action;
mod small_talk;
mod templates;
mod without_order;
mod wording;

#[cfg(test)]
mod conversations;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::classify::Category;
use crate::config::WorkflowConfig;
use crate::integrations::knowledge_base::KnowledgeBase;
use crate::integrations::knowledge_search_http::KnowledgeSearch;
use crate::mail::own_words;
use crate::telemetry::metrics::Metrics;

pub use amounts::Amount;
pub use date_mentions::DateMention;
pub use decision::{Case, Decision, NewReference, NextStep, RecordDraft, RecordKind};
pub use details::{RecordDetails, StepDetails};
pub use entities::{Entities, Reason};
pub use look_up::LookedUp;
pub use priority::Priority;
pub use safety_compliance::{case_report, duplicates, export};
pub use templates::TemplateError;

use bereavement::{CONDOLENCES, is_bereaved};
use decision::due;
use entities::EntityReader;
use look_up::HelpCentre;
use safety_compliance::dates;
use safety_compliance::reader::Reader;
use small_talk::is_small_talk;
use templates::ActionTemplates;

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
    #[error("workflow.templates_path: {file}: {source}")]
    Templates {
        /// The file, or that it is the one that is built in.
        file: String,
        /// What is wrong with it.
        source: TemplateError,
    },
}

/// The three workflows, ready to decide. Build once, share.
#[derive(Debug)]
pub struct Workflows {
    config: WorkflowConfig,
    knowledge_base: Arc<KnowledgeBase>,
    help_centre: Option<HelpCentre>,
    templates: ActionTemplates,
    entities: EntityReader,
    reader: &'static Reader,
    min_confidence: f32,
}

impl Workflows {
    /// Reads and checks the templates. Under `min_confidence` (0..=1) a person decides.
    ///
    /// # Errors
    /// [`WorkflowSetupError`], naming the setting.
    pub fn new(
        config: &WorkflowConfig,
        knowledge_base: Arc<KnowledgeBase>,
        min_confidence: f32,
    ) -> Result<Self, WorkflowSetupError> {
        let wrong = |file: String| |source| WorkflowSetupError::Templates { file, source };
        let templates = match &config.templates_path {
            None => ActionTemplates::built_in().map_err(wrong("the built-in templates".to_owned()))?,
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|source| WorkflowSetupError::Read {
                    path: path.clone(),
                    source,
                })?;
                ActionTemplates::parse(&text).map_err(wrong(path.display().to_string()))?
            }
        };
        let entities = EntityReader::new();
        Ok(Self {
            reader: Reader::built_in(),
            config: config.clone(),
            knowledge_base,
            help_centre: None,
            templates,
            entities,
            min_confidence,
        })
    }

    /// With a help centre that is asked instead of the articles in memory.
    #[must_use]
    pub fn with_help_centre(self, search: KnowledgeSearch, metrics: Arc<Metrics>) -> Self {
        Self {
            help_centre: Some(HelpCentre::new(search, metrics)),
            ..self
        }
    }

    /// The longest that [`Self::look_up`] takes: time that nobody else may use up.
    #[must_use]
    pub fn look_up_limit(&self) -> Duration {
        self.help_centre
            .as_ref()
            .map_or(Duration::ZERO, HelpCentre::timeout)
    }

    /// What the help centre says to this case; `None` where there is none, or where nothing is searched for.
    pub async fn look_up(&self, case: &Case<'_>) -> Option<LookedUp> {
        let help_centre = self.help_centre.as_ref()?;
        let searches = match case.classification.category {
            Category::SafetyCompliance => false,
            Category::Informational => true,
            // Only the hand-over of an unsure one names articles.
            Category::ServiceAction => !self.is_sure(case),
        };
        if !searches {
            return None;
        }
        // Apart, so that a message which nobody is asked about does not carry the room for it along.
        Some(Box::pin(help_centre.look_up(case.redacted)).await)
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
        let own = own_words(case.redacted.as_str());
        let mut decision = match case.classification.category {
            // A safety report is never held back for want of confidence.
            Category::SafetyCompliance => self.safety_compliance(case, &own, new_reference),
            // "привет" asks for nothing, whatever request was guessed.
            _ if is_small_talk(&own) => self.informational(case, &own, looked_up, new_reference),
            Category::Informational if self.is_sure(case) => {
                self.informational(case, &own, looked_up, new_reference)
            }
            Category::ServiceAction if self.is_sure(case) => self.service_action(case, &own, new_reference),
            Category::Informational | Category::ServiceAction => {
                self.escalate_unsure(case, &own, looked_up, new_reference)
            }
        };
        // A safety report's answer has its own.
        if case.classification.category != Category::SafetyCompliance && is_bereaved(&own) {
            let answer = &mut decision.next_step.description;
            *answer = format!("{CONDOLENCES} {answer}");
        }
        decision
    }

    /// Whether the classification is sure enough to act on.
    fn is_sure(&self, case: &Case<'_>) -> bool {
        case.classification.is_sure(self.min_confidence)
    }

    /// The day on which a case was received where the operator is: "today" in its text, and day zero of a report.
    fn day_received(&self, case: &Case<'_>) -> Date {
        dates::day_zero(case.received_at, self.config.safety.day_zero_utc_offset_hours)
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
