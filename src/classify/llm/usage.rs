//! What a call uses: tokens, and money where prices are configured.

use std::sync::{Arc, Mutex, PoisonError};

/// Tokens of one call.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Input tokens, the cached ones included.
    pub input_tokens: u32,
    /// Input tokens that the provider had cached.
    pub cached_tokens: u32,
    /// Output tokens, reasoning included.
    pub output_tokens: u32,
    /// What the call cost, in the currency of `llm.prices`; `None` without prices.
    pub cost: Option<f64>,
}

impl Usage {
    fn plus(self, other: Self) -> Self {
        let cost = match (self.cost, other.cost) {
            (Some(one), Some(two)) => Some(one + two),
            (one, two) => one.or(two),
        };
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            cached_tokens: self.cached_tokens.saturating_add(other.cached_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            cost,
        }
    }
}

/// What one question has used so far: every reply that came for it, also one without a verdict, one that was tried again, or a hedge's that came
/// too late to count. Beside the answer instead of in it, because an error has none. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally(Arc<Mutex<Usage>>);

impl Tally {
    pub(super) fn add(&self, usage: Usage) {
        let mut total = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *total = total.plus(usage);
    }

    pub(super) fn total(&self) -> Usage {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
