//! What a customer sent: text, channel and metadata, each checked once when it is made.
//!
//! A [`Message`] that exists is valid; no code past the edge checks again. Constructors refuse with a reason that
//! holds numbers and names, never the text itself.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Longest text, in characters after trimming: about a page and a half, more than any chat box sends.
pub const MAX_TEXT_CHARS: usize = 5000;
/// Largest metadata, in bytes of compact JSON.
pub const MAX_METADATA_BYTES: usize = 16 * 1024;
/// Deepest metadata; the object itself is level 1.
pub const MAX_METADATA_DEPTH: usize = 8;

/// Where a message came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// The chat widget.
    #[default]
    Chat,
    /// A transcript of a call: no punctuation, recognition errors.
    Voice,
    /// A mail: greetings, signatures, quoted history. `email` is accepted too.
    #[serde(alias = "email")]
    Mail,
    /// Any other API client.
    Api,
}

impl Channel {
    /// Every channel, by the name it is answered with.
    pub const ALL: [Self; 4] = [Self::Chat, Self::Voice, Self::Mail, Self::Api];

    /// What a channel may be called, in words.
    pub const NAMES: &str = "chat, voice, mail (or email), api";

    /// The channel's one spelling in answers, logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Voice => "voice",
            Self::Mail => "mail",
            Self::Api => "api",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A channel name that is none of [`Channel::ALL`] (nor `email`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown channel; known are {}", Channel::NAMES)]
pub struct UnknownChannel;

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(name: &str) -> Result<Self, UnknownChannel> {
        match name {
            "chat" => Ok(Self::Chat),
            "voice" => Ok(Self::Voice),
            "mail" | "email" => Ok(Self::Mail),
            "api" => Ok(Self::Api),
            _ => Err(UnknownChannel),
        }
    }
}

/// A customer's words, verbatim: 1..=[`MAX_TEXT_CHARS`] characters, trimmed, without control characters other than
/// tab and line breaks. `Debug` prints the length only, so that a stray `{:?}` cannot leak it.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageText(String);

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left after trimming.
    #[error("must not be empty or only white space")]
    Empty,
    /// More than [`MAX_TEXT_CHARS`] characters.
    #[error("must be at most {MAX_TEXT_CHARS} characters, has {chars}")]
    TooLong {
        /// Characters after trimming.
        chars: usize,
    },
}

impl MessageText {
    /// Drops control characters (a transcript's stray NUL must not lose a safety report, and no store or log should
    /// meet one), trims, and checks the length.
    ///
    /// # Errors
    /// [`TextError`] when nothing or too much is left.
    pub fn parse(raw: &str) -> Result<Self, TextError> {
        let dropped = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        let cleaned: Cow<'_, str> = match raw.contains(dropped) {
            true => raw.chars().filter(|c| !dropped(*c)).collect(),
            false => raw.into(),
        };
        let trimmed = cleaned.trim();
        match trimmed.chars().count() {
            0 => Err(TextError::Empty),
            1..=MAX_TEXT_CHARS => Ok(Self(trimmed.to_owned())),
            chars => Err(TextError::TooLong { chars }),
        }
    }

    /// The verbatim text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MessageText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageText({} bytes)", self.0.len())
    }
}

/// The caller's structured facts about a message, such as `customer_id`, `order_id`, `product_id`: a JSON object of at
/// most [`MAX_METADATA_BYTES`] and [`MAX_METADATA_DEPTH`] levels. `Debug` prints the number of keys only.
#[derive(Clone, Default, PartialEq)]
pub struct Metadata(Map<String, Value>);

/// Why metadata was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// More than [`MAX_METADATA_BYTES`] as compact JSON.
    #[error("must be at most {MAX_METADATA_BYTES} bytes of JSON, has {bytes}")]
    TooLarge {
        /// Bytes of compact JSON.
        bytes: usize,
    },
    /// Deeper than [`MAX_METADATA_DEPTH`].
    #[error("must be nested at most {MAX_METADATA_DEPTH} levels deep")]
    TooDeep,
}

impl Metadata {
    /// Checks depth and size.
    ///
    /// # Errors
    /// [`MetadataError`] when the object is too deep or too large.
    pub fn parse(object: Map<String, Value>) -> Result<Self, MetadataError> {
        if object.is_empty() {
            return Ok(Self::default());
        }
        if object
            .values()
            .any(|value| deeper_than(value, MAX_METADATA_DEPTH - 1))
        {
            return Err(MetadataError::TooDeep);
        }
        let bytes = serde_json::to_vec(&object).map_or(usize::MAX, |json| json.len());
        if bytes > MAX_METADATA_BYTES {
            return Err(MetadataError::TooLarge { bytes });
        }
        Ok(Self(object))
    }

    /// The object.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A field as text, where it is a non-empty string or a number.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        match self.0.get(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// Whether `value` has more than `levels` levels of objects and arrays. Recurses at most `levels` + 1 deep.
fn deeper_than(value: &Value, levels: usize) -> bool {
    let below = |child: &Value| deeper_than(child, levels.saturating_sub(1));
    match value {
        Value::Object(_) | Value::Array(_) if levels == 0 => true,
        Value::Object(object) => object.values().any(below),
        Value::Array(items) => items.iter().any(below),
        _ => false,
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Metadata({} keys)", self.0.len())
    }
}

/// One message of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The customer's words.
    pub text: MessageText,
    /// Where they came from.
    pub channel: Channel,
    /// What the caller knows besides.
    pub metadata: Metadata,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_is_trimmed_and_bounded_in_characters_not_bytes() {
        assert_eq!(MessageText::parse("  hi \n").unwrap().as_str(), "hi");
        assert_eq!(MessageText::parse(" \t\u{0}\n"), Err(TextError::Empty));
        assert!(MessageText::parse(&"ü".repeat(5000)).is_ok());
        assert_eq!(
            MessageText::parse(&"ü".repeat(5001)),
            Err(TextError::TooLong { chars: 5001 })
        );
        assert_eq!(
            MessageText::parse("can\u{0}'t\tbreathe\r\nnow").unwrap().as_str(),
            "can't\tbreathe\r\nnow"
        );
        assert_eq!(
            format!("{:?}", MessageText::parse("secret").unwrap()),
            "MessageText(6 bytes)"
        );
    }

    #[test]
    fn metadata_is_bounded_in_size_and_depth() {
        let nested = |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({ "a": inner }));
        let object = |value: Value| value.as_object().unwrap().clone();
        assert!(Metadata::parse(object(nested(8))).is_ok());
        assert_eq!(Metadata::parse(object(nested(9))), Err(MetadataError::TooDeep));
        let large = json!({ "k": "x".repeat(MAX_METADATA_BYTES) });
        assert!(matches!(
            Metadata::parse(object(large)),
            Err(MetadataError::TooLarge { .. })
        ));
        let ids = Metadata::parse(object(json!({ "order_id": 42, "customer_id": " C1 ", "x": "" }))).unwrap();
        assert_eq!(ids.text("order_id").as_deref(), Some("42"));
        assert_eq!(ids.text("customer_id").as_deref(), Some("C1"));
        assert_eq!(ids.text("x"), None);
    }

    #[test]
    fn channels_are_known_by_name_and_email_is_mail() {
        for channel in Channel::ALL {
            assert_eq!(channel.as_str().parse(), Ok(channel));
        }
        assert_eq!("email".parse(), Ok(Channel::Mail));
        assert_eq!("fax".parse::<Channel>(), Err(UnknownChannel));
    }
}
