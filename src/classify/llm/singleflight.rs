//! Singleflight (opt-in): identical texts that are being classified at the same moment share one call.
//!
//! Identical means the same request body, byte for byte: text, channel, prompt variant. The shared call belongs to
//! everybody who waits for it: it goes on while one of them is left, whoever started it, and is dropped with the last.
//! It runs under the deadline of its starter; each waiter keeps its own deadline outside. Nothing is kept once it is
//! answered: this is no cache.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use super::body::RequestBody;
use super::error::LlmError;
use super::events::LlmEvents;
use super::layer::{Ask, Layer, Reply};

/// A call that several wait for.
type Flight = BoxFuture<'static, Reply>;
/// The calls under way, by their body.
type Flights = Mutex<HashMap<RequestBody, WeakShared<Flight>>>;

/// Joins identical calls.
pub(super) struct Singleflight<L> {
    /// Shared with the flights, which outlive the call that began them.
    inner: Arc<L>,
    enabled: bool,
    flights: Flights,
    events: Arc<dyn LlmEvents>,
}

impl<L> Singleflight<L> {
    pub(super) fn new(inner: L, enabled: bool, events: &Arc<dyn LlmEvents>) -> Self {
        Self {
            inner: Arc::new(inner),
            enabled,
            flights: Flights::default(),
            events: events.clone(),
        }
    }
}

impl<L: Layer> Layer for Singleflight<L> {
    async fn call(&self, ask: &Ask) -> Reply {
        if !self.enabled {
            return self.inner.call(ask).await;
        }
        let mut passenger = self.board(ask);
        match passenger.flight.as_mut() {
            Some(flight) => flight.await,
            None => Err(LlmError::Deadline), // taken only when dropped
        }
    }
}

impl<L: Layer> Singleflight<L> {
    /// Joins the call that is under way, or begins one.
    fn board(&self, ask: &Ask) -> Passenger<'_> {
        let key = ask.body.clone();
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = flights.get(&key).and_then(WeakShared::upgrade);
        let joined = under_way.is_some();
        let flight = under_way.unwrap_or_else(|| {
            let (inner, ask) = (self.inner.clone(), ask.clone());
            let flight = async move { inner.call(&ask).await }.boxed().shared();
            if let Some(weak) = flight.downgrade() {
                flights.insert(key.clone(), weak);
            }
            flight
        });
        drop(flights);
        if joined {
            self.events.shared();
        }
        Passenger {
            flight: Some(flight),
            key,
            flights: &self.flights,
        }
    }
}

/// One who waits. Removes the flight from the list when the last one leaves, answered or not.
struct Passenger<'a> {
    flight: Option<Shared<Flight>>,
    key: RequestBody,
    flights: &'a Flights,
}

impl Drop for Passenger<'_> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::llm::NoEvents;
    use crate::classify::llm::body::BodyTemplate;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Notify;

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

    impl Layer for Slow {
        async fn call(&self, _: &Ask) -> Reply {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let count = Count(self.cancelled.clone(), true);
            self.go.notified().await;
            count.done();
            Err(LlmError::Refused)
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
        let layer = Singleflight::new(slow.clone(), true, &events);
        let (a, b) = (ask("a"), ask("b"));
        let mut first = Box::pin(layer.call(&a));
        let mut second = Box::pin(layer.call(&a));
        let mut other = Box::pin(layer.call(&b));
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
        let layer = Singleflight::new(slow.clone(), true, &events);
        let ask = ask("a");
        let mut calls: Vec<_> = (0..3).map(|_| Box::pin(layer.call(&ask))).collect();
        for call in &mut calls {
            assert!(futures_util::poll!(call).is_pending());
        }
        drop(calls);
        assert_eq!(slow.cancelled.load(Ordering::Relaxed), 1);
        assert!(layer.flights.lock().unwrap().is_empty());
    }
}
