//! The operator API: records, dead deliveries and the audit trail, for people with an operator's or an auditor's key.
//!
//! An auditor reads what is redacted; changes and verbatim texts are for operators. A key with a rate of its own is held to it.
//! A record's version is its `ETag`. Changes need it in `If-Match` (428 without, 412 when somebody else was faster), so that two
//! people never overwrite each other. Lists are pages, newest first; `next` of one is the `before` of the following.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Content, OpenApi as Document, Ref, ResponseBuilder};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::edge::Facts;
use super::problem::{CONTENT_TYPE, FieldError, Problem, ProblemDocument};
use super::rate_limit::{address_of, credential, describe, refused};
use super::{AppState, asks_for_key};
use crate::admission::Permission;
use crate::operator::{
    AuditEntry, BadNote, Category, Change, Decided, Decision, Erased, JobRow, JobState, Page, RecordFilter,
    RecordKind, RecordRow, RecordStatus, Review, Severity, StoreError, Verbatim, check_note, check_review,
};

/// The operator's name, as its key is called.
#[derive(Debug, Clone)]
struct OperatorName(String);

/// Lets operators in, auditors where nothing is changed or verbatim, and nobody else.
pub(super) async fn admit(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let callers = &state.admission.callers;
    if !callers.has_operators() {
        return Problem::operators_closed().into_response();
    }
    let address = address_of(&state, &request);
    let client = match callers.require(permission(&request), credential(request.headers()), address) {
        Ok(client) => client,
        Err(why) => return refused(&state, why).into_response(),
    };
    if let Some(problem) = nul(request.uri()) {
        return problem.into_response();
    }
    request
        .extensions_mut()
        .insert(OperatorName(client.id.to_string()));
    let limited = client.key.as_ref().is_some_and(|key| key.has_rate());
    let allowance = match limited {
        true => state.admission.limiter.check(&client).await.allowance,
        false => None,
    };
    let mut response = match &allowance {
        Some(spent) if !spent.admitted => Problem::rate_limited(spent.reset).into_response(),
        _ => next.run(request).await,
    };
    if let Some(allowance) = &allowance {
        describe(response.headers_mut(), allowance);
    }
    let facts = response.extensions_mut().get_or_insert_default::<Facts>();
    facts.client = client.key.map(|key| key.id.clone());
    response
}

/// Refuses an encoded NUL, which is in no name that we give and which PostgreSQL takes in no text.
fn nul(uri: &Uri) -> Option<Problem> {
    let holds = |text: &str| text.contains("%00");
    if holds(uri.path()) {
        return Some(Problem::of_status(StatusCode::NOT_FOUND));
    }
    let message = "must not hold a NUL character".to_owned();
    holds(uri.query().unwrap_or_default()).then(|| field("query", "invalid", message))
}

/// What a request needs: reading verbatim text is as much as changing something.
fn permission(request: &Request) -> Permission {
    let verbatim = request.uri().path().trim_end_matches('/').ends_with("/verbatim");
    match *request.method() {
        Method::GET | Method::HEAD if !verbatim => Permission::Read,
        _ => Permission::Change,
    }
}

/// The documented routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(verbatim, erase))
        .routes(routes!(acknowledge))
        .routes(routes!(resolve))
        .routes(routes!(reclassify))
        .routes(routes!(deliveries))
        .routes(routes!(retry))
        .routes(routes!(discard))
        .routes(routes!(audit))
}

