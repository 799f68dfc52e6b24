//! The life of the process: tasks that somebody waits for, signals, and an end with a bounded grace.
//!
//! Every background task is spawned through [`Tasks`], so that shutdown can tell each to stop and wait for all of them.
//! Two stages: *draining* (ready says 503, requests are still taken) and *stopping* (listeners close, workers finish what
//! they hold). A second signal skips the waiting.

use std::future::Future;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;

/// The tasks of the process and the two tokens that end them. Cheap to clone; clones are the same tasks.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    draining: CancellationToken,
    stopping: CancellationToken,
}

impl Tasks {
    /// Runs `task` in the background; [`Tasks::finish`] waits for it.
    #[expect(clippy::disallowed_methods, reason = "this is the one owner of tasks")]
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(self.tracker.track_future(task));
    }

    /// Cancelled when no new work should be sent here; requests are still served.
    #[must_use]
    pub fn draining(&self) -> &CancellationToken {
        &self.draining
    }

    /// Cancelled when tasks should finish what they hold and end.
    #[must_use]
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Tells every task to stop and waits for them, at most `grace`. True when all of them ended in time.
    pub async fn finish(&self, clock: &Clock, grace: Duration) -> bool {
        self.draining.cancel();
        self.stopping.cancel();
        self.tracker.close();
        clock.timeout(grace, self.tracker.wait()).await.is_ok()
    }
}

/// What asked the process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// SIGTERM: an orchestrator; a load balancer needs time to notice.
    Terminate,
    /// SIGINT: somebody at the keyboard.
    Interrupt,
}

/// SIGTERM and SIGINT. From their installation on they end the process no more: whoever holds this has to.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the operating system refuses to install a handler.
    pub fn install() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Resolves at the next of them since the installation or the last call.
    pub async fn next(&mut self) -> Stop {
        tokio::select! {
            _ = self.terminate.recv() => Stop::Terminate,
            _ = self.interrupt.recv() => Stop::Interrupt,
        }
    }
}

/// SIGHUP, which asks the process to read again what it can without a restart. From its installation on the signal ends the
/// process no more.
#[derive(Debug)]
pub struct Hangups(Signal);

impl Hangups {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the operating system refuses to install a handler.
    pub fn install() -> std::io::Result<Self> {
        signal(SignalKind::hangup()).map(Self)
    }

    /// Resolves at the next SIGHUP.
    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending().await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finishing_waits_for_tasks_but_not_longer_than_the_grace() {
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let tasks = Tasks::default();
        let stopping = tasks.stopping().clone();
        tasks.spawn(async move { stopping.cancelled().await });
        assert!(tasks.finish(&clock, Duration::from_secs(1)).await);

        let tasks = Tasks::default();
        tasks.spawn(std::future::pending());
        let (ended, ()) = tokio::join!(
            tasks.finish(&clock, Duration::from_secs(1)),
            hand.advance_once_awaited(Duration::from_secs(1))
        );
        assert!(!ended);
    }
}
