//! Log lines on standard error: JSON for machines, readable on a terminal.
//!
//! A flood of identical lines is thinned out by [`FloodGate`]. Standard output stays free for what a command prints. A filter that cannot
//! be read is an error at start.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use super::flood::FloodGate;
use super::json_lines::JsonLines;
pub use super::log_writer::LogWriter;
use crate::config::{InvalidSetting, LogConfig, LogFormat};

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// `log.level` is not a filter.
    #[error(transparent)]
    Level(#[from] InvalidSetting),
    /// Logging is already set up in this process.
    #[error("logging is already set up")]
    Twice(#[from] TryInitError),
}

/// Which lines are written.
///
/// # Errors
/// [`InvalidSetting`] when `log.level` is not a filter.
pub fn filter(config: &LogConfig) -> Result<EnvFilter, InvalidSetting> {
    EnvFilter::try_new(&config.level).map_err(|error| {
        InvalidSetting::new("log.level", format!("must be a filter such as \"info\": {error}"))
    })
}

/// Installs the process-wide logger, behind `gate`, and returns where it writes.
///
/// # Errors
/// [`LoggingError`] when the filter is wrong or a logger is already installed.
pub fn init(config: &LogConfig, gate: FloodGate) -> Result<LogWriter, LoggingError> {
    let filter = filter(config)?;
    let json = match config.format {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(filter).with(gate);
    let writer = LogWriter::to_stderr();
    if json {
        registry.with(JsonLines::new(writer.clone())).try_init()?;
    } else {
        let lines = tracing_subscriber::fmt::layer()
            .compact()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(writer.clone());
        registry.with(lines).try_init()?;
    }
    Ok(writer)
}
