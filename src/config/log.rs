//! `[log]`: what is logged, and in which form.

use serde::{Deserialize, Serialize};

use super::{InvalidSetting, in_range};

/// Log lines.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `auto` is `pretty` on a terminal and `json` elsewhere.
    #[serde(deserialize_with = "super::field::one_of")]
    pub format: LogFormat,
    /// A `tracing` filter such as `info` or `switchboard=debug,warn`.
    pub level: String,
    /// How many lines of one kind are written in a second, 1 to 100,000, where a kind is a warning or error with one text, or refused
    /// requests. More are left out and counted: a flood must neither fill the disk nor hide what else happens.
    pub repeats_per_second: u32,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// By whether standard error is a terminal.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Auto,
            level: "info".to_owned(),
            repeats_per_second: 20,
        }
    }
}

impl LogConfig {
    /// Checks the range; the filter is read when logging is set up.
    ///
    /// # Errors
    /// [`InvalidSetting`] when it is outside.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        in_range("log.repeats_per_second", self.repeats_per_second, 1..=100_000)
    }
}
