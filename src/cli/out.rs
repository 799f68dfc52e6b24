//! Standard output of commands that print lists. Whoever reads it may stop before the end, as `head` does: then the command has nothing left
//! to do, and has not failed.

use std::io::{self, ErrorKind, StdoutLock, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Not read off the errors: a connection to a database breaks with the same kind, and serde hides what it wraps.
static READER_LEFT: AtomicBool = AtomicBool::new(false);

/// Locks standard output.
pub(super) fn lock() -> Out {
    Out(io::stdout().lock())
}

/// Whether an [`Out`] found that nobody reads it any more.
pub(super) fn reader_left() -> bool {
    READER_LEFT.load(Ordering::Relaxed)
}

/// See [`lock`].
pub(super) struct Out(StdoutLock<'static>);

fn noted<T>(outcome: io::Result<T>) -> io::Result<T> {
    if matches!(&outcome, Err(error) if error.kind() == ErrorKind::BrokenPipe) {
        READER_LEFT.store(true, Ordering::Relaxed);
    }
    outcome
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        noted(self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        noted(self.0.flush())
    }
}
