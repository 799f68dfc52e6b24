//! The management listener: metrics for whoever runs the service, on a port that customers cannot reach.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::telemetry::metrics::{Exposition, Metrics};

/// `GET /metrics`, and nothing else.
pub fn router(metrics: Arc<Metrics>) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(metrics)
}

async fn scrape(State(metrics): State<Arc<Metrics>>, headers: HeaderMap) -> impl IntoResponse {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let form = Exposition::accepted(accept.unwrap_or_default());
    (
        [(header::CONTENT_TYPE, form.content_type())],
        metrics.render(form),
    )
}
