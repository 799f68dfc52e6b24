//! The breaker's memory: how many of the recent calls failed or were slow.
//!
//! By time: a [`Ring`], each of whose slices holds its counts. By count: a queue of the last outcomes. Both keep running totals, so recording is
//! constant time, and memory never grows.

use std::collections::VecDeque;
use std::time::Duration;

use crate::config::llm::{BreakerConfig, Window};

use super::ring::Ring;

/// How one call ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) failed: bool,
    pub(super) slow: bool,
}

/// Totals over the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) calls: u32,
    pub(super) failed: u32,
    pub(super) slow: u32,
}

impl Counts {
    fn add(&mut self, outcome: Outcome) {
        self.calls += 1;
        self.failed += u32::from(outcome.failed);
        self.slow += u32::from(outcome.slow);
    }

    fn subtract(&mut self, other: Self) {
        // `other` was added before, part by part.
        self.calls -= other.calls;
        self.failed -= other.failed;
        self.slow -= other.slow;
    }
}

/// A sliding window over recent calls.
#[derive(Debug)]
pub(super) struct SlidingWindow {
    total: Counts,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Time(Ring<Counts>),
    Count {
        size: usize,
        outcomes: VecDeque<Outcome>,
    },
}

impl SlidingWindow {
    pub(super) fn new(config: &BreakerConfig) -> Self {
        let kept = match config.window {
            Window::Time => Kept::Time(Ring::over(Duration::from_secs(config.window_s))),
            Window::Count => Kept::Count {
                size: config.window_calls,
                outcomes: VecDeque::with_capacity(config.window_calls),
            },
        };
        Self {
            total: Counts::default(),
            kept,
        }
    }

    /// Adds an outcome and returns the totals, the new outcome included. `now` that goes backwards (two callers racing
    /// for the lock) counts into the newest slice.
    pub(super) fn record(&mut self, now: Duration, outcome: Outcome) -> Counts {
        let total = &mut self.total;
        match &mut self.kept {
            Kept::Time(ring) => ring.at(now, |gone| total.subtract(gone)).add(outcome),
            Kept::Count { size, outcomes } => {
                if outcomes.len() >= *size
                    && let Some(oldest) = outcomes.pop_front()
                {
                    let mut gone = Counts::default();
                    gone.add(oldest);
                    total.subtract(gone);
                }
                outcomes.push_back(outcome);
            }
        }
        total.add(outcome);
        *total
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.total = Counts::default();
        match &mut self.kept {
            Kept::Time(ring) => ring.clear(),
            Kept::Count { outcomes, .. } => outcomes.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FAILED: Outcome = Outcome {
        failed: true,
        slow: false,
    };

    #[test]
    fn a_time_window_forgets_what_is_older_than_itself() {
        let mut window = SlidingWindow::new(&BreakerConfig::default());
        for s in 0..60 {
            window.record(Duration::from_secs(s), FAILED);
        }
        assert_eq!(
            window.record(Duration::from_secs(59), FAILED),
            Counts {
                calls: 61,
                failed: 61,
                slow: 0
            }
        );
        assert_eq!(
            window.record(Duration::from_secs(60), FAILED).calls,
            56,
            "the first slice of six is gone"
        );
        assert_eq!(window.record(Duration::from_secs(3600), FAILED).calls, 1);
    }

    proptest! {
        /// The totals equal a recount over the outcomes that the window's definition keeps.
        #[test]
        fn totals_match_a_naive_recount(
            calls in proptest::collection::vec((0u64..20_000, any::<bool>(), any::<bool>()), 1..150),
            by_count in any::<bool>(),
        ) {
            let config = BreakerConfig {
                window: if by_count { Window::Count } else { Window::Time },
                window_calls: 20,
                ..BreakerConfig::default()
            };
            let mut window = SlidingWindow::new(&config);
            let (mut now, mut log) = (Duration::ZERO, Vec::new());
            for (gap_ms, failed, slow) in calls {
                now += Duration::from_millis(gap_ms);
                let outcome = Outcome { failed, slow };
                log.push((now.as_secs() / 6, outcome));
                let kept: Vec<_> = if by_count {
                    log.iter().rev().take(20).collect()
                } else {
                    log.iter().filter(|(slice, _)| slice + 10 > now.as_secs() / 6).collect()
                };
                let mut expected = Counts::default();
                kept.iter().for_each(|(_, outcome)| expected.add(*outcome));
                prop_assert_eq!(window.record(now, outcome), expected);
            }
        }
    }
}
