//! Questions that were put to a help centre outside, and how reading the articles here again went.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::Metrics;
use super::family::{OutcomeLabels, children};

const SEARCHES: [&str; 4] = ["found", "not_found", "failed", "breaker_open"];
const RELOADS: [&str; 2] = ["ok", "failed"];

#[derive(Debug)]
pub(super) struct Knowledge {
    searches: Family<OutcomeLabels, Counter>,
    reloads: Family<OutcomeLabels, Counter>,
}

impl Knowledge {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let searches = Family::default();
        children(&searches, SEARCHES.map(|outcome| OutcomeLabels { outcome }));
        registry.register(
            "knowledge_searches",
            "Questions for the help centre: found, not_found, failed, or not asked (breaker_open)",
            searches.clone(),
        );
        let reloads = Family::default();
        children(&reloads, RELOADS.map(|outcome| OutcomeLabels { outcome }));
        registry.register(
            "knowledge_base_reloads",
            "Times that the articles were read again: ok, or failed, at every look while they stay wrong",
            reloads.clone(),
        );
        Self { searches, reloads }
    }
}

impl Metrics {
    /// The articles were read again: `ok` or `failed`.
    pub fn knowledge_base_reload(&self, outcome: &'static str) {
        if self.enabled {
            self.knowledge
                .reloads
                .get_or_create(&OutcomeLabels { outcome })
                .inc();
        }
    }

    /// The help centre was asked: `found`, `not_found` or `failed`; or it was not: `breaker_open`.
    pub fn knowledge_search(&self, outcome: &'static str) {
        if self.enabled {
            self.knowledge
                .searches
                .get_or_create(&OutcomeLabels { outcome })
                .inc();
        }
    }
}
