//! Deliveries to outside systems, and the clock on the records' due times.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::{Registry, Unit};

use super::Metrics;
use super::family::{DURATION_BUCKETS, HistogramFamily, children, histograms, labels};

labels!(TargetOutcomeLabels { target: &'static str, outcome: &'static str });
labels!(TargetStateLabels { target: &'static str, state: &'static str });
labels!(MarkLabels { kind: &'static str, mark: &'static str, severity: &'static str });

const TARGETS: [&str; 2] = ["ticketing", "compliance"];
// Nothing enters half_open: an open breaker is that once its wait is over, without an event.
const STATES: [&str; 2] = ["closed", "open"];
const MARKS: [&str; 2] = ["due_soon", "breached"];
const SEVERITIES: [&str; 3] = ["urgent", "high", "standard"];

#[derive(Debug)]
pub(super) struct Delivery {
    deliveries: HistogramFamily<TargetOutcomeLabels>,
    breaker: Family<TargetStateLabels, Counter>,
    marks: Family<MarkLabels, Counter>,
}

impl Delivery {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let deliveries = histograms(&DURATION_BUCKETS);
        registry.register_with_unit(
            "delivery_duration",
            "Time of one try to deliver to an outside system, by how it ended: done, retry, dead",
            Unit::Seconds,
            deliveries.clone(),
        );
        let breaker = Family::default();
        registry.register(
            "delivery_breaker_transitions",
            "Times an outside system's breaker opened or closed",
            breaker.clone(),
        );
        let every = TARGETS
            .into_iter()
            .flat_map(|target| STATES.map(|state| TargetStateLabels { target, state }));
        children(&breaker, every);
        let marks = Family::default();
        registry.register(
            "sla_marks",
            "Records that the SLA clock marked as due soon or breached",
            marks.clone(),
        );
        let kind = "compliance";
        let every = MARKS
            .into_iter()
            .flat_map(|mark| SEVERITIES.map(|severity| MarkLabels { kind, mark, severity }));
        children(&marks, every);
        Self {
            deliveries,
            breaker,
            marks,
        }
    }
}

impl Metrics {
    /// A try to deliver to `target` ended as `done`, `retry` or `dead`.
    pub fn delivery(&self, target: &'static str, outcome: &'static str, took: Duration) {
        if self.enabled {
            let labels = TargetOutcomeLabels { target, outcome };
            self.delivery
                .deliveries
                .get_or_create(&labels)
                .observe(took.as_secs_f64());
        }
    }

    /// The breaker of `target` is `open` or `closed` now.
    pub fn delivery_breaker(&self, target: &'static str, state: &'static str) {
        if self.enabled {
            let labels = TargetStateLabels { target, state };
            self.delivery.breaker.get_or_create(&labels).inc();
        }
    }

    /// The SLA clock marked a record of this kind as `due_soon` or `breached`. `severity` is one of the three; of a record without one it
    /// is `none`.
    pub fn sla_mark(&self, kind: &'static str, mark: &'static str, severity: Option<&str>) {
        if !self.enabled {
            return;
        }
        let severity = match severity {
            Some("urgent") => "urgent",
            Some("high") => "high",
            Some("standard") => "standard",
            _ => "none",
        };
        let labels = MarkLabels { kind, mark, severity };
        self.delivery.marks.get_or_create(&labels).inc();
    }
}
