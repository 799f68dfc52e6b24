//! `[rate_limit]` and `[safety_lane]`: how often one client may call, and what it may still send over its limit.

use serde::{Deserialize, Serialize};

use super::{InvalidSetting, in_range};

/// How often one client may call: a token bucket.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitConfig {
    /// Whether there is a limit.
    pub enabled: bool,
    /// Requests per minute and client, 1 to 6,000,000: as many tokens come back in its bucket.
    pub per_minute: u32,
    /// Requests at once of a client that was silent, 1 to 1,000,000: the size of its bucket.
    pub burst: u32,
    /// Clients that are remembered one by one, 100 to 10,000,000 (some 100 bytes each); those beyond share one bucket.
    pub max_clients: usize,
}

impl Default for RateLimitConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            per_minute: 60,
            burst: 120,
            max_clients: 100_000,
        }
    }
}

impl RateLimitConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first value out of range.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        in_range("rate_limit.per_minute", self.per_minute, 1..=6_000_000)?;
        in_range("rate_limit.burst", self.burst, 1..=1_000_000)?;
        in_range("rate_limit.max_clients", self.max_clients, 100..=10_000_000)
    }
}

/// What clients over their limit may still send: the local model reads the message, and a safety report is accepted.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SafetyLaneConfig {
    /// Messages over the limit that are read per minute, by the whole replica, 1 to 1,000,000.
    pub per_minute: u32,
    /// Messages over the limit that are read at once, 1 to 100,000.
    pub burst: u32,
    /// Messages over the limit that are read per minute and client, 1 to 1,000,000; below the lane's own, one client does not fill it for the
    /// others.
    pub client_per_minute: u32,
    /// Messages over the limit that one client may send at once, 1 to 100,000.
    pub client_burst: u32,
    /// Messages over the limit that are worked on at the same time, 1 to 65,536.
    pub max_concurrent: usize,
}

impl Default for SafetyLaneConfig {
    fn default() -> Self {
        Self {
            per_minute: 600,
            burst: 600,
            client_per_minute: 300,
            client_burst: 300,
            max_concurrent: 64,
        }
    }
}

impl SafetyLaneConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first value out of range.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        in_range("safety_lane.per_minute", self.per_minute, 1..=1_000_000)?;
        in_range("safety_lane.burst", self.burst, 1..=100_000)?;
        in_range(
            "safety_lane.client_per_minute",
            self.client_per_minute,
            1..=1_000_000,
        )?;
        in_range("safety_lane.client_burst", self.client_burst, 1..=100_000)?;
        in_range("safety_lane.max_concurrent", self.max_concurrent, 1..=65_536)
    }
}
