//! `[auth]`, `[rate_limit]` and `[safety_lane]`: who may call, and how often.

use serde::{Deserialize, Serialize};

use super::{InvalidSetting, in_range};

/// Who may call.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// Whether a key is asked for. Unset means `off` on a loopback address; elsewhere it has to be chosen.
    pub mode: Option<AuthMode>,
    /// The keys that are known. A caller with one of them is that client; others are known by their address.
    pub keys: Vec<KeyConfig>,
}

/// Whether callers have to bring a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// Anybody may call; a known key only gives the caller a name and a limit of its own.
    Off,
    /// Every caller of the API brings a known key.
    Keys,
}

/// One API key. Only the hash of the secret is configured, so the file can be read without being able to call.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(try_from = "WrittenKey")]
pub struct KeyConfig {
    /// Name of the client, in logs and records; 1 to 64 visible ASCII characters.
    pub id: String,
    /// SHA-256 of the secret, 64 hexadecimal digits.
    pub sha256: String,
}

/// The two ways to write a key: a table, or `id:sha256` where only a text fits, as in an environment variable.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a key is a table with `id` and `sha256`, or a text \"id:sha256\""
)]
enum WrittenKey {
    Text(String),
    Table(KeyTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyTable {
    id: String,
    sha256: String,
}

impl TryFrom<WrittenKey> for KeyConfig {
    type Error = &'static str;

    fn try_from(written: WrittenKey) -> Result<Self, Self::Error> {
        match written {
            WrittenKey::Table(KeyTable { id, sha256 }) => Ok(Self { id, sha256 }),
            WrittenKey::Text(text) => {
                let (id, sha256) = text
                    .rsplit_once(':')
                    .ok_or("a key written as text is \"id:sha256\"")?;
                Ok(Self {
                    id: id.to_owned(),
                    sha256: sha256.to_owned(),
                })
            }
        }
    }
}

impl AuthConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first key that is malformed or given twice, or a mode that lets nobody in.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        if self.mode == Some(AuthMode::Keys) && self.keys.is_empty() {
            return Err(InvalidSetting::new(
                "auth.keys",
                "must hold at least one key when auth.mode is \"keys\"",
            ));
        }
        for (at, key) in self.keys.iter().enumerate() {
            let setting = |field: &str| format!("auth.keys[{at}].{field}");
            if key.id.is_empty() || key.id.len() > 64 || !key.id.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(InvalidSetting::new(
                    setting("id"),
                    "must be 1 to 64 visible ASCII characters",
                ));
            }
            if key.sha256.len() != 64 || !key.sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(InvalidSetting::new(
                    setting("sha256"),
                    "must be 64 hexadecimal digits",
                ));
            }
            if self.keys[..at].iter().any(|other| other.id == key.id) {
                return Err(InvalidSetting::new(
                    setting("id"),
                    format!("is given twice: {:?}", key.id),
                ));
            }
        }
        Ok(())
    }
}

/// How often one client may call: a token bucket.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitConfig {
    /// Whether there is a limit.
    pub enabled: bool,
    /// Tokens that come back per minute, 1 to 6,000,000.
    pub per_minute: u32,
    /// Tokens a client that was silent can spend at once, 1 to 1,000,000.
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
}

impl Default for SafetyLaneConfig {
    fn default() -> Self {
        Self {
            per_minute: 600,
            burst: 600,
        }
    }
}

impl SafetyLaneConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first value out of range.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        in_range("safety_lane.per_minute", self.per_minute, 1..=1_000_000)?;
        in_range("safety_lane.burst", self.burst, 1..=100_000)
    }
}
