//! Whether the process is alive, and whether it can keep a promise.
//!
//! Health touches nothing, so that a full disk or a dead LLM never gets a replica killed. Ready is 503 when the store takes no write
//! or the process is draining; an LLM or Redis outage, or a table that somebody in the database has locked, only shows as `degraded`, because
//! otherwise a load balancer would remove every replica at once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::AppState;
use crate::admission::BackendState;
use crate::breaker_state::BreakerState;
use crate::operator::{JobState, TableLock};

/// A delivery that waits longer than this shows as `degraded`: the outside system is away, or nobody works.
const OUTBOX_LATE: Duration = Duration::from_secs(15 * 60);
/// How long the store may take to write. The load balancer of `terraform/` waits 5 seconds; an answer that comes later says nothing.
const STORE_LIMIT: Duration = Duration::from_secs(4);
/// How long the outbox may take to be read: with a second to spare, a load balancer hears that requests can be answered all the same.
const OUTBOX_LIMIT: Duration = Duration::from_secs(1);

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
    /// What was looked at: `store`, `outbox`, `clock`, `llm`, `prompts`, `model`, `redis`, `drain`.
    #[schema(example = "store")]
    pub name: &'static str,
    /// How it is.
    pub status: CheckStatus,
    /// More, where there is more to say.
    pub detail: String,
    /// How long looking took, in milliseconds.
    #[schema(minimum = 0)]
    pub latency_ms: f64,
    /// Since when it has had this status, as far as is known (RFC 3339, UTC): the first look that found it so, or, for the breaker, when
    /// it changed.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
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
    // A new dependency is one more line here, in the order in which they are shown, and one function below.
    // Side by side: both ask the database, and whoever asks us waits for the slower only.
    let (store, outbox) = tokio::join!(
        look(&state, "store", store(&state)),
        look(&state, "outbox", outbox(&state)),
    );
    let checks = vec![
        store,
        outbox,
        look(&state, "clock", clock(&state)).await,
        look(&state, "llm", llm(&state)).await,
        look(&state, "prompts", prompts(&state)).await,
        look(&state, "model", model(&state)).await,
        redis(&state).await,
        look(&state, "drain", drain(&state)).await,
    ];
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

/// What a check found. Only the store and the drain may say [`CheckStatus::Failed`].
struct Found {
    status: CheckStatus,
    detail: String,
    /// For how long it has been so, where that is known better than from earlier looks.
    held: Option<Duration>,
}

impl Found {
    fn new(status: CheckStatus, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            held: None,
        }
    }
}

