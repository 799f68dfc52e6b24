//! Hedging (opt-in): when an attempt takes longer than most do, a second one is sent and the first answer wins.
//!
//! "Longer than most" is a quantile (p95) of the last [`SAMPLES`] answers, so about one call in twenty is sent twice, and
//! the tail is cut where slowness is luck (Dean and Barroso, "The Tail at Scale", 2013). Hedges come out of the same
//! budget as retries: a service that is slow for everybody is not asked twice as much. The loser is dropped, which
//! closes its stream or connection. A failed attempt does not win while the other one is still out.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::clock::Clock;
use crate::config::llm::HedgeConfig;

use super::budget::Budget;
use super::events::LlmEvents;
use super::layer::{Ask, Layer, Reply};

/// Answers that the quantile is taken over: enough for a p95, few enough to follow a change within minutes.
const SAMPLES: usize = 128;

/// Sends a second attempt for a slow first one.
pub(super) struct Hedge<L> {
    inner: L,
    enabled: bool,
    latencies: Latencies,
    budget: Budget,
    clock: Clock,
    events: Arc<dyn LlmEvents>,
}

impl<L> Hedge<L> {
    pub(super) fn new(
        inner: L,
        config: &HedgeConfig,
        budget: &Budget,
        clock: &Clock,
        events: &Arc<dyn LlmEvents>,
    ) -> Self {
        Self {
            inner,
            enabled: config.enabled,
            latencies: Latencies::new(config),
            budget: budget.clone(),
            clock: clock.clone(),
            events: events.clone(),
        }
    }
}

impl<L: Layer> Layer for Hedge<L> {
    async fn call(&self, ask: &Ask) -> Reply {
        if self.enabled {
            // Boxed: two calls and two timers, which nobody else should carry along.
            Box::pin(self.hedged(ask)).await
        } else {
            self.inner.call(ask).await
        }
    }
}

impl<L: Layer> Hedge<L> {
    async fn hedged(&self, ask: &Ask) -> Reply {
        let first = pin!(self.timed(ask));
        let Some(delay) = self.latencies.quantile() else {
            return first.await;
        };
        let first = match select(first, pin!(self.clock.sleep(delay))).await {
            Either::Left((result, _)) => return result,
            Either::Right(((), first)) => first,
        };
        if !self.budget.withdraw(self.clock.elapsed()) {
            self.events.budget_exhausted();
            return first.await;
        }
        let second = pin!(self.timed(ask));
        let (result, won) = match select(first, second).await {
            Either::Left((Err(_), second)) => (second.await, true),
            Either::Right((Err(_), first)) => (first.await, false),
            Either::Left((answer, _)) => (answer, false),
            Either::Right((answer, _)) => (answer, true),
        };
        self.events.hedge(won && result.is_ok());
        result
    }

    /// Makes a call and remembers how long an answer took.
    async fn timed(&self, ask: &Ask) -> Reply {
        let started = self.clock.elapsed();
        let result = self.inner.call(ask).await;
        if result.is_ok() {
            self.latencies
                .record(self.clock.elapsed().saturating_sub(started));
        }
        result
    }
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
    use crate::classify::llm::error::LlmError;
    use crate::classify::llm::layer::Answer;
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
    struct Scripted {
        script: Vec<(u64, bool)>,
        calls: Arc<AtomicUsize>,
        clock: Clock,
    }

    impl Layer for Scripted {
        async fn call(&self, _: &Ask) -> Reply {
            let number = self.calls.fetch_add(1, Ordering::Relaxed);
            let (ms, good) = self.script[number];
            self.clock.sleep(Duration::from_millis(ms)).await;
            if good {
                Ok(crate::classify::llm::layer::tests::answer(number as u32))
            } else {
                Err(LlmError::Refused)
            }
        }
    }

    fn hedge(script: Vec<(u64, bool)>, ratio: f64) -> (Hedge<Scripted>, crate::clock::ManualClock) {
        let (clock, hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        let inner = Scripted {
            script,
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
            tally: Default::default(),
        }
    }

    async fn run(script: Vec<(u64, bool)>, ratio: f64) -> (Result<Answer, LlmError>, usize) {
        let (hedge, hand) = hedge(script, ratio);
        let calls = hedge.inner.calls.clone();
        let ask = ask();
        let call = hedge.call(&ask);
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
