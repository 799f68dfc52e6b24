//! Log lines on standard error: JSON for machines, readable on a terminal.
//!
//! A flood of identical lines is thinned out by [`FloodGate`]. Standard output stays free for what a command prints. A filter that cannot be read is an error at start.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use super::flood::FloodGate;
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

/// Installs the process-wide logger, behind `gate`.
///
/// # Errors
/// [`LoggingError`] when the filter is wrong or a logger is already installed.
pub fn init(config: &LogConfig, gate: FloodGate) -> Result<(), LoggingError> {
    let filter = EnvFilter::try_new(&config.level).map_err(|error| {
        InvalidSetting::new("log.level", format!("must be a filter such as \"info\": {error}"))
    })?;
    let json = match config.format {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(filter).with(gate);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    if json {
        let lines = lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false);
        registry.with(lines).try_init()?;
    } else {
        registry
            .with(lines.compact().with_ansi(std::io::stderr().is_terminal()))
            .try_init()?;
    }
    Ok(())
}
