//! What came of reading a message: its category and all that is known beside, and which model and prompt said so. Plain data.

use std::sync::Arc;
use std::time::Duration;

use super::label::{Category, Intent, Scores, Severity};
use super::safety_floor::Emergency;

closed_set! {
    /// What decided the category.
    ClassifierKind {
        /// The LLM (raised by the safety floor, perhaps).
        Llm = "llm",
        /// The local model.
        Local = "local",
    }
}

/// What the message is, and how we know.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// What kind of message it is.
    pub category: Category,
    /// How sure that is, 0 to 1.
    pub confidence: f32,
    /// How fast a person must look; meaningful for a safety report.
    pub severity: Severity,
    /// What the customer wants done; meaningful for a service action, and for a request beside a safety report.
    pub intent: Intent,
    /// Probability of each category. After a raise, the category need not be the most probable one.
    pub scores: Scores,
    /// What decided.
    pub classifier: ClassifierKind,
    /// Whether the local model had to stand in for a configured LLM.
    pub degraded: bool,
    /// Why the safety floor raised it, if it did.
    pub raised: Option<String>,
    /// The emergency that was recognised, if one was.
    pub emergency: Option<Emergency>,
    /// Another one beside it, whose help is needed as well.
    pub also_emergency: Option<Emergency>,
    /// Whether a person must look before anything happens on its strength.
    pub requires_human_review: bool,
    /// How it came about, step by step, redacted.
    pub reasoning: Vec<String>,
}

impl Classification {
    /// Whether it is sure enough for whatever needs `min_confidence`; a confidence that is no number is not.
    #[must_use]
    pub fn is_sure(&self, min_confidence: f32) -> bool {
        self.confidence >= min_confidence
    }

    /// A classification without doubt or history, for rehearsals.
    #[must_use]
    pub fn certain(category: Category) -> Self {
        let of = |other| if other == category { 1.0 } else { 0.0 };
        Self {
            category,
            confidence: 1.0,
            severity: Severity::Standard,
            intent: Intent::TrackOrder,
            scores: Scores {
                informational: of(Category::Informational),
                service_action: of(Category::ServiceAction),
                safety_compliance: of(Category::SafetyCompliance),
            },
            classifier: ClassifierKind::Local,
            degraded: false,
            raised: None,
            emergency: None,
            also_emergency: None,
            requires_human_review: false,
            reasoning: Vec::new(),
        }
    }
}

/// Which model and prompt a classification came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The model that decided the category.
    pub model: Arc<str>,
    /// Version of the prompt; of the local model where there was none.
    pub prompt_version: Arc<str>,
    /// Variant of the prompt; `local` where there was none.
    pub prompt_variant: Arc<str>,
    /// How long the LLM was waited for, whether it answered or not.
    pub llm_wait: Duration,
}
