//! The layer that asks the breaker before a call and tells it how the call ended.

use std::sync::Arc;

use crate::clock::Clock;

use super::breaker::{Breaker, Report};
use super::error::{Health, LlmError};
use super::events::LlmEvents;
use super::layer::{Ask, Layer, Reply};

/// Refuses calls while the breaker is open.
pub(super) struct Gate<L> {
    inner: L,
    breaker: Breaker,
    clock: Clock,
    events: Arc<dyn LlmEvents>,
}

impl<L> Gate<L> {
    pub(super) fn new(inner: L, breaker: &Breaker, clock: &Clock, events: &Arc<dyn LlmEvents>) -> Self {
        Self {
            inner,
            breaker: breaker.clone(),
            clock: clock.clone(),
            events: events.clone(),
        }
    }
}

impl<L: Layer> Layer for Gate<L> {
    async fn call(&self, ask: &Ask) -> Reply {
        let permit = self
            .breaker
            .acquire(self.clock.elapsed())
            .map_err(|retry_after| {
                self.events.rejected();
                LlmError::BreakerOpen { retry_after }
            })?;
        let result = self.inner.call(ask).await;
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
            Some(report) => permit.report(report, self.clock.elapsed()),
            None => drop(permit),
        }
        result
    }
}
