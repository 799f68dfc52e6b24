//! Who was let in: the limiter's decisions and the safety lane.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::Metrics;
use super::family::{OutcomeLabels, children, index, labels};

labels!(DecisionLabels { decision: &'static str });

const DECISIONS: [&str; 2] = ["allowed", "limited"];
const LANE: [&str; 3] = ["accepted", "refused", "full"];

#[derive(Debug)]
pub(super) struct Admission {
    decisions: Vec<Counter>,
    lane: Vec<Counter>,
}

impl Admission {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let rate_limit = Family::default();
        registry.register(
            "rate_limit_decisions",
            "Messages allowed and limited",
            rate_limit.clone(),
        );
        let safety_lane = Family::default();
        registry.register(
            "safety_lane",
            "Messages over the limit: accepted as safety reports, refused, or not read because the lane was full",
            safety_lane.clone(),
        );
        Self {
            decisions: children(&rate_limit, DECISIONS.map(|decision| DecisionLabels { decision })),
            lane: children(&safety_lane, LANE.map(|outcome| OutcomeLabels { outcome })),
        }
    }
}

impl Metrics {
    /// The limiter decided: `allowed` or `limited`.
    pub fn rate_limit(&self, decision: &'static str) {
        if let Some(at) = index(&DECISIONS, decision).filter(|_| self.enabled) {
            self.admission.decisions[at].inc();
        }
    }

    /// A message over the limit was `accepted`, `refused` or met a lane that was `full`.
    pub fn safety_lane(&self, outcome: &'static str) {
        if let Some(at) = index(&LANE, outcome).filter(|_| self.enabled) {
            self.admission.lane[at].inc();
        }
    }
}
