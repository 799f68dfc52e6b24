//! The routes of records: list, show, read and erase the verbatim text, acknowledge, resolve, reclassify.
//!
//! A record's version is its `ETag`. Changes need it in `If-Match` (428 without, 412 when somebody else was faster), so that two people
//! never overwrite each other. Rows hold no verbatim text; reading that is audited.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::request::{Fields, OperatorName, if_match, page, query};
use crate::http::AppState;
use crate::http::problem::{Problem, ProblemDocument};
use crate::operator::{
    BadNote, Category, Change, ChangeError, Erased, Intent, Listed, RecordFilter, RecordKind, RecordRow,
    RecordSort, RecordStatus, Review, Severity, Verbatim, check_note, operator_actor, review_faults,
};

/// Which records to list; what is left out lets all pass.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// `newest` first when left out; `due`: what is open, the soonest due first.
    sort: Option<RecordSort>,
    /// What they are.
    kind: Option<RecordKind>,
    /// How far a person got.
    status: Option<RecordStatus>,
    /// The people they are for.
    queue: Option<String>,
    /// How fast a person must look.
    severity: Option<Severity>,
    /// The message's category.
    category: Option<Category>,
    /// The caller that brought them.
    client_id: Option<String>,
    /// Whether their due time passed unseen.
    breached: Option<bool>,
    /// Whether a reviewer labelled them.
    reviewed: Option<bool>,
    /// `next` of the page before.
    before: Option<i64>,
    /// Rows in a page, 1 to 500; 50 when left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// A page of records.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Records {
    /// The records, without verbatim text.
    items: Vec<RecordRow>,
    /// `before` of the next page; null at the end.
    next: Option<i64>,
}

/// A customer's own words.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VerbatimText {
    /// The record.
    reference: String,
    /// The text; null when it was erased.
    text: Option<String>,
    /// When it was erased.
    #[schema(value_type = Option<String>, format = DateTime)]
    erased_at: Option<Timestamp>,
}

/// How a record was resolved.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Resolution {
    /// One line for the audit trail, without a customer's data, which would be masked: 1 to 500 characters after trimming, no control
    /// characters.
    #[schema(min_length = 1, max_length = 500)]
    note: String,
}

/// What a reviewer says a record should have been. A misspelt field is refused: its label would be lost unseen.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "describes the body for /openapi.json; it is read into a `Review`"
)]
pub(super) struct Labels {
    /// The right category.
    #[schema(value_type = Category)]
    category: String,
    /// The right severity, for a safety report and for nothing else.
    #[schema(value_type = Option<Severity>)]
    severity: Option<String>,
    /// The right intent, for a request.
    #[schema(value_type = Option<Intent>)]
    intent: Option<String>,
}

impl Resolution {
    fn read(mut fields: Fields) -> Result<Self, Problem> {
        let mut note = fields.required("note");
        if !fields.is_wrong("note") {
            match check_note(&note) {
                Ok(checked) => note = checked.to_owned(),
                Err(bad) => {
                    let code = match bad {
                        BadNote::Empty => "empty",
                        BadNote::TooLong => "too_long",
                        BadNote::NotOneLine => "not_one_line",
                    };
                    fields.wrong("note", code, bad.to_string());
                }
            }
        }
        fields.end()?;
        Ok(Self { note })
    }
}

impl Labels {
    fn read(mut fields: Fields) -> Result<Review, Problem> {
        let review = Review {
            category: fields.required("category"),
            severity: fields.optional("severity"),
            intent: fields.optional("intent"),
        };
        for bad in review_faults(&review) {
            // What is no text, or not there, is told as that.
            if !fields.is_wrong(bad.field) {
                fields.wrong(bad.field, "invalid", bad.problem.to_owned());
            }
        }
        fields.end()?;
        Ok(review)
    }
}

/// List records
#[utoipa::path(get, path = "/api/v1/records", tag = "operator", params(ListQuery), responses(
    (status = 200, description = "A page of records", body = Records),
    (status = 400, description = "A parameter is wrong", body = ProblemDocument, content_type = "application/problem+json"),
))]
pub(super) async fn list(State(state): State<AppState>, uri: Uri) -> Result<Json<Records>, Problem> {
    let query: ListQuery = query(&uri)?;
    let page = page(query.before, query.limit)?;
    let filter = RecordFilter {
        sort: query.sort,
        kind: query.kind,
        status: query.status,
        queue: query.queue,
        severity: query.severity.map(|severity| severity.as_str().to_owned()),
        category: query.category.map(|category| category.as_str().to_owned()),
        client_id: query.client_id,
        breached: query.breached,
        reviewed: query.reviewed,
    };
    let Listed { items, next } = state.operator.list(&filter, page).await?;
    Ok(Json(Records { items, next }))
}

/// Show a record
#[utoipa::path(get, path = "/api/v1/records/{reference}", tag = "operator", responses(
    (status = 200, description = "The record", body = RecordRow),
    (status = 404, description = "No such record", body = ProblemDocument, content_type = "application/problem+json"),
))]
pub(super) async fn show(
    State(state): State<AppState>,
    Path(reference): Path<String>,
) -> Result<Response, Problem> {
    found(state.operator.show(&reference).await?)
}

