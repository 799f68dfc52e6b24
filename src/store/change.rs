//! What people do to a record: acknowledge, resolve, reclassify. Each is audited in the transaction that does it, with before and after.
//!
//! A record that somebody else changed since it was read is not changed again: [`StoreError::Conflict`] says where it stands now.

use serde_json::json;

use super::Store;
use super::audit::{RECORD_ACKNOWLEDGED, RECORD_RECLASSIFIED, RECORD_RESOLVED};
use super::error::StoreError;
use super::read::{COLUMNS, record_row};
use super::record::{Change, NewAuditEntry, RecordRow, RecordStatus};
use super::transaction::{Operation, Transaction};

impl Store {
    /// Applies a person's change if the record is still at version `expected` (`None`: at any). `Ok(None)`: no such record.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the version or the status does not allow it.
    pub async fn change(
        &self,
        reference: &str,
        expected: Option<i64>,
        actor: &str,
        change: Change,
    ) -> Result<Option<RecordRow>, StoreError> {
        self.run(Apply {
            reference: reference.to_owned(),
            expected,
            actor: actor.to_owned(),
            change,
        })
        .await?
    }
}

/// Reads a record inside the transaction, locked against other writers.
pub(super) async fn locked(
    tx: &mut Transaction<'_>,
    reference: &str,
) -> Result<Option<RecordRow>, StoreError> {
    let lock = tx.connection.engine().locking();
    let sql = format!("SELECT {COLUMNS} FROM records WHERE reference = $1 {lock}");
    let rows = tx
        .connection
        .fetch(sqlx::AssertSqlSafe(sql), &[reference.into()])
        .await?;
    rows.first().map(record_row).transpose()
}

/// Applies a [`Change`] if the record is still at `expected`. The inner error is [`StoreError::Conflict`].
struct Apply {
    reference: String,
    expected: Option<i64>,
    actor: String,
    change: Change,
}

impl Operation for Apply {
    type Reply = Result<Option<RecordRow>, StoreError>;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Self::Reply, StoreError> {
        let Some(before) = locked(tx, &self.reference).await? else {
            return Ok(Ok(None));
        };
        let allowed = match self.change {
            Change::Acknowledge => before.status == RecordStatus::Open,
            Change::Resolve { .. } => before.status != RecordStatus::Resolved,
            Change::Reclassify(_) => true,
        };
        if !allowed || self.expected.is_some_and(|expected| expected != before.version) {
            return Ok(Err(StoreError::Conflict {
                version: before.version,
                status: before.status.as_str(),
            }));
        }
        let id = before.id;
        let (action, detail) = match &self.change {
            Change::Acknowledge | Change::Resolve { .. } => {
                let (action, status, note) = match &self.change {
                    Change::Resolve { note } => (RECORD_RESOLVED, RecordStatus::Resolved, Some(note)),
                    _ => (RECORD_ACKNOWLEDGED, RecordStatus::Acknowledged, None),
                };
                tx.connection
                    .execute(
                        "UPDATE records SET status = $1, clock_at = NULL, version = version + 1 WHERE id = $2",
                        &[status.as_str().into(), id.into()],
                    )
                    .await?;
                let detail = json!({ "before": { "status": before.status }, "after": { "status": status }, "note": note });
                (action, detail)
            }
            Change::Reclassify(review) => {
                let text = serde_json::to_string(review).unwrap_or_default();
                tx.connection
                    .execute(
                        "UPDATE records SET review = $1, version = version + 1 WHERE id = $2",
                        &[(&text).into(), id.into()],
                    )
                    .await?;
                let was = json!({ "category": before.category, "severity": before.severity, "intent": before.intent });
                let detail = json!({ "before": before.review.as_ref().map_or(was, |review| json!(review)), "after": review });
                (RECORD_RECLASSIFIED, detail)
            }
        };
        tx.audit(NewAuditEntry::new(
            self.actor.clone(),
            action,
            self.reference.clone(),
            &detail,
        ));
        Ok(Ok(locked(tx, &self.reference).await?))
    }
}
