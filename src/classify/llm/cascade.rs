//! The cascade (opt-in): when the local model is sure and far from safety, the LLM need not be asked.
//!
//! Sure alone is not enough: a message with any sign of a safety matter always gets the second opinion, so the safety
//! probability has a limit of its own. The caller counts a spared call with `Llm::spared`, which estimates the money.

use crate::classify::label::{Category, Scores};
use crate::config::llm::CascadeConfig;

/// Decides whether the local model may decide alone.
#[derive(Debug, Clone)]
pub struct Cascade {
    config: CascadeConfig,
}

impl Cascade {
    /// With these thresholds.
    #[must_use]
    pub const fn new(config: CascadeConfig) -> Self {
        Self { config }
    }

    /// Whether the local model's (calibrated) scores make the LLM's opinion unnecessary.
    #[must_use]
    pub fn spares_the_call(&self, local: &Scores) -> bool {
        let best = local.informational.max(local.service_action);
        best >= self.config.min_confidence && local.of(Category::SafetyCompliance) <= self.config.max_safety
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sure_answer_far_from_safety_spares_the_call() {
        let cascade = Cascade::new(CascadeConfig::default());
        let spares = |informational, service_action, safety_compliance| {
            cascade.spares_the_call(&Scores {
                informational,
                service_action,
                safety_compliance,
            })
        };
        assert!(spares(0.99, 0.005, 0.005));
        assert!(spares(0.0, 0.995, 0.005));
        assert!(!spares(0.9, 0.095, 0.005), "not sure enough");
        assert!(!spares(0.98, 0.0, 0.02), "too near to safety");
        assert!(!spares(0.0, 0.0, 1.0), "a safety message is always asked about");
        assert!(!spares(f32::NAN, f32::NAN, f32::NAN));
    }
}
