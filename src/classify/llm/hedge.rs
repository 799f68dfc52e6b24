//! Hedging (opt-in): when an attempt takes longer than most do, a second one is sent and the first answer wins.
//!
//! "Longer than most" is a quantile (p95) of the last [`SAMPLES`] answers, so about one call in twenty is sent twice, and
//! the tail is cut where slowness is luck (Dean and Barroso, "The Tail at Scale", 2013). Hedges come out of the same
//! budget as retries: a service that is slow for everybody is not asked twice as much. The loser is dropped, which
//! closes its stream or connection. A failed attempt does not win while the other one is still out.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{Either, select};
use tower::{Service, ServiceExt};

use crate::clock::Clock;
use crate::config::llm::HedgeConfig;

use super::LlmEvents;
use super::budget::Budget;
use super::error::LlmError;
use super::stack::{Answer, Ask, Reply};

/// Answers that the quantile is taken over: enough for a p95, few enough to follow a change within minutes.
const SAMPLES: usize = 128;

/// Sends a second attempt for a slow first one.
#[derive(Clone)]
pub(super) struct Hedge<S> {
    inner: S,
    latencies: Arc<Latencies>,
    budget: Budget,
    clock: Clock,
    events: Arc<dyn LlmEvents>,
}

impl<S> Hedge<S> {
    pub(super) fn new(
        inner: S,
        config: &HedgeConfig,
        budget: &Budget,
        clock: &Clock,
        events: &Arc<dyn LlmEvents>,
    ) -> Self {
        Self {
            inner,
            latencies: Arc::new(Latencies::new(config)),
            budget: budget.clone(),
            clock: clock.clone(),
            events: events.clone(),
        }
    }
}

impl<S> Service<Ask> for Hedge<S>
where
    S: Service<Ask, Response = Answer, Error = LlmError, Future = Reply> + Clone + Send + 'static,
{
    type Response = Answer;
    type Error = LlmError;
    type Future = Reply;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LlmError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, ask: Ask) -> Reply {
        // The inner service that was polled ready goes with the call; a fresh clone takes its place.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        let (latencies, budget, clock, events) = (
            self.latencies.clone(),
            self.budget.clone(),
            self.clock.clone(),
            self.events.clone(),
        );
        Box::pin(async move {
            let first = timed(inner.call(ask.clone()), clock.clone(), latencies.clone());
            let Some(delay) = latencies.quantile() else {
                return first.await;
            };
            let first = match select(first, Box::pin(clock.sleep(delay))).await {
                Either::Left((result, _)) => return result,
                Either::Right(((), first)) => first,
            };
            if !budget.withdraw(clock.elapsed()) {
                events.budget_exhausted();
                return first.await;
            }
            inner.ready().await?;
            let second = timed(inner.call(ask), clock.clone(), latencies.clone());
            let (result, won) = match select(first, second).await {
                Either::Left((Err(_), second)) => (second.await, true),
                Either::Right((Err(_), first)) => (first.await, false),
                Either::Left((answer, _)) => (answer, false),
                Either::Right((answer, _)) => (answer, true),
            };
            events.hedge(won && result.is_ok());
            result
        })
    }
}

/// Runs a call and remembers how long an answer took.
fn timed(call: Reply, clock: Clock, latencies: Arc<Latencies>) -> Reply {
    Box::pin(async move {
        let started = clock.elapsed();
        let result = call.await;
        if result.is_ok() {
            latencies.record(clock.elapsed().saturating_sub(started));
        }
        result
    })
}

/// How long recent answers took.
struct Latencies {
    quantile: f64,
    min_samples: usize,
    min_delay: Duration,
    ring: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    samples: Vec<Duration>,
    next: usize,
}

impl Latencies {
    fn new(config: &HedgeConfig) -> Self {
        Self {
            quantile: config.quantile,
            min_samples: config.min_samples.min(SAMPLES),
            min_delay: Duration::from_millis(config.min_delay_ms),
            ring: Mutex::default(),
        }
    }

    fn record(&self, took: Duration) {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        if ring.samples.len() < SAMPLES {
            ring.samples.push(took);
        } else {
            let at = ring.next;
            ring.samples[at] = took;
            ring.next = (at + 1) % SAMPLES;
        }
    }