/// Read a record's verbatim text (audited)
#[utoipa::path(get, path = "/api/v1/records/{reference}/verbatim", tag = "operator", responses(
    (status = 200, description = "The text", body = VerbatimText),
    (status = 404, description = "No such record", body = ProblemDocument, content_type = "application/problem+json"),
))]
pub(super) async fn verbatim(
    State(state): State<AppState>,
    Extension(OperatorName(who)): Extension<OperatorName>,
    Path(reference): Path<String>,
) -> Result<Json<VerbatimText>, Problem> {
    let (text, erased_at) = match state.operator.verbatim(&reference, &who).await? {
        None => return Err(Problem::no_such("record")),
        Some(Verbatim::Text(text)) => (Some(text.expose_secret().to_owned()), None),
        Some(Verbatim::Erased(at)) => (None, Some(at)),
    };
    Ok(Json(VerbatimText {
        reference,
        text,
        erased_at,
    }))
}

/// Erase a record's verbatim text for good (audited)
#[utoipa::path(delete, path = "/api/v1/records/{reference}/verbatim", tag = "operator", responses(
    (status = 204, description = "Its key is destroyed, now or before"),
    (status = 404, description = "No such record", body = ProblemDocument, content_type = "application/problem+json"),
))]
pub(super) async fn erase(
    State(state): State<AppState>,
    Extension(OperatorName(who)): Extension<OperatorName>,
    Path(reference): Path<String>,
) -> Result<StatusCode, Problem> {
    match state.operator.erase(&reference, &who).await? {
        Erased::Now | Erased::Before => Ok(StatusCode::NO_CONTENT),
        Erased::NotFound => Err(Problem::no_such("record")),
    }
}

/// Acknowledge a record: somebody took it, its SLA clock stops
#[utoipa::path(post, path = "/api/v1/records/{reference}/acknowledge", tag = "operator",
    params(("If-Match" = String, Header, description = "The record's ETag, or *")), responses(
    (status = 200, description = "The record as it is now", body = RecordRow),
    (status = 400, description = "If-Match is not one ETag", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 404, description = "No such record", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 409, description = "Its status does not allow it", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 412, description = "It changed meanwhile", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 428, description = "If-Match is missing", body = ProblemDocument, content_type = "application/problem+json"),
))]
pub(super) async fn acknowledge(
    State(state): State<AppState>,
    Extension(OperatorName(who)): Extension<OperatorName>,
    Path(reference): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    change(&state, &who, &reference, &headers, Change::Acknowledge).await
}

/// Resolve a record
#[utoipa::path(post, path = "/api/v1/records/{reference}/resolve", tag = "operator", request_body = Resolution,
    params(("If-Match" = String, Header, description = "The record's ETag, or *")), responses(
    (status = 200, description = "The record as it is now", body = RecordRow),
    (status = 400, description = "The body or If-Match is not valid", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 404, description = "No such record", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 409, description = "Its status does not allow it", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 412, description = "It changed meanwhile", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 413, description = "Body too large", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 415, description = "Not JSON", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 428, description = "If-Match is missing", body = ProblemDocument, content_type = "application/problem+json"),
))]
pub(super) async fn resolve(
    State(state): State<AppState>,
    Extension(OperatorName(who)): Extension<OperatorName>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Resolution { note } = Resolution::read(Fields::read(&state, &headers, body)?)?;
    change(&state, &who, &reference, &headers, Change::Resolve { note }).await
}

/// Say what a record should have been; kept for training
///
/// Nothing else happens: a ticket that is a safety report has to be sent as a message again, to become one.
#[utoipa::path(post, path = "/api/v1/records/{reference}/reclassify", tag = "operator", request_body = Labels,
    params(("If-Match" = String, Header, description = "The record's ETag, or *")), responses(
    (status = 200, description = "The record as it is now", body = RecordRow),
    (status = 400, description = "The body or If-Match is not valid", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 404, description = "No such record", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 412, description = "It changed meanwhile", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 413, description = "Body too large", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 415, description = "Not JSON", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 428, description = "If-Match is missing", body = ProblemDocument, content_type = "application/problem+json"),
))]
pub(super) async fn reclassify(
    State(state): State<AppState>,
    Extension(OperatorName(who)): Extension<OperatorName>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let review = Labels::read(Fields::read(&state, &headers, body)?)?;
    change(&state, &who, &reference, &headers, Change::Reclassify(review)).await
}

async fn change(
    state: &AppState,
    who: &str,
    reference: &str,
    headers: &HeaderMap,
    change: Change,
) -> Result<Response, Problem> {
    let expected = if_match(headers)?;
    let changed = state
        .operator
        .change(reference, expected, &operator_actor(who), change)
        .await;
    match changed {
        Ok(record) => found(record),
        Err(ChangeError::ChangedMeanwhile) => Err(Problem::changed_meanwhile()),
        Err(ChangeError::Status { status }) => {
            Err(Problem::state_conflict(&format!("the record is {status}")))
        }
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}

fn found(record: Option<RecordRow>) -> Result<Response, Problem> {
    let record = record.ok_or_else(|| Problem::no_such("record"))?;
    let etag = format!("\"{}\"", record.version);
    Ok(([(header::ETAG, etag)], Json(record)).into_response())
}
