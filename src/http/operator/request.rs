//! How an operator's request is read: who asks, which page, which version, what body; each refusal names the field.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::http::{HeaderMap, StatusCode, header};
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

/// The parameters of all lists.
const PARAMETERS: [&str; 15] = [
    "reference",
    "sort",
    "kind",
    "status",
    "queue",
    "severity",
    "category",
    "client_id",
    "breached",
    "reviewed",
    "before",
    "limit",
    "state",
    "chain",
    "seq",
];

/// The rejection's own words repeat the value, which may be a customer's: only the name of the parameter is told.
pub(super) fn refused_query(refused: &QueryRejection) -> Problem {
    let words = refused.body_text();
    let name = words
        .split(": ")
        .find_map(|part| PARAMETERS.into_iter().find(|name| *name == part));
    let message = "is unknown, or has a value that it does not take; /openapi.json lists them";
    Problem::invalid_field(name.unwrap_or("query"), "invalid", message)
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
    use std::collections::BTreeSet;

    use utoipa::openapi::RefOr;
    use utoipa::openapi::path::ParameterIn;

    use super::*;

    #[test]
    fn every_parameter_of_the_lists_is_named_where_it_is_wrong() {
        let document = crate::http::operator::routes().into_openapi();
        let of_routes = document.paths.paths.values().filter_map(|path| path.get.as_ref());
        let parameters: BTreeSet<String> = of_routes
            .flat_map(|route| route.parameters.iter().flatten())
            .filter_map(|parameter| match parameter {
                RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => {
                    Some(parameter.name.clone())
                }
                _ => None,
            })
            .collect();
        assert_eq!(parameters, PARAMETERS.map(str::to_owned).into());
    }
}
