//! The management listener: metrics for whoever runs the service, on a port that customers cannot reach.
//!
//! What stands in the store is read at a scrape, at most once a second however many scrape, and never for longer than [`READ_LIMIT`]: a
//! scrape goes on without it and counts that, because when the store fails is when the other metrics are wanted.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::sync::Mutex;

use super::AppState;
use crate::operator::{JobState, Standing};
use crate::telemetry::metrics::{Exposition, Metrics};

/// How long a reading of the store serves other scrapes.
const FRESH: Duration = Duration::from_secs(1);
/// The longest a scrape waits for the store; Prometheus itself waits 10 seconds.
const READ_LIMIT: Duration = Duration::from_secs(2);

/// What the listener reads from. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Management(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shared: AppState,
    /// When the store was last read, in elapsed time. Held while it is read: who comes meanwhile waits for that reading.
    read_at: Mutex<Option<Duration>>,
}

impl Management {
    /// For the service that `shared` serves.
    #[must_use]
    pub fn new(shared: AppState) -> Self {
        let read_at = Mutex::default();
        Self(Arc::new(Inner { shared, read_at }))
    }

    async fn read_store(&self) {
        let shared = &self.0.shared;
        let pool = shared.operator.pool();
        shared.metrics.store_connections(pool.busy, pool.idle, pool.max);
        shared.metrics.store_queued_writes(pool.queued_writes);
        let mut read_at = self.0.read_at.lock().await;
        let now = shared.clock.elapsed();
        if read_at.is_some_and(|at| now.saturating_sub(at) < FRESH) {
            return;
        }
        *read_at = Some(now);
        let reading = shared.clock.timeout(READ_LIMIT, shared.operator.standing());
        match reading.await {
            Ok(Ok(standing)) => show(&standing, &shared.metrics),
            Ok(Err(_)) | Err(_) => shared.metrics.store_unreadable(),
        }
    }
}

fn show(standing: &Standing, metrics: &Metrics) {
    for level in &standing.outbox {
        metrics.outbox_jobs(level.target, level.state.as_str(), level.jobs);
        if level.state == JobState::Pending {
            metrics.outbox_oldest_job(level.target, level.oldest_s);
        }
    }
    for level in &standing.safety {
        metrics.safety_records(level.severity.as_str(), level.records, level.nearest_due_s);
    }
}

/// `GET /metrics`, and nothing else.
pub fn router(management: Management) -> Router {
    Router::new()
        .route("/metrics", get(scrape))
        .with_state(management)
}

async fn scrape(State(management): State<Management>, headers: HeaderMap) -> impl IntoResponse {
    management.read_store().await;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let form = Exposition::accepted(accept.unwrap_or_default());
    let body = management.0.shared.metrics.render(form);
    ([(header::CONTENT_TYPE, form.content_type())], body)
}
