//! HTTP requests: how many are under way, how long they took, how much of that was ours, and what they waited before that.

use std::sync::OnceLock;
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::Metrics;
use super::family::{DURATION_BUCKETS, HistogramFamily, OVERHEAD_BUCKETS, histogram, histograms, labels};

labels!(RequestLabels { route: String, method: &'static str, status: u16 });

/// The route with nearly all the traffic: its series are found by status alone.
const BUSIEST: (&str, &str) = ("/api/v1/classify", "POST");
/// Statuses a response may have.
const STATUSES: std::ops::Range<u16> = 200..600;

#[derive(Debug)]
pub(super) struct Requests {
    durations: HistogramFamily<RequestLabels>,
    busiest: Box<[OnceLock<Histogram>]>,
    in_flight: Gauge,
    overhead: Histogram,
    lane_delay: Histogram,
}

impl Requests {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let durations = histograms(&DURATION_BUCKETS);
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's head to its answer, by route, method and status",
            Unit::Seconds,
            durations.clone(),
        );
        let in_flight = Gauge::default();
        registry.register(
            "http_requests_in_flight",
            "Requests being worked on",
            in_flight.clone(),
        );
        let overhead = histogram(&OVERHEAD_BUCKETS);
        registry.register_with_unit(
            "classify_overhead",
            "Time that answering a message took besides waiting for the LLM",
            Unit::Seconds,
            overhead.clone(),
        );
        let lane_delay = histogram(&DURATION_BUCKETS);
        registry.register_with_unit(
            "lane_delay",
            "How much later than asked a thread that serves connections got to something that was due: a request waits at least so long \
             before its own time begins",
            Unit::Seconds,
            lane_delay.clone(),
        );
        Self {
            durations,
            busiest: STATUSES.map(|_| OnceLock::new()).collect(),
            in_flight,
            overhead,
            lane_delay,
        }
    }

    fn duration(&self, route: &str, method: &'static str, status: u16) -> Histogram {
        let labels = RequestLabels {
            route: route.to_owned(),
            method,
            status,
        };
        self.durations.get_or_create(&labels).clone()
    }
}

impl Metrics {
    /// A request was answered. `route` is the matched pattern, never the path that was sent.
    pub fn request(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        if !self.enabled {
            return;
        }
        let seconds = took.as_secs_f64();
        let slot = status.checked_sub(STATUSES.start).map(usize::from);
        let slot = slot.and_then(|slot| self.requests.busiest.get(slot));
        match slot.filter(|_| (route, method) == BUSIEST) {
            Some(slot) => slot
                .get_or_init(|| self.requests.duration(route, method, status))
                .observe(seconds),
            None => self.requests.duration(route, method, status).observe(seconds),
        }
    }

    /// Counts a request as in flight until the guard is dropped.
    #[must_use]
    pub fn enter(&self) -> InFlight {
        self.requests.in_flight.inc();
        InFlight(self.requests.in_flight.clone())
    }

    /// A message was answered; this much of the time was not spent waiting for the LLM.
    pub fn overhead(&self, took: Duration) {
        if self.enabled {
            self.requests.overhead.observe(took.as_secs_f64());
        }
    }

    /// A lane was this late.
    pub fn lane_delay(&self, delay: Duration) {
        if self.enabled {
            self.requests.lane_delay.observe(delay.as_secs_f64());
        }
    }
}

/// A request in flight; see [`Metrics::enter`].
#[derive(Debug)]
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
