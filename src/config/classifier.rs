//! `[classifier]`: how a category is decided.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{InvalidSetting, in_range};

/// How a category is decided.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClassifierConfig {
    /// Who decides.
    #[serde(deserialize_with = "super::field::one_of")]
    pub mode: ClassifierMode,
    /// Below this confidence a message goes to a human, never to an automatic action; 0 to 1.
    pub min_confidence: f32,
    /// Local P(safety) from which a message is raised to safety_compliance whatever the LLM said; 0.01 to 1. Unset takes the
    /// threshold that was calibrated with the model.
    pub safety_threshold: Option<f32>,
    /// What happens when the LLM cannot answer.
    #[serde(deserialize_with = "super::field::one_of")]
    pub on_llm_failure: OnLlmFailure,
    /// A model file made by `switchboard train`; unset takes the embedded one.
    pub model: Option<PathBuf>,
}

/// Who decides. Without `llm.api_key` it is the local model in every mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassifierMode {
    /// The LLM, about every message.
    #[default]
    Llm,
    /// The local model; the LLM is never asked, though a key is there.
    Local,
    /// The local model where it is sure and far from safety (`llm.cascade`), the LLM about the rest.
    Cascade,
}

/// What happens when the LLM cannot answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnLlmFailure {
    /// The local model answers, and the answer says `degraded`.
    #[default]
    Local,
    /// The caller gets 503 with Retry-After, unless the safety floor finds a safety report: that is always accepted.
    Reject,
}

impl Default for ClassifierConfig {
    fn default() -> Self {
        Self {
            mode: ClassifierMode::Llm,
            min_confidence: 0.5,
            safety_threshold: None,
            on_llm_failure: OnLlmFailure::Local,
            model: None,
        }
    }
}

impl ClassifierConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first value out of range.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        in_range("classifier.min_confidence", self.min_confidence, 0.0..=1.0)?;
        match self.safety_threshold {
            Some(threshold) => in_range("classifier.safety_threshold", threshold, 0.01..=1.0),
            None => Ok(()),
        }
    }
}