/// Since when each check has had its status, as far as anybody looked.
#[derive(Debug, Default)]
pub(super) struct Checked(Mutex<BTreeMap<&'static str, (CheckStatus, Timestamp)>>);

impl Checked {
    /// When `name` was first seen with the status that it has now.
    fn since(&self, name: &'static str, status: CheckStatus, now: Timestamp) -> Timestamp {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = seen.entry(name).or_insert((status, now));
        if entry.0 != status {
            *entry = (status, now);
        }
        entry.1
    }
}

async fn look(state: &AppState, name: &'static str, check: impl Future<Output = Found>) -> Check {
    let began = state.clock.elapsed();
    let found = check.await;
    let latency = state.clock.elapsed().saturating_sub(began);
    let now = state.clock.now();
    let seen = state.checked.since(name, found.status, now);
    Check {
        name,
        status: found.status,
        detail: found.detail,
        latency_ms: milliseconds(latency),
        since: found.held.map_or(seen, |held| now - held),
    }
}

/// To the microsecond.
fn milliseconds(it: Duration) -> f64 {
    (it.as_secs_f64() * 1e6).round() / 1e3
}

async fn store(state: &AppState) -> Found {
    let look = state.clock.timeout(STORE_LIMIT, state.operator.store_writable());
    match look.await {
        Ok(Ok(())) => match state.operator.table_lock() {
            None => Found::new(CheckStatus::Ok, "writable"),
            // Every replica has it, and it ends without us.
            Some(lock) => Found::new(CheckStatus::Degraded, locked(&lock)),
        },
        Ok(Err(error)) => Found::new(CheckStatus::Failed, format!("not writable: {}", error.code())),
        Err(_) => Found::new(
            CheckStatus::Failed,
            format!("not writable: no answer in {} s", STORE_LIMIT.as_secs()),
        ),
    }
}

fn locked(lock: &TableLock) -> String {
    let session = match lock.pid {
        Some(pid) => format!("session {pid} of the database"),
        None => "a prepared transaction".to_owned(),
    };
    format!(
        "no record can be kept: {session} has locked, or waits to lock, the table {}",
        lock.table
    )
}

async fn outbox(state: &AppState) -> Found {
    let look = state.clock.timeout(OUTBOX_LIMIT, state.operator.standing());
    let unreadable =
        |why: &dyn std::fmt::Display| Found::new(CheckStatus::Degraded, format!("not readable: {why}"));
    let standing = match look.await {
        Ok(Ok(standing)) => standing,
        Ok(Err(error)) => return unreadable(&error.code()),
        Err(_) => return unreadable(&format_args!("no answer in {} s", OUTBOX_LIMIT.as_secs())),
    };
    let of = |wanted| standing.outbox.iter().filter(move |level| level.state == wanted);
    let (waiting, dead): (i64, i64) = (
        of(JobState::Pending).map(|level| level.jobs).sum(),
        of(JobState::Dead).map(|level| level.jobs).sum(),
    );
    let oldest_s = of(JobState::Pending)
        .map(|level| level.oldest_s)
        .fold(0.0, f64::max);
    let status = if oldest_s > OUTBOX_LATE.as_secs_f64() {
        CheckStatus::Degraded
    } else {
        CheckStatus::Ok
    };
    Found::new(
        status,
        format!("{waiting} waiting, the oldest for {oldest_s:.0} s; {dead} given up"),
    )
}

/// Never a failure: another replica marks what is due, and records are taken all the same.
async fn clock(state: &AppState) -> Found {
    let Some(skew) = state.operator.clock_skew() else {
        return Found::new(CheckStatus::Off, "there is no database's clock to compare with");
    };
    let apart_s = skew.ahead.abs().as_secs_f64();
    let side = if skew.ahead.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    let apart = format!("{apart_s:.1} s {side} the database's");
    match skew.holds_marks {
        true => Found::new(
            CheckStatus::Degraded,
            format!("{apart}; this replica marks no record as due soon or breached"),
        ),
        false => Found::new(CheckStatus::Ok, apart),
    }
}

async fn llm(state: &AppState) -> Found {
    let Some((breaker, held)) = state.triage.llm_state() else {
        return Found::new(
            CheckStatus::Off,
            "not configured; the local model is the classifier",
        );
    };
    let status = match breaker {
        BreakerState::Closed => CheckStatus::Ok,
        BreakerState::HalfOpen | BreakerState::Open => CheckStatus::Degraded,
    };
    Found {
        held: Some(held),
        ..Found::new(status, format!("breaker {breaker}"))
    }
}

/// Never a failure: without Redis, requests are admitted and limited all the same.
async fn redis(state: &AppState) -> Check {
    let limits = state.admission.limiter.backend().await;
    let (status, detail) = match limits.state {
        BackendState::Off => (
            CheckStatus::Off,
            "not configured; each replica counts its own limits".to_owned(),
        ),
        BackendState::Up => (CheckStatus::Ok, "limits are shared".to_owned()),
        BackendState::Down => {
            let cause = limits.cause.unwrap_or("unreachable");
            (
                CheckStatus::Degraded,
                format!("{cause}; each replica admits its share"),
            )
        }
    };
    Check {
        name: "redis",
        status,
        detail,
        latency_ms: milliseconds(limits.latency.unwrap_or_default()),
        since: limits.since,
    }
}

/// Loaded at the start, which fails without them.
async fn prompts(state: &AppState) -> Found {
    match state.triage.prompt_versions() {
        None => Found::new(CheckStatus::Off, "not needed without an LLM"),
        Some(versions) => Found::new(CheckStatus::Ok, versions.join(", ")),
    }
}

/// Loaded at the start, which fails without it.
async fn model(state: &AppState) -> Found {
    Found::new(CheckStatus::Ok, state.triage.local_model_version())
}

async fn drain(state: &AppState) -> Found {
    if state.draining.is_cancelled() {
        Found::new(CheckStatus::Failed, "draining")
    } else {
        Found::new(CheckStatus::Ok, "serving")
    }
}
