//! `[store]`: where records are kept, and how.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::field::hidden;
use super::{InvalidSetting, in_range};

/// Where records are kept.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// PostgreSQL 15 or later, `postgres://user:password@host/database`. Without it: SQLite in `data_dir`.
    /// Environment: `DATABASE_URL`.
    #[serde(serialize_with = "hidden")]
    pub database_url: Option<SecretString>,
    /// Directory of the SQLite file and of the data key that is made when none is configured; made with mode 0700.
    pub data_dir: PathBuf,
    /// The data key that verbatim texts are sealed under: 32 bytes in base64. Without it: `data_dir`/data.key, made once.
    /// Environment: `SWITCHBOARD_DATA_KEY` or `SWITCHBOARD_DATA_KEY_FILE`. Several replicas need the same one.
    #[serde(serialize_with = "hidden")]
    pub data_key: Option<SecretString>,
    /// Data keys before the current one, separated by white space or commas, kept until `records rewrap` is through.
    /// Environment: `SWITCHBOARD_PREVIOUS_DATA_KEYS` or `SWITCHBOARD_PREVIOUS_DATA_KEYS_FILE`.
    #[serde(serialize_with = "hidden")]
    pub previous_data_keys: Option<SecretString>,
    /// Connections for reading, 1 to 100. Writing has one of its own.
    pub read_connections: u32,
    /// Writes that may wait, 1 to 100,000; more are refused with 503.
    pub write_queue: usize,
    /// How long a request may hold its Idempotency-Key before a retry may take it over, 1 to 3,600 seconds, and longer than
    /// `server.request_timeout_ms`.
    pub idempotency_hold_s: u64,
    /// How long the answer for an Idempotency-Key is kept, 60 to 2,592,000 seconds.
    pub idempotency_keep_s: u64,
    /// How far this machine's clock may be ahead of PostgreSQL's until nothing is marked as due soon or breached, 0 to 3,600 seconds. Leases and
    /// holds end by PostgreSQL's clock. 0: this machine's clock is believed, whatever PostgreSQL's says. SQLite has no clock of its own.
    pub max_clock_skew_s: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            database_url: None,
            data_dir: PathBuf::from("data"),
            data_key: None,
            previous_data_keys: None,
            read_connections: 4,
            write_queue: 4096,
            idempotency_hold_s: 60,
            idempotency_keep_s: 24 * 60 * 60,
            max_clock_skew_s: 60,
        }
    }
}

impl StoreConfig {
    /// Where the records are, for whoever looks for what went wrong there: the setting, and the directory or the host and the database.
    /// Neither user nor password.
    #[must_use]
    pub fn place(&self) -> String {
        let Some(url) = &self.database_url else {
            return format!("store.data_dir ({})", self.data_dir.display());
        };
        let Ok(url) = Url::parse(url.expose_secret()) else {
            return "store.database_url".to_owned();
        };
        match url.host_str().filter(|host| !host.is_empty()) {
            Some(host) => {
                let port = url.port().unwrap_or(5432);
                format!("store.database_url ({host}:{port}{})", url.path())
            }
            // A socket, by a parameter.
            None => "store.database_url".to_owned(),
        }
    }

    /// [`Self::idempotency_hold_s`].
    #[must_use]
    pub const fn idempotency_hold(&self) -> Duration {
        Duration::from_secs(self.idempotency_hold_s)
    }

    /// [`Self::idempotency_keep_s`].
    #[must_use]
    pub const fn idempotency_keep(&self) -> Duration {
        Duration::from_secs(self.idempotency_keep_s)
    }

    /// [`Self::max_clock_skew_s`]; `None`: any.
    #[must_use]
    pub fn max_clock_skew(&self) -> Option<Duration> {
        (self.max_clock_skew_s > 0).then(|| Duration::from_secs(self.max_clock_skew_s))
    }

    /// [`Self::previous_data_keys`], one by one.
    #[must_use]
    pub fn previous_keys(&self) -> Vec<SecretString> {
        let all = self
            .previous_data_keys
            .as_ref()
            .map_or("", |keys| keys.expose_secret());
        all.split([',', ' ', '\t', '\r', '\n'])
            .filter(|key| !key.is_empty())
            .map(SecretString::from)
            .collect()
    }

    /// # Errors
    /// [`InvalidSetting`] for the first value that cannot be right.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        if let Some(url) = &self.database_url {
            let url = url.expose_secret();
            if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
                return Err(InvalidSetting::new(
                    "store.database_url",
                    "must begin with postgres:// or postgresql:// (leave it out to keep records in store.data_dir)",
                ));
            }
            if self.data_key.is_none() {
                return Err(InvalidSetting::new(
                    "store.data_key",
                    "must be set when store.database_url is (SWITCHBOARD_DATA_KEY or SWITCHBOARD_DATA_KEY_FILE, the same for \
                     every replica; `openssl rand -base64 32` makes one): a key kept beside one replica would be lost with it",
                ));
            }
        }
        if self.data_dir.as_os_str().is_empty() {
            return Err(InvalidSetting::new(
                "store.data_dir",
                "must not be empty (\".\" is the working directory)",
            ));
        }
        in_range("store.read_connections", self.read_connections, 1..=100)?;
        in_range("store.write_queue", self.write_queue, 1..=100_000)?;
        in_range("store.idempotency_hold_s", self.idempotency_hold_s, 1..=3_600)?;
        in_range(
            "store.idempotency_keep_s",
            self.idempotency_keep_s,
            60..=2_592_000,
        )?;
        in_range("store.max_clock_skew_s", self.max_clock_skew_s, 0..=3_600)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_the_records_is_told_without_who_may_read_them() {
        let place = |url: Option<&str>| {
            let config = StoreConfig {
                database_url: url.map(SecretString::from),
                ..StoreConfig::default()
            };
            config.place()
        };
        assert_eq!(place(None), "store.data_dir (data)");
        for (url, told) in [
            (
                concat!("postgres://shop:", "pa55@db.example:5433/records?password=pa55"),
                "store.database_url (db.example:5433/records)",
            ),
            ("postgres://db/records", "store.database_url (db:5432/records)"),
            ("postgres:///records?host=/run/postgresql", "store.database_url"),
            (
                concat!("postgres://shop:", "pa55@db:port/records"),
                "store.database_url",
            ),
        ] {
            assert_eq!(place(Some(url)), told);
        }
    }
}
