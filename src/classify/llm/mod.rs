//! The LLM path: one question, answered well or refused with a name, inside a deadline, whatever the service does.
//!
//! A call goes through these, outermost first (`stack.rs` builds them):
//!
//! ```text
//! total deadline -> singleflight (opt-in) -> bulkhead -> breaker -> retry -> hedge (opt-in) -> attempt timeout -> client
//! ```
//!
//! `prompt.rs` loads the prompts, `body.rs` and `wire*.rs` make requests of them and read replies, `confidence.rs` says
//! how sure the model is, `meter.rs` what it cost, `cascade.rs` when it need not be asked. Nothing here knows HTTP
//! status codes of ours, the store or the local model. Every failure is an [`LlmError`] with a stable code; the caller
//! then answers with the local model.
//!
//! The customer's text gets here redacted ([`Redacted`]); it, the key and the model's reasoning are in no log.

mod body;
mod breaker;
mod budget;
mod bulkhead;
mod cascade;
mod client;
mod confidence;
mod error;
mod events;
mod gate;
mod hedge;
#[doc(hidden)]
pub mod hot_path;
mod layer;
mod meter;
mod prompt;
mod resolver;
mod retry;
mod retry_after;
mod ring;
mod singleflight;
mod stack;
mod time_limit;
mod transport;
mod usage;
mod verdict;
mod window;
mod wire;
mod wire_chat;
mod wire_responses;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper::header::HeaderValue;

use crate::breaker_state::BreakerState;
use crate::classify::label::{Category, Intent, Severity};
use crate::clock::Clock;
use crate::config::llm::LlmConfig;
use crate::message::Channel;
use crate::privacy::Redacted;
use crate::telemetry::traces::{self, Span};

use self::body::BodyTemplate;
use self::breaker::Breaker;
use self::client::Client;
use self::layer::{Answer, Ask, Layer as _};
use self::meter::Meter;
use self::stack::Stack;
use self::usage::Tally;

pub use self::breaker::BreakerSnapshot;
pub use self::cascade::Cascade;
pub use self::confidence::Calibration;
pub use self::error::{BadReply, Health, LlmError, LlmSetupError};
pub use self::events::{LlmEvents, NoEvents};
pub use self::prompt::{Nonces, Prompt, PromptError, Prompts, Variant};
pub use self::usage::Usage;
pub use self::verdict::MAX_REASONING_CHARS;

/// One message to classify.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The redacted text.
    pub text: &'a Redacted,
    /// Where it came from.
    pub channel: Channel,
    /// What an experiment's variant is chosen by: the client or conversation.
    pub sticky_key: &'a str,
    /// How much time the caller has left.
    pub deadline: Duration,
    /// Passed on to the LLM, so that traces meet.
    pub traceparent: Option<&'a str>,
}

/// What the LLM says about a message.
#[derive(Debug, Clone, PartialEq)]
pub struct LlmVerdict {
    /// The category.
    pub category: Category,
    /// How sure, from 0 to 1, calibrated where a curve is configured.
    pub confidence: f32,
    /// How urgent, for a safety message.
    pub severity: Option<Severity>,
    /// What is asked for.
    pub intent: Option<Intent>,
    /// Why, in the model's words: one line of at most [`MAX_REASONING_CHARS`] characters, without control characters,
    /// and not to be trusted: it may repeat what the customer wrote.
    pub reasoning: String,
    /// The model that was asked.
    pub model: Arc<str>,
    /// The prompt's version.
    pub prompt_version: Arc<str>,
    /// `active`, or the experiment's variant.
    pub prompt_variant: Arc<str>,
    /// Tokens and cost of the answering call.
    pub usage: Usage,
    /// Calls that it took.
    pub attempts: u32,
}

/// What came of one question.
#[derive(Debug)]
pub struct Asked {
    /// The verdict, or why there is none.
    pub result: Result<LlmVerdict, LlmError>,
    /// What all replies to it used, also those that were of no use. Zero for a reply that did not come, or named no tokens.
    pub used: Usage,
}

/// The LLM. Clones share connections, breaker and budget.
#[derive(Clone)]
pub struct Llm(Arc<Shared>);

