//! Telemetry: what the service tells about itself. Metrics and log lines carry names, numbers and ids, never customer text.

pub mod admission_metrics;
pub mod logging;
pub mod metrics;
