//! `POST /api/v1/classify`: one message in, one routed answer out.
//!
//! `received` reads the request; here it is decided whether the message is handled at all, and its answer is worded.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::AppState;
use super::caller::{self, Admitted};
use super::edge::RequestContext;
use super::idempotency::{self, Repeated};
use super::problem::{Problem, ProblemDocument, RATE_LIMITED};
use super::received::{Received, receive};
use crate::admission::Account;
use crate::clock::Clock;
use crate::triage::{
    Answer, Category, ClassifierKind, Handled, Idempotent, LlmPayer, NextStep, SafetyReport, Scores,
    Submission, Usage, Wording,
};

/// A message to classify. Fields that are not listed are ignored.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"message": "Where is order 10093-552?", "channel": "chat", "metadata": {"customer_id": "C-1001"}}))]
#[expect(
    dead_code,
    reason = "describes the body for /openapi.json; it is read in `received`, field by field"
)]
pub struct ClassifyRequest {
    /// The customer's words, 1 to 5000 characters after trimming.
    #[schema(min_length = 1, max_length = 5000)]
    message: String,
    /// Where they came from; `email` is accepted for `mail`.
    #[schema(default = "chat", value_type = Option<RequestChannel>)]
    channel: Option<RequestChannel>,
    /// What the caller knows besides: at most 16 KiB and 8 levels.
    #[schema(value_type = Option<Object>)]
    metadata: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The channel names a request may use.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes the field for /openapi.json")]
pub enum RequestChannel {
    /// The chat widget.
    Chat,
    /// A transcript of a call.
    Voice,
    /// A mail.
    Mail,
    /// The same as mail.
    Email,
    /// Any other API client.
    Api,
}

/// What the message is and what happens next.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassifyResponse {
    /// Id of the request, as in the `X-Request-ID` header; in an answer that is given again (`Idempotency-Replayed`), the first request's.
    pub request_id: String,
    /// When the message was received, RFC 3339 in UTC.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T10:15:30.123Z")]
    pub timestamp: Timestamp,
    /// What kind of message it is.
    pub category: Category,
    /// How sure the category is, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f32,
    /// How the category and the next step came about, in one line.
    pub decision_path: String,
    /// What happens next.
    pub next_step: NextStep,
    /// Milliseconds the service took.
    pub processing_time_ms: f64,
    /// Version of the prompt that was used; of the local model when there was none.
    pub prompt_version: String,
    /// Variant of the prompt; `local` when there was none.
    pub prompt_variant: String,
    /// The model that decided the category.
    pub model: String,
    /// Whether the LLM or the local model decided.
    pub classifier: ClassifierKind,
    /// Whether the local model had to stand in for a configured LLM.
    pub degraded: bool,
    /// Probability of each category.
    pub scores: Scores,
}

impl ClassifyResponse {
    fn new(answer: Answer, request_id: String, processing_time_ms: f64) -> Self {
        let classification = answer.classification;
        Self {
            request_id,
            timestamp: answer.received_at,
            category: classification.category,
            confidence: classification.confidence,
            decision_path: answer.decision_path,
            next_step: answer.next_step,
            processing_time_ms,
            prompt_version: answer.provenance.prompt_version.to_string(),
            prompt_variant: answer.provenance.prompt_variant.to_string(),
            model: answer.provenance.model.to_string(),
            classifier: classification.classifier,
            degraded: classification.degraded,
            scores: classification.scores,
        }
    }
}

