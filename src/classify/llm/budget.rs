//! The retry budget: extra calls (retries, hedges) are a bounded fraction of first calls, so that an outage is not
//! multiplied by our own persistence.
//!
//! Over a sliding window, extra calls stay at most `budget_ratio` x first calls, plus `budget_min` so that a quiet
//! service may retry at all. The idea is Finagle's `RetryBudget`; the window is a [`Ring`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::config::llm::RetryConfig;

use super::ring::Ring;

/// Counts first and extra calls. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ratio: f64,
    min: u32,
    ring: Mutex<Ring<Slice>>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Slice {
    first: u32,
    extra: u32,
}

impl Budget {
    pub(super) fn new(config: &RetryConfig) -> Self {
        Self(Arc::new(Shared {
            ratio: config.budget_ratio,
            min: config.budget_min,
            ring: Mutex::new(Ring::over(Duration::from_secs(config.budget_window_s))),
        }))
    }

    /// Counts a first call.
    pub(super) fn deposit(&self, now: Duration) {
        self.ring().at(now, drop).first += 1;
    }

    /// Takes one extra call out of the budget, if it holds one.
    #[must_use]
    pub(super) fn withdraw(&self, now: Duration) -> bool {
        let mut ring = self.ring();
        // What has left the window counts no more.
        ring.at(now, drop);
        let first: u32 = ring.slices().iter().map(|slice| slice.first).sum();
        let extra: u32 = ring.slices().iter().map(|slice| slice.extra).sum();
        let allowed = f64::from(first) * self.0.ratio + f64::from(self.0.min);
        let granted = f64::from(extra) + 1.0 <= allowed;
        ring.at(now, drop).extra += u32::from(granted);
        granted
    }

    fn ring(&self) -> MutexGuard<'_, Ring<Slice>> {
        self.0.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn budget(min: u32) -> Budget {
        Budget::new(&RetryConfig {
            budget_min: min,
            ..RetryConfig::default()
        })
    }

    #[test]
    fn at_most_a_fifth_more_calls_and_a_few_for_a_quiet_service() {
        let budget = budget(3);
        let now = Duration::from_secs(5);
        assert_eq!((0..10).filter(|_| budget.withdraw(now)).count(), 3);
        (0..100).for_each(|_| budget.deposit(now));
        assert_eq!((0..100).filter(|_| budget.withdraw(now)).count(), 20);
        // Past the window, and not where its slices were counted.
        let later = now + Duration::from_secs(13);
        assert_eq!(
            (0..10).filter(|_| budget.withdraw(later)).count(),
            3,
            "the window has moved on"
        );
    }

    proptest! {
        /// In no order of calls do the extra calls of one window exceed the promise.
        #[test]
        fn the_promise_holds_in_any_order(steps in proptest::collection::vec((0u64..500, any::<bool>()), 1..400)) {
            let budget = budget(3);
            let (mut now, mut first, mut extra) = (Duration::ZERO, 0u32, 0u32);
            for (gap_ms, retry) in steps {
                // Stay within one window, so that plain totals are the truth.
                now = (now + Duration::from_millis(gap_ms)).min(Duration::from_millis(9_900));
                if retry {
                    extra += u32::from(budget.withdraw(now));
                } else {
                    budget.deposit(now);
                    first += 1;
                }
                prop_assert!(f64::from(extra) <= f64::from(first) * 0.2 + 3.0);
            }
        }
    }
}
