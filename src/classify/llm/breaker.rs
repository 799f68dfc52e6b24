//! The circuit breaker's state machine: stops asking a service that does not answer, and finds out when it does again.
//!
//! ```text
//! Closed   -> Open      failures in a row, or the failure or slow rate over the window, or a dead service (401, quota)
//! Open     -> HalfOpen  when the open time has passed and somebody asks
//! HalfOpen -> Closed    after enough good probes
//! HalfOpen -> Open      at one bad probe, or when a probe has not come back within the longest half-open time
//! ```
//!
//! Promises: a [`Permit`] that is dropped without a result gives its place back, so cancelled probes cannot wedge the
//! breaker; a result that belongs to an earlier state (its generation number tells) is ignored; every decision is one
//! short critical section without I/O. Time is handed in, so the machine is a pure function of its inputs. The terms
//! are those of resilience4j; the layer around it is `gate.rs`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::breaker_state::BreakerState;
use crate::config::llm::{BreakerConfig, Forced};

use super::window::{Counts, Outcome, SlidingWindow};

/// What the breaker is doing, for readiness and dashboards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerSnapshot {
    /// The state now.
    pub state: BreakerState,
    /// When it took this state, as time since the clock was made.
    pub since: Duration,
    /// Why it last opened; empty if it never did.
    pub cause: &'static str,
}

