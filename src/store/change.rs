//! What people do to a record: acknowledge, resolve, reclassify, read its verbatim text, erase it. Each is audited in the
//! transaction that does it, with before and after.

use jiff::Timestamp;
use serde_json::json;

use super::engine::{Engine, Row};
use super::error::StoreError;
use super::read::{COLUMNS, record_row};
use super::record::{Change, NewAuditEntry, RecordRow, RecordStatus};
use super::writer::{Operation, Transaction};
use crate::privacy::{Sealed, Sealer};

/// Reads a record inside the transaction, locked against other writers.
async fn locked(tx: &mut Transaction<'_>, reference: &str) -> Result<Option<RecordRow>, StoreError> {
    let lock = match tx.connection.engine() {
        Engine::Sqlite => "",
        Engine::Postgres => " FOR UPDATE",
    };
    let sql = format!("SELECT {COLUMNS} FROM records WHERE reference = $1{lock}");
    let rows = tx
        .connection
        .fetch(sqlx::AssertSqlSafe(sql), &[reference.into()])
        .await?;
    rows.first().map(record_row).transpose()
}

/// Applies a [`Change`] if the record is still at `expected`. The inner error is [`StoreError::Conflict`].
pub(crate) struct Apply {
    pub(crate) reference: String,
    pub(crate) expected: Option<i64>,
    pub(crate) actor: String,
    pub(crate) change: Change,
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
                    Change::Resolve { note } => ("record.resolved", RecordStatus::Resolved, Some(note)),
                    _ => ("record.acknowledged", RecordStatus::Acknowledged, None),
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
                ("record.reclassified", detail)
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

/// A sealed text, or when it was erased.
pub(crate) enum Kept {
    Sealed(Sealed),
    Erased(Timestamp),
}

/// Reads the sealed verbatim text; the entry that says so is durable before the reader gets it.
pub(crate) struct ReadVerbatim {
    pub(crate) reference: String,
    pub(crate) reader: String,
}

impl Operation for ReadVerbatim {
    type Reply = Option<Kept>;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Self::Reply, StoreError> {
        let rows = tx
            .connection
            .fetch(
                "SELECT verbatim, verbatim_key, data_key_id, erased_at FROM records WHERE reference = $1",
                &[(&self.reference).into()],
            )
            .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let kept = kept(row)?;
        tx.audit(NewAuditEntry::new(
            self.reader.clone(),
            "record.verbatim_read",
            self.reference.clone(),
            &json!({ "erased": matches!(kept, Kept::Erased(_)) }),
        ));
        Ok(Some(kept))
    }
}

fn kept(row: &Row) -> Result<Kept, StoreError> {
    let corrupt = StoreError::Corrupt {
        what: "records.verbatim",
    };
    match (row.get(0)?, row.get(1)?, row.get(2)?, row.get::<Option<i64>>(3)?) {
        (Some(text), Some(key), Some(key_id), None) => Ok(Kept::Sealed(Sealed { text, key, key_id })),
        (_, _, _, Some(at)) => Timestamp::from_microsecond(at)
            .map(Kept::Erased)
            .map_err(|_| corrupt),
        _ => Err(corrupt),
    }
}

/// What became of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// Its key and text are gone, and the trail says so.
    Now,
    /// They were gone before.
    Before,
    /// No such record.
    NotFound,
}

/// Records of one message are inserted together; on PostgreSQL, numbers of other sessions may come between.
const SIBLINGS_WITHIN: i64 = 100;

/// Destroys the key and sealed text of a record, and of what else was opened for the same message: it is the same text.
pub(crate) struct Erase {
    pub(crate) reference: String,
    pub(crate) actor: String,
}

impl Operation for Erase {
    type Reply = Erased;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Erased, StoreError> {
        let Some(before) = locked(tx, &self.reference).await? else {
            return Ok(Erased::NotFound);
        };
        let now = tx.now_us();
        let of_the_message = tx
            .connection
            .fetch(
                "UPDATE records SET verbatim = NULL, verbatim_key = NULL, data_key_id = NULL, erased_at = $1,
                        version = version + 1
                 WHERE id BETWEEN $2 AND $3 AND request_id = $4 AND client_id = $5 AND received_at = $6
                   AND erased_at IS NULL RETURNING reference, version",
                &[
                    now.into(),
                    (before.id - SIBLINGS_WITHIN).into(),
                    (before.id + SIBLINGS_WITHIN).into(),
                    (&before.request_id).into(),
                    (&before.client_id).into(),
                    before.received_at.as_microsecond().into(),
                ],
            )
            .await?;
        for row in &of_the_message {
            let version: i64 = row.get(1)?;
            tx.audit(NewAuditEntry::new(
                self.actor.clone(),
                "record.erased",
                row.get(0)?,
                &json!({ "before": { "version": version - 1 }, "after": { "version": version } }),
            ));
        }
        Ok(match of_the_message.is_empty() {
            true => Erased::Before,
            false => Erased::Now,
        })
    }
}

/// Wraps the keys of up to `limit` texts after record number `after` again under the current data key.
pub(crate) struct Rewrap {
    pub(crate) sealer: Sealer,
    pub(crate) after: i64,
    pub(crate) limit: u32,
}

/// What a batch of them came to.
pub(crate) struct Rewrapped {
    pub(crate) moved: u64,
    /// The last record that was looked at; `None` when no other is left.
    pub(crate) last: Option<i64>,
}

impl Operation for Rewrap {
    type Reply = Rewrapped;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Rewrapped, StoreError> {
        let current = self.sealer.key_id();
        let rows = tx
            .connection
            .fetch(
                "SELECT id, reference, data_key_id, verbatim_key FROM records
                 WHERE id > $1 AND data_key_id IS NOT NULL AND data_key_id <> $2 ORDER BY id LIMIT $3",
                &[self.after.into(), current.into(), i64::from(self.limit).into()],
            )
            .await?;
        let mut moved = 0;
        for row in &rows {
            let old_id: String = row.get(2)?;
            let wrapped = self
                .sealer
                .rewrap(&row.get::<String>(1)?, &old_id, &row.get::<Vec<u8>>(3)?)?;
            moved += tx
                .connection
                .execute(
                    // The old key's name again: an erasure by another replica in between must stay one.
                    "UPDATE records SET verbatim_key = $1, data_key_id = $2 WHERE id = $3 AND data_key_id = $4",
                    &[
                        (&wrapped).into(),
                        current.into(),
                        row.get::<i64>(0)?.into(),
                        (&old_id).into(),
                    ],
                )
                .await?;
        }
        if moved > 0 {
            tx.audit(NewAuditEntry::new(
                "system".into(),
                "encryption.rewrapped",
                current.to_owned(),
                &json!({ "texts": moved }),
            ));
        }
        let last = rows.last().filter(|_| rows.len() == self.limit as usize);
        Ok(Rewrapped {
            moved,
            last: last.map(|row| row.get(0)).transpose()?,
        })
    }
}
