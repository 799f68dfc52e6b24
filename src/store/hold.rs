//! A request's hold on its idempotency key, and the store's operations on keys.
//!
//! A hold that is dropped unanswered (a refusal, a client that went away) gives its key back without being waited for, as soon as the database
//! takes it; one whose process died lapses ([`idempotency`](super::idempotency)).

use std::time::Duration;

use uuid::Uuid;

use super::Store;
use super::error::StoreError;
use super::idempotency::{Begin, Release, Taken};
use super::record::IdempotentAnswer;

/// A request's hold on its key.
pub struct Hold {
    store: Store,
    client_id: String,
    key: String,
    holder: String,
    /// Whether there is nothing to give back.
    settled: bool,
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
            settled: false,
        }
    }

    /// The key is another request's.
    fn refused(mut self) {
        self.settled = true;
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
        self.settled = true;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if !self.settled {
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
    /// It is somebody else's, or answered.
    Taken(Taken),
}

impl Store {
    /// Takes `key` for a request of `client_id` whose body has this SHA-256, or says who has it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hold(&self, client_id: &str, key: &str, fingerprint: [u8; 32]) -> Result<Held, StoreError> {
        let begin = Begin {
            client_id: client_id.to_owned(),
            key: key.to_owned(),
            fingerprint,
            holder: Uuid::new_v4().to_string(),
            hold_for: self.0.hold_for,
        };
        let hold = Hold::of(self.clone(), &begin);
        Ok(match self.run(begin).await? {
            None => Held::Fresh(hold),
            Some(taken) => {
                hold.refused();
                Held::Taken(taken)
            }
        })
    }

    /// Gives a key back unanswered, without waiting for it.
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
}
