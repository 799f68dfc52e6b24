//! What telemetry itself did not get through: log lines left out in a flood, spans that no collector took.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::Metrics;
use super::family::{OutcomeLabels, children, index};

const SPANS: [&str; 3] = ["exported", "failed", "dropped"];

#[derive(Debug)]
pub(super) struct Logs {
    left_out: Counter,
    spans: Vec<Counter>,
}

impl Logs {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let left_out = Counter::default();
        registry.register(
            "log_lines_left_out",
            "Log lines that were not written because many of the same kind came at once, or nobody read them",
            left_out.clone(),
        );
        let spans = Family::default();
        registry.register(
            "trace_spans",
            "Spans that were sent to the trace collector, that it did not take, and that were dropped because too many waited for it",
            spans.clone(),
        );
        Self {
            left_out,
            spans: children(&spans, SPANS.map(|outcome| OutcomeLabels { outcome })),
        }
    }
}

impl Metrics {
    /// This many log lines were left out.
    pub fn log_lines_left_out(&self, lines: u64) {
        self.logs.left_out.inc_by(lines);
    }

    /// So many spans were `exported`, `failed`, or were `dropped` because too many waited.
    pub fn spans(&self, outcome: &'static str, spans: u64) {
        if let Some(at) = index(&SPANS, outcome) {
            self.logs.spans[at].inc_by(spans);
        }
    }
}
