//! Telemetry: what the service tells about itself. Metrics, traces and log lines carry names, numbers and ids, never customer text.

pub mod flood;
mod json_lines;
mod log_writer;
pub mod logging;
pub mod metrics;
pub mod traces;

use std::sync::Arc;

/// What the service tells about itself while it works: what it counts, and the spans of its requests.
#[derive(Debug, Clone)]
pub struct Telemetry {
    /// What it counts.
    pub metrics: Arc<metrics::Metrics>,
    /// Where spans go.
    pub traces: traces::Traces,
}
