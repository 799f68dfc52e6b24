//! The outbox: deliveries that were committed with their record and are leased, run and acknowledged by workers.
//!
//! A lease is a time until which nobody else may run the job, and a token: a worker that comes back too late finds its
//! token gone and changes nothing. What is due, and what a lease ends by, is the time that all replicas share (PostgreSQL's own): one whose
//! clock is wrong runs nothing that another runs. Tries are counted when a job is leased, so that one which kills its worker ends too. Jobs of
//! one record for one target run in the order in which they were committed; a dead or discarded one lets the next pass. A job
//! behind another is never due before it; otherwise, after a long outage, every lease would scan all due jobs that may not run yet.
//! Nothing is deleted: a job ends as `done`, `dead` or `discarded`.

use std::time::Duration;

use serde_json::json;
use sqlx::AssertSqlSafe;
use tokio::sync::futures::Notified;
use uuid::Uuid;

use super::Store;
use super::audit::{DELIVERED, DISCARDED};
use super::engine::Engine;
use super::error::StoreError;
use super::job::{Decided, Decision, JobState, LeasedJob, Settlement, state, tries};
use super::record::NewAuditEntry;
use super::transaction::{Operation, Transaction};
use super::value::Value;

impl Store {
    /// Leases up to `limit` due jobs of `target` for `lease_for`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lease_jobs(
        &self,
        target: &str,
        limit: u32,
        lease_for: Duration,
    ) -> Result<Vec<LeasedJob>, StoreError> {
        self.run(Lease {
            target: target.to_owned(),
            limit,
            lease: Uuid::new_v4().to_string(),
            lease_for,
        })
        .await
    }

    /// Ends a lease; false, and nothing changed, when it was not held any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle(&self, job: &LeasedJob, settlement: Settlement) -> Result<bool, StoreError> {
        self.run(Settle {
            job: job.clone(),
            settlement,
        })
        .await
    }

    /// Applies an operator's decision about a job, audited.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide(
        &self,
        job_key: &str,
        decision: Decision,
        actor: &str,
    ) -> Result<Decided, StoreError> {
        let decided = self
            .run(Decide {
                key: job_key.to_owned(),
                actor: actor.to_owned(),
                decision,
            })
            .await?;
        self.0.jobs.notify_waiters();
        Ok(decided)
    }

    /// Resolves when this process commits a job or replays one: the workers' reason not to wait for their next poll.
    ///
    /// Made before looking for jobs, it misses none that is committed meanwhile.
    pub fn jobs_committed(&self) -> Notified<'_> {
        self.0.jobs.notified()
    }
}

/// Leases up to `limit` due jobs of a target.
struct Lease {
    target: String,
    limit: u32,
    lease: String,
    lease_for: Duration,
}

impl Operation for Lease {
    type Reply = Vec<LeasedJob>;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Self::Reply, StoreError> {
        let now = tx.shared_us();
        // Locked are only the jobs that are leased, not those before them.
        let lock = match tx.connection.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => "FOR UPDATE OF o SKIP LOCKED",
        };
        let sql = format!(
            "WITH due AS (SELECT o.id FROM outbox o
               WHERE o.state = 'pending' AND o.target = $1 AND o.run_at <= $2
                 AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.reference = o.reference AND e.target = o.target
                                   AND e.state = 'pending' AND e.id < o.id)
               ORDER BY o.run_at, o.id LIMIT $3 {lock})
             UPDATE outbox SET lease = $4, run_at = $5, tries = tries + 1 WHERE id IN (SELECT id FROM due)
             RETURNING id, job_key, reference, target, kind, tries, outcome"
        );
        let values = [
            (&self.target).into(),
            now.into(),
            i64::from(self.limit).into(),
            (&self.lease).into(),
            tx.shared_after_us(self.lease_for).into(),
        ];
        let mut jobs = Vec::new();
        for row in tx.connection.fetch(AssertSqlSafe(sql), &values).await? {
            let tries = tries(&row, 5)?;
            jobs.push(LeasedJob {
                tries,
                maybe_sent: tries > 1 || row.get::<Option<String>>(6)?.is_some(),
                id: row.get(0)?,
                key: row.get(1)?,
                reference: row.get(2)?,
                target: row.get(3)?,
                kind: row.get(4)?,
                lease: self.lease.clone(),
            });
        }
        // RETURNING promises no order.
        jobs.sort_by_key(|job| job.id);
        Ok(jobs)
    }
}

/// Ends a lease. Replies false, and changes nothing, when the lease is not held any more.
struct Settle {
    job: LeasedJob,
    settlement: Settlement,
}

