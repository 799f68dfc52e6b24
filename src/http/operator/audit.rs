//! The route of the audit trail: a page of its entries, or of those about one record.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::request::query;
use crate::http::AppState;
use crate::http::problem::{Problem, ProblemDocument};
use crate::operator::AuditEntry;

/// Where to read on in the audit trail.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Only what is about this record or its deliveries; of one that does not exist, there is nothing.
    reference: Option<String>,
    /// `chain` of the page before's `next`.
    chain: Option<String>,
    /// `seq` of the page before's `next`.
    seq: Option<i64>,
}

/// A page of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditTrail {
    /// The entries, chain by chain, oldest first, at most 1,000.
    items: Vec<AuditEntry>,
    /// Where the next page begins; null at the end.
    next: Option<AuditPosition>,
}

/// The last entry that was read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditPosition {
    /// Its chain.
    chain: String,
    /// Its position there.
    seq: i64,
}

/// Read the audit trail
#[utoipa::path(get, path = "/api/v1/audit", tag = "operator", params(AuditQuery), responses(
    (status = 200, description = "A page of the audit trail", body = AuditTrail),
    (status = 400, description = "A parameter is wrong", body = ProblemDocument, content_type = "application/problem+json"),
))]
pub(super) async fn audit(State(state): State<AppState>, uri: Uri) -> Result<Json<AuditTrail>, Problem> {
    let query: AuditQuery = query(&uri)?;
    let (chain, seq) = (query.chain.unwrap_or_default(), query.seq.unwrap_or(0));
    let reference = query.reference.as_deref();
    let (items, more) = state.operator.audit(reference, &chain, seq).await?;
    let next = items.last().filter(|_| more).map(|last| AuditPosition {
        chain: last.chain.clone(),
        seq: last.seq,
    });
    Ok(Json(AuditTrail { items, next }))
}
