//! Who hears what happens on the way to the LLM: metrics and logs, or nobody.

use std::time::Duration;

use super::usage::Usage;
use crate::breaker_state::BreakerState;

/// Hears what happens, for metrics and logs. Every method returns quickly and never fails. Outcomes are `ok` or an
/// error's [`code`](super::LlmError::code).
pub trait LlmEvents: Send + Sync {
    /// One HTTP exchange is over; the outcome may also be `cancelled` (a hedge's loser, a caller that went away).
    fn attempt(&self, _outcome: &'static str, _took: Duration) {}
    /// One question is answered or given up.
    fn call(&self, _outcome: &'static str, _took: Duration) {}
    /// A question of this prompt version and variant ended so.
    fn variant(&self, _version: &str, _variant: &str, _outcome: &'static str) {}
    /// The breaker changed its state.
    fn breaker(&self, _from: BreakerState, _to: BreakerState) {}
    /// The open breaker refused a call.
    fn rejected(&self) {}
    /// A call is tried again.
    fn retry(&self) {}
    /// A retry or hedge was not made because the budget is used up.
    fn budget_exhausted(&self) {}
    /// A second call was sent for a slow first one; whether it answered first.
    fn hedge(&self, _won: bool) {}
    /// A call shared the answer of an identical one.
    fn shared(&self) {}
    /// The local model was sure enough: a call was spared that costs this much on average, if prices are configured.
    fn spared(&self, _cost: Option<f64>) {}
    /// The model left its schema in a field that we can do without: `unknown_severity` or `unknown_intent`.
    fn oddity(&self, _what: &'static str) {}
    /// What a reply used, whether or not there is a verdict in it.
    fn usage(&self, _usage: &Usage) {}
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEvents;

impl LlmEvents for NoEvents {}
