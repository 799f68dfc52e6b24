//! How a call to an outside system fails, and what that means for the next try.
//!
//! [`http_client`](super::http_client) reads it from a status; a system's client from what else it knows.

use std::time::Duration;

/// Why a call to an outside system failed, and what that means for the next try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The system is down, slow or busy: again later.
    #[error("the outside system is not available ({code})")]
    Retry {
        /// Stable code.
        code: String,
        /// How long it asked us to wait.
        retry_after: Option<Duration>,
    },
    /// The system will never take this event: a person must look.
    #[error("the outside system refused the event ({code})")]
    GiveUp {
        /// Stable code.
        code: String,
    },
    /// Nothing was sent: there is nothing that a system could be told. Says nothing about the system.
    #[error("there is nothing to send ({code})")]
    NothingToSend {
        /// Stable code.
        code: &'static str,
    },
    /// The address or the credentials are wrong: no event gets through until somebody changes the configuration.
    #[error("the outside system refused the address or the credentials ({code})")]
    Reconfigure {
        /// Stable code.
        code: String,
    },
}

impl CallError {
    /// Stable code for the job's outcome, logs and metrics.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Retry { code, .. } | Self::GiveUp { code } | Self::Reconfigure { code } => code,
            Self::NothingToSend { code } => code,
        }
    }

    /// How long the system asked us to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Retry { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// To be tried again later.
    pub(crate) fn retry(code: impl Into<String>) -> Self {
        Self::Retry {
            code: code.into(),
            retry_after: None,
        }
    }
}