impl Operation for Settle {
    type Reply = bool;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<bool, StoreError> {
        let now = tx.now_us();
        let job = &self.job;
        let held = [Value::from(job.id), (&job.lease).into()];
        let (sql, values, audited) = match &self.settlement {
            Settlement::Done { outcome } => (
                "UPDATE outbox SET state = 'done', lease = NULL, finished_at = $3, outcome = $4
                 WHERE id = $1 AND lease = $2 AND state = 'pending'",
                vec![held[0], held[1], now.into(), outcome.into()],
                Some((DELIVERED, outcome)),
            ),
            Settlement::Dead { error } => (
                "UPDATE outbox SET state = 'dead', lease = NULL, finished_at = $3, outcome = $4
                 WHERE id = $1 AND lease = $2 AND state = 'pending'",
                vec![held[0], held[1], now.into(), error.into()],
                Some(("outbox.dead", error)),
            ),
            Settlement::Retry { after: delay, error } => (
                "UPDATE outbox SET lease = NULL, run_at = $3, outcome = $4
                 WHERE id = $1 AND lease = $2 AND state = 'pending'",
                vec![held[0], held[1], tx.shared_after_us(*delay).into(), error.into()],
                None,
            ),
        };
        if tx.connection.execute(sql, &values).await? == 0 {
            return Ok(false);
        }
        if let Settlement::Retry { after: delay, .. } = &self.settlement {
            let behind = [
                Value::from(&job.reference),
                (&job.target).into(),
                job.id.into(),
                tx.shared_after_us(*delay).into(),
            ];
            tx.connection.execute(DELAY_NEXT, &behind).await?;
        }
        if let Some((action, outcome)) = audited {
            tx.audit(NewAuditEntry::new(
                "system".into(),
                action,
                job.key.clone(),
                &json!({ "outcome": outcome, "tries": job.tries }),
            ));
        }
        Ok(true)
    }
}

/// What waits behind a job that is not due before `$4` is not due before that either.
const DELAY_NEXT: &str = "UPDATE outbox SET run_at = $4
     WHERE reference = $1 AND target = $2 AND state = 'pending' AND id > $3 AND run_at < $4";
/// What waited behind a job that is given up, or due now after all, is due at `$4`.
const ADVANCE_NEXT: &str = "UPDATE outbox SET run_at = $4
     WHERE reference = $1 AND target = $2 AND state = 'pending' AND id > $3 AND run_at > $4 AND lease IS NULL";
/// When the last delivery for a record to a target is due, of those that wait for their next try.
const LAST_DUE: &str = "SELECT MAX(run_at) FROM outbox
     WHERE reference = $1 AND target = $2 AND state = 'pending' AND lease IS NULL";

/// When a new job for `target` about a record that was told of before is due: not before those that it waits for.
pub(crate) async fn due_behind(
    tx: &mut Transaction<'_>,
    reference: &str,
    target: &str,
) -> Result<i64, StoreError> {
    let rows = tx
        .connection
        .fetch(LAST_DUE, &[reference.into(), target.into()])
        .await?;
    let last: Option<i64> = rows.first().map_or(Ok(None), |row| row.get(0))?;
    Ok(last.unwrap_or_default().max(tx.shared_us()))
}

/// Applies an operator's [`Decision`], audited.
struct Decide {
    key: String,
    actor: String,
    decision: Decision,
}

impl Operation for Decide {
    type Reply = Decided;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Decided, StoreError> {
        let now = tx.shared_us();
        let (sql, action, to) = match self.decision {
            Decision::Retry => (
                "UPDATE outbox SET state = 'pending', tries = CASE state WHEN 'dead' THEN 0 ELSE tries END, run_at = $2,
                     finished_at = NULL, lease = NULL
                 WHERE job_key = $1 AND (state = 'dead' OR (state = 'pending' AND lease IS NULL AND run_at > $2
                     AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.reference = outbox.reference AND e.target = outbox.target
                                       AND e.state = 'pending' AND e.id < outbox.id)))",
                "outbox.retried",
                JobState::Pending,
            ),
            Decision::Discard => (
                "UPDATE outbox SET state = 'discarded', finished_at = $2, lease = NULL
                 WHERE job_key = $1 AND (state = 'dead' OR (state = 'pending' AND (lease IS NULL OR run_at <= $2)))",
                DISCARDED,
                JobState::Discarded,
            ),
        };
        // Locked: what the trail says was before is what the decision finds.
        let lock = tx.connection.engine().locking();
        let found = format!(
            "SELECT state, outcome, tries, reference, target, id FROM outbox WHERE job_key = $1 {lock}"
        );
        let found = tx
            .connection
            .fetch(AssertSqlSafe(found), &[(&self.key).into()])
            .await?;
        let Some(row) = found.first() else {
            return Ok(Decided::NotFound);
        };
        let before = state(row, 0)?;
        let detail = json!({
            "before": { "state": before, "outcome": row.get::<Option<String>>(1)?, "tries": tries(row, 2)? },
            "after": { "state": to },
        });
        if tx
            .connection
            .execute(sql, &[(&self.key).into(), now.into()])
            .await?
            == 0
        {
            return Ok(Decided::NotAllowed(before));
        }
        // A dead one held nobody back.
        if before == JobState::Pending {
            let (reference, target): (String, String) = (row.get(3)?, row.get(4)?);
            let behind = [
                Value::from(&reference),
                (&target).into(),
                row.get::<i64>(5)?.into(),
                now.into(),
            ];
            tx.connection.execute(ADVANCE_NEXT, &behind).await?;
        }
        tx.audit(NewAuditEntry::new(
            self.actor.clone(),
            action,
            self.key.clone(),
            &detail,
        ));
        Ok(Decided::Done)
    }
}
