//! Idempotency keys: the first request with a key holds it, its answer is kept, and later ones get that answer again.
//!
//! Scoped to the caller. The answer commits with the request's records, so there is never one without the other. A hold
//! lapses when its process died, by the time that all replicas share; whoever takes the key over then locks the late first one out ([`StoreError::HoldLost`]), so that
//! one key never makes two records. Expired rows are removed when their key comes again and by [`purge`](super::purge).

use std::collections::HashSet;
use std::time::Duration;

use sqlx::AssertSqlSafe;

use super::batch::places;
use super::engine::Engine;
use super::error::StoreError;
use super::record::IdempotentAnswer;
use super::transaction::{Operation, Transaction};
use super::value::Value;

/// What a request finds whose idempotency key is not free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It was answered; this is the answer.
    Replay {
        /// HTTP status.
        status: u16,
        /// Body.
        body: Vec<u8>,
    },
    /// The key belongs to another body.
    OtherBody,
    /// The first request still runs, at most for this long.
    Running {
        /// When the hold lapses.
        retry_after: Duration,
    },
}

/// Takes the key (`None`), or says who has it.
pub(super) struct Begin {
    pub(super) client_id: String,
    pub(super) key: String,
    pub(super) fingerprint: [u8; 32],
    pub(super) holder: String,
    pub(super) hold_for: Duration,
}

impl Operation for Begin {
    type Reply = Option<Taken>;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Option<Taken>, StoreError> {
        let now = tx.shared_us();
        let (client, key) = ((&self.client_id).into(), (&self.key).into());
        // A key whose time is over is as good as new.
        let taken = tx
            .connection
            .execute(
                "INSERT INTO idempotency (client_id, key, fingerprint, holder, expires_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (client_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, holder = excluded.holder,
                    expires_at = excluded.expires_at, status = NULL, answer = NULL
                 WHERE idempotency.expires_at <= $6",
                &[
                    client,
                    key,
                    self.fingerprint.as_slice().into(),
                    (&self.holder).into(),
                    tx.shared_after_us(self.hold_for).into(),
                    now.into(),
                ],
            )
            .await?;
        if taken == 1 {
            return Ok(None);
        }
        let rows = tx
            .connection
            .fetch(
                "SELECT fingerprint, holder, expires_at, status, answer FROM idempotency WHERE client_id = $1 AND key = $2",
                &[client, key],
            )
            .await?;
        let Some(row) = rows.first() else {
            // Released by another replica between the two statements.
            return Ok(Some(Taken::Running {
                retry_after: Duration::ZERO,
            }));
        };
        if row.get::<Vec<u8>>(0)? != self.fingerprint {
            return Ok(Some(Taken::OtherBody));
        }
        if row.get::<Option<String>>(1)?.is_some() {
            let left = row.get::<i64>(2)?.saturating_sub(now);
            return Ok(Some(Taken::Running {
                retry_after: Duration::from_micros(u64::try_from(left).unwrap_or_default()),
            }));
        }
        let corrupt = |_| StoreError::Corrupt {
            what: "idempotency.status",
        };
        Ok(Some(Taken::Replay {
            status: u16::try_from(row.get::<Option<i64>>(3)?.unwrap_or_default()).map_err(corrupt)?,
            body: row.get::<Option<Vec<u8>>>(4)?.unwrap_or_default(),
        }))
    }
}

/// Gives the key back unanswered, so that a retry runs.
pub(super) struct Release {
    pub(super) client_id: String,
    pub(super) key: String,
    pub(super) holder: String,
}

impl Operation for Release {
    type Reply = ();

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        let values = [
            (&self.client_id).into(),
            (&self.key).into(),
            (&self.holder).into(),
        ];
        tx.connection
            .execute(
                "DELETE FROM idempotency WHERE client_id = $1 AND key = $2 AND holder = $3",
                &values,
            )
            .await
            .map(drop)
    }
}

/// Keeps the answers; says of each whether it was kept: not so when its hold is lost.
pub(super) async fn complete(
    tx: &mut Transaction<'_>,
    answers: &[&IdempotentAnswer],
) -> Result<Vec<bool>, StoreError> {
    let mut kept = Vec::with_capacity(answers.len());
    match tx.connection.engine() {
        Engine::Sqlite => {
            for answer in answers {
                let values = values(answer, tx.shared_after_us(answer.keep_for));
                let changed = tx.connection.execute(KEEP_ONE, &values).await?;
                kept.push(changed == 1);
            }
        }
        Engine::Postgres => {
            let mut held = HashSet::new();
            let mut rest = answers;
            while !rest.is_empty() {
                // Few sizes, so that each is prepared once.
                let (some, later) = rest.split_at(1 << rest.len().ilog2().min(5));
                let values: Vec<Value<'_>> = some
                    .iter()
                    .flat_map(|answer| values(answer, tx.shared_after_us(answer.keep_for)))
                    .collect();
                let sql = AssertSqlSafe(keep_many(some.len()));
                for row in tx.connection.fetch(sql, &values).await? {
                    held.insert(row.get::<String>(0)?);
                }
                rest = later;
            }
            kept.extend(answers.iter().map(|answer| held.contains(&answer.holder)));
        }
    }
    Ok(kept)
}

fn values(answer: &IdempotentAnswer, until: i64) -> [Value<'_>; 6] {
    [
        i64::from(answer.status).into(),
        (&answer.body).into(),
        until.into(),
        (&answer.client_id).into(),
        (&answer.key).into(),
        (&answer.holder).into(),
    ]
}

const KEEP_ONE: &str = "UPDATE idempotency SET holder = NULL, status = $1, answer = $2, expires_at = $3
     WHERE client_id = $4 AND key = $5 AND holder = $6";

/// [`KEEP_ONE`] for several, answering whose holds were theirs.
fn keep_many(answers: usize) -> String {
    format!(
        "UPDATE idempotency AS i SET holder = NULL, status = v.status, answer = v.answer, expires_at = v.until
         FROM (VALUES {places}) AS v (status, answer, until, client_id, key, holder)
         WHERE i.client_id = v.client_id AND i.key = v.key AND i.holder = v.holder RETURNING v.holder",
        places = places('$', answers, 6)
    )
}

/// Replaces an answer that [`complete`] kept in this transaction.
pub(super) async fn replace(
    tx: &mut Transaction<'_>,
    answer: &IdempotentAnswer,
    body: &[u8],
) -> Result<(), StoreError> {
    let values = [body.into(), (&answer.client_id).into(), (&answer.key).into()];
    tx.connection
        .execute(
            "UPDATE idempotency SET answer = $1 WHERE client_id = $2 AND key = $3",
            &values,
        )
        .await
        .map(drop)
}