struct Shared {
    prompts: Prompts,
    ready: Vec<Prepared>,
    nonces: Nonces,
    stack: Stack,
    breaker: Breaker,
    calibration: Calibration,
    meter: Arc<Meter>,
    total: Duration,
    clock: Clock,
    events: Arc<dyn LlmEvents>,
}

/// A prompt variant with everything that a request needs, made once.
struct Prepared {
    model: Arc<str>,
    version: Arc<str>,
    variant: Arc<str>,
    /// One body per channel, in the order of [`Channel::ALL`].
    bodies: [BodyTemplate; 4],
}

impl Prepared {
    fn new(variant: &Variant, config: &LlmConfig) -> Result<Self, LlmSetupError> {
        let body = |channel| {
            wire::body_template(&variant.prompt, channel, config)
                .map_err(|error| LlmSetupError::Prompt(Box::new(error)))
        };
        let [chat, voice, mail, api] = Channel::ALL;
        Ok(Self {
            model: config
                .model
                .as_ref()
                .unwrap_or(&variant.prompt.model)
                .as_str()
                .into(),
            version: variant.prompt.version.as_str().into(),
            variant: variant.name.clone(),
            bodies: [body(chat)?, body(voice)?, body(mail)?, body(api)?],
        })
    }
}

impl Llm {
    /// Sets everything up; makes no connection yet.
    ///
    /// # Errors
    /// [`LlmSetupError`], naming the setting, when the configuration cannot work.
    pub fn new(
        config: &LlmConfig,
        prompts: Prompts,
        clock: Clock,
        events: Arc<dyn LlmEvents>,
    ) -> Result<Self, LlmSetupError> {
        config.validate()?;
        let ready = prompts
            .variants()
            .iter()
            .map(|variant| Prepared::new(variant, config));
        let ready = ready.collect::<Result<_, _>>()?;
        let listener = events.clone();
        let breaker = Breaker::new(
            &config.breaker,
            Box::new(move |from, to, cause| {
                log_change(from, to, cause);
                listener.breaker(from, to);
            }),
        );
        let meter = Arc::new(Meter::new(config.prices, events.clone()));
        let client = Client::new(config, meter.clone(), clock.clone())?;
        Ok(Self(Arc::new(Shared {
            stack: stack::build(config, client, breaker.clone(), &clock, &events),
            prompts,
            ready,
            nonces: Nonces::default(),
            breaker,
            calibration: Calibration::new(&config.calibration),
            meter,
            total: config.total_timeout(),
            clock,
            events,
        })))
    }

    /// Asks the LLM about one message. Dropping the future ends the call.
    ///
    /// # Errors
    /// [`LlmError`], within the deadline, when there is no verdict.
    pub async fn classify(&self, call: Call<'_>) -> Result<LlmVerdict, LlmError> {
        self.ask(call).await.result
    }

    /// [`Self::classify`] for whoever has to pay: an answer of no use costs as much.
    pub async fn ask(&self, call: Call<'_>) -> Asked {
        let tally = Tally::default();
        let result = self.counted(call, tally.clone()).await;
        Asked {
            result,
            used: tally.total(),
        }
    }

    async fn counted(&self, call: Call<'_>, tally: Tally) -> Result<LlmVerdict, LlmError> {
        let llm = &*self.0;
        let started = llm.clock.elapsed();
        let prepared = llm.prepared(call.sticky_key);
        let text = call.text.as_str();
        let mut span = traces::client_span("classify.llm");
        let ours = span.traceparent();
        let ask = Ask {
            body: prepared.bodies[call.channel as usize].fill(text, &llm.nonces.for_text(text)),
            deadline: started.saturating_add(llm.total.min(call.deadline)),
            traceparent: ours
                .as_deref()
                .or(call.traceparent)
                .and_then(|value| HeaderValue::from_str(value).ok()),
            tally,
        };
        // Boxed: it is most of what a message's future would be, and is there for a part of its time.
        let result = Box::pin(llm.stack.call(&ask)).await;
        let outcome = result.as_ref().map_or_else(LlmError::code, |_| "ok");
        llm.events
            .call(outcome, llm.clock.elapsed().saturating_sub(started));
        llm.events.variant(&prepared.version, &prepared.variant, outcome);
        if span.is_recording() {
            describe(&mut span, prepared, &result);
        }
        drop(span);
        let Answer {
            verdict,
            usage,
            attempts,
        } = result?;
        if let Some(label) = verdict.unknown_label {
            llm.events.oddity(label);
        }
        Ok(LlmVerdict {
            category: verdict.category,
            confidence: llm.calibration.apply(verdict.confidence),
            severity: verdict.severity,
            intent: verdict.intent,
            reasoning: verdict.reasoning,
            model: prepared.model.clone(),
            prompt_version: prepared.version.clone(),
            prompt_variant: prepared.variant.clone(),
            usage,
            attempts,
        })
    }

