//! What the layers pass to each other, and the order in which they stand.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::header::HeaderValue;
use tower::ServiceBuilder;
use tower::layer::layer_fn;
use tower::util::BoxCloneSyncService;

use crate::clock::Clock;
use crate::config::llm::LlmConfig;

use super::LlmEvents;
use super::body::RequestBody;
use super::breaker::Breaker;
use super::budget::Budget;
use super::bulkhead::Bulkhead;
use super::client::Client;
use super::error::LlmError;
use super::gate::Gate;
use super::hedge::Hedge;
use super::retry::Retry;
use super::singleflight::Singleflight;
use super::time_limit::{AttemptTimeout, TotalDeadline};
use super::usage::Usage;
use super::wire::Verdict;

/// One question. Cheap to clone: the body is shared.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) body: RequestBody,
    /// When the caller needs the answer, in the clock's elapsed time.
    pub(super) deadline: Duration,
    pub(super) traceparent: Option<HeaderValue>,
}

/// One answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) usage: Usage,
    /// Calls that it took, retries included.
    pub(super) attempts: u32,
}

/// The future of every layer. Boxed: a handful of small allocations, against a network call.
pub(super) type Reply = Pin<Box<dyn Future<Output = Result<Answer, LlmError>> + Send>>;

/// The whole stack.
pub(super) type Stack = BoxCloneSyncService<Ask, Answer, LlmError>;

/// Builds the stack around the client, outermost layer first.
pub(super) fn build(
    config: &LlmConfig,
    client: Client,
    breaker: Breaker,
    clock: &Clock,
    events: &Arc<dyn LlmEvents>,
) -> Stack {
    let budget = Budget::new(&config.retry);
    let bulkhead = super::bulkhead::Places::new(&config.bulkhead);
    let singleflight = config
        .singleflight
        .then(|| layer_fn(|inner| Singleflight::new(inner, events)));
    let hedge = config
        .hedge
        .enabled
        .then(|| layer_fn(|inner| Hedge::new(inner, &config.hedge, &budget, clock, events)));
    let stack = ServiceBuilder::new()
        // Whatever happens inside, the caller has an answer or an error by its deadline.
        .layer(layer_fn(|inner| TotalDeadline::new(inner, clock)))
        // Opt-in. Outside the bulkhead: those who share a call take one place.
        .option_layer(singleflight)
        // Bounds sockets and memory when the service hangs; waiting for a place is bounded too.
        .layer(layer_fn(|inner| Bulkhead::new(inner, &bulkhead, clock)))
        // Outside the retries: it judges calls, and an open breaker must cost nothing.
        .layer(layer_fn(|inner| Gate::new(inner, &breaker, clock, events)))
        // Only for what may help, and within a budget that an outage cannot multiply.
        .layer(layer_fn(|inner| {
            Retry::new(inner, config, &budget, clock, events)
        }))
        // Opt-in. Inside the retries: a hedge is another try of the same attempt, from the same budget.
        .option_layer(hedge)
        // Inside the retries, so that one hanging attempt does not eat the whole deadline.
        .layer(layer_fn(|inner| {
            AttemptTimeout::new(inner, config, clock, events)
        }))
        .service(client);
    BoxCloneSyncService::new(stack)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::classify::label::Category;
    use crate::classify::llm::confidence::ConfidenceSource;

    /// An answer that can be told from others by its number of attempts.
    pub(in crate::classify::llm) fn answer(attempts: u32) -> Answer {
        Answer {
            verdict: Verdict {
                category: Category::Informational,
                confidence: 1.0,
                confidence_source: ConfidenceSource::Stated,
                severity: None,
                intent: None,
                reasoning: String::new(),
                unknown_label: None,
                model: None,
                finish_reason: None,
            },
            usage: Usage::default(),
            attempts,
        }
    }
}
