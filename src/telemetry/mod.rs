//! Telemetry: what the service tells about itself. Metrics and log lines carry names, numbers and ids, never customer text.

mod json_lines;
mod log_writer;
pub mod logging;
pub mod metrics;
