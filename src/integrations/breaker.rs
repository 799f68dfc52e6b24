//! An outside system's breaker: after some failures in a row it is left alone for a while, then one call probes it.
//!
//! Simpler than the LLM's on purpose: what counts is only that a dead system is not called for every job or question, and that jobs do not
//! use their tries up on it. Every replica judges for itself. A delivery worker owns its breaker and asks for [`Breaker::permits`];
//! callers that share one ask it to [`Breaker::admit`] each call.

use std::time::Duration;

use crate::breaker_state::BreakerState;

/// A system that asks for more time than this is probed meanwhile: one wrong header must not hold back a day's records.
const LONGEST_REST: Duration = Duration::from_secs(10 * 60);

/// Counts failures in a row.
#[derive(Debug)]
pub(crate) struct Breaker {
    threshold: u32,
    open_for: Duration,
    failures: u32,
    /// When, on the clock, it begins to probe; `None`: closed.
    probe_at: Option<Duration>,
}

impl Breaker {
    pub(crate) fn new(threshold: u32, open_for: Duration) -> Self {
        Self {
            threshold,
            open_for,
            failures: 0,
            probe_at: None,
        }
    }

    pub(crate) fn state(&self, now: Duration) -> BreakerState {
        match self.probe_at {
            None => BreakerState::Closed,
            Some(at) if now < at => BreakerState::Open,
            Some(_) => BreakerState::HalfOpen,
        }
    }

    /// How many calls may run at once.
    pub(crate) fn permits(&self, now: Duration, all: u32) -> u32 {
        match self.state(now) {
            BreakerState::Closed => all,
            BreakerState::Open => 0,
            BreakerState::HalfOpen => 1,
        }
    }

    /// Whether one more call may begin. Of those that ask while it is half-open one passes, and the next only after another wait: a probe
    /// whose caller went away is not waited for.
    pub(crate) fn admit(&mut self, now: Duration) -> bool {
        match self.state(now) {
            BreakerState::Closed => true,
            BreakerState::Open => false,
            BreakerState::HalfOpen => {
                self.probe_at = Some(now + self.open_for);
                true
            }
        }
    }

    /// Any state -> Closed: the system answers.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
        self.probe_at = None;
    }

    /// Closed -> Open at the threshold, or at once if the system asked to be left alone (`retry_after`: for so long, at most
    /// [`LONGEST_REST`]); HalfOpen -> Open at once.
    pub(crate) fn failed(&mut self, now: Duration, retry_after: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= self.threshold || self.state(now) == BreakerState::HalfOpen {
            self.trip(now);
        }
        if let Some(wait) = retry_after {
            self.rest(now, wait.min(LONGEST_REST));
        }
    }

    /// Any state -> Open.
    pub(crate) fn trip(&mut self, now: Duration) {
        self.failures = self.failures.max(self.threshold);
        self.rest(now, self.open_for);
    }

    /// One that is left alone for longer already stays so.
    fn rest(&mut self, now: Duration, wait: Duration) {
        self.probe_at = self.probe_at.max(Some(now + wait));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_after_one_probe() {
        let second = Duration::from_secs;
        let mut breaker = Breaker::new(3, second(10));
        breaker.failed(second(0), None);
        breaker.failed(second(0), None);
        breaker.succeeded();
        breaker.failed(second(0), None);
        breaker.failed(second(0), None);
        assert_eq!(breaker.permits(second(0), 4), 4);
        breaker.failed(second(1), None);
        assert_eq!(
            (breaker.state(second(1)), breaker.permits(second(10), 4)),
            (BreakerState::Open, 0)
        );
        assert_eq!(
            (breaker.state(second(11)), breaker.permits(second(11), 4)),
            (BreakerState::HalfOpen, 1)
        );
        breaker.failed(second(11), None);
        assert_eq!(breaker.state(second(20)), BreakerState::Open);
        breaker.succeeded();
        assert_eq!(breaker.state(second(20)), BreakerState::Closed);
    }

    #[test]
    fn one_bad_probe_opens_it_again_however_it_was_opened() {
        let second = Duration::from_secs;
        let mut breaker = Breaker::new(3, second(10));
        // One failure of three, whose answer asked for a rest.
        breaker.failed(second(0), Some(second(60)));
        assert_eq!(breaker.state(second(60)), BreakerState::HalfOpen);
        breaker.failed(second(60), None);
        assert_eq!(
            [69, 70].map(|at| breaker.state(second(at))),
            [BreakerState::Open, BreakerState::HalfOpen]
        );
    }

    #[test]
    fn it_rests_as_long_as_it_was_asked_to() {
        let second = Duration::from_secs;
        let mut breaker = Breaker::new(3, second(10));
        breaker.failed(second(0), Some(second(60)));
        breaker.failed(second(1), Some(second(5)));
        assert_eq!(
            [0, 59, 60].map(|at| breaker.permits(second(at), 4)),
            [0, 0, 1],
            "after a single failure, and the longer wait counts"
        );
        breaker.trip(second(1));
        assert_eq!(breaker.state(second(59)), BreakerState::Open);
        breaker.succeeded();
        assert_eq!(breaker.permits(second(60), 4), 4);
        breaker.failed(second(0), Some(second(86_400)));
        assert_eq!(breaker.permits(second(600), 4), 1);
    }

    #[test]
    fn of_many_callers_one_probes() {
        let second = Duration::from_secs;
        let mut breaker = Breaker::new(1, second(10));
        assert!(breaker.admit(second(0)));
        breaker.failed(second(0), None);
        assert!(!breaker.admit(second(9)));
        assert_eq!(
            [10, 10, 19, 20].map(|at| breaker.admit(second(at))),
            [true, false, false, true]
        );
        breaker.succeeded();
        assert!(breaker.admit(second(20)) && breaker.admit(second(20)));
    }
}
