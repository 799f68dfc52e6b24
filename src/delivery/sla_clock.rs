//! The SLA clock: marks what is due soon and what is breached, and has breaches announced.
//!
//! Every replica runs one; the store lets each mark happen once. It also says, once for each change, where this machine's clock is not the
//! database's, and where it is so far ahead that the store marks nothing.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::observer::DeliveryObserver;
use super::survive::survive;
use crate::clock::Clock;
use crate::store::{Routes, SlaMark, Store, StoreError};

/// Records that are marked in one transaction.
const BATCH: u32 = 100;
/// How far the clocks may be apart until it is told: machines whose time is looked after are within milliseconds.
const APART: SignedDuration = SignedDuration::from_secs(5);
/// How near they have to come until that is over: a clock at the bound is not told again and again.
const TOGETHER: SignedDuration = SignedDuration::from_secs(2);

/// Watches due times.
pub struct SlaClock {
    store: Store,
    clock: Clock,
    interval: Duration,
    routes: Routes,
    observer: Arc<dyn DeliveryObserver>,
    /// Whether it was told that the clocks are apart, and that nothing is marked for it.
    told_apart: bool,
    told_held: bool,
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
            told_apart: false,
            told_held: false,
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
            self.tell_skew();
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

    /// One line for each change.
    fn tell_skew(&mut self) {
        let Some(skew) = self.store.clock_skew() else {
            return;
        };
        let (apart, ahead_s) = (skew.ahead.abs(), skew.ahead.as_secs_f64());
        if apart > APART && !self.told_apart {
            self.told_apart = true;
            tracing::warn!(ahead_s, "this machine's clock is not the database's");
        } else if apart < TOGETHER && self.told_apart {
            self.told_apart = false;
            tracing::info!(ahead_s, "this machine's clock is the database's again");
        }
        if skew.holds_marks != self.told_held {
            self.told_held = skew.holds_marks;
            if self.told_held {
                tracing::error!(
                    ahead_s,
                    "the SLA clock marks nothing: this machine's clock is too far ahead of the database's"
                );
            } else {
                tracing::info!(ahead_s, "the SLA clock marks again");
            }
        }
    }
}
