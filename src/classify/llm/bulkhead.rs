//! The bulkhead: how many calls may be under way, how many may wait for a place, and for how long.
//!
//! So a hanging service holds a bounded number of sockets and bodies; everyone beyond is refused at once and gets the
//! local answer instead.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::Semaphore;
use tower::Service;

use crate::clock::Clock;
use crate::config::llm::BulkheadConfig;

use super::error::LlmError;
use super::stack::{Answer, Ask, Reply};

/// The places, shared by all clones of the layer.
#[derive(Clone)]
pub(super) struct Places(Arc<Shared>);

struct Shared {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
    max_wait: Duration,
}

impl Places {
    pub(super) fn new(config: &BulkheadConfig) -> Self {
        Self(Arc::new(Shared {
            free: Arc::new(Semaphore::new(config.max_concurrent)),
            waiting: AtomicUsize::new(0),
            max_waiting: config.max_waiting,
            max_wait: Duration::from_millis(config.max_wait_ms),
        }))
    }
}

/// Limits how many calls are under way.
#[derive(Clone)]
pub(super) struct Bulkhead<S> {
    inner: S,
    places: Places,
    clock: Clock,
}

impl<S> Bulkhead<S> {
    pub(super) fn new(inner: S, places: &Places, clock: &Clock) -> Self {
        Self {
            inner,
            places: places.clone(),
            clock: clock.clone(),
        }
    }
}

/// Somebody who waits; gone when dropped, however the wait ends.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shared {
    async fn enter(&self, clock: &Clock) -> Result<tokio::sync::OwnedSemaphorePermit, LlmError> {
        if let Ok(place) = self.free.clone().try_acquire_owned() {
            return Ok(place);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if before >= self.max_waiting {
            return Err(LlmError::Overloaded);
        }
        let until = clock.elapsed().saturating_add(self.max_wait);
        // The semaphore is never closed, so both errors mean that no place became free in time.
        match clock
            .timeout(self.max_wait, self.free.clone().acquire_owned())
            .await
        {
            // Where wait and place ended together, the wait did: who hung until then would hang again.
            Ok(Ok(place)) if clock.elapsed() < until => Ok(place),
            _ => Err(LlmError::Overloaded),
        }
    }
}

impl<S> Service<Ask> for Bulkhead<S>
where
    S: Service<Ask, Response = Answer, Error = LlmError> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Answer;
    type Error = LlmError;
    type Future = Reply;

    /// The wait for a place is part of the call, not of readiness: only so can it be bounded per call.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LlmError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, ask: Ask) -> Reply {
        // The inner service that was polled ready goes with the call; a fresh clone takes its place.
        let fresh = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, fresh);
        let (places, clock) = (self.places.0.clone(), self.clock.clone());
        Box::pin(async move {
            let _place = places.enter(&clock).await?;
            ready.call(ask).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[tokio::test]
    async fn a_place_that_comes_free_as_the_wait_ends_is_refused() {
        let (clock, hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        let config = BulkheadConfig {
            max_concurrent: 1,
            max_waiting: 2,
            max_wait_ms: 100,
        };
        let Places(places) = Places::new(&config);
        for (waits_ms, enters) in [(99, true), (100, false)] {
            let taken = places.enter(&clock).await.ok();
            let mut waiting = std::pin::pin!(places.enter(&clock));
            assert!(futures_util::poll!(&mut waiting).is_pending());
            hand.advance(Duration::from_millis(waits_ms));
            drop(taken);
            assert_eq!(waiting.await.is_ok(), enters, "after {waits_ms} ms");
        }
    }
}
