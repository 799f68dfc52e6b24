//! Idempotency keys: the first request with a key holds it, its answer is kept, and later ones get that answer again.
//!
//! Scoped to the caller. The answer commits with the request's records, so there is never one without the other. A hold
//! lapses when its process died; whoever takes the key over then locks the late first one out ([`StoreError::HoldLost`]), so that
//! one key never makes two records. Expired rows are removed when their key comes again and by [`Purge`].

use std::collections::HashSet;
use std::time::Duration;

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::Store;
use super::engine::{Engine, Value};
use super::error::StoreError;
use super::writer::{Operation, Transaction};

/// The answer to keep for a key, given with the unit that it answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentAnswer {
    /// The caller.
    pub client_id: String,
    /// The key.
    pub key: String,
    /// What [`Begun::Fresh`] gave.
    pub holder: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Body of the answer; redacted like every answer.
    pub body: Vec<u8>,
    /// How long it is kept.
    pub keep_for: Duration,
}

/// A request's hold on its key. Dropped unanswered (a refusal, a client that went away), it gives the key back.
pub struct Hold {
    store: Store,
    client_id: String,
    key: String,
    holder: String,
    answered: bool,
}

impl std::fmt::Debug for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hold(..)")
    }
}

impl Hold {
    /// The hold that `begin` asks for. It is there before the key is taken: a request that ends while it waits gives the key back too.
    fn of(store: Store, begin: &Begin) -> Self {
        Self {
            store,
            client_id: begin.client_id.clone(),
            key: begin.key.clone(),
            holder: begin.holder.clone(),
            answered: false,
        }
    }

    /// The key is another request's: there is nothing to give back.
    fn refused(mut self) {
        self.answered = true;
    }

    /// The answer to commit with the request's records.
    #[must_use]
    pub fn answer(&self, status: u16, body: Vec<u8>) -> IdempotentAnswer {
        IdempotentAnswer {
            client_id: self.client_id.clone(),
            key: self.key.clone(),
            holder: self.holder.clone(),
            status,
            body,
            keep_for: self.store.idempotency_keep(),
        }
    }

    /// The answer is on disk.
    pub fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if !self.answered {
            // Behind a commit that is still queued this changes nothing: the answer has taken the holder's name off by then.
            self.store.release_later(&self.client_id, &self.key, &self.holder);
        }
    }
}

/// What [`Store::hold`] finds.
#[derive(Debug)]
pub enum Held {
    /// The key is this request's.
    Fresh(Hold),
    /// Anything else, as [`Begun`] says; never [`Begun::Fresh`].
    Taken(Begun),
}

/// What a request with an idempotency key finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// The key is this request's; complete it with a unit or release it.
    Fresh {
        /// Proof of the hold.
        holder: String,
    },
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

impl Store {
    /// Takes `key` for a request of `client_id` whose body has this SHA-256, or says who has it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn idempotency_begin(
        &self,
        client_id: &str,
        key: &str,
        fingerprint: [u8; 32],
    ) -> Result<Begun, StoreError> {
        self.run(self.begin(client_id, key, fingerprint)).await
    }

    fn begin(&self, client_id: &str, key: &str, fingerprint: [u8; 32]) -> Begin {
        Begin {
            client_id: client_id.to_owned(),
            key: key.to_owned(),
            fingerprint,
            holder: Uuid::new_v4().to_string(),
            hold_for: self.0.hold_for,
        }
    }

    /// [`Self::idempotency_begin`] with a hold that gives itself back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hold(&self, client_id: &str, key: &str, fingerprint: [u8; 32]) -> Result<Held, StoreError> {
        let begin = self.begin(client_id, key, fingerprint);
        let hold = Hold::of(self.clone(), &begin);
        Ok(match self.run(begin).await? {
            Begun::Fresh { .. } => Held::Fresh(hold),
            taken => {
                hold.refused();
                Held::Taken(taken)
            }
        })
    }

    /// [`Self::idempotency_release`] without waiting for it.
    fn release_later(&self, client_id: &str, key: &str, holder: &str) {
        self.0.queue.run_unattended(Release {
            client_id: client_id.to_owned(),
            key: key.to_owned(),
            holder: holder.to_owned(),
        });
    }

    /// How long an idempotent answer is to be kept: for [`IdempotentAnswer::keep_for`].
    #[must_use]
    pub fn idempotency_keep(&self) -> Duration {
        self.0.keep_for
    }

    /// Gives a key back unanswered, so that a retry runs.
    ///
    /// # Errors
    /// [`StoreError`]; the hold lapses by itself then.
    pub async fn idempotency_release(
        &self,
        client_id: &str,
        key: &str,
        holder: &str,
    ) -> Result<(), StoreError> {
        self.run(Release {
            client_id: client_id.to_owned(),
            key: key.to_owned(),
            holder: holder.to_owned(),
        })
        .await
    }

    /// Forgets expired idempotency keys; answers how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purge_idempotency(&self) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            // One after the other, so that other writes go between.
            let purged = self.run(Purge).await?;
            all += purged;
            if purged < PURGED_AT_ONCE {
                return Ok(all);
            }
        }
    }
}

