//! A known API key: what it may do, how often, until when, and what the LLM may use for it.

use std::sync::Arc;

use jiff::Timestamp;
use ring::digest;

use super::rate::Rate;
use crate::config::{KeyConfig, RateLimitConfig, Role};

/// A key that is known.
#[derive(Debug, PartialEq)]
pub struct Key {
    /// Its name.
    pub id: Arc<str>,
    /// What it is for.
    pub role: Role,
    /// Requests per minute, where it has a rate of its own.
    per_minute: Option<u32>,
    /// Requests at once, where it has a burst of its own.
    burst: Option<u32>,
    /// What the LLM may use for it in a day.
    pub budget: Option<DailyBudget>,
    pub(super) expires: Option<Timestamp>,
    pub(super) hash: [u8; digest::SHA256_OUTPUT_LEN],
}

/// What the LLM may use for one key in a day (UTC). At least one of the two is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DailyBudget {
    /// Input and output tokens together.
    pub tokens: Option<u64>,
    /// Millionths of the currency of `llm.prices`.
    pub micros: Option<u64>,
}

impl Key {
    /// From a checked entry.
    ///
    /// # Panics
    /// When the entry was not checked and a hash is not 64 hexadecimal digits.
    pub(super) fn new(config: &KeyConfig) -> Self {
        let budget = DailyBudget {
            tokens: config.llm_tokens_per_day,
            micros: config.llm_cost_usd_per_day.map(micros),
        };
        let mut hash = [0; digest::SHA256_OUTPUT_LEN];
        hex::decode_to_slice(&config.sha256, &mut hash).expect("validated: 64 hexadecimal digits");
        Self {
            id: Arc::from(config.id.as_str()),
            role: config.role.unwrap_or(Role::Client),
            per_minute: config.per_minute,
            burst: config.burst,
            budget: (budget.tokens.is_some() || budget.micros.is_some()).then_some(budget),
            expires: config.expires,
            hash,
        }
    }
}

impl Key {
    /// Whether it has a rate of its own.
    #[must_use]
    pub fn has_rate(&self) -> bool {
        self.per_minute.is_some() || self.burst.is_some()
    }

    /// How often it may call: what it does not say is as for everybody, except that a rate of its own comes with twice as much at once.
    pub(super) fn rate(&self, everybody: &RateLimitConfig) -> Rate {
        let per_minute = self.per_minute.unwrap_or(everybody.per_minute);
        let burst = match (self.burst, self.per_minute) {
            (Some(burst), _) => burst,
            (None, Some(per_minute)) => per_minute.saturating_mul(2),
            (None, None) => everybody.burst,
        };
        Rate::per_minute(per_minute, burst)
    }
}

/// Money in millionths; what does not fit is as good as without end.
pub(super) fn micros(amount: f64) -> u64 {
    (amount * 1e6).round() as u64
}

/// What a caller wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Send messages.
    Send,
    /// Read records, deliveries and the audit trail, all redacted.
    Read,
    /// Change records and deliveries, and read verbatim texts.
    Change,
}

impl Permission {
    pub(super) fn is_given_to(self, role: Role) -> bool {
        match self {
            Self::Send => role == Role::Client,
            Self::Read => matches!(role, Role::Operator | Role::Auditor),
            Self::Change => role == Role::Operator,
        }
    }
}
