//! Retries: only for errors that another attempt may cure, only when there is time, only within the budget.
//!
//! The wait is decorrelated jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015): random between the base and
//! three times the last wait, capped; or what the service asks for (`Retry-After`), if longer. A wait that does not fit
//! the deadline, with time left for an attempt, is not begun: the caller gets the error at once and answers locally.
//!
//! After a timeout, "time for an attempt" is as much as the one that timed out had: with less, the next could only time out
//! sooner, and would double the load on a slow service. So a timeout is repeated where the total leaves room for two whole attempts,
//! which by default it does not; hedging is the cheaper cure for single slow answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Clock;
use crate::config::llm::LlmConfig;

use super::budget::Budget;
use super::error::LlmError;
use super::events::LlmEvents;
use super::layer::{Answer, Ask, Layer, Reply};

/// An attempt that would have less time than this is not worth its cost: no model answers faster.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(100);

/// Repeats failed attempts.
pub(super) struct Retry<L> {
    inner: L,
    policy: Policy,
    budget: Budget,
    clock: Clock,
    events: Arc<dyn LlmEvents>,
}

impl<L> Retry<L> {
    pub(super) fn new(
        inner: L,
        config: &LlmConfig,
        budget: &Budget,
        clock: &Clock,
        events: &Arc<dyn LlmEvents>,
    ) -> Self {
        Self {
            inner,
            policy: Policy::new(config, seed()),
            budget: budget.clone(),
            clock: clock.clone(),
            events: events.clone(),
        }
    }
}

impl<L: Layer> Layer for Retry<L> {
    async fn call(&self, ask: &Ask) -> Reply {
        self.budget.deposit(self.clock.elapsed());
        let mut last_wait = self.policy.base;
        let mut attempts = 1;
        loop {
            let error = match self.inner.call(ask).await {
                Ok(answer) => return Ok(Answer { attempts, ..answer }),
                Err(error) => error,
            };
            let now = self.clock.elapsed();
            let left = ask.deadline.saturating_sub(now);
            let Some(wait) = self.policy.next_wait(&error, attempts, last_wait, left) else {
                return Err(error);
            };
            if !self.budget.withdraw(now) {
                self.events.budget_exhausted();
                return Err(error);
            }
            self.events.retry();
            self.clock.sleep(wait).await;
            last_wait = wait;
            attempts += 1;
        }
    }
}

/// When to try again.
struct Policy {
    max_attempts: u32,
    base: Duration,
    cap: Duration,
    random: Random,
}

impl Policy {
    fn new(config: &LlmConfig, seed: u64) -> Self {
        Self {
            max_attempts: config.retry.max_attempts,
            base: Duration::from_millis(config.retry.base_ms),
            cap: Duration::from_millis(config.retry.cap_ms),
            random: Random(AtomicU64::new(seed)),
        }
    }

    /// How long to wait before the next attempt; `None` when there should be none.
    fn next_wait(&self, error: &LlmError, attempts: u32, last: Duration, left: Duration) -> Option<Duration> {
        let asked = error.retry()?;
        if attempts >= self.max_attempts {
            return None;
        }
        let highest = last.saturating_mul(3).min(self.cap).max(self.base);
        let jittered = self.base + (highest - self.base).mul_f64(self.random.fraction());
        // Jitter on top of what the service asks for, so that not everybody comes back in the same instant.
        let wait = if asked > jittered {
            asked.saturating_add(jittered / 4)
        } else {
            jittered
        };
        let useful = match error {
            LlmError::Timeout { after } => *after,
            _ => SHORTEST_ATTEMPT,
        };
        (wait.saturating_add(useful) <= left).then_some(wait)
    }
}

/// splitmix64 (Steele, Lea and Flood, 2014): jitter needs spread, not secrecy.
struct Random(AtomicU64);

impl Random {
    /// From 0 up to, not including, 1.
    fn fraction(&self) -> f64 {
        const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.0.fetch_add(GAMMA, Ordering::Relaxed).wrapping_add(GAMMA);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (z >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Different in every process, so that replicas do not retry in step.
fn seed() -> u64 {
    use std::hash::BuildHasher;
    std::hash::RandomState::new().hash_one(0u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LONG: Duration = Duration::from_secs(60);

    fn policy(seed: u64) -> Policy {
        Policy::new(&LlmConfig::default(), seed)
    }

    fn limited(retry_after: Option<Duration>) -> LlmError {
        LlmError::RateLimited { retry_after }
    }

    #[test]
    fn only_what_may_help_is_repeated_and_only_three_times() {
        let policy = policy(1);
        let wait = |error: &LlmError, attempts| policy.next_wait(error, attempts, policy.base, LONG);
        let busy = LlmError::ServerError {
            status: 503,
            retry_after: None,
        };
        assert!(wait(&busy, 1).is_some() && wait(&busy, 2).is_some() && wait(&busy, 3).is_none());
        for hopeless in [
            LlmError::Auth { status: 401 },
            LlmError::Quota,
            LlmError::Rejected { status: 400 },
            LlmError::Refused,
            LlmError::Truncated,
            LlmError::UnknownCategory,
        ] {
            assert_eq!(wait(&hopeless, 1), None, "{hopeless}");
        }
    }

    #[test]
    fn a_timeout_is_repeated_where_a_whole_attempt_still_fits() {
        let policy = policy(3);
        let after = Duration::from_secs(2);
        let wait = |left| policy.next_wait(&LlmError::Timeout { after }, 1, policy.base, left);
        assert!(wait(after + policy.cap).is_some());
        assert_eq!(wait(after), None, "no room for the wait before it");
    }

    #[test]
    fn the_services_wish_is_honoured_when_it_fits_and_else_not_waited_for() {
        let policy = policy(2);
        let wish = Duration::from_secs(2);
        let wait = |left| policy.next_wait(&limited(Some(wish)), 1, policy.base, left);
        assert!(wait(LONG).is_some_and(|wait| wait >= wish && wait < wish * 2));
        assert_eq!(wait(Duration::from_secs(2)), None);
        assert_eq!(
            policy.next_wait(&limited(Some(Duration::MAX)), 1, policy.base, LONG),
            None
        );
    }

    proptest! {
        /// Every wait is from the base to the cap and leaves time for an attempt.
        #[test]
        fn waits_stay_within_bounds(seed in any::<u64>(), left_ms in 0u64..5_000) {
            let policy = policy(seed);
            let left = Duration::from_millis(left_ms);
            let mut last = policy.base;
            for attempts in 1..3 {
                let Some(wait) = policy.next_wait(&limited(None), attempts, last, left) else { break };
                prop_assert!(wait >= policy.base && wait <= policy.cap);
                prop_assert!(wait + SHORTEST_ATTEMPT <= left);
                last = wait;
            }
        }
    }
}
