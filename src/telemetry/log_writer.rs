//! Where log lines go: standard error, line by line or, while the service runs, in batches.
//!
//! One write to the operating system per line costs more than making the line. So lines of level info and below wait for each
//! other, [`LONGEST_WAIT`] at most or until [`BATCH_BYTES`] are together. A warning or an error goes out at once and takes with it what
//! waits, in order. A process that is killed loses the waiting lines, never a warning; one that ends in order loses none
//! ([`LogWriter::end_batches`]). When standard error cannot be written there is nowhere to say so, and lines are dropped.

use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

/// How long a line waits for others: short for somebody who watches, long enough for hundreds under load.
const LONGEST_WAIT: Duration = Duration::from_millis(100);
/// As many bytes as are written in one piece.
const BATCH_BYTES: usize = 16 * 1024;

/// Writes lines. Clones write to the same place.
#[derive(Debug, Clone)]
pub struct LogWriter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// The first line of a batch is waiting.
    begun: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    /// Whether somebody sees to it that waiting lines go out.
    batches: bool,
    #[cfg(test)]
    memory: Option<Vec<u8>>,
}

impl LogWriter {
    /// To standard error, each line at once until [`LogWriter::run_batches`] runs.
    #[must_use]
    pub(super) fn to_stderr() -> Self {
        Self(Arc::new(Shared {
            waiting: Mutex::default(),
            begun: Notify::new(),
        }))
    }

    /// Takes one whole line. An `urgent` one does not wait.
    pub(super) fn write(&self, line: &[u8], urgent: bool) {
        let mut waiting = self.waiting();
        let first = waiting.lines.is_empty();
        waiting.lines.extend_from_slice(line);
        if urgent || !waiting.batches || waiting.lines.len() >= BATCH_BYTES {
            waiting.send();
        } else if first {
            drop(waiting);
            self.0.begun.notify_one();
        }
    }

    /// Writes in batches until `stop` is cancelled, then line by line again.
    pub async fn run_batches(self, clock: Clock, stop: CancellationToken) {
        self.waiting().batches = true;
        loop {
            tokio::select! {
                () = self.0.begun.notified() => {}
                () = stop.cancelled() => break,
            }
            tokio::select! {
                () = clock.sleep(LONGEST_WAIT) => self.waiting().send(),
                () = stop.cancelled() => break,
            }
        }
        self.end_batches();
    }

    /// Writes what waits, and every later line at once.
    pub fn end_batches(&self) {
        let mut waiting = self.waiting();
        waiting.batches = false;
        waiting.send();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn send(&mut self) {
        #[cfg(test)]
        if let Some(memory) = &mut self.memory {
            memory.append(&mut self.lines);
            return;
        }
        let _ = std::io::stderr().lock().write_all(&self.lines);
        self.lines.clear();
    }
}

#[cfg(test)]
impl LogWriter {
    /// To memory, for tests.
    pub(super) fn to_memory() -> Self {
        let writer = Self::to_stderr();
        writer.waiting().memory = Some(Vec::new());
        writer
    }

    /// What was written so far.
    pub(super) fn memory(&self) -> Vec<u8> {
        self.waiting().memory.clone().unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::poll;

    #[tokio::test]
    async fn lines_wait_for_each_other_and_a_warning_takes_them_along() {
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let writer = LogWriter::to_memory();
        writer.write(b"before\n", false);
        assert_eq!(writer.memory(), b"before\n", "nobody would send it later");

        let stop = CancellationToken::new();
        let batches = writer.clone().run_batches(clock, stop.clone());
        tokio::pin!(batches);
        assert!(poll!(batches.as_mut()).is_pending());
        writer.write(b"1\n", false);
        assert!(poll!(batches.as_mut()).is_pending());
        writer.write(b"2\n", false);
        assert_eq!(writer.memory(), b"before\n");
        hand.advance(LONGEST_WAIT);
        assert!(poll!(batches.as_mut()).is_pending());
        assert_eq!(writer.memory(), b"before\n1\n2\n");

        writer.write(b"3\n", false);
        writer.write(b"warning\n", true);
        assert_eq!(writer.memory(), b"before\n1\n2\n3\nwarning\n");

        writer.write(b"4\n", false);
        stop.cancel();
        batches.await;
        writer.write(b"after\n", false);
        assert_eq!(writer.memory(), b"before\n1\n2\n3\nwarning\n4\nafter\n");
    }

    #[tokio::test]
    async fn a_full_batch_does_not_wait() {
        let (clock, _hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let writer = LogWriter::to_memory();
        let batches = writer.clone().run_batches(clock, CancellationToken::new());
        tokio::pin!(batches);
        assert!(poll!(batches.as_mut()).is_pending());
        let line = [b'x'; 1024];
        for written in 0..BATCH_BYTES / line.len() {
            assert!(writer.memory().is_empty(), "after {written}");
            writer.write(&line, false);
        }
        assert_eq!(writer.memory().len(), BATCH_BYTES);
    }
}
