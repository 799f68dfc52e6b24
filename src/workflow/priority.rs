//! How soon something has to happen: one scale for answers, tickets and what outside systems are told. A closed set
//! of words, which decides nothing.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How soon something has to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Nobody waits for it.
    Low,
    /// The usual.
    Medium,
    /// Before the usual.
    High,
    /// At once.
    Urgent,
}

impl Priority {
    /// The priority's one spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
