//! What the layers pass to each other, and the order in which they stand.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hyper::header::HeaderValue;

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

/// The answer, or why there is none.
pub(super) type Reply = Result<Answer, LlmError>;

/// The client or a layer around it.
///
/// What tower's `Service` is, for calls that may share it: a call borrows its layer and everything below, where that trait has each call
/// take a clone with it and box its future. All calls of a process pass here, from all threads.
pub(super) trait Layer: Send + Sync + 'static {
    /// Answers a question. Dropping the future ends the call.
    fn call(&self, ask: &Ask) -> impl Future<Output = Reply> + Send;
}

/// The whole stack, outermost layer first.
pub(super) type Stack = TotalDeadline<Singleflight<Bulkhead<Gate<Retry<Hedge<AttemptTimeout<Client>>>>>>>;

/// Builds the stack around the client.
pub(super) fn build(
    config: &LlmConfig,
    client: Client,
    breaker: Breaker,
    clock: &Clock,
    events: &Arc<dyn LlmEvents>,
) -> Stack {
    let budget = Budget::new(&config.retry);
    // Inside the retries, so that one hanging attempt does not eat the whole deadline.
    let stack = AttemptTimeout::new(client, config, clock, events);
    // Opt-in. Inside the retries: a hedge is another try of the same attempt, from the same budget.
    let stack = Hedge::new(stack, &config.hedge, &budget, clock, events);
    // Only for what may help, and within a budget that an outage cannot multiply.
    let stack = Retry::new(stack, config, &budget, clock, events);
    // Outside the retries: it judges calls, and an open breaker must cost nothing.
    let stack = Gate::new(stack, &breaker, clock, events);
    // Bounds sockets and memory when the service hangs; waiting for a place is bounded too.
    let stack = Bulkhead::new(stack, &config.bulkhead, clock);
    // Opt-in. Outside the bulkhead: those who share a call take one place.
    let stack = Singleflight::new(stack, config.singleflight, events);
    // Whatever happens inside, the caller has an answer or an error by its deadline.
    TotalDeadline::new(stack, clock)
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