/// Says in the description of each route what [`admit`] and the store may answer instead of it, and which keys it asks for.
pub(super) fn describe_access(document: &mut Document) {
    let refusals = [
        (StatusCode::UNAUTHORIZED, "No known API key"),
        (StatusCode::FORBIDDEN, "The API key's role does not allow this"),
        (
            StatusCode::TOO_MANY_REQUESTS,
            "Over the key's rate, or too many wrong API keys",
        ),
        (StatusCode::SERVICE_UNAVAILABLE, "Not now; nothing was changed"),
    ];
    let document_of_problem = || Content::new(Some(Ref::from_schema_name("ProblemDocument")));
    let items = document.paths.paths.values_mut();
    let operations = items.flat_map(|item| [&mut item.get, &mut item.post, &mut item.delete]);
    for operation in operations.flatten() {
        operation.security = Some(asks_for_key().to_vec());
        for (status, description) in refusals {
            let response = ResponseBuilder::new()
                .description(description)
                .content(CONTENT_TYPE, document_of_problem())
                .build();
            let responses = &mut operation.responses.responses;
            responses.insert(status.as_str().to_owned(), response.into());
        }
    }
}

/// Which records to list; what is left out lets all pass.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
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

/// Which deliveries to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DeliveriesQuery {
    /// Where they are.
    state: Option<JobState>,
    /// `next` of the page before.
    before: Option<i64>,
    /// Rows in a page, 1 to 500; 50 when left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// A page of records.
#[derive(Debug, Serialize, ToSchema)]
struct Records {
    /// The records, newest first, without verbatim text.
    items: Vec<RecordRow>,
    /// `before` of the next page; null at the end.
    next: Option<i64>,
}

/// A page of deliveries.
#[derive(Debug, Serialize, ToSchema)]
struct Deliveries {
    /// The deliveries, newest first.
    items: Vec<JobRow>,
    /// `before` of the next page; null at the end.
    next: Option<i64>,
}

/// Where to read on in the audit trail.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// `chain` of the page before's `next`.
    chain: Option<String>,
    /// `seq` of the page before's `next`.
    seq: Option<i64>,
}

/// A page of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
struct AuditTrail {
    /// The entries, chain by chain, oldest first, at most 1,000.
    items: Vec<AuditEntry>,
    /// Where the next page begins; null at the end.
    next: Option<AuditPosition>,
}

/// The last entry that was read.
#[derive(Debug, Serialize, ToSchema)]
struct AuditPosition {
    /// Its chain.
    chain: String,
    /// Its position there.
    seq: i64,
}

/// A customer's own words.
#[derive(Debug, Serialize, ToSchema)]
struct VerbatimText {
    /// The record.
    reference: String,
    /// The text; null when it was erased.
    text: Option<String>,
    /// When it was erased.
    #[schema(value_type = Option<String>, format = DateTime)]
    erased_at: Option<Timestamp>,
}

/// How a record was resolved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Resolution {
    /// One line for the audit trail, without a customer's data, which would be masked: 1 to 500 characters after trimming, no control
    /// characters.
    #[schema(min_length = 1, max_length = 500)]
    note: String,
}

fn page(before: Option<i64>, limit: Option<u32>) -> Result<Page, Problem> {
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

/// The one row behind a page that is full: without it, the page is the last one.
fn behind(page: Page, rows: usize, last: Option<i64>) -> Option<Page> {
    (rows == page.limit as usize).then_some(Page {
        before: last,
        limit: 1,
    })
}

fn field(name: &str, code: &'static str, message: String) -> Problem {
    Problem::invalid_fields(vec![FieldError {
        field: name.to_owned(),
        code,
        message,
    }])
}

/// The rejection's own words repeat the value, which may be a customer's: only the name of the parameter is told.
fn refused_query(refused: &QueryRejection) -> Problem {
    const PARAMETERS: [&str; 13] = [
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

/// List records
#[utoipa::path(get, path = "/api/v1/records", tag = "operator", params(ListQuery), responses(
    (status = 200, description = "A page of records", body = Records),
    (status = 400, description = "A parameter is wrong", body = ProblemDocument, content_type = "application/problem+json"),
))]
async fn list(
    State(state): State<AppState>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Records>, Problem> {
    let Query(query) = query.map_err(|refused| refused_query(&refused))?;
    let page = page(query.before, query.limit)?;
    let filter = RecordFilter {
        kind: query.kind,
        status: query.status,
        queue: query.queue,
        severity: query.severity.map(|severity| severity.as_str().to_owned()),
        category: query.category.map(|category| category.as_str().to_owned()),
        client_id: query.client_id,
        breached: query.breached,
        reviewed: query.reviewed,
    };
    let items = state.operator.list(&filter, page).await?;
    let next = match behind(page, items.len(), items.last().map(|last| last.id)) {
        Some(behind) if !state.operator.list(&filter, behind).await?.is_empty() => behind.before,
        _ => None,
    };
    Ok(Json(Records { items, next }))
}

/// Show a record
#[utoipa::path(get, path = "/api/v1/records/{reference}", tag = "operator", responses(
    (status = 200, description = "The record", body = RecordRow),
    (status = 404, description = "No such record", body = ProblemDocument, content_type = "application/problem+json"),
))]
async fn show(State(state): State<AppState>, Path(reference): Path<String>) -> Result<Response, Problem> {
    found(state.operator.show(&reference).await?)
}

