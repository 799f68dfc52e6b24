//! The operator's own recognizers: checked at start-up, so that a wrong one ends the start and not a request.

use regex::{Regex, RegexBuilder};

use super::compiled::MAX_PATTERN_BYTES;
use crate::config::privacy::CustomRecognizer;

/// Why a configured recognizer was refused.
#[derive(Debug, thiserror::Error)]
pub enum RecognizerError {
    /// The pattern is not a regular expression that this service can run.
    #[error("privacy.recognizers: `pattern` of `{name}` is not a valid regular expression")]
    Pattern {
        /// The recognizer's name.
        name: String,
        /// What is wrong with it.
        #[source]
        source: Box<regex::Error>,
    },
    /// A setting is empty, too long or malformed.
    #[error("privacy.recognizers: `{setting}` of `{name}` {problem}")]
    Setting {
        /// The recognizer's name.
        name: String,
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// A recognizer of the operator's, compiled.
#[derive(Debug)]
pub(super) struct Operator {
    pub(super) regex: Regex,
    pub(super) needs_context: bool,
}

impl Operator {
    /// Compiles `own`; `taken` says whether a name belongs to another recognizer.
    ///
    /// # Errors
    /// [`RecognizerError`] names the setting that is wrong.
    pub(super) fn new(own: &CustomRecognizer, taken: impl Fn(&str) -> bool) -> Result<Self, RecognizerError> {
        check(own, taken)?;
        let regex = compile(&own.pattern, &own.name)?;
        if regex.is_match("") {
            return Err(setting(own, "pattern", "must not match the empty text"));
        }
        Ok(Self {
            regex,
            needs_context: !own.context.is_empty(),
        })
    }
}

/// Compiles a pattern of the operator's.
fn compile(pattern: &str, name: &str) -> Result<Regex, RecognizerError> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .map_err(|source| RecognizerError::Pattern {
            name: name.to_owned(),
            source: Box::new(source),
        })
}

fn setting(own: &CustomRecognizer, setting: &'static str, problem: &'static str) -> RecognizerError {
    RecognizerError::Setting {
        name: own.name.clone(),
        setting,
        problem,
    }
}

/// Checks the settings of one of the operator's recognizers, the pattern's syntax left out.
fn check(own: &CustomRecognizer, taken: impl Fn(&str) -> bool) -> Result<(), RecognizerError> {
    let name = |text: &str, first: fn(&u8) -> bool, rest: fn(&u8) -> bool| {
        text.as_bytes().first().is_some_and(first) && text.bytes().all(|b| rest(&b))
    };
    if own.name.len() > 64
        || !name(&own.name, u8::is_ascii_lowercase, |b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_'
        })
    {
        return Err(setting(
            own,
            "name",
            "must be 1 to 64 lower case letters, digits and `_`, a letter first",
        ));
    }
    if taken(&own.name) {
        return Err(setting(own, "name", "is taken by another recognizer"));
    }
    if own.placeholder.len() > 40
        || !name(&own.placeholder, u8::is_ascii_uppercase, |b| {
            b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_'
        })
    {
        return Err(setting(
            own,
            "placeholder",
            "must be 1 to 40 capitals, digits and `_`, a capital first",
        ));
    }
    if own.placeholder.ends_with("_REDACTED") {
        return Err(setting(
            own,
            "placeholder",
            "must not end in `_REDACTED`, which is added",
        ));
    }
    if own.pattern.is_empty() || own.pattern.len() > 4096 {
        return Err(setting(own, "pattern", "must have 1 to 4096 bytes"));
    }
    if own
        .context
        .iter()
        .any(|word| word.trim().is_empty() || word.len() > 64)
    {
        return Err(setting(own, "context", "must hold words of 1 to 64 bytes"));
    }
    Ok(())
}
