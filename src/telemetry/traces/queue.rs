//! The bound on the spans that wait for the collector, and the count of those that found no room.
//!
//! The SDK's own queue is bounded too, and drops what does not fit without a word: where a collector takes every batch, but slowly, nearly
//! all spans would be lost and none counted. So each span takes a place here first, which the exporter gives back with its batch. Nothing
//! waits and nothing fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use crate::telemetry::metrics::Metrics;

/// The places. Clones are the same ones.
#[derive(Debug, Clone)]
pub(super) struct Places(Arc<Held>);

#[derive(Debug)]
struct Held {
    /// Spans that wait or are being sent.
    spans: AtomicUsize,
    most: usize,
}

impl Places {
    pub(super) fn new(most: usize) -> Self {
        let spans = AtomicUsize::new(0);
        Self(Arc::new(Held { spans, most }))
    }

    fn take(&self) -> bool {
        let free = self.0.spans.fetch_add(1, Ordering::Relaxed) < self.0.most;
        if !free {
            self.give_back(1);
        }
        free
    }

    /// So many spans are sent, or lost for good.
    pub(super) fn give_back(&self, spans: usize) {
        self.0.spans.fetch_sub(spans, Ordering::Relaxed);
    }
}

/// Lets spans through to `inner` while there are places.
#[derive(Debug)]
pub(super) struct Bounded<P> {
    pub(super) inner: P,
    pub(super) places: Places,
    pub(super) metrics: Arc<Metrics>,
}

impl<P: SpanProcessor> SpanProcessor for Bounded<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.places.take() {
            self.inner.on_end(span);
        } else {
            self.metrics.spans("dropped", 1);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_come_back() {
        let places = Places::new(2);
        let taken = |tries: usize| (0..tries).filter(|_| places.take()).count();
        assert_eq!(taken(5), 2);
        places.give_back(1);
        assert_eq!(taken(5), 1);
    }
}