/// Read a record's verbatim text (audited)
#[utoipa::path(get, path = "/api/v1/records/{reference}/verbatim", tag = "operator", responses(
    (status = 200, description = "The text", body = VerbatimText),
    (status = 404, description = "No such record", body = ProblemDocument, content_type = "application/problem+json"),
))]
async fn verbatim(
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
async fn erase(
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
async fn acknowledge(
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
    (status = 415, description = "Not JSON", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 428, description = "If-Match is missing", body = ProblemDocument, content_type = "application/problem+json"),
))]
async fn resolve(
    State(state): State<AppState>,
    Extension(OperatorName(who)): Extension<OperatorName>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Resolution>, JsonRejection>,
) -> Result<Response, Problem> {
    let Resolution { note } = json(body)?;
    let note = match check_note(&note) {
        Ok(note) => note.to_owned(),
        Err(bad) => {
            let code = match bad {
                BadNote::Empty => "empty",
                BadNote::TooLong => "too_long",
                BadNote::NotOneLine => "not_one_line",
            };
            return Err(field("note", code, bad.to_string()));
        }
    };
    change(&state, &who, &reference, &headers, Change::Resolve { note }).await
}

/// Say what a record should have been; kept for training
///
/// Nothing else happens: a ticket that is a safety report has to be sent as a message again, to become one.
#[utoipa::path(post, path = "/api/v1/records/{reference}/reclassify", tag = "operator", request_body = Review,
    params(("If-Match" = String, Header, description = "The record's ETag, or *")), responses(
    (status = 200, description = "The record as it is now", body = RecordRow),
    (status = 400, description = "The body or If-Match is not valid", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 404, description = "No such record", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 412, description = "It changed meanwhile", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 415, description = "Not JSON", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 428, description = "If-Match is missing", body = ProblemDocument, content_type = "application/problem+json"),
))]
async fn reclassify(
    State(state): State<AppState>,
    Extension(OperatorName(who)): Extension<OperatorName>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Review>, JsonRejection>,
) -> Result<Response, Problem> {
    let review = json(body)?;
    check_review(&review).map_err(|bad| field(bad.field, "invalid", bad.problem.to_owned()))?;
    change(&state, &who, &reference, &headers, Change::Reclassify(review)).await
}

/// List deliveries to outside systems
#[utoipa::path(get, path = "/api/v1/outbox", tag = "operator", params(DeliveriesQuery), responses(
    (status = 200, description = "A page of deliveries", body = Deliveries),
    (status = 400, description = "A parameter is wrong", body = ProblemDocument, content_type = "application/problem+json"),
))]
async fn deliveries(
    State(state): State<AppState>,
    query: Result<Query<DeliveriesQuery>, QueryRejection>,
) -> Result<Json<Deliveries>, Problem> {
    let Query(query) = query.map_err(|refused| refused_query(&refused))?;
    let page = page(query.before, query.limit)?;
    let items = state.operator.deliveries(query.state, page).await?;
    let next = match behind(page, items.len(), items.last().map(|last| last.id)) {
        Some(behind) if !state.operator.deliveries(query.state, behind).await?.is_empty() => behind.before,
        _ => None,
    };
    Ok(Json(Deliveries { items, next }))
}

