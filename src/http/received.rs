//! A message as its request brings it.
//!
//! The body is read whole and checked field by field before anything happens, so that one refusal names every offending
//! field. Unknown fields are ignored; a key that is given twice is not.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::AppState;
use super::problem::{FieldError, Problem};
use super::strict_json::{self, Fault};
use crate::message::{Channel, MAX_METADATA_DEPTH, Message, MessageText, Metadata, MetadataError, TextError};

/// A message that has arrived, and what it came as.
pub(super) struct Received {
    pub(super) message: Message,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Reads the message.
pub(super) async fn receive(state: &AppState, request: Request) -> Result<Received, Problem> {
    let (head, body) = request.into_parts();
    if !is_json(&head.headers) {
        return Err(Problem::not_json());
    }
    let body = read_body(&head.headers, body, state.max_body_bytes).await?;
    // Only what cannot be read is refused for its encoding: some clients name the charset there, and their messages are not to be lost.
    if str::from_utf8(&body).is_err() && head.headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::encoded_body());
    }
    Ok(Received {
        message: parse(&body)?,
        headers: head.headers,
        body,
    })
}

/// `application/json`, in UTF-8 where it says so (RFC 8259, section 8.1).
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (essence, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    let essence = essence.trim().to_ascii_lowercase();
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    let json =
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    json && charset.is_none_or(|charset| matches!(charset.as_str(), "utf-8" | "utf8" | "us-ascii"))
}

async fn read_body(headers: &HeaderMap, body: Body, max_bytes: usize) -> Result<Bytes, Problem> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > max_bytes) {
        return Err(Problem::body_too_large(max_bytes));
    }
    axum::body::to_bytes(body, max_bytes).await.map_err(|error| {
        let too_long = std::error::Error::source(&error)
            .is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
        if too_long {
            Problem::body_too_large(max_bytes)
        } else {
            Problem::unreadable_body()
        }
    })
}

/// A body as text.
pub(super) fn json_text(body: &[u8]) -> Result<&str, Problem> {
    let text = str::from_utf8(body).map_err(|_| Problem::invalid_json("the body is not UTF-8"))?;
    // A mark that some writers put in front of UTF-8; a reader may ignore it (RFC 8259, section 8.1).
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Checks a body field by field; every fault is reported at once.
fn parse(body: &[u8]) -> Result<Message, Problem> {
    let text = json_text(body)?;
    let raw: RawRequest<'_> = serde_json::from_str(text).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Eof if text.trim().is_empty() => "the body is empty".to_owned(),
            serde_json::error::Category::Data => "the body is not a JSON object".to_owned(),
            _ => "the body is not JSON".to_owned(),
        };
        Problem::invalid_json(format!(
            "{what} (line {}, column {})",
            error.line(),
            error.column()
        ))
    })?;
    let mut errors: Vec<FieldError> = raw
        .duplicates
        .iter()
        .map(|field| FieldError::new(*field, "duplicate", "must be given once"))
        .collect();
    let text = collect(&mut errors, message_text(raw.message));
    let channel = collect(&mut errors, channel(raw.channel));
    let metadata = collect(&mut errors, metadata(raw.metadata));
    match (text, channel, metadata) {
        (Some(text), Some(channel), Some(metadata)) if errors.is_empty() => Ok(Message {
            text,
            channel,
            metadata,
        }),
        _ => Err(Problem::invalid_fields(errors)),
    }
}

fn collect<T>(errors: &mut Vec<FieldError>, field: Result<T, FieldError>) -> Option<T> {
    field.map_err(|error| errors.push(error)).ok()
}

fn message_text(raw: Option<&RawValue>) -> Result<MessageText, FieldError> {
    let field = "message";
    let Some(raw) = raw else {
        return Err(FieldError::new(field, "missing", "is required"));
    };
    let text: String =
        serde_json::from_str(raw.get()).map_err(|_| wrong_type(field, "a string of valid Unicode"))?;
    MessageText::parse(&text).map_err(|error| {
        let code = match error {
            TextError::Empty => "empty",
            TextError::TooLong { .. } => "too_long",
        };
        FieldError::new(field, code, error.to_string())
    })
}

/// A null counts as absent: many clients write their optional fields that way.
fn channel(raw: Option<&RawValue>) -> Result<Channel, FieldError> {
    let field = "channel";
    match raw.map(|raw| serde_json::from_str::<Option<String>>(raw.get())) {
        None | Some(Ok(None)) => Ok(Channel::default()),
        Some(Ok(Some(name))) => name
            .parse()
            .map_err(|_| FieldError::new(field, "unknown", format!("must be one of {}", Channel::NAMES))),
        Some(Err(_)) => Err(wrong_type(field, &format!("a string: one of {}", Channel::NAMES))),
    }
}

fn metadata(raw: Option<&RawValue>) -> Result<Metadata, FieldError> {
    let field = "metadata";
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
        return Ok(Metadata::default());
    };
    let too_deep = || FieldError::new(field, "too_deep", MetadataError::TooDeep.to_string());
    let object = strict_json::object(raw.get(), MAX_METADATA_DEPTH).map_err(|fault| match fault {
        Fault::NotAnObject => wrong_type(field, "an object"),
        Fault::DuplicateKey => FieldError::new(field, "duplicate", "must not have the same key twice"),
        Fault::TooDeep => too_deep(),
        Fault::Malformed => wrong_type(field, "an object of valid JSON"),
    })?;
    Metadata::parse(object).map_err(|error| match error {
        MetadataError::TooDeep => too_deep(),
        MetadataError::TooLarge { .. } => FieldError::new(field, "too_large", error.to_string()),
    })
}

fn wrong_type(field: &str, right: &str) -> FieldError {
    FieldError::new(field, "wrong_type", format!("must be {right}"))
}

/// The body with its fields still unread.
#[derive(Default)]
struct RawRequest<'a> {
    message: Option<&'a RawValue>,
    channel: Option<&'a RawValue>,
    metadata: Option<&'a RawValue>,
    duplicates: Vec<&'static str>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Message,
    Channel,
    Metadata,
    #[serde(other)]
    Unknown,
}

impl<'de> Deserialize<'de> for RawRequest<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = RawRequest<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut raw = RawRequest::default();
                while let Some(field) = entries.next_key()? {
                    let (slot, name) = match field {
                        Field::Message => (&mut raw.message, "message"),
                        Field::Channel => (&mut raw.channel, "channel"),
                        Field::Metadata => (&mut raw.metadata, "metadata"),
                        Field::Unknown => {
                            entries.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    if slot.replace(entries.next_value()?).is_some() {
                        raw.duplicates.push(name);
                    }
                }
                Ok(raw)
            }
        }

        deserializer.deserialize_map(Fields)
    }
}