/// Classify a message and run its workflow.
///
/// Reads the message, decides what kind it is, runs that kind's workflow and answers with the next step. What the answer promises
/// (a ticket, a compliance record) is stored before the answer is sent.
#[utoipa::path(
    post,
    path = "/api/v1/classify",
    tag = "classify",
    request_body = ClassifyRequest,
    security((), ("bearer" = []), ("api_key" = [])),
    responses(
        (status = 200, description = "The message was routed", body = ClassifyResponse),
        (status = 400, description = "Not valid", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "No known API key", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The API key's role does not allow this", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "The first request with this Idempotency-Key is still running", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "Body larger than `server.max_body_bytes` (64 KiB unless configured otherwise), JSON escapes counted as they are sent", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON, or compressed", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The Idempotency-Key was used with another body", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 429, description = "Over the rate limit, or too many wrong API keys", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Not now; nothing was promised: send it again, with the same Idempotency-Key where it had one", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn classify(
    State(state): State<AppState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    let address = caller::address_of(&state, &request);
    match caller::admit(&state, &context.facts, request.headers(), address).await {
        Ok(admitted) => within_limit(&state, &context, &admitted, request)
            .await
            .into_response(),
        Err(refusal) => refusal,
    }
}

/// A message that is handled only because it is a safety report.
#[derive(Debug, Clone, Copy)]
struct InLane {
    /// What was read in it.
    report: SafetyReport,
    /// Why the LLM has no word in the answer.
    unasked: &'static str,
}

/// Handles the message; over the limit, or while the service is full, only where it is a safety report.
async fn within_limit(
    state: &AppState,
    context: &RequestContext,
    admitted: &Admitted,
    request: Request,
) -> Result<Response, Problem> {
    if let Some(wait) = admitted.over_limit {
        return over_limit(state, context, admitted, request, wait).await;
    }
    let metrics = &state.metrics.admission;
    let allowed = || metrics.decision("allowed", admitted.backend.as_str());
    let received = receive(state, request).await.inspect_err(|_| allowed())?;
    // One more than may be worked on is refused at once: a queue would only make everybody late.
    if let Ok(_place) = state.places.try_acquire() {
        allowed();
        return handle(state, context, admitted, received, None).await;
    }
    let shed = || metrics.decision("shed", "local");
    let Some(report) = state.triage.safety_report(&received.message).await else {
        shed();
        return Err(Problem::overloaded());
    };
    let _place = state.admission.safety_lane.enter_within_limit().map_err(|full| {
        metrics.safety_lane(full.code());
        shed();
        Problem::overloaded()
    })?;
    let unasked = "not asked while the service is full";
    let in_lane = InLane { report, unasked };
    let answer = handle(state, context, admitted, received, Some(in_lane)).await;
    metrics.safety_lane(lane_outcome(&answer));
    match &answer {
        Ok(_) => metrics.decision("safety_lane", admitted.backend.as_str()),
        Err(_) => shed(),
    }
    answer
}

/// How it ended for a message in the safety lane.
fn lane_outcome(answer: &Result<Response, Problem>) -> &'static str {
    match answer {
        Ok(_) => "accepted",
        Err(problem) if problem.code() == RATE_LIMITED => "refused",
        // Nothing was kept of what may have been a report.
        Err(problem) if problem.is_failure() => "failed",
        Err(_) => "invalid",
    }
}

/// Lets the local model read a message over the limit, where the lane has room for it.
async fn over_limit(
    state: &AppState,
    context: &RequestContext,
    admitted: &Admitted,
    request: Request,
    wait: Duration,
) -> Result<Response, Problem> {
    let metrics = &state.metrics.admission;
    let backend = admitted.backend.as_str();
    // Held until the answer is there: the lane is bounded by how many are in it, too.
    let _place = match state.admission.safety_lane.enter(&admitted.client.id) {
        Ok(place) => place,
        Err(full) => {
            metrics.safety_lane(full.code());
            metrics.decision("limited", backend);
            return Err(Problem::rate_limited(wait));
        }
    };
    let received = state.clock.timeout(LANE_BODY_WITHIN, receive(state, request));
    let answer = match received.await {
        Err(_) => Err(Problem::deadline_exceeded()),
        Ok(Err(problem)) => Err(problem),
        Ok(Ok(received)) => {
            // Read before anything is written: its idempotency key would be taken and given back, and a flood over the limit would cost
            // the store two writes a message.
            match state.triage.safety_report(&received.message).await {
                Some(report) => {
                    let unasked = "not asked over the rate limit";
                    let in_lane = InLane { report, unasked };
                    handle(state, context, admitted, received, Some(in_lane)).await
                }
                None => Err(Problem::rate_limited(wait)),
            }
        }
    };
    metrics.safety_lane(lane_outcome(&answer));
    metrics.decision(if answer.is_ok() { "safety_lane" } else { "limited" }, backend);
    answer
}

