//! Upkeep: deletes expired idempotency keys and the lookup hashes of old reports, and scrubs what an erasure could not.
//!
//! Every replica does it; none is hurt by being done twice. It has a task of its own, because each may take minutes on a large database,
//! and due times do not wait. What fails is told and tried again.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::survive::survive;
use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// How often expired idempotency keys and the lookup hashes of old reports are deleted.
const PURGE_EVERY: Duration = Duration::from_secs(60);

/// Looks after the store.
#[derive(Debug)]
pub struct Upkeep {
    store: Store,
    clock: Clock,
    interval: Duration,
    facts_kept: Duration,
    purge_at: Duration,
}

impl Upkeep {
    /// Looks every `interval` whether something is to be scrubbed; lookup hashes of reports older than `facts_kept` are deleted.
    #[must_use]
    pub fn new(store: Store, clock: Clock, interval: Duration, facts_kept: Duration) -> Self {
        Self {
            purge_at: clock.elapsed() + PURGE_EVERY,
            store,
            clock,
            interval,
            facts_kept,
        }
    }

    /// Rounds until `stopping`, which cuts one short.
    pub async fn run(mut self, stopping: CancellationToken) {
        let rounds = async {
            loop {
                survive("upkeep", self.round()).await;
                self.clock.sleep(self.interval).await;
            }
        };
        tokio::select! {
            () = rounds => {}
            () = stopping.cancelled() => {}
        }
    }

    /// Does what is to be done now.
    pub async fn round(&mut self) {
        if let Err(error) = self.store.scrub().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "old pages could not be scrubbed; trying again"
            );
        }
        if let Err(error) = self.purge().await {
            tracing::warn!(
                code = error.code(),
                "what is kept for a time could not be forgotten; trying again"
            );
        }
    }

    async fn purge(&mut self) -> Result<(), StoreError> {
        if self.clock.elapsed() < self.purge_at {
            return Ok(());
        }
        self.store.purge_idempotency().await?;
        self.store.forget_facts(self.facts_kept).await?;
        self.purge_at = self.clock.elapsed() + PURGE_EVERY;
        Ok(())
    }
}
