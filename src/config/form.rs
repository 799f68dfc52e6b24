//! What is wrong with the form of a setting, in words for whoever wrote it: which setting, and what form it has.
//!
//! The reader's own errors speak of types, and quote the value. A value in the wrong place may be a secret, so none is repeated here, but for
//! a plain word where one of a few is asked for: a key has capitals or digits in it.

use config::ConfigError as ReadError;

use super::InvalidSetting;

/// Says which setting has not its form, and what that is.
pub(super) fn wrong_form(error: ReadError) -> InvalidSetting {
    match error {
        ReadError::Type { key, expected, .. } => {
            InvalidSetting::new(path(&key.unwrap_or_default()), form(expected))
        }
        ReadError::NotFound(key) => InvalidSetting::new(path(&key), "has to be set"),
        ReadError::At { error, key, .. } => {
            let InvalidSetting { setting, problem } = wrong_form(*error);
            let (outer, dot) = (key.unwrap_or_default(), if setting.is_empty() { "" } else { "." });
            InvalidSetting::new(path(&format!("{outer}{dot}{setting}")), problem)
        }
        ReadError::Message(text) => from_message(&text),
        // The file was read before as what it is, and nothing else is left that could fail.
        _ => InvalidSetting::new("", "cannot be read"),
    }
}

/// The sentences of `serde`, and of the fields that read themselves.
fn from_message(text: &str) -> InvalidSetting {
    // A value stands before it, and may hold anything; what is expected holds no such words.
    let expected = text.rsplit_once(", expected ").map(|(_, expected)| expected);
    if let Some((name, _)) = text
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split_once("`, "))
    {
        let known = expected.unwrap_or("none").trim_start_matches("one of ");
        return InvalidSetting::new(name, format!("is not known; known there: {known}"));
    }
    let problem = match expected {
        Some(expected) if text.starts_with("unknown variant ") => match plain_word(text) {
            Some(word) => format!("must be {expected}, is `{word}`"),
            None => format!("must be {expected}"),
        },
        Some(expected) if text.starts_with("invalid ") => form(expected),
        _ => text.to_owned(),
    };
    InvalidSetting::new("", problem)
}

/// The word that is none of a few, where it can be no secret.
fn plain_word(text: &str) -> Option<&str> {
    let word = text.strip_prefix("unknown variant `")?.split_once('`')?.0;
    let plain = word.len() <= 16 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    plain.then_some(word)
}

/// What a value must be, of what the reader says that it expected.
fn form(expected: &str) -> String {
    let words: Vec<&str> = expected.split(' ').collect();
    let bits = words.iter().find_map(|word| word.parse::<u32>().ok());
    // Where the reader did not get as far as the number, it does not know of its field's bounds.
    let bounds = bits.filter(|bits| *bits < 64);
    match (words.as_slice(), bounds) {
        ([_, "boolean"], _) => "must be true or false".to_owned(),
        ([_, "unsigned", ..], Some(bits)) => {
            format!("must be a whole number, 0 to {}", (1_u64 << bits) - 1)
        }
        ([_, "unsigned", ..], None) => "must be a whole number from 0 up".to_owned(),
        ([_, "signed", ..], Some(bits)) => {
            let end = 1_i64 << (bits - 1);
            format!("must be a whole number, {} to {}", -end, end - 1)
        }
        ([_, "signed", ..] | [_, "integer"], _) => "must be a whole number".to_owned(),
        ([_, "floating", "point"], _) => "must be a number".to_owned(),
        ([_, "string"], _) => "must be a text".to_owned(),
        ([_, "sequence"], _) => "must be a list, such as [a, b]".to_owned(),
        (["struct", ..] | [_, "map"], _) => "must be a table of settings".to_owned(),
        _ => format!("must be {expected}"),
    }
}

/// The reader leaves out the dot behind a list's place.
fn path(key: &str) -> String {
    let mut path = String::with_capacity(key.len() + 1);
    for c in key.chars() {
        if path.ends_with(']') && !matches!(c, '.' | '[') {
            path.push('.');
        }
        path.push(c);
    }
    path
}
