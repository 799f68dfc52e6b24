//! `Idempotency-Key`: makes a POST safe to repeat.
//!
//! A key is the caller's own, 1 to 255 visible ASCII characters. The same key with the same body gets the first answer again, with
//! `Idempotency-Replayed: true`; two different keys on one request are refused; with another body it is refused (422); while the first
//! request runs, 409. Refusals are not kept: a retry runs. Answers are kept for 24 hours (`store.idempotency_keep_s`).

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ring::digest;

use super::problem::Problem;
use crate::triage::{Held, Taken, Triage};

/// The caller's key.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is the first one's.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key, in bytes.
pub(super) const MAX_KEY: usize = 255;

/// What to do with a request.
pub(super) enum Repeated {
    /// It has no key.
    No,
    /// It is the first with its key.
    First(crate::triage::Hold),
    /// It was answered before.
    Answered(Response),
}

/// Looks the request's key up, and takes it where it is free.
pub(super) async fn begin(
    triage: &Triage,
    client_id: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Repeated, Problem> {
    let mut lines = headers.get_all(KEY).iter();
    let Some(key) = lines.next() else {
        return Ok(Repeated::No);
    };
    // Which of two the caller will repeat with cannot be known. The same one twice says one thing.
    if lines.any(|other| other != key) {
        return Err(Problem::invalid_field(
            KEY.as_str(),
            "duplicate",
            "must be given once",
        ));
    }
    let key = key
        .to_str()
        .ok()
        .filter(|key| (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()));
    let Some(key) = key else {
        let message = format!("must be 1 to {MAX_KEY} visible ASCII characters");
        return Err(Problem::invalid_field(KEY.as_str(), "malformed", message));
    };
    let mut fingerprint = [0; digest::SHA256_OUTPUT_LEN];
    fingerprint.copy_from_slice(digest::digest(&digest::SHA256, body).as_ref());
    match triage.hold(client_id, key, fingerprint).await? {
        Held::Fresh(hold) => Ok(Repeated::First(hold)),
        Held::Taken(Taken::Replay { status, body }) => Ok(Repeated::Answered(replay(status, body))),
        Held::Taken(Taken::OtherBody) => Err(Problem::idempotency_mismatch()),
        Held::Taken(Taken::Running { .. }) => Err(Problem::idempotency_running()),
    }
}

/// An answer as it was kept.
pub(super) fn answer(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn replay(status: u16, body: Vec<u8>) -> Response {
    let mut response = answer(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
