//! Whether the process is alive, and whether it can keep a promise.
//!
//! Health touches nothing, so that a full disk or a dead LLM never gets a replica killed. Ready is 503 when the store cannot take
//! a record or the process is draining; an LLM or Redis outage only shows as `degraded`, because otherwise a load balancer would
//! remove every replica at once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::AppState;
use crate::admission::BackendState;

/// The process answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `healthy`: a process that is not does not answer.
    #[schema(example = "healthy")]
    pub status: &'static str,
    /// Version of the service.
    #[schema(example = "0.1.0")]
    pub version: &'static str,
    /// Seconds since the process started.
    pub uptime_s: u64,
}

/// Whether the service could keep a promise.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ready {
    /// The worst of the checks.
    pub status: ReadyStatus,
    /// Each thing that was looked at.
    pub checks: Vec<Check>,
}

/// One thing that readiness depends on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Check {
    /// What was looked at: `store`, `llm`, `redis`, `model`, `drain`.
    #[schema(example = "store")]
    pub name: &'static str,
    /// How it is.
    pub status: CheckStatus,
    /// More, where there is more to say.
    pub detail: String,
}

/// The service as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadyStatus {
    /// Everything works.
    Ready,
    /// Requests are answered, by the local model only.
    Degraded,
    /// A promise could not be kept, or the process is going away: send nothing here.
    Unavailable,
}

/// One check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// Works.
    Ok,
    /// Works less well than it should; requests are still answered.
    Degraded,
    /// Does not work.
    Failed,
    /// Not configured.
    Off,
}

/// Is the process alive?
#[utoipa::path(get, path = "/api/v1/health", tag = "health", responses((status = 200, description = "Alive", body = Health)))]
pub async fn health(State(state): State<AppState>) -> Json<Health> {
    let uptime_s = state.clock.elapsed().as_secs();
    Json(Health {
        status: "healthy",
        version: env!("CARGO_PKG_VERSION"),
        uptime_s,
    })
}

/// Should a load balancer send requests here?
#[utoipa::path(
    get,
    path = "/api/v1/ready",
    tag = "health",
    responses(
        (status = 200, description = "Send requests here", body = Ready),
        (status = 503, description = "Send requests elsewhere", body = Ready),
    )
)]
pub async fn ready(State(state): State<AppState>) -> Response {
    let store = match state.triage.store_writable().await {
        Ok(()) => (CheckStatus::Ok, "writable".to_owned()),
        Err(error) => (CheckStatus::Failed, format!("not writable: {}", error.code())),
    };
    let drain = if state.draining.is_cancelled() {
        (CheckStatus::Failed, "draining".to_owned())
    } else {
        (CheckStatus::Ok, "serving".to_owned())
    };
    let llm = match state.triage.llm_state() {
        None => (
            CheckStatus::Off,
            "no key is configured; the local model is the classifier".to_owned(),
        ),
        Some("closed") => (CheckStatus::Ok, "breaker closed".to_owned()),
        Some(breaker) => (CheckStatus::Degraded, format!("breaker {breaker}")),
    };
    let limits = state.admission.limiter.backend().await;
    let redis = match limits.state {
        BackendState::Off => (
            CheckStatus::Off,
            "not configured; each replica counts its own limits".to_owned(),
        ),
        BackendState::Up => {
            let latency = limits.latency.unwrap_or_default().as_secs_f64() * 1e3;
            (
                CheckStatus::Ok,
                format!("answers in {latency:.1} ms, since {}", limits.since),
            )
        }
        // Never a failure: requests are admitted and limited all the same.
        BackendState::Down => {
            let cause = limits.cause.unwrap_or("unreachable");
            let detail = format!("{cause} since {}; each replica admits its share", limits.since);
            (CheckStatus::Degraded, detail)
        }
    };
    let model = (CheckStatus::Ok, state.triage.local_model_version().to_owned());
    let named = [
        ("store", store),
        ("llm", llm),
        ("redis", redis),
        ("model", model),
        ("drain", drain),
    ];
    let checks: Vec<Check> = named
        .into_iter()
        .map(|(name, (status, detail))| Check { name, status, detail })
        .collect();
    let any = |wanted| checks.iter().any(|check| check.status == wanted);
    let (code, status) = if any(CheckStatus::Failed) {
        (StatusCode::SERVICE_UNAVAILABLE, ReadyStatus::Unavailable)
    } else if any(CheckStatus::Degraded) {
        (StatusCode::OK, ReadyStatus::Degraded)
    } else {
        (StatusCode::OK, ReadyStatus::Ready)
    };
    (code, Json(Ready { status, checks })).into_response()
}
