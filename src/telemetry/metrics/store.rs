//! The store: how long it takes, whether it takes writes, and what stands in it.
//!
//! Operations are recorded as they happen. What stands in the store (waiting deliveries, open safety reports) is read when somebody scrapes
//! and handed over as a [`Standing`]; when it cannot be read those series disappear, so that nobody trusts an old number, and
//! `switchboard_store_scrape_failures_total` counts.

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
labels!(TargetLabels { target: String });
labels!(JobLabels { target: String, state: &'static str });
labels!(SeverityLabels { severity: String });

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

/// Jobs of one target in one state.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxLevel {
    /// The outside system.
    pub target: String,
    /// `pending` or `dead`.
    pub state: &'static str,
    /// How many.
    pub jobs: i64,
    /// Age of the oldest, in seconds.
    pub oldest_s: f64,
}

/// Open safety reports of one severity.
#[derive(Debug, Clone, PartialEq)]
pub struct SafetyLevel {
    /// The severity.
    pub severity: String,
    /// How many.
    pub records: i64,
    /// Seconds until the first is due; negative once it is overdue. `None` when none has a due time.
    pub nearest_due_s: Option<f64>,
}

/// The readers' connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StorePool {
    /// Open and in use.
    pub busy: u32,
    /// Open and free.
    pub idle: u32,
    /// Most that are opened.
    pub max: u32,
    /// Writes that wait for the writer.
    pub queued_writes: usize,
}

/// What stands in the store.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// Deliveries, by target and state.
    pub outbox: Vec<OutboxLevel>,
    /// Open safety reports, by severity.
    pub safety: Vec<SafetyLevel>,
}

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

    /// The store's connections now.
    pub fn store_pool(&self, pool: StorePool) {
        for (gauge, connections) in self.store.pool.iter().zip([pool.busy, pool.idle]) {
            gauge.set(i64::from(connections));
        }
        self.store.pool_max.set(i64::from(pool.max));
        self.store
            .queued
            .set(i64::try_from(pool.queued_writes).unwrap_or(i64::MAX));
    }

    /// What stands in the store now; `None` when it could not be read.
    pub fn store_standing(&self, standing: Option<&Standing>) {
        let of = &self.store;
        let Some(standing) = standing else {
            of.jobs.clear();
            of.oldest.clear();
            of.open.clear();
            of.due.clear();
            of.scrape_failures.inc();
            return;
        };
        // Each series is overwritten where it stands: another scrape may be rendering, and what it did not find would be an alert.
        for level in &standing.outbox {
            let target = level.target.clone();
            if level.state == "pending" {
                let age = TargetLabels {
                    target: target.clone(),
                };
                of.oldest.get_or_create(&age).set(level.oldest_s);
            }
            let state = level.state;
            of.jobs
                .get_or_create(&JobLabels { target, state })
                .set(level.jobs);
        }
        for level in &standing.safety {
            let severity = SeverityLabels {
                severity: level.severity.clone(),
            };
            of.open.get_or_create(&severity).set(level.records);
            match level.nearest_due_s {
                Some(due) => {
                    of.due.get_or_create(&severity).set(due);
                }
                None => {
                    of.due.remove(&severity);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::metrics::Exposition;

    fn standing(records: i64, nearest_due_s: Option<f64>) -> Standing {
        let outbox = OutboxLevel {
            target: "ticketing".to_owned(),
            state: "pending",
            jobs: records,
            oldest_s: 0.5,
        };
        let safety = SafetyLevel {
            severity: "urgent".to_owned(),
            records,
            nearest_due_s,
        };
        Standing {
            outbox: vec![outbox],
            safety: vec![safety],
        }
    }

    #[test]
    fn what_stands_in_the_store_is_overwritten_and_goes_only_when_it_is_not_known() {
        let metrics = Metrics::default();
        metrics.store_standing(Some(&standing(1, Some(900.0))));
        // A scrape that goes on meanwhile has hold of the series.
        let severity = SeverityLabels {
            severity: "urgent".to_owned(),
        };
        let job = JobLabels {
            target: "ticketing".to_owned(),
            state: "pending",
        };
        let open = metrics.store.open.get_or_create_owned(&severity);
        let due = metrics.store.due.get_or_create_owned(&severity);
        let jobs = metrics.store.jobs.get_or_create_owned(&job);
        metrics.store_standing(Some(&standing(2, Some(600.0))));
        assert_eq!((open.get(), due.get(), jobs.get()), (2, 600.0, 2));

        let shown = |series: &str| metrics.render(Exposition::Text).contains(series);
        let (open, due, jobs) = (
            "switchboard_safety_records_open{severity=\"urgent\"}",
            "switchboard_safety_record_nearest_due_seconds{severity=\"urgent\"}",
            "switchboard_outbox_jobs{target=\"ticketing\",state=\"pending\"}",
        );
        assert!([open, due, jobs].into_iter().all(shown));
        metrics.store_standing(Some(&standing(0, None)));
        assert_eq!([open, due, jobs].map(shown), [true, false, true]);
        metrics.store_standing(None);
        assert_eq!([open, due, jobs].map(shown), [false; 3]);
        assert!(shown("switchboard_store_scrape_failures_total 1"));
    }
}
