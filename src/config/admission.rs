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
    /// Messages over the limit that are read per minute, by the whole replica, 2 to 1,000,000.
    pub per_minute: u32,
    /// Messages over the limit that are read at once, 2 to 100,000.
    pub burst: u32,
    /// Messages over the limit that are read per minute and client, 1 to 1,000,000; less than the lane's own, so that one client
    /// does not fill it for the others.
    pub client_per_minute: u32,
    /// Messages over the limit that one client may send at once, 1 to 100,000; less than the lane's own.
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
        in_range("safety_lane.per_minute", self.per_minute, 2..=1_000_000)?;
        in_range("safety_lane.burst", self.burst, 2..=100_000)?;
        in_range(
            "safety_lane.client_per_minute",
            self.client_per_minute,
            1..=1_000_000,
        )?;
        in_range("safety_lane.client_burst", self.client_burst, 1..=100_000)?;
        in_range("safety_lane.max_concurrent", self.max_concurrent, 1..=65_536)?;
        for (client, of_client, lane, of_lane) in [
            (
                "safety_lane.client_per_minute",
                self.client_per_minute,
                "safety_lane.per_minute",
                self.per_minute,
            ),
            (
                "safety_lane.client_burst",
                self.client_burst,
                "safety_lane.burst",
                self.burst,
            ),
        ] {
            // One client could fill the lane, and other clients' safety reports would get 429.
            if of_client >= of_lane {
                let problem = format!("must be less than {lane}, which is {of_lane}; is {of_client}");
                return Err(InvalidSetting::new(client, problem));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_cannot_be_given_the_whole_safety_lane() {
        let lane = SafetyLaneConfig::default;
        assert_eq!(lane().validate(), Ok(()));
        let refused = |lane: SafetyLaneConfig| lane.validate().unwrap_err().to_string();
        let all = refused(SafetyLaneConfig {
            client_per_minute: 600,
            ..lane()
        });
        assert!(
            all.contains("client_per_minute must be less than safety_lane.per_minute, which is 600"),
            "{all}"
        );
        let more = refused(SafetyLaneConfig { burst: 299, ..lane() });
        assert!(
            more.contains("client_burst must be less than safety_lane.burst, which is 299"),
            "{more}"
        );
    }
}
