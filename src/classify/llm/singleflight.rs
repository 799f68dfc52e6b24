//! Singleflight (opt-in): identical texts that are being classified at the same moment share one call.
//!
//! Identical means the same request body, byte for byte: text, channel, prompt variant. The shared call belongs to
//! everybody who waits for it: it goes on while one of them is left, whoever started it, and is dropped with the last.
//! It runs under the deadline of its starter; each waiter keeps its own deadline outside. Nothing is kept once it is
//! answered: this is no cache.
//!
//! What the call used is counted for everybody who waits until its end, whole: what a caller pays does not depend on who else asked, and
//! nobody pays for less than was done for him. Budgets end a few messages early for that, never late.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use super::body::RequestBody;
use super::error::LlmError;
use super::events::LlmEvents;
use super::layer::{Ask, Layer, Reply};
use super::usage::{Tally, Usage};

/// A call that several wait for, and what it used.
type Flight = BoxFuture<'static, (Reply, Usage)>;
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
            Some(flight) => {
                let (reply, used) = flight.await;
                ask.tally.add(used);
                reply
            }
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
            // A tally of its own: whoever begins it may leave before the others.
            let tally = Tally::default();
            let inner = self.inner.clone();
            let ask = Ask {
                tally: tally.clone(),
                ..ask.clone()
            };
            let flight = async move { (inner.call(&ask).await, tally.total()) };
            let flight = flight.boxed().shared();
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

/// One who waits. The last one to leave, answered or not, removes the flight from the list.
struct Passenger<'a> {
    flight: Option<Shared<Flight>>,
    key: RequestBody,
    flights: &'a Flights,
}

impl Drop for Passenger<'_> {
    fn drop(&mut self) {
        // May drop the call itself: not under the lock.
        drop(self.flight.take());
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at after leaving, so that of several who leave at once the last one here sees that nobody is left. What is under way again by
        // the same body is somebody else's. (Whom this look keeps aboard is dropped before the lock is given up.)
        let is_over = |flight: &WeakShared<Flight>| flight.upgrade().is_none();
        if flights.get(&self.key).is_some_and(is_over) {
            flights.remove(&self.key);
        }
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

    const USED: Usage = Usage {
        input_tokens: 900,
        cached_tokens: 0,
        output_tokens: 40,
        cost: None,
    };

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
        async fn call(&self, ask: &Ask) -> Reply {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let count = Count(self.cancelled.clone(), true);
            self.go.notified().await;
            count.done();
            ask.tally.add(USED);
            Err(LlmError::Refused)
        }
    }

    fn ask(body: &'static str) -> Ask {
        Ask {
            body: BodyTemplate::new(body).fill("", ""),
            deadline: std::time::Duration::from_secs(1),
            traceparent: None,
            tally: Tally::default(),
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
    async fn everybody_who_waits_until_the_end_pays_all_of_it() {
        let slow = Slow::default();
        let events: Arc<dyn LlmEvents> = Arc::new(NoEvents);
        let layer = Singleflight::new(slow.clone(), true, &events);
        let asks = [ask("a"), ask("a"), ask("a")];
        let [mut gone, mut second, mut third] = asks.each_ref().map(|ask| Box::pin(layer.call(ask)));
        for call in [&mut gone, &mut second, &mut third] {
            assert!(futures_util::poll!(call).is_pending());
        }
        drop(gone);
        slow.go.notify_waiters();
        let _ = (second.await, third.await);
        let paid = asks.map(|ask| ask.tally.total());
        assert_eq!(paid, [Usage::default(), USED, USED], "though it was no use");
    }

    #[tokio::test]
    async fn whoever_leaves_late_leaves_the_next_call_alone() {
        let slow = Slow::default();
        let events: Arc<dyn LlmEvents> = Arc::new(NoEvents);
        let layer = Singleflight::new(slow.clone(), true, &events);
        let ask = ask("a");
        let [mut first, mut late, mut next, mut joins] = [(); 4].map(|()| Box::pin(layer.call(&ask)));
        assert!(futures_util::poll!(&mut first).is_pending());
        assert!(futures_util::poll!(&mut late).is_pending());
        slow.go.notify_waiters();
        assert!(futures_util::poll!(&mut first).is_ready());
        drop(first);
        // As if the last who held it had left: the late one only has to look at its answer.
        layer.flights.lock().unwrap().clear();
        assert!(futures_util::poll!(&mut next).is_pending());
        assert!(futures_util::poll!(&mut late).is_ready());
        drop(late);
        assert!(futures_util::poll!(&mut joins).is_pending());
        assert_eq!(slow.calls.load(Ordering::Relaxed), 2, "it joins the second call");
    }

    #[test]
    fn nothing_is_left_of_a_call_whose_last_two_waiters_leave_at_once() {
        let events: Arc<dyn LlmEvents> = Arc::new(NoEvents);
        let layer = Singleflight::new(Slow::default(), true, &events);
        let ask = ask("a");
        for _ in 0..5_000 {
            let both = std::sync::Barrier::new(2);
            let (one, other) = (layer.board(&ask), layer.board(&ask));
            std::thread::scope(|threads| {
                for passenger in [one, other] {
                    threads.spawn(|| {
                        both.wait();
                        drop(passenger);
                    });
                }
            });
            assert!(layer.flights.lock().unwrap().is_empty());
        }
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
