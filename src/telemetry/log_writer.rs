//! Where log lines go: standard error, line by line or, while the service runs, in batches and from a thread of its own.
//!
//! One write to the operating system per line costs more than making the line. So lines of level info and below wait for each
//! other, [`LONGEST_WAIT`] at most or until [`BATCH_BYTES`] are together. A warning or an error goes out at once and takes with it what
//! waits, in order. Whoever reads standard error may stop reading (a full pipe, a log driver whose service is away), and a write then
//! takes until it reads again: only the thread waits for that, never a request. Up to [`MOST_BYTES`] are kept meanwhile; lines after that
//! are left out, counted, and reported once lines move again. A process that is killed loses the waiting lines; one that ends in order
//! loses none ([`LogWriter::end_batches`]) unless nobody reads them. When standard error cannot be written there is nowhere to say so,
//! and lines are dropped.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{Level, Metadata, warn};
use tracing_subscriber::fmt::MakeWriter;

use super::metrics::Metrics;
use crate::clock::Clock;

/// How long a line waits for others: short for somebody who watches, long enough for hundreds under load.
const LONGEST_WAIT: Duration = Duration::from_millis(100);
/// As many bytes as are written in one piece.
const BATCH_BYTES: usize = 16 * 1024;
/// As many bytes as wait for a reader that has stopped: seconds of full load, and little beside what the process needs anyway.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How long the end of the process waits for the last lines to be taken.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Writes lines. Clones write to the same place.
#[derive(Debug, Clone)]
pub struct LogWriter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// The first line of a batch is waiting.
    begun: Notify,
    /// [`Waiting::due`] or [`Waiting::writing`] changed.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    /// Whether somebody sees to it that waiting lines go out.
    batches: bool,
    /// Counts what is left out. Set while a thread writes; without one, lines are written where they are made.
    thread: Option<Arc<Metrics>>,
    /// The thread is to write what waits.
    due: bool,
    /// The thread is writing.
    writing: bool,
    /// Lines left out since the last report.
    left_out: u64,
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
            changed: Condvar::new(),
        }))
    }

    /// Takes one whole line. An `urgent` one does not wait.
    pub(super) fn write(&self, line: &[u8], urgent: bool) {
        let mut waiting = self.waiting();
        if let Some(metrics) = &waiting.thread
            && waiting.lines.len() + line.len() > MOST_BYTES
        {
            metrics.log_lines_left_out(1);
            waiting.left_out += 1;
            return;
        }
        let first = waiting.lines.is_empty();
        waiting.lines.extend_from_slice(line);
        if urgent || !waiting.batches || waiting.lines.len() >= BATCH_BYTES {
            self.send(&mut waiting);
        } else if first {
            drop(waiting);
            self.0.begun.notify_one();
        }
    }

    /// Has a thread of its own do the writing, from now until the process ends. Where the system refuses one, lines are written where they
    /// are made, as before.
    pub fn run_thread(&self, metrics: Arc<Metrics>) {
        self.run_thread_to(io::stderr(), metrics);
    }

    fn run_thread_to(&self, out: impl Write + Send + 'static, metrics: Arc<Metrics>) {
        let writer = self.clone();
        let started = thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writer.write_for_ever(out));
        match started {
            Ok(_) => self.waiting().thread = Some(metrics),
            Err(error) => warn!(%error, "log lines are written without a thread of their own"),
        }
    }

    /// The thread's work. Not waited for at the end of the process: nothing may ever read what it writes.
    fn write_for_ever(&self, mut out: impl Write) {
        let mut taken = Vec::new();
        loop {
            let mut waiting = self.waiting();
            while !waiting.due {
                waiting = self
                    .0
                    .changed
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            waiting.due = false;
            waiting.writing = true;
            std::mem::swap(&mut waiting.lines, &mut taken);
            drop(waiting);
            let _ = out.write_all(&taken);
            taken.clear();
            let mut waiting = self.waiting();
            waiting.writing = false;
            let left_out = std::mem::take(&mut waiting.left_out);
            drop(waiting);
            self.0.changed.notify_all();
            if left_out > 0 {
                warn!(left_out, "log lines were left out: nobody read them");
            }
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
                () = clock.sleep(LONGEST_WAIT) => self.send(&mut self.waiting()),
                () = stop.cancelled() => break,
            }
        }
        let mut waiting = self.waiting();
        waiting.batches = false;
        self.send(&mut waiting);
    }

    /// Writes what waits, and every later line at once. Returns when all of it is written, or nobody reads it.
    pub fn end_batches(&self) {
        let mut waiting = self.waiting();
        waiting.batches = false;
        self.send(&mut waiting);
        let unwritten = |waiting: &mut Waiting| waiting.due || waiting.writing;
        drop(self.0.changed.wait_timeout_while(waiting, LAST_LINES, unwritten));
    }

    fn send(&self, waiting: &mut Waiting) {
        #[cfg(test)]
        if let Some(memory) = &mut waiting.memory {
            memory.append(&mut waiting.lines);
            return;
        }
        if waiting.thread.is_some() {
            waiting.due = true;
            self.0.changed.notify_all();
            return;
        }
        let _ = io::stderr().lock().write_all(&waiting.lines);
        waiting.lines.clear();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One line, from a formatter that hands over each line whole.
#[derive(Debug)]
pub struct Line<'w> {
    writer: &'w LogWriter,
    urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.writer.write(line, self.urgent);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for LogWriter {
    type Writer = Line<'w>;

    fn make_writer(&'w self) -> Line<'w> {
        let urgent = true;
        Line { writer: self, urgent }
    }

    fn make_writer_for(&'w self, of: &Metadata<'_>) -> Line<'w> {
        let urgent = *of.level() <= Level::WARN;
        Line { writer: self, urgent }
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
    use std::sync::mpsc;

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

    /// Takes a piece each time somebody asks for one.
    struct Pipe(mpsc::SyncSender<Vec<u8>>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_stops_costs_lines_and_never_holds_anybody_up() {
        let (pipe, reader) = mpsc::sync_channel(0);
        let (writer, metrics) = (LogWriter::to_stderr(), Arc::new(Metrics::default()));
        writer.run_thread_to(Pipe(pipe), metrics.clone());
        writer.write(b"first\n", true);
        while !writer.waiting().writing {
            thread::yield_now();
        }
        let line = [b'x'; 1024];
        for _ in 0..MOST_BYTES / line.len() + 3 {
            writer.write(&line, true);
        }
        writer.end_batches();
        let counted = metrics.render(crate::telemetry::metrics::Exposition::Text);
        assert!(
            counted.contains("switchboard_log_lines_left_out_total 3"),
            "{counted}"
        );
        assert_eq!(reader.recv().unwrap(), b"first\n");
        assert_eq!(
            reader.recv().unwrap().len(),
            MOST_BYTES,
            "nothing that was kept is lost"
        );
    }
}
