//! How many connections are open, and which of them are closed for new ones.
//!
//! Each holds a file descriptor and memory, whoever opened it and whether or not it ever sends a request. There is no bound for one address:
//! behind a load balancer all have the same few. When as many as may be are open, those that have waited longest for a request make room
//! (as nginx does with `worker_connections`), so that a load balancer's question whether we are alive finds an answer beside any number
//! of clients that hold connections and say nothing. One that has a request in hand is never closed for another; while all have, new
//! ones wait.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use crate::clock::Clock;

/// A connection that waited for a request for less than this is in use: a client between two of its requests, or one whose answer is
/// under way.
const IDLE_FROM: Duration = Duration::from_secs(1);

/// One in this many of the open connections is closed at a time, so that not every newcomer has to look for one.
const CLOSED_AT_ONCE: usize = 16;

/// One in this many file descriptors is reserved for the process's own connections (LLM, database), ...
const KEPT_FREE: u64 = 4;
/// ... up to this many.
const KEPT_FREE_AT_MOST: u64 = 512;

/// Stands for "has a request in hand" in [`Seat::idle_from`].
const BUSY: u64 = u64::MAX;

/// The open connections of one listener.
#[derive(Debug)]
pub(super) struct Connections {
    seats: Vec<Weak<Seat>>,
    max: usize,
    left: Arc<Notify>,
    clock: Clock,
}

/// One connection's place among them, held as long as it is open.
#[derive(Debug)]
pub(super) struct Seat {
    /// Since when it has waited for a request, in milliseconds of the clock's elapsed time; or [`BUSY`].
    idle_from: AtomicU64,
    leave: Notify,
    left: Arc<Notify>,
    clock: Clock,
}

impl Connections {
    pub(super) fn new(max: usize, clock: Clock) -> Self {
        Self {
            seats: Vec::new(),
            max: max.min(descriptors()),
            left: Arc::default(),
            clock,
        }
    }

    /// A place for one more, where there is one.
    pub(super) fn seat(&mut self) -> Option<Arc<Seat>> {
        if self.seats.len() >= self.max {
            self.seats.retain(|seat| seat.strong_count() > 0);
        }
        if self.seats.len() >= self.max {
            return None;
        }
        let seat = Arc::new(Seat {
            idle_from: AtomicU64::new(milliseconds(self.clock.elapsed())),
            leave: Notify::new(),
            left: self.left.clone(),
            clock: self.clock.clone(),
        });
        self.seats.push(Arc::downgrade(&seat));
        Some(seat)
    }

    /// Has those close that have been idle for longest, which takes them a moment; false where none is.
    pub(super) fn make_room(&self) -> bool {
        let idle_from = |seat: &Arc<Seat>| seat.idle_from.load(Ordering::Relaxed);
        let latest = self.clock.elapsed().saturating_sub(IDLE_FROM);
        let mut idle: Vec<_> = self
            .seats
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|seat| idle_from(seat) <= milliseconds(latest))
            .collect();
        idle.sort_by_key(|seat| idle_from(seat));
        idle.truncate((self.max / CLOSED_AT_ONCE).max(1));
        for seat in &idle {
            seat.leave.notify_one();
        }
        !idle.is_empty()
    }

    /// Resolves when one has left, since the last call.
    pub(super) async fn one_left(&self) {
        self.left.notified().await;
    }
}

impl Seat {
    /// A request has come.
    pub(super) fn takes_up(&self) {
        self.idle_from.store(BUSY, Ordering::Relaxed);
    }

    /// It is answered.
    pub(super) fn rests(&self) {
        let now = milliseconds(self.clock.elapsed());
        self.idle_from.store(now, Ordering::Relaxed);
    }

    /// Resolves when the connection has to make room, and has no request in hand.
    pub(super) async fn is_wanted(&self) {
        loop {
            self.leave.notified().await;
            // A request may have arrived that the runtime does not know of yet: it asks the system before this goes on.
            tokio::task::yield_now().await;
            if self.idle_from.load(Ordering::Relaxed) != BUSY {
                return;
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.left.notify_one();
    }
}

fn milliseconds(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(BUSY - 1)
}

/// The most connections for which there are file descriptors.
#[cfg(target_os = "linux")]
fn descriptors() -> usize {
    use procfs::process::{LimitValue, Process};
    let limits = Process::myself().and_then(|process| process.limits());
    match limits.map(|limits| limits.max_open_files.soft_limit) {
        Ok(LimitValue::Value(all)) => {
            let free = (all / KEPT_FREE).min(KEPT_FREE_AT_MOST);
            usize::try_from(all - free).unwrap_or(usize::MAX).max(1)
        }
        _ => usize::MAX,
    }
}

#[cfg(not(target_os = "linux"))]
fn descriptors() -> usize {
    usize::MAX
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn wanted(seat: &Seat) -> bool {
        let mut wanted = std::pin::pin!(seat.is_wanted());
        (0..2).any(|_| wanted.as_mut().now_or_never().is_some())
    }

    #[test]
    fn those_idle_for_longest_make_room_and_no_others() {
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let mut connections = Connections::new(3, clock);
        let [busy, first, second] = [(); 3].map(|()| {
            hand.advance(Duration::from_millis(1));
            connections.seat().unwrap()
        });
        busy.takes_up();
        assert!(
            connections.seat().is_none() && !connections.make_room(),
            "none is idle yet"
        );
        hand.advance(IDLE_FROM);
        assert!(connections.make_room());
        assert!(wanted(&first) && !wanted(&second) && !wanted(&busy));
        assert!(connections.seat().is_none(), "it is still there");
        drop(first);
        assert!(connections.one_left().now_or_never().is_some());
        let _fourth = connections.seat().unwrap();
        second.takes_up();
        assert!(!connections.make_room(), "in use, or too new");
    }

    #[test]
    fn a_request_that_came_meanwhile_is_answered_first() {
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let mut connections = Connections::new(1, clock);
        let only = connections.seat().unwrap();
        hand.advance(IDLE_FROM);
        assert!(connections.make_room());
        only.takes_up();
        assert!(!wanted(&only));
    }
}
