//! The two time limits: the caller's deadline around everything, and the limit of each attempt.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tower::Service;

use crate::clock::Clock;
use crate::config::llm::LlmConfig;

use super::LlmEvents;
use super::error::LlmError;
use super::stack::{Answer, Ask, Reply};

/// An attempt ends this much before the deadline, so that its timeout is seen by retry and breaker (which must learn
/// that the service hangs) before the deadline drops everything. Two ticks of tokio's millisecond timer and some work.
const MARGIN: Duration = Duration::from_millis(5);

/// Outermost: ends the call at the caller's deadline.
#[derive(Clone)]
pub(super) struct TotalDeadline<S> {
    inner: S,
    clock: Clock,
}

impl<S> TotalDeadline<S> {
    pub(super) fn new(inner: S, clock: &Clock) -> Self {
        let clock = clock.clone();
        Self { inner, clock }
    }
}

impl<S> Service<Ask> for TotalDeadline<S>
where
    S: Service<Ask, Response = Answer, Error = LlmError>,
    S::Future: Send + 'static,
{
    type Response = Answer;
    type Error = LlmError;
    type Future = Reply;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LlmError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, ask: Ask) -> Reply {
        let left = ask.deadline.saturating_sub(self.clock.elapsed());
        if left <= MARGIN {
            return Box::pin(std::future::ready(Err(LlmError::Deadline)));
        }
        let clock = self.clock.clone();
        let call = self.inner.call(ask);
        Box::pin(async move { clock.timeout(left, call).await.unwrap_or(Err(LlmError::Deadline)) })
    }
}

/// Innermost but one: ends a single attempt, and reports it.
#[derive(Clone)]
pub(super) struct AttemptTimeout<S> {
    inner: S,
    limit: Duration,
    clock: Clock,
    events: Arc<dyn LlmEvents>,
}

impl<S> AttemptTimeout<S> {
    pub(super) fn new(inner: S, config: &LlmConfig, clock: &Clock, events: &Arc<dyn LlmEvents>) -> Self {
        Self {
            inner,
            limit: config.attempt_timeout(),
            clock: clock.clone(),
            events: events.clone(),
        }
    }
}

impl<S> Service<Ask> for AttemptTimeout<S>
where
    S: Service<Ask, Response = Answer, Error = LlmError>,
    S::Future: Send + 'static,
{
    type Response = Answer;
    type Error = LlmError;
    type Future = Reply;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LlmError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, ask: Ask) -> Reply {
        let started = self.clock.elapsed();
        let left = ask.deadline.saturating_sub(started).saturating_sub(MARGIN);
        let after = self.limit.min(left);
        // An attempt that was given less than half of its time says nothing about the service.
        let fair = after >= self.limit / 2;
        let attempt = Attempt {
            clock: self.clock.clone(),
            events: self.events.clone(),
            started,
            outcome: "cancelled",
        };
        let clock = self.clock.clone();
        let call = self.inner.call(ask);
        Box::pin(async move {
            let limited = clock.timeout(after, call).await;
            let result = limited.unwrap_or(Err(if fair {
                LlmError::Timeout { after }
            } else {
                LlmError::Deadline
            }));
            attempt.end(result.as_ref().map_or_else(LlmError::code, |_| "ok"));
            result
        })
    }
}

/// Reports one attempt when it is over, also when it is dropped (a hedge's loser, a caller that went away).
struct Attempt {
    clock: Clock,
    events: Arc<dyn LlmEvents>,
    started: Duration,
    outcome: &'static str,
}

impl Attempt {
    fn end(mut self, outcome: &'static str) {
        self.outcome = outcome;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let took = self.clock.elapsed().saturating_sub(self.started);
        self.events.attempt(self.outcome, took);
    }
}
