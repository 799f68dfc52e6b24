//! `POST /api/v1/classify`: one message in, one routed answer out.
//!
//! The body is read whole and checked field by field before anything happens, so that one refusal names every offending
//! field. Unknown fields are ignored; a key that is given twice is not.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::AppState;
use super::edge::{Facts, RequestContext};
use super::idempotency::{self, Repeated};
use super::problem::{FieldError, Problem, ProblemDocument, RATE_LIMITED};
use super::rate_limit::{self, Admitted};
use super::strict_json::{self, Fault};
use crate::admission::Account;
use crate::clock::Clock;
use crate::message::{Channel, MAX_METADATA_DEPTH, Message, MessageText, Metadata, MetadataError, TextError};
use crate::triage::{
    Answer, Category, ClassifierKind, Idempotent, LlmPayer, NextStep, Scores, Submission, Usage, Wording,
};

/// A message to classify. Fields that are not listed are ignored.
#[derive(Debug, ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body for /openapi.json; it is read by `RawRequest`, field by field"
)]
pub struct ClassifyRequest {
    /// The customer's words, 1 to 5000 characters after trimming.
    #[schema(min_length = 1, max_length = 5000, example = "Where is order 10093-552?")]
    message: String,
    /// Where they came from; `email` is accepted for `mail`.
    #[schema(default = "chat", value_type = Option<RequestChannel>)]
    channel: Option<RequestChannel>,
    /// What the caller knows besides: at most 16 KiB and 8 levels.
    #[schema(value_type = Option<Object>, example = json!({"customer_id": "C-1001"}))]
    metadata: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The channel names a request may use.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "lowercase")]
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
    /// Id of the request, as in the `X-Request-ID` header.
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
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat for 24 hours: the same key and body get the first answer again. 1 to 255 visible ASCII characters")),
    request_body = ClassifyRequest,
    security((), ("bearer" = []), ("api_key" = [])),
    responses(
        (status = 200, description = "The message was routed", body = ClassifyResponse),
        (status = 400, description = "Not valid", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "No known API key", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The API key's role does not allow this", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "The first request with this Idempotency-Key is still running", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "Body too large", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The Idempotency-Key was used with another body", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 429, description = "Over the rate limit, or too many wrong API keys", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Not now; nothing was accepted", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn classify(
    State(state): State<AppState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    let address = rate_limit::address_of(&state, &request);
    let admitted = match rate_limit::admit(&state, request.headers(), address).await {
        Ok(admitted) => admitted,
        Err(problem) => return problem.into_response(),
    };
    let answer = within_limit(&state, &context, &admitted, request).await;
    let mut response = answer.into_response();
    admitted.note(&mut response);
    response
}

/// Why a message is handled only if it is a safety report.
#[derive(Debug, Clone, Copy)]
enum OnlySafety {
    /// Its client is over the limit, and may come back after this long.
    OverLimit(Duration),
    /// As many messages as may be are being worked on.
    Full,
}

impl OnlySafety {
    /// What any other message gets.
    fn refusal(self) -> Problem {
        match self {
            Self::OverLimit(wait) => Problem::rate_limited(wait),
            Self::Full => Problem::overloaded(),
        }
    }

    /// Why the LLM has no word in the answer.
    const fn unasked(self) -> &'static str {
        match self {
            Self::OverLimit(_) => "not asked over the rate limit",
            Self::Full => "not asked while the service is full",
        }
    }
}

/// A message that has arrived, and what it came as.
struct Received {
    message: Message,
    headers: HeaderMap,
    body: Bytes,
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
    if !state.triage.is_safety_report(&received.message) {
        shed();
        return Err(Problem::overloaded());
    }
    let _place = state.admission.safety_lane.enter_within_limit().map_err(|full| {
        metrics.safety_lane(full.code());
        shed();
        Problem::overloaded()
    })?;
    let answer = handle(state, context, admitted, received, Some(OnlySafety::Full)).await;
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
            let only = Some(OnlySafety::OverLimit(wait));
            handle(state, context, admitted, received, only).await
        }
    };
    metrics.safety_lane(lane_outcome(&answer));
    metrics.decision(if answer.is_ok() { "safety_lane" } else { "limited" }, backend);
    answer
}

/// How long a message over the limit may take to arrive: a client that sends its bytes one by one must not keep the lane's places from
/// others for as long as a request may take. What is sent with its head is there at once.
const LANE_BODY_WITHIN: Duration = Duration::from_secs(1);

/// Reads the message.
async fn receive(state: &AppState, request: Request) -> Result<Received, Problem> {
    let (head, body) = request.into_parts();
    if !is_json(&head.headers) {
        return Err(Problem::not_json());
    }
    let body = read_body(&head.headers, body, state.max_body_bytes).await?;
    Ok(Received {
        message: parse(&body)?,
        headers: head.headers,
        body,
    })
}

