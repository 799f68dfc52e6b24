//! The SLA clock: marks what is due soon and what is breached, and has breaches announced.
//!
//! Every replica runs one; the store lets each mark happen once.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::observer::DeliveryObserver;
use super::survive::survive;
use crate::clock::Clock;
use crate::store::{Routes, SlaMark, Store, StoreError};

/// Records that are marked in one transaction.
const BATCH: u32 = 100;

/// Watches due times.
pub struct SlaClock {
    store: Store,
    clock: Clock,
    interval: Duration,
    routes: Routes,
    observer: Arc<dyn DeliveryObserver>,
}

impl std::fmt::Debug for SlaClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SlaClock({:?})", self.routes)
    }
}

impl SlaClock {
    /// A clock that announces breaches where `routes` leads.
    #[must_use]
    pub fn new(
        store: Store,
        clock: Clock,
        interval: Duration,
        routes: Routes,
        observer: Arc<dyn DeliveryObserver>,
    ) -> Self {
        Self {
            store,
            clock,
            interval,
            routes,
            observer,
        }
    }

    /// Ticks until `stopping`.
    pub async fn run(mut self, stopping: CancellationToken) {
        while !stopping.is_cancelled() {
            if let Some(Err(error)) = survive("sla_clock", self.tick()).await {
                tracing::warn!(code = error.code(), "the SLA clock could not look; trying again");
            }
            tokio::select! {
                () = self.clock.sleep(self.interval) => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Marks everything that is due soon or breached now.
    ///
    /// # Errors
    /// [`StoreError`]; what was not marked is marked by the next tick.
    pub async fn tick(&mut self) -> Result<Vec<SlaMark>, StoreError> {
        let mut all = Vec::new();
        loop {
            let marks = self.store.sla_tick(BATCH, self.routes).await?;
            for mark in &marks {
                self.observer.marked(mark);
                let SlaMark {
                    reference,
                    kind,
                    severity,
                    breached,
                } = mark;
                if *breached {
                    tracing::warn!(reference, %kind, severity, "a record's due time passed");
                } else {
                    tracing::warn!(reference, %kind, severity, "a record is due soon and nobody acknowledged it");
                }
            }
            let full = marks.len() == BATCH as usize;
            all.extend(marks);
            if !full {
                break;
            }
        }
        Ok(all)
    }
}
