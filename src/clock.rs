//! Time as a value: what the service asks instead of the operating system.
//!
//! `Clock::system()` is real time. `Clock::manual(start)` stands still until its [`ManualClock`] moves it, for wall
//! time, for elapsed time and for every sleeper alike, so a test steps through timeouts, retries and due times
//! without waiting. Nothing here fails.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, watch};

/// A source of wall time, elapsed time and sleep. Cheap to clone; clones share the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { started: tokio::time::Instant },
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    start: Timestamp,
    elapsed: watch::Sender<Duration>,
    /// Wake-up times of the sleepers, in elapsed time; kept so that a test can wait for a sleeper to exist.
    sleepers: Mutex<Vec<Duration>>,
    changed: Notify,
}

/// A bounded wait ran out before the future was ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("timed out")]
pub struct TimedOut;

impl Clock {
    /// Real time.
    #[expect(clippy::disallowed_methods, reason = "this is the one owner of ambient time")]
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System {
            started: tokio::time::Instant::now(),
        })
    }

    /// Time that stands still at `start` until the returned handle moves it.
    #[must_use]
    pub fn manual(start: Timestamp) -> (Self, ManualClock) {
        let manual = Arc::new(Manual {
            start,
            elapsed: watch::Sender::new(Duration::ZERO),
            sleepers: Mutex::default(),
            changed: Notify::new(),
        });
        (Self(Source::Manual(manual.clone())), ManualClock(manual))
    }

    /// Wall time, UTC.
    #[expect(clippy::disallowed_methods, reason = "this is the one owner of ambient time")]
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System { .. } => Timestamp::now(),
            Source::Manual(manual) => manual.start + *manual.elapsed.borrow(),
        }
    }

    /// Time since this clock was made; never goes backwards.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Source::System { started } => started.elapsed(),
            Source::Manual(manual) => *manual.elapsed.borrow(),
        }
    }

    /// Resolves once `duration` has passed. Dropping the future is the way to stop waiting.
    #[expect(clippy::disallowed_methods, reason = "this is the one owner of ambient time")]
    pub async fn sleep(&self, duration: Duration) {
        match &self.0 {
            Source::System { .. } => tokio::time::sleep(duration).await,
            Source::Manual(manual) => {
                let mut elapsed = manual.elapsed.subscribe();
                let wake_at = *elapsed.borrow() + duration;
                let _registered = Sleeper::register(manual, wake_at);
                // The sender lives in `manual`, which this future holds: the channel cannot close.
                let _ = elapsed.wait_for(|now| *now >= wake_at).await;
            }
        }
    }

    /// `future`'s output, if it is ready before `limit` has passed. The future is polled first, so an
    /// answer that is already there wins over a limit of zero.
    ///
    /// # Errors
    /// [`TimedOut`] when the limit passes first; `future` is dropped then.
    #[expect(clippy::disallowed_methods, reason = "this is the one owner of ambient time")]
    pub async fn timeout<F: Future>(&self, limit: Duration, future: F) -> Result<F::Output, TimedOut> {
        match &self.0 {
            Source::System { .. } => tokio::time::timeout(limit, future).await.map_err(|_| TimedOut),
            Source::Manual(_) => {
                tokio::select! {
                    biased;
                    output = future => Ok(output),
                    () = self.sleep(limit) => Err(TimedOut),
                }
            }
        }
    }
}

impl Manual {
    fn sleepers(&self) -> MutexGuard<'_, Vec<Duration>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sleeper's entry in the register; leaves it when dropped.
struct Sleeper<'a> {
    manual: &'a Manual,
    wake_at: Duration,
}

impl<'a> Sleeper<'a> {
    fn register(manual: &'a Manual, wake_at: Duration) -> Self {
        manual.sleepers().push(wake_at);
        manual.changed.notify_waiters();
        Self { manual, wake_at }
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        let mut sleepers = self.manual.sleepers();
        if let Some(at) = sleepers.iter().position(|wake_at| *wake_at == self.wake_at) {
            sleepers.swap_remove(at);
        }
        drop(sleepers);
        self.manual.changed.notify_waiters();
    }
}

/// Moves a manual [`Clock`].
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Manual>);

impl ManualClock {
    /// Moves time forward and wakes whoever is due.
    pub fn advance(&self, by: Duration) {
        self.0.elapsed.send_modify(|elapsed| *elapsed += by);
    }

    /// Waits until somebody sleeps who will be due within `by`, then advances by it: the way to let a timeout strike
    /// exactly when the code under test has reached it. Awaits only that state, never real time.
    pub async fn advance_once_awaited(&self, by: Duration) {
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let now = *self.0.elapsed.borrow();
            // Who is due already has been woken and only waits to be polled: moving on for them would be running away.
            let due = |wake_at: &Duration| *wake_at > now && *wake_at <= now + by;
            if self.0.sleepers().iter().any(due) {
                break;
            }
            changed.await;
        }
        self.advance(by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_sleeper_wakes_exactly_when_time_is_moved_past_it() {
        let (clock, hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        let nap = clock.sleep(Duration::from_secs(10));
        tokio::pin!(nap);
        assert!(futures_util::poll!(nap.as_mut()).is_pending());
        hand.advance(Duration::from_secs(9));
        assert!(futures_util::poll!(nap.as_mut()).is_pending());
        hand.advance_once_awaited(Duration::from_secs(1)).await;
        nap.await;
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH + Duration::from_secs(10));
    }

    #[tokio::test]
    async fn a_timeout_prefers_an_answer_that_is_already_there() {
        let (clock, _hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.timeout(Duration::ZERO, async { 7 }).await, Ok(7));
        let (clock, hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        let wait = clock.timeout(Duration::from_secs(1), std::future::pending::<()>());
        let (outcome, ()) = tokio::join!(wait, hand.advance_once_awaited(Duration::from_secs(1)));
        assert_eq!(outcome, Err(TimedOut));
    }
}
