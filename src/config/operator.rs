//! `[operator]`: the people who work with records.

use serde::{Deserialize, Serialize};

use super::{AuthConfig, AuthMode, InvalidSetting, KeyConfig};

/// Who may list, read, acknowledge, resolve and correct records over HTTP.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct OperatorConfig {
    /// Their keys, apart from those of `auth.keys`, which only send messages. Without any, `serve` makes one and prints it, if
    /// `server.host` is a loopback address; elsewhere the operator API stays closed.
    pub keys: Vec<KeyConfig>,
}

impl OperatorConfig {
    /// The keys as a list of callers of which one is required; `None` when there are none.
    #[must_use]
    pub fn callers(&self) -> Option<AuthConfig> {
        (!self.keys.is_empty()).then(|| AuthConfig {
            mode: Some(AuthMode::Keys),
            keys: self.keys.clone(),
        })
    }

    /// # Errors
    /// [`InvalidSetting`] for the first key that is malformed or given twice.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        let Some(callers) = self.callers() else {
            return Ok(());
        };
        callers.validate().map_err(|wrong| {
            let setting = wrong.setting.replace("auth.", "operator.");
            InvalidSetting::new(setting, wrong.problem)
        })
    }
}
