//! How an operator's request is read: who asks, which page, which version, what body; each refusal names the field.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::extract::Query;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::http::AppState;
use crate::http::problem::{FieldError, Problem};
use crate::http::received::{is_json, json_text};
use crate::http::strict_json::{self, Fault};
use crate::operator::Page;

/// The operator's name, as its key is called.
#[derive(Debug, Clone)]
pub(super) struct OperatorName(pub String);

pub(super) fn page(before: Option<i64>, limit: Option<u32>) -> Result<Page, Problem> {
    let limit = limit.unwrap_or(Page::default().limit);
    match (1..=Page::MAX).contains(&limit) {
        true => Ok(Page { before, limit }),
        false => Err(Problem::invalid_field(
            "limit",
            "out_of_range",
            format!("must be 1 to {}", Page::MAX),
        )),
    }
}

/// Reads the parameters of a list, of which each may be left out. One refusal names every one that is wrong and says what would be right; no
/// value is repeated, nor the name of one that is not known: it may be a customer's.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let text = uri.query().unwrap_or_default();
    let errors = faults::<T>(text);
    if !errors.is_empty() {
        return Err(Problem::invalid_fields(errors));
    }
    let wrong = |_| Problem::invalid_field("query", "invalid", "cannot be read");
    read_pairs(text).map_err(wrong)
}

/// What is wrong with the parameters, each by itself: the reader ends at the first that is.
fn faults<T: DeserializeOwned>(text: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split('=').next().unwrap_or_default();
        match read_pairs::<T>(pair) {
            Err(refused) => errors.push(fault(name, &refused.body_text())),
            Ok(_) if !seen.insert(name) => {
                errors.push(FieldError::new(
                    name,
                    "duplicate",
                    "must be given once".to_owned(),
                ));
            }
            Ok(_) => {}
        }
    }
    errors
}

fn read_pairs<T: DeserializeOwned>(text: &str) -> Result<T, QueryRejection> {
    // What came as a query is one again.
    let uri = Uri::try_from(format!("/?{text}")).unwrap_or_default();
    Query::try_from_uri(&uri).map(|Query(read)| read)
}

/// What is wrong with the parameter `name`, of the reader's own words.
fn fault(name: &str, words: &str) -> FieldError {
    let expected = words.rsplit_once(", expected ").map(|(_, expected)| expected);
    let list = expected
        .unwrap_or_default()
        .trim_start_matches("one of ")
        .replace('`', "");
    if words.contains("unknown field `") {
        let message = format!("has a parameter that is not known; known are: {list}");
        return FieldError::new("query", "unknown", message);
    }
    let message = if words.contains("unknown variant `") {
        format!("must be one of: {}", list.replace(" or ", ", "))
    } else if words.ends_with("`true` or `false`") {
        "must be true or false".to_owned()
    } else {
        // The rest are numbers: any text is one.
        "must be a whole number".to_owned()
    };
    FieldError::new(name, "invalid", message)
}

/// The version in `If-Match`; `None` for `*`, which asks for any.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let Some(value) = values.next() else {
        return Err(Problem::if_match_required());
    };
    let text = value.to_str().unwrap_or_default();
    if text == "*" && values.next().is_none() {
        return Ok(None);
    }
    let strong = text.strip_prefix("W/").unwrap_or(text);
    let tag = strong.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(tag) = tag.filter(|tag| !tag.contains('"') && values.next().is_none()) else {
        let message = "must be * or the one ETag that the record was read with, in its quotes, such as \"3\"";
        return Err(Problem::invalid_field("If-Match", "invalid", message));
    };
    // An ETag that we never gave ("01" is not "1"), and a weak one, cannot match (RFC 9110, section 13.1.1).
    match tag.parse::<i64>() {
        Ok(version) if strong == text && version.to_string() == tag => Ok(Some(version)),
        _ => Err(Problem::changed_meanwhile()),
    }
}

