//! The two time limits: the caller's deadline around everything, and the limit of each attempt.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::llm::LlmConfig;

use super::error::LlmError;
use super::events::LlmEvents;
use super::layer::{Ask, Layer, Reply};

/// An attempt ends this much before the deadline, so that its timeout is seen by retry and breaker (which must learn
/// that the service hangs) before the deadline drops everything. Two ticks of tokio's millisecond timer and some work.
const MARGIN: Duration = Duration::from_millis(5);

/// Outermost: ends the call at the caller's deadline.
pub(super) struct TotalDeadline<L> {
    inner: L,
    clock: Clock,
}

impl<L> TotalDeadline<L> {
    pub(super) fn new(inner: L, clock: &Clock) -> Self {
        let clock = clock.clone();
        Self { inner, clock }
    }
}

impl<L: Layer> Layer for TotalDeadline<L> {
    async fn call(&self, ask: &Ask) -> Reply {
        let left = ask.deadline.saturating_sub(self.clock.elapsed());
        if left <= MARGIN {
            return Err(LlmError::Deadline);
        }
        let call = pin!(self.inner.call(ask));
        let limited = self.clock.timeout(left, call).await;
        limited.unwrap_or(Err(LlmError::Deadline))
    }
}

/// Innermost but one: ends a single attempt, and reports it.
pub(super) struct AttemptTimeout<L> {
    inner: L,
    limit: Duration,
    clock: Clock,
    events: Arc<dyn LlmEvents>,
}

impl<L> AttemptTimeout<L> {
    pub(super) fn new(inner: L, config: &LlmConfig, clock: &Clock, events: &Arc<dyn LlmEvents>) -> Self {
        Self {
            inner,
            limit: config.attempt_timeout(),
            clock: clock.clone(),
            events: events.clone(),
        }
    }
}

impl<L: Layer> Layer for AttemptTimeout<L> {
    async fn call(&self, ask: &Ask) -> Reply {
        let started = self.clock.elapsed();
        let left = ask.deadline.saturating_sub(started).saturating_sub(MARGIN);
        let after = self.limit.min(left);
        // An attempt that was given less than half of its time says nothing about the service.
        let fair = after >= self.limit / 2;
        let attempt = Attempt {
            clock: &self.clock,
            events: &*self.events,
            started,
            outcome: "cancelled",
        };
        let call = pin!(self.inner.call(ask));
        let limited = self.clock.timeout(after, call).await;
        let result = limited.unwrap_or(Err(if fair {
            LlmError::Timeout { after }
        } else {
            LlmError::Deadline
        }));
        attempt.end(result.as_ref().map_or_else(LlmError::code, |_| "ok"));
        result
    }
}

/// Reports one attempt when it is over, also when it is dropped (a hedge's loser, a caller that went away).
struct Attempt<'a> {
    clock: &'a Clock,
    events: &'a dyn LlmEvents,
    started: Duration,
    outcome: &'static str,
}

impl Attempt<'_> {
    fn end(mut self, outcome: &'static str) {
        self.outcome = outcome;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let took = self.clock.elapsed().saturating_sub(self.started);
        self.events.attempt(self.outcome, took);
    }
}
