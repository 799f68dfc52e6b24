//! Whether the shared backend is there: the connection while it is good, and since when and why it is not.
//!
//! An error takes it down at once, late answers only after [`LATE_IN_A_ROW`] of them: one hiccup makes everybody late who waits just then,
//! and must not send a busy service back and forth.

use std::time::Duration;

use jiff::Timestamp;

/// Late answers, each asked for after the one before was given up, until the backend counts as slow.
pub(super) const LATE_IN_A_ROW: u32 = 3;

/// Whether limits are shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackendState {
    /// No Redis is configured: each replica counts for itself.
    Off,
    /// Redis answers in time.
    Up,
    /// Redis is away or slow: each replica admits its share.
    Down,
}

/// How the shared limits are, for `ready`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackendStatus {
    /// Whether limits are shared.
    pub state: BackendState,
    /// How long Redis took to answer last; `None` before its first answer.
    pub latency: Option<Duration>,
    /// Since when the state is what it is.
    pub since: Timestamp,
    /// Why it is down: `slow`, `unreachable` or `refused`.
    pub cause: Option<&'static str>,
}

/// See the module. `C` is the connection.
#[derive(Debug)]
pub(super) struct Link<C> {
    connection: Option<C>,
    /// Counts changes, so that a late failure of an old connection does not take a new one down.
    generation: u64,
    since: Timestamp,
    cause: Option<&'static str>,
    late: u32,
    /// When the last late answer was given up, in the clock's elapsed time.
    late_at: Duration,
}

impl<C: Clone> Link<C> {
    /// Not there yet.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            connection: None,
            generation: 0,
            since: now,
            cause: None,
            late: 0,
            late_at: Duration::ZERO,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.connection.is_some()
    }

    /// The connection, with the generation to name when it fails.
    pub(super) fn connection(&self) -> Option<(C, u64)> {
        self.connection
            .clone()
            .map(|connection| (connection, self.generation))
    }

    pub(super) fn goes_up(&mut self, connection: C, now: Timestamp) {
        self.connection = Some(connection);
        self.change(None, now);
    }

    /// This generation is no use; false when that is known already.
    pub(super) fn goes_down(&mut self, generation: u64, cause: &'static str, now: Timestamp) -> bool {
        if generation != self.generation {
            return false;
        }
        self.connection = None;
        self.change(Some(cause), now);
        true
    }

    fn change(&mut self, cause: Option<&'static str>, now: Timestamp) {
        self.generation += 1;
        self.since = now;
        self.cause = cause;
        self.late = 0;
    }

    /// Something asked at `asked` was given up at `now`; `answered` is when there was an answer last. True when that was once too often.
    pub(super) fn is_too_late(
        &mut self,
        generation: u64,
        asked: Duration,
        answered: Duration,
        now: Duration,
    ) -> bool {
        if generation != self.generation {
            return false;
        }
        if answered > self.late_at {
            self.late = 0;
        }
        // Whoever asked before the last one was given up waited for the same hiccup.
        if self.late == 0 || asked >= self.late_at {
            self.late += 1;
            self.late_at = now;
        }
        self.late >= LATE_IN_A_ROW
    }

    /// How it is; `latency` is what the last answer took.
    pub(super) fn status(&self, latency: Option<Duration>) -> BackendStatus {
        BackendStatus {
            state: match self.is_up() {
                true => BackendState::Up,
                false => BackendState::Down,
            },
            latency,
            since: self.since,
            cause: self.cause,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn up() -> (Link<()>, u64) {
        let mut link = Link::new(NOW);
        link.goes_up((), NOW);
        let ((), generation) = link.connection().unwrap();
        (link, generation)
    }

    #[test]
    fn an_old_connections_failure_does_not_take_a_new_one_down() {
        let (mut link, old) = up();
        assert!(link.goes_down(old, "unreachable", NOW));
        assert!(!link.goes_down(old, "unreachable", NOW), "told once");
        link.goes_up((), NOW);
        assert!(!link.goes_down(old, "unreachable", NOW));
        assert!(!link.is_too_late(old, ms(1), ms(0), ms(21)));
        assert!(link.is_up());
    }

    #[test]
    fn three_late_answers_in_a_row_are_too_many_and_those_of_one_hiccup_are_one() {
        let (mut link, now) = up();
        for asked in [0, 5, 10, 19] {
            assert!(
                !link.is_too_late(now, ms(asked), ms(0), ms(asked + 20)),
                "{asked}"
            );
        }
        assert!(!link.is_too_late(now, ms(20), ms(0), ms(40)));
        assert!(link.is_too_late(now, ms(40), ms(0), ms(60)));
        let (mut link, now) = up();
        for asked in [100, 200, 300, 400] {
            let late = link.is_too_late(now, ms(asked), ms(asked - 1), ms(asked + 20));
            assert!(!late, "an answer in between: {asked}");
        }
    }
}
