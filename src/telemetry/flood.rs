//! Keeps a flood of identical log lines from filling the disk and hiding everything else.
//!
//! Lines of one kind (one place in the code) are written up to a number per second; the rest are left out, counted in
//! `switchboard_log_lines_left_out_total`, and reported once per second and kind by one line that says how many there were. Only what an
//! outage or an attack can multiply is held back: warnings, errors, and the access lines of requests that were refused or that we failed,
//! which [`ACCESS_REFUSED`] and [`ACCESS_FAILED`] mark: two kinds, so that no flood of refusals hides a failure. Everything else is always
//! written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::callsite::Identifier;
use tracing::{Event, Level, Metadata, Subscriber, info};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::metrics::Metrics;
use crate::clock::Clock;

/// Name of the event that is a refused request's access line.
pub const ACCESS_REFUSED: &str = "access.refused";
/// Name of the event that is the access line of a request that we failed (5xx).
pub const ACCESS_FAILED: &str = "access.failed";
/// How long one count lasts.
const WINDOW: Duration = Duration::from_secs(1);

/// Counts lines by kind. Clones share the counts.
#[derive(Debug, Clone)]
pub struct FloodGate(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: u32,
    clock: Clock,
    kinds: Mutex<HashMap<Identifier, Kind>>,
}

#[derive(Debug)]
struct Kind {
    window_began: Duration,
    written: u32,
    /// Left out since the last report.
    left_out: u64,
    /// What to call it in the report: where it stands in the code.
    name: String,
}

impl FloodGate {
    /// A gate that lets `limit` lines of a kind through per second of `clock`.
    #[must_use]
    pub fn new(limit: u32, clock: Clock) -> Self {
        Self(Arc::new(Shared {
            limit,
            clock,
            kinds: Mutex::default(),
        }))
    }

    /// Whether a line of this kind may be written now.
    fn admits(&self, metadata: &'static Metadata<'static>) -> bool {
        let now = self.0.clock.elapsed();
        let mut kinds = self.kinds();
        let kind = kinds.entry(metadata.callsite()).or_insert_with(|| Kind {
            window_began: now,
            written: 0,
            left_out: 0,
            name: name_of(metadata),
        });
        if now.saturating_sub(kind.window_began) >= WINDOW {
            kind.window_began = now;
            kind.written = 0;
        }
        if kind.written < self.0.limit {
            kind.written += 1;
            return true;
        }
        kind.left_out += 1;
        false
    }

    /// What was left out since the last call, by kind.
    fn take(&self) -> Vec<(String, u64)> {
        let mut kinds = self.kinds();
        let flooded = kinds.values_mut().filter(|kind| kind.left_out > 0);
        flooded
            .map(|kind| (kind.name.clone(), std::mem::take(&mut kind.left_out)))
            .collect()
    }

    /// Says how many lines were left out since the last call, one line per kind.
    pub fn report(&self, metrics: &Metrics) {
        for (kind, left_out) in self.take() {
            metrics.log_lines_left_out(left_out);
            info!(kind, left_out, "log lines of one kind were left out");
        }
    }

    /// Reports every second until `stopping`, and once more then.
    pub async fn run(self, metrics: Arc<Metrics>, stopping: tokio_util::sync::CancellationToken) {
        while !stopping.is_cancelled() {
            tokio::select! {
                () = self.0.clock.sleep(WINDOW) => {}
                () = stopping.cancelled() => {}
            }
            self.report(&metrics);
        }
    }

    fn kinds(&self) -> MutexGuard<'_, HashMap<Identifier, Kind>> {
        self.0.kinds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name_of(metadata: &Metadata<'_>) -> String {
    if is_access(metadata) {
        return metadata.name().to_owned();
    }
    match metadata.line() {
        Some(line) => format!("{}:{line}", metadata.target()),
        None => metadata.target().to_owned(),
    }
}

/// Whether it is one of the access lines that are held back.
fn is_access(metadata: &Metadata<'_>) -> bool {
    matches!(metadata.name(), ACCESS_REFUSED | ACCESS_FAILED)
}

impl<S: Subscriber> Layer<S> for FloodGate {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        let metadata = event.metadata();
        let multiplies = *metadata.level() <= Level::WARN || is_access(metadata);
        !multiplies || self.admits(metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use std::io::Write;
    use tracing::{error, warn};
    use tracing_subscriber::layer::SubscriberExt as _;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Lines {
        fn with(&self, text: &str) -> usize {
            let all = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            all.lines().filter(|line| line.contains(text)).count()
        }
    }

    fn gate(limit: u32) -> (FloodGate, ManualClock, Lines, impl Subscriber + Send + Sync) {
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let (gate, lines) = (FloodGate::new(limit, clock), Lines::default());
        let writer = lines.clone();
        let layer = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(gate.clone()).with(layer);
        (gate, hand, lines, subscriber)
    }

    #[test]
    fn identical_warnings_are_limited_and_counted_and_others_are_not() {
        let (gate, hand, lines, subscriber) = gate(3);
        let metrics = Metrics::default();
        tracing::subscriber::with_default(subscriber, || {
            let flood = || (0..10).for_each(|n| warn!(n, "the disk is full"));
            flood();
            error!("something else");
            (0..10).for_each(|_| info!("business as usual"));
            assert_eq!(lines.with("the disk is full"), 3);
            assert_eq!((lines.with("something else"), lines.with("as usual")), (1, 10));
            gate.report(&metrics);
            gate.report(&metrics);
            assert_eq!(lines.with("left_out=7"), 1, "reported once");
            hand.advance(WINDOW);
            flood();
            assert_eq!(lines.with("the disk is full"), 6, "a new second, a new count");
        });
        let counted = metrics.render(crate::telemetry::metrics::Exposition::Text);
        assert!(
            counted.contains("switchboard_log_lines_left_out_total 7"),
            "{counted}"
        );
    }

    #[test]
    fn refused_requests_are_limited_and_served_ones_are_not() {
        let (_gate, _hand, lines, subscriber) = gate(2);
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..9 {
                info!(name: ACCESS_REFUSED, status = 429, "request");
                info!(status = 200, "request");
            }
        });
        assert_eq!((lines.with("status=429"), lines.with("status=200")), (2, 9));
    }
}
