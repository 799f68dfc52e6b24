//! How an operator's request is read: who asks, which page, which version, what body; each refusal names the field.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::{HeaderMap, StatusCode, header};

use crate::http::AppState;
use crate::http::problem::{FieldError, Problem};
use crate::operator::Page;

/// The operator's name, as its key is called.
#[derive(Debug, Clone)]
pub(super) struct OperatorName(pub String);

pub(super) fn page(before: Option<i64>, limit: Option<u32>) -> Result<Page, Problem> {
    let limit = limit.unwrap_or(Page::default().limit);
    match (1..=Page::MAX).contains(&limit) {
        true => Ok(Page { before, limit }),
        false => Err(field(
            "limit",
            "out_of_range",
            format!("must be 1 to {}", Page::MAX),
        )),
    }
}

pub(super) fn field(name: &str, code: &'static str, message: String) -> Problem {
    Problem::invalid_fields(vec![FieldError {
        field: name.to_owned(),
        code,
        message,
    }])
}

/// The rejection's own words repeat the value, which may be a customer's: only the name of the parameter is told.
pub(super) fn refused_query(refused: &QueryRejection) -> Problem {
    const PARAMETERS: [&str; 14] = [
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
    let words = refused.body_text();
    let name = words
        .split(": ")
        .find_map(|part| PARAMETERS.into_iter().find(|name| *name == part));
    let message = "is unknown, or has a value that it does not take; /openapi.json lists them";
    field(name.unwrap_or("query"), "invalid", message.to_owned())
}

/// The version in `If-Match`; `None` for `*`, which asks for any.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let Some(value) = values.next() else {
        return Err(Problem::if_match_required());
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" && values.next().is_none() {
        return Ok(None);
    }
    let strong = text.strip_prefix("W/").unwrap_or(text);
    let tag = strong.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(tag) = tag.filter(|tag| !tag.contains('"') && values.next().is_none()) else {
        let message = "must be * or the one ETag that the record was read with, in its quotes, such as \"3\"";
        return Err(field("If-Match", "invalid", message.to_owned()));
    };
    // An ETag that we never gave, and a weak one, cannot match (RFC 9110, section 13.1.1).
    match tag.parse() {
        Ok(version) if strong == text => Ok(Some(version)),
        _ => Err(Problem::changed_meanwhile()),
    }
}

/// The body of a change, which is JSON of the named fields and no larger than a message may be.
pub(super) fn json<T>(state: &AppState, body: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    match body {
        Ok(Json(body)) => Ok(body),
        Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::not_json()),
        Err(JsonRejection::JsonDataError(_)) => Err(Problem::invalid_json(
            "a field is missing, unknown or of a wrong type",
        )),
        Err(JsonRejection::BytesRejection(unread)) => Err(match unread.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::body_too_large(state.max_body_bytes),
            _ => Problem::unreadable_body(),
        }),
        Err(_) => Err(Problem::invalid_json("the body is not JSON")),
    }
}
