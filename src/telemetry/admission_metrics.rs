//! What admission counts. Labels are closed sets; no client is one.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Decision {
    decision: &'static str,
    backend: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Backend {
    backend: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

/// The metrics of admission. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct AdmissionMetrics {
    decisions: Family<Decision, Counter>,
    backend_up: Family<Backend, Gauge>,
    safety_lane: Family<Outcome, Counter>,
    auth_failures: Family<Reason, Counter>,
    budget_exhausted: Counter,
    keys_reloads: Family<Outcome, Counter>,
}

impl AdmissionMetrics {
    /// Registers all of them.
    #[must_use]
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "rate_limit_decisions",
            "Messages by what the limiter did: allowed; limited; accepted over the limit through the safety lane; shed at once because \
             too many were worked on; and by who counted: redis, local (no Redis), fallback (Redis away or slow)",
            metrics.decisions.clone(),
        );
        registry.register(
            "rate_limit_backend_up",
            "1 while limits are counted where they should be; 0 while Redis is away or slow",
            metrics.backend_up.clone(),
        );
        registry.register(
            "safety_lane",
            "Messages over the limit: accepted as safety reports, refused as something else, invalid, or not read because the lane was \
             full, the client's share of it was, or too many were in it",
            metrics.safety_lane.clone(),
        );
        registry.register(
            "auth_failures",
            "Requests refused for their credentials, by why",
            metrics.auth_failures.clone(),
        );
        registry.register(
            "llm_budget_exhausted",
            "Messages that the local model answered because the daily LLM budget of the API key was used up",
            metrics.budget_exhausted.clone(),
        );
        registry.register(
            "keys_file_reloads",
            "Changes of the keys file, by whether it could be read",
            metrics.keys_reloads.clone(),
        );
        metrics
    }

    /// A message was `allowed`, `limited`, accepted through the `safety_lane`, or `shed`.
    pub fn decision(&self, decision: &'static str, backend: &'static str) {
        self.decisions
            .get_or_create(&Decision { decision, backend })
            .inc();
    }

    /// Whether limits are counted in `redis`, or `local` where no Redis is configured.
    pub fn backend_up(&self, backend: &'static str, up: bool) {
        self.backend_up
            .get_or_create(&Backend { backend })
            .set(i64::from(up));
    }

    /// A message over the limit was `accepted`, `refused`, `invalid`, or did not get in: `full`, `client_full`, `busy`.
    pub fn safety_lane(&self, outcome: &'static str) {
        self.safety_lane.get_or_create(&Outcome { outcome }).inc();
    }

    /// A request was refused for its credentials.
    pub fn auth_failure(&self, reason: &'static str) {
        self.auth_failures.get_or_create(&Reason { reason }).inc();
    }

    /// A key's budget kept a message from the LLM.
    pub fn budget_exhausted(&self) {
        self.budget_exhausted.inc();
    }

    /// The keys file changed, and was `ok` or `failed`.
    pub fn keys_reload(&self, outcome: &'static str) {
        self.keys_reloads.get_or_create(&Outcome { outcome }).inc();
    }
}
