//! The customers' own words, sealed: read, erased, moved under another data key. Each is audited in the transaction that does it.
//!
//! Whoever reads a text is on disk before the text is given. Erasing destroys the text's key, the sealed text, the hashes
//! that tied it to the same person's other records ([`links`]), and the engine's old pages ([`super::scrub`]), which may hold its key under an older
//! data key. A text whose data key is missing is [`StoreError::Encryption`], and stays.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::Store;
use super::audit::RECORD_ERASED;
use super::change::locked;
use super::engine::Row;
use super::error::StoreError;
use super::links;
use super::record::{NewAuditEntry, Verbatim};
use super::scrub;
use super::transaction::{Operation, Transaction};
use crate::privacy::{Sealed, Sealer};

/// Between two batches of a long change.
const BETWEEN_BATCHES: Duration = Duration::from_millis(20);
/// How long whoever erases waits for old pages to be overwritten; after that it is done behind their back.
const SCRUBBED_WITHIN: Duration = Duration::from_secs(2);
/// Records whose data keys are looked at, and moved, at a time.
const REWRAPPED_AT_ONCE: u32 = 500;

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

impl Store {
    /// A record's verbatim text. That `reader` read it is on disk before it is given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verbatim(&self, reference: &str, reader: &str) -> Result<Option<Verbatim>, StoreError> {
        let read = ReadVerbatim {
            reference: reference.to_owned(),
            reader: reader.to_owned(),
        };
        Ok(match self.run(read).await? {
            None => None,
            Some(Kept::Erased(at)) => Some(Verbatim::Erased(at)),
            Some(Kept::Sealed(sealed)) => Some(Verbatim::Text(self.0.sealer.open(reference, &sealed)?)),
        })
    }

    /// Destroys a record's key and sealed text, for good. What the engine keeps of old pages is overwritten too: SQLite zeroes them and
    /// its write-ahead log is emptied; PostgreSQL's table is vacuumed. Backups made before still hold the sealed text and
    /// its wrapped key: they end with the backup or with the data key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase(&self, reference: &str, actor: &str) -> Result<Erased, StoreError> {
        let erased = self
            .run(Erase {
                reference: reference.to_owned(),
                actor: actor.to_owned(),
            })
            .await?;
        if erased == Erased::Now {
            self.scrub_soon().await;
        }
        Ok(erased)
    }

    /// Scrubs while the caller waits, if that takes no longer than a moment.
    async fn scrub_soon(&self) {
        match self.0.clock.timeout(SCRUBBED_WITHIN, self.scrub()).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) | Err(_) => {
                tracing::warn!("old pages are still being read; they are scrubbed when that ends")
            }
            Ok(Err(error)) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "old pages could not be scrubbed; trying again"
            ),
        }
    }

    /// The data key of the newest sealed text, where that is none of those configured: most likely the wrong ones are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unknown_data_key(&self) -> Result<Option<String>, StoreError> {
        const NEWEST: &str =
            "SELECT data_key_id FROM records WHERE data_key_id IS NOT NULL ORDER BY id DESC LIMIT 1";
        let newest = self.0.pool.fetch(NEWEST, &[]).await?;
        let key_id: Option<String> = newest.first().map(|row| row.get(0)).transpose()?;
        Ok(key_id.filter(|key_id| !self.0.sealer.knows(key_id)))
    }

    /// Moves every text's key under the current data key, on behalf of `actor`; answers how many were moved.
    ///
    /// # Errors
    /// [`StoreError::Encryption`] when a previous data key is missing.
    pub async fn rewrap(&self, actor: &str) -> Result<u64, StoreError> {
        let current = self.0.sealer.key_id();
        let (mut all, mut after) = (0, 0);
        loop {
            // Found by a reader: what needs no other key, which may be millions of texts, must not be walked over under the write lock.
            let page = self.data_keys_after(after).await?;
            let Some((last, _)) = page.last() else { break };
            let other = |(_, key_id): &(i64, Option<String>)| key_id.as_ref().is_some_and(|id| id != current);
            if page.iter().any(other) {
                let rewrap = Rewrap {
                    sealer: self.0.sealer.clone(),
                    actor: actor.to_owned(),
                    after,
                    last: *last,
                };
                if all > 0 {
                    // SQLite has one writer: a service that runs beside this takes its turn.
                    self.0.clock.sleep(BETWEEN_BATCHES).await;
                }
                all += self.run(rewrap).await?;
            }
            after = *last;
        }
        if all > 0 {
            self.scrub_soon().await;
        }
        Ok(all)
    }

    /// The numbers of the records that follow record number `after`, each with the name of its text's data key.
    async fn data_keys_after(&self, after: i64) -> Result<Vec<(i64, Option<String>)>, StoreError> {
        const KEYS: &str = "SELECT id, data_key_id FROM records WHERE id > $1 ORDER BY id LIMIT $2";
        let values = [after.into(), i64::from(REWRAPPED_AT_ONCE).into()];
        let rows = self.0.pool.fetch(KEYS, &values).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}

/// A sealed text, or when it was erased.
enum Kept {
    Sealed(Sealed),
    Erased(Timestamp),
}

/// Reads the sealed verbatim text; the entry that says so is durable before the reader gets it.
struct ReadVerbatim {
    reference: String,
    reader: String,
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
    const WHAT: &str = "records.verbatim";
    if let Some(at) = row.time_if_any(3, WHAT)? {
        return Ok(Kept::Erased(at));
    }
    match (row.get(0)?, row.get(1)?, row.get(2)?) {
        (Some(text), Some(key), Some(key_id)) => Ok(Kept::Sealed(Sealed { text, key, key_id })),
        _ => Err(StoreError::Corrupt { what: WHAT }),
    }
}

/// Records of one message are inserted together; on PostgreSQL, numbers of other sessions may come between.
const SIBLINGS_WITHIN: i64 = 100;

/// Destroys the key and sealed text of a record, and its facts, and of what else was opened for the same message: it is the same text.
struct Erase {
    reference: String,
    actor: String,
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
            let (reference, version): (String, i64) = (row.get(0)?, row.get(1)?);
            links::forget(tx, &reference, before.received_at.as_microsecond()).await?;
            tx.audit(NewAuditEntry::new(
                self.actor.clone(),
                RECORD_ERASED,
                reference,
                &json!({ "before": { "version": version - 1 }, "after": { "version": version } }),
            ));
        }
        if of_the_message.is_empty() {
            return Ok(Erased::Before);
        }
        scrub::note(tx).await?;
        Ok(Erased::Now)
    }
}

/// Wraps the keys of texts again under the current data key: those after record number `after`, up to `last`. Answers how many.
struct Rewrap {
    sealer: Sealer,
    actor: String,
    after: i64,
    last: i64,
}

impl Operation for Rewrap {
    type Reply = u64;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<u64, StoreError> {
        let current = self.sealer.key_id();
        let rows = tx
            .connection
            .fetch(
                "SELECT id, reference, data_key_id, verbatim_key FROM records
                 WHERE id > $1 AND id <= $2 AND data_key_id <> $3",
                &[self.after.into(), self.last.into(), current.into()],
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
            scrub::note(tx).await?;
            tx.audit(NewAuditEntry::new(
                self.actor.clone(),
                "encryption.rewrapped",
                current.to_owned(),
                &json!({ "texts": moved }),
            ));
        }
        Ok(moved)
    }
}
