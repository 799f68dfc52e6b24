//! Refusals and failures as problem documents (RFC 9457); the only file that maps errors to status codes.
//!
//! A handler or layer returns a [`Problem`]; the `edge` layer writes it, because only it knows the request id. What leaves
//! holds a stable code, a safe sentence and the names of fields; never a stack, a cause or the customer's text.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::admission::Refused;
use crate::triage::{StoreError, TriageError};

/// Media type of a problem document (RFC 9457, section 3).
pub const CONTENT_TYPE: &str = "application/problem+json";

/// The code of a client over its limit.
pub const RATE_LIMITED: &str = "rate_limited";

/// One offending field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field (`message`, `channel`, `metadata`; `body` for the whole), or the name of the header or query parameter.
    #[schema(example = "message")]
    pub field: String,
    /// Stable code of what is wrong.
    #[schema(example = "too_long")]
    pub code: &'static str,
    /// What would be right.
    #[schema(example = "must be at most 5000 characters, has 6000")]
    pub message: String,
}

impl FieldError {
    /// What is wrong with a field, and what would be right.
    #[must_use]
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

/// Why a request was not answered; becomes a [`ProblemDocument`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
}

/// The body of every answer that is not a success (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDocument {
    /// `about:blank`: the status says what kind of problem it is; `error` says which.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: &'static str,
    /// The status in words.
    #[schema(example = "Bad Request")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// What is wrong with this request, for people.
    pub detail: String,
    /// Stable code, for programs.
    #[schema(example = "validation_failed")]
    pub error: &'static str,
    /// The same as `detail`, where older clients look for it.
    pub message: String,
    /// Id of the request, as in the `X-Request-ID` header.
    pub request_id: String,
    /// Every offending field, when the request was invalid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// 400: the body is there and is JSON, but these fields are wrong.
    #[must_use]
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let mut names: Vec<&str> = Vec::new();
        for error in &errors {
            if !names.contains(&error.field.as_str()) {
                names.push(&error.field);
            }
        }
        let detail = format!("the request is not valid; see errors for: {}", names.join(", "));
        Self {
            errors,
            ..Self::new(StatusCode::BAD_REQUEST, "validation_failed", detail)
        }
    }

    /// 400: one field, header or parameter is wrong.
    #[must_use]
    pub fn invalid_field(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError::new(field, code, message)])
    }

    /// 400: the body is not a JSON object.
    #[must_use]
    pub fn invalid_json(detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            errors: vec![FieldError::new("body", "invalid_json", detail.clone())],
            ..Self::new(StatusCode::BAD_REQUEST, "invalid_json", detail)
        }
    }

    /// 400: the request does not say, or says twice, where it meant to go.
    #[must_use]
    pub fn no_host() -> Self {
        let message = "must be given once, as a host with or without a port";
        Self::invalid_field("Host", "invalid", message)
    }

    /// 400: the body could not be read to its end.
    #[must_use]
    pub fn unreadable_body() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "unreadable_body",
            "the request body ended early or could not be read",
        )
    }

    /// 413: larger than the limit.
    #[must_use]
    pub fn body_too_large(limit_bytes: usize) -> Self {
        let detail = format!("the request body must be at most {limit_bytes} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
    }

    /// 415: not JSON.
    #[must_use]
    pub fn not_json() -> Self {
        let detail = "send the request with Content-Type: application/json";
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            detail,
        )
    }

    /// 415: the body is compressed, or encoded otherwise.
    #[must_use]
    pub fn encoded_body() -> Self {
        let detail = "send the body as it is, without Content-Encoding";
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_content_encoding",
            detail,
        )
    }

    /// 429: the client is over its limit.
    #[must_use]
    pub fn rate_limited(wait: Duration) -> Self {
        let detail = "too many requests from this client; wait as Retry-After says";
        Self::new(StatusCode::TOO_MANY_REQUESTS, RATE_LIMITED, detail).retry_after(wait)
    }

    /// 503: more requests at once than the service takes.
    #[must_use]
    pub fn overloaded() -> Self {
        let detail = "the service is busy; nothing was accepted";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).retry_after(Duration::from_secs(1))
    }

    /// 503: the request took longer than a request may.
    #[must_use]
    pub fn deadline_exceeded() -> Self {
        // The record may be on its way to the disk.
        let detail = "the request took too long and was given up; send it again, with the same Idempotency-Key where it had one";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "deadline_exceeded", detail)
            .retry_after(Duration::from_secs(1))
    }

    /// 409: the first request with this idempotency key still runs.
    #[must_use]
    pub fn idempotency_running() -> Self {
        let detail = "the first request with this Idempotency-Key is still running; ask again for its answer";
        // Its answer is there in milliseconds, or the LLM's seconds. How long the key is held says nothing of that: it outlives a killed process.
        Self::new(StatusCode::CONFLICT, "idempotency_key_in_use", detail).retry_after(Duration::from_secs(2))
    }

    /// 422: the idempotency key was used for another body.
    #[must_use]
    pub fn idempotency_mismatch() -> Self {
        let detail = "this Idempotency-Key was used with another body; use a new key for a new message";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", detail)
    }

    /// 403: there is no operator key.
    #[must_use]
    pub fn operators_closed() -> Self {
        let detail = "no operator key is configured (operator.keys, auth.keys or auth.keys_file), so the operator API is closed";
        Self::new(StatusCode::FORBIDDEN, "operators_closed", detail)
    }

    /// 428: a change without the version it is for.
    #[must_use]
    pub fn if_match_required() -> Self {
        let detail = "send the record's ETag as If-Match, so that nobody's change is overwritten";
        Self::new(StatusCode::PRECONDITION_REQUIRED, "if_match_required", detail)
    }

    /// 412: the version that the change is for is not the current one.
    #[must_use]
    pub fn changed_meanwhile() -> Self {
        let detail = "the record changed meanwhile; read it again";
        Self::new(StatusCode::PRECONDITION_FAILED, "changed_meanwhile", detail)
    }

    /// 409: what is asked for does not fit the state it is in.
    #[must_use]
    pub fn state_conflict(state: &str) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "state_conflict",
            format!("{state}, which does not allow this"),
        )
    }

    /// 500: a defect of ours.
    #[must_use]
    pub fn internal() -> Self {
        let detail = "an internal error; quote the request id when you report it";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", detail)
    }

    /// 404: the path is right, but no `what` has the name in it.
    #[must_use]
    pub fn no_such(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("there is no such {what}"),
        )
    }

    /// The problem that a bare status of the framework stands for (no such route, wrong method, ...).
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::NOT_FOUND => ("not_found", "there is nothing at this path; see /docs"),
            StatusCode::METHOD_NOT_ALLOWED => (
                "method_not_allowed",
                "this path does not take this method; see Allow",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "the request body is too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => return Self::not_json(),
            status if status.is_client_error() => ("bad_request", "the request cannot be served as it is"),
            _ => {
                return Self {
                    status,
                    ..Self::internal()
                };
            }
        };
        Self::new(status, code, detail)
    }

    /// The stable code, as in `error`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Whether it is the service that failed, not the request.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.status.is_server_error()
    }

    /// Writes the document. `request_id` goes into the body.
    #[must_use]
    pub fn into_document(self, request_id: &str) -> Response {
        let document = ProblemDocument {
            kind: "about:blank",
            title: title(self.status),
            status: self.status.as_u16(),
            message: self.detail.clone(),
            detail: self.detail,
            error: self.code,
            request_id: request_id.to_owned(),
            errors: self.errors,
        };
        let body = serde_json::to_vec(&document).expect("strings and numbers are JSON");
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, whole_seconds(wait).into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"switchboard\""),
            );
        }
        response
    }
}