    /// Time on the clock that deadlines are kept by.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.clock.elapsed()
    }

    /// Versions of the prompts, the active one and an experiment's.
    #[must_use]
    pub fn prompt_versions(&self) -> Vec<&str> {
        self.0.ready.iter().map(|prepared| &*prepared.version).collect()
    }

    /// The models that are asked: the active prompt's and an experiment's.
    #[must_use]
    pub fn models(&self) -> BTreeSet<&str> {
        self.0.ready.iter().map(|prepared| &*prepared.model).collect()
    }

    /// What the breaker is doing.
    #[must_use]
    pub fn breaker(&self) -> BreakerSnapshot {
        self.0.breaker.snapshot()
    }

    /// Counts a call that a sure local model made unnecessary.
    pub fn spared(&self) {
        self.0.events.spared(self.0.meter.mean_cost());
    }
}

impl Shared {
    fn prepared(&self, sticky_key: &str) -> &Prepared {
        &self.ready[self.prompts.pick(sticky_key)]
    }
}

/// The request body for one text, as `classify` would send it.
///
/// # Errors
/// None for a prompt that came from [`Prompts`], which checked the template.
pub fn request_body(
    prompt: &Prompt,
    channel: Channel,
    config: &LlmConfig,
    text: &str,
) -> Result<bytes::Bytes, minijinja::Error> {
    let nonce = Nonces::default().for_text(text);
    Ok(wire::body_template(prompt, channel, config)?
        .fill(text, &nonce)
        .to_bytes())
}

impl fmt::Debug for Llm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Llm")
            .field("breaker", &self.breaker())
            .finish_non_exhaustive()
    }
}

/// What the span of a call says, by the semantic conventions for generative AI. No text: neither the customer's nor the model's.
fn describe(span: &mut Span, prepared: &Prepared, result: &Result<Answer, LlmError>) {
    span.set("gen_ai.operation.name", "chat");
    span.set("gen_ai.provider.name", "openai");
    span.set("gen_ai.request.model", prepared.model.clone());
    span.set("switchboard.prompt.version", prepared.version.clone());
    span.set("switchboard.prompt.variant", prepared.variant.clone());
    let Answer {
        verdict,
        usage,
        attempts,
    } = match result {
        Ok(answer) => answer,
        Err(error) => return span.fail(error.code()),
    };
    span.set("switchboard.llm.attempts", i64::from(*attempts));
    span.set("gen_ai.usage.input_tokens", i64::from(usage.input_tokens));
    span.set("gen_ai.usage.output_tokens", i64::from(usage.output_tokens));
    if let Some(model) = &verdict.model {
        span.set("gen_ai.response.model", model.to_string());
    }
    if let Some(reason) = verdict.finish_reason {
        span.set_list("gen_ai.response.finish_reasons", &[reason]);
    }
}

/// A wrong key or an empty account needs a person, so it is loud once; a probe that finds it unchanged is not.
fn log_change(from: BreakerState, to: BreakerState, cause: &str) {
    let (from_name, to_name) = (from.as_str(), to.as_str());
    match (from, to) {
        (BreakerState::Closed, BreakerState::Open) if matches!(cause, "auth" | "quota") => tracing::error!(
            cause,
            "LLM switched off: the service refuses our key or account; answers come from the local model"
        ),
        (BreakerState::Closed, BreakerState::Open) => tracing::warn!(cause, "LLM breaker opened"),
        _ => tracing::info!(from = from_name, to = to_name, cause, "LLM breaker changed state"),
    }
}
