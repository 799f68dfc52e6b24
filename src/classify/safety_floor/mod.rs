//! The safety floor: what no classifier may lower.
//!
//! A message is raised to `safety_compliance` when a pattern of [`emergencies`] matches it (nearly all of them make it urgent) or when the
//! local model's safety probability reaches a threshold, whatever an LLM said. The floor only ever raises: it returns a
//! [`Raise`] or nothing. Patterns read the same folded text as the model, so curly quotes, case and accents make no
//! difference; a match that a negation reaches, or that is a figure of speech, does not count. Pure and cannot fail.

mod denials;
mod emergencies;
mod figures;
mod other_languages;
mod patterns;
mod raise;
#[cfg(test)]
mod tests;
mod word_classes;
mod word_pairs;
mod word_table;

use self::patterns::Patterns;
use super::local::LocalVerdict;
use super::local::reading::Reading;

pub use self::raise::{Emergency, Raise, RaiseReason};

/// Raises messages to safety. Make one at start-up (patterns are compiled) and share it.
pub struct SafetyFloor {
    threshold: f32,
    patterns: Patterns,
}

impl std::fmt::Debug for SafetyFloor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SafetyFloor({})", self.threshold)
    }
}

impl SafetyFloor {
    /// Chosen with the embedded model on `dev.jsonl` (300 messages), `calibrate.jsonl` (143), `fresh.jsonl` (197) and `month.jsonl` (410)
    /// together, 387 of them safety messages: it catches 99.0 % of those at 5.3 % false alarms. 0.05 would catch 99.2 % at 9.2 %, 0.30 98.2 % at
    /// 4.2 %. The urgent patterns do not depend on it. `switchboard eval` prints the table for other data, `classifier.safety_threshold` sets
    /// another value.
    pub const DEFAULT_THRESHOLD: f32 = 0.15;

    /// A floor that raises at or above `threshold` (0..=1).
    #[must_use]
    pub fn new(threshold: f32) -> Self {
        Self {
            threshold,
            patterns: Patterns::new(),
        }
    }

    /// Whether and how far a message must be raised. `verdict` is the local model's for the same text.
    #[must_use]
    pub fn check(&self, text: &str, verdict: &LocalVerdict) -> Option<Raise> {
        self.check_reading(&Reading::whole(text), verdict)
    }

    /// As [`Self::check`], of a message that was read already, as a [whole](Reading::whole).
    pub(crate) fn check_reading(&self, reading: &Reading, verdict: &LocalVerdict) -> Option<Raise> {
        if let Some(pattern) = self.patterns.find(reading) {
            return Some(pattern);
        }
        (verdict.safety >= self.threshold).then_some(Raise {
            reason: RaiseReason::Probability(verdict.safety),
            severity: None,
            emergency: None,
            also: None,
        })
    }
}

impl Default for SafetyFloor {
    fn default() -> Self {
        Self::new(Self::DEFAULT_THRESHOLD)
    }
}