/// Hands a message to the use case and words what comes back.
async fn handle(
    state: &AppState,
    context: &RequestContext,
    admitted: &Admitted,
    received: Received,
    only: Option<OnlySafety>,
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
    let mut answer = match only {
        None => state.triage.handle(submission).await?,
        Some(only) => {
            let answer = state.triage.handle_if_safety(submission, only.unasked()).await?;
            answer.ok_or_else(|| only.refusal())?
        }
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
    let reference = next_step.reference.clone();
    let mut response = match answer.kept.take() {
        Some(body) => idempotency::answer(body),
        None => idempotency::answer(to_json(&respond(answer, context, &state.clock))),
    };
    if reference.is_some() {
        let client = None;
        response.extensions_mut().insert(Facts { client, reference });
    }
    Ok(response)
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

/// `application/json`, in UTF-8 where it says so (RFC 8259, section 8.1).
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (essence, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    let essence = essence.trim().to_ascii_lowercase();
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    let json =
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    json && charset.is_none_or(|charset| matches!(charset.as_str(), "utf-8" | "utf8" | "us-ascii"))
}

async fn read_body(headers: &HeaderMap, body: Body, max_bytes: usize) -> Result<Bytes, Problem> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > max_bytes) {
        return Err(Problem::body_too_large(max_bytes));
    }
    axum::body::to_bytes(body, max_bytes).await.map_err(|error| {
        let too_long = std::error::Error::source(&error)
            .is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
        if too_long {
            Problem::body_too_large(max_bytes)
        } else {
            Problem::unreadable_body()
        }
    })
}

/// Checks a body field by field; every fault is reported at once.
fn parse(body: &[u8]) -> Result<Message, Problem> {
    let Ok(text) = str::from_utf8(body) else {
        return Err(Problem::invalid_json("the body is not UTF-8"));
    };
    let raw: RawRequest<'_> = serde_json::from_str(text).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Eof if text.trim().is_empty() => "the body is empty".to_owned(),
            serde_json::error::Category::Data => "the body is not a JSON object".to_owned(),
            _ => "the body is not JSON".to_owned(),
        };
        Problem::invalid_json(format!(
            "{what} (line {}, column {})",
            error.line(),
            error.column()
        ))
    })?;
    let mut errors: Vec<FieldError> = raw
        .duplicates
        .iter()
        .map(|field| refusal(field, "duplicate", "must be given once".to_owned()))
        .collect();
    let text = collect(&mut errors, message_text(raw.message));
    let channel = collect(&mut errors, channel(raw.channel));
    let metadata = collect(&mut errors, metadata(raw.metadata));
    match (text, channel, metadata) {
        (Some(text), Some(channel), Some(metadata)) if errors.is_empty() => Ok(Message {
            text,
            channel,
            metadata,
        }),
        _ => Err(Problem::invalid_fields(errors)),
    }
}

fn collect<T>(errors: &mut Vec<FieldError>, field: Result<T, FieldError>) -> Option<T> {
    field.map_err(|error| errors.push(error)).ok()
}

fn refusal(field: &str, code: &'static str, message: String) -> FieldError {
    FieldError {
        field: field.to_owned(),
        code,
        message,
    }
}

fn message_text(raw: Option<&RawValue>) -> Result<MessageText, FieldError> {
    let field = "message";
    let Some(raw) = raw else {
        return Err(refusal(field, "missing", "is required".to_owned()));
    };
    let text: String =
        serde_json::from_str(raw.get()).map_err(|_| wrong_type(field, "a string of valid Unicode"))?;
    MessageText::parse(&text).map_err(|error| {
        let code = match error {
            TextError::Empty => "empty",
            TextError::TooLong { .. } => "too_long",
        };
        refusal(field, code, error.to_string())
    })
}

/// A null counts as absent: many clients write their optional fields that way.
fn channel(raw: Option<&RawValue>) -> Result<Channel, FieldError> {
    let field = "channel";
    match raw.map(|raw| serde_json::from_str::<Option<String>>(raw.get())) {
        None | Some(Ok(None)) => Ok(Channel::default()),
        Some(Ok(Some(name))) => name.parse().map_err(|_| {
            refusal(
                field,
                "unknown",
                "must be one of chat, voice, mail (or email), api".to_owned(),
            )
        }),
        Some(Err(_)) => Err(wrong_type(
            field,
            "a string: one of chat, voice, mail (or email), api",
        )),
    }
}

fn metadata(raw: Option<&RawValue>) -> Result<Metadata, FieldError> {
    let field = "metadata";
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
        return Ok(Metadata::default());
    };
    let too_deep = || refusal(field, "too_deep", MetadataError::TooDeep.to_string());
    let object = strict_json::object(raw.get(), MAX_METADATA_DEPTH).map_err(|fault| match fault {
        Fault::NotAnObject => wrong_type(field, "an object"),
        Fault::DuplicateKey => refusal(field, "duplicate", "must not have the same key twice".to_owned()),
        Fault::TooDeep => too_deep(),
        Fault::Malformed => wrong_type(field, "an object of valid JSON"),
    })?;
    Metadata::parse(object).map_err(|error| match error {
        MetadataError::TooDeep => too_deep(),
        MetadataError::TooLarge { .. } => refusal(field, "too_large", error.to_string()),
    })
}

fn wrong_type(field: &str, right: &str) -> FieldError {
    refusal(field, "wrong_type", format!("must be {right}"))
}

/// The body with its fields still unread.
#[derive(Default)]
struct RawRequest<'a> {
    message: Option<&'a RawValue>,
    channel: Option<&'a RawValue>,
    metadata: Option<&'a RawValue>,
    duplicates: Vec<&'static str>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Message,
    Channel,
    Metadata,
    #[serde(other)]
    Unknown,
}

impl<'de> Deserialize<'de> for RawRequest<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = RawRequest<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut raw = RawRequest::default();
                while let Some(field) = entries.next_key()? {
                    let (slot, name) = match field {
                        Field::Message => (&mut raw.message, "message"),
                        Field::Channel => (&mut raw.channel, "channel"),
                        Field::Metadata => (&mut raw.metadata, "metadata"),
                        Field::Unknown => {
                            entries.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    if slot.replace(entries.next_value()?).is_some() {
                        raw.duplicates.push(name);
                    }
                }
                Ok(raw)
            }
        }

        deserializer.deserialize_map(Fields)
    }
}
