//! `[redis]`: the Redis or Valkey that several replicas share their limits and budgets in.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::{InvalidSetting, in_range};

/// Where limits are counted for all replicas together. Without `url`, each replica counts for itself.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://host:6379/0`, or `rediss://user:password@host:6380/0` for TLS; `valkey://` and `valkeys://` are the same.
    #[serde(serialize_with = "super::field::hidden")]
    pub url: Option<SecretString>,
    /// A file with the PEM certificates of the authorities that may vouch for it (`rediss://`); the public ones when left out.
    pub ca_file: Option<PathBuf>,
    /// Longest time a request waits for Redis, in milliseconds, 1 to 5,000. One that takes longer is decided by the replica alone; after
    /// three in a row all are, until Redis answers in time again.
    pub timeout_ms: u64,
    /// Time between two tries to reach Redis again, in milliseconds, 10 to 60,000.
    pub retry_ms: u64,
    /// How many replicas share the limits, 1 to 10,000: while Redis is away, each admits its share.
    pub replicas: u32,
    /// What the names of all keys begin with, so that two services can share one Redis; 1 to 64 letters, digits, `_`, `-`, `.`.
    pub prefix: String,
}

impl Default for RedisConfig {
    fn default() -> Self {
        Self {
            url: None,
            ca_file: None,
            timeout_ms: 20,
            retry_ms: 1_000,
            replicas: 1,
            prefix: "switchboard".to_owned(),
        }
    }
}

impl RedisConfig {
    /// See [`RedisConfig::timeout_ms`].
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// See [`RedisConfig::retry_ms`].
    #[must_use]
    pub const fn retry(&self) -> Duration {
        Duration::from_millis(self.retry_ms)
    }

    /// # Errors
    /// [`InvalidSetting`] for the first value that cannot be right.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        let readable = |url: &SecretString| redis::Client::open(url.expose_secret()).is_ok();
        if self.url.as_ref().is_some_and(|url| !readable(url)) {
            return Err(InvalidSetting::new(
                "redis.url",
                "must be a URL such as redis://host:6379/0 or rediss://user:password@host:6380/0 (REDIS_URL)",
            ));
        }
        in_range("redis.timeout_ms", self.timeout_ms, 1..=5_000)?;
        in_range("redis.retry_ms", self.retry_ms, 10..=60_000)?;
        in_range("redis.replicas", self.replicas, 1..=10_000)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        if self.prefix.is_empty() || self.prefix.len() > 64 || !self.prefix.bytes().all(plain) {
            return Err(InvalidSetting::new(
                "redis.prefix",
                "must be 1 to 64 letters, digits, '_', '-' or '.'",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_is_none_is_named_and_not_shown() {
        for url in [
            "http://cache:6379",
            "cache:6379",
            "redis://:hunter2@cache:port",
            "",
        ] {
            let config = RedisConfig {
                url: Some(url.into()),
                ..RedisConfig::default()
            };
            let error = config.validate().unwrap_err();
            assert_eq!(error.setting, "redis.url", "{url}");
            assert!(!error.problem.contains("hunter2"));
        }
        for url in [
            "redis://cache",
            "rediss://u:p@cache:6380/1",
            "valkey://cache:6379",
        ] {
            let config = RedisConfig {
                url: Some(url.into()),
                ..RedisConfig::default()
            };
            config.validate().unwrap();
        }
    }
}
