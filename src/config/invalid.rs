//! Why there is no valid configuration, in words that name the setting and say what would be right.
//!
//! One sentence each, on one line, made here or from the error of whatever a setting is for ([`InvalidSetting::caused_by`]). None holds a
//! secret: a file that is wrong is told of by its line's number, not by the line.

/// A setting whose value cannot be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("configuration: {setting} {problem}")]
pub struct InvalidSetting {
    /// The setting, as `section.key`.
    pub setting: String,
    /// What is wrong and what would be right; never a secret.
    pub problem: String,
}

impl InvalidSetting {
    /// `setting` is the `section.key`, `problem` continues the sentence that it starts.
    pub fn new(setting: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            setting: setting.into(),
            problem: problem.into(),
        }
    }

    /// A fault of `setting` with all its causes. Some faults begin with a setting of their own, which is more exact.
    #[must_use]
    pub fn caused_by(setting: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        let text = in_full(std::iter::successors(Some(error), |error| error.source()));
        let text = text.strip_prefix("configuration: ").unwrap_or(&text);
        let named = text
            .split_once(' ')
            .map(|(named, problem)| (named.trim_end_matches(':'), problem));
        match named {
            Some((named, problem)) if named.starts_with(setting) => Self::new(named, problem),
            _ => Self::new(setting, text),
        }
    }
}

/// Why there is no valid configuration. The text names the setting and says what would be right.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("configuration: {file} cannot be read: {source}")]
    File {
        /// The file.
        file: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file or a variable is not UTF-8. Nothing of it is shown.
    #[error("configuration: {name} is not UTF-8 text")]
    NotText {
        /// The file or the variable.
        name: String,
    },
    /// The file is not TOML. Its text is not shown: somebody may have written a secret there.
    #[error("configuration: {file} holds {mistake}")]
    Syntax {
        /// The file.
        file: String,
        /// Where and what.
        mistake: String,
    },
    /// A file that a `..._FILE` variable names could not be read.
    #[error("configuration: {variable} names a file that cannot be read: {source}")]
    SecretFile {
        /// The variable.
        variable: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A secret is given twice, as a value and as a file.
    #[error("configuration: both {name} and {name}_FILE are set; keep one")]
    SecretTwice {
        /// The variable without `_FILE`.
        name: String,
    },
    /// A value that is of another form than its setting, or that cannot be right, alone or beside another.
    #[error(transparent)]
    Invalid(#[from] InvalidSetting),
}

/// An error and its causes in one line, where no cause is repeated that the text before it has already told.
#[must_use]
pub fn in_full<'e>(error_and_causes: impl Iterator<Item = &'e (dyn std::error::Error + 'static)>) -> String {
    let mut text = String::new();
    for cause in error_and_causes.map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// Refuses `value` outside `range`, naming the setting.
///
/// # Errors
/// [`InvalidSetting`] when it is outside.
pub fn in_range<T>(setting: &str, value: T, range: std::ops::RangeInclusive<T>) -> Result<(), InvalidSetting>
where
    T: PartialOrd + std::fmt::Display,
{
    if range.contains(&value) {
        return Ok(());
    }
    let problem = format!("must be {} to {}, is {value}", range.start(), range.end());
    Err(InvalidSetting::new(setting, problem))
}

/// What is wrong with a TOML file, and near which line, without the line itself: somebody may have written a secret there.
#[must_use]
pub fn toml_mistake(text: &str, error: &toml::de::Error) -> String {
    let line = error
        .span()
        .map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
    match line {
        Some(line) => format!("a mistake near line {line}: {}", error.message()),
        None => format!("a mistake: {}", error.message()),
    }
}
