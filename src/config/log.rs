//! `[log]`: what is logged, and in which form.

use serde::{Deserialize, Serialize};

/// Log lines.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `auto` is `pretty` on a terminal and `json` elsewhere.
    pub format: LogFormat,
    /// A `tracing` filter such as `info` or `switchboard=debug,warn`.
    pub level: String,
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
        }
    }
}
