//! The store: how long it takes, whether it takes writes, and what stands in it.
//!
//! Operations are recorded as they happen. What stands in the store (waiting deliveries, open safety reports) is read when somebody scrapes,
//! and each series is overwritten where it stands: another scrape may be rendering, and what it did not find would be an alert. When it cannot be
//! read those series disappear, so that nobody trusts an old number, and `switchboard_store_scrape_failures_total` counts.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::Metrics;
use super::family::{DURATION_BUCKETS, StateLabels, children, histograms, labels};

labels!(OperationLabels { operation: &'static str, outcome: &'static str });
labels!(TargetLabels { target: &'static str });
labels!(JobLabels { target: &'static str, state: &'static str });
labels!(SeverityLabels { severity: &'static str });

/// A kind of store operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreOperation {
    /// What a request writes: from asking to being on disk.
    Commit,
    /// Any other write: leases, settlements, operators' changes.
    Write,
    /// A query.
    Read,
}

const OPERATIONS: [&str; 3] = ["commit", "write", "read"];
const OUTCOMES: [&str; 2] = ["ok", "error"];

#[derive(Debug)]
pub(super) struct StoreMetrics {
    /// By operation, then outcome.
    operations: Vec<Histogram>,
    writable: Gauge,
    table_locked: Gauge,
    pool: Vec<Gauge>,
    pool_max: Gauge,
    queued: Gauge,
    scrape_failures: Counter,
    jobs: Family<JobLabels, Gauge>,
    oldest: Family<TargetLabels, Gauge<f64, AtomicU64>>,
    open: Family<SeverityLabels, Gauge>,
    due: Family<SeverityLabels, Gauge<f64, AtomicU64>>,
    clock_skew: Gauge<f64, AtomicU64>,
    marks_held: Gauge,
}

impl StoreMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let operations = histograms(&DURATION_BUCKETS);
        registry.register_with_unit(
            "store_operation_duration",
            "Time of a store operation with its waiting: commit (what a request writes), write, read",
            Unit::Seconds,
            operations.clone(),
        );
        let writable = Gauge::default();
        writable.set(1);
        registry.register(
            "store_writable",
            "1 when the last write reached the disk, else 0",
            writable.clone(),
        );
        let table_locked = Gauge::default();
        registry.register(
            "store_table_locked",
            "1 while records are refused because another session of the database has locked a table that they go into, else 0",
            table_locked.clone(),
        );
        let pool = Family::default();
        registry.register(
            "store_pool_connections",
            "The readers' connections to the database",
            pool.clone(),
        );
        let pool_max = Gauge::default();
        registry.register(
            "store_pool_max_connections",
            "Most readers' connections that are opened",
            pool_max.clone(),
        );
        let queued = Gauge::default();
        registry.register(
            "store_queued_writes",
            "Writes that wait for the writer",
            queued.clone(),
        );
        let scrape_failures = Counter::default();
        registry.register(
            "store_scrape_failures",
            "Scrapes that had to go without what stands in the store",
            scrape_failures.clone(),
        );
        let jobs = Family::default();
        registry.register(
            "outbox_jobs",
            "Deliveries that wait or were given up",
            jobs.clone(),
        );
        let oldest = Family::default();
        registry.register_with_unit(
            "outbox_oldest_job_age",
            "Age of the oldest delivery that waits",
            Unit::Seconds,
            oldest.clone(),
        );
        let open = Family::default();
        registry.register(
            "safety_records_open",
            "Safety reports that nobody has acknowledged",
            open.clone(),
        );
        let due = Family::default();
        registry.register_with_unit(
            "safety_record_nearest_due",
            "Time until the first unacknowledged safety report is due; negative when it is overdue",
            Unit::Seconds,
            due.clone(),
        );
        let clock_skew = Gauge::default();
        registry.register_with_unit(
            "clock_skew",
            "How far this machine's clock is ahead of the database's, at least; negative when it is behind; 0 on SQLite",
            Unit::Seconds,
            clock_skew.clone(),
        );
        let marks_held = Gauge::default();
        registry.register(
            "sla_marks_held",
            "1 while this replica marks nothing as due soon or breached because its clock is too far ahead of the database's, else 0",
            marks_held.clone(),
        );
        let combinations = OPERATIONS
            .into_iter()
            .flat_map(|operation| OUTCOMES.map(|outcome| OperationLabels { operation, outcome }));
        Self {
            operations: children(&operations, combinations),
            writable,
            table_locked,
            pool: children(&pool, ["busy", "idle"].map(|state| StateLabels { state })),
            pool_max,
            queued,
            scrape_failures,
            jobs,
            oldest,
            open,
            due,
            clock_skew,
            marks_held,
        }
    }
}

impl Metrics {
    /// A store operation ended after `took`.
    pub fn store_operation(&self, operation: StoreOperation, ok: bool, took: Duration) {
        if self.enabled {
            let at = operation as usize * OUTCOMES.len() + usize::from(!ok);
            self.store.operations[at].observe(took.as_secs_f64());
        }
    }

    /// Whether the last write reached the disk.
    pub fn store_writable(&self, writable: bool) {
        self.store.writable.set(i64::from(writable));
    }

    /// Whether another session keeps records out of a table.
    pub fn store_table_locked(&self, locked: bool) {
        self.store.table_locked.set(i64::from(locked));
    }

    /// How many seconds our clock is ahead of the database's, and whether nothing is marked for that.
    pub fn clock_skew(&self, ahead_s: f64, holds_marks: bool) {
        self.store.clock_skew.set(ahead_s);
        self.store.marks_held.set(i64::from(holds_marks));
    }

    /// The readers' connections now: in use, free, and the most that are opened.
    pub fn store_connections(&self, busy: u32, idle: u32, max: u32) {
        for (gauge, connections) in self.store.pool.iter().zip([busy, idle]) {
            gauge.set(i64::from(connections));
        }
        self.store.pool_max.set(i64::from(max));
    }

    /// How many writes wait for the writer now.
    pub fn store_queued_writes(&self, writes: usize) {
        self.store.queued.set(i64::try_from(writes).unwrap_or(i64::MAX));
    }

    /// How many deliveries to a target are in this state now.
    pub fn outbox_jobs(&self, target: &'static str, state: &'static str, jobs: i64) {
        let labels = JobLabels { target, state };
        self.store.jobs.get_or_create(&labels).set(jobs);
    }

    /// How long the oldest delivery to a target has waited.
    pub fn outbox_oldest_job(&self, target: &'static str, age_s: f64) {
        self.store
            .oldest
            .get_or_create(&TargetLabels { target })
            .set(age_s);
    }

    /// How many safety reports of a severity nobody has acknowledged, and how many seconds are left until the first is due; negative once it is
    /// overdue, `None` when none has a due time.
    pub fn safety_records(&self, severity: &'static str, open: i64, nearest_due_s: Option<f64>) {
        let labels = SeverityLabels { severity };
        self.store.open.get_or_create(&labels).set(open);
        match nearest_due_s {
            Some(due) => {
                self.store.due.get_or_create(&labels).set(due);
            }
            None => {
                self.store.due.remove(&labels);
            }
        }
    }

    /// What stands in the store could not be read.
    pub fn store_unreadable(&self) {
        self.store.jobs.clear();
        self.store.oldest.clear();
        self.store.open.clear();
        self.store.due.clear();
        self.store.scrape_failures.inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::metrics::Exposition;

    fn stands(metrics: &Metrics, records: i64, nearest_due_s: Option<f64>) {
        metrics.outbox_jobs("ticketing", "pending", records);
        metrics.outbox_oldest_job("ticketing", 0.5);
        metrics.safety_records("urgent", records, nearest_due_s);
    }

    #[test]
    fn what_stands_in_the_store_is_overwritten_and_goes_only_when_it_is_not_known() {
        let metrics = Metrics::default();
        stands(&metrics, 1, Some(900.0));
        // A scrape that goes on meanwhile has hold of the series.
        let severity = SeverityLabels { severity: "urgent" };
        let job = JobLabels {
            target: "ticketing",
            state: "pending",
        };
        let open = metrics.store.open.get_or_create_owned(&severity);
        let due = metrics.store.due.get_or_create_owned(&severity);
        let jobs = metrics.store.jobs.get_or_create_owned(&job);
        stands(&metrics, 2, Some(600.0));
        assert_eq!((open.get(), due.get(), jobs.get()), (2, 600.0, 2));

        let shown = |series: &str| metrics.render(Exposition::Text).contains(series);
        let (open, due, jobs) = (
            "switchboard_safety_records_open{severity=\"urgent\"}",
            "switchboard_safety_record_nearest_due_seconds{severity=\"urgent\"}",
            "switchboard_outbox_jobs{target=\"ticketing\",state=\"pending\"}",
        );
        assert!([open, due, jobs].into_iter().all(shown));
        stands(&metrics, 0, None);
        assert_eq!([open, due, jobs].map(shown), [true, false, true]);
        metrics.store_unreadable();
        assert_eq!([open, due, jobs].map(shown), [false; 3]);
        assert!(shown("switchboard_store_scrape_failures_total 1"));
    }
}