    /// After how long to hedge; `None` while too few answers are known. Sorting 128 numbers takes about a microsecond.
    fn quantile(&self) -> Option<Duration> {
        let mut samples = {
            let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
            if ring.samples.len() < self.min_samples.max(1) {
                return None;
            }
            ring.samples.clone()
        };
        // Nearest rank: the smallest sample that this share of all samples does not exceed.
        let rank = (samples.len() as f64 * self.quantile).ceil() as usize;
        let (_, value, _) = samples.select_nth_unstable(rank.saturating_sub(1));
        Some((*value).max(self.min_delay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::llm::NoEvents;
    use crate::classify::llm::body::RequestBody;
    use crate::config::llm::RetryConfig;
    use jiff::Timestamp;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn config() -> HedgeConfig {
        HedgeConfig {
            enabled: true,
            min_samples: 10,
            min_delay_ms: 1,
            ..HedgeConfig::default()
        }
    }

    /// Answers with its number, as an error or not, after the time that its script says.
    #[derive(Clone)]
    struct Scripted {
        script: Arc<Vec<(u64, bool)>>,
        calls: Arc<AtomicUsize>,
        clock: Clock,
    }

    impl Service<Ask> for Scripted {
        type Response = Answer;
        type Error = LlmError;
        type Future = Reply;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), LlmError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Ask) -> Reply {
            let number = self.calls.fetch_add(1, Ordering::Relaxed);
            let (ms, good) = self.script[number];
            let clock = self.clock.clone();
            Box::pin(async move {
                clock.sleep(Duration::from_millis(ms)).await;
                if good {
                    Ok(crate::classify::llm::stack::tests::answer(number as u32))
                } else {
                    Err(LlmError::Refused)
                }
            })
        }
    }

    fn hedge(script: Vec<(u64, bool)>, ratio: f64) -> (Hedge<Scripted>, crate::clock::ManualClock) {
        let (clock, hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        let inner = Scripted {
            script: Arc::new(script),
            calls: Arc::default(),
            clock: clock.clone(),
        };
        let budget = Budget::new(&RetryConfig {
            budget_ratio: ratio,
            budget_min: 0,
            ..RetryConfig::default()
        });
        (0..10).for_each(|_| budget.deposit(Duration::ZERO));
        let events: Arc<dyn LlmEvents> = Arc::new(NoEvents);
        let hedge = Hedge::new(inner, &config(), &budget, &clock, &events);
        (0..10).for_each(|_| hedge.latencies.record(Duration::from_millis(100)));
        (hedge, hand)
    }

    fn ask() -> Ask {
        Ask {
            body: RequestBody::default(),
            deadline: Duration::from_secs(5),
            traceparent: None,
        }
    }

    async fn run(script: Vec<(u64, bool)>, ratio: f64) -> (Result<Answer, LlmError>, usize) {
        let (hedge, hand) = hedge(script, ratio);
        let calls = hedge.inner.calls.clone();
        let call = hedge.oneshot(ask());
        let tick = async {
            loop {
                hand.advance(Duration::from_millis(10));
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            result = call => (result, calls.load(Ordering::Relaxed)),
            () = tick => unreachable!(),
        }
    }

    #[tokio::test]
    async fn a_slow_call_is_sent_twice_and_the_first_answer_wins() {
        let (answer, calls) = run(vec![(5_000, true), (80, true)], 1.0).await;
        assert_eq!((answer.unwrap().attempts, calls), (1, 2), "the second one");
        let (answer, calls) = run(vec![(130, true), (5_000, true)], 1.0).await;
        assert_eq!(
            (answer.unwrap().attempts, calls),
            (0, 2),
            "the first one after all"
        );
        let (answer, calls) = run(vec![(60, true)], 1.0).await;
        assert_eq!((answer.unwrap().attempts, calls), (0, 1), "not slow");
    }

    #[tokio::test]
    async fn a_failed_attempt_does_not_beat_one_that_is_still_out() {
        let (answer, _) = run(vec![(400, true), (20, false)], 1.0).await;
        assert_eq!(answer.unwrap().attempts, 0);
        let (answer, _) = run(vec![(130, false), (400, true)], 1.0).await;
        assert_eq!(answer.unwrap().attempts, 1);
    }

    #[tokio::test]
    async fn an_empty_budget_sends_no_second_call() {
        let (answer, calls) = run(vec![(400, true), (20, true)], 0.0).await;
        assert_eq!((answer.unwrap().attempts, calls), (0, 1));
    }

    #[test]
    fn the_quantile_is_the_nearest_rank_of_recent_answers() {
        let latencies = Latencies::new(&config());
        (1..=9).for_each(|ms| latencies.record(Duration::from_millis(ms)));
        assert_eq!(latencies.quantile(), None);
        (10..=100).for_each(|ms| latencies.record(Duration::from_millis(ms)));
        assert_eq!(latencies.quantile(), Some(Duration::from_millis(95)));
        (0..SAMPLES).for_each(|_| latencies.record(Duration::from_millis(7)));
        assert_eq!(latencies.quantile(), Some(Duration::from_millis(7)));
    }
}
