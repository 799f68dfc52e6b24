//! The LLM path: calls, attempts, tokens, money and the breaker.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::Metrics;
use super::family::{
    DURATION_BUCKETS, HistogramFamily, OutcomeLabels, StateLabels, children, histograms, labels,
};

labels!(DirectionLabels { direction: &'static str });
labels!(EventLabels { event: &'static str });
labels!(VariantLabels { version: String, variant: String, outcome: &'static str });

/// The outcome of nearly every call and attempt.
const OK: &str = "ok";
/// The breaker's states.
const STATES: [&str; 3] = ["closed", "open", "half_open"];
/// What else happens on the LLM path.
const EVENTS: [&str; 9] = [
    "retry",
    "hedge_won",
    "hedge_lost",
    "rejected",
    "budget_exhausted",
    "shared",
    "spared",
    "unknown_severity",
    "unknown_intent",
];
/// Of tokens; `input_cached` is a part of `input`.
const DIRECTIONS: [&str; 3] = ["input", "input_cached", "output"];

#[derive(Debug)]
pub(super) struct Llm {
    calls: HistogramFamily<OutcomeLabels>,
    ok_calls: OnceLock<Histogram>,
    attempts: HistogramFamily<OutcomeLabels>,
    ok_attempts: OnceLock<Histogram>,
    tokens: Vec<Counter>,
    cost: Counter<f64, AtomicU64>,
    spared_cost: Counter<f64, AtomicU64>,
    events: Family<EventLabels, Counter>,
    variants: Family<VariantLabels, Counter>,
    breaker_state: Family<StateLabels, Gauge>,
    breaker_transitions: Family<StateLabels, Counter>,
}

impl Llm {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let calls = histograms(&DURATION_BUCKETS);
        registry.register_with_unit(
            "llm_call_duration",
            "Time of a classification by the LLM with all its attempts, by outcome",
            Unit::Seconds,
            calls.clone(),
        );
        let attempts = histograms(&DURATION_BUCKETS);
        registry.register_with_unit(
            "llm_attempt_duration",
            "Time of one HTTP request to the LLM, by outcome",
            Unit::Seconds,
            attempts.clone(),
        );
        let tokens = Family::default();
        registry.register("llm_tokens", "Tokens the LLM counted", tokens.clone());
        let cost = Counter::default();
        registry.register(
            "llm_cost_usd",
            "Price of the tokens, where prices are configured",
            cost.clone(),
        );
        let spared_cost = Counter::default();
        registry.register(
            "llm_spared_cost_usd",
            "Estimated price of the calls that the cascade spared, where prices are configured",
            spared_cost.clone(),
        );
        let events = Family::default();
        registry.register(
            "llm_events",
            "Retries, hedges, shared answers, rejections by the breaker, and oddities of the LLM",
            events.clone(),
        );
        children(&events, EVENTS.map(|event| EventLabels { event }));
        let variants = Family::default();
        registry.register(
            "llm_prompt_calls",
            "Classifications by prompt version and variant",
            variants.clone(),
        );
        let breaker_state = Family::default();
        registry.register(
            "breaker_state",
            "1 for the state the LLM's breaker is in",
            breaker_state.clone(),
        );
        let breaker_transitions = Family::default();
        registry.register(
            "breaker_transitions",
            "Times the LLM's breaker entered a state",
            breaker_transitions.clone(),
        );
        children(&breaker_transitions, STATES.map(|state| StateLabels { state }));
        Self {
            calls,
            ok_calls: OnceLock::new(),
            attempts,
            ok_attempts: OnceLock::new(),
            tokens: children(&tokens, DIRECTIONS.map(|direction| DirectionLabels { direction })),
            cost,
            spared_cost,
            events,
            variants,
            breaker_state,
            breaker_transitions,
        }
    }
}

/// Records into a family whose `ok` child is resolved once.
fn observe(
    family: &HistogramFamily<OutcomeLabels>,
    ok: &OnceLock<Histogram>,
    outcome: &'static str,
    took: Duration,
) {
    let resolve = || family.get_or_create(&OutcomeLabels { outcome }).clone();
    let seconds = took.as_secs_f64();
    if outcome == OK {
        ok.get_or_init(resolve).observe(seconds);
    } else {
        resolve().observe(seconds);
    }
}

impl Metrics {
    /// A classification by the LLM ended.
    pub fn llm_call(&self, outcome: &'static str, took: Duration) {
        if self.enabled {
            observe(&self.llm.calls, &self.llm.ok_calls, outcome, took);
        }
    }

    /// One HTTP request to the LLM ended.
    pub fn llm_attempt(&self, outcome: &'static str, took: Duration) {
        if self.enabled {
            observe(&self.llm.attempts, &self.llm.ok_attempts, outcome, took);
        }
    }

    /// The LLM counted tokens; `cost_usd` where prices are configured.
    pub fn llm_usage(&self, input: u32, cached: u32, output: u32, cost_usd: Option<f64>) {
        if !self.enabled {
            return;
        }
        for (counter, tokens) in self.llm.tokens.iter().zip([input, cached, output]) {
            counter.inc_by(u64::from(tokens));
        }
        if let Some(cost) = cost_usd {
            self.llm.cost.inc_by(cost);
        }
    }

    /// Something happened on the LLM path: `retry`, `hedge_won`, `rejected`, ... (a closed set).
    pub fn llm_event(&self, event: &'static str) {
        if self.enabled {
            self.llm.events.get_or_create(&EventLabels { event }).inc();
        }
    }

    /// The cascade spared a call of about this price.
    pub fn llm_spared(&self, cost_usd: f64) {
        if self.enabled {
            self.llm.spared_cost.inc_by(cost_usd);
        }
    }

    /// A classification with this prompt ended. Versions and variants are those of the prompt files: few.
    pub fn llm_variant(&self, version: &str, variant: &str, outcome: &'static str) {
        if !self.enabled {
            return;
        }
        let labels = VariantLabels {
            version: version.to_owned(),
            variant: variant.to_owned(),
            outcome,
        };
        self.llm.variants.get_or_create(&labels).inc();
    }

    /// The breaker stands in `state`, one of `states`: what it begins with, or entered.
    pub fn breaker_state(&self, state: &'static str, states: &[&'static str]) {
        for other in states {
            self.llm
                .breaker_state
                .get_or_create(&StateLabels { state: other })
                .set(i64::from(*other == state));
        }
    }

    /// The breaker entered `state`, one of `states`.
    pub fn breaker(&self, state: &'static str, states: &[&'static str]) {
        self.llm
            .breaker_transitions
            .get_or_create(&StateLabels { state })
            .inc();
        self.breaker_state(state, states);
    }
}
