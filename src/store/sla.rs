//! The SLA clock's part of the store: marks what is due soon and what is breached, each exactly once.
//!
//! `records.clock_at` says when a record has something to be marked next: first when three quarters of its time are
//! over, then when it is due, then never. Marking, audit entry and breach notice commit together, so that of many replicas one marks
//! and none announces twice. Acknowledging or resolving a record stops its clock. While this process's clock is too far ahead of the database's
//! nothing is marked: a breach is for good, and the other replicas, or this one with its clock mended, mark what is.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::clock_skew::{self, ClockSkew};
use super::engine::Engine;
use super::error::StoreError;
use super::outbox::{JOBS, NO_PAYLOAD, Routes, due_behind, job_key};
use super::record::{NewAuditEntry, RecordKind};
use super::transaction::{Operation, Transaction};
use super::value::Value;
use crate::clock::Clock;

/// The kind of the job that announces a breach.
pub const BREACH_NOTICE: &str = "sla_breached";

/// When a record that is due at `due_at` is marked as due soon: with a quarter of its time left.
pub(crate) fn warn_at(received_at: Timestamp, due_at: Timestamp) -> Timestamp {
    let (received, due) = (received_at.as_microsecond(), due_at.as_microsecond());
    Timestamp::from_microsecond(due - (due - received).max(0) / 4).unwrap_or(due_at)
}

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

/// Marks up to `limit` records whose clock has struck.
pub(crate) struct Tick {
    pub(crate) limit: u32,
    /// Compared with the database's where something is due, and where `compare` says so.
    pub(crate) clock: Clock,
    pub(crate) compare: bool,
    /// How far it may be ahead.
    pub(crate) most_ahead: Option<Duration>,
    /// Where breaches are announced.
    pub(crate) routes: Routes,
}

impl Operation for Tick {
    /// With how far the clocks are apart, where they were compared.
    type Reply = (Vec<SlaMark>, Option<ClockSkew>);

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Self::Reply, StoreError> {
        let now = tx.now_us();
        let sql = match tx.connection.engine() {
            Engine::Sqlite => {
                "SELECT id, reference, kind, severity, due_at FROM records
                 WHERE clock_at <= $1 ORDER BY clock_at LIMIT $2"
            }
            Engine::Postgres => {
                "SELECT id, reference, kind, severity, due_at FROM records
                 WHERE clock_at <= $1 ORDER BY clock_at LIMIT $2 FOR UPDATE SKIP LOCKED"
            }
        };
        let mut marks = Vec::new();
        let rows = tx
            .connection
            .fetch(sql, &[now.into(), i64::from(self.limit).into()])
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
            let kind = RecordKind::parse(&row.get::<String>(2)?)
                .ok_or(StoreError::Corrupt { what: "records.kind" })?;
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
                if mark.breached {
                    "sla.breached"
                } else {
                    "sla.due_soon"
                },
                mark.reference.clone(),
                &json!({ "due_us": due_us, "notice": notified }),
            ));
            marks.push(mark);
        }
        Ok((marks, skew))
    }
}