/// Takes the key, or says who has it.
struct Begin {
    client_id: String,
    key: String,
    fingerprint: [u8; 32],
    holder: String,
    hold_for: Duration,
}

impl Operation for Begin {
    type Reply = Begun;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<Begun, StoreError> {
        let now = tx.now_us();
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
                    tx.after_us(self.hold_for).into(),
                    now.into(),
                ],
            )
            .await?;
        if taken == 1 {
            return Ok(Begun::Fresh {
                holder: self.holder.clone(),
            });
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
            return Ok(Begun::Running {
                retry_after: Duration::ZERO,
            });
        };
        if row.get::<Vec<u8>>(0)? != self.fingerprint {
            return Ok(Begun::OtherBody);
        }
        if row.get::<Option<String>>(1)?.is_some() {
            let left = row.get::<i64>(2)?.saturating_sub(now);
            return Ok(Begun::Running {
                retry_after: Duration::from_micros(u64::try_from(left).unwrap_or_default()),
            });
        }
        let corrupt = |_| StoreError::Corrupt {
            what: "idempotency.status",
        };
        Ok(Begun::Replay {
            status: u16::try_from(row.get::<Option<i64>>(3)?.unwrap_or_default()).map_err(corrupt)?,
            body: row.get::<Option<Vec<u8>>>(4)?.unwrap_or_default(),
        })
    }
}

/// Gives the key back unanswered, so that a retry runs.
struct Release {
    client_id: String,
    key: String,
    holder: String,
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

/// Removes expired keys, at most [`PURGED_AT_ONCE`] of them: other writes wait for as long as it takes.
struct Purge;

/// Milliseconds of work.
const PURGED_AT_ONCE: u64 = 500;

impl Operation for Purge {
    type Reply = u64;

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<u64, StoreError> {
        // Replicas purge at the same time: those that another one has are left to it.
        let lock = match tx.connection.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => "FOR UPDATE SKIP LOCKED",
        };
        let sql = format!(
            "DELETE FROM idempotency WHERE (client_id, key) IN (
                 SELECT client_id, key FROM idempotency WHERE expires_at <= $1 LIMIT {PURGED_AT_ONCE} {lock})"
        );
        let now = tx.now_us();
        tx.connection.execute(AssertSqlSafe(sql), &[now.into()]).await
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
                let values = values(answer, tx.after_us(answer.keep_for));
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
                    .flat_map(|answer| values(answer, tx.after_us(answer.keep_for)))
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
    let row = |row: usize| {
        let places: Vec<String> = (1..=6).map(|column| format!("${}", 6 * row + column)).collect();
        format!("({})", places.join(","))
    };
    let rows: Vec<String> = (0..answers).map(row).collect();
    format!(
        "UPDATE idempotency AS i SET holder = NULL, status = v.status, answer = v.answer, expires_at = v.until
         FROM (VALUES {}) AS v (status, answer, until, client_id, key, holder)
         WHERE i.client_id = v.client_id AND i.key = v.key AND i.holder = v.holder RETURNING v.holder",
        rows.join(",")
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
