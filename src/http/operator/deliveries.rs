//! The routes of deliveries to outside systems: list them, try a dead or waiting one again, give one up.
//!
//! A decision is audited. One that does not fit the delivery's state is 409 and changes nothing.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::request::{OperatorName, page, query};
use crate::http::AppState;
use crate::http::problem::{Problem, ProblemDocument};
use crate::operator::{Decided, Decision, JobRow, JobState, Listed};

/// Which deliveries to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveriesQuery {
    /// Where they are.
    state: Option<JobState>,
    /// `next` of the page before.
    before: Option<i64>,
    /// Rows in a page, 1 to 500; 50 when left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// A page of deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Deliveries {
    /// The deliveries, newest first.
    items: Vec<JobRow>,
    /// `before` of the next page; null at the end.
    next: Option<i64>,
}

/// List deliveries to outside systems
#[utoipa::path(get, path = "/api/v1/outbox", tag = "operator", params(DeliveriesQuery), responses(
    (status = 200, description = "A page of deliveries", body = Deliveries),
    (status = 400, description = "A parameter is wrong", body = ProblemDocument, content_type = "application/problem+json"),
))]
pub(super) async fn deliveries(State(state): State<AppState>, uri: Uri) -> Result<Json<Deliveries>, Problem> {
    let query: DeliveriesQuery = query(&uri)?;
    let page = page(query.before, query.limit)?;
    let Listed { items, next } = state.operator.deliveries(query.state, page).await?;
    Ok(Json(Deliveries { items, next }))
}

/// Try a dead delivery again, or one that waits for its next try now (audited)
#[utoipa::path(post, path = "/api/v1/outbox/{key}/retry", tag = "operator", responses(
    (status = 204, description = "It will be tried again"),
    (status = 404, description = "No such delivery", body = ProblemDocument, content_type = "application/problem+json"),
    (status = 409, description = "It is done or discarded, due already, being delivered, or behind another of its record", body = ProblemDocument, content_type = "application/problem+json"),
))]
pub(super) async fn retry(
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
pub(super) async fn discard(
    State(state): State<AppState>,
    Extension(OperatorName(who)): Extension<OperatorName>,
    Path(key): Path<String>,
) -> Result<StatusCode, Problem> {
    decide(&state, &who, &key, Decision::Discard).await
}

async fn decide(state: &AppState, who: &str, key: &str, decision: Decision) -> Result<StatusCode, Problem> {
    match state.operator.decide(key, decision, who).await? {
        Decided::Done => Ok(StatusCode::NO_CONTENT),
        Decided::NotFound => Err(Problem::no_such("delivery")),
        Decided::NotAllowed(now) => Err(Problem::state_conflict(&format!("the delivery is {now}"))),
    }
}