/// The status in the words of RFC 9110, as RFC 9457 wants them beside `about:blank`; the crate `http` keeps older words for two.
fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Content Too Large",
        StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable Content",
        _ => status.canonical_reason().unwrap_or("Error"),
    }
}

/// Seconds, rounded up, so that a client that waits as told is not early; at least 1.
#[must_use]
pub fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// Carries the problem to the `edge` layer, which writes it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let detail = match refused {
            Refused::NoKey => "send an API key as Authorization: Bearer KEY or X-API-Key: KEY",
            Refused::UnknownKey => "the API key is not known here",
            Refused::ExpiredKey => "the API key has expired",
            Refused::WrongRole => {
                let detail = "the API key is known, but its role does not allow this";
                return Self::new(StatusCode::FORBIDDEN, "forbidden", detail);
            }
            Refused::TooManyFailures { retry_after } => {
                let detail = "too many wrong API keys from this address; wait as Retry-After says";
                return Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_failures", detail)
                    .retry_after(retry_after);
            }
        };
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }
}

impl From<TriageError> for Problem {
    fn from(error: TriageError) -> Self {
        let (code, detail, wait) = match &error {
            TriageError::Store(StoreError::HoldLost) => {
                return Self::idempotency_running();
            }
            TriageError::Store(error) => {
                note_refusal(error);
                (
                    "store_unavailable",
                    "the record could not be stored, so nothing was promised; try again",
                    Duration::from_secs(5),
                )
            }
            TriageError::ClassifierUnavailable { retry_after } => (
                "classifier_unavailable",
                "the classifier is not available; try again",
                *retry_after,
            ),
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry_after(wait)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            let detail = "the store is not available; nothing was changed; try again";
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", detail)
                .retry_after(Duration::from_secs(5));
        }
        note_refusal(&error);
        if error.lacks_data_key() {
            let detail = "the text is sealed under a data key that is not configured here; nothing was lost: somebody has to add it to \
                          store.previous_data_keys";
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, "data_key_missing", detail)
                .retry_after(Duration::from_secs(60));
        }
        Self::internal()
    }
}

/// A store that works and refuses is a defect, which somebody must hear of.
fn note_refusal(error: &StoreError) {
    if !error.is_transient() {
        tracing::error!(
            code = error.code(),
            error = error as &dyn std::error::Error,
            "the store refused"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_its_status_in_the_words_of_the_standard() {
        for (status, words) in [
            (400, "Bad Request"),
            (401, "Unauthorized"),
            (403, "Forbidden"),
            (404, "Not Found"),
            (405, "Method Not Allowed"),
            (409, "Conflict"),
            (412, "Precondition Failed"),
            (413, "Content Too Large"),
            (415, "Unsupported Media Type"),
            (422, "Unprocessable Content"),
            // RFC 6585.
            (428, "Precondition Required"),
            (429, "Too Many Requests"),
            (500, "Internal Server Error"),
            (503, "Service Unavailable"),
        ] {
            assert_eq!(title(StatusCode::from_u16(status).unwrap()), words, "{status}");
        }
    }

    #[test]
    fn whoever_waits_as_told_is_never_early() {
        for (wait_ms, seconds) in [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (59_999, 60)] {
            assert_eq!(
                whole_seconds(Duration::from_millis(wait_ms)),
                seconds,
                "{wait_ms}"
            );
        }
    }
}
