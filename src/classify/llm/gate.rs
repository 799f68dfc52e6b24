//! The layer that asks the breaker before a call and tells it how the call ended.

use std::sync::Arc;
use std::task::{Context, Poll};

use tower::Service;

use crate::clock::Clock;

use super::LlmEvents;
use super::breaker::{Breaker, Report};
use super::error::{Health, LlmError};
use super::stack::{Answer, Ask, Reply};

/// Refuses calls while the breaker is open.
#[derive(Clone)]
pub(super) struct Gate<S> {
    inner: S,
    breaker: Breaker,
    clock: Clock,
    events: Arc<dyn LlmEvents>,
}

impl<S> Gate<S> {
    pub(super) fn new(inner: S, breaker: &Breaker, clock: &Clock, events: &Arc<dyn LlmEvents>) -> Self {
        Self {
            inner,
            breaker: breaker.clone(),
            clock: clock.clone(),
            events: events.clone(),
        }
    }
}

impl<S> Service<Ask> for Gate<S>
where
    S: Service<Ask, Response = Answer, Error = LlmError>,
    S::Future: Send + 'static,
{
    type Response = Answer;
    type Error = LlmError;
    type Future = Reply;

    /// An open breaker is not "not ready": whoever polls would wait for it. The refusal is the call's answer.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LlmError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, ask: Ask) -> Reply {
        let permit = match self.breaker.acquire(self.clock.elapsed()) {
            Ok(permit) => permit,
            Err(retry_after) => {
                self.events.rejected();
                return Box::pin(std::future::ready(Err(LlmError::BreakerOpen { retry_after })));
            }
        };
        let clock = self.clock.clone();
        let call = self.inner.call(ask);
        Box::pin(async move {
            let result = call.await;
            let report = match &result {
                Ok(_) => Some(Report::Good),
                Err(error) => match error.health() {
                    Health::Up => Some(Report::Good),
                    Health::Failing => Some(Report::Bad(error.code())),
                    Health::Dead => Some(Report::Dead(error.code())),
                    Health::Unknown => None,
                },
            };
            match report {
                Some(report) => permit.report(report, clock.elapsed()),
                None => drop(permit),
            }
            result
        })
    }
}