/// Told of every change of state.
pub(super) type OnChange = Box<dyn Fn(BreakerState, BreakerState, &'static str) + Send + Sync>;

/// How a permitted call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    /// The service works.
    Good,
    /// The service failed; the cause names how.
    Bad(&'static str),
    /// The service cannot work until somebody acts; the cause names why.
    Dead(&'static str),
}

/// The breaker. Clones share it.
#[derive(Clone)]
pub(super) struct Breaker(Arc<Shared>);

struct Shared {
    config: BreakerConfig,
    machine: Mutex<Machine>,
    on_change: OnChange,
}

struct Machine {
    state: BreakerState,
    since: Duration,
    cause: &'static str,
    /// Grows with every change of state; permits of another generation no longer count.
    generation: u64,
    window: SlidingWindow,
    consecutive: u32,
    /// HalfOpen only: when each probe that is under way left, and good ones so far.
    probes: Vec<Duration>,
    successes: u32,
}

impl Breaker {
    pub(super) fn new(config: &BreakerConfig, on_change: OnChange) -> Self {
        let state = match config.forced {
            Some(Forced::Open) => BreakerState::Open,
            _ => BreakerState::Closed,
        };
        Self(Arc::new(Shared {
            machine: Mutex::new(Machine {
                state,
                since: Duration::ZERO,
                cause: if config.forced.is_some() { "forced" } else { "" },
                generation: 0,
                window: SlidingWindow::new(config),
                consecutive: 0,
                probes: Vec::new(),
                successes: 0,
            }),
            config: config.clone(),
            on_change,
        }))
    }

    /// Asks to make a call.
    ///
    /// # Errors
    /// How long until it is worth asking again.
    pub(super) fn acquire(&self, now: Duration) -> Result<Permit, Duration> {
        let config = &self.0.config;
        match config.forced {
            Some(Forced::Open) => return Err(Duration::from_secs(config.open_s.max(1))),
            Some(Forced::Closed) => return Ok(self.permit(0, now)),
            None => {}
        }
        let open_for = Duration::from_secs(config.open_s);
        let longest_probe = Duration::from_secs(config.half_open_max_s);
        let mut machine = self.machine();
        let from = machine.state;
        if machine.state == BreakerState::Open && now.saturating_sub(machine.since) >= open_for {
            // Open -> HalfOpen: the open time has passed and somebody asks.
            machine.enter(BreakerState::HalfOpen, now);
        }
        if machine.state == BreakerState::HalfOpen {
            let oldest = machine.probes.iter().min();
            if oldest.is_some_and(|left| now.saturating_sub(*left) > longest_probe) {
                // HalfOpen -> Open: a probe that stays away this long has found nothing good.
                machine.enter(BreakerState::Open, now);
                machine.cause = "probe_lost";
            } else if machine.probes.len() < config.half_open_permits as usize {
                machine.probes.push(now);
            } else {
                // As many probes as may be are out; the next is due when one comes back.
                return Err(Duration::from_secs(1));
            }
        }
        let (to, generation, cause) = (machine.state, machine.generation, machine.cause);
        let left = open_for.saturating_sub(now.saturating_sub(machine.since));
        drop(machine);
        self.announce(
            from,
            to,
            if to == BreakerState::HalfOpen {
                "probing"
            } else {
                cause
            },
        );
        match to {
            BreakerState::Open => Err(left),
            BreakerState::Closed | BreakerState::HalfOpen => Ok(self.permit(generation, now)),
        }
    }

    /// The state now. An open breaker whose time has passed is still open until somebody asks.
    pub(super) fn snapshot(&self) -> BreakerSnapshot {
        let machine = self.machine();
        BreakerSnapshot {
            state: machine.state,
            since: machine.since,
            cause: machine.cause,
        }
    }

    fn permit(&self, generation: u64, started: Duration) -> Permit {
        Permit {
            breaker: self.clone(),
            generation,
            started,
            open: true,
        }
    }

    fn report(&self, permit: &Permit, report: Report, now: Duration) {
        let config = &self.0.config;
        if config.forced.is_some() {
            return;
        }
        let mut machine = self.machine();
        if machine.generation != permit.generation {
            return; // a late result of an earlier state
        }
        let from = machine.state;
        let verdict = match from {
            BreakerState::HalfOpen => {
                machine.is_back(permit);
                machine.probed(report, config)
            }
            BreakerState::Closed => {
                let slow = now.saturating_sub(permit.started) >= Duration::from_millis(config.slow_call_ms);
                machine.count(report, slow, now, config)
            }
            // No permit of this generation can exist.
            BreakerState::Open => None,
        };
        if let Some((to, cause)) = verdict {
            machine.enter(to, now);
            if to == BreakerState::Open {
                machine.cause = cause;
            }
            drop(machine);
            self.announce(from, to, cause);
        }
    }

    fn give_back(&self, permit: &Permit) {
        let mut machine = self.machine();
        if machine.generation == permit.generation && machine.state == BreakerState::HalfOpen {
            machine.is_back(permit);
        }
    }

    fn announce(&self, from: BreakerState, to: BreakerState, cause: &'static str) {
        if from != to {
            (self.0.on_change)(from, to, cause);
        }
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.0.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Machine {
    fn enter(&mut self, state: BreakerState, now: Duration) {
        self.state = state;
        self.since = now;
        self.generation += 1;
        self.window.clear();
        self.consecutive = 0;
        self.probes.clear();
        self.successes = 0;
    }

    /// The probe, one of this half-open time, is no longer under way.
    fn is_back(&mut self, probe: &Permit) {
        // Of several that left together, it does not matter which.
        if let Some(at) = self.probes.iter().position(|left| *left == probe.started) {
            self.probes.swap_remove(at);
        }
    }

    fn probed(&mut self, report: Report, config: &BreakerConfig) -> Option<(BreakerState, &'static str)> {
        match report {
            Report::Good => {
                self.successes += 1;
                (self.successes >= config.half_open_successes).then_some((BreakerState::Closed, "recovered"))
            }
            Report::Bad(cause) | Report::Dead(cause) => Some((BreakerState::Open, cause)),
        }
    }

    fn count(
        &mut self,
        report: Report,
        slow: bool,
        now: Duration,
        config: &BreakerConfig,
    ) -> Option<(BreakerState, &'static str)> {
        let failed = report != Report::Good;
        self.consecutive = if failed { self.consecutive + 1 } else { 0 };
        let counts = self.window.record(now, Outcome { failed, slow });
        match report {
            Report::Dead(cause) => Some((BreakerState::Open, cause)),
            Report::Bad(cause)
                if config.consecutive_failures > 0 && self.consecutive >= config.consecutive_failures =>
            {
                Some((BreakerState::Open, cause))
            }
            _ => over_a_rate(counts, config).map(|cause| (BreakerState::Open, cause)),
        }
    }
}

fn over_a_rate(counts: Counts, config: &BreakerConfig) -> Option<&'static str> {
    if counts.calls < config.min_calls {
        return None;
    }
    let share = |part: u32| f64::from(part) / f64::from(counts.calls);
    if share(counts.failed) >= config.failure_rate {
        Some("failure_rate")
    } else if share(counts.slow) >= config.slow_rate {
        Some("slow_rate")
    } else {
        None
    }
}

/// Leave to make one call. Dropped without a report (the caller went away), it gives its place back.
pub(super) struct Permit {
    breaker: Breaker,
    generation: u64,
    started: Duration,
    open: bool,
}

impl Permit {
    /// Says how the call ended.
    pub(super) fn report(mut self, report: Report, now: Duration) {
        self.open = false;
        let breaker = self.breaker.clone();
        breaker.report(&self, report, now);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.open {
            self.breaker.give_back(self);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::llm::Window;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn breaker(config: &BreakerConfig) -> Breaker {
        Breaker::new(config, Box::new(|_, _, _| {}))
    }

    fn secs(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    fn run(breaker: &Breaker, report: Report, at: Duration) {
        breaker.acquire(at).ok().unwrap().report(report, at);
    }

    fn opened(config: &BreakerConfig) -> Breaker {
        let breaker = breaker(config);
        run(&breaker, Report::Dead("auth"), Duration::ZERO);
        assert_eq!(breaker.snapshot().state, BreakerState::Open);
        breaker
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_a_success_between_starts_the_count_again() {
        let breaker = breaker(&BreakerConfig::default());
        for _ in 0..4 {
            run(&breaker, Report::Bad("server_error"), secs(1));
        }
        run(&breaker, Report::Good, secs(1));
        for _ in 0..4 {
            run(&breaker, Report::Bad("server_error"), secs(1));
        }
        assert_eq!(breaker.snapshot().state, BreakerState::Closed);
        run(&breaker, Report::Bad("timeout"), secs(2));
        let snapshot = breaker.snapshot();
        assert_eq!((snapshot.state, snapshot.cause), (BreakerState::Open, "timeout"));
        assert_eq!(
            breaker.acquire(secs(2)).err(),
            Some(secs(30)),
            "says when to ask again"
        );
    }

    #[test]
    fn failures_open_it_quickly_even_after_ten_thousand_successes() {
        for window in [Window::Time, Window::Count] {
            let breaker = breaker(&BreakerConfig {
                window,
                consecutive_failures: 0,
                ..BreakerConfig::default()
            });
            for _ in 0..10_000 {
                run(&breaker, Report::Good, secs(1));
            }
            // A minute later the successes have left the time window; the count window holds 100 calls.
            let mut failures = 0;
            while breaker.snapshot().state == BreakerState::Closed {
                run(&breaker, Report::Bad("server_error"), secs(120));
                failures += 1;
            }
            assert!(failures <= 50, "{window:?} took {failures}");
        }
    }

    #[test]
    fn slow_calls_open_it_by_rate() {
        let breaker = breaker(&BreakerConfig::default());
        for _ in 0..20 {
            let permit = breaker.acquire(secs(1)).ok().unwrap();
            permit.report(Report::Good, secs(4));
        }
        assert_eq!(
            (breaker.snapshot().state, breaker.snapshot().cause),
            (BreakerState::Open, "slow_rate")
        );
    }

    #[test]
    fn twenty_cancelled_probes_then_a_healthy_service_closes_it() {
        let breaker = opened(&BreakerConfig::default());
        for _ in 0..20 {
            let probe = breaker.acquire(secs(31)).ok().unwrap();
            drop(probe);
        }
        assert_eq!(breaker.snapshot().state, BreakerState::HalfOpen);
        run(&breaker, Report::Good, secs(31));
        run(&breaker, Report::Good, secs(31));
        assert_eq!(breaker.snapshot().state, BreakerState::Closed);
    }

    #[test]
    fn half_open_lets_three_probes_through_and_one_bad_one_opens_it_again() {
        let breaker = opened(&BreakerConfig::default());
        let probes: Vec<_> = (0..3).map(|_| breaker.acquire(secs(30)).ok().unwrap()).collect();
        assert!(breaker.acquire(secs(30)).is_err());
        let mut probes = probes.into_iter();
        probes.next().unwrap().report(Report::Bad("timeout"), secs(33));
        assert_eq!(breaker.snapshot().state, BreakerState::Open);
        // The late good ones belong to the half-open time that is over.
        for late in probes {
            late.report(Report::Good, secs(34));
        }
        assert_eq!(breaker.snapshot().state, BreakerState::Open);
        assert!(breaker.acquire(secs(62)).is_err());
        assert!(breaker.acquire(secs(63)).is_ok());
    }

    #[test]
    fn a_result_from_before_it_opened_does_not_close_it() {
        let breaker = breaker(&BreakerConfig::default());
        let slow = breaker.acquire(secs(0)).ok().unwrap();
        let slower = breaker.acquire(secs(0)).ok().unwrap();
        run(&breaker, Report::Dead("quota"), secs(1));
        let _probe = breaker.acquire(secs(31)).ok().unwrap();
        slow.report(Report::Good, secs(32));
        slower.report(Report::Good, secs(32));
        assert_eq!(breaker.snapshot().state, BreakerState::HalfOpen);
    }

    #[test]
    fn a_probe_that_stays_away_too_long_opens_it_again() {
        let breaker = opened(&BreakerConfig::default());
        let lost = breaker.acquire(secs(30)).ok().unwrap();
        assert!(breaker.acquire(secs(90)).is_ok());
        assert!(breaker.acquire(secs(91)).is_err());
        assert_eq!(breaker.snapshot().cause, "probe_lost");
        drop(lost);
        run(&breaker, Report::Good, secs(121));
        run(&breaker, Report::Good, secs(121));
        assert_eq!(breaker.snapshot().state, BreakerState::Closed);
    }

    #[test]
    fn probes_that_say_nothing_and_overlap_are_not_one_that_stays_away() {
        let breaker = opened(&BreakerConfig::default());
        let mut out = vec![breaker.acquire(secs(30)).ok().unwrap()];
        // Each leaves before the one before it is back, which ended without a word on the service.
        for s in (40..=200).step_by(10) {
            out.extend(breaker.acquire(secs(s)).ok());
            drop(out.remove(0));
        }
        assert_eq!(breaker.snapshot().state, BreakerState::HalfOpen);
        assert!(breaker.acquire(secs(261)).is_err(), "the last one is");
        assert_eq!(breaker.snapshot().cause, "probe_lost");
    }

    #[test]
    fn forced_states_stay() {
        let open = breaker(&BreakerConfig {
            forced: Some(Forced::Open),
            ..BreakerConfig::default()
        });
        assert!(open.acquire(secs(1000)).is_err());
        let closed = breaker(&BreakerConfig {
            forced: Some(Forced::Closed),
            ..BreakerConfig::default()
        });
        for _ in 0..100 {
            run(&closed, Report::Dead("auth"), secs(1));
        }
        assert_eq!(closed.snapshot().state, BreakerState::Closed);
    }

    #[test]
    fn every_change_is_announced_once() {
        let seen = Arc::new(AtomicUsize::new(0));
        let counter = seen.clone();
        let breaker = Breaker::new(
            &BreakerConfig::default(),
            Box::new(move |_, _, _| {
                counter.fetch_add(1, Ordering::Relaxed);
            }),
        );
        run(&breaker, Report::Dead("auth"), secs(0));
        run(&breaker, Report::Good, secs(30));
        run(&breaker, Report::Good, secs(30));
        assert_eq!(
            seen.load(Ordering::Relaxed),
            3,
            "closed > open > half-open > closed"
        );
    }

    #[derive(Debug, Clone)]
    enum Step {
        Acquire,
        Good(usize),
        Bad(usize),
        Drop(usize),
        Wait(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Acquire),
            3 => any::<usize>().prop_map(Step::Good),
            3 => any::<usize>().prop_map(Step::Bad),
            2 => any::<usize>().prop_map(Step::Drop),
            2 => (1u64..40_000).prop_map(Step::Wait),
        ]
    }

    proptest! {
        /// Whatever happens in whatever order: half-open never has more probes out than permits, and once every permit
        /// is back and the service is healthy, it closes.
        #[test]
        fn it_never_wedges(steps in proptest::collection::vec(step(), 0..200), by_count in any::<bool>()) {
            let window = if by_count { Window::Count } else { Window::Time };
            let config = BreakerConfig { window, min_calls: 3, ..BreakerConfig::default() };
            let breaker = breaker(&config);
            let (mut out, mut now) = (Vec::<Permit>::new(), Duration::ZERO);
            for step in steps {
                match step {
                    Step::Acquire => out.extend(breaker.acquire(now).ok()),
                    Step::Wait(ms) => now += Duration::from_millis(ms),
                    Step::Good(i) if !out.is_empty() => out.swap_remove(i % out.len()).report(Report::Good, now),
                    Step::Bad(i) if !out.is_empty() => out.swap_remove(i % out.len()).report(Report::Bad("x"), now),
                    Step::Drop(i) if !out.is_empty() => drop(out.swap_remove(i % out.len())),
                    _ => {}
                }
                let machine = breaker.machine();
                prop_assert!(machine.probes.len() <= config.half_open_permits as usize);
                let current = out.iter().filter(|permit| permit.generation == machine.generation).count();
                if machine.state == BreakerState::HalfOpen {
                    prop_assert_eq!(machine.probes.len(), current);
                }
                if machine.state == BreakerState::Open {
                    prop_assert_eq!(current, 0);
                }
            }
            out.clear();
            // Good calls may still open it once, by the rate of the bad ones before; then they close it.
            for _ in 0..4 {
                now += secs(config.open_s);
                let permit = breaker.acquire(now);
                prop_assert!(permit.is_ok());
                permit.ok().unwrap().report(Report::Good, now);
            }
            prop_assert_eq!(breaker.snapshot().state, BreakerState::Closed);
        }
    }
}
