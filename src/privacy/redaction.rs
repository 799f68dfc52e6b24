//! What redaction gives: the text that may leave, and what was masked in it.

use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::kind::IdentifierKind;

/// What stands for a text that could not be redacted.
const WITHHELD: &str = "[TEXT_WITHHELD]";

/// Text that may leave the record: made only in this module's parent, from a text that was redacted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Redacted(pub(super) String);

impl Redacted {
    /// The redacted text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One identifier found.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// First character, in Unicode code points of the original.
    pub start: usize,
    /// One past the last character, in Unicode code points of the original.
    pub end: usize,
    /// What it is.
    pub kind: IdentifierKind,
    /// The name in its placeholder: the kind's, or the operator's own.
    pub label: Arc<str>,
    /// Which recognizer found it.
    pub recognizer: Arc<str>,
    /// How sure that is, from 0.5 to 1.
    pub score: f32,
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut span = serializer.serialize_struct("Span", 5)?;
        span.serialize_field("start", &self.start)?;
        span.serialize_field("end", &self.end)?;
        span.serialize_field("type", &*self.label)?;
        span.serialize_field("recognizer", &*self.recognizer)?;
        // Two decimals: 0.85 is not 0.8500000238418579.
        span.serialize_field("score", &(f64::from((self.score * 100.0).round()) / 100.0))?;
        span.end()
    }
}

/// A redacted text and what was found in it.
#[derive(Debug, Clone)]
pub struct Redaction {
    /// The text with placeholders.
    pub text: Redacted,
    /// What was masked, in order, without overlaps.
    pub spans: Vec<Span>,
}

impl Redaction {
    /// A text that could not be redacted, replaced whole.
    pub(super) fn withheld() -> Self {
        Self {
            text: Redacted(WITHHELD.to_owned()),
            spans: Vec::new(),
        }
    }

    /// Whether the text could not be redacted and was replaced whole.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.text.as_str() == WITHHELD
    }
}
