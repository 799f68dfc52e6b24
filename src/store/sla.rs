//! The SLA clock's part of the store: marks what is due soon and what is breached, each exactly once.
//!
//! `records.clock_at` says when a record has something to be marked next: first when three quarters of its time are
//! over, then when it is due, then never. Marking, audit entry and breach notice commit together, so that of many replicas one marks
//! and none announces twice. Acknowledging or resolving a record stops its clock. While this process's clock is too far ahead of the database's
//! nothing is marked: a breach is for good, and the other replicas, or this one with its clock mended, mark what is.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::Store;
use super::audit::{SLA_BREACHED, SLA_DUE_SOON};
use super::clock_skew::{self, ClockSkew};
use super::error::StoreError;
use super::job::{JOBS, NO_PAYLOAD, Routes, job_key};
use super::outbox::due_behind;
use super::record::{NewAuditEntry, RecordKind};
use super::transaction::{Operation, Transaction};
use super::value::Value;
use crate::clock::Clock;

/// The kind of the job that announces a breach.
pub const BREACH_NOTICE: &str = "sla_breached";

/// What the clock marked on a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SlaMark {
    /// The record.
    pub reference: String,
    /// What it is.
    pub kind: RecordKind,
    /// Its severity.
    pub severity: Option<String>,
    /// True: breached. False: due soon.
    pub breached: bool,
}

impl Store {
    /// Marks up to `limit` records that are due soon or breached, each once; a breach is announced through the outbox where
    /// `routes` leads. None, while our clock is too far ahead of the database's: [`Store::clock_skew`] says so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sla_tick(&self, limit: u32, routes: Routes) -> Result<Vec<SlaMark>, StoreError> {
        let now = self.0.clock.elapsed();
        let compared = *self.skew();
        let fresh = |(at, _): (Duration, ClockSkew)| now.saturating_sub(at) < clock_skew::COMPARE_EVERY;
        let tick = Tick {
            limit,
            clock: self.0.clock.clone(),
            compare: !compared.is_some_and(fresh),
            most_ahead: self.0.max_clock_skew,
            routes,
        };
        let (marks, skew) = self.run(tick).await?;
        if let Some(skew) = skew {
            *self.skew() = Some((now, skew));
            let ahead_s = skew.ahead.as_secs_f64();
            self.0.metrics.clock_skew(ahead_s, skew.holds_marks);
        }
        if marks.iter().any(|mark| mark.breached) {
            self.0.jobs.notify_waiters();
        }
        Ok(marks)
    }
}

/// Marks up to `limit` records whose clock has struck.
struct Tick {
    limit: u32,
    /// Compared with the database's where something is due, and where `compare` says so.
    clock: Clock,
    compare: bool,
    /// How far it may be ahead.
    most_ahead: Option<Duration>,
    /// Where breaches are announced.
    routes: Routes,
}

impl Operation for Tick {
    /// With how far the clocks are apart, where they were compared.
    type Reply = (Vec<SlaMark>, Option<ClockSkew>);

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Self::Reply, StoreError> {
        let now = tx.now_us();
        let lock = tx.connection.engine().skipping_locked();
        let sql = format!(
            "SELECT id, reference, kind, severity, due_at FROM records
             WHERE clock_at <= $1 ORDER BY clock_at LIMIT $2 {lock}"
        );
        let mut marks = Vec::new();
        let rows = tx
            .connection
            .fetch(AssertSqlSafe(sql), &[now.into(), i64::from(self.limit).into()])
            .await?;
        let mut skew = None;
        if self.compare || !rows.is_empty() {
            skew = clock_skew::compare(tx.connection, &self.clock, self.most_ahead).await?;
        }
        if skew.is_some_and(|skew| skew.holds_marks) {
            return Ok((marks, skew));
        }
        for row in rows {
            let id: i64 = row.get(0)?;
            let kind = row.label(2, RecordKind::parse, "records.kind")?;
            let due_us: i64 = row.get(4)?;
            let mark = SlaMark {
                reference: row.get(1)?,
                kind,
                severity: row.get(3)?,
                breached: now >= due_us,
            };
            let sql = if mark.breached {
                "UPDATE records SET breached_at = $1, clock_at = NULL, version = version + 1 WHERE id = $2"
            } else {
                "UPDATE records SET due_soon_at = $1, clock_at = due_at, version = version + 1 WHERE id = $2"
            };
            tx.connection.execute(sql, &[now.into(), id.into()]).await?;
            let notified = self.routes.target(kind).filter(|_| mark.breached);
            if let Some(target) = notified {
                let key = job_key(&mark.reference, target, BREACH_NOTICE);
                let due = due_behind(tx, &mark.reference, target).await?;
                let job: [Value<'_>; 7] = [
                    (&key).into(),
                    (&mark.reference).into(),
                    target.into(),
                    BREACH_NOTICE.into(),
                    NO_PAYLOAD.into(),
                    now.into(),
                    due.into(),
                ];
                JOBS.run(tx.connection, &job).await?;
            }
            tx.audit(NewAuditEntry::new(
                "system".into(),
                if mark.breached { SLA_BREACHED } else { SLA_DUE_SOON },
                mark.reference.clone(),
                &json!({ "due_us": due_us, "notice": notified }),
            ));
            marks.push(mark);
        }
        Ok((marks, skew))
    }
}
