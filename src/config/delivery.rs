//! `[delivery]`: how the outbox is worked off, and how often the SLA clock looks.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{InvalidSetting, in_range};

/// How deliveries are made.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeliveryConfig {
    /// Deliveries to one target at a time, by this replica, 1 to 64.
    pub concurrency: u32,
    /// How long one delivery may take, all its calls together, 100 to 120,000 ms.
    pub timeout_ms: u64,
    /// How often the outbox is looked at when nothing here was committed, 100 to 60,000 ms: how long another replica's job, or one
    /// whose delay is over, may wait.
    pub poll_ms: u64,
    /// Tries before a job is dead, 1 to 1,000. While a target's breaker is open only probes count, so an outage does not use
    /// them up.
    pub max_tries: u32,
    /// Delay after the first failed try, 100 to 60,000 ms; doubles with every further one.
    pub backoff_base_ms: u64,
    /// Longest delay, 1,000 to 86,400,000 ms, and at least `backoff_base_ms`.
    pub backoff_max_ms: u64,
    /// Failures in a row that open a target's breaker, 1 to 100.
    pub breaker_failures: u32,
    /// How long an open breaker waits before it lets one delivery probe, 100 to 3,600,000 ms.
    pub breaker_open_ms: u64,
    /// A PEM file with further certificate authorities, for an outside system whose certificate is from a private one.
    pub ca_file: Option<PathBuf>,
    /// How often due times are looked at, 100 to 60,000 ms.
    pub sla_interval_ms: u64,
}

impl Default for DeliveryConfig {
    fn default() -> Self {
        Self {
            concurrency: 4,
            timeout_ms: 15_000,
            poll_ms: 1_000,
            max_tries: 25,
            backoff_base_ms: 1_000,
            backoff_max_ms: 600_000,
            breaker_failures: 5,
            breaker_open_ms: 15_000,
            ca_file: None,
            sla_interval_ms: 1_000,
        }
    }
}

impl DeliveryConfig {
    /// [`Self::timeout_ms`].
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// How long a worker holds a job: twice its timeout, and time to write down how it ended. What a killed worker held
    /// waits this long.
    #[must_use]
    pub const fn lease(&self) -> Duration {
        Duration::from_millis(2 * self.timeout_ms + 5_000)
    }

    /// [`Self::poll_ms`].
    #[must_use]
    pub const fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }

    /// [`Self::breaker_open_ms`].
    #[must_use]
    pub const fn breaker_open(&self) -> Duration {
        Duration::from_millis(self.breaker_open_ms)
    }

    /// [`Self::sla_interval_ms`].
    #[must_use]
    pub const fn sla_interval(&self) -> Duration {
        Duration::from_millis(self.sla_interval_ms)
    }

    /// # Errors
    /// [`InvalidSetting`] for the first value out of range.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        in_range("delivery.concurrency", self.concurrency, 1..=64)?;
        in_range("delivery.timeout_ms", self.timeout_ms, 100..=120_000)?;
        in_range("delivery.poll_ms", self.poll_ms, 100..=60_000)?;
        in_range("delivery.max_tries", self.max_tries, 1..=1_000)?;
        in_range("delivery.backoff_base_ms", self.backoff_base_ms, 100..=60_000)?;
        in_range("delivery.backoff_max_ms", self.backoff_max_ms, 1_000..=86_400_000)?;
        if self.backoff_max_ms < self.backoff_base_ms {
            let problem = format!(
                "must be at least delivery.backoff_base_ms, which is {}; is {}",
                self.backoff_base_ms, self.backoff_max_ms
            );
            return Err(InvalidSetting::new("delivery.backoff_max_ms", problem));
        }
        in_range("delivery.breaker_failures", self.breaker_failures, 1..=100)?;
        in_range("delivery.breaker_open_ms", self.breaker_open_ms, 100..=3_600_000)?;
        in_range("delivery.sla_interval_ms", self.sla_interval_ms, 100..=60_000)
    }
}
