//! `[auth]` and `[operator]`: who may call.
//!
//! Keys are one list, wherever they are written: `auth.keys` (clients, unless they say otherwise), `operator.keys` (operators, unless
//! they say otherwise) and the file that `auth.keys_file` names. No two share an id or a secret.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::keys::{KeyConfig, Role, check_keys};
use super::{InvalidSetting, in_range};

/// Who may call.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// Whether a key is asked for. Unset means `off` on a loopback address; elsewhere it has to be chosen.
    #[serde(deserialize_with = "super::field::one_of_or_none")]
    pub mode: Option<AuthMode>,
    /// The keys that are known. A caller with one of them is that client; others are known by their address. In the
    /// environment a key is its id and SHA-256: `[shop:ab12..., ivr:cd34...]`.
    pub keys: Vec<KeyConfig>,
    /// A file with more keys, written as `[[auth.keys]]` too. It is read again when it changes, so that keys are added, rotated and
    /// withdrawn without a restart.
    pub keys_file: Option<PathBuf>,
    /// Wrong keys that one address may try per minute before it gets 429, 1 to 10,000.
    pub failures_per_minute: u32,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            mode: None,
            keys: Vec::new(),
            keys_file: None,
            failures_per_minute: 20,
        }
    }
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

/// The people who work with records over HTTP.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct OperatorConfig {
    /// Keys of the operator API. Where no operator is configured anywhere, `serve` makes a key and prints it, if `server.host` is a
    /// loopback address; elsewhere the operator API stays closed.
    pub keys: Vec<KeyConfig>,
}

impl AuthConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first key that is malformed or given twice, or a mode that lets nobody in.
    pub fn validate(&self, operators: &OperatorConfig) -> Result<(), InvalidSetting> {
        in_range("auth.failures_per_minute", self.failures_per_minute, 1..=10_000)?;
        if self.mode == Some(AuthMode::Keys) && self.keys.is_empty() && self.keys_file.is_none() {
            return Err(InvalidSetting::new(
                "auth.keys",
                "must hold at least one key when auth.mode is \"keys\" (`switchboard keys new` makes one)",
            ));
        }
        let own: Vec<(String, &KeyConfig)> = (self.keys.iter().enumerate())
            .map(|(at, key)| (format!("auth.keys[{at}]"), key))
            .chain((operators.keys.iter().enumerate()).map(|(at, key)| (format!("operator.keys[{at}]"), key)))
            .collect();
        if let Some((name, _)) = own
            .iter()
            .find(|(name, key)| name.starts_with("operator") && key.role == Some(Role::Client))
        {
            return Err(InvalidSetting::new(
                format!("{name}.role"),
                "must be \"operator\" or \"auditor\"; a client's key belongs into auth.keys",
            ));
        }
        check_keys(&own)
    }

    /// The keys of the configuration, each with its role.
    #[must_use]
    pub fn known(&self, operators: &OperatorConfig) -> Vec<KeyConfig> {
        let with = |keys: &[KeyConfig], role| -> Vec<KeyConfig> {
            let key = |key: &KeyConfig| KeyConfig {
                role: Some(key.role.unwrap_or(role)),
                ..key.clone()
            };
            keys.iter().map(key).collect()
        };
        let mut all = with(&self.keys, Role::Client);
        all.extend(with(&operators.keys, Role::Operator));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u8) -> String {
        format!("{n:02x}").repeat(32)
    }

    #[test]
    fn operator_keys_are_operators_and_share_the_names_of_all() {
        let auth = AuthConfig {
            keys: vec![KeyConfig::new("shop", hash(1))],
            ..AuthConfig::default()
        };
        let operators = |key| OperatorConfig { keys: vec![key] };
        let known = auth.known(&operators(KeyConfig::new("ann", hash(2))));
        assert_eq!(known[0].role, Some(Role::Client));
        assert_eq!(known[1].role, Some(Role::Operator));
        let twice = auth
            .validate(&operators(KeyConfig::new("shop", hash(2))))
            .unwrap_err();
        assert_eq!(twice.setting, "operator.keys[0].id");
        let client = KeyConfig {
            role: Some(Role::Client),
            ..KeyConfig::new("ann", hash(2))
        };
        assert_eq!(
            auth.validate(&operators(client)).unwrap_err().setting,
            "operator.keys[0].role"
        );
    }
}
