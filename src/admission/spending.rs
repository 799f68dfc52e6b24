//! What an API key's messages used of the LLM in a day.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::key::DailyBudget;

/// What was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spent {
    /// Input and output tokens together.
    pub(super) tokens: u64,
    /// Millionths of the currency of `llm.prices`.
    pub(super) micros: u64,
}

impl Spent {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            micros: self.micros.saturating_add(other.micros),
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_sub(other.tokens),
            micros: self.micros.saturating_sub(other.micros),
        }
    }

    pub(super) fn max(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.max(other.tokens),
            micros: self.micros.max(other.micros),
        }
    }

    pub(super) fn reaches(self, budget: DailyBudget) -> bool {
        budget.tokens.is_some_and(|tokens| self.tokens >= tokens)
            || budget.micros.is_some_and(|micros| self.micros >= micros)
    }
}

/// The day in UTC.
pub(super) fn day_of(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}
