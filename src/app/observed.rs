//! Counts in the metrics what the LLM's client and the delivery say of themselves: both tell it to whoever listens and know no metrics.
//!
//! Nothing here fails.

use std::sync::Arc;
use std::time::Duration;

use tracing::warn;

use crate::breaker_state::BreakerState;
use crate::classify::llm::{LlmEvents, Usage};
use crate::delivery::DeliveryObserver;
use crate::store::SlaMark;
use crate::telemetry::metrics::Metrics;

/// Counts what happens on the way to the LLM, and in delivery.
#[derive(Debug)]
pub(super) struct Observed(pub(super) Arc<Metrics>);

impl DeliveryObserver for Observed {
    fn tried(&self, target: &'static str, outcome: &'static str, took: Duration) {
        self.0.delivery(target, outcome, took);
    }

    fn breaker(&self, target: &'static str, state: BreakerState) {
        self.0.delivery_breaker(target, state.as_str());
        warn!(
            target_system = target,
            state = state.as_str(),
            "a delivery breaker changed its state"
        );
    }

    fn marked(&self, mark: &SlaMark) {
        self.0.sla_mark(
            mark.kind.as_str(),
            if mark.breached { "breached" } else { "due_soon" },
            mark.severity.as_deref(),
        );
    }
}

impl LlmEvents for Observed {
    fn attempt(&self, outcome: &'static str, took: Duration) {
        self.0.llm_attempt(outcome, took);
    }

    fn call(&self, outcome: &'static str, took: Duration) {
        self.0.llm_call(outcome, took);
    }

    fn breaker(&self, _from: BreakerState, to: BreakerState) {
        self.0.breaker(to.as_str(), BreakerState::SPELLINGS);
    }

    fn rejected(&self) {
        self.0.llm_event("rejected");
    }

    fn retry(&self) {
        self.0.llm_event("retry");
    }

    fn budget_exhausted(&self) {
        self.0.llm_event("budget_exhausted");
    }

    fn hedge(&self, won: bool) {
        self.0.llm_event(if won { "hedge_won" } else { "hedge_lost" });
    }

    fn shared(&self) {
        self.0.llm_event("shared");
    }

    fn spared(&self, cost_usd: Option<f64>) {
        self.0.llm_event("spared");
        self.0.llm_spared(cost_usd.unwrap_or_default());
    }

    fn oddity(&self, what: &'static str) {
        self.0.llm_event(what);
    }

    fn variant(&self, version: &str, variant: &str, outcome: &'static str) {
        self.0.llm_variant(version, variant, outcome);
    }

    fn usage(&self, usage: &Usage) {
        self.0.llm_usage(
            usage.input_tokens,
            usage.cached_tokens,
            usage.output_tokens,
            usage.cost,
        );
    }
}
