//! Metrics in the OpenMetrics text form, served on the management listener.
//!
//! Names and units follow the Prometheus conventions. Labels are closed sets (routes, statuses, categories), so the number of
//! series is bounded; ids and texts never become labels. Recording cannot fail.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::admission_metrics::AdmissionMetrics;

/// Content type of [`Metrics::render`] (OpenMetrics 1.0, section 4.1).
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Buckets for durations, in seconds: from the local path (sub-millisecond) to the request deadline.
const DURATION_BUCKETS: [f64; 16] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0,
];

/// Buckets for a confidence, 0 to 1; 0.5 is the default bound for automatic action.
const CONFIDENCE_BUCKETS: [f64; 10] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

/// Makes a histogram with fixed buckets; a type of its own so that families can be named.
#[derive(Debug, Clone)]
struct Buckets(&'static [f64]);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

type HistogramFamily<L> = Family<L, Histogram, Buckets>;

fn histograms<L: Clone + std::hash::Hash + Eq>(buckets: &'static [f64]) -> HistogramFamily<L> {
    Family::new_with_constructor(Buckets(buckets))
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClassificationLabels {
    category: &'static str,
    classifier: &'static str,
    channel: &'static str,
    degraded: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CategoryLabels {
    category: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DirectionLabels {
    direction: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventLabels {
    event: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VariantLabels {
    version: String,
    variant: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TargetLabels {
    target: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SlaLabels {
    kind: &'static str,
    mark: &'static str,
}

/// Every metric of the service.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Who got in, and how.
    pub admission: AdmissionMetrics,
    requests: HistogramFamily<RequestLabels>,
    in_flight: Gauge,
    classifications: Family<ClassificationLabels, Counter>,
    confidence: HistogramFamily<CategoryLabels>,
    floor_raises: Family<OutcomeLabels, Counter>,
    llm_calls: HistogramFamily<OutcomeLabels>,
    llm_attempts: HistogramFamily<OutcomeLabels>,
    llm_tokens: Family<DirectionLabels, Counter>,
    llm_cost: Counter<f64, AtomicU64>,
    llm_spared_cost: Counter<f64, AtomicU64>,
    llm_events: Family<EventLabels, Counter>,
    llm_variants: Family<VariantLabels, Counter>,
    breaker_state: Family<StateLabels, Gauge>,
    breaker_transitions: Family<StateLabels, Counter>,
    deliveries: HistogramFamily<TargetLabels>,
    delivery_breaker: Family<TargetLabels, Counter>,
    sla_marks: Family<SlaLabels, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("switchboard");
        let admission = AdmissionMetrics::register(&mut registry);
        let requests = histograms(&DURATION_BUCKETS);
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's head to its answer, by route, method and status",
            Unit::Seconds,
            requests.clone(),
        );
        let in_flight = Gauge::default();
        registry.register(
            "http_requests_in_flight",
            "Requests being worked on",
            in_flight.clone(),
        );
        let classifications = Family::default();
        registry.register("classifications", "Messages classified", classifications.clone());
        let confidence = histograms(&CONFIDENCE_BUCKETS);
        registry.register(
            "classification_confidence",
            "Confidence of the category",
            confidence.clone(),
        );
        let floor_raises = Family::default();
        registry.register(
            "safety_floor_raises",
            "Messages raised by the safety floor, by why",
            floor_raises.clone(),
        );
        let llm_calls = histograms(&DURATION_BUCKETS);
        registry.register_with_unit(
            "llm_call_duration",
            "Time of a classification by the LLM with all its attempts, by outcome",
            Unit::Seconds,
            llm_calls.clone(),
        );
        let llm_attempts = histograms(&DURATION_BUCKETS);
        registry.register_with_unit(
            "llm_attempt_duration",
            "Time of one HTTP request to the LLM, by outcome",
            Unit::Seconds,
            llm_attempts.clone(),
        );
        let llm_tokens = Family::default();
        registry.register("llm_tokens", "Tokens the LLM counted", llm_tokens.clone());
        let llm_cost = Counter::default();
        registry.register(
            "llm_cost_usd",
            "Price of the tokens, where prices are configured",
            llm_cost.clone(),
        );
        let llm_spared_cost = Counter::default();
        registry.register(
            "llm_spared_cost_usd",
            "Estimated price of the calls that the cascade spared, where prices are configured",
            llm_spared_cost.clone(),
        );
        let llm_events = Family::default();
        registry.register(
            "llm_events",
            "Retries, hedges, shared answers, rejections by the breaker, and oddities of the LLM",
            llm_events.clone(),
        );
        let llm_variants = Family::default();
        registry.register(
            "llm_prompt_calls",
            "Classifications by prompt version and variant",
            llm_variants.clone(),
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
        let deliveries = histograms(&DURATION_BUCKETS);
        registry.register_with_unit(
            "delivery_duration",
            "Time of one try to deliver to an outside system, by how it ended: done, retry, dead",
            Unit::Seconds,
            deliveries.clone(),
        );
        let delivery_breaker = Family::default();
        registry.register(
            "delivery_breaker_transitions",
            "Times an outside system's breaker entered a state",
            delivery_breaker.clone(),
        );
        let sla_marks = Family::default();
        registry.register(
            "sla_marks",
            "Records that the SLA clock marked as due soon or breached",
            sla_marks.clone(),
        );
        Self {
            registry,
            admission,
            requests,
            in_flight,
            classifications,
            confidence,
            floor_raises,
            llm_calls,
            llm_attempts,
            llm_tokens,
            llm_cost,
            llm_spared_cost,
            llm_events,
            llm_variants,
            breaker_state,
            breaker_transitions,
            deliveries,
            delivery_breaker,
            sla_marks,
        }
    }
}

impl Metrics {
    /// A request was answered. `route` is the matched pattern, never the path that was sent.
    pub fn request(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let labels = RequestLabels {
            route: route.to_owned(),
            method,
            status,
        };
        self.requests.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Counts a request as in flight until the guard is dropped.
    #[must_use]
    pub fn enter(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// A message was classified.
    pub fn classification(
        &self,
        category: &'static str,
        classifier: &'static str,
        channel: &'static str,
        degraded: bool,
        confidence: f32,
    ) {
        let degraded = if degraded { "true" } else { "false" };
        let labels = ClassificationLabels {
            category,
            classifier,
            channel,
            degraded,
        };
        self.classifications.get_or_create(&labels).inc();
        self.confidence
            .get_or_create(&CategoryLabels { category })
            .observe(f64::from(confidence));
    }

    /// The safety floor raised a message, because of a `pattern` or a `probability`.
    pub fn floor_raise(&self, outcome: &'static str) {
        self.floor_raises.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    /// A classification by the LLM ended.
    pub fn llm_call(&self, outcome: &'static str, took: Duration) {
        self.llm_calls
            .get_or_create(&OutcomeLabels { outcome })
            .observe(took.as_secs_f64());
    }

    /// One HTTP request to the LLM ended.
    pub fn llm_attempt(&self, outcome: &'static str, took: Duration) {
        self.llm_attempts
            .get_or_create(&OutcomeLabels { outcome })
            .observe(took.as_secs_f64());
    }

    /// The LLM counted tokens; `cost_usd` where prices are configured.
    pub fn llm_usage(&self, input: u32, cached: u32, output: u32, cost_usd: Option<f64>) {
        for (direction, tokens) in [("input", input), ("input_cached", cached), ("output", output)] {
            self.llm_tokens
                .get_or_create(&DirectionLabels { direction })
                .inc_by(u64::from(tokens));
        }
        if let Some(cost) = cost_usd {
            self.llm_cost.inc_by(cost);
        }
    }

    /// Something happened on the LLM path: `retry`, `hedge_won`, `rejected`, ... (a closed set).
    pub fn llm_event(&self, event: &'static str) {
        self.llm_events.get_or_create(&EventLabels { event }).inc();
    }

    /// The cascade spared a call of about this price.
    pub fn llm_spared(&self, cost_usd: f64) {
        self.llm_spared_cost.inc_by(cost_usd);
    }

    /// A classification with this prompt ended. Versions and variants are those of the prompt files: few.
    pub fn llm_variant(&self, version: &str, variant: &str, outcome: &'static str) {
        let labels = VariantLabels {
            version: version.to_owned(),
            variant: variant.to_owned(),
            outcome,
        };
        self.llm_variants.get_or_create(&labels).inc();
    }

    /// The breaker entered `state`, one of `states`.
    pub fn breaker(&self, state: &'static str, states: &[&'static str]) {
        self.breaker_transitions
            .get_or_create(&StateLabels { state })
            .inc();
        for other in states {
            self.breaker_state
                .get_or_create(&StateLabels { state: other })
                .set(i64::from(*other == state));
        }
    }

    /// A try to deliver to `target` ended as `done`, `retry` or `dead`.
    pub fn delivery(&self, target: &'static str, outcome: &'static str, took: Duration) {
        let labels = TargetLabels { target, outcome };
        self.deliveries.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// The breaker of `target` entered this state.
    pub fn delivery_breaker(&self, target: &'static str, outcome: &'static str) {
        self.delivery_breaker
            .get_or_create(&TargetLabels { target, outcome })
            .inc();
    }

    /// The SLA clock marked a record of this kind as `due_soon` or `breached`.
    pub fn sla_mark(&self, kind: &'static str, mark: &'static str) {
        self.sla_marks.get_or_create(&SlaLabels { kind, mark }).inc();
    }

    /// All metrics, as OpenMetrics text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(16 * 1024);
        text::encode(&mut out, &self.registry).expect("writing to a string cannot fail");
        out
    }
}

/// A request in flight; see [`Metrics::enter`].
#[derive(Debug)]
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