/// How long a message over the limit may take to arrive: a client that sends its bytes one by one must not keep the lane's places from
/// others for as long as a request may take. What is sent with its head is there at once.
const LANE_BODY_WITHIN: Duration = Duration::from_secs(1);

/// Hands a message to the use case and words what comes back.
async fn handle(
    state: &AppState,
    context: &RequestContext,
    admitted: &Admitted,
    received: Received,
    in_lane: Option<InLane>,
) -> Result<Response, Problem> {
    let Received {
        message,
        headers,
        body,
    } = received;
    let client_id = admitted.client.id.to_string();
    let idempotent = match idempotency::begin(&state.triage, &client_id, &headers, &body).await? {
        Repeated::No => None,
        Repeated::Answered(response) => return Ok(response),
        Repeated::First(hold) => Some(Idempotent {
            hold,
            // Only successes are worded; a refusal gives the key back.
            status: StatusCode::OK.as_u16(),
            word: word(context, &state.clock),
        }),
    };
    let spent = state.clock.elapsed().saturating_sub(context.started);
    let submission = Submission {
        message,
        request_id: context.request_id.clone(),
        client_id,
        left: state.request_timeout.saturating_sub(spent),
        traceparent: context.traceparent.clone(),
        idempotent,
        payer: admitted
            .account
            .clone()
            .map(|account| Arc::new(Budgeted(account)) as Arc<dyn LlmPayer>),
    };
    let Handled { answer, kept } = match in_lane {
        None => state.triage.handle(submission).await?,
        Some(InLane { report, unasked }) => state.triage.handle_report(submission, report, unasked).await?,
    };
    let spent = state.clock.elapsed().saturating_sub(context.started);
    state
        .metrics
        .overhead(spent.saturating_sub(answer.provenance.llm_wait));
    let next_step = &answer.next_step;
    if next_step.requires_human_review {
        let category = answer.classification.category.as_str();
        state.metrics.escalation(category, next_step.priority.as_str());
    }
    if let Some(reference) = &next_step.reference {
        context.facts.recorded(reference.clone());
    }
    let body = kept.unwrap_or_else(|| to_json(&respond(answer, context, &state.clock)));
    Ok(idempotency::answer(body))
}

/// The budget of an API key, as classification sees it.
#[derive(Debug)]
struct Budgeted(Account);

impl LlmPayer for Budgeted {
    fn may_ask(&self) -> bool {
        let may = !self.0.is_exhausted();
        if !may {
            self.0.refused();
        }
        may
    }

    fn pay(&self, usage: &Usage) {
        let tokens = u64::from(usage.input_tokens) + u64::from(usage.output_tokens);
        self.0.spend(tokens, usage.cost);
    }
}

/// The answer's wording, with the time that it took until now.
fn respond(answer: Answer, context: &RequestContext, clock: &Clock) -> ClassifyResponse {
    let took = clock.elapsed().saturating_sub(context.started);
    let took_ms = (took.as_secs_f64() * 1e6).round() / 1e3;
    ClassifyResponse::new(answer, context.request_id.clone(), took_ms)
}

/// Words the answer for an idempotency key.
fn word(context: &RequestContext, clock: &Clock) -> Wording {
    let (context, clock) = (context.clone(), clock.clone());
    Arc::new(move |answer| to_json(&respond(answer.clone(), &context, &clock)))
}

/// Room for nearly every answer, so that none is copied while it is written.
const TYPICAL_ANSWER_BYTES: usize = 4 * 1024;

fn to_json(answer: &ClassifyResponse) -> Vec<u8> {
    let mut body = Vec::with_capacity(TYPICAL_ANSWER_BYTES);
    serde_json::to_writer(&mut body, answer).expect("an answer is strings, numbers and lists");
    body
}
