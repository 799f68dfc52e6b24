//! Singleflight (opt-in): identical texts that are being classified at the same moment share one call.
//!
//! Identical means the same request body, byte for byte: text, channel, prompt variant. The shared call belongs to
//! everybody who waits for it: it goes on while one of them is left, whoever started it, and is dropped with the last.
//! It runs under the deadline of its starter; each waiter keeps its own deadline outside. Nothing is kept once it is
//! answered: this is no cache.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::{Shared, WeakShared};
use tower::Service;

use super::LlmEvents;
use super::body::RequestBody;
use super::error::LlmError;
use super::stack::{Answer, Ask, Reply};

/// The calls under way, by their body.
type Flights = Arc<Mutex<HashMap<RequestBody, WeakShared<Reply>>>>;

/// Joins identical calls.
#[derive(Clone)]
pub(super) struct Singleflight<S> {
    inner: S,
    flights: Flights,
    events: Arc<dyn LlmEvents>,
}

impl<S> Singleflight<S> {
    pub(super) fn new(inner: S, events: &Arc<dyn LlmEvents>) -> Self {
        Self {
            inner,
            flights: Flights::default(),
            events: events.clone(),
        }
    }
}

/// One who waits. Removes the flight from the list when the last one leaves, answered or not.
struct Passenger {
    flight: Option<Shared<Reply>>,
    key: RequestBody,
    flights: Flights,
}

impl Drop for Passenger {
    fn drop(&mut self) {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        let last = self.flight.take();
        // Under the lock nobody can join between the count and the removal.
        if last
            .as_ref()
            .is_none_or(|flight| flight.strong_count().is_none_or(|count| count <= 1))
        {
            flights.remove(&self.key);
        }
        drop(flights);
        drop(last); // may drop the call itself: not under the lock
    }
}

impl<S> Service<Ask> for Singleflight<S>
where
    S: Service<Ask, Response = Answer, Error = LlmError, Future = Reply>,
{
    type Response = Answer;
    type Error = LlmError;
    type Future = Reply;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LlmError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, ask: Ask) -> Reply {
        let key = ask.body.clone();
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = flights.get(&key).and_then(WeakShared::upgrade);
        let joined = under_way.is_some();
        let flight = under_way.unwrap_or_else(|| {
            let flight = self.inner.call(ask).shared();
            if let Some(weak) = flight.downgrade() {
                flights.insert(key.clone(), weak);
            }
            flight
        });
        drop(flights);
        if joined {
            self.events.shared();
        }
        let mut passenger = Passenger {
            flight: Some(flight),
            key,
            flights: self.flights.clone(),
        };
        Box::pin(async move {
            match passenger.flight.as_mut() {
                Some(flight) => flight.await,
                None => Err(LlmError::Deadline), // taken only when dropped
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::llm::NoEvents;
    use crate::classify::llm::body::BodyTemplate;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Notify;
    use tower::ServiceExt;

    #[derive(Clone, Default)]
    struct Slow {
        calls: Arc<AtomicUsize>,
        cancelled: Arc<AtomicUsize>,
        go: Arc<Notify>,
    }

    struct Count(Arc<AtomicUsize>, bool);

    impl Count {
        fn done(mut self) {
            self.1 = false;
        }
    }

    impl Drop for Count {
        fn drop(&mut self) {
            self.0.fetch_add(usize::from(self.1), Ordering::Relaxed);
        }
    }

    impl Service<Ask> for Slow {
        type Response = Answer;
        type Error = LlmError;
        type Future = Reply;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), LlmError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Ask) -> Reply {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let (go, count) = (self.go.clone(), Count(self.cancelled.clone(), true));
            Box::pin(async move {
                go.notified().await;
                count.done();
                Err(LlmError::Refused)
            })
        }
    }

    fn ask(body: &'static str) -> Ask {
        Ask {
            body: BodyTemplate::new(body).fill("", ""),
            deadline: std::time::Duration::from_secs(1),
            traceparent: None,
        }
    }

    #[tokio::test]
    async fn identical_calls_share_one_and_survive_whoever_started_it() {
        let slow = Slow::default();
        let events: Arc<dyn LlmEvents> = Arc::new(NoEvents);
        let layer = Singleflight::new(slow.clone(), &events);
        let mut first = Box::pin(layer.clone().oneshot(ask("a")));
        let mut second = Box::pin(layer.clone().oneshot(ask("a")));
        let mut other = Box::pin(layer.clone().oneshot(ask("b")));
        assert!(futures_util::poll!(&mut first).is_pending());
        assert!(futures_util::poll!(&mut second).is_pending());
        assert!(futures_util::poll!(&mut other).is_pending());
        assert_eq!(slow.calls.load(Ordering::Relaxed), 2);
        drop(first);
        slow.go.notify_waiters();
        assert!(matches!(second.await, Err(LlmError::Refused)));
        assert!(matches!(other.await, Err(LlmError::Refused)));
        assert_eq!(slow.cancelled.load(Ordering::Relaxed), 0);
        assert!(layer.flights.lock().unwrap().is_empty(), "nothing is kept");
    }

    #[tokio::test]
    async fn a_call_that_nobody_waits_for_is_cancelled() {
        let slow = Slow::default();
        let events: Arc<dyn LlmEvents> = Arc::new(NoEvents);
        let layer = Singleflight::new(slow.clone(), &events);
        let mut calls: Vec<_> = (0..3)
            .map(|_| Box::pin(layer.clone().oneshot(ask("a"))))
            .collect();
        for call in &mut calls {
            assert!(futures_util::poll!(call).is_pending());
        }
        drop(calls);
        assert_eq!(slow.cancelled.load(Ordering::Relaxed), 1);
        assert!(layer.flights.lock().unwrap().is_empty());
    }
}
