//! Log lines on standard error: JSON for machines, readable on a terminal.
//!
//! A flood of identical lines is thinned out by [`FloodGate`]. Standard output stays free for what a command prints. A filter that cannot
//! be read is an error at start.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
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

/// What a filter may be, for whoever wrote another.
const FILTER: &str = "must be a level (off, error, warn, info, debug or trace), or a filter such as \"info,switchboard::access=debug\"";

/// Which lines are written.
///
/// # Errors
/// [`InvalidSetting`] when `log.level` is not a filter.
pub fn filter(config: &LogConfig) -> Result<EnvFilter, InvalidSetting> {
    let mut directives = config.level.split(',').map(str::trim);
    let nothing = directives.clone().all(str::is_empty);
    if nothing || directives.any(is_mistaken_level) {
        return Err(InvalidSetting::new("log.level", FILTER));
    }
    EnvFilter::try_new(&config.level).map_err(|_| InvalidSetting::new("log.level", FILTER))
}

/// Whether this is a word that is no level, and no target of ours. The filter takes any word for a target of which everything is written,
/// and of all others nothing: `warning` would switch off every line, errors included.
fn is_mistaken_level(directive: &str) -> bool {
    let is_word = directive
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-:.".contains(c));
    let target = directive.split("::").next().unwrap_or_default();
    !directive.is_empty()
        && is_word
        && directive.parse::<LevelFilter>().is_err()
        && target != env!("CARGO_PKG_NAME")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn filter_of(level: &str) -> Result<EnvFilter, InvalidSetting> {
        filter(&LogConfig {
            level: level.to_owned(),
            ..LogConfig::default()
        })
    }

    #[test]
    fn a_word_that_is_no_level_is_refused_and_does_not_silence_the_log() {
        for level in [
            "warning",
            "errors",
            "loud",
            "info,noisy",
            "switchboards",
            "switchboard=loud",
            "",
            " , ",
        ] {
            let refused = filter_of(level).unwrap_err();
            assert_eq!(refused.setting, "log.level", "{level:?}");
            assert!(refused.problem.contains("off, error, warn"), "{refused}");
        }
        for level in [
            "off",
            "WARN",
            "info,",
            "switchboard",
            "switchboard::access",
            "info,switchboard::access=debug",
            "warn,sqlx=debug,[request{status=500}]=trace",
        ] {
            assert!(filter_of(level).is_ok(), "{level:?}");
        }
    }
}
