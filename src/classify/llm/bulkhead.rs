//! The bulkhead: how many calls may be under way, how many may wait for a place, and for how long.
//!
//! So a hanging service holds a bounded number of sockets and bodies; everyone beyond is refused at once and gets the
//! local answer instead.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::clock::Clock;
use crate::config::llm::BulkheadConfig;

use super::error::LlmError;
use super::layer::{Ask, Layer, Reply};

/// Limits how many calls are under way.
pub(super) struct Bulkhead<L> {
    inner: L,
    places: Places,
    clock: Clock,
}

struct Places {
    free: Semaphore,
    waiting: AtomicUsize,
    max_waiting: usize,
    max_wait: Duration,
}

impl<L> Bulkhead<L> {
    pub(super) fn new(inner: L, config: &BulkheadConfig, clock: &Clock) -> Self {
        Self {
            inner,
            places: Places::new(config),
            clock: clock.clone(),
        }
    }
}

impl<L: Layer> Layer for Bulkhead<L> {
    async fn call(&self, ask: &Ask) -> Reply {
        let _place = self.places.enter(&self.clock).await?;
        self.inner.call(ask).await
    }
}

/// Somebody who waits; gone when dropped, however the wait ends.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Places {
    fn new(config: &BulkheadConfig) -> Self {
        Self {
            free: Semaphore::new(config.max_concurrent),
            waiting: AtomicUsize::new(0),
            max_waiting: config.max_waiting,
            max_wait: Duration::from_millis(config.max_wait_ms),
        }
    }

    async fn enter(&self, clock: &Clock) -> Result<SemaphorePermit<'_>, LlmError> {
        if let Ok(place) = self.free.try_acquire() {
            return Ok(place);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if before >= self.max_waiting {
            return Err(LlmError::Overloaded);
        }
        let until = clock.elapsed().saturating_add(self.max_wait);
        // The semaphore is never closed, so both errors mean that no place became free in time.
        match clock.timeout(self.max_wait, self.free.acquire()).await {
            // Where wait and place ended together, the wait did: who hung until then would hang again.
            Ok(Ok(place)) if clock.elapsed() < until => Ok(place),
            _ => Err(LlmError::Overloaded),
        }
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
        let places = Places::new(&config);
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