/// Try a dead delivery again (audited)
#[utoipa::path(post, path = "/api/v1/outbox/{key}/retry", tag = "operator", responses(
    (status = 204, description = "It will be tried again"),
    (status = 404, description = "No such delivery", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 409, description = "It is not dead", body = ProblemDocument, content_type = "application/problem+json"),
))]
async fn retry(
    State(state): State<AppState>,
    Extension(OperatorName(who)): Extension<OperatorName>,
    Path(key): Path<String>,
) -> Result<StatusCode, Problem> {
    decide(&state, &who, &key, Decision::Retry).await
}

/// Give a dead or waiting delivery up for good (audited)
#[utoipa::path(post, path = "/api/v1/outbox/{key}/discard", tag = "operator", responses(
    (status = 204, description = "It is discarded"),
    (status = 404, description = "No such delivery", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 409, description = "It is done, or being delivered", body = ProblemDocument, content_type = "application/problem+json"),
))]
async fn discard(
    State(state): State<AppState>,
    Extension(OperatorName(who)): Extension<OperatorName>,
    Path(key): Path<String>,
) -> Result<StatusCode, Problem> {
    decide(&state, &who, &key, Decision::Discard).await
}

/// Read the audit trail
#[utoipa::path(get, path = "/api/v1/audit", tag = "operator", params(AuditQuery), responses(
    (status = 200, description = "A page of the audit trail", body = AuditTrail),
    (status = 400, description = "A parameter is wrong", body = ProblemDocument, content_type = "application/problem+json"),
))]
async fn audit(
    State(state): State<AppState>,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Json<AuditTrail>, Problem> {
    let Query(query) = query.map_err(|refused| refused_query(&refused))?;
    let (chain, seq) = (query.chain.unwrap_or_default(), query.seq.unwrap_or(0));
    let items = state.operator.audit(&chain, seq).await?;
    let next = match items.last() {
        Some(last) if !state.operator.audit(&last.chain, last.seq).await?.is_empty() => Some(AuditPosition {
            chain: last.chain.clone(),
            seq: last.seq,
        }),
        _ => None,
    };
    Ok(Json(AuditTrail { items, next }))
}

async fn decide(state: &AppState, who: &str, key: &str, decision: Decision) -> Result<StatusCode, Problem> {
    match state.operator.decide(key, decision, who).await? {
        Decided::Done => Ok(StatusCode::NO_CONTENT),
        Decided::NotFound => Err(Problem::no_such("delivery")),
        Decided::NotAllowed(now) => Err(Problem::state_conflict(&format!("the delivery is {now}"))),
    }
}

async fn change(
    state: &AppState,
    who: &str,
    reference: &str,
    headers: &HeaderMap,
    change: Change,
) -> Result<Response, Problem> {
    let expected = if_match(headers)?;
    match state.operator.change(reference, expected, who, change).await {
        Ok(record) => found(record),
        Err(StoreError::Conflict { version, status }) => Err(match expected {
            Some(expected) if expected != version => Problem::changed_meanwhile(),
            _ => Problem::state_conflict(&format!("the record is {status}")),
        }),
        Err(error) => Err(error.into()),
    }
}

/// The version in `If-Match`; `None` for `*`, which asks for any.
fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
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

fn found(record: Option<RecordRow>) -> Result<Response, Problem> {
    let record = record.ok_or_else(|| Problem::no_such("record"))?;
    let etag = format!("\"{}\"", record.version);
    Ok(([(header::ETAG, etag)], Json(record)).into_response())
}

fn json<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    match body {
        Ok(Json(body)) => Ok(body),
        Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::not_json()),
        Err(JsonRejection::JsonDataError(_)) => Err(Problem::invalid_json(
            "a field is missing, unknown or of a wrong type",
        )),
        Err(_) => Err(Problem::invalid_json("the body is not JSON")),
    }
}
