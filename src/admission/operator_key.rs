//! The operator key that is made where none is configured and only this machine can call: whoever starts the service on its defaults can look
//! at its records at once.
//!
//! It is never written down, and valid until the process ends. It fails where the system gives no random bytes.

use ring::rand::SystemRandom;
use secrecy::SecretString;

use super::new_key::{NoRandomBytes, new_key};
use crate::config::{InvalidSetting, KeyConfig, Role};

/// A new key with the operator's role, and its entry among those that are known. Its id is none of `taken`.
///
/// # Errors
/// [`InvalidSetting`] for `operator.keys` where the system gives no random bytes.
pub(super) fn make(taken: &[KeyConfig]) -> Result<(SecretString, KeyConfig), InvalidSetting> {
    // Its own name, whatever clients are called: it stands in the audit trail.
    let mut id = "operator".to_owned();
    while taken.iter().any(|key| key.id == id) {
        id.push('_');
    }
    new_key(&SystemRandom::new(), id, Role::Operator).map_err(|NoRandomBytes| {
        InvalidSetting::new(
            "operator.keys",
            "must be set: the system gave no random bytes to make one",
        )
    })
}
