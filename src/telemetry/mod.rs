//! Telemetry: what the service tells about itself. Metrics, traces and log lines carry names, numbers and ids, never customer text.

pub mod flood;
mod json_lines;
mod log_writer;
pub mod logging;
pub mod metrics;
pub mod traces;
