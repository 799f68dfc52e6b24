//! The order in which the layers stand.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::llm::LlmConfig;

use super::breaker::Breaker;
use super::budget::Budget;
use super::bulkhead::Bulkhead;
use super::client::Client;
use super::events::LlmEvents;
use super::gate::Gate;
use super::hedge::Hedge;
use super::retry::Retry;
use super::singleflight::Singleflight;
use super::time_limit::{AttemptTimeout, TotalDeadline};

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
