//! `[privacy]`: the operator's own recognizers. Plain data: checked when a `Redactor` is made of it, at start-up.

use serde::{Deserialize, Serialize};

/// What is masked besides the built-in identifiers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrivacyConfig {
    /// The operator's own recognizers, in `[[privacy.recognizers]]`.
    pub recognizers: Vec<CustomRecognizer>,
}

/// A recognizer that the operator adds, such as for a clinic's own patient numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomRecognizer {
    /// Its name in spans and lists: lower case letters, digits and `_`, at most 64.
    pub name: String,
    /// A regular expression in the syntax of the `regex` crate; case does not matter. Group 1, where there is one, is masked.
    pub pattern: String,
    /// Words of which one must stand near the match. Empty: the pattern alone decides.
    #[serde(default)]
    pub context: Vec<String>,
    /// What replaces the match: a name in capitals, such as `CLINIC_ID`, shown as `[CLINIC_ID_REDACTED]`.
    pub placeholder: String,
}
