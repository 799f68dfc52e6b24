//! Who was let in, and how: the limiter's decisions, the safety lane, credentials and budgets. No client is a label.
//!
//! A part of its own, handed to admission, whose background tasks count too.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::family::{OutcomeLabels, children, index, labels};

labels!(DecisionLabels { decision: &'static str, backend: &'static str });
labels!(BackendLabels { backend: &'static str });
labels!(ReasonLabels { reason: &'static str });

const DECISIONS: [&str; 4] = ["allowed", "limited", "safety_lane", "shed"];
const BACKENDS: [&str; 3] = ["redis", "local", "fallback"];

/// The metrics of admission. Clones count together.
#[derive(Debug, Clone)]
pub struct AdmissionMetrics {
    enabled: bool,
    /// By decision, then by backend.
    decisions: Vec<Counter>,
    backend_up: Family<BackendLabels, Gauge>,
    safety_lane: Family<OutcomeLabels, Counter>,
    auth_failures: Family<ReasonLabels, Counter>,
    budget_exhausted: Counter,
    keys_reloads: Family<OutcomeLabels, Counter>,
    keys_valid: Gauge,
}

impl AdmissionMetrics {
    /// Registers all of them.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let decisions = Family::default();
        let labels = DECISIONS.iter().flat_map(|decision| {
            BACKENDS
                .iter()
                .map(move |backend| DecisionLabels { decision, backend })
        });
        let metrics = Self {
            enabled: true,
            decisions: children(&decisions, labels),
            backend_up: Family::default(),
            safety_lane: Family::default(),
            auth_failures: Family::default(),
            budget_exhausted: Counter::default(),
            keys_reloads: Family::default(),
            keys_valid: Gauge::default(),
        };
        metrics.keys_valid.set(1);
        children(
            &metrics.keys_reloads,
            ["ok", "failed"].map(|outcome| OutcomeLabels { outcome }),
        );
        registry.register(
            "rate_limit_decisions",
            "Messages by what the limiter did: allowed; limited; accepted through the safety lane, over the limit or while too many were worked on; shed at once because \
             too many were; and by who counted: redis, local (no Redis), fallback (Redis away or slow, or of no use for the client)",
            decisions,
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
        registry.register(
            "keys_file_valid",
            "0 while the keys file is wrong or gone and the keys that were read before count; else 1",
            metrics.keys_valid.clone(),
        );
        metrics
    }

    /// Metrics that record nothing.
    pub(super) fn off(self) -> Self {
        Self {
            enabled: false,
            ..self
        }
    }

    /// A message was `allowed`, `limited`, accepted through the `safety_lane`, or `shed`.
    pub fn decision(&self, decision: &'static str, backend: &'static str) {
        let at = index(&DECISIONS, decision).zip(index(&BACKENDS, backend));
        if let Some((decision, backend)) = at.filter(|_| self.enabled) {
            self.decisions[decision * BACKENDS.len() + backend].inc();
        }
    }

    /// Whether limits are counted in `redis`, or `local` where no Redis is configured.
    pub fn backend_up(&self, backend: &'static str, up: bool) {
        if self.enabled {
            self.backend_up
                .get_or_create(&BackendLabels { backend })
                .set(i64::from(up));
        }
    }

    /// A message over the limit was `accepted`, `refused`, `invalid`, `failed` where the service could not keep it or read it in time, or did
    /// not get in: `full`, `client_full`, `busy`.
    pub fn safety_lane(&self, outcome: &'static str) {
        if self.enabled {
            self.safety_lane.get_or_create(&OutcomeLabels { outcome }).inc();
        }
    }

    /// A request was refused for its credentials.
    pub fn auth_failure(&self, reason: &'static str) {
        if self.enabled {
            self.auth_failures.get_or_create(&ReasonLabels { reason }).inc();
        }
    }

    /// A key's budget kept a message from the LLM.
    pub fn budget_exhausted(&self) {
        if self.enabled {
            self.budget_exhausted.inc();
        }
    }

    /// The keys file changed, and could be read or not.
    pub fn keys_reload(&self, valid: bool) {
        if self.enabled {
            let outcome = if valid { "ok" } else { "failed" };
            self.keys_reloads.get_or_create(&OutcomeLabels { outcome }).inc();
            self.keys_valid.set(i64::from(valid));
        }
    }
}