/// The deepest nesting that is read; a field of a change is text, and deeper is wrong whatever it holds.
const MAX_DEPTH: usize = 8;

/// The body of a change: a JSON object whose fields are taken one by one. What is wrong with them is told at once, by [`Fields::end`].
#[derive(Debug)]
pub(super) struct Fields {
    left: Map<String, Value>,
    known: Vec<&'static str>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Reads a body that is no larger than a message may be.
    pub(super) fn read(
        state: &AppState,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Result<Self, Problem> {
        if !is_json(headers) {
            return Err(Problem::not_json());
        }
        let body = body.map_err(|unread| match unread.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::body_too_large(state.max_body_bytes),
            _ => Problem::unreadable_body(),
        })?;
        let text = json_text(&body)?;
        let whole: &RawValue =
            serde_json::from_str(text).map_err(|_| Problem::invalid_json("the body is not JSON"))?;
        let left = strict_json::object(whole.get(), MAX_DEPTH).map_err(|fault| {
            Problem::invalid_json(match fault {
                Fault::NotAnObject => "the body is not a JSON object",
                Fault::DuplicateKey => "a field is given twice",
                Fault::TooDeep => "the body is nested too deeply",
                Fault::Malformed => "the body is not valid JSON",
            })
        })?;
        Ok(Self {
            left,
            known: Vec::new(),
            errors: Vec::new(),
        })
    }

    /// A text that must be there; empty, and told at the end, where it is not.
    pub(super) fn required(&mut self, name: &'static str) -> String {
        let wrong = self.errors.len();
        self.optional(name).unwrap_or_else(|| {
            if self.errors.len() == wrong {
                self.wrong(name, "missing", "is required".to_owned());
            }
            String::new()
        })
    }

    /// A text that may be left out, or null.
    pub(super) fn optional(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        match self.left.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.wrong(name, "wrong_type", "must be a string".to_owned());
                None
            }
        }
    }

    /// Refuses what was wrong, and any field that nobody took: it is misspelt, and would be lost unseen. Its name is not repeated.
    pub(super) fn end(mut self) -> Result<(), Problem> {
        if !self.left.is_empty() {
            let known = format!(
                "has a field that is not known; known are: {}",
                self.known.join(", ")
            );
            self.wrong("body", "unknown", known);
        }
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(Problem::invalid_fields(self.errors)),
        }
    }

    /// Whether something is wrong with this field already.
    pub(super) fn is_wrong(&self, name: &str) -> bool {
        self.errors.iter().any(|error| error.field == name)
    }

    /// Notes what is wrong with a field, for [`Fields::end`] to tell.
    pub(super) fn wrong(&mut self, name: &str, code: &'static str, message: String) {
        self.errors.push(FieldError::new(name, code, message));
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::operator::RecordKind;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Parameters {
        kind: Option<RecordKind>,
        queue: Option<String>,
        breached: Option<bool>,
        limit: Option<u32>,
    }

    #[test]
    fn every_wrong_parameter_is_named_with_what_would_be_right_and_without_its_value() {
        let told = |text: &str| {
            let errors = faults::<Parameters>(text).into_iter();
            let told = errors.map(|error| format!("{} {}: {}", error.field, error.code, error.message));
            told.collect::<Vec<String>>()
        };
        assert_eq!(
            told("Quirinella=1&kind=Quirinella&breached=Quirinella&limit=-529&queue=a&queue=b"),
            [
                "query unknown: has a parameter that is not known; known are: kind, queue, breached, limit",
                "kind invalid: must be one of: ticket, compliance",
                "breached invalid: must be true or false",
                "limit invalid: must be a whole number",
                "queue duplicate: must be given once",
            ]
        );
        for right in [
            "",
            "queue=a%26b&kind=ticket",
            "limit=99999&&breached=false",
            "queue=",
        ] {
            assert_eq!(told(right), Vec::<String>::new(), "{right}");
        }
    }
}
